/**
 * Child process of the training test: a training run that kills itself, without any clean-up, at a chosen call of the recorder.
 *
 * Arguments: workspace, method of the recorder (`insert`, `before_commit`, `after_commit` or `never`), number of the call, from 1.
 *
 * @module
 */
import { Recorder } from "../../data/recorder.ts";
import { train } from "../../eval/train.ts";
import { never, silent } from "./_workbench.ts";

const [workspace = "", where = "never", at = "0"] = Deno.args;
let calls = 0;

function maybeDie(): void {
  if (++calls === Number(at)) Deno.kill(Deno.pid, "SIGKILL");
}

const insert = Recorder.prototype.insert;
const commit = Recorder.prototype.commit;
Recorder.prototype.insert = function (this: Recorder, ...args: Parameters<typeof insert>) {
  if (where === "insert") maybeDie();
  insert.apply(this, args);
} as typeof insert;
Recorder.prototype.commit = async function (this: Recorder, ...args: Parameters<typeof commit>) {
  if (where === "before_commit") maybeDie();
  const result = await commit.apply(this, args);
  if (where === "after_commit") maybeDie();
  return result;
};

await train({
  recipe: "grpo",
  environment: "math",
  scale: "ci",
  seeds: 1,
  seed: 1,
  worldSeed: 1,
  device: "cpu",
  workspace,
  signal: never,
  progress: silent(),
});
