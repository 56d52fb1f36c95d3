/**
 * Whetstone as a library: environments, agents, policies, recipes, the record and its statistics.
 *
 * Contract: re-exports only. What is exported here is public and documented; everything else may change.
 *
 * @example Play one task with a script
 * ```ts
 * import { createEnvironment, oracleActions } from "whetstone/mod.ts";
 * import assert from "node:assert/strict";
 *
 * const environment = await createEnvironment("apps", { seed: 1 });
 * const [task] = environment.tasks("train");
 * assert.ok(task);
 * const episode = await environment.open(task);
 * const solution = episode.solution();
 * assert.ok(solution);
 * for (const action of oracleActions(solution)) await episode.step(action);
 * assert.equal((await episode.evaluate()).score, 1);
 * episode.close();
 * ```
 *
 * @module
 */
export * from "./data/canonical.ts";
export * from "./data/format_result.ts";
export * from "./data/keyed_random.ts";
export * from "./data/live.ts";
export * from "./data/read_only_query.ts";
export * from "./data/record_errors.ts";
export * from "./data/recorder.ts";
export * from "./data/render_schema.ts";
export * from "./data/row_hash.ts";
export * from "./data/schema.ts";
export * from "./data/sql.ts";
export * from "./envs/apps/environment.ts";
export * from "./envs/conformance.ts";
export * from "./envs/contract.ts";
export * from "./envs/registry.ts";
export * from "./agents/agent.ts";
export * from "./agents/chat_format.ts";
export * from "./agents/code_block.ts";
export * from "./agents/demonstration.ts";
export * from "./agents/model/config.ts";
export * from "./agents/model/device.ts";
export * from "./agents/model/local_policy.ts";
export * from "./agents/model/model.ts";
export * from "./agents/model/tokenizer.ts";
export * from "./agents/policy.ts";
export * from "./agents/rollout.ts";
export * from "./agents/scripted_policy.ts";
export * from "./agents/skills/calls.ts";
export * from "./agents/skills/extract.ts";
export * from "./agents/skills/library.ts";
export * from "./agents/skills/retrieve.ts";
export * from "./train/checkpoints.ts";
export * from "./train/config.ts";
export * from "./train/example.ts";
export * from "./train/group_advantage.ts";
export * from "./train/onnx_trainer.ts";
export * from "./train/recipes/chain_grpo.ts";
export * from "./train/recipes/sft.ts";
export * from "./train/rewards.ts";
export * from "./train/run_log.ts";
export * from "./eval/bootstrap.ts";
export * from "./eval/evaluate_policy.ts";
export * from "./eval/metrics.ts";
export * from "./eval/progress.ts";
export * from "./eval/recorded_run.ts";
export * from "./eval/reproduce.ts";
export * from "./eval/training_bench.ts";
export * from "./eval/sage_report.ts";
export * from "./eval/sage_table.ts";
export * from "./eval/scales.ts";
