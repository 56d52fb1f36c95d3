/**
 * Rollouts: an agent and a policy play episodes; chains of tasks share a library that grows along the chain.
 *
 * Contract (sequential rollout, arXiv 2512.17102, 1.3): each chain starts with its own empty library and plays its tasks in order,
 * each in a fresh world, seeing only functions that the same chain saved before. Chains of one call are played side by side, one
 * position after the other, so that a policy can batch them; what a rollout draws depends on its key alone.
 *
 * A function is saved after its episode if a turn that defined it ran without an error (save rule `noError`); a newer body
 * overwrites. Before the prompt is made, the retrieved sources run once in the new world; if they fail, the whole block is dropped
 * (smoke check `block`). A turn without a code block ends the episode. A prompt over its limit is not played; see `prompt_limit.ts`.
 *
 * Omitted: the save rule `taskSuccess` and the smoke check `perFunction`.
 *
 * @module
 */
import type { KeyPart } from "../data/keyed_random.ts";
import type { ApiCall, Environment, Episode, Evaluation, SkillTrace, Task } from "../envs/contract.ts";
import { EnvFault } from "../envs/contract.ts";
import { type Agent, checkAgent } from "./agent.ts";
import { type Chat, chatOf } from "./chat_format.ts";
import type { Conversation, Policy, Sampling, Turn } from "./policy.ts";
import { cutLimit, fittingPrompt, type PromptLimit } from "./prompt_limit.ts";
import { staticCalls } from "./skills/calls.ts";
import { extractFunctions } from "./skills/extract.ts";
import { type Skill, type SkillEvent, SkillLibrary } from "./skills/library.ts";
import type { Candidate, Retriever, SkillSelection } from "./skills/retrieve.ts";

/** Identity of a rollout within a run. */
export interface RolloutKey {
  /** `rl`, or `eval/<split>`. */
  readonly phase: string;
  /** Update that the rollout belongs to; 0 in evaluation. */
  readonly step: number;
  /** Task pair in training, scenario in evaluation. */
  readonly group: number;
  /** Chain within the group, or evaluation run. */
  readonly sample: number;
  /** Place in the chain, from 1. */
  readonly position: number;
}

/** One turn of a rollout. */
export interface RolloutTurn {
  /** Ids put before the turn: the prompt, or the observation of the turn before; [C]. */
  readonly contextIds: readonly number[];
  /** Generated ids, [T]. */
  readonly generatedIds: readonly number[];
  /** Log-probability of each generated id under the sampling distribution, nats, [T]. */
  readonly logprobs: readonly number[];
  /** The same before truncation, where sampling truncated the distribution; see {@linkcode Turn.fullLogprobs}. */
  readonly fullLogprobs?: readonly number[];
  /** What separates kept from dropped tokens, where sampling truncated the distribution; see {@linkcode Turn.thresholds}. */
  readonly thresholds?: readonly number[];
  readonly finish: Turn["finish"];
  /** Action that was taken (code, or text where the environment takes text); null if the completion had none. */
  readonly code: string | null;
  readonly observation: string;
  /** Whether the code ran without an error. */
  readonly ok: boolean;
  readonly calls: readonly ApiCall[];
}

/** Something that happened to a skill in a rollout; `turn` counts from 0, -1 is before the first turn or after the last. */
export interface RolloutSkillEvent {
  readonly turn: number;
  readonly event: SkillEvent;
  /** Of a shown skill: where its source stands in the prompt's ids, end excluded. */
  readonly span?: { readonly start: number; readonly end: number };
}

/** How an episode ended. */
export type RolloutFinish = "finished" | "no_code" | "step_limit" | "context" | "environment_fault";

/** One played episode. */
export interface Rollout {
  readonly key: RolloutKey;
  readonly task: Task;
  readonly agent: string;
  readonly prompt: string;
  readonly turns: readonly RolloutTurn[];
  readonly finish: RolloutFinish;
  /** Verdict; undefined after an environment fault, which is never scored. */
  readonly evaluation: Evaluation | undefined;
  /** What went wrong in the environment, if it did. */
  readonly fault: string | undefined;
  /** Names of the functions whose source the prompt showed. */
  readonly skillsOffered: readonly string[];
  /** Offered functions that a code block called without redefining them, in order of first use. */
  readonly skillsUsed: readonly string[];
  /** Functions that ran without an error and were saved. */
  readonly skillsSaved: readonly Skill[];
  /** The retrieved block failed its smoke check and was dropped. */
  readonly smokeFailed: boolean;
  readonly events: readonly RolloutSkillEvent[];
  /** What the retriever chose from before the prompt, best first; empty without a library. */
  readonly candidates: readonly Candidate[];
  /** Name of the retriever, or of what chose in its place. */
  readonly retriever: string;
  /** The choice that was made in place of the retriever, if one was. */
  readonly selection: Omit<SkillSelection, "candidates" | "selector"> | undefined;
}

/** Tasks to play in order with one library. */
export interface ChainRequest {
  readonly group: number;
  readonly sample: number;
  readonly tasks: readonly Task[];
  /** Skills for every task of the chain, chosen by the caller in place of the retriever. */
  readonly selection?: SkillSelection;
}

/** Options of {@linkcode rollOutChains}. */
export interface RollOutOptions extends PromptLimit {
  readonly environment: Environment;
  readonly policy: Policy;
  readonly agent: Agent;
  readonly retriever: Retriever;
  readonly sampling: Sampling;
  /** Most turns of an episode. */
  readonly maxTurns: number;
  /** Most tokens of a turn. */
  readonly maxTurnTokens: number;
  readonly phase: string;
  readonly step: number;
  /** Key of the run's random numbers, e.g. its seed. */
  readonly seed: KeyPart;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly ended: number; readonly total: number; readonly tokens: number }) => void;
}

/** One chain, played. */
export interface Chain {
  readonly request: ChainRequest;
  /** One per task, in order. */
  readonly rollouts: readonly Rollout[];
  /** What the chain saved. */
  readonly library: SkillLibrary;
}

/** An episode being played. */
class Player implements Conversation {
  readonly key: readonly KeyPart[];
  readonly promptIds: readonly number[];
  readonly prompt: string;
  readonly #turns: RolloutTurn[] = [];
  readonly #events: RolloutSkillEvent[] = [];
  readonly #used: string[] = [];
  #contextIds: readonly number[];
  #finish: RolloutFinish = "step_limit";
  #fault: string | undefined;

  constructor(
    readonly rolloutKey: RolloutKey,
    readonly task: Task,
    readonly episode: Episode,
    readonly offered: readonly Skill[],
    readonly smokeFailed: boolean,
    readonly format: Chat,
    readonly candidates: readonly Candidate[],
    readonly selection: SkillSelection | undefined,
    readonly options: RollOutOptions,
  ) {
    const { phase, step, group, sample, position } = rolloutKey;
    this.key = [options.seed, "sampling", phase, step, group, sample, position];
    const sources = offered.map((skill) => skill.source);
    const write = (task: Task) => options.agent.prompt(task, sources);
    const { contextTokens } = options.policy;
    const limit = cutLimit(options, { contextTokens, maxTurnTokens: options.maxTurnTokens });
    this.prompt = limit === undefined ? write(task) : fittingPrompt(write, task, format, limit);
    this.promptIds = format.promptIds(this.prompt);
    this.#contextIds = this.promptIds;
    if (this.isOverlong) this.#finish = "context";
  }

  /** Whether the prompt is over the limit, so that there is nothing to play. */
  get isOverlong(): boolean {
    return this.promptIds.length > (this.options.promptTokens ?? Infinity);
  }

  record(event: SkillEvent, turn = -1): void {
    const source = event.kind === "shown" ? this.offered.find((skill) => skill.name === event.name)?.source : undefined;
    this.#events.push({ turn, event, ...(source === undefined ? {} : { span: this.#promptSpan(source) }) });
  }

  /** Ids of the prompt that hold a part of its text; one that straddles an end counts to the part that it begins in. */
  #promptSpan(part: string): { readonly start: number; readonly end: number } {
    const at = this.prompt.indexOf(part);
    const idsBefore = (end: number) => this.format.idsBefore(this.prompt, end);
    return { start: idsBefore(at), end: idsBefore(at + part.length) };
  }

  async onTurn(turn: Turn): Promise<readonly number[] | null> {
    // The observation filled the context: there was no turn.
    if (turn.finish === "context" && turn.ids.length === 0) {
      this.#finish = "context";
      return null;
    }
    const code = this.options.agent.action(this.format.text(turn.ids));
    let observation = "";
    let ok = false;
    let done = true;
    let calls: readonly ApiCall[] = [];
    if (code === undefined) {
      this.#finish = "no_code";
    } else {
      try {
        const result = await this.episode.step(code);
        ({ observation, done } = result);
        ({ ok = true, calls = [] } = result);
        this.#useSkills(code, result.traces ?? []);
        if (done) this.#finish = "finished";
      } catch (error) {
        if (!(error instanceof EnvFault)) throw error;
        this.#finish = "environment_fault";
        this.#fault = error.message;
      }
    }
    this.#turns.push({
      contextIds: this.#contextIds,
      generatedIds: turn.ids,
      logprobs: turn.logprobs,
      ...(turn.fullLogprobs === undefined ? {} : { fullLogprobs: turn.fullLogprobs }),
      ...(turn.thresholds === undefined ? {} : { thresholds: turn.thresholds }),
      finish: turn.finish,
      code: code ?? null,
      observation,
      ok,
      calls,
    });
    if (done) return null;
    if (turn.finish === "context") {
      this.#finish = "context";
      return null;
    }
    if (this.#turns.length >= this.options.maxTurns) return null;
    const closed = turn.finish === "stop" && this.format.stopIds.includes(turn.ids.at(-1) ?? -1);
    this.#contextIds = this.format.observationIds(observation, { closed });
    return this.#contextIds;
  }

  #useSkills(code: string, traces: readonly SkillTrace[]): void {
    const turn = this.#turns.length;
    const byName = new Map(this.offered.map((skill) => [skill.name, skill]));
    for (const name of staticCalls(code, [...byName.keys()], this.task.language)) {
      if (!this.#used.includes(name)) this.#used.push(name);
      this.record({ kind: "invoked", name, version: byName.get(name)?.version ?? 0, detail: "" }, turn);
    }
    for (const trace of traces) {
      const version = byName.get(trace.name)?.version ?? 0;
      const detail = trace.kind === "entered" ? "" : `${trace.apiCalls} API calls`;
      this.record({ kind: trace.kind, name: trace.name, version, detail }, turn);
    }
  }

  /** Saves what ran without an error, scores the end state and releases the world. */
  async end(library: SkillLibrary): Promise<Rollout> {
    const saved: Skill[] = [];
    if (this.options.agent.usesLibrary && this.options.agent.actions === "code") {
      this.#turns.forEach((turn, index) => {
        if (turn.code === null) return;
        for (const found of extractFunctions(turn.code, this.task.language)) {
          this.record({ kind: "proposed", name: found.name, version: 0, detail: "" }, index);
          if (!turn.ok) {
            this.record(
              { kind: "failed", name: found.name, version: 0, detail: "the defining turn raised an error" },
              index,
            );
            continue;
          }
          this.record({ kind: "validated", name: found.name, version: 0, detail: "the defining turn ran" }, index);
          const before = library.get(found.name);
          // The same body again is the same skill: a turn may repeat what an earlier one defined.
          if (before?.source === found.source) continue;
          const skill = library.save(found, {
            taskId: this.task.id,
            scenario: this.task.scenario,
            instruction: this.task.instruction,
            position: this.rolloutKey.position,
            turn: index,
          });
          saved.push(skill);
          const kind = before === undefined ? "saved" : "overwritten";
          this.record({ kind, name: skill.name, version: skill.version, detail: "" }, index);
        }
      });
    }
    let evaluation: Evaluation | undefined;
    if (this.#finish !== "environment_fault") {
      try {
        evaluation = await this.episode.evaluate();
      } catch (error) {
        if (!(error instanceof EnvFault)) throw error;
        this.#finish = "environment_fault";
        this.#fault = error.message;
      }
    }
    this.episode.close();
    return {
      key: this.rolloutKey,
      task: this.task,
      agent: this.options.agent.id,
      prompt: this.prompt,
      turns: this.#turns,
      finish: this.#finish,
      evaluation,
      fault: this.#fault,
      skillsOffered: this.offered.map((skill) => skill.name),
      // A document cannot be called: what was shown was used.
      skillsUsed: this.options.agent.actions === "text" ? this.offered.map((skill) => skill.name) : this.#used,
      skillsSaved: saved,
      smokeFailed: this.smokeFailed,
      events: this.#events,
      candidates: this.candidates,
      retriever: this.selection?.selector ?? this.options.retriever.id,
      selection: this.selection === undefined
        ? undefined
        : { gated: this.selection.gated, explored: this.selection.explored, reserved: this.selection.reserved },
    };
  }
}

async function startPlayer(
  key: RolloutKey,
  task: Task,
  library: SkillLibrary,
  format: Chat,
  selection: SkillSelection | undefined,
  options: RollOutOptions,
): Promise<Player> {
  const episode = await options.environment.open(task);
  const ranked = options.agent.usesLibrary ? await options.retriever.rank(task, library) : [];
  const candidates = selection?.candidates ?? ranked;
  const retrieved = candidates.filter(({ chosen }) => chosen).map(({ skill }) => skill);
  const names = retrieved.map((skill) => skill.name);
  const source = retrieved.map((skill) => skill.source).join("\n");
  // Only code can be run beforehand.
  const runs = retrieved.length > 0 && options.agent.actions === "code";
  const smokeFailed = runs && !(await episode.preload?.(source, names));
  const offered = smokeFailed ? [] : retrieved;
  const player = new Player(key, task, episode, offered, smokeFailed, format, candidates, selection, options);
  for (const skill of retrieved) {
    player.record({ kind: "retrieved", name: skill.name, version: skill.version, detail: "" });
    const kind = smokeFailed ? "dropped" : "shown";
    player.record({ kind, name: skill.name, version: skill.version, detail: smokeFailed ? "smoke check failed" : "" });
  }
  return player;
}

/**
 * Plays chains side by side.
 *
 * @param requests chains; all of one length.
 * @param options see {@linkcode RollOutOptions}.
 * @returns one chain per request, in order.
 * @throws {AgentMismatchError} if the environment does not take what the agent writes; whatever the policy throws, and the reason of an aborted signal.
 */
export async function rollOutChains(requests: readonly ChainRequest[], options: RollOutOptions): Promise<Chain[]> {
  checkAgent(options.agent, options.environment);
  const format = chatOf(options.policy);
  const chains = requests.map((request) => ({ request, rollouts: [] as Rollout[], library: new SkillLibrary() }));
  const length = Math.max(0, ...requests.map((request) => request.tasks.length));
  const total = requests.reduce((sum, request) => sum + request.tasks.length, 0);
  let endedBefore = 0;
  let tokensBefore = 0;
  for (let position = 1; position <= length; position++) {
    const players: { player: Player; chain: typeof chains[number] }[] = [];
    try {
      for (const chain of chains) {
        const task = chain.request.tasks[position - 1];
        if (task === undefined) continue;
        const { group, sample } = chain.request;
        const key = { phase: options.phase, step: options.step, group, sample, position };
        players.push({
          player: await startPlayer(key, task, chain.library, format, chain.request.selection, options),
          chain,
        });
      }
      let tokens = 0;
      await options.policy.converse(players.flatMap(({ player }) => (player.isOverlong ? [] : [player])), {
        sampling: options.sampling,
        maxTurnTokens: options.maxTurnTokens,
        stopIds: format.stopIds,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        onProgress: (progress) => {
          tokens = progress.tokens;
          options.onProgress?.({ ended: endedBefore + progress.ended, total, tokens: tokensBefore + progress.tokens });
        },
      });
      for (const { player, chain } of players) chain.rollouts.push(await player.end(chain.library));
      endedBefore += players.length;
      tokensBefore += tokens;
    } catch (error) {
      for (const { player } of players) player.episode.close();
      throw error;
    }
  }
  return chains;
}

/** All ids of a rollout in order, with what is known of each: the input of training. */
export interface RolloutTokens {
  /** [T] */
  readonly ids: readonly number[];
  /** Whether the policy generated the token, [T]; prompt, skill text and observations are not generated. */
  readonly generated: readonly boolean[];
  /** Log-probability at sampling time, nats, [T]; 0 where not generated. */
  readonly logprobs: readonly number[];
  /** Thresholds of truncated sampling, nats, [T]; -Infinity where not generated. Absent where nothing was truncated. */
  readonly thresholds?: readonly number[];
}

/** A rollout was drawn by a policy that gives no log-probabilities, and cannot be trained on. */
export class MissingLogprobsError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "MissingLogprobsError";
}

/**
 * Lines up a rollout's ids, masks and log-probabilities without re-tokenizing anything.
 *
 * @throws {MissingLogprobsError} if a turn has none, as those of a server that does not tell them.
 */
export function rolloutTokens(rollout: Rollout): RolloutTokens {
  const ids: number[] = [];
  const generated: boolean[] = [];
  const logprobs: number[] = [];
  const thresholds: number[] = [];
  for (const [index, turn] of rollout.turns.entries()) {
    if (turn.logprobs.length !== turn.generatedIds.length) {
      throw new MissingLogprobsError(
        `Cannot train on the rollout of ${rollout.task.id}: turn ${index} must have a log-probability for each of its ` +
          `${turn.generatedIds.length} tokens, got ${turn.logprobs.length}; draw it from a policy that gives them`,
      );
    }
    for (const id of turn.contextIds) {
      ids.push(id);
      generated.push(false);
      logprobs.push(0);
      thresholds.push(-Infinity);
    }
    turn.generatedIds.forEach((id, t) => {
      ids.push(id);
      generated.push(true);
      logprobs.push(turn.logprobs[t] ?? NaN);
      thresholds.push(turn.thresholds?.[t] ?? -Infinity);
    });
  }
  const truncated = rollout.turns.some((turn) => turn.thresholds !== undefined);
  return { ids, generated, logprobs, ...(truncated ? { thresholds } : {}) };
}
