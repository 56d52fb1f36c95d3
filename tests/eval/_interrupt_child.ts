/**
 * A command that works until it is stopped: `obedient` ends when asked to, `stubborn` does not.
 *
 * @module
 */
import { interruptible, say, stoppedStatus } from "../../eval/terminal.ts";

const { signal } = interruptible();
const work = setInterval(() => {}, 1000);
signal.addEventListener("abort", () => {
  if (Deno.args[0] === "stubborn") return;
  clearInterval(work);
  say("stopped");
  Deno.exit(stoppedStatus(signal));
});
say("ready");
