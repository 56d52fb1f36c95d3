import assert from "node:assert/strict";
import { numberOf, openRivals, RivalError, rowsOf } from "../../eval/engine_rival.ts";

/** Runs with a program of our own in place of Python. */
async function withProgram(lines: readonly string[], use: (program: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const program = `${folder}/python`;
  try {
    await Deno.writeTextFile(program, ["#!/bin/sh", ...lines, ""].join("\n"), { mode: 0o755 });
    await use(program);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openRivals() says why there are none when the program does not exist", async () => {
  const opened = await openRivals("/no/such/python");
  assert.match(String(opened), /^No rivals: \/no\/such\/python does not start/);
});

Deno.test("openRivals() says what the program complained about when it ends at once", async () => {
  await withProgram(["echo 'no module torch' >&2", "exit 1"], async (program) => {
    assert.match(String(await openRivals(program)), /has no PyTorch/);
  });
});

Deno.test("openRivals() gives answers in order and throws those that are errors when the program answers", async () => {
  const program = [
    "read line",
    'echo \'{"versions": {"torch": "2"}}\'',
    "read line",
    'echo \'{"seconds": 0.5, "ids": [[1, 2], [3]]}\'',
    "read line",
    'echo \'{"error": "ValueError: no"}\'',
    "read line",
    "exit 0",
  ];
  await withProgram(program, async (path) => {
    const rivals = await openRivals(path);
    assert.ok(typeof rivals !== "string");
    assert.deepEqual(rivals.versions, { torch: "2" });
    const answer = await rivals.call({ op: "run", key: "a" });
    assert.equal(numberOf(answer, "seconds"), 0.5);
    assert.deepEqual(rowsOf(answer, "ids"), [[1, 2], [3]]);
    assert.throws(() => numberOf(answer, "loss"), RivalError);
    await assert.rejects(rivals.call({ op: "run", key: "b" }), /run b: ValueError: no/);
    await assert.rejects(rivals.call({ op: "run", key: "c" }), /its process has ended/);
    await rivals.close();
  });
});
