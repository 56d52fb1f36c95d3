import assert from "node:assert/strict";
import { MathEnvironment } from "../../../envs/math/environment.ts";
import { createEnvironment } from "../../../envs/registry.ts";
import type { Problem } from "../../../envs/math/problem.ts";

const problem = (id: string, answer: string, solution?: string): Problem => ({
  id,
  scenario: id,
  difficulty: 1,
  statement: "How much?",
  answer,
  labels: {},
  ...(solution === undefined ? {} : { solution }),
});
const environmentOf = (checker?: "symbolic" | "minervaString") =>
  MathEnvironment.fromProblems({
    test: [problem("half", "\\frac{1}{2}"), problem("odd", "]x["), problem("told", "7", "It is **7**")],
  }, {
    ...(checker === undefined ? {} : { checker }),
  });

async function graded(checker: "symbolic" | "minervaString" | undefined, id: string, text: string) {
  const environment = environmentOf(checker);
  const episode = await environment.open(environment.task(id));
  await episode.step(text);
  const { score, success, verdicts = [], tests } = await episode.evaluate();
  return {
    score,
    success,
    verdicts: verdicts.map(({ grader, verdict }) => `${grader} ${verdict}`),
    trace: tests[0]!.trace ?? "",
  };
}

Deno.test("MathEnvironment scores by the checker's verdict and keeps the other's", async () => {
  const [exact, minerva] = ["exact/1 correct", "minerva/1 incorrect"];
  for (const checker of [undefined, "symbolic"] as const) {
    const { score, success, verdicts, trace } = await graded(checker, "half", "Answer: 0.5");
    assert.deepEqual([score, success, verdicts], [1, true, [exact, minerva]]);
    assert.match(trace, /^correct/);
  }
  const { score, success, verdicts, trace } = await graded("minervaString", "half", "Answer: 0.5");
  assert.deepEqual([score, success, verdicts], [0, false, [minerva, exact]]);
  assert.match(trace, /^incorrect/);
});

Deno.test("MathEnvironment takes an unreadable reference for a fault only where the exact grader decides", async () => {
  await assert.rejects(graded("symbolic", "odd", "Answer: 3"), { name: "EnvFault" });
  assert.equal((await graded("minervaString", "odd", "Answer: ]x[")).success, true);
  assert.equal((await graded("minervaString", "odd", "Answer: 3")).success, false);
});

Deno.test("MathEnvironment ends a worked solution so that its checker reads it", async () => {
  for (const checker of ["symbolic", "minervaString"] as const) {
    const environment = environmentOf(checker);
    const episode = await environment.open(environment.task("told"));
    const [action = ""] = episode.solution().actions;
    await episode.step(action);
    assert.equal((await episode.evaluate()).success, true, checker);
  }
});

Deno.test("MathEnvironment's hash names the checker unless it is the usual one", async () => {
  assert.equal(environmentOf().hash, environmentOf("symbolic").hash);
  assert.notEqual(environmentOf().hash, environmentOf("minervaString").hash);
  const hash = async (options: Readonly<Record<string, unknown>>) =>
    (await createEnvironment("math", {
      seed: 1,
      options: { perFamily: { train: 1, dev: 1, test_id: 1, test_ood: 1 }, ...options },
    })).hash;
  assert.equal(await hash({}), await hash({ checker: "symbolic" }));
  assert.notEqual(await hash({}), await hash({ checker: "minervaString" }));
  await assert.rejects(hash({ checker: "minerva" }), /checker: .*found "minerva"/);
});
