import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);
const DATA = "tests/fixtures/math/gsm8k.jsonl";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line with the permissions that users give it. */
async function whet(...args: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-P", "--quiet", "--no-check", "cli.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", WHET_DEBUG: "" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** What a command prints as JSON. */
async function printed(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await whet(...args, "--json");
  assert.equal(code, 0, `whet ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout);
}

/** A workspace below `results`, where the command line may write, for the time of a test. */
async function withWorkspace(use: (workspace: string) => Promise<void>): Promise<void> {
  const workspace = `results/commands-test-${crypto.randomUUID()}`;
  try {
    await use(workspace);
  } finally {
    await Deno.remove(new URL(workspace, ROOT), { recursive: true }).catch(() => {});
  }
}

Deno.test("whet eval, rescore, export, import and runs rm work on one record, with the permissions that users give", async (t) => {
  await withWorkspace(async (folder) => {
    const at = ["--workspace", `${folder}/w`];
    const evaluation = [
      "eval",
      "math",
      "--data",
      DATA,
      "--policy",
      "reference",
      "--samples",
      "2",
      "--device",
      "cpu",
      ...at,
    ];
    const { run } = await printed(...evaluation) as { run: string };
    const hash = async () =>
      await printed("record", "hash", ...at) as { total: string; tables: Record<string, string> };
    const first = await hash();
    await t.step("eval prints a table on standard output, and does nothing twice", async () => {
      const { code, stdout } = await whet(...evaluation);
      assert.equal(code, 0);
      assert.match(stdout, /\nreference +2 +100\.0/);
      assert.match(stdout, new RegExp(`\nRun: ${run}\n$`));
      assert.deepEqual(await hash(), first);
    });
    await t.step("rescore grades it again, without another word for the data", async () => {
      const report = await printed("rescore", run, ...at) as Record<string, unknown>;
      assert.deepEqual([report["version"], report["rollouts"], report["faults"]], [2, 4, []]);
      const { tables } = await hash();
      const changed = Object.keys(tables).filter((name) => tables[name] !== first.tables[name]);
      assert.deepEqual(changed.sort(), ["unit", "verdict"]);
      const { code, stderr } = await whet("rescore", "none", ...at);
      assert.equal(code, 1);
      assert.match(stderr, /^Error: .*there is no run none; list them with whet runs list\n$/m);
    });
    await t.step("export and import carry every row over", async () => {
      await printed("export", `${folder}/shared`, ...at);
      const other = ["--workspace", `${folder}/other`];
      const { inserted, ignored, conflicting } = await printed("import", `${folder}/shared`, ...other) as Record<
        string,
        number
      >;
      assert.ok(Number(inserted) > 0);
      assert.deepEqual([ignored, conflicting], [0, 0]);
      assert.deepEqual(await printed("record", "hash", ...other), await hash());
    });
    await t.step("runs rm says what it would remove and does not, and removes it with --yes", async () => {
      const before = await hash();
      const { code, stderr } = await whet("runs", "rm", run, ...at);
      assert.equal(code, 1);
      assert.match(stderr, /rollout 4, .*; repeat with --yes\n$/m);
      assert.deepEqual(await hash(), before);
      const removed = await printed("runs", "rm", run, "--yes", ...at) as { rows: { rollout: number } };
      assert.equal(removed.rows.rollout, 4);
      assert.deepEqual(await printed("runs", "list", ...at), []);
    });
  });
});

Deno.test("whet train takes an environment from --config and prints what the record holds", async () => {
  await withWorkspace(async (folder) => {
    await Deno.mkdir(new URL(folder, ROOT), { recursive: true });
    const config = `${folder}/whet.json`;
    const module = new URL("tests/fixtures/parity_environment.ts", ROOT).href;
    await Deno.writeTextFile(new URL(config, ROOT), JSON.stringify({ environments: { parity: { module } } }));
    const at = ["--workspace", folder];
    const command = ["train", "sft", "--env", "parity", "--config", config, "--env-option", "tests=2"];
    const report = await printed(...command, "--scale", "ci", "--device", "cpu", ...at) as {
      tables: unknown[];
      plot: string | null;
    };
    assert.equal(report.plot, null);
    assert.equal(report.tables.length, 1);
    const runs = await printed("runs", "list", ...at) as Record<string, unknown>[];
    assert.equal(runs.length, 1);
    const rollouts = await printed("sql", "SELECT count(*) AS n FROM rollout", ...at);
    // Four tasks, two samples.
    assert.deepEqual(rollouts, [{ n: 8 }]);
  });
});

Deno.test("whet verify --audit prints the mistakes of both graders", async () => {
  const audit = ["verify", "--audit", "tests/fixtures/math/labelled_pairs.jsonl"];
  const { code, stdout } = await whet(...audit);
  assert.equal(code, 0);
  assert.match(stdout, /^category +pairs/);
  assert.match(stdout, /\nall +\d+ /);
  assert.equal(Object.keys(await printed(...audit) as object).length, 2);
});

Deno.test("whet ablate and train refuse wrong values before they make a workspace", async () => {
  await withWorkspace(async (folder) => {
    const at = ["--workspace", folder];
    const [ablate, other] = await Promise.all([
      whet("ablate", "sage", "--chain-length", "1,9", "--scale", "ci", "--device", "cpu", ...at),
      whet("train", "sft", "--env", "mathh", "--scale", "ci", "--device", "cpu", ...at),
    ]);
    assert.deepEqual([ablate.code, ablate.stdout], [1, ""]);
    assert.match(ablate.stderr, /--chain-length must be integers from 1 to 8, each once, got 9\n$/);
    assert.deepEqual([other.code, other.stdout], [1, ""]);
    assert.match(other.stderr, /got mathh; did you mean math\?\n$/);
  });
});
