/**
 * Child process of the garbage-collection test: records and queries while collecting garbage all the time; prints `survived`.
 *
 * @module
 */
import { Recorder } from "../../data/recorder.ts";
import { rolloutRow, turnRow } from "./_record_fixture.ts";

const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error("start with --v8-flags=--expose-gc");
const recorder = await Recorder.open(Deno.args[0] ?? "");
for (let step = 0; step < 25; step++) {
  recorder.insert("rollout", Array.from({ length: 20 }, (_, sample) => rolloutRow({ step, sample })));
  recorder.insert(
    "turn",
    Array.from({ length: 20 }, (_, sample) => turnRow({ step, sample, observation: "x".repeat(1000) })),
  );
  const commit = recorder.commit("r", `rl/${step}`);
  collect();
  const query = recorder.query("SELECT list(observation), list(context_ids), count(*) FROM turn GROUP BY step");
  collect();
  await Promise.all([commit, query]);
  collect();
}
await recorder.close();
collect();
console.log("survived");
