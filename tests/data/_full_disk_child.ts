/**
 * Child process of the full-disk tests: commits units until there is no room, printing each acknowledged one and then the error's name;
 * tries once more, closes, and prints what that gave.
 *
 * Arguments: path, rows in a unit (many: straight into the tables; few: through the journal). Its parent limits the size of files.
 *
 * @module
 */
import { Recorder } from "../../data/recorder.ts";
import { turnRow } from "./_record_fixture.ts";

const [path = "", rows = "1"] = Deno.args;
const nameOf = (error: unknown) => (error instanceof Error ? `${error.name} ${error.message}` : String(error));
const recorder = await Recorder.open(path);
for (let step = 0;; step++) {
  const observation = crypto.getRandomValues(new Uint8Array(1000)).toBase64();
  recorder.insert("turn", Array.from({ length: Number(rows) }, (_, turn) => turnRow({ step, turn, observation })));
  try {
    await recorder.commit("r", `rl/${step}`);
  } catch (error) {
    console.log(`full: ${nameOf(error)}`);
    break;
  }
  console.log(`rl/${step}`);
}
console.log(`again: ${await recorder.commit("r", "again").then(() => "done", nameOf)}`);
console.log(`query: ${await recorder.query("SELECT 1").then(() => "done", nameOf)}`);
console.log(`close: ${await recorder.close().then(() => "done", nameOf)}`);
