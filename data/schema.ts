/**
 * The record's tables, declared once: DDL, row types, validators and the schema page all come from here.
 *
 * Contract: every row is keyed by identity. A rollout's identity is (run_id, phase, step, grp, sample, position): `phase` is `sft`,
 * `rl`, `verify` (a rollout with a new skill), `baseline` (one for its quality), `eval/<split>` (the final evaluation), `plain/<split>` (the same without
 * skills) or `curve/<split>` (an evaluation on the way); `step` the update, in `curve/` the number
 * of updates done, 0 in `eval/`; `grp` the task group of the step, in evaluation the scenario; `sample` the chain in its group, in
 * evaluation the run through the split; `position` the place in the chain, from 1.
 * Choices: `grp`, because GROUP is a word of SQL. The loss mask of a turn is not stored but implied: generated ids carry loss,
 * context ids never do.
 *
 * @module
 */
import type { z } from "zod";
import type { RowOf, TableDeclaration } from "./table_declaration.ts";
import { rowValidator } from "./table_declaration.ts";

/** Version of the tables; a file with a higher one is refused, a file with a lower one is migrated. */
export const SCHEMA_VERSION = 5;

/** What can happen to a skill; a row of `skill_event` has one of these kinds. */
export const SKILL_EVENT_KINDS = [
  "proposed",
  "validated",
  "saved",
  "overwritten",
  "retrieved",
  "shown",
  "dropped",
  "invoked",
  "entered",
  "returned",
  "failed",
  "credited",
  "evicted",
  "loaded",
  "deleted",
] as const;

/** What a grader can say of an answer; never folded into fewer. */
export const VERDICT_KINDS = ["correct", "incorrect", "unparsed", "timeout", "error"] as const;

const runId = { type: "VARCHAR", key: true, about: "run: recipe, hash of the configuration, seed" } as const;

const chainIdentity = {
  run_id: runId,
  phase: {
    type: "VARCHAR",
    key: true,
    about: "`sft`, `rl`, `verify`, `baseline`, `eval/<split>`, `plain/<split>` or `curve/<split>`",
  },
  step: { type: "INTEGER", key: true, about: "update that the row belongs to; in `curve/` updates done, in `eval/` 0" },
  grp: { type: "INTEGER", key: true, about: "task group of the step; in evaluation the scenario's index" },
  sample: { type: "INTEGER", key: true, about: "chain in its group; in evaluation the run through the split" },
} as const;

const rolloutIdentity = {
  ...chainIdentity,
  position: { type: "INTEGER", key: true, about: "place in the chain, from 1" },
} as const;

/** Every table, in the order in which the schema page shows them. */
export const TABLES = {
  meta: {
    about: "One fact about the file.",
    example: "SELECT value FROM meta WHERE name = 'schema_version'",
    columns: {
      name: { type: "VARCHAR", key: true, about: "`schema_version`, `views_hash` or `record_id`" },
      value: { type: "VARCHAR", about: "its value" },
    },
  },
  run: {
    about: "One run: a checked configuration and a seed.",
    example: "SELECT arm, count(*) AS seeds FROM run GROUP BY arm ORDER BY arm",
    columns: {
      run_id: runId,
      arm: { type: "VARCHAR", about: "name under which experiments and tables show the configuration" },
      recipe: { type: "VARCHAR", about: "`sft`, `grpo`, `sage`, …" },
      config: { type: "JSON", about: "checked configuration, defaults filled in" },
      config_hash: { type: "VARCHAR", about: "hash of the configuration's canonical JSON" },
      seed: { type: "INTEGER", about: "training seed" },
      parent_run_id: {
        type: "VARCHAR",
        nullable: true,
        about: "run whose weights this one starts from; null: fresh weights",
      },
      environment: { type: "VARCHAR", about: "environment id" },
      environment_hash: { type: "VARCHAR", about: "content hash of everything that tasks and worlds are made from" },
      device: { type: "VARCHAR", about: "execution provider: `webgpu`, `cpu` or `wasm`" },
      versions: { type: "JSON", volatile: true, about: "versions of this program, its libraries and the device" },
      started_at: { type: "TIMESTAMP", volatile: true, about: "when the run was first started, UTC" },
    },
  },
  task: {
    about: "One task of an environment.",
    example: "SELECT split, difficulty, count(*) AS tasks FROM task GROUP BY ALL ORDER BY ALL",
    columns: {
      environment_hash: { type: "VARCHAR", key: true, about: "environment that the task belongs to" },
      task_id: { type: "VARCHAR", key: true, about: "`<scenario>_<variant>`" },
      scenario: { type: "VARCHAR", about: "what its siblings have in common" },
      variant: { type: "INTEGER", about: "1 to 3: the benchmark's siblings; higher: extra instances" },
      split: { type: "VARCHAR", about: "split of the scenario" },
      difficulty: { type: "INTEGER", about: "1 to 3" },
      instruction: { type: "VARCHAR", about: "what the user asks for" },
      labels: {
        type: "JSON",
        about: 'facts to group by, e.g. `{"apps": ["mail"]}` or `{"domain": "algebra"}`; `{}`: none',
      },
      context: {
        type: "VARCHAR",
        nullable: true,
        about: "line put before the instruction; null: the environment has none",
      },
    },
  },
  unit: {
    about: "One finished unit of work; its rows became durable together with it, so it is never done again.",
    example: "SELECT unit, checkpoint FROM unit WHERE run_id = (SELECT min(run_id) FROM run) ORDER BY seq",
    columns: {
      run_id: runId,
      unit: { type: "VARCHAR", key: true, about: "e.g. `sft/3`, `rl/12`, `eval/test_normal`" },
      checkpoint: {
        type: "VARCHAR",
        nullable: true,
        about: "file with the weights at its end; null: the unit changed none",
      },
      seq: { type: "INTEGER", volatile: true, about: "order of commit within the run, from 0" },
      wall_ms: { type: "DOUBLE", nullable: true, volatile: true, about: "duration, ms; null: not measured" },
    },
  },
  checkpoint: {
    about: "One file of weights, with its content hash; `unit.checkpoint` names the file of a unit.",
    example:
      "SELECT run_id, count(*) AS files, sum(bytes) / 1e6 AS megabytes FROM checkpoint GROUP BY run_id ORDER BY run_id",
    columns: {
      run_id: runId,
      unit: { type: "VARCHAR", key: true, about: "unit at whose end it was written" },
      path: { type: "VARCHAR", key: true, about: "file, relative to the folder of checkpoints" },
      sha256: { type: "VARCHAR", about: "SHA-256 of its content, 64 hexadecimal digits" },
      bytes: { type: "DOUBLE", about: "size, bytes" },
    },
  },
  machine: {
    about: "One process that worked on a run: where, and with which packages. Left out of the row hash.",
    example: "SELECT cpu, cores, gpu, count(DISTINCT run_id) AS runs FROM machine GROUP BY ALL ORDER BY runs DESC",
    volatile: true,
    columns: {
      run_id: runId,
      session: { type: "VARCHAR", key: true, about: "start of the process, UTC, ISO 8601" },
      os: { type: "VARCHAR", about: "operating system and its release" },
      arch: { type: "VARCHAR", about: "processor architecture" },
      cpu: { type: "VARCHAR", about: "processor's name" },
      cores: { type: "INTEGER", about: "logical processors" },
      memory_mib: { type: "DOUBLE", about: "main memory, MiB" },
      gpu: { type: "VARCHAR", nullable: true, about: "GPU that was used; null: none" },
      versions: { type: "JSON", about: "versions of this program and its packages" },
    },
  },
  chain: {
    about: "One chain: tasks played in order with one skill library.",
    example: "SELECT length, count(*) AS chains FROM chain GROUP BY length ORDER BY length",
    columns: {
      ...chainIdentity,
      scenario: { type: "VARCHAR", about: "scenario of its tasks" },
      task_ids: { type: "VARCHAR[]", about: "tasks in order of play" },
      length: { type: "INTEGER", about: "number of tasks" },
    },
  },
  rollout: {
    about: "One played episode. A rollout hit by an environment fault is never scored: its verdict is null.",
    example: "SELECT phase, avg(score) AS mean_score FROM rollout GROUP BY phase ORDER BY phase",
    columns: {
      ...rolloutIdentity,
      task_id: { type: "VARCHAR", about: "task" },
      scenario: { type: "VARCHAR", about: "scenario of the task" },
      split: { type: "VARCHAR", about: "split of the task" },
      agent: { type: "VARCHAR", about: "agent that played" },
      finish: { type: "VARCHAR", about: "`finished`, `no_code`, `step_limit`, `context` or `environment_fault`" },
      success: { type: "BOOLEAN", nullable: true, about: "all tests passed; null after an environment fault" },
      score: { type: "DOUBLE", nullable: true, about: "outcome in [0, 1]; null after an environment fault" },
      passed: { type: "INTEGER", nullable: true, about: "tests passed; null after an environment fault" },
      total: { type: "INTEGER", nullable: true, about: "tests; null after an environment fault" },
      no_code: { type: "BOOLEAN", about: "ended by a turn without a code block" },
      steps: { type: "INTEGER", about: "turns" },
      prompt_tokens: { type: "INTEGER", about: "tokens before the first turn" },
      generated_tokens: { type: "INTEGER", about: "tokens sampled, all turns" },
      observation_tokens: { type: "INTEGER", about: "tokens appended between turns" },
      skills_offered: { type: "VARCHAR[]", about: "functions whose source the prompt showed" },
      skills_used: { type: "VARCHAR[]", about: "offered functions that a code block called, in order of first use" },
      skills_defined: { type: "VARCHAR[]", about: "functions that were saved from this rollout" },
      used_skill: { type: "BOOLEAN", about: "at least one offered function was called" },
      smoke_failed: { type: "BOOLEAN", about: "the retrieved functions failed their smoke check and were dropped" },
      tests: {
        type: "JSON",
        nullable: true,
        long: true,
        about: "verdict of each test; null after an environment fault",
      },
      wall_ms: { type: "DOUBLE", nullable: true, volatile: true, about: "duration, ms; null: not measured" },
    },
  },
  verdict: {
    about:
      "What one grader said of one rollout's answer. Scoring again adds rows of a higher version and changes none; `rollout` keeps what was true when it was played.",
    example: "SELECT grader, version, verdict, count(*) AS rollouts FROM verdict GROUP BY ALL ORDER BY ALL",
    columns: {
      ...rolloutIdentity,
      grader: { type: "VARCHAR", key: true, about: "grader and its own version, e.g. `exact/1`" },
      version: {
        type: "INTEGER",
        key: true,
        about: "1: given when the rollout was played; higher: scored again later",
      },
      verdict: {
        type: "VARCHAR",
        values: VERDICT_KINDS,
        about: "`correct`, `incorrect`, `unparsed`, `timeout` or `error`",
      },
      gold: { type: "VARCHAR", nullable: true, about: "reference as the grader read it; null if it could not" },
      answer: { type: "VARCHAR", nullable: true, about: "answer as the grader read it; null: none, or it could not" },
      detail: { type: "VARCHAR", about: "reason, for people" },
      score: { type: "DOUBLE", nullable: true, about: "score in [0, 1] that follows from it; null: none follows" },
      versions: { type: "JSON", volatile: true, about: "versions of the program and its libraries that gave it" },
    },
  },
  environment_fault: {
    about: "One failure of the environment itself, which is counted and never scored.",
    example: "SELECT message, count(*) AS faults FROM environment_fault GROUP BY message ORDER BY faults DESC",
    columns: {
      ...rolloutIdentity,
      task_id: { type: "VARCHAR", about: "task being played" },
      message: { type: "VARCHAR", about: "what failed" },
    },
  },
  turn: {
    about: "One turn. Loss mask: every generated id carries loss, no context id does.",
    example:
      "SELECT finish, count(*) AS turns, avg(len(generated_ids)) AS mean_tokens FROM turn GROUP BY finish ORDER BY turns DESC",
    columns: {
      ...rolloutIdentity,
      turn: { type: "INTEGER", key: true, about: "from 0" },
      context_ids: {
        type: "INTEGER[]",
        packed: true,
        about: "ids put before the turn: the prompt, or the observation of the turn before",
      },
      generated_ids: { type: "INTEGER[]", packed: true, about: "sampled ids, the stop token included, [T]" },
      logprobs: {
        type: "FLOAT[]",
        packed: true,
        about: "log-probability of each generated id under the distribution that it was drawn from, nats, [T]",
      },
      full_logprobs: {
        type: "FLOAT[]",
        packed: true,
        nullable: true,
        about: "the same before truncation (top-k, top-p, min-p), nats, [T]; null: nothing was truncated",
      },
      thresholds: {
        type: "FLOAT[]",
        packed: true,
        nullable: true,
        about:
          "log-probability before truncation below which tokens were dropped, nats, [T]; null: nothing was truncated",
      },
      train_logprobs: {
        type: "FLOAT[]",
        packed: true,
        nullable: true,
        about:
          "the trainer's log-probability of each generated id before its first update, same temperature and truncation, nats, [T]; null: not trained on, or not kept",
      },
      finish: { type: "VARCHAR", about: "`stop`, `length` or `context`" },
      code: { type: "VARCHAR", nullable: true, long: true, about: "code that was run; null: the turn had none" },
      observation: { type: "VARCHAR", long: true, about: "what the environment answered" },
      ok: { type: "BOOLEAN", about: "the code ran without an error" },
    },
  },
  api_call: {
    about: "One API call made by agent code.",
    example:
      "SELECT app, api, count(*) FILTER (status >= 400) AS failed FROM api_call GROUP BY ALL ORDER BY failed DESC LIMIT 10",
    columns: {
      ...rolloutIdentity,
      turn: { type: "INTEGER", key: true, about: "turn that made it" },
      n: { type: "INTEGER", key: true, about: "order within the turn, from 0" },
      app: { type: "VARCHAR", about: "app" },
      api: { type: "VARCHAR", about: "function of the app" },
      args: { type: "JSON", about: "arguments as sent" },
      status: { type: "INTEGER", about: "200, 401, 404, …" },
    },
  },
  skill: {
    about: "One version of one skill in a chain's library.",
    example: "SELECT name, max(version) AS version FROM skill GROUP BY name ORDER BY version DESC LIMIT 10",
    columns: {
      ...chainIdentity,
      name: { type: "VARCHAR", key: true, about: "function or document name" },
      version: { type: "INTEGER", key: true, about: "from 1; a new body is a new version" },
      kind: { type: "VARCHAR", about: "`function` or `document`" },
      source: { type: "VARCHAR", long: true, about: "its text" },
      task_id: { type: "VARCHAR", about: "task that it was saved from" },
      scenario: { type: "VARCHAR", about: "scenario of that task" },
      position: { type: "INTEGER", about: "place in the chain that it was saved from" },
      turn: { type: "INTEGER", about: "turn that defined it" },
    },
  },
  selection: {
    about: "One candidate of one choice among skills: by a retriever before the prompt, or by a manager policy.",
    example:
      "SELECT selector, chosen, count(*) AS candidates, avg(score) AS mean_score FROM selection GROUP BY ALL ORDER BY ALL",
    columns: {
      ...rolloutIdentity,
      turn: { type: "INTEGER", key: true, about: "turn that it was made for; -1: before the prompt" },
      selector: { type: "VARCHAR", key: true, about: "what chose: id of the retriever, or `manager`" },
      rank: { type: "INTEGER", key: true, about: "place of the candidate, best first, from 1" },
      name: { type: "VARCHAR", about: "candidate skill" },
      version: { type: "INTEGER", about: "its version" },
      score: { type: "DOUBLE", nullable: true, about: "score in the selector's own unit; null: it gives none" },
      probability: {
        type: "DOUBLE",
        nullable: true,
        about: "chance to be chosen, in [0, 1]; null: not a random choice",
      },
      chosen: { type: "BOOLEAN", about: "whether it was chosen" },
      gated: { type: "BOOLEAN", nullable: true, about: "the confidence gate was closed; null: the selector has none" },
      explored: {
        type: "BOOLEAN",
        nullable: true,
        about: "the choice was uniform; null: the selector does not explore",
      },
      reserved: {
        type: "BOOLEAN",
        nullable: true,
        about: "the rollout was to have no skill whatever the scores; null: the selector reserves none",
      },
    },
  },
  conclusion: {
    about:
      "One attempt of a policy to conclude a skill from a group of its rollouts, with the verification that followed.",
    example:
      "SELECT refused, fallback, level, count(*) AS conclusions FROM conclusion GROUP BY ALL ORDER BY conclusions DESC",
    columns: {
      run_id: runId,
      step: { type: "INTEGER", key: true, about: "update that it belongs to" },
      grp: { type: "INTEGER", key: true, about: "task group of the step" },
      task_id: { type: "VARCHAR", about: "task of the group" },
      traces: { type: "VARCHAR", values: ["successes", "reference"], about: "where its traces come from" },
      prompt: { type: "VARCHAR", long: true, about: "what the policy was shown" },
      prompt_ids: { type: "INTEGER[]", packed: true, about: "its ids, [P]" },
      output: { type: "VARCHAR", long: true, about: "what the policy wrote, verbatim" },
      output_ids: { type: "INTEGER[]", packed: true, about: "its ids, [T]" },
      refused: {
        type: "VARCHAR",
        nullable: true,
        about: "stage that refused the output: `extract`, `parse`, `fields` or `cap`; null: it gave a document",
      },
      reason: { type: "VARCHAR", about: "why it was refused; empty: it was not" },
      fallback: { type: "BOOLEAN", about: "the document was made from a trace instead" },
      name: { type: "VARCHAR", nullable: true, about: "name of the document; null: there is none" },
      document: { type: "JSON", nullable: true, about: "the document; null: there is none" },
      unaided_right: {
        type: "BOOLEAN",
        nullable: true,
        about: "a rollout without a skill was right; null: there was none",
      },
      verified_right: {
        type: "BOOLEAN",
        nullable: true,
        about: "the rollout with the document was right; null: it was not played",
      },
      level: { type: "VARCHAR", nullable: true, about: "`R1` to `R4`; null: cannot be told" },
      quality: { type: "DOUBLE", nullable: true, about: "R_s, its first utility; null: cannot be told" },
    },
  },
  library_change: {
    about: "One thing that maintenance did to a library of documents.",
    example: "SELECT operation, count(*) AS changes FROM library_change GROUP BY operation ORDER BY changes DESC",
    columns: {
      run_id: runId,
      step: { type: "INTEGER", key: true, about: "update that it belongs to" },
      seq: { type: "INTEGER", key: true, about: "order within the step, from 0" },
      grp: { type: "INTEGER", about: "task group that it was done for; -1: the whole step" },
      operation: {
        type: "VARCHAR",
        values: ["update", "add", "reject", "evict", "load", "unload", "delete"],
        about:
          "`update`, `add`, `reject` (an add that was refused), `evict`, `load`, `unload` (made room for a load), `delete`",
      },
      name: { type: "VARCHAR", about: "skill" },
      version: { type: "INTEGER", about: "its version" },
      tier: { type: "VARCHAR", nullable: true, about: "`cache` or `reservoir` afterwards; null: in neither" },
      utility_before: { type: "DOUBLE", nullable: true, about: "utility before; null: there was none" },
      utility_after: { type: "DOUBLE", nullable: true, about: "utility afterwards; null: there is none" },
      detail: { type: "VARCHAR", about: "reason, for people" },
    },
  },
  library_state: {
    about: "A library of documents after a step.",
    example: "SELECT step, cache_size, reservoir_size, cache_utility FROM library_state ORDER BY step",
    columns: {
      run_id: runId,
      step: { type: "INTEGER", key: true, about: "update that it belongs to" },
      cache_size: { type: "INTEGER", about: "documents that can be chosen" },
      reservoir_size: { type: "INTEGER", about: "documents behind them" },
      cache_utility: { type: "DOUBLE", about: "mean utility of the cache, in units of reward" },
    },
  },
  component_tokens: {
    about: "Tokens of one part of a step: solving, selecting, concluding, verifying.",
    example:
      "SELECT component, sum(prompt_tokens) AS read, sum(generated_tokens) AS written FROM component_tokens GROUP BY component ORDER BY written DESC",
    columns: {
      run_id: runId,
      step: { type: "INTEGER", key: true, about: "update that it belongs to" },
      component: { type: "VARCHAR", key: true, about: "`solve`, `select`, `conclude`, `verify` or `baseline`" },
      sequences: { type: "INTEGER", about: "sequences" },
      prompt_tokens: { type: "INTEGER", about: "tokens read" },
      generated_tokens: { type: "INTEGER", about: "tokens written, or scored where it selects" },
    },
  },
  skill_event: {
    about:
      "One thing that happened to a skill, with the rollout, turn and, where there is one, the token span that caused it.",
    example: "SELECT kind, count(*) AS events FROM skill_event GROUP BY kind ORDER BY events DESC",
    columns: {
      ...rolloutIdentity,
      seq: { type: "INTEGER", key: true, about: "order within the rollout, from 0" },
      turn: { type: "INTEGER", about: "turn; -1: before the first or after the last" },
      kind: {
        type: "VARCHAR",
        values: SKILL_EVENT_KINDS,
        about:
          "`proposed`, `validated`, `saved`, `overwritten`; `loaded`, `retrieved`, `shown`, `dropped` (not shown after all); `invoked` " +
          "(called in the text of the code), `entered`, `returned`, `failed` (really run); `credited`, `evicted`, `deleted`",
      },
      name: { type: "VARCHAR", about: "skill" },
      version: { type: "INTEGER", about: "version; 0: none yet" },
      detail: { type: "VARCHAR", about: "reason or figure, for people" },
      token_start: {
        type: "INTEGER",
        nullable: true,
        about: "first of the rollout's ids (prompt included, from 0) that it comes from; null: no span",
      },
      token_end: { type: "INTEGER", nullable: true, about: "id after the last; null: no span" },
    },
  },
  reward_term: {
    about: "One term of a rollout's reward, before it is summed.",
    example: "SELECT term, avg(value) AS mean FROM reward_term GROUP BY term ORDER BY term",
    columns: {
      ...rolloutIdentity,
      term: { type: "VARCHAR", key: true, about: "name of the term" },
      value: { type: "DOUBLE", about: "its contribution, in units of reward" },
    },
  },
  advantage: {
    about: "Credit of one rollout within its group.",
    example: "SELECT step, stddev_pop(advantage) AS spread FROM advantage GROUP BY step ORDER BY step",
    columns: {
      ...rolloutIdentity,
      reward: { type: "DOUBLE", about: "total reward" },
      baseline: { type: "DOUBLE", about: "what was subtracted, in units of reward" },
      advantage: { type: "DOUBLE", about: "coefficient of the rollout's tokens" },
    },
  },
  update_step: {
    about:
      "One update of the weights. The trainer's figures are null when no token had an advantage and no update was made.",
    example: "SELECT step, loss / weight_sum AS mean_loss, kl_k3 FROM update_step WHERE phase = 'rl' ORDER BY step",
    columns: {
      run_id: runId,
      phase: chainIdentity.phase,
      step: { type: "INTEGER", key: true, about: "update, from 0" },
      loss: {
        type: "DOUBLE",
        nullable: true,
        about: "weighted loss, summed over tokens, weights divided by the denominator; null: no update",
      },
      weight_sum: {
        type: "DOUBLE",
        nullable: true,
        about: "sum of the weights, divided by the denominator; null: no update",
      },
      numerator: { type: "DOUBLE", nullable: true, about: "loss before division; null: no update or not measured" },
      denominator: {
        type: "DOUBLE",
        nullable: true,
        about:
          "what the loss was divided by; 1: the weights carry the whole normalisation; null: no update or not measured",
      },
      loss_tokens: { type: "INTEGER", nullable: true, about: "tokens with a weight; null: no update" },
      tokens: { type: "INTEGER", nullable: true, about: "tokens run through the model; null: no update" },
      grad_norm: { type: "DOUBLE", nullable: true, about: "global norm before clipping; null: no update" },
      clip_share: {
        type: "DOUBLE",
        nullable: true,
        about: "share of loss tokens whose ratio was clipped; null: no update",
      },
      kl_k1: { type: "DOUBLE", nullable: true, about: "k1 estimate of KL(old, new), nats; null: no update" },
      kl_k2: {
        type: "DOUBLE",
        nullable: true,
        about: "k2 estimate of KL(old, new), nats; null: no update or not measured",
      },
      kl_k3: { type: "DOUBLE", nullable: true, about: "k3 estimate of KL(old, new), nats; null: no update" },
      max_ratio_error: { type: "DOUBLE", nullable: true, about: "largest distance of a ratio from 1; null: no update" },
      ess: {
        type: "DOUBLE",
        nullable: true,
        about:
          "effective sample size of the importance ratios w, (sum w)^2 / sum w^2, in loss tokens; null: not measured or no update",
      },
      entropy: {
        type: "DOUBLE",
        nullable: true,
        about: "mean entropy at loss tokens after temperature and truncation, nats; null: no update or not measured",
      },
      reference_kl: {
        type: "DOUBLE",
        nullable: true,
        about: "mean KL estimate against the reference, before its coefficient, nats; null: no penalty or no update",
      },
      temperature: {
        type: "DOUBLE",
        nullable: true,
        about: "temperature of the log-probabilities that were trained; null: no update or not measured",
      },
      learning_rate: { type: "DOUBLE", about: "learning rate" },
      mean_reward: { type: "DOUBLE", nullable: true, about: "mean total reward over rollouts; null: none" },
      success_rate: { type: "DOUBLE", nullable: true, about: "share of rollouts with full score; null: none" },
      groups: { type: "INTEGER", nullable: true, about: "groups (task group and position) in the step; null: none" },
      zero_variance_groups: {
        type: "INTEGER",
        nullable: true,
        about: "groups of equal rewards, which give no gradient; null: none",
      },
      draw_rounds: {
        type: "INTEGER",
        nullable: true,
        about: "rounds of dynamic sampling, the first included; null: without it",
      },
      groups_drawn: {
        type: "INTEGER",
        nullable: true,
        about: "task groups drawn by dynamic sampling in all rounds; null: without it",
      },
      groups_kept: {
        type: "INTEGER",
        nullable: true,
        about: "task groups that dynamic sampling kept to train on; null: without it",
      },
      wall_ms: { type: "DOUBLE", nullable: true, volatile: true, about: "duration, ms; null: not measured" },
    },
  },
  update_part: {
    about:
      "One of several updates of a step, where mini-batches or epochs make it more than one; `update_step` holds their figures combined.",
    example:
      "SELECT epoch, mini_batch, avg(clip_share) AS clip_share, max(max_ratio_error) AS off_policy FROM update_part GROUP BY ALL ORDER BY ALL",
    columns: {
      run_id: runId,
      phase: chainIdentity.phase,
      step: { type: "INTEGER", key: true, about: "step that it is part of" },
      epoch: { type: "INTEGER", key: true, about: "which time through the step's rollouts, from 0" },
      mini_batch: { type: "INTEGER", key: true, about: "mini-batch of that time, from 0" },
      loss: { type: "DOUBLE", about: "weighted loss, summed over tokens, weights divided by the denominator" },
      numerator: { type: "DOUBLE", about: "loss before division" },
      denominator: { type: "DOUBLE", about: "what the loss was divided by" },
      loss_tokens: { type: "INTEGER", about: "tokens with a weight" },
      tokens: { type: "INTEGER", about: "tokens run through the model" },
      grad_norm: { type: "DOUBLE", about: "global norm before clipping" },
      clip_share: { type: "DOUBLE", about: "share of loss tokens whose ratio was clipped" },
      kl_k1: { type: "DOUBLE", about: "k1 estimate of KL(old, new), nats" },
      kl_k2: { type: "DOUBLE", about: "k2 estimate of KL(old, new), nats" },
      kl_k3: { type: "DOUBLE", about: "k3 estimate of KL(old, new), nats" },
      max_ratio_error: { type: "DOUBLE", about: "largest distance of a ratio from 1" },
      ess: { type: "DOUBLE", about: "effective sample size of the importance ratios, in loss tokens" },
      entropy: {
        type: "DOUBLE",
        nullable: true,
        about: "mean entropy at loss tokens after temperature and truncation, nats; null: not measured",
      },
      reference_kl: {
        type: "DOUBLE",
        nullable: true,
        about: "mean KL estimate against the reference, before its coefficient, nats; null: no penalty",
      },
    },
  },
} as const satisfies Readonly<Record<string, TableDeclaration>>;

/** Name of a table. */
export type TableName = keyof typeof TABLES;

/** Row of a table: a plain object with the table's column names; nullable columns may be left out. */
export type Row<T extends TableName> = RowOf<typeof TABLES[T]>;

/** Names of all tables, in the order of the schema page. */
export const TABLE_NAMES: readonly TableName[] = Object.keys(TABLES) as TableName[];

/** A table's declaration, without its literal types. */
export function declarationOf(table: TableName): TableDeclaration {
  return TABLES[table];
}

const validatorCache = new Map<TableName, z.ZodType>();

/**
 * Validator of a table's rows.
 *
 * @example A misspelt column is refused
 * ```ts
 * import { rowSchema } from "whetstone/data/schema.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(rowSchema("meta").safeParse({ name: "schema_version", value: "1" }).success, true);
 * assert.equal(rowSchema("meta").safeParse({ name: "schema_version", valu: "1" }).success, false);
 * ```
 */
export function rowSchema<T extends TableName>(table: T): z.ZodType<Row<T>> {
  let validator = validatorCache.get(table);
  if (validator === undefined) {
    validator = rowValidator(declarationOf(table));
    validatorCache.set(table, validator);
  }
  return validator as z.ZodType<Row<T>>;
}
