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
export * from "./data/dataset_reader.ts";
export * from "./data/export_runs.ts";
export * from "./data/format_result.ts";
export * from "./data/keyed_random.ts";
export * from "./data/live.ts";
export * from "./data/parse_input.ts";
export * from "./data/read_only_query.ts";
export * from "./data/record_errors.ts";
export * from "./data/recorder.ts";
export * from "./data/render_schema.ts";
export * from "./data/rollout_transcript.ts";
export * from "./data/row_hash.ts";
export * from "./data/runs.ts";
export * from "./data/schema.ts";
export * from "./data/sql.ts";
export * from "./data/verdict_version.ts";
export * from "./envs/apps/environment.ts";
export { type Apis } from "./envs/apps/scenario.ts";
export * from "./envs/apps/api_format_names.ts";
export * from "./envs/apps/api_formats.ts";
export * from "./envs/apps/gates/check_benchmark.ts";
export { CATALOGUE } from "./envs/apps/catalogue.ts";
export { bench, type BenchDraw, type BenchFamily } from "./envs/apps/scenarios/bench/_program.ts";
export * from "./envs/sandbox/open_sandbox.ts";
export * from "./envs/sandbox/sandbox.ts";
export * from "./envs/compose/environment.ts";
export * from "./envs/conformance.ts";
export * from "./envs/contract.ts";
// Not its DEFAULT_MAX_STEPS: the one of apps goes by that name.
export {
  ActionError,
  type CheckedDefinition,
  defineEnvironment,
  type DefinitionBase,
  DefinitionError,
  ENVIRONMENT_ID,
  type Grade,
  type Grading,
  type Play,
  type PlayedDefinition,
  type Reply,
  type Requirement,
  type TaskDefinition,
} from "./envs/define_environment.ts";
export * from "./envs/math/datasets/read_problems.ts";
export * from "./envs/math/datasets/registry.ts";
export * from "./envs/math/environment.ts";
export * from "./envs/math/families/family.ts";
export * from "./envs/math/families/methods.ts";
export * from "./envs/math/families/mod.ts";
export * from "./envs/math/grader/audit.ts";
export * from "./envs/math/grader/extract.ts";
export * from "./envs/math/grader/minerva.ts";
export * from "./envs/math/grader/verify.ts";
export * from "./envs/math/problem.ts";
export * from "./envs/math/problem_sets.ts";
export * from "./envs/registry.ts";
export * from "./envs/scaffold.ts";
export * from "./agents/agent.ts";
export * from "./agents/arise_demonstration.ts";
export * from "./agents/arise_prompts.ts";
export * from "./agents/chat_format.ts";
export * from "./agents/chat_template.ts";
export * from "./agents/code_block.ts";
export * from "./agents/demonstration.ts";
export * from "./agents/model/adapter.ts";
export * from "./agents/model/checkpoint_layout.ts";
export * from "./agents/model/config.ts";
export * from "./agents/model/device.ts";
export * from "./agents/model/hf_config.ts";
export * from "./agents/model/hf_folder.ts";
export * from "./agents/model/hf_tokenizer.ts";
export * from "./agents/model/hub.ts";
export * from "./agents/model/local_policy.ts";
export * from "./agents/model/model.ts";
export * from "./agents/model/onnx_export.ts";
export * from "./agents/model/peft_folder.ts";
export * from "./agents/model/safetensors.ts";
export * from "./agents/model/tokenizer.ts";
export * from "./agents/model/truncation.ts";
export * from "./agents/policy.ts";
export * from "./agents/rollout.ts";
export * from "./agents/scripted_policy.ts";
export * from "./agents/server_policy.ts";
export * from "./agents/skill_manager.ts";
export * from "./agents/skills/calls.ts";
export * from "./agents/skills/extract.ts";
export * from "./agents/skills/library.ts";
export * from "./agents/skills/retrieve.ts";
export * from "./agents/skills/seed_documents.ts";
export * from "./agents/skills/select_skill.ts";
export * from "./agents/skills/skill_document.ts";
export * from "./agents/skills/tf_idf.ts";
export * from "./agents/skills/two_tier_library.ts";
export * from "./agents/transformers_policy.ts";
export * from "./train/arise_config.ts";
export * from "./train/arise_log.ts";
export * from "./train/arise_rewards.ts";
export * from "./train/checkpoints.ts";
export * from "./train/config.ts";
export * from "./train/example.ts";
export * from "./train/group_advantage.ts";
export * from "./train/losses/loss_table.ts";
export * from "./train/onnx_trainer.ts";
export * from "./train/optimizer/schedule.ts";
export * from "./train/recipes/arise.ts";
export * from "./train/recipes/chain_grpo.ts";
export * from "./train/recipes/sft.ts";
export * from "./train/rewards.ts";
export * from "./train/run_log.ts";
export * from "./train/update_config.ts";
export * from "./eval/ablate.ts";
export * from "./eval/ablation_grid.ts";
export * from "./eval/ablation_report.ts";
export * from "./eval/arise_report.ts";
export * from "./eval/arise_scales.ts";
export * from "./eval/bootstrap.ts";
export * from "./eval/evaluate.ts";
export * from "./eval/evaluate_policy.ts";
export * from "./eval/frozen_library.ts";
export * from "./eval/metrics.ts";
export * from "./eval/pass_report.ts";
export * from "./eval/plan_report.ts";
export * from "./eval/plots/make_plot.ts";
export * from "./eval/policy_source.ts";
export * from "./eval/progress.ts";
export * from "./eval/recorded_run.ts";
export * from "./eval/report.ts";
export * from "./eval/reproduce.ts";
export * from "./eval/reproduce_arise.ts";
export * from "./eval/rescore.ts";
export * from "./eval/sage_report.ts";
export * from "./eval/sage_table.ts";
export * from "./eval/scales.ts";
export * from "./eval/statistics/cluster_mean.ts";
export * from "./eval/statistics/compare_arms.ts";
export * from "./eval/statistics/compare_grid.ts";
export * from "./eval/statistics/interval.ts";
export * from "./eval/statistics/majority_at_k.ts";
export * from "./eval/statistics/mc_nemar.ts";
export * from "./eval/statistics/multiple_testing.ts";
export * from "./eval/statistics/pair_rows.ts";
export * from "./eval/statistics/paired_bootstrap.ts";
export * from "./eval/statistics/pass_at_k.ts";
export * from "./eval/statistics/pilot_variance.ts";
export * from "./eval/statistics/plan_study.ts";
export * from "./eval/statistics/proportion_interval.ts";
export * from "./eval/statistics/sample_metrics.ts";
export * from "./eval/statistics/sign_flip.ts";
export * from "./eval/statistics/wilcoxon.ts";
export * from "./eval/table_model.ts";
export * from "./eval/train.ts";
export * from "./eval/train_report.ts";
export * from "./eval/training_bench.ts";
export * from "./eval/training_scales.ts";
export * from "./eval/verify_stream.ts";
