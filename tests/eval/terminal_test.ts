import assert from "node:assert/strict";
import { failureText } from "../../eval/terminal.ts";

/** Runs the child, sends one signal each time one of the words appears on its standard error. */
async function interrupted(mode: "obedient" | "stubborn", signals: readonly [after: string, signal: Deno.Signal][]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--allow-env",
      new URL("./_interrupt_child.ts", import.meta.url).pathname,
      mode,
    ],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let text = "";
  const waiting = [...signals];
  for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    while (waiting[0] !== undefined && text.includes(waiting[0][0])) child.kill(waiting.shift()![1]);
  }
  return { code: (await child.status).code, text };
}

Deno.test("interruptible() lets a command end by itself at the first Ctrl-C, with status 130", async () => {
  const { code, text } = await interrupted("obedient", [["ready", "SIGINT"]]);
  assert.equal(code, 130);
  assert.equal(text, "ready\n\nStopping; press Ctrl-C again to end at once.\nstopped\n");
});

Deno.test("interruptible() ends a command that does not stop at the second Ctrl-C", async () => {
  const { code } = await interrupted("stubborn", [["ready", "SIGINT"], ["Stopping", "SIGINT"]]);
  assert.equal(code, 130);
});

Deno.test("interruptible() gives status 143 on SIGTERM", async () => {
  assert.equal((await interrupted("obedient", [["ready", "SIGTERM"]])).code, 143);
});

Deno.test("failureText() is one paragraph, and hints at the stack for errors that no boundary named", () => {
  class DiskFullError extends Error {
    override readonly name = "DiskFullError";
  }
  assert.equal(
    failureText(new DiskFullError("Cannot write:\n  the disk is full")),
    "Error: Cannot write: the disk is full",
  );
  assert.equal(failureText(new TypeError("x is undefined")), "Error: x is undefined (set WHET_DEBUG=1 to see where)");
  assert.equal(failureText("lost"), "Error: lost");
  assert.match(failureText(new Deno.errors.NotCapable("Requires write access")), /--allow-write=DIR/);
});
