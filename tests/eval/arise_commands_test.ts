import assert from "node:assert/strict";
import { writeCheckpoint } from "./_checkpoint.ts";

const ROOT = new URL("../../", import.meta.url);

/** Runs the command line with the permissions that users give it. */
async function whet(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-P", "--quiet", "--no-check", "cli.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", WHET_DEBUG: "" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("whet ablate refuses options of the other paper and unknown variants with status 2, before it makes a workspace", async () => {
  const workspace = `results/arise-commands-${crypto.randomUUID()}`;
  const at = ["--scale", "ci", "--device", "cpu", "--workspace", workspace];
  const all = await Promise.all([
    whet("ablate", "sage", "--variant", "no gate", ...at),
    whet("ablate", "arise", "--chain-length", "1", ...at),
    whet("ablate", "arise", "--variant", "no gate,no gates", ...at),
  ]);
  assert.deepEqual(all.map(({ code, stdout }) => [code, stdout]), [[2, ""], [2, ""], [2, ""]]);
  const [sage, arise, variant] = all.map(({ stderr }) => stderr.trim());
  assert.match(sage ?? "", /^Error: --variant goes with arise/);
  assert.match(arise ?? "", /^Error: --chain-length goes with sage; arise is varied by --variant$/);
  assert.match(variant ?? "", /^Error: Cannot run variant no gates: it must be one of .*; did you mean no gate\?$/);
  await assert.rejects(Deno.stat(new URL(workspace, ROOT)), Deno.errors.NotFound);
});

Deno.test("whet ablate arise prints the table that whet table makes from the record, and writes the curves", async () => {
  const workspace = `results/arise-commands-${crypto.randomUUID()}`;
  try {
    const at = ["--workspace", workspace];
    const ablate = await whet("ablate", "arise", "--variant", "no gate", "--scale", "ci", "--device", "cpu", ...at);
    assert.equal(ablate.code, 0, ablate.stderr);
    const table = await whet("table", "arise-ablation", ...at);
    assert.equal(table.code, 0, table.stderr);
    const [printed = "", ...curves] = ablate.stdout.split("\nCurve: ");
    assert.equal(printed, table.stdout);
    assert.equal(curves.length, 3);
    for (const curve of curves) assert.match(await Deno.readTextFile(new URL(curve.trim(), ROOT)), /^<svg/);
  } finally {
    await Deno.remove(new URL(workspace, ROOT), { recursive: true }).catch(() => {});
  }
});

Deno.test("whet reproduce arise starts from a published checkpoint, without a warm start, and whet table finds the arms", async () => {
  const workspace = `results/arise-commands-${crypto.randomUUID()}`;
  const checkpoint = await Deno.makeTempDir();
  await Deno.remove(checkpoint);
  await writeCheckpoint(checkpoint);
  try {
    const at = ["--scale", "ci", "--device", "cpu", "--workspace", workspace];
    const made = await whet("reproduce", "arise", "--policy", checkpoint, "--lora", "2:4", ...at);
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, /^checkpoint +2 /m);
    assert.match(made.stdout, /^ARISE − GRPO +test_id /m);
    const table = await whet("table", "arise", "--workspace", workspace);
    assert.match(table.stdout, /^checkpoint +2 /m);
    assert.equal((await whet("reproduce", "arise", "--lora", "2:4", ...at)).code, 2);
    assert.equal((await whet("reproduce", "sage", "--policy", checkpoint, ...at)).code, 2);
  } finally {
    await Deno.remove(new URL(workspace, ROOT), { recursive: true }).catch(() => {});
    await Deno.remove(checkpoint, { recursive: true });
  }
});
