/**
 * Child process of the tests that writes a record: `hold` commits two units and waits for its input to end, serving live queries if
 * told so; `kill` commits units, prints each acknowledged one, and kills itself while the last commit is under way; `kill-settle` does
 * so while the commits before are moved from the journal into the tables.
 *
 * Arguments: path, `hold` | `hold-live` | `kill` | `kill-settle`, number of units, ms from the start of settling to the kill.
 *
 * @module
 */
import { serveLive } from "../../data/live.ts";
import { Recorder } from "../../data/recorder.ts";
import { rolloutRow, runRow, turnRow } from "./_record_fixture.ts";

const [path = "", mode = "hold", count = "2", delayMs = "0"] = Deno.args;
const recorder = await Recorder.open(path);
const live = mode === "hold-live" ? await serveLive(recorder) : undefined;
recorder.insert("run", [runRow()]);
for (let step = 0; step < Number(count); step++) {
  if (recorder.hasUnit("r", `rl/${step}`)) continue;
  const positions = [1, 2];
  recorder.insert("rollout", positions.map((position) => rolloutRow({ step, position, wall_ms: performance.now() })));
  recorder.insert(
    "turn",
    positions.map((position) => turnRow({ step, position, generated_ids: [step, position], logprobs: [-1, -2] })),
  );
  if (mode === "kill-settle" && step === Number(count) - 1) {
    setTimeout(() => Deno.kill(Deno.pid, "SIGKILL"), Number(delayMs));
    await recorder.query("SELECT count(*) FROM turn");
    for await (const _ of Deno.stdin.readable);
  }
  const commit = recorder.commit("r", `rl/${step}`, { checkpoint: `${step}.bin`, wallMs: performance.now() });
  if (mode === "kill" && step === Number(count) - 1) Deno.kill(Deno.pid, "SIGKILL");
  await commit;
  console.log(`rl/${step}`);
}
if (mode === "kill") throw new Error("not killed");
console.log("ready");
// Rows that nobody else may ever see.
recorder.insert("rollout", [rolloutRow({ step: 99 })]);
for await (const _ of Deno.stdin.readable);
await live?.close();
await recorder.close();
