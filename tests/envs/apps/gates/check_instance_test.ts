import assert from "node:assert/strict";
import { CATALOGUE } from "../../../../envs/apps/catalogue.ts";
import { checkInstance, levelOf } from "../../../../envs/apps/gates/check_instance.ts";
import { MUTATIONS } from "../../../../envs/apps/gates/mutations.ts";
import { RefusedCallError, runProgram } from "../../../../envs/apps/gates/run_program.ts";
import { grade } from "../../../../envs/apps/grade.ts";
import { instantiate, type Prepared } from "../../../../envs/apps/instantiate.ts";
import type { Apis, Scenario } from "../../../../envs/apps/scenario.ts";
import { bench, type BenchFamily } from "../../../../envs/apps/scenarios/bench/_program.ts";
import { allPages, signIn } from "../../../../envs/apps/scenarios/bench/_toolbox.ts";
import { QuickJsSandbox } from "../../../../envs/sandbox/quickjs.ts";
import { apiNames } from "../../../../envs/apps/catalogue.ts";
import { AppSession } from "../../../../envs/apps/session.ts";
import { baseWorld } from "../_kit.ts";

interface Pub extends Readonly<Record<string, string>> {
  readonly tie: string;
  readonly text: string;
}

function solveTextTied(apis: Apis, pub: Pub): void {
  const token = signIn(apis, "handset");
  for (const x of allPages(apis.handset.list_contacts, { token })) {
    if (x.ties.includes(pub.tie)) apis.handset.send_text({ token, number: x.number, text: pub.text });
  }
}

/** A sound family; tests spoil one thing at a time. */
const sound: BenchFamily<Pub, Record<never, never>> = {
  family: "sample/text_tied",
  split: "train",
  difficulty: 1,
  apps: ["handset"],
  axis: {},
  draw(ctx) {
    const contacts = ctx.rows("handset.contact", ctx.user.email);
    const tie = ctx.random.pick(["friend", "colleague", "neighbour"]);
    const meant = contacts.filter((row) => (row["ties"] as string[]).includes(tie));
    if (meant.length < 3 || meant.every((row) => contacts.indexOf(row) < 5)) return { reject: "too few" };
    const text = ctx.random.pick(["See you soon.", "Call me back.", "I am home."]);
    return {
      instruction: `Text "${text}" to every ${tie} of mine.`,
      pub: { tie, text },
      writes: meant.map((row) => ({ app: "handset", api: "send_text", args: { number: row["number"] ?? null, text } })),
    };
  },
  solve: solveTextTied,
};

function prepare(family: BenchFamily<Pub, Record<never, never>>): { scenario: Scenario; prepared: Prepared } {
  const scenario = bench(family);
  return { scenario, prepared: instantiate(baseWorld("tiny"), scenario, 1, []) };
}

function problemsOf(family: BenchFamily<Pub, Record<never, never>>): readonly string[] {
  const { scenario, prepared } = prepare(family);
  return checkInstance(prepared, CATALOGUE, scenario).problems;
}

Deno.test("checkInstance() finds nothing wrong with a sound task, and its mutations differ or are noticed", () => {
  const { scenario, prepared } = prepare(sound);
  const { problems, mutations, statistics } = checkInstance(prepared, CATALOGUE, scenario);
  assert.deepEqual(problems, []);
  assert.equal(mutations.length, MUTATIONS.length);
  assert.deepEqual(mutations.filter(({ fate }) => fate === "survived"), []);
  const fate = new Map(mutations.map((outcome) => [outcome.mutation, outcome.fate]));
  for (
    const name of [
      "first_page",
      "ties_ignored",
      "first_write_dropped",
      "write_repeated",
      "recipient_swapped",
      "extra_note",
    ]
  ) {
    assert.equal(fate.get(name), "killed", name);
  }
  for (const name of ["day_early", "search_trusted", "answer_missing"]) {
    assert.equal(fate.get(name), "equivalent", name);
  }
  assert.deepEqual(statistics.apps, ["handset"]);
  assert.equal(statistics.uniqueSteps, 2);
  assert.equal(levelOf(statistics.uniqueSteps), 1);
});

Deno.test("checkInstance() says what is wrong with a task", () => {
  const draw = (change: (made: ReturnType<typeof sound.draw>) => ReturnType<typeof sound.draw>) => ({
    ...sound,
    draw: (ctx: Parameters<typeof sound.draw>[0]) => change(sound.draw(ctx)),
  });
  const broken: readonly (readonly [BenchFamily<Pub, Record<never, never>>, RegExp])[] = [
    [{ ...sound, solve: function solveNothing() {} }, /the reference solution fails: .*0 of \d+ expected rows/],
    [
      draw((made) => ("reject" in made ? made : { ...made, instruction: "Write to my people." })),
      /the instruction does not say tie/,
    ],
    [
      draw((made) => ("reject" in made ? made : { ...made, instruction: `${made.instruction} Use send_text.` })),
      /names the API send_text/,
    ],
    [
      draw((made) => ("reject" in made ? made : { ...made, instruction: `${made.instruction} ${"so ".repeat(90)}` })),
      /words, 90 are allowed/,
    ],
    [{ ...sound, apps: ["foldnote"] }, /apps that its family does not declare: handset/],
  ];
  for (const [family, expected] of broken) {
    const problems = problemsOf(family);
    assert.ok(problems.some((problem) => expected.test(problem)), `${expected}: ${problems.join("; ")}`);
  }
});

Deno.test("programs shipped as source end in QuickJS as they do outside", async () => {
  const { prepared } = prepare(sound);
  const { start, user, instance, expectation, at } = prepared;
  const session = new AppSession(start.fork(), user, instance.instruction);
  const sandbox = await QuickJsSandbox.create({
    call: (app, api, args) => session.call(app, api, args),
    apis: apiNames(),
    frozenAt: at,
    seedKey: ["gate"],
  });
  assert.equal(instance.solution.kind, "actions");
  const [source = ""] = instance.solution.kind === "actions" ? instance.solution.actions : [];
  const { ok, observation } = sandbox.execute(source);
  sandbox.dispose();
  assert.ok(ok, observation);
  const program = instance.program;
  assert.ok(program !== undefined);
  const outside = runProgram(prepared, program);
  assert.deepEqual([...outside.changes.keys()].sort(), [...session.world.diff().keys()].sort());
  assert.equal(grade(expectation, outside).success, true);
});

Deno.test("runProgram() ends a program at the first refusal that it does not catch", () => {
  const { prepared } = prepare(sound);
  const result = runProgram(prepared, {
    pub: {},
    said: {},
    solve: (apis) => void apis.handset.list_contacts({ token: "nonsense" }),
  });
  assert.ok(result.error instanceof RefusedCallError);
  assert.equal(result.error.reply.status, 401);
  assert.equal(result.finished, undefined);
});

Deno.test("programSource() refuses what cannot be shipped", () => {
  const { scenario } = { scenario: bench({ ...sound, solve: () => {} }) };
  assert.throws(() => instantiate(baseWorld("tiny"), scenario, 1, []), /a program must be a named function/);
});
