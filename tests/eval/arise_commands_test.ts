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

Deno.test("whet reproduce arise and whet ablate arise refuse options that cannot be used with status 2, before they make a workspace", async () => {
  const workspace = `results/arise-commands-${crypto.randomUUID()}`;
  const at = ["--scale", "ci", "--device", "cpu", "--workspace", workspace];
  const seeds = await Deno.makeTempFile({ suffix: ".jsonl" });
  try {
    await Deno.writeTextFile(
      seeds,
      '{"skill_name":"halve","problem_type":"general","method":["Halve.","Double."],"check":""}',
    );
    const all = await Promise.all([
      whet("reproduce", "sage", "--option", "delta=0", ...at),
      whet("reproduce", "arise", "--option", "detla=0", ...at),
      whet("ablate", "arise", "--option", "verify=false", "--option", "extraUnaided=2", ...at),
      whet("reproduce", "arise", "--option", `seedsPath=${seeds}`, ...at),
      whet("reproduce", "arise", "--option", "answerFormatLine=false", ...at),
      whet("ablate", "arise", "--option", "help", ...at),
    ]);
    assert.deepEqual(all.map(({ code }) => code), [2, 2, 2, 2, 2, 0]);
    const said = all.map(({ stderr }) => stderr.trim());
    assert.match(said[0] ?? "", /^Error: --option goes with arise/);
    assert.match(said[1] ?? "", /^Error: .*detla: unknown key; did you mean delta\?$/);
    assert.match(said[2] ?? "", /^Error: .*extraUnaided: expected 0 without verify/);
    assert.ok(said[3]?.includes(`${seeds}: line 1: key_insight: expected string, found nothing`), said[3] ?? "");
    assert.match(said[4] ?? "", /^Error: .*answerFormatLine/);
    assert.match(all[5]?.stdout ?? "", /^checker = symbolic \(symbolic, minervaString\)$/m);
    await assert.rejects(Deno.stat(new URL(workspace, ROOT)), Deno.errors.NotFound);
  } finally {
    await Deno.remove(seeds);
  }
});

Deno.test("whet reproduce arise runs with options in all arms, and records their values", async () => {
  const workspace = `results/arise-commands-${crypto.randomUUID()}`;
  const seeds = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const document = {
      skill_name: "halve",
      problem_type: "general",
      key_insight: "Half.",
      method: ["Halve.", "Double."],
      check: "",
    };
    await Deno.writeTextFile(seeds, JSON.stringify([document]));
    const words = [
      "preset=v1",
      `seedsPath=${seeds}`,
      "cacheCapacity=10",
      "checker=minervaString",
      "dualClip=3",
      "ppoEpochs=2",
      "promptTokens=64",
      "overlongPrompt=truncateQuery",
      "evalSkills=false",
      "evalGreedy=true",
    ];
    const made = await whet(
      "reproduce",
      "arise",
      "--arms",
      "GRPO,ARISE",
      ...words.flatMap((word) => ["--option", word]),
      ...["--scale", "ci", "--device", "cpu", "--workspace", workspace],
    );
    assert.equal(made.code, 0, made.stderr);
    const rows = async (sql: string) => {
      const { code, stdout, stderr } = await whet("sql", sql, "--format", "json", "--workspace", workspace);
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout) as Record<string, unknown>[];
    };
    const configs = await rows("SELECT arm, config FROM run ORDER BY arm");
    const configOf = (arm: string) => {
      const config = configs.find((row) => row["arm"] === arm)?.["config"];
      return (typeof config === "string" ? JSON.parse(config) : config) as {
        train: Record<string, unknown>;
        evaluation: Record<string, unknown>;
      };
    };
    const { train, evaluation } = configOf("ARISE");
    for (
      const [name, value] of Object.entries({
        seeds: [document],
        verify: false,
        useQuality: false,
        baseOptimizer: "grpo",
        cacheCapacity: 10,
        dualClip: 3,
        ppoEpochs: 2,
        promptTokens: 64,
        overlongPrompt: "truncateQuery",
      })
    ) assert.deepEqual(train[name], value, name);
    assert.deepEqual([evaluation["agent"], evaluation["temperature"], evaluation["runs"]], ["solver", 0, 1]);
    for (const arm of ["SFT", "GRPO", "ARISE"]) {
      const { environment } = configOf(arm).train as { environment: { options?: unknown } };
      assert.deepEqual(environment.options, { checker: "minervaString" }, arm);
    }
    assert.equal((configOf("GRPO").train["lossOptions"] as { dualClip?: number }).dualClip, 3);
    const phases = await rows("SELECT DISTINCT phase FROM rollout ORDER BY ALL");
    assert.ok(!phases.some(({ phase }) => /^(verify|plain)/.test(String(phase))), JSON.stringify(phases));
    const shown = await rows("SELECT count(*)::INTEGER AS n FROM rollout WHERE phase LIKE 'eval/%' AND used_skill");
    assert.deepEqual(shown, [{ n: 0 }]);
    const decided = await rows(
      "SELECT count(*)::INTEGER AS n FROM rollout JOIN verdict USING (run_id, phase, step, grp, sample, position) " +
        "WHERE grader = 'minerva/1' AND success IS DISTINCT FROM (verdict = 'correct')",
    );
    assert.deepEqual(decided, [{ n: 0 }]);
    const longest = await rows("SELECT max(prompt_tokens)::INTEGER AS n FROM rollout WHERE phase = 'rl'");
    assert.ok(Number(longest[0]?.["n"]) <= 64, JSON.stringify(longest));
  } finally {
    await Deno.remove(new URL(workspace, ROOT), { recursive: true }).catch(() => {});
    await Deno.remove(seeds);
  }
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
