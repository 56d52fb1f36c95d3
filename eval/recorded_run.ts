/**
 * The log of one run, written to the record: rollouts, turns, calls, skills, libraries, rewards, advantages and updates as rows.
 *
 * Contract: the one place that knows both what recipes report and which tables hold it. Rows carry the run's id; nothing is durable
 * before {@linkcode RecordedRun.commit}, and then all of it is, together with the unit.
 *
 * @module
 */
import type { Recorder } from "../data/recorder.ts";
import type { Row } from "../data/schema.ts";
import type { Chain, Rollout, RolloutSkillEvent } from "../agents/rollout.ts";
import type { AriseLog, ComponentTokens, Conclusion, LibraryReport } from "../train/arise_log.ts";
import type { CreditedChain, RolloutCredit, UpdateReport } from "../train/run_log.ts";
import { TERM_NAMES } from "../train/rewards.ts";
import { packageVersions } from "./versions.ts";

/** {@linkcode RunLog} of one run, on a {@linkcode Recorder}. */
export class RecordedRun implements AriseLog {
  readonly #recorder: Recorder;
  readonly #now: () => number;
  readonly #versions = packageVersions();
  #since: number;

  /**
   * @param recorder where rows go.
   * @param run id of the run.
   * @param options `now` gives milliseconds for the volatile time columns; results never depend on it.
   */
  constructor(recorder: Recorder, readonly run: string, options: { readonly now?: () => number } = {}) {
    this.#recorder = recorder;
    this.#now = options.now ?? (() => performance.now());
    this.#since = this.#now();
  }

  isDone(unit: string): boolean {
    return this.#recorder.hasUnit(this.run, unit);
  }

  chains(chains: readonly CreditedChain[]): void {
    for (const { chain, credits } of chains) {
      this.#chain(chain);
      chain.rollouts.forEach((rollout, k) => {
        const credit = credits[k];
        this.#rollout(rollout, creditedSkills(chain, credits, k), credit?.trainLogprobs);
        if (credit === undefined) return;
        const identity = this.#identity(rollout);
        const { reward, baseline, advantage } = credit;
        this.#recorder.insert("reward_term", TERM_NAMES.map((term) => ({ ...identity, term, value: reward[term] })));
        this.#recorder.insert("advantage", [{ ...identity, reward: reward.total, baseline, advantage }]);
      });
    }
  }

  update(report: UpdateReport): void {
    const { stats } = report;
    this.#recorder.insert("update_step", [{
      run_id: this.run,
      phase: report.phase,
      step: report.step,
      loss: stats?.loss ?? null,
      weight_sum: stats?.weightSum ?? null,
      numerator: stats?.numerator ?? null,
      denominator: stats?.denominator ?? null,
      loss_tokens: stats?.lossTokens ?? null,
      tokens: stats?.tokens ?? null,
      grad_norm: stats?.gradNorm ?? null,
      clip_share: stats?.clipShare ?? null,
      kl_k1: stats?.klK1 ?? null,
      kl_k2: stats?.klK2 ?? null,
      kl_k3: stats?.klK3 ?? null,
      ess: stats?.ess ?? null,
      max_ratio_error: stats?.maxRatioError ?? null,
      entropy: stats?.entropy ?? null,
      reference_kl: stats?.referenceKl ?? null,
      temperature: stats?.temperature ?? null,
      learning_rate: report.learningRate,
      mean_reward: report.meanReward ?? null,
      success_rate: report.successRate ?? null,
      groups: report.groups ?? null,
      zero_variance_groups: report.zeroVarianceGroups ?? null,
      draw_rounds: report.draws?.rounds ?? null,
      groups_drawn: report.draws?.drawn ?? null,
      groups_kept: report.draws?.kept ?? null,
      wall_ms: null,
    }]);
    this.#recorder.insert(
      "update_part",
      (report.parts ?? []).map(({ epoch, miniBatch, stats }): Row<"update_part"> => ({
        run_id: this.run,
        phase: report.phase,
        step: report.step,
        epoch,
        mini_batch: miniBatch,
        loss: stats.loss,
        numerator: stats.numerator,
        denominator: stats.denominator,
        loss_tokens: stats.lossTokens,
        tokens: stats.tokens,
        grad_norm: stats.gradNorm,
        clip_share: stats.clipShare,
        kl_k1: stats.klK1,
        kl_k2: stats.klK2,
        kl_k3: stats.klK3,
        max_ratio_error: stats.maxRatioError,
        ess: stats.ess,
        entropy: stats.entropy ?? null,
        reference_kl: stats.referenceKl ?? null,
      })),
    );
  }

  conclusions(conclusions: readonly Conclusion[]): void {
    this.#recorder.insert(
      "conclusion",
      conclusions.map((conclusion) => ({
        run_id: this.run,
        step: conclusion.step,
        grp: conclusion.group,
        task_id: conclusion.taskId,
        traces: conclusion.traces,
        prompt: conclusion.prompt,
        prompt_ids: conclusion.promptIds,
        output: conclusion.output,
        output_ids: conclusion.outputIds,
        refused: conclusion.refused,
        reason: conclusion.reason,
        fallback: conclusion.fallback,
        name: conclusion.document?.skill_name ?? null,
        document: conclusion.document === null ? null : { ...conclusion.document },
        unaided_right: conclusion.unaidedRight,
        verified_right: conclusion.verifiedRight,
        level: conclusion.quality?.level ?? null,
        quality: conclusion.quality?.value ?? null,
      })),
    );
  }

  library({ step, changes, cacheSize, reservoirSize, cacheUtility }: LibraryReport): void {
    this.#recorder.insert(
      "library_change",
      changes.map((change, seq) => ({
        run_id: this.run,
        step,
        seq,
        grp: change.group,
        operation: change.operation,
        name: change.name,
        version: change.version,
        tier: change.tier,
        utility_before: change.before,
        utility_after: change.after,
        detail: change.detail,
      })),
    );
    this.#recorder.insert("library_state", [{
      run_id: this.run,
      step,
      cache_size: cacheSize,
      reservoir_size: reservoirSize,
      cache_utility: cacheUtility,
    }]);
  }

  tokens(tokens: readonly ComponentTokens[]): void {
    this.#recorder.insert(
      "component_tokens",
      tokens.map(({ step, component, sequences, promptTokens, generatedTokens }) => ({
        run_id: this.run,
        step,
        component,
        sequences,
        prompt_tokens: promptTokens,
        generated_tokens: generatedTokens,
      })),
    );
  }

  async commit(unit: string, checkpoint?: string): Promise<void> {
    const now = this.#now();
    if (checkpoint !== undefined) {
      const content = await Deno.readFile(checkpoint);
      this.#recorder.insert("checkpoint", [{
        run_id: this.run,
        unit,
        path: `${this.run}/${fileName(checkpoint)}`,
        sha256: new Uint8Array(await crypto.subtle.digest("SHA-256", content)).toHex(),
        bytes: content.byteLength,
      }]);
    }
    await this.#recorder.commit(this.run, unit, {
      wallMs: now - this.#since,
      ...(checkpoint === undefined ? {} : { checkpoint: fileName(checkpoint) }),
    });
    this.#since = now;
  }

  #identity(rollout: Rollout) {
    const { phase, step, group, sample, position } = rollout.key;
    return { run_id: this.run, phase, step, grp: group, sample, position };
  }

  #chain(chain: Chain): void {
    const first = chain.rollouts[0];
    if (first === undefined) return;
    const { run_id, phase, step, grp, sample } = this.#identity(first);
    this.#recorder.insert("chain", [{
      run_id,
      phase,
      step,
      grp,
      sample,
      scenario: first.task.scenario,
      task_ids: chain.request.tasks.map((task) => task.id),
      length: chain.request.tasks.length,
    }]);
    const skills = chain.rollouts.flatMap((rollout) =>
      rollout.skillsSaved.map((skill): Row<"skill"> => ({
        run_id,
        phase,
        step,
        grp,
        sample,
        name: skill.name,
        version: skill.version,
        kind: skill.kind,
        source: skill.source,
        task_id: skill.origin.taskId,
        scenario: skill.origin.scenario,
        position: rollout.key.position,
        turn: skill.origin.turn,
      }))
    );
    this.#recorder.insert("skill", skills);
  }

  /** @param trainLogprobs the trainer's log-probability of each generated id, all turns one after the other. */
  #rollout(
    rollout: Rollout,
    credited: readonly RolloutSkillEvent[],
    trainLogprobs: readonly number[] | undefined,
  ): void {
    const identity = this.#identity(rollout);
    const { evaluation, turns, task } = rollout;
    const count = (select: (turn: Rollout["turns"][number]) => readonly number[]) =>
      turns.reduce((sum, turn) => sum + select(turn).length, 0);
    const promptTokens = turns[0]?.contextIds.length ?? 0;
    this.#recorder.insert("rollout", [{
      ...identity,
      task_id: task.id,
      scenario: task.scenario,
      split: task.split,
      agent: rollout.agent,
      finish: rollout.finish,
      success: evaluation?.success ?? null,
      score: evaluation?.score ?? null,
      passed: evaluation?.passed ?? null,
      total: evaluation?.total ?? null,
      no_code: rollout.finish === "no_code",
      steps: turns.length,
      prompt_tokens: promptTokens,
      generated_tokens: count((turn) => turn.generatedIds),
      observation_tokens: count((turn) => turn.contextIds) - promptTokens,
      skills_offered: rollout.skillsOffered,
      skills_used: rollout.skillsUsed,
      skills_defined: rollout.skillsSaved.map((skill) => skill.name),
      used_skill: rollout.skillsUsed.length > 0,
      smoke_failed: rollout.smokeFailed,
      tests: evaluation === undefined ? null : evaluation.tests.map((test) => ({ ...test })),
      wall_ms: null,
    }]);
    this.#recorder.insert(
      "verdict",
      (evaluation?.verdicts ?? []).map(({ grader, verdict, gold, answer, detail }) => ({
        ...identity,
        grader,
        version: 1,
        verdict,
        gold,
        answer,
        detail,
        score: verdict === "correct" ? 1 : verdict === "error" ? null : 0,
        versions: this.#versions,
      })),
    );
    if (rollout.fault !== undefined) {
      this.#recorder.insert("environment_fault", [{ ...identity, task_id: task.id, message: rollout.fault }]);
    }
    let trained = 0;
    turns.forEach((turn, index) => {
      const start = trained;
      trained += turn.generatedIds.length;
      this.#recorder.insert("turn", [{
        ...identity,
        turn: index,
        context_ids: turn.contextIds,
        generated_ids: turn.generatedIds,
        logprobs: turn.logprobs,
        full_logprobs: turn.fullLogprobs ?? null,
        thresholds: turn.thresholds ?? null,
        train_logprobs: trainLogprobs?.slice(start, trained) ?? null,
        finish: turn.finish,
        code: turn.code,
        observation: turn.observation,
        ok: turn.ok,
      }]);
      this.#recorder.insert(
        "api_call",
        turn.calls.map((call, n) => ({ ...identity, turn: index, n, ...call })),
      );
    });
    const spans = turnSpans(rollout);
    this.#recorder.insert(
      "skill_event",
      [...rollout.events, ...credited].map(({ turn, event, span = spans[turn] }, seq) => ({
        ...identity,
        seq,
        turn,
        kind: event.kind,
        name: event.name,
        version: event.version,
        detail: event.detail,
        token_start: span?.start ?? null,
        token_end: span?.end ?? null,
      })),
    );
    this.#recorder.insert(
      "selection",
      rollout.candidates.map(({ skill, score, chosen, probability }, i) => ({
        ...identity,
        turn: -1,
        selector: rollout.retriever,
        rank: i + 1,
        name: skill.name,
        version: skill.version,
        score,
        probability: probability ?? null,
        chosen,
        gated: rollout.selection?.gated ?? null,
        explored: rollout.selection?.explored ?? null,
        reserved: rollout.selection?.reserved ?? null,
      })),
    );
  }
}

/** Last part of a path. */
function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Generated ids of each turn as a span of the rollout's ids, prompt included. */
function turnSpans({ turns }: Rollout): { readonly start: number; readonly end: number }[] {
  let at = 0;
  return turns.map(({ contextIds, generatedIds }) => {
    const start = at + contextIds.length;
    at = start + generatedIds.length;
    return { start, end: at };
  });
}

/**
 * What earned a bonus: the functions that the rollout at position `k` used, and those that it saved and a later, solved task used.
 * Which functions a bonus is due to is read off the chain, as the reward itself does.
 */
function creditedSkills(
  chain: Chain,
  credits: readonly (RolloutCredit | undefined)[],
  k: number,
): RolloutSkillEvent[] {
  const rollout = chain.rollouts[k];
  const reward = credits[k]?.reward;
  if (rollout === undefined || reward === undefined) return [];
  const earlier = chain.rollouts.slice(0, k).flatMap(({ skillsSaved }) => skillsSaved);
  const later = new Set(
    chain.rollouts.slice(k + 1).filter(({ evaluation }) => evaluation?.score === 1).flatMap(({ skillsUsed }) =>
      skillsUsed
    ),
  );
  const used = rollout.skillsUsed.flatMap((name) => earlier.findLast((skill) => skill.name === name) ?? []);
  const event = (skill: { readonly name: string; readonly version: number }, term: string, value: number) => ({
    turn: -1,
    event: { kind: "credited" as const, name: skill.name, version: skill.version, detail: `${term} ${value}` },
  });
  return [
    ...(reward.usage > 0 ? used.map((skill) => event(skill, "usage", reward.usage)) : []),
    ...(reward.generation > 0
      ? rollout.skillsSaved.filter(({ name }) => later.has(name)).map((skill) =>
        event(skill, "generation", reward.generation)
      )
      : []),
  ];
}
