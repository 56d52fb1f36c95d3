import assert from "node:assert/strict";
import { openDevice } from "../../agents/model/device.ts";
import { loadHfModel, openHfFolder } from "../../agents/model/hf_folder.ts";
import type { AdapterSpec } from "../../agents/model/adapter.ts";
import { runSql } from "../../data/sql.ts";
import { evaluate } from "../../eval/evaluate.ts";
import { exportModel } from "../../eval/model_export.ts";
import { Progress } from "../../eval/progress.ts";
import { train, type TrainOptions } from "../../eval/train.ts";
import { trainedSource } from "../../eval/train_checkpoint.ts";
import { databasePath } from "../../eval/training_bench.ts";
import { openTrainedRun, StartCheckpointError, textOfRun } from "../../eval/trained_run.ts";
import { createEnvironment as createParity } from "../fixtures/parity_environment.ts";
import { writeCheckpoint } from "./_checkpoint.ts";
import { columnOf, hashOf, never, rowsOf, silent, withFolder } from "./_workbench.ts";

const LORA: AdapterSpec = { rank: 2, alpha: 4, targets: ["query", "value"] };

async function withCheckpoint(use: (folder: string, options: TrainOptions) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    await writeCheckpoint(`${folder}/base`);
    const config = `${folder}/whet.json`;
    const module = new URL("../fixtures/parity_environment.ts", import.meta.url).href;
    await Deno.writeTextFile(config, JSON.stringify({ environments: { parity: { module } } }));
    await use(folder, {
      recipe: "grpo",
      environment: "parity",
      config,
      policy: `${folder}/base`,
      checkpoint: {},
      scale: "ci",
      seeds: 1,
      seed: 1,
      worldSeed: 1,
      device: "cpu",
      workspace: `${folder}/work`,
      signal: never,
      progress: silent(),
    });
  });
}

function sources(workspace: string) {
  return { workspace, query: (sql: string) => runSql(databasePath(workspace), sql) };
}

Deno.test("train() from a checkpoint evaluates it, trains all weights, and the run is a policy and can be exported", async () => {
  await withCheckpoint(async (folder, options) => {
    const { workspace } = options;
    const { text } = await train(options);
    assert.match(text, /checkpoint/);
    assert.match(text, /GRPO/);
    const runs = await rowsOf(
      workspace,
      "SELECT arm, recipe, parent_run_id, config ->> '$.train.promptStyle' FROM run ORDER BY arm",
    );
    assert.deepEqual(runs, [["GRPO", "grpo", null, "instruct"], ["checkpoint", "frozen", null, null]]);
    const before = await hashOf(workspace);
    assert.equal((await train(options)).text, text);
    assert.deepEqual(await hashOf(workspace), before);
    const [prompt] = await columnOf(
      workspace,
      "SELECT context_ids FROM turn JOIN run USING (run_id) WHERE recipe = 'grpo' LIMIT 1",
    );
    const [run = ""] = await columnOf(workspace, "SELECT run_id FROM run WHERE recipe = 'grpo'") as string[];
    const tokenizer = await textOfRun(run, sources(workspace));
    assert.match(tokenizer?.decode(prompt as number[]) ?? "", /boxed/);
    const report = await evaluate({
      makeEnvironment: () => Promise.resolve(createParity({ seed: 1 })),
      worldSeed: 1,
      policy: run,
      samples: 1,
      temperature: 1,
      maxTurnTokens: 8,
      maxTurns: 1,
      limit: 2,
      seed: 1,
      device: "cpu",
      workspace,
      signal: never,
      progress: silent(),
    });
    // The run's own evaluation, played again by the run as a policy.
    const played = (id: string) =>
      rowsOf(
        workspace,
        `SELECT task_id, sample, turn, generated_ids, logprobs FROM turn JOIN rollout USING (run_id, phase, step, grp, sample, position) WHERE run_id = '${id}' AND starts_with(phase, 'eval/') ORDER BY ALL`,
      );
    assert.deepEqual(await played(report.run), await played(run));
    const device = await openDevice("cpu");
    const out = `${folder}/tuned`;
    await exportModel(run, device, () => Promise.resolve(sources(workspace)), { out });
    const trained = await openTrainedRun(run, device, sources(workspace));
    assert.ok(trained);
    assert.deepEqual(await (await loadHfModel(device, await openHfFolder(out))).values(), await trained.model.values());
  });
});

Deno.test("train() of an adapter keeps the weights under it, after a warm start too, and refuses another content", async () => {
  await withCheckpoint(async (folder, options) => {
    const { workspace } = options;
    // A penalty needs the frozen weights as well.
    const changes = { loss: "grpo", lossOptions: { kl: { estimator: "k3", coefficient: 0.1 } } } as const;
    await train({
      ...options,
      checkpoint: { lora: LORA, sft: true, promptStyle: "compact", learningRate: 1e-3 },
      changes,
    });
    const runs = await rowsOf(workspace, "SELECT arm, parent_run_id IS NULL FROM run ORDER BY arm");
    assert.deepEqual(runs, [["GRPO", false], ["SFT", true], ["checkpoint", true]]);
    const [run = ""] = await columnOf(workspace, "SELECT run_id FROM run WHERE recipe = 'grpo'") as string[];
    const device = await openDevice("cpu");
    const trained = await openTrainedRun(run, device, sources(workspace));
    const base = await loadHfModel(device, await openHfFolder(`${folder}/base`));
    assert.deepEqual(await trained?.model.values(), await base.values());
    assert.deepEqual(trained?.model.adapter?.spec, LORA);
    const up = [...await trained?.model.trainableValues() ?? []].filter(([name]) => name.endsWith("lora_b"));
    assert.ok(up.every(([, values]) => values.some((value) => value !== 0)));
    const exported = await exportModel(run, device, () => Promise.resolve(sources(workspace)), {
      out: `${folder}/adapter`,
    });
    assert.equal(exported.form, "adapter");
    const merged = { out: `${folder}/merged`, merge: true };
    const none = () => Promise.reject(new Error("no run"));
    await exportModel(`${folder}/base+${folder}/adapter`, device, none, merged);
    const whole = await loadHfModel(device, await openHfFolder(merged.out));
    const expected = await (await trained?.model.mergeAdapter())?.values();
    for (const [name, values] of await whole.values()) {
      values.forEach((value, i) => assert.ok(Math.abs(value - (expected?.get(name)?.[i] ?? NaN)) < 1e-6, name));
    }
    await Deno.writeTextFile(`${folder}/base/chat_template.jinja`, "{{ messages[0].content }}");
    await assert.rejects(openTrainedRun(run, device, sources(workspace)), StartCheckpointError);
  });
});

Deno.test("train() from a checkpoint ends in the same rows when it is stopped in the middle and started again", async () => {
  await withCheckpoint(async (folder, options) => {
    const checkpoint = { lora: LORA, sft: true, learningRate: 1e-3 };
    await train({ ...options, checkpoint });
    const stop = new AbortController();
    let phases = 0;
    const progress = new Progress({ mode: "silent", write: () => {} });
    const phase = progress.phase.bind(progress);
    progress.phase = (name, unit) => {
      // Evaluation of the checkpoint, demonstrations, warm start, its evaluation, GRPO.
      if (++phases === 5) stop.abort(new Error("enough"));
      return phase(name, unit);
    };
    const workspace = `${folder}/again`;
    await assert.rejects(train({ ...options, checkpoint, workspace, signal: stop.signal, progress }), /enough/);
    await train({ ...options, checkpoint, workspace });
    assert.deepEqual(await hashOf(workspace), await hashOf(options.workspace));
  });
});

Deno.test("trainedSource() takes the embedded model and checkpoints, and says why it takes nothing else", () => {
  assert.equal(trainedSource(undefined), undefined);
  assert.equal(trainedSource("nano"), undefined);
  assert.throws(() => trainedSource("openai:http://127.0.0.1:1#m"), /kind server$/);
  assert.throws(() => trainedSource("grpo-1-s1"), /export a run first/);
});
