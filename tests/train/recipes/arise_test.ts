import assert from "node:assert/strict";
import { documentText, TRACE_ABSTRACT } from "../../../agents/skills/skill_document.ts";
import { SEED_DOCUMENTS } from "../../../agents/skills/seed_documents.ts";
import { ConfigError } from "../../../train/config.ts";
import type { CreditedChain } from "../../../train/run_log.ts";
import { document, shows } from "../../agents/_arise_kit.ts";
import { ariseConfig, type Asked, ranArise, wanted } from "./_arise_run.ts";

const FRESH = documentText(document("fresh"));
const right = ({ prompt }: Asked) => wanted(prompt);

/** Answers of the group's samples by place; documents and everything else by `otherwise`. */
function bySample(outcomes: readonly boolean[], otherwise: (asked: Asked) => string = () => FRESH) {
  return (asked: Asked) => {
    if (asked.phase !== "rl") return otherwise(asked);
    return outcomes[asked.sample] === true ? right(asked) : "0";
  };
}

const near = (value: number | undefined, expected: number) => Math.abs((value ?? NaN) - expected) < 5e-5;
const total = ({ credits }: CreditedChain) => credits[0]?.reward.total;
const advantage = ({ credits }: CreditedChain) => credits[0]?.advantage;
const [W, R] = [false, true];

Deno.test("runArise() gives R = 2 to aided and 1 to unaided right rollouts, with the published advantages", async () => {
  // Samples 0 to 3 are reserved, 4 to 7 see a skill.
  const cases = [
    { outcomes: [R, W, W, W, R, W, W, W], rewards: [1, 0, 0, 0, 2, 0, 0, 0], advantages: [0.84, -0.504, 2.1841] },
    { outcomes: [R, R, W, W, R, R, W, W], rewards: [1, 1, 0, 0, 2, 2, 0, 0], advantages: [0.282, -0.8461, 1.4102] },
    { outcomes: [R, R, R, R, R, R, R, R], rewards: [1, 1, 1, 1, 2, 2, 2, 2], advantages: [-0.9354, NaN, 0.9354] },
  ];
  for (const { outcomes, rewards, advantages: [unaided, wrong, aided] } of cases) {
    const { log } = await ranArise(ariseConfig(), { script: bySample(outcomes) });
    assert.deepEqual(log.of("rl").map(total), rewards);
    log.of("rl").forEach((one, i) => {
      const expected = rewards[i] === 2 ? aided! : rewards[i] === 1 ? unaided! : wrong!;
      assert.ok(near(advantage(one), expected), `${i}: ${advantage(one)}, ${expected}`);
    });
  }
});

Deno.test("runArise() shows a skill to the rollouts that are not reserved, and the plain problem to the others", async () => {
  const { log, trainer } = await ranArise(ariseConfig({ unaidedPerGroup: 3 }), {
    script: bySample([R, W, W, W, R, W, W, W]),
  });
  const rollouts = log.of("rl").map(({ chain }) => chain.rollouts[0]!);
  assert.deepEqual(rollouts.map(({ prompt }) => prompt.includes("SKILL:")), [W, W, W, R, R, R, R, R]);
  assert.deepEqual(rollouts.map(({ selection }) => selection?.reserved), [R, R, R, W, W, W, W, W]);
  assert.ok(rollouts.every(({ candidates }) => candidates.length === 5));
  // One example for each candidate: their slopes come from the five that chose.
  assert.equal(trainer.given[0]!.also[0]!.batch.length, 5);
});

Deno.test("runArise() has no manager's term where the gate is closed, and counts such rollouts as unaided", async () => {
  // Five equal scores: 0.2 each.
  const { log, trainer, library } = await ranArise(ariseConfig({ delta: 0.35 }), {
    script: bySample([R, W, W, W, R, W, W, W]),
  });
  assert.deepEqual(log.of("rl").map(total), [1, 0, 0, 0, 1, 0, 0, 0]);
  assert.deepEqual(trainer.given[0]!.also, []);
  assert.ok(log.of("rl").slice(4).every(({ chain }) => chain.rollouts[0]!.selection?.gated === true));
  assert.equal(log.libraries[0]!.changes.filter(({ operation }) => operation === "update").length, 0);
  assert.equal(library.tierOf("fresh"), "cache");
});

Deno.test("runArise() neither scores nor shows skills in the warm-up, but concludes them", async () => {
  const { log, trainer } = await ranArise(ariseConfig({ warmupSteps: 1, steps: 2, seeds: "none" }), {
    script: bySample([R, W, W, W, R, W, W, W]),
  });
  const [first, second] = [0, 1].map((step) =>
    log.of("rl").map(({ chain }) => chain.rollouts[0]!).filter(({ key }) => key.step === step)
  );
  assert.ok(
    first!.every(({ prompt, selection, candidates }) =>
      !prompt.includes("SKILL:") && selection === undefined && candidates.length === 0
    ),
  );
  assert.deepEqual(second!.map(({ prompt }) => shows(prompt, "fresh")), [W, W, W, W, R, R, R, R]);
  assert.deepEqual(log.of("rl").map(total), [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]);
  assert.deepEqual(log.concluded.map(({ document }) => document?.skill_name), ["fresh", "fresh"]);
  assert.deepEqual(log.libraries[0]!.changes.map(({ operation, name }) => [operation, name]), [["add", "fresh"]]);
  // A single candidate leaves nothing to choose: its softmax has no slope.
  assert.deepEqual(trainer.given.map(({ also }) => also.length), [0, 0]);
  const select = log.components.filter(({ component }) => component === "select");
  assert.deepEqual(select.map(({ sequences }) => sequences), [0, 1]);
});

Deno.test("runArise() concludes, verifies, then updates and commits; or updates first where the configuration says so", async () => {
  const script = bySample([R, W, W, W, R, W, W, W]);
  const { events } = await ranArise(ariseConfig(), { script });
  assert.deepEqual(events, ["rl 0", "conclude 0", "verify 0", "update", "commit rl/0"]);
  const after = await ranArise(ariseConfig({ concludeWhen: "afterUpdate", extraUnaided: 1 }), { script });
  assert.deepEqual(after.events, ["rl 0", "update", "conclude 0", "verify 0", "baseline 0", "commit rl/0"]);
  assert.equal(after.library.tierOf("fresh"), "cache");
});

Deno.test("runArise() shows the concluder the first traces of positive advantage, and only those", async () => {
  const seen: string[] = [];
  const script = (asked: Asked) => {
    if (asked.phase !== "rl") {
      seen.push(asked.prompt);
      return FRESH;
    }
    return [1, 2, 5].includes(asked.sample) ? `s${asked.sample} says ${wanted(asked.prompt)}` : `s${asked.sample} 0`;
  };
  const { log } = await ranArise(ariseConfig(), { script });
  assert.match(log.concluded[0]!.prompt, /^conclude\nSay \d\.\n1: s1 says \d\n2: s2 says \d$/);
  await ranArise(ariseConfig({ tracesInPrompt: 5, traceClipChars: 4 }), { script });
  // The aided one has a positive advantage too; unaided right ones do as well here.
  assert.ok(seen.some((prompt) => /1: s1 s…\n2: s2 s…\n3: s5 s…/.test(prompt)));
});

Deno.test("runArise() concludes nothing from a right rollout whose advantage is not positive", async () => {
  // All right: unaided ones fall below the mean, aided ones do not.
  const { log } = await ranArise(ariseConfig({ tracesInPrompt: 8 }), {
    script: (asked) => (asked.phase === "rl" ? `s${asked.sample} says ${wanted(asked.prompt)}` : FRESH),
  });
  const traces = log.concluded[0]!.prompt.split("\n").slice(2).map((line) => line.slice(3, 5));
  assert.deepEqual(traces, ["s4", "s5", "s6", "s7"]);
  const none = await ranArise(ariseConfig({ useSkills: false }), { script: (asked) => right(asked) });
  assert.deepEqual([none.log.concluded.length, none.trainer.given.length], [0, 0]);
});

Deno.test("runArise() grades a new skill by the unaided rollouts and the verification", async () => {
  const graded = async (outcomes: readonly boolean[], verified: boolean, changes = {}) => {
    const { log, library } = await ranArise(ariseConfig(changes), {
      script: bySample(outcomes, (asked) => {
        if (asked.phase === "conclude") return FRESH;
        if (asked.phase === "verify") assert.ok(shows(asked.prompt, "fresh"));
        if (asked.phase === "baseline") assert.ok(!asked.prompt.includes("SKILL:"));
        return asked.phase === "baseline" || verified ? right(asked) : "0";
      }),
    });
    const { unaidedRight, verifiedRight, quality } = log.concluded[0]!;
    assert.equal(verifiedRight, verified);
    return [unaidedRight, quality?.level, library.entry("fresh")?.utility, log.of("baseline").length];
  };
  const aidedOnly = [W, W, W, W, R, W, W, W];
  const unaidedToo = [R, W, W, W, R, W, W, W];
  assert.deepEqual(await graded(unaidedToo, W), [R, "R1", -1, 0]);
  assert.deepEqual(await graded(aidedOnly, W), [W, "R2", 0, 0]);
  assert.deepEqual(await graded(unaidedToo, R), [R, "R3", 0.5, 0]);
  assert.deepEqual(await graded(aidedOnly, R), [W, "R4", 1, 0]);
  assert.deepEqual(await graded(aidedOnly, R, { extraUnaided: 2 }), [R, "R3", 0.5, 2]);
  assert.deepEqual(await graded(aidedOnly, R, { rsLevels: [0, 1, 2, 3] }), [W, "R4", 3, 0]);
  // Without a quality it starts at 0; without an unaided rollout there is none to tell.
  assert.deepEqual(await graded(unaidedToo, R, { useQuality: false }), [R, undefined, 0, 0]);
  assert.deepEqual(await graded(unaidedToo, R, { unaidedPerGroup: 0 }), [null, undefined, 0, 0]);
});

Deno.test("runArise() credits the users of a skill with their mean reward, or with that of the first", async () => {
  const seed = SEED_DOCUMENTS[0]!.skill_name;
  const credited = async (updateReward: string) => {
    const { log } = await ranArise(ariseConfig({ updateReward, conclude: false, cacheCapacity: 1 }), {
      script: bySample([R, W, W, W, W, R, W, W]),
    });
    return log.libraries[0]!.changes.map(({ operation, name, after, group }) => [operation, name, after, group]);
  };
  // Rewards of its four users: 0, 2, 0, 0. The mean is 0.5 and 0.1 · 0.5 = 0.05; the first is 0.
  const mean = await credited("meanOverUsers");
  assert.deepEqual(mean.map(([operation, name, , group]) => [operation, name, group]), [["update", seed, 0]]);
  assert.ok(near(Number(mean[0]![2]), 0.05));
  assert.equal((await credited("single"))[0]![2], 0);
});

Deno.test("runArise() draws further rounds until enough groups differ, and gives dropped ones no advantage", async () => {
  // In groups 0 and 1 all are alike; later ones differ.
  const script = (asked: Asked) => {
    if (asked.phase !== "rl") return FRESH;
    return asked.group >= 2 && asked.sample % 2 === 0 ? right(asked) : "0";
  };
  const config = (maxRounds: number) =>
    ariseConfig({ baseOptimizer: "dapo", groupsPerStep: 2, useSkills: false, maxRounds, groupSize: 4 });
  const { log, trainer } = await ranArise(config(10), { script });
  assert.deepEqual(log.updates[0]!.draws, { rounds: 2, drawn: 4, kept: 2 });
  assert.deepEqual([log.updates[0]!.groups, log.updates[0]!.zeroVarianceGroups], [4, 2]);
  const groups = Map.groupBy(log.of("rl"), ({ chain }) => chain.request.group);
  const advantaged = (own: readonly CreditedChain[]) =>
    own.filter(({ credits: [credit] }) => (credit?.advantage ?? 0) !== 0);
  assert.deepEqual([...groups].map(([group, own]) => [group, advantaged(own).length]), [
    [0, 0],
    [1, 0],
    [2, 4],
    [3, 4],
  ]);
  assert.equal(trainer.given[0]!.batch.length, 8);
  assert.deepEqual(log.concluded.map(({ group }) => group), [2, 3]);
  // Nothing useful at all: the last round stands, and there is nothing to train on.
  const flat = await ranArise(config(3), { script: () => "0" });
  assert.deepEqual(flat.log.updates[0]!.draws, { rounds: 3, drawn: 6, kept: 2 });
  assert.deepEqual([flat.trainer.given.length, flat.log.updates[0]!.stats], [0, undefined]);
  assert.equal(advantaged(flat.log.of("rl")).length, 0);
});

Deno.test("runArise() filters on right and wrong, or on the total reward", async () => {
  const rounds = async (filterMetric: string) => {
    const { log } = await ranArise(ariseConfig({ baseOptimizer: "dapo", filterMetric, maxRounds: 2 }), {
      script: (asked) => (asked.phase === "conclude" ? FRESH : right(asked)),
    });
    return log.updates[0]!.draws?.rounds;
  };
  // All right, with and without a skill: R is 1 and 2.
  assert.equal(await rounds("accuracy"), 2);
  assert.equal(await rounds("totalReward"), 1);
});

Deno.test("runArise() concludes from reference solutions of problems that nobody solved, dropped groups included", async () => {
  for (const baseOptimizer of ["grpo", "dapo"]) {
    const script = (asked: Asked) => {
      if (asked.phase === "conclude") return documentText(document(`fresh${asked.group}`));
      if (asked.phase === "verify") return right(asked);
      // Groups from 1 on are useful.
      return asked.group >= 1 && asked.sample === 0 ? right(asked) : "0";
    };
    const changes = { baseOptimizer, goldTraceWhenAllWrong: true, groupsPerStep: 1, useSkills: false };
    const { log, library } = await ranArise(ariseConfig(changes), { script });
    const [first, ...others] = log.concluded;
    assert.match(first!.prompt, /^conclude\nSay (\d)\.\n1: It is \1\.\n\1$/);
    assert.deepEqual([first!.traces, first!.quality?.level], ["reference", "R4"]);
    assert.equal(library.entry("fresh0")?.utility, 1);
    assert.deepEqual(
      others.map(({ group, traces }) => [group, traces]),
      baseOptimizer === "dapo" ? [[1, "successes"]] : [],
    );
    const plain = await ranArise(ariseConfig({ ...changes, goldTraceWhenAllWrong: false }), { script });
    assert.equal(plain.log.concluded.some(({ traces }) => traces === "reference"), false);
  }
});

Deno.test("runArise() lets the verification join its group with R_s, and records what it trained on", async () => {
  const script = bySample([R, W, W, W, R, W, W, W], (asked) => (asked.phase === "conclude" ? FRESH : "0"));
  const { log, trainer } = await ranArise(ariseConfig({ rsInAdvantage: true }), { script });
  // R = 1, 0 x 6, 2 and R_s = -1: mean 2/9, deviation from the nine.
  const rewards = [1, 0, 0, 0, 2, 0, 0, 0, -1];
  const mean = 2 / 9;
  const std = Math.sqrt(rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / 8);
  const chains = [...log.of("rl"), ...log.of("verify")];
  assert.deepEqual(chains.map(total), rewards);
  chains.forEach((one, i) => assert.ok(near(advantage(one), (rewards[i]! - mean) / (std + 1e-6))));
  assert.equal(trainer.given[0]!.batch.length, 9);
  const plain = await ranArise(ariseConfig(), { script });
  assert.equal(plain.trainer.given[0]!.batch.length, 8);
  assert.deepEqual(plain.log.of("verify").map(({ credits }) => credits), [[]]);
});

Deno.test("ariseRunConfigSchema refuses levels that do not rise, and R_s in an advantage that comes before it", () => {
  assert.throws(
    () => ariseConfig({ rsLevels: [0, 0, 1, 2] }),
    (error) => error instanceof ConfigError && /rsLevels.*rise strictly, got 0,0,1,2/.test(error.message),
  );
  assert.throws(() => ariseConfig({ rsInAdvantage: true, concludeWhen: "afterUpdate" }), /rsInAdvantage.*beforeUpdate/);
});

Deno.test("runArise() chooses for each rollout, for the whole group, or once for those that are not reserved", async () => {
  const skills = async (selectionScope: string) => {
    const { log } = await ranArise(ariseConfig({ selectionScope, groupsPerStep: 4 }), {
      script: bySample([R, W, W, W, R, W, W, W]),
    });
    const groups = Map.groupBy(log.of("rl"), ({ chain }) => chain.request.group);
    return [...groups.values()].map((own) => own.map(({ chain }) => chain.rollouts[0]!.skillsUsed[0]));
  };
  const distinct = (names: readonly (string | undefined)[]) => new Set(names).size;
  const rollout = await skills("rollout");
  assert.ok(rollout.every((own) => own.slice(0, 4).every((name) => name === undefined)));
  assert.ok(rollout.some((own) => distinct(own.slice(4)) > 1));
  const query = await skills("query");
  assert.ok(
    query.every((own) => distinct(own) === 1 && own[0] !== undefined) && distinct(query.map(([name]) => name)) > 1,
  );
  const split = await skills("split");
  assert.ok(
    split.every((own) => distinct(own.slice(0, 4)) === 1 && own[0] === undefined && distinct(own.slice(4)) === 1),
  );
});

Deno.test("runArise() is its own baseline without skills", async () => {
  const { log, trainer } = await ranArise(ariseConfig({ useSkills: false, conclude: false }), {
    script: bySample([R, W, W, W, R, W, W, W]),
  });
  assert.ok(log.all.every(({ chain }) => !chain.rollouts[0]!.prompt.includes("SKILL:")));
  assert.deepEqual(log.of("rl").map(total), [1, 0, 0, 0, 1, 0, 0, 0]);
  assert.ok(near(advantage(log.of("rl")[0]!), 1.6202));
  assert.deepEqual([trainer.given[0]!.also, log.concluded, log.libraries[0]!.changes], [[], [], []]);
});

Deno.test("runArise() maintains after each problem, or once for the step", async () => {
  const script = bySample(
    [R, W, W, W, W, W, W, W],
    (asked) => asked.phase === "conclude" ? documentText(document(`fresh${asked.group}`)) : right(asked),
  );
  const changes = async (maintenance: string) => {
    const config = ariseConfig({ maintenance, groupsPerStep: 3, seeds: "none", cacheCapacity: 1 });
    const { log } = await ranArise(config, { script });
    return log.libraries[0]!.changes.map(({ group, operation, name }) => `${group} ${operation} ${name}`);
  };
  // All redundant, 0.5: the oldest goes.
  assert.deepEqual(await changes("perQuery"), [
    "0 add fresh0",
    "1 add fresh1",
    "1 evict fresh0",
    "2 add fresh2",
    "2 evict fresh1",
  ]);
  assert.deepEqual(await changes("batch"), [
    "-1 add fresh0",
    "-1 add fresh1",
    "-1 add fresh2",
    "-1 evict fresh0",
    "-1 evict fresh1",
  ]);
});

Deno.test("runArise() makes a document from a trace where the model's is refused, as the configuration says", async () => {
  const script = bySample(
    [R, W, W, W, W, W, W, W],
    (asked) => (asked.phase === "conclude" ? "no braces" : right(asked)),
  );
  const made = async (fallback: string) => {
    const { log } = await ranArise(ariseConfig({ fallback, steps: 2, useSkills: false, seeds: "none" }), { script });
    return {
      concluded: log.concluded.map(({ refused, reason, fallback, output, document, verifiedRight }) => {
        assert.equal(reason, "the output has no object in braces");
        return [refused, fallback, output, document?.skill_name.replace(/[0-9a-f]{8}$/, "#"), verifiedRight];
      }),
      operations: log.libraries.flatMap(({ changes }) => changes.map(({ operation }) => operation)),
    };
  };
  const fixed = ["extract", true, "no braces", TRACE_ABSTRACT, true];
  // The name is taken from the second step on.
  assert.deepEqual(await made("fixedName"), { concluded: [fixed, fixed], operations: ["add", "reject"] });
  const hashed = await made("hashedName");
  assert.deepEqual(hashed.concluded[0], ["extract", true, "no braces", `${TRACE_ABSTRACT}_#`, true]);
  assert.deepEqual(hashed.operations, ["add", "add"]);
  const none = ["extract", false, "no braces", undefined, null];
  assert.deepEqual(await made("none"), { concluded: [none, none], operations: [] });
});

Deno.test("runArise() leaves rollouts of a broken environment out of everything", async () => {
  const script = (asked: Asked) => {
    if (asked.phase === "rl" && asked.sample >= 6) return "fault";
    return bySample([R, W, W, W, R, W], (inner) => (inner.phase === "verify" ? "fault" : FRESH))(asked);
  };
  const { log, trainer, library } = await ranArise(ariseConfig(), { script });
  // R = 1, 0, 0, 0, 2, 0: mean 0.5, deviation 0.8367.
  assert.deepEqual(log.of("rl").map(total), [1, 0, 0, 0, 2, 0, undefined, undefined]);
  assert.ok(near(advantage(log.of("rl")[4]!), 1.5 / 0.83666));
  assert.equal(trainer.given[0]!.batch.length, 6);
  assert.deepEqual([log.concluded[0]!.verifiedRight, log.concluded[0]!.quality, library.entry("fresh")?.utility], [
    null,
    null,
    0,
  ]);
});

Deno.test("runArise() trains on generated tokens of the solutions only", async () => {
  const { trainer, log } = await ranArise(ariseConfig(), { script: bySample([R, W, W, W, R, W, W, W]) });
  const [{ batch, also }] = trainer.given as [typeof trainer.given[number]];
  batch.forEach((example, i) => {
    const [turn] = log.of("rl")[i]!.chain.rollouts[0]!.turns;
    const own = example.weights.map((weight) => weight !== 0);
    assert.equal(own.indexOf(true), turn!.contextIds.length);
    assert.equal(own.filter(Boolean).length, turn!.generatedIds.length);
  });
  // Slopes of the candidates add up to nothing: their softmax does.
  const slopes = also[0]!.batch.map(({ weights, advantages }) =>
    weights.reduce((sum, weight, t) => sum + weight * (advantages?.[t] ?? 0), 0)
  );
  assert.ok(Math.abs(slopes.reduce((sum, slope) => sum + slope, 0)) < 1e-9);
});

Deno.test("runArise() counts the tokens of its components", async () => {
  const { log } = await ranArise(ariseConfig({ extraUnaided: 3 }), { script: bySample([R, W, W, W, R, W, W, W]) });
  const turns = (phase: string) => log.of(phase).flatMap(({ chain }) => chain.rollouts.flatMap(({ turns }) => turns));
  const counted = (phase: string) => [
    turns(phase).reduce((sum, { contextIds }) => sum + contextIds.length, 0),
    turns(phase).reduce((sum, { generatedIds }) => sum + generatedIds.length, 0),
  ];
  const by = new Map(log.components.map((one) => [one.component, one]));
  const figures = (component: "solve" | "select" | "conclude" | "verify" | "baseline") => {
    const one = by.get(component)!;
    return [one.promptTokens, one.generatedTokens];
  };
  assert.deepEqual(figures("solve"), counted("rl"));
  assert.deepEqual(figures("verify"), counted("verify"));
  assert.deepEqual(figures("baseline"), counted("baseline"));
  const [{ promptIds, outputIds }] = log.concluded as [typeof log.concluded[number]];
  assert.deepEqual(figures("conclude"), [promptIds.length, outputIds.length]);
  assert.deepEqual([...by.values()].map(({ sequences }) => sequences), [8, 5, 1, 1, 3]);
  assert.ok(by.get("select")!.generatedTokens <= 5 * 128);
});

Deno.test("runArise() counts what centering costs once per step", async () => {
  const script = bySample([R, W, W, W, R, W, W, W]);
  const selected = async (scoreCentering: boolean) => {
    const { log } = await ranArise(ariseConfig({ scoreCentering, groupsPerStep: 3, maxSkillTokens: 4 }), { script });
    const { sequences, generatedTokens } = log.components.find(({ component }) => component === "select")!;
    return [sequences, generatedTokens];
  };
  assert.deepEqual(await selected(false), [15, 60]);
  assert.deepEqual(await selected(true), [20, 80]);
});
