import fc from "fast-check";
import assert from "node:assert/strict";
import type { Environment } from "../../../envs/contract.ts";
import type { SkillOrigin } from "../../../agents/skills/library.ts";
import { entryText, problemType, TfidfLibrary } from "../../../agents/skills/tfidf_library.ts";
import { LibraryStateError } from "../../../agents/skills/two_tier_library.ts";
import { parseConfig, type TfidfRunConfig, tfidfRunConfigSchema } from "../../../train/config.ts";
import { lengthReward, runTfidfSkills } from "../../../train/recipes/tfidf_skills.ts";
import { numberEnvironment } from "../../agents/_arise_kit.ts";
import { type Asked, KeptLog, KeptTrainer, scripted, wanted } from "./_arise_run.ts";

const ORIGIN: SkillOrigin = { taskId: "t", scenario: "s", instruction: "", position: 1, turn: -1 };

function origin(instruction: string): SkillOrigin {
  return { ...ORIGIN, instruction };
}

Deno.test("problemType() counts words, takes the first kind of equals, and is general without any", () => {
  assert.equal(problemType("What is the remainder when 17 is divided by 5?"), "number_theory");
  assert.equal(problemType("A triangle has an area of 6. Solve for its side."), "geometry");
  assert.equal(problemType("Solve for the angle."), "algebra");
  assert.equal(problemType("Say 3."), "general");
});

Deno.test("entryText() is the kind and the beginning of the trace, cut", () => {
  assert.equal(entryText("Say 3.", "  3\nis it\n", 200), "general: 3\nis it");
  assert.equal(entryText("Say 3.", "abcdef", 12), "general: abc");
});

Deno.test("TfidfLibrary.select() shows the nearest entries, those without a word in common never, the oldest of equals first", () => {
  const library = new TfidfLibrary();
  library.add("Q", "halve it", origin("half a cake"));
  library.add("Q", "double it", origin("twice a cake"));
  library.add("Q", "count it", origin("apples"));
  const shown = (question: string, count = 3) =>
    library.select(question, count).candidates.map(({ skill, chosen }) => [skill.name, chosen]);
  assert.deepEqual(shown("half the cake"), [["general_0", true], ["general_1", true]]);
  assert.deepEqual(shown("half the cake", 1), [["general_0", true]]);
  assert.deepEqual(shown("cake"), [["general_0", true], ["general_1", true]]);
  assert.deepEqual(shown("pears"), []);
});

Deno.test("TfidfLibrary.credit() moves the success rate by a tenth of the way for each rollout, from a half", () => {
  const library = new TfidfLibrary();
  library.add("Q", "a", ORIGIN);
  const [change] = library.credit("general_0", [true, false]);
  // 0.5 + 0.1 · 0.5 = 0.55; 0.55 − 0.1 · 0.55 = 0.495.
  assert.deepEqual([change?.before, change?.after?.toFixed(12)], [0.5, (0.495).toFixed(12)]);
  assert.equal(library.entries()[0]?.uses, 2);
  assert.deepEqual(library.credit("gone", [true]), []);
  assert.deepEqual(library.credit("general_0", []), []);
});

Deno.test("TfidfLibrary.add() refuses a text that is there, and evicts the lowest success × uses, the oldest of equals", () => {
  const library = new TfidfLibrary({ capacity: 2 });
  library.add("Q", "a", ORIGIN);
  library.add("Q", "b", ORIGIN);
  assert.deepEqual(library.add("Q", "a", ORIGIN).map(({ operation, name }) => [operation, name]), [[
    "reject",
    "general_0",
  ]]);
  library.credit("general_0", [false]);
  // The second has never been used: 0.5 · 0 is less than 0.45 · 1.
  const changes = library.add("Q", "c", ORIGIN);
  assert.deepEqual(changes.map(({ operation, name, tier }) => [operation, name, tier]), [
    ["add", "general_2", "cache"],
    ["evict", "general_1", null],
  ]);
  library.credit("general_2", [true, true]);
  // Now both are used, so that a newcomer leaves at once.
  assert.equal(library.add("Q", "d", ORIGIN).at(-1)?.name, "general_3");
});

Deno.test("TfidfLibrary goes on from its JSON as it would have, and refuses a broken one", () => {
  const operation = fc.oneof(
    fc.record({ add: fc.constantFrom("a", "b", "c d", "e", "f") }),
    fc.record({ credit: fc.nat(6), right: fc.boolean() }),
  );
  fc.assert(
    fc.property(
      fc.array(operation, { maxLength: 20 }),
      fc.nat(20),
      fc.integer({ min: 1, max: 4 }),
      (all, cut, capacity) => {
        const whole = new TfidfLibrary({ capacity });
        let stopped = new TfidfLibrary({ capacity });
        const apply = (library: TfidfLibrary, one: typeof all[number]) =>
          "add" in one ? library.add("Q", one.add, ORIGIN) : library.credit(`general_${one.credit}`, [one.right]);
        all.forEach((one, i) => {
          if (i === cut) {
            stopped = TfidfLibrary.fromJson(JSON.parse(JSON.stringify(stopped.toJson())), "x", { capacity });
          }
          assert.deepEqual(apply(stopped, one), apply(whole, one));
        });
        assert.deepEqual(stopped.toJson(), whole.toJson());
        assert.ok(whole.entries().length <= capacity);
      },
    ),
    { numRuns: 100 },
  );
  assert.throws(() => TfidfLibrary.fromJson({ nextSequence: 0, entries: [{}] }, "lib.json"), (error) => {
    assert.ok(error instanceof LibraryStateError);
    assert.match(error.message, /lib\.json.*entries\[0\]\.name/s);
    return true;
  });
});

Deno.test("lengthReward() pays 0.7 for being right and up to 0.3 for being short, right or wrong or only if right", () => {
  const config = { correctWeight: 0.7, lengthWeight: 0.3, lengthFor: "all" } as const;
  const total = (right: boolean, written: number, lengthFor: "all" | "right" = "all") =>
    Number(lengthReward({ right, written, most: 100 }, { ...config, lengthFor }).total.toFixed(12));
  assert.deepEqual([total(true, 0), total(true, 50), total(true, 100), total(true, 300)], [1, 0.85, 0.7, 0.7]);
  assert.deepEqual([total(false, 0), total(false, 50), total(false, 100)], [0.3, 0.15, 0]);
  assert.deepEqual([total(true, 50, "right"), total(false, 50, "right")], [0.85, 0]);
});

/** A configuration with small sizes. */
function config(changes: Readonly<Record<string, unknown>> = {}): TfidfRunConfig {
  return parseConfig(tfidfRunConfigSchema, {
    recipe: "tfidf",
    environment: { id: "numbers", seed: 1, hash: "numbers" },
    device: "cpu",
    parent: "sft",
    agent: "arise",
    groupSize: 2,
    groupsPerStep: 2,
    steps: 4,
    learningRate: 0.01,
    maxTurns: 1,
    maxTurnTokens: 60,
    ...changes,
  }, "a test");
}

/** A log that stops the run at a commit, before it or after it. */
class StoppingLog extends KeptLog {
  constructor(readonly at: number, readonly when: "before" | "after") {
    super();
  }

  override async commit(unit: string): Promise<void> {
    if (unit === `rl/${this.at}` && this.when === "before") throw new Error("stopped");
    await super.commit(unit);
    if (unit === `rl/${this.at}`) throw new Error("stopped");
  }
}

/** Answers right in the first rollout of a group, else wrong. */
const answers = ({ prompt, sample }: Asked): string => (sample === 0 ? `It is ${wanted(prompt)}` : "It is 99");

async function run(
  folder: string,
  log: KeptLog,
  trainer = new KeptTrainer(),
  environment: Environment = numberEnvironment(),
) {
  const context = {
    environment,
    policy: scripted(answers),
    trainer,
    seed: 1,
    run: "tfidf-test",
    checkpointFolder: folder,
    log,
  };
  return { library: await runTfidfSkills(config(), context), trainer };
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("runTfidfSkills() shows what it found, credits what it showed, and trains on the rewards themselves", async () => {
  await withFolder(async (folder) => {
    const log = new KeptLog();
    const { library, trainer } = await run(folder, log);
    const rollouts = log.of("rl").map(({ chain }) => chain.rollouts[0]!);
    assert.equal(rollouts.length, 4 * 2 * 2);
    // Nothing is there to be shown in the first step.
    assert.ok(rollouts.filter(({ key }) => key.step === 0).every(({ skillsUsed }) => skillsUsed.length === 0));
    const later = rollouts.filter(({ key, skillsUsed }) => key.step > 0 && skillsUsed.length > 0);
    assert.ok(later.length > 0);
    for (const { retriever, skillsUsed, prompt } of later) {
      assert.equal(retriever, "tfidf");
      assert.ok(skillsUsed.length <= 3);
      assert.equal(prompt.match(/^SKILL:general: It is /gm)?.length, skillsUsed.length);
    }
    // One of two rollouts is right, wherever an entry was shown.
    const updates = log.libraries.flatMap(({ changes }) => changes).filter(({ operation }) => operation === "update");
    assert.ok(updates.length > 0 && updates.every(({ detail }) => detail === "1 of 2 right"));
    assert.equal(library.entries().length, new Set(library.entries().map(({ text }) => text)).size);
    const [first] = trainer.given;
    assert.equal(first?.batch.length, 4);
    const rewards = log.of("rl").filter(({ chain }) => chain.rollouts[0]?.key.step === 0).map(({ credits }) => {
      return credits[0]?.advantage;
    });
    assert.deepEqual(first?.batch.map(({ advantages }) => Math.max(...advantages ?? [])), rewards);
    assert.ok(first?.loss.kind === "policy" && first.loss.form === "logprob");
    const terms = log.of("rl")[0]?.credits[0]?.reward;
    assert.ok(terms !== undefined && terms.penalty < 0);
    assert.equal(terms.total, terms.outcome + terms.penalty);
  });
});

Deno.test("runTfidfSkills() ends with the same library and rows when it is stopped around a commit and started again", async () => {
  await withFolder(async (folder) => {
    const whole = new KeptLog();
    const { library } = await run(`${folder}/whole`, whole);
    for (const when of ["before", "after"] as const) {
      const apart = `${folder}/${when}`;
      const first = new StoppingLog(1, when);
      await assert.rejects(run(apart, first), /stopped/);
      const second = new KeptLog();
      for (const unit of first.units) second.units.add(unit);
      const { library: resumed } = await run(apart, second);
      assert.deepEqual(resumed.toJson(), library.toJson());
      const steps = second.updates.map(({ step }) => step);
      assert.deepEqual(steps, when === "before" ? [1, 2, 3] : [2, 3]);
      assert.deepEqual(second.libraries, whole.libraries.filter(({ step }) => steps.includes(step)));
      assert.deepEqual(second.updates, whole.updates.filter(({ step }) => steps.includes(step)));
      const files = [...Deno.readDirSync(`${apart}/tfidf-test`)].map(({ name }) => name).sort();
      assert.ok(files.includes("rl-3.library.json") && files.includes("rl-3.safetensors"));
    }
  });
});
