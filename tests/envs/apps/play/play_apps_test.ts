import assert from "node:assert/strict";
import type { Json } from "../../../../data/canonical.ts";
import { playApps } from "../../../../eval/play_apps.ts";
import { environment, solutionOf, taskAt } from "../server/_kit.ts";

async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  await Promise.resolve();
  yield* lines;
}

async function play(lines: readonly string[], task?: string) {
  let shown = "";
  const session = await playApps({
    ...(task === undefined ? {} : { task }),
    split: "dev",
    environment,
    interactive: false,
    lines: () => linesOf(lines),
    show: (text) => void (shown += text),
    signal: new AbortController().signal,
  });
  const { task: played, evaluation } = session.json as { task: string; evaluation: { success: boolean } };
  return { shown, played, success: evaluation.success, json: session.json as Readonly<Record<string, Json>> };
}

Deno.test("playApps() shows each piped line with what came of it, and the evaluation at the end", async () => {
  const { shown, played, success, json } = await play(["js print(6 * 7)", "finish"]);
  assert.equal(played, taskAt(0).id);
  assert.match(shown, /\n> js print\(6 \* 7\)\n42\n> finish\n\{ "note": "Task finished\." \}\n\nNot solved: \d of \d/);
  assert.deepEqual(json["transcript"], [
    { input: "js print(6 * 7)", output: "42" },
    { input: "finish", output: '{ "note": "Task finished." }' },
  ]);
  assert.equal(success, false);
});

Deno.test("playApps() takes the end of the input for quit, and lines after the end of the task for nothing", async () => {
  assert.match((await play([])).shown, /Not solved[^]*finish_task was never called/);
  const { shown } = await play(["quit", "finish"]);
  assert.doesNotMatch(shown, /finish\n/);
});

Deno.test("playApps() scores a task that was solved in a block", async () => {
  const task = taskAt(1);
  const { shown, success } = await play(["js", ...(await solutionOf(task)).split("\n"), "end"], task.id);
  assert.equal(success, true);
  assert.match(shown, /\nSolved: (\d) of \1 requirements hold, score 1\n/);
});

Deno.test("playApps() refuses a task and a split that do not exist", async () => {
  await assert.rejects(play([], "zzz_1"), /There is no task zzz_1/);
  const options = { environment, interactive: false, lines: () => linesOf([]), show() {} };
  await assert.rejects(playApps({ ...options, split: "x", signal: new AbortController().signal }), RangeError);
});
