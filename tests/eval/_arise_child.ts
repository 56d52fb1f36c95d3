/**
 * Child process of the resume test of ARISE: a small run that kills itself, without any clean-up, at a chosen call.
 *
 * Arguments: workspace, method of the recorder (`insert`, `before_commit` or `after_commit`), number of the call, from 1.
 *
 * @module
 */
import { Recorder } from "../../data/recorder.ts";
import { runSmall } from "./_arise_small.ts";

const [workspace = "", where = "", at = "0"] = Deno.args;
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
await runSmall(workspace);
