import assert from "node:assert/strict";
import fc from "fast-check";
import { exportRuns, importRuns, MANIFEST_FILE } from "../../data/export_runs.ts";
import {
  QueryError,
  ReadOnlyError,
  RecordCorruptError,
  RecordLockedError,
  RecordOpenError,
  RecordVersionError,
} from "../../data/record_errors.ts";
import { Recorder } from "../../data/recorder.ts";
import {
  formatRolloutId,
  formatTranscript,
  parseRolloutId,
  RolloutIdError,
  rolloutTranscript,
} from "../../data/rollout_transcript.ts";
import { rowHash } from "../../data/row_hash.ts";
import { formatRun, listRuns, removeRun, RunRemovalError, showRun, UnknownRunError } from "../../data/runs.ts";
import { SCHEMA_VERSION, TABLE_NAMES } from "../../data/schema.ts";
import { runSql } from "../../data/sql.ts";
import { nextVerdictVersion } from "../../data/verdict_version.ts";
import { eventRow, identity, inFolder, rolloutRow, runRow, turnRow } from "./_record_fixture.ts";

const TASK = {
  environment_hash: "e0",
  task_id: "aaaaaaa_1",
  scenario: "aaaaaaa",
  variant: 1,
  split: "train",
  difficulty: 1,
  instruction: "Add 2 and 3",
  labels: { apps: ["mail"] },
};

/** A record of the runs named, each with a unit, a rollout of two turns and what belongs to it. */
async function makeRecord(path: string, runs: readonly string[], parents: Readonly<Record<string, string>> = {}) {
  const recorder = await Recorder.open(path);
  recorder.insert("task", [TASK]);
  for (const [seed, run_id] of runs.entries()) {
    const id = identity({ run_id });
    recorder.insert("run", [runRow({ run_id, seed, parent_run_id: parents[run_id] ?? null })]);
    recorder.insert("rollout", [rolloutRow(id)]);
    recorder.insert("turn", [
      turnRow({ ...id, code: "search()", observation: "5 mails" }),
      turnRow({
        ...id,
        turn: 1,
        context_ids: [4],
        generated_ids: [5, 6],
        logprobs: [-0.25, Number.NaN],
        code: "done()",
      }),
    ]);
    recorder.insert("api_call", [{ ...id, turn: 0, n: 0, app: "mail", api: "search", args: { q: "a" }, status: 200 }]);
    recorder.insert("skill_event", [eventRow({ ...id, token_start: 2, token_end: 3 })]);
    recorder.insert("reward_term", [{ ...id, term: "outcome", value: 1 }]);
    recorder.insert("advantage", [{ ...id, reward: 1, baseline: 0.5, advantage: 0.5 }]);
    recorder.insert("verdict", [{
      ...id,
      grader: "exact/1",
      version: 1,
      verdict: "correct",
      detail: "",
      versions: {},
    }]);
    await recorder.commit(run_id, "rl/0", { checkpoint: `${run_id}.bin` });
  }
  await recorder.close();
}

Deno.test("listRuns() and showRun() give runs with what they hold", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    await makeRecord(path, ["sage-1", "grpo-1"]);
    const { columns, rows } = await listRuns(path);
    assert.deepEqual(columns.map(({ name }) => name).slice(0, 2), ["run_id", "arm"]);
    assert.deepEqual(rows.map((row) => [row[0], ...row.slice(-3)]), [
      ["grpo-1", 1, "rl/0", 1],
      ["sage-1", 1, "rl/0", 1],
    ]);
    const summary = await showRun(path, "sage-1");
    assert.equal(summary.run["arm"], "sage");
    assert.deepEqual(summary.rows, {
      run: 1,
      unit: 1,
      rollout: 1,
      verdict: 1,
      turn: 2,
      api_call: 1,
      skill_event: 1,
      reward_term: 1,
      advantage: 1,
    });
    assert.match(formatRun(summary), /rl\/0 +sage-1\.bin/);
    await assert.rejects(showRun(path, "sage-2"), (error) => {
      assert.ok(error instanceof UnknownRunError && error.message.includes("did you mean sage-1"), String(error));
      return true;
    });
  });
});

Deno.test("removeRun() removes all rows of one run and nothing else, and only when confirmed", async () => {
  await inFolder(async (folder) => {
    const [path, other] = [`${folder}/r.duckdb`, `${folder}/other.duckdb`];
    await makeRecord(path, ["a", "b"], { b: "a" });
    await makeRecord(other, ["a"]);
    await assert.rejects(removeRun(path, "b"), (error) => {
      assert.ok(error instanceof RunRemovalError && /turn 2.*--yes/.test(error.message), String(error));
      return true;
    });
    await assert.rejects(removeRun(path, "a", { yes: true }), /b start from its weights/);
    await assert.rejects(removeRun(path, "c", { yes: true }), UnknownRunError);
    await assert.rejects(removeRun(`${folder}/none.duckdb`, "a", { yes: true }), RecordOpenError);
    const removed = await removeRun(path, "b", { yes: true });
    assert.equal(removed.rows["turn"], 2);
    assert.deepEqual(removed.checkpoints, ["b.bin"]);
    assert.deepEqual(await rowHash(path), await rowHash(other));
    // It can be recorded again.
    await makeRecord(path, ["b"]);
    assert.equal((await listRuns(path)).rows.length, 2);
  });
});

Deno.test("exportRuns() and importRuns() carry rows over unchanged, twice as once", async () => {
  await inFolder(async (folder) => {
    const [path, copy] = [`${folder}/r.duckdb`, `${folder}/copy.duckdb`];
    await makeRecord(path, ["it's", "b"]);
    const manifest = await exportRuns(path, `${folder}/out`);
    assert.deepEqual(manifest.runs, ["b", "it's"]);
    assert.equal(manifest.tables["turn"]?.rows, 4);
    assert.deepEqual(await importRuns(copy, `${folder}/out`), { inserted: 21, ignored: 0, conflicting: 0 });
    assert.deepEqual(await rowHash(copy), await rowHash(path));
    assert.deepEqual(await importRuns(copy, `${folder}/out`), { inserted: 0, ignored: 21, conflicting: 0 });
    assert.deepEqual((await runSql(copy, "SELECT logprobs FROM turn WHERE turn = 1 AND run_id = 'b'")).rows, [
      [[-0.25, "NaN"]],
    ]);
    // Equal rows give equal files.
    const again = await exportRuns(copy, `${folder}/again`);
    const volatile = ["run", "unit", "rollout", "machine"];
    for (const table of TABLE_NAMES.filter((name) => name !== "meta" && !volatile.includes(name))) {
      assert.deepEqual(again.tables[table], manifest.tables[table], table);
    }
    await assert.rejects(exportRuns(path, `${folder}/out`), /holds an export already/);
    await assert.rejects(exportRuns(path, `${folder}/x`, { runIds: ["c"] }), UnknownRunError);
    await exportRuns(path, `${folder}/one`, { runIds: ["it's"] });
    const single = `${folder}/single.duckdb`;
    await importRuns(single, `${folder}/one`);
    assert.deepEqual(await rowHash(single), await rowHash(path, { runIds: ["it's"] }));
  });
});

Deno.test("importRuns() keeps what is there and counts what differs", async () => {
  await inFolder(async (folder) => {
    const [path, copy] = [`${folder}/r.duckdb`, `${folder}/copy.duckdb`];
    await makeRecord(path, ["a"]);
    await exportRuns(path, `${folder}/out`);
    const recorder = await Recorder.open(copy);
    recorder.insert("advantage", [{ ...identity({ run_id: "a" }), reward: 7, baseline: 0.5, advantage: 0.5 }]);
    await recorder.flush();
    await recorder.close();
    const { ignored, conflicting } = await importRuns(copy, `${folder}/out`);
    assert.deepEqual({ ignored, conflicting }, { ignored: 1, conflicting: 1 });
    assert.deepEqual((await runSql(copy, "SELECT reward FROM advantage")).rows, [[7]]);
  });
});

Deno.test("importRuns() refuses damaged, foreign and newer exports, and writes nothing", async () => {
  await inFolder(async (folder) => {
    const [path, copy, out] = [`${folder}/r.duckdb`, `${folder}/copy.duckdb`, `${folder}/out`];
    await makeRecord(path, ["a"]);
    await exportRuns(path, out);
    await makeRecord(copy, []);
    const before = await rowHash(copy);
    const manifest = await Deno.readTextFile(`${out}/${MANIFEST_FILE}`);
    const turns = await Deno.readFile(`${out}/turn.parquet`);
    await Deno.writeFile(`${out}/turn.parquet`, turns.subarray(0, turns.length - 9));
    await assert.rejects(importRuns(copy, out), RecordCorruptError);
    await Deno.remove(`${out}/turn.parquet`);
    await assert.rejects(importRuns(copy, out), RecordCorruptError);
    await Deno.writeFile(`${out}/turn.parquet`, turns);
    const write = (text: string) => Deno.writeTextFile(`${out}/${MANIFEST_FILE}`, text);
    await write(manifest.replace(`"schemaVersion": ${SCHEMA_VERSION}`, '"schemaVersion": 999'));
    await assert.rejects(importRuns(copy, out), (error) => {
      assert.ok(error instanceof RecordVersionError && error.message.includes("999"));
      return true;
    });
    await write(manifest.replace('"turn.parquet"', '"../turn.parquet"'));
    await assert.rejects(importRuns(copy, out), RecordCorruptError);
    await write(manifest.slice(0, 50));
    await assert.rejects(importRuns(copy, out), RecordCorruptError);
    await assert.rejects(importRuns(copy, folder), RecordOpenError);
    assert.deepEqual(await rowHash(copy), before);
    await write(manifest);
    await importRuns(copy, out);
    assert.deepEqual(await rowHash(copy), await rowHash(path));
  });
});

Deno.test("parseRolloutId() inverts formatRolloutId() and refuses other texts", () => {
  const word = fc.stringMatching(/^[a-z0-9-]{1,8}$/);
  const id = fc.record({
    run: word,
    phase: fc.oneof(word, fc.tuple(word, word).map((parts) => parts.join("/"))),
    step: fc.nat(),
    grp: fc.nat(),
    sample: fc.nat(),
    position: fc.nat(),
  });
  fc.assert(fc.property(id, (value) => assert.deepEqual(parseRolloutId(formatRolloutId(value)), { ...value })));
  for (const text of ["", "r", "r/1/2/3/4", "r/rl/1/2/3", "r/rl/1/2/3/x", "r/rl/1/2/-3/1", "/rl/1/2/3/1"]) {
    assert.throws(() => parseRolloutId(text), RolloutIdError, text);
  }
});

Deno.test("rolloutTranscript() gives roles, masks, rewards, skills and verdicts of one rollout", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    await makeRecord(path, ["a", "b"]);
    const transcript = await rolloutTranscript(path, "a/rl/0/0/0/1");
    assert.deepEqual(
      transcript.segments.map(({ role, turn, start, end, loss, text }) => [role, turn, start, end, loss, text]),
      [
        ["prompt", 0, 0, 2, false, "Add 2 and 3"],
        ["policy", 0, 2, 3, true, "search()"],
        ["observation", 1, 3, 4, false, "5 mails"],
        ["policy", 1, 4, 6, true, "done()"],
      ],
    );
    assert.deepEqual(transcript.advantage, { reward: 1, baseline: 0.5, advantage: 0.5 });
    const text = formatTranscript(transcript);
    for (
      const part of [
        "Rollout a/rl/0/0/0/1",
        "prompt · turn 0 · ids 0 to 2 (2) · no loss",
        "policy · turn 0 · ids 2 to 3 (1) · loss, log-probability -0.5 nats",
        'mail.search({"q":"a"}) → 200',
        "Reward: outcome 1",
        "exact/1 v1: correct",
        "invoked f v1, ids 2 to 3",
      ]
    ) assert.ok(text.includes(part), `${part} in:\n${text}`);
    const decoded = await rolloutTranscript(path, "a/rl/0/0/0/1", { decode: (ids) => ids.join("+") });
    assert.deepEqual(decoded.segments.map((segment) => segment.text), ["1+2", "3", "4", "5+6"]);
    await assert.rejects(rolloutTranscript(path, "a/rl/9/0/0/1"), QueryError);
  });
});

Deno.test("runSql() reads several records together", async () => {
  await inFolder(async (folder) => {
    const [one, two] = [`${folder}/one.duckdb`, `${folder}/it's two.duckdb`];
    await makeRecord(one, ["a"]);
    await makeRecord(two, ["b", "c"]);
    const attach = { two };
    const sql = "SELECT run_id FROM run UNION ALL SELECT run_id FROM two.run ORDER BY ALL";
    assert.deepEqual((await runSql(one, sql, { attach })).rows, [["a"], ["b"], ["c"]]);
    // A view of an attached record reads that record's tables.
    const { rows } = await runSql(
      one,
      "SELECT (SELECT sum(rollouts) FROM learning_curve), (SELECT sum(rollouts) FROM two.learning_curve)",
      { attach },
    );
    assert.deepEqual(rows, [[1, 2]]);
    await assert.rejects(runSql(one, "DELETE FROM two.run", { attach }), ReadOnlyError);
    await assert.rejects(runSql(one, `SELECT * FROM read_text('${folder}/x')`, { attach }), QueryError);
    await assert.rejects(runSql(one, "SELECT 1", { attach: { main: two } }), /Cannot attach/);
    await assert.rejects(runSql(one, "SELECT 1", { attach: { again: one } }), /there as record already/);
    const recorder = await Recorder.open(two);
    await assert.rejects(runSql(one, sql, { attach }), (error) => {
      assert.ok(error instanceof RecordLockedError && /this process writes.*by itself/.test(error.message));
      return true;
    });
    await assert.rejects(exportRuns(two, `${folder}/out`), (error) => {
      assert.ok(error instanceof RecordLockedError && /Cannot export.*with SQL/.test(error.message), String(error));
      return true;
    });
    await recorder.close();
    assert.equal((await runSql(one, sql, { attach })).rows.length, 3);
  });
});

Deno.test("nextVerdictVersion() starts at 2, above what was given when the rollout was played", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    await makeRecord(path, ["a", "b"]);
    const recorder = await Recorder.open(path);
    assert.equal(await nextVerdictVersion(recorder, "a"), 2);
    assert.equal(await nextVerdictVersion(recorder, "unknown"), 2);
    recorder.insert("verdict", [
      { ...identity({ run_id: "a" }), grader: "exact/2", version: 2, verdict: "error", detail: "", versions: {} },
    ]);
    await recorder.flush();
    assert.equal(await nextVerdictVersion(recorder, "a"), 3);
    await recorder.close();
    assert.equal(await nextVerdictVersion(path, "a"), 3);
    assert.equal(await nextVerdictVersion(path, "b"), 2);
  });
});
