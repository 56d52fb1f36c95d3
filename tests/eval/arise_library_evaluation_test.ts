import assert from "node:assert/strict";
import { SEED_DOCUMENTS } from "../../agents/skills/seed_documents.ts";
import { LibraryStateError } from "../../agents/skills/two_tier_library.ts";
import { createEnvironment } from "../../envs/registry.ts";
import { evaluate, type EvaluateOptions } from "../../eval/evaluate.ts";
import { readLibraryFile } from "../../eval/evaluation_library.ts";
import {
  ConfigError,
  configHash,
  evaluationConfigSchema,
  frozenConfigSchema,
  parseConfig,
} from "../../train/config.ts";
import { ariseDefaults } from "../../train/arise_config.ts";
import { makeArms, parity, SPLITS } from "./_arise_record.ts";
import { writeCheckpoint } from "./_checkpoint.ts";
import { never, rowsOf, silent, withFolder } from "./_workbench.ts";

function options(workspace: string, more: Partial<EvaluateOptions> = {}): EvaluateOptions {
  return {
    makeEnvironment: () => Promise.resolve(parity()),
    worldSeed: 1,
    splits: SPLITS,
    policy: "nano",
    agent: "arise",
    samples: 2,
    temperature: 1,
    maxTurnTokens: 16,
    maxTurns: 1,
    seed: 1,
    device: "cpu",
    workspace,
    signal: never,
    progress: silent(),
    ...more,
  };
}

/** What is recorded of a library in an evaluation's configuration. */
async function recorded(workspace: string, run: string): Promise<Record<string, unknown>> {
  const [[text] = []] = await rowsOf(
    workspace,
    `SELECT CAST(config -> '$.train.library' AS VARCHAR) FROM run WHERE run_id = '${run}'`,
  );
  return JSON.parse(String(text));
}

Deno.test("evaluate() with the agent arise plays with a frozen library", async (t) => {
  await withFolder(async (folder) => {
    const workspace = `${folder}/w`;
    const run = (await makeArms(workspace, ["no gate"])).get("no gate") ?? "";
    const [saved = ""] = [...Deno.readDirSync(`${workspace}/checkpoints/${run}`)].map(({ name }) => name)
      .filter((name) => name.endsWith(".library.json"));
    const own = `${workspace}/checkpoints/${run}/${saved}`;
    const list = `${folder}/list.json`;
    await Deno.writeTextFile(list, JSON.stringify(SEED_DOCUMENTS.slice(0, 2)));
    const mine = await evaluate(options(workspace, { policy: run }));

    await t.step("of a run: its newest library, its settings, recorded with every choice", async () => {
      const [[skills, shown, candidates] = []] = await rowsOf(
        workspace,
        `SELECT count(*) FILTER (used_skill), count(*), (SELECT count(DISTINCT name) FROM selection WHERE run_id = '${mine.run}') ` +
          `FROM rollout WHERE run_id = '${mine.run}'`,
      );
      // The gate of this arm is always open.
      assert.equal(skills, shown);
      assert.equal(candidates, (await readLibraryFile(own)).candidates().length);
      const { manager } = await recorded(workspace, mine.run) as { manager: { delta: number; sigma: number } };
      assert.deepEqual([manager.delta, manager.sigma], [0, 1]);
      const [[parent] = []] = await rowsOf(workspace, `SELECT parent_run_id FROM run WHERE run_id = '${mine.run}'`);
      assert.equal(parent, run);
      assert.deepEqual(mine.tables.at(-1)?.rows[0]?.cells.map(({ value }) => value ?? null), [null, 100, 0, 1]);
    });
    await t.step("the same library by its file is the same evaluation, another one is not", async () => {
      assert.equal((await evaluate(options(workspace, { policy: run, library: own }))).run, mine.run);
      const other = await evaluate(options(workspace, { policy: run, library: list }));
      assert.notEqual(other.run, mine.run);
      assert.notEqual((await recorded(workspace, other.run))["hash"], (await recorded(workspace, mine.run))["hash"]);
    });
    await t.step("the library of a file is not changed by it", async () => {
      assert.equal(await Deno.readTextFile(list), JSON.stringify(SEED_DOCUMENTS.slice(0, 2)));
    });
    await t.step("of a published checkpoint: the library of a file, with the defaults", async () => {
      await writeCheckpoint(`${folder}/hf`);
      const report = await evaluate(options(workspace, { policy: `${folder}/hf`, library: list }));
      const { manager } = await recorded(workspace, report.run) as { manager: { delta: number } };
      assert.equal(manager.delta, ariseDefaults().delta);
      const [[chosen] = []] = await rowsOf(
        workspace,
        `SELECT count(*) FROM selection WHERE run_id = '${report.run}' AND probability IS NOT NULL`,
      );
      assert.equal(chosen, 12 * 2 * 2);
    });
    await t.step("without any library it says what to give", async () => {
      for (const policy of ["nano", `${folder}/hf`, run.replace("arise", "grpo")]) {
        await assert.rejects(evaluate(options(workspace, { policy })), (error) => {
          assert.ok(error instanceof ConfigError);
          assert.match(error.message, /^Cannot evaluate .* with the agent arise: .*give --library FILE/);
          return true;
        });
      }
      await assert.rejects(evaluate(options(workspace, { policy: "reference", library: list })), ConfigError);
    });
  });
});

Deno.test("evaluate() refuses a library for an agent that is shown none", async () => {
  await withFolder(async (folder) => {
    await assert.rejects(evaluate(options(folder, { agent: "solver", library: "x.json" })), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /add --agent arise/);
      return true;
    });
  });
});

Deno.test("readLibraryFile() names the file and the place of what is wrong", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/lib.json`;
    const refused = async (text: string | undefined, rule: RegExp) => {
      if (text === undefined) await Deno.remove(path).catch(() => {});
      else await Deno.writeTextFile(path, text);
      await assert.rejects(readLibraryFile(path), (error) => {
        assert.ok(error instanceof LibraryStateError);
        assert.ok(error.message.includes(path));
        assert.match(error.message, rule);
        return true;
      });
    };
    await refused(undefined, /there is no such file/);
    await refused("{", /must be JSON/);
    await refused("[]", /must hold a document, got none/);
    await refused('{"cache": []}', /cacheCapacity/);
    await refused(JSON.stringify([SEED_DOCUMENTS[0], { ...SEED_DOCUMENTS[1], method: [] }]), /at \[1\]\.method/);
    await refused(JSON.stringify([SEED_DOCUMENTS[0], SEED_DOCUMENTS[0]]), /must be there once/);
    await Deno.writeTextFile(path, JSON.stringify(SEED_DOCUMENTS));
    assert.deepEqual((await readLibraryFile(path)).candidates().map(({ document }) => document), [...SEED_DOCUMENTS]);
  });
});

Deno.test("configHash() of an evaluation without a library is what it was before there were any", async () => {
  const { id, hash } = await createEnvironment("apps", { seed: 1 });
  const base = { environment: { id, seed: 1, hash }, device: "cpu" } as const;
  const frozen = { recipe: "frozen", ...base, policy: "nano", weights: null } as const;
  const train = parseConfig(frozenConfigSchema, frozen, "a test");
  const evaluation = parseConfig(evaluationConfigSchema, { agent: "codeact", temperature: 1 }, "a test");
  // No field was added, so that the text that is hashed is the same.
  assert.deepEqual(train, frozen);
  assert.notEqual(
    configHash({ train: { ...train, library: { hash: "0", manager: ariseDefaults() } }, evaluation }),
    configHash({ train, evaluation }),
  );
});
