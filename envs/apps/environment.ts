/**
 * `apps`: tasks of a person with a phone, a wallet, notes, files, boards, music, shared bills, a shop and mail, done by code that
 * calls their APIs.
 *
 * Contract: see `envs/contract.ts`. Task ids are `<7 hexadecimal digits of the scenario's hash>_<variant>`. Tasks are made when they
 * are first asked for and kept. An episode is a fork of its task's start state, with its own sandbox, that shares nothing with other
 * episodes; ground truth stays outside the sandbox.
 * Suites: `benchmark` has the 250 scenarios, `short` those whose reference solutions are short procedures with few parameters, the
 * ground of the miniature reproduction. Both play in the same world.
 * Choices: an episode is done when the task was finished or the step cap is reached; further code of the finishing step still runs.
 *
 * @module
 */
import { canonicalJson, contentHash, type Json } from "../../data/canonical.ts";
import {
  EnvFault,
  type Environment,
  type Episode,
  type Evaluation,
  type Solution,
  type StepResult,
  type Task,
  type TasksOptions,
} from "../contract.ts";
import { openSandbox, type SandboxLanguage } from "../sandbox/open_sandbox.ts";
import type { Sandbox, SandboxOptions } from "../sandbox/sandbox.ts";
import { apiNames, catalogueOf } from "./catalogue.ts";
import { runProgram } from "./gates/run_program.ts";
import { changesOf, grade } from "./grade.ts";
import { instantiate, type Prepared, SIBLINGS } from "./instantiate.ts";
import { pythonReplay } from "./python_replay.ts";
import type { Scenario, Suite } from "./scenario.ts";
import { benchmarkScenarios } from "./scenarios/bench/mod.ts";
import { scenarios as shortScenarios } from "./scenarios/short/mod.ts";
import { type Catalogue, documentation } from "./schema.ts";
import { AppSession } from "./session.ts";
import { type HelpOptions, taskContext } from "./task_context.ts";
import { openBaseWorld } from "./world_cache.ts";
import { type ProfileName, PROFILES } from "./world/profiles.ts";
import type { BaseWorld } from "./world.ts";

/** Splits in the order of the benchmark. */
export const SPLITS = ["train", "dev", "test_normal", "test_challenge"] as const;

/** To be changed with the rules, the apps or the tasks. */
export const APPS_VERSION = "1.0.0";

/** Steps of an episode, if nothing else is said. */
export const DEFAULT_MAX_STEPS = 50;

/** Suites by name. */
const SUITES: Readonly<Record<Suite, readonly Scenario[]>> = {
  benchmark: benchmarkScenarios,
  short: shortScenarios,
};

/** Options of {@linkcode AppsEnvironment.create}. */
export interface AppsOptions extends HelpOptions {
  /**
   * Seed of the world.
   *
   * @default {1}
   */
  seed?: number;
  /**
   * Size of the world.
   *
   * @default {"full"}
   */
  profile?: ProfileName;
  /**
   * Which scenarios; those that need apps or people that the profile lacks are left out.
   *
   * @default {"benchmark"}
   */
  suite?: Suite;
  /**
   * Scenarios to make tasks from, in place of a suite.
   *
   * @default {all of the suite}
   */
  scenarios?: readonly Scenario[];
  /**
   * Language of agent code.
   *
   * @default {"javascript"}
   */
  language?: SandboxLanguage;
  /**
   * Most steps of an episode.
   *
   * @default {50}
   */
  maxSteps?: number;
  /**
   * Folder in which worlds and lists of tasks are kept, so that the next start is quick; null keeps nothing.
   *
   * @default {"results/cache"}
   */
  cache?: string | null;
  /**
   * Makes the sandbox of an episode.
   *
   * @default {by the language}
   */
  sandbox?: (options: SandboxOptions) => Promise<Sandbox>;
}

/** What agents are told, and the language they write, if nothing else is said. */
const USUAL = { language: "javascript", docs: "lookup", prompt: "compact" } as const;

/** The environment. */
export class AppsEnvironment implements Environment {
  /** See {@linkcode Environment.id}. */
  readonly id = "apps";
  /** See {@linkcode Environment.version}. */
  readonly version = APPS_VERSION;
  /** See {@linkcode Environment.actions}. */
  readonly actions = "code";
  /** See {@linkcode Environment.splits}. */
  readonly splits: readonly string[] = SPLITS;
  /** Apps of the profile, the utilities included. */
  readonly catalogue: Catalogue;
  readonly #base: BaseWorld;
  readonly #scenarios: ReadonlyMap<string, Scenario>;
  readonly #language: SandboxLanguage;
  readonly #maxSteps: number;
  readonly #help: Required<HelpOptions>;
  readonly #sandbox: (options: SandboxOptions) => Promise<Sandbox>;
  readonly #prepared = new Map<string, Prepared>();
  /** Whether each scenario fits the world, where that is not certain. */
  readonly #fits: Map<string, boolean> | undefined;
  #hash: string | undefined;

  private constructor(base: BaseWorld, options: AppsOptions) {
    const { profile = "full", suite = "benchmark", language = USUAL.language, maxSteps = DEFAULT_MAX_STEPS } = options;
    const { scenarios = SUITES[suite], sandbox = openSandbox(language), docs = USUAL.docs, prompt = USUAL.prompt } =
      options;
    this.#base = base;
    this.catalogue = catalogueOf(PROFILES[profile]);
    this.#language = language;
    this.#fits = profile === "full" ? undefined : new Map();
    this.#maxSteps = maxSteps;
    this.#help = { docs, prompt };
    this.#sandbox = sandbox;
    const byId = new Map<string, Scenario>();
    for (const scenario of [...scenarios].sort((a, b) => (scenarioId(a) < scenarioId(b) ? -1 : 1))) {
      if (!scenario.apps.every((app) => this.catalogue.has(app))) continue;
      const id = scenarioId(scenario);
      const twin = byId.get(id);
      if (twin !== undefined) {
        throw new EnvFault(`Cannot tell scenarios ${twin.family} and ${scenario.family} apart: both are ${id}`);
      }
      byId.set(id, scenario);
    }
    this.#scenarios = byId;
  }

  /**
   * Makes the world, or takes it from the cache; tasks follow when they are asked for.
   *
   * @example Two environments of one seed are the same
   * ```ts
   * import { AppsEnvironment } from "whetstone/envs/apps/environment.ts";
   * import assert from "node:assert/strict";
   *
   * const options = { profile: "tiny", cache: null } as const;
   * const [one, other] = [await AppsEnvironment.create(options), await AppsEnvironment.create(options)];
   * assert.equal(one.worldHash, other.worldHash);
   * ```
   */
  static async create(options: AppsOptions = {}): Promise<AppsEnvironment> {
    const { seed = 1, profile = "full", cache = "results/cache" } = options;
    return new AppsEnvironment(await openBaseWorld(seed, profile, cache), options);
  }

  /** Content hash of the base world alone. */
  get worldHash(): string {
    return this.#base.hash;
  }

  /**
   * World, documentation, what agents are told where it is not the usual, and every task with its user, time, words, reference solution, answer
   * and intended changes.
   * Computed when first read, since it needs all tasks.
   */
  get hash(): string {
    const told = { language: this.#language, ...this.#help };
    const others = Object.entries(told).filter(([name, value]) => USUAL[name as keyof typeof told] !== value);
    this.#hash ??= contentHash(canonicalJson({
      version: this.version,
      ...(others.length === 0 ? {} : { told: Object.fromEntries(others) }),
      world: this.#base.hash,
      documentation: [...this.catalogue.values()].flatMap(({ name, apis }) =>
        apis.map((spec) => documentation(spec, name))
      ),
      tasks: this.splits.flatMap((split) =>
        this.tasks(split).map((task) => {
          const { outcome, instance, user, at } = this.prepared(task.id);
          const solution = instance.solution as unknown as Json;
          return { id: task.id, user: user.email, at, instruction: task.instruction, outcome, solution };
        })
      ),
    }));
    return this.#hash;
  }

  /** See {@linkcode Environment.tasks}. */
  tasks(split: string, options: TasksOptions = {}): readonly Task[] {
    const { variants: [first, last] = [1, SIBLINGS] } = options;
    if (!this.splits.includes(split)) {
      throw new RangeError(`Cannot list tasks: split must be one of ${this.splits.join(", ")}, got ${split}`);
    }
    if (!(Number.isInteger(first) && Number.isInteger(last) && first >= 1)) {
      throw new RangeError(`Cannot list tasks: variants must be integers from 1, got ${first} to ${last}`);
    }
    const ids: string[] = [];
    for (const [id, scenario] of this.#scenarios) {
      if (scenario.split !== split || !this.#hasSiblings(id)) continue;
      for (let variant = first; variant <= last; variant++) ids.push(`${id}_${variant}`);
    }
    return ids.sort().map((id) => this.task(id));
  }

  /** See {@linkcode Environment.task}. */
  task(id: string): Task {
    const [scenario, variant] = this.#parse(id);
    const { user, at, instance } = this.prepared(id);
    return {
      id,
      scenario: scenarioId(scenario),
      variant,
      split: scenario.split,
      difficulty: scenario.difficulty,
      instruction: instance.instruction,
      context: taskContext({ user, at, apps: scenario.apps, catalogue: this.catalogue }, this.#help),
      ...(this.#language === "javascript" ? {} : { language: this.#language }),
      labels: { apps: scenario.apps, family: scenario.family },
    };
  }

  /** See {@linkcode Environment.open}. */
  open(task: Task): Promise<Episode> {
    return Promise.resolve().then(() => {
      const prepared = this.prepared(task.id);
      const { start, user, instance } = prepared;
      const session = new AppSession(start.fork(), user, instance.instruction, this.catalogue);
      const fixed = {
        apis: apiNames(this.catalogue),
        frozenAt: prepared.at,
        seedKey: ["apps-sandbox", this.#base.seed, task.id],
      };
      const sandbox = (call: SandboxOptions["call"]) => this.#sandbox({ ...fixed, call });
      return new AppsEpisode(task, prepared, session, sandbox, this.#maxSteps, () => this.#solution(prepared));
    });
  }

  /** Whether a scenario has its siblings in this world; the full one must have those of all, a smaller one may lack people. */
  #hasSiblings(scenario: string): boolean {
    const known = this.#fits?.get(scenario);
    if (this.#fits === undefined || known !== undefined) return known ?? true;
    let fits = true;
    try {
      for (let variant = 1; variant <= SIBLINGS; variant++) this.prepared(`${scenario}_${variant}`);
    } catch (error) {
      // Nobody whom the scenario fits, or a part of it that plays in an app which is not there.
      if (!(error instanceof EnvFault)) throw error;
      fits = false;
    }
    this.#fits.set(scenario, fits);
    return fits;
  }

  /** Reference solution in the language of the environment: in Python, the calls that it makes. */
  #solution({ instance, ...rest }: Prepared): Solution {
    const { program, solution } = instance;
    if (this.#language === "javascript" || program === undefined) return solution;
    const { calls } = runProgram({ instance, ...rest }, program, { catalogue: this.catalogue });
    return { kind: "actions", actions: [pythonReplay(calls)] };
  }

  #parse(id: string): readonly [Scenario, number] {
    const [, hash = "", digits = ""] = /^([0-9a-f]{7})_([1-9]\d*)$/.exec(id) ?? [];
    const scenario = this.#scenarios.get(hash);
    if (scenario === undefined) throw new RangeError(`Cannot find task: id must be <scenario>_<variant>, got ${id}`);
    return [scenario, Number(digits)];
  }

  /**
   * What an instance was made of, ready to be opened: user, time, start state and expectation.
   *
   * @throws {RangeError} if there is no such task.
   */
  prepared(id: string): Prepared {
    const known = this.#prepared.get(id);
    if (known !== undefined) return known;
    const [scenario, variant] = this.#parse(id);
    const siblings: Prepared[] = [];
    if (variant <= SIBLINGS) {
      for (let other = 1; other < variant; other++) siblings.push(this.prepared(`${scenarioId(scenario)}_${other}`));
    }
    const prepared = instantiate(this.#base, scenario, variant, siblings);
    this.#prepared.set(id, prepared);
    return prepared;
  }
}

function scenarioId(scenario: Scenario): string {
  return contentHash(scenario.family, 7);
}

/** Defining functions must not change the world, so nothing can be called meanwhile. */
const NO_CALLS = { status: 409, body: { message: "Cannot call an API: functions are only being defined." } };

class AppsEpisode implements Episode {
  readonly task: Task;
  readonly #prepared: Prepared;
  readonly #session: AppSession;
  readonly #makeSandbox: (call: SandboxOptions["call"]) => Promise<Sandbox>;
  readonly #maxSteps: number;
  readonly #solution: () => Solution;
  #sandbox: Sandbox | undefined;
  #steps = 0;
  #preloading = false;
  #closed = false;

  constructor(
    task: Task,
    prepared: Prepared,
    session: AppSession,
    makeSandbox: (call: SandboxOptions["call"]) => Promise<Sandbox>,
    maxSteps: number,
    solution: () => Solution,
  ) {
    this.#solution = solution;
    this.task = task;
    this.#prepared = prepared;
    this.#session = session;
    this.#makeSandbox = makeSandbox;
    this.#maxSteps = maxSteps;
  }

  start(): Promise<string> {
    return Promise.resolve("");
  }

  async preload(source: string, names: readonly string[]): Promise<boolean> {
    const sandbox = await this.#open();
    this.#preloading = true;
    try {
      return await sandbox.preload(source, names);
    } finally {
      this.#preloading = false;
    }
  }

  async step(action: string): Promise<StepResult> {
    if (this.#steps >= this.#maxSteps) throw new EnvFault(`Cannot step: the cap of ${this.#maxSteps} steps is reached`);
    const sandbox = await this.#open();
    this.#steps++;
    const { observation, ok, calls, traces } = await sandbox.execute(action);
    if (this.#session.fault !== undefined) {
      throw new EnvFault(`An app failed in ${this.task.id}: ${String(this.#session.fault)}`, {
        cause: this.#session.fault,
      });
    }
    const done = this.#session.finished !== undefined || this.#steps >= this.#maxSteps;
    return { observation, done, ok, calls, traces };
  }

  evaluate(): Promise<Evaluation> {
    return Promise.resolve().then(() => {
      this.#check();
      const { finished, world } = this.#session;
      return grade(this.#prepared.expectation, { finished, changes: changesOf(world) });
    });
  }

  solution(): Solution {
    return this.#solution();
  }

  close(): void {
    this.#closed = true;
    this.#sandbox?.dispose();
    this.#sandbox = undefined;
  }

  #check(): void {
    if (this.#closed) throw new EnvFault(`Cannot use the episode of ${this.task.id}: it is closed`);
  }

  async #open(): Promise<Sandbox> {
    this.#check();
    this.#sandbox ??= await this.#makeSandbox((app, api, args) =>
      this.#preloading ? NO_CALLS : this.#session.call(app, api, args)
    );
    return this.#sandbox;
  }
}
