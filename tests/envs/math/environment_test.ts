/**
 * The math environment: splits that do not overlap, single-turn episodes, verdicts, and faults.
 *
 * @module
 */
import assert from "node:assert/strict";
import { checkConformance } from "../../../envs/conformance.ts";
import { EnvFault, type Environment, type Task } from "../../../envs/contract.ts";
import { createMathEnvironment, MathEnvironment } from "../../../envs/math/environment.ts";
import { FAMILIES } from "../../../envs/math/families/mod.ts";
import { MINERVA_GRADER } from "../../../envs/math/grader/minerva.ts";
import { GRADER } from "../../../envs/math/grader/verify.ts";
import type { Problem } from "../../../envs/math/problem.ts";
import { DEFAULT_PER_FAMILY, FamilyProblems, MATH_SPLITS } from "../../../envs/math/problem_sets.ts";

const environment = MathEnvironment.fromFamilies({ seed: 1 });

async function play(of: Environment, task: Task, text: string) {
  const episode = await of.open(task);
  const result = await episode.step(text);
  const evaluation = await episode.evaluate();
  episode.close();
  return { result, evaluation };
}

/** A problem as a data file gives it. */
function problem(fields: Partial<Problem> = {}): Problem {
  return {
    id: "file/1",
    statement: "What is 1/2 + 1/4?",
    answer: "\\frac{3}{4}",
    difficulty: 1,
    scenario: "file/1",
    labels: { source: "file" },
    ...fields,
  };
}

function fileEnvironment(fields: Partial<Problem> = {}): MathEnvironment {
  return MathEnvironment.fromProblems({ test: [problem(fields)] }, { id: "file" });
}

/** The last number of a text, plus one. */
function perturbed(text: string): string {
  return text.replace(/\d+(?=\D*$)/, (digits) => String(BigInt(digits) + 1n));
}

Deno.test("MathEnvironment has the default number of tasks of each family in each split", () => {
  const train = FAMILIES.filter(({ split }) => split === "train").length;
  for (const split of MATH_SPLITS) {
    const families = split === "test_ood" ? FAMILIES.length - train : train;
    const tasks = environment.tasks(split);
    assert.equal(tasks.length, families * DEFAULT_PER_FAMILY[split], split);
    assert.deepEqual(tasks.map(({ id }) => id), tasks.map(({ id }) => id).sort());
    for (const task of tasks) assert.deepEqual(environment.task(task.id), task);
  }
});

Deno.test("MathEnvironment labels tasks with domain, family, method, level, source, and in test_ood the shift", () => {
  const task = environment.task("lcm/test_ood/2");
  assert.deepEqual(task.labels, {
    domain: "number theory",
    family: "lcm",
    method: "euclid",
    level: 1,
    source: "families",
    shift: "far",
  });
  assert.deepEqual([task.scenario, task.variant, task.split, task.difficulty], ["lcm", 2, "test_ood", 1]);
  assert.equal(environment.task("gcd/train/1").labels?.["shift"], undefined);
});

Deno.test("MathEnvironment holds no statement twice, in train no numbers of a test problem, and in test_ood no train family", () => {
  const statements = new Set<string>();
  let count = 0;
  for (const split of MATH_SPLITS) {
    for (const { instruction } of environment.tasks(split)) {
      statements.add(instruction);
      count++;
    }
  }
  assert.equal(statements.size, count);
  const familiesOf = (split: string) => new Set(environment.tasks(split).map(({ scenario }) => scenario));
  for (const id of familiesOf("test_ood")) assert.ok(!familiesOf("train").has(id), id);
  assert.deepEqual(familiesOf("test_id"), familiesOf("train"));
  // Families whose numbers all stand in the statement as digits, in one order.
  const digits = (task: Task) => `${task.scenario}: ${(task.instruction.match(/-?\d+/g) ?? []).join(" ")}`;
  const written = FAMILIES.filter(({ id }) =>
    ["gcd", "linear-equation", "average", "unit-price", "power-mod", "percent"].includes(id)
  ).map(({ id }) => id);
  const trained = new Set(environment.tasks("train").map(digits));
  for (const task of [...environment.tasks("test_id"), ...environment.tasks("dev")]) {
    if (written.includes(task.scenario)) {
      assert.ok(!trained.has(digits(task)), task.instruction);
    }
  }
});

Deno.test("MathEnvironment grades every worked solution correct and every perturbed answer wrong, in all splits", async () => {
  for (const split of MATH_SPLITS) {
    for (const task of environment.tasks(split)) {
      const episode = await environment.open(task);
      const [action = ""] = episode.solution()?.actions ?? [];
      const { result, evaluation } = await play(environment, task, action);
      assert.deepEqual(result, { observation: "", done: true });
      assert.equal(evaluation.score, 1, `${task.id}: ${action} ${evaluation.tests[0]?.trace}`);
      assert.deepEqual(evaluation.verdicts?.map(({ grader, verdict }) => [grader, verdict]), [
        [GRADER, "correct"],
        [MINERVA_GRADER, "correct"],
      ], task.id);
      const { answer } = environment.problem(task.id);
      if (answer === "\\pi") continue;
      const wrong = await play(environment, task, `Answer: ${perturbed(answer)}`);
      assert.equal(wrong.evaluation.score, 0, `${task.id}: ${perturbed(answer)} for ${answer}`);
      assert.equal(wrong.evaluation.verdicts?.[0]?.verdict, "incorrect");
    }
  }
});

Deno.test("MathEnvironment grades worked solutions of every level correct", async () => {
  const levels = MathEnvironment.fromFamilies({
    seed: 3,
    levels: [2, 5],
    perFamily: { train: 4, dev: 0, test_id: 4, test_ood: 8 },
  });
  const seen = new Set<number>();
  for (const split of levels.splits) {
    for (const task of levels.tasks(split)) {
      const [action = ""] = (await levels.open(task)).solution()?.actions ?? [];
      const { evaluation } = await play(levels, task, action);
      assert.equal(evaluation.score, 1, `${task.id}: ${action} ${evaluation.tests[0]?.trace}`);
      seen.add(task.difficulty);
    }
  }
  assert.deepEqual([...seen].sort(), [2, 3, 4, 5]);
});

Deno.test("MathEnvironment passes the conformance checks", async () => {
  const report = await checkConformance(() =>
    createMathEnvironment({ seed: 2, perFamily: { train: 1, dev: 1, test_id: 1, test_ood: 1 } })
  );
  assert.deepEqual(report.tasks.flatMap(({ problems }) => problems), []);
  assert.ok(report.passed);
  for (const { oracleScore, noOpScore } of report.tasks) assert.deepEqual([oracleScore, noOpScore], [1, 0]);
});

Deno.test("MathEnvironment is a function of its seed and levels", () => {
  const again = MathEnvironment.fromFamilies({ seed: 1 });
  assert.equal(again.hash, environment.hash);
  assert.deepEqual(again.tasks("test_id"), environment.tasks("test_id"));
  const other = MathEnvironment.fromFamilies({ seed: 2 });
  assert.notEqual(other.hash, environment.hash);
  const statements = new Set(environment.tasks("test_id").map(({ instruction }) => instruction));
  const repeated = other.tasks("test_id").filter(({ instruction }) => statements.has(instruction));
  assert.ok(repeated.length < statements.size / 4, `${repeated.length} of ${statements.size}`);
});

Deno.test("MathEnvironment keeps its test problems when more train problems are wanted", () => {
  const larger = MathEnvironment.fromFamilies({ seed: 1, perFamily: { train: 44 } });
  for (const split of ["test_id", "dev", "test_ood"]) assert.deepEqual(larger.tasks(split), environment.tasks(split));
});

Deno.test("demonstrations() gives problems that avoid every split, the same ones whatever the count", () => {
  const demonstrations = environment.demonstrations(1500);
  const statements = new Set(
    MATH_SPLITS.flatMap((split) => environment.tasks(split).map(({ instruction }) => instruction)),
  );
  for (const { statement, labels, solution, answer } of demonstrations) {
    assert.ok(!statements.has(statement), statement);
    assert.equal(environment.task(`${labels["family"]}/train/1`).scenario, labels["family"]);
    assert.ok(solution?.endsWith(`\nAnswer: ${answer}`));
  }
  assert.ok(new Set(demonstrations.map(({ statement }) => statement)).size > 1000);
  assert.deepEqual(environment.demonstrations(20, 700), demonstrations.slice(700, 720));
  assert.deepEqual(MathEnvironment.fromFamilies({ seed: 1 }).demonstrations(20, 700), demonstrations.slice(700, 720));
});

Deno.test("FamilyProblems names the family that has too few problems", () => {
  const families = FAMILIES.filter(({ id }) => id === "truth-chain" || id === "flag-rows");
  assert.throws(() => new FamilyProblems({ families, perFamily: { test_id: 500 } }).split("train"), {
    name: "FamilyError",
    message: /of test_id: family truth-chain has too few different problems at level 1/,
  });
});

Deno.test("FamilyProblems has enough different problems for the default sizes at every level and for several seeds", () => {
  for (const level of [1, 2, 3, 4, 5]) {
    const problems = new FamilyProblems({ seed: 10 + level, levels: [level, level] }).split("train");
    assert.ok(problems.every(({ difficulty }) => difficulty === level));
  }
  for (let seed = 2; seed < 8; seed++) assert.ok(new FamilyProblems({ seed }).split("train").length > 1000);
});

Deno.test("FamilyProblems refuses levels that do not exist and families that are there twice", () => {
  const [family = assert.fail()] = FAMILIES;
  assert.throws(() => new FamilyProblems({ levels: [1, 6] }), {
    name: "RangeError",
    message: /has levels 1 to 5, got 1 to 6/,
  });
  assert.throws(() => new FamilyProblems({ levels: [2, 1] }), {
    name: "RangeError",
    message: /levels must be integers/,
  });
  assert.throws(() => new FamilyProblems({ families: [family, family] }), {
    name: "RangeError",
    message: /is there twice/,
  });
});

Deno.test("tasks() lists all variants by default, a range when asked, and refuses what does not exist", () => {
  assert.deepEqual(
    new Set(environment.tasks("dev", { variants: [2, 3] }).map(({ variant }) => variant)),
    new Set([2, 3]),
  );
  assert.throws(() => environment.tasks("test"), {
    name: "RangeError",
    message: /split must be one of train, dev, test_id, test_ood, got test/,
  });
  assert.throws(() => environment.tasks("dev", { variants: [0, 3] }), {
    name: "RangeError",
    message: /variants must be integers from 1/,
  });
  assert.throws(() => environment.task("gcd/train/99"), {
    name: "RangeError",
    message: /has no task "gcd\/train\/99"/,
  });
});

Deno.test("an episode scores 0 before its step, without verdicts", async () => {
  const episode = await environment.open(environment.task("gcd/dev/1"));
  assert.equal(await episode.start(), "");
  const { score, success, tests, verdicts } = await episode.evaluate();
  assert.deepEqual([score, success, verdicts], [0, false, undefined]);
  assert.deepEqual(tests.map(({ label, passed }) => [label, passed]), [["no_op_fail", false]]);
});

Deno.test("an episode takes one step and none after it was closed", async () => {
  const episode = await environment.open(environment.task("gcd/dev/1"));
  await episode.step("Answer: 1");
  await assert.rejects(() => episode.step("Answer: 2"), { name: "EnvFault", message: /single turn/ });
  episode.close();
  await assert.rejects(() => episode.evaluate(), { name: "EnvFault", message: /it is closed/ });
});

Deno.test("an episode keeps what both graders said of an answer that only one of them accepts", async () => {
  const file = fileEnvironment();
  const { evaluation } = await play(file, file.task("file/1"), "It is 0.75.\nAnswer: 0.75");
  assert.equal(evaluation.score, 1);
  assert.deepEqual(evaluation.verdicts?.map(({ verdict }) => verdict), ["correct", "incorrect"]);
});

Deno.test("an episode scores an answer that cannot be read, or is missing, 0 and keeps the verdict", async () => {
  const file = fileEnvironment();
  for (const text of ["", "Answer: ((", "Answer: \\frac{"]) {
    const { evaluation } = await play(file, file.task("file/1"), text);
    assert.equal(evaluation.score, 0);
    assert.notEqual(evaluation.verdicts?.[0]?.verdict, "correct", text);
  }
  const { evaluation } = await play(file, file.task("file/1"), "Answer: \\frac{");
  assert.match(evaluation.tests[0]?.trace ?? "", /^(unparsed|incorrect): /);
});

Deno.test("an episode scores an answer that exhausts the budget 0, as timeout", async () => {
  const file = fileEnvironment();
  const { evaluation } = await play(file, file.task("file/1"), `Answer: (a+b+c+d+e+f+g)^{900}`);
  assert.equal(evaluation.score, 0);
  assert.ok(
    ["timeout", "incorrect"].includes(evaluation.verdicts?.[0]?.verdict ?? ""),
    evaluation.verdicts?.[0]?.verdict ?? "no verdict",
  );
});

Deno.test("an episode throws EnvFault when the reference itself cannot be graded", async () => {
  const endless = `${"x+".repeat(200_000)}1`;
  for (const answer of ["((", endless]) {
    const file = fileEnvironment({ answer });
    await assert.rejects(() => play(file, file.task("file/1"), "Answer: 3"), EnvFault, answer.slice(0, 9));
  }
});

Deno.test("an episode uses the tolerance of its problem", async () => {
  const exact = fileEnvironment({ answer: "3.14" });
  const loose = fileEnvironment({ answer: "3.14", tolerance: 0.01 });
  assert.equal((await play(exact, exact.task("file/1"), "Answer: 3.145")).evaluation.score, 0);
  assert.equal((await play(loose, loose.task("file/1"), "Answer: 3.145")).evaluation.score, 1);
});

Deno.test("solution() of a data file adds an answer line where its own answer would not be found, alone where there is none", async () => {
  const solutionOf = async (solution: string) => {
    const file = fileEnvironment({ solution });
    return (await file.open(file.task("file/1"))).solution()?.actions[0];
  };
  const boxed = "Add them: $\\boxed{\\frac{3}{4}}$";
  assert.equal(await solutionOf(boxed), boxed);
  assert.equal(await solutionOf("The quarters are three."), "The quarters are three.\nAnswer: \\frac{3}{4}");
  const bare = fileEnvironment();
  assert.deepEqual((await bare.open(bare.task("file/1"))).solution(), {
    kind: "actions",
    actions: ["Answer: \\frac{3}{4}"],
  });
});

Deno.test("fromProblems() numbers the problems of a scenario and refuses an id that occurs twice", () => {
  const file = MathEnvironment.fromProblems(
    new Map([["test", [problem({ scenario: "s" }), problem({ id: "file/2", scenario: "s" })]], ["more", []]]),
  );
  assert.deepEqual([file.id, file.splits], ["math", ["test", "more"]]);
  assert.deepEqual(file.tasks("test").map(({ variant }) => variant), [1, 2]);
  assert.throws(() => MathEnvironment.fromProblems({ a: [problem()], b: [problem()] }), {
    name: "RangeError",
    message: /problem ids must be unique, file\/1 is there twice/,
  });
  assert.throws(() => file.demonstrations(1), { name: "RangeError", message: /come from files/ });
});
