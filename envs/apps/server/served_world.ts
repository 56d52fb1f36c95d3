/**
 * One task being attempted through a door: its world, the language acted in, and the log of what was done.
 *
 * Contract: everything is a pure function of (environment, task, options, actions). Agent code never throws; what an app or a sandbox
 * itself fails in is an {@linkcode EnvFault}. A saved state is the list of actions up to it: loading replays them on the start state,
 * so the guest's variables come back too, and a replay that shows anything else is an EnvFault.
 * Choices: finishing the task does not stop execution; whoever drives the agent asks whether it is completed. A world whose state was
 * loaded is marked as not comparable with undisturbed ones.
 *
 * @module
 */
import type { Json } from "../../../data/canonical.ts";
import { type ApiCall, EnvFault, type Evaluation, type Task } from "../../contract.ts";
import type { SandboxLimits } from "../../sandbox/limits.ts";
import type { Sandbox, SandboxOptions } from "../../sandbox/sandbox.ts";
import { apiNames } from "../catalogue.ts";
import type { AppsEnvironment } from "../environment.ts";
import { type Changes, changesOf, grade, type TableChanges } from "../grade.ts";
import { AppSession, type Finish } from "../session.ts";
import { FAILED } from "./calls_sandbox.ts";
import { openLanguage } from "./open_language.ts";
import { type Brief, type Language, WorldError } from "./protocol.ts";

/** What doors need of the environment. */
export type TaskSource = Pick<AppsEnvironment, "task" | "tasks" | "prepared" | "splits" | "version" | "catalogue">;

/** Makes the place where actions of a language run. */
export type OpenLanguage = (language: Language, options: SandboxOptions) => Promise<Sandbox>;

/** Options of {@linkcode ServedWorld.open}. */
export interface ServedWorldOptions {
  /**
   * Language that the agent acts in.
   *
   * @default {"javascript"}
   */
  language?: Language;
  /**
   * Interactions before every further one only says that the cap is reached.
   *
   * @default {1000}
   */
  maxInteractions?: number;
  /**
   * Limits of the sandbox that differ from the defaults.
   *
   * @default {{}}
   */
  limits?: Partial<SandboxLimits>;
  /**
   * Whether a refused call raises in the guest; if not, the guest gets the body of the refusal.
   *
   * @default {"raise"}
   */
  refusals?: "raise" | "return";
  /** Changes the random numbers of the guest. */
  randomSeed?: number;
  /** Changes the arguments of calls before they are served. */
  amend?: (app: string, api: string, args: Json) => Json;
  /**
   * Makes the sandbox.
   *
   * @default {openLanguage}
   */
  openLanguage?: OpenLanguage;
}

/** How an episode stood, enough to score it later without its world. */
export interface StoredOutputs {
  readonly format: 1;
  readonly task_id: string;
  /** Hash of the base world that it was played in. */
  readonly world: string;
  readonly interactions: number;
  /** False if a saved state was loaded on the way. */
  readonly comparable: boolean;
  readonly finished: Finish | null;
  readonly changes: readonly (readonly [string, TableChanges])[];
}

/** One run of code. */
interface Act {
  readonly code: string;
  readonly output: string;
  readonly ok: boolean;
}

/** How a task is shown. */
export function briefOf(source: TaskSource, taskId: string): Brief {
  let task: Task;
  try {
    task = source.task(taskId);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new WorldError(`There is no task ${taskId}.`);
  }
  const { user, at } = source.prepared(taskId);
  const [first = "", ...rest] = user.name.split(" ");
  return {
    task_id: taskId,
    instruction: task.instruction,
    supervisor: { first_name: first, last_name: rest.join(" "), email: user.email, phone_number: user.number },
    datetime: at,
  };
}

/** A task that is being attempted. */
export class ServedWorld {
  /** How the task is shown. */
  readonly brief: Brief;
  readonly #source: TaskSource;
  readonly #options: ServedWorldOptions;
  readonly #states = new Map<string, readonly (readonly Act[])[]>();
  #interactions: (readonly Act[])[] = [];
  #calls: ApiCall[] = [];
  #session: AppSession;
  #sandbox: Sandbox | undefined;
  #comparable = true;
  #closed = false;

  private constructor(source: TaskSource, brief: Brief, options: ServedWorldOptions) {
    this.#source = source;
    this.brief = brief;
    this.#options = options;
    this.#session = this.#freshSession();
  }

  /**
   * Opens a task on a fork of its start state.
   *
   * @param source the environment.
   * @param taskId task by id.
   * @param options see {@linkcode ServedWorldOptions}.
   * @throws {WorldError} if there is no such task.
   */
  static open(source: TaskSource, taskId: string, options: ServedWorldOptions = {}): ServedWorld {
    return new ServedWorld(source, briefOf(source, taskId), options);
  }

  /** Calls by name, with the user's rights; beside the agent's code and outside the log of interactions. */
  get session(): AppSession {
    return this.#session;
  }

  /** Whether the task was finished. */
  get completed(): boolean {
    return this.#session.finished !== undefined;
  }

  /** Number of interactions so far. */
  get interactions(): number {
    return this.#interactions.length;
  }

  /** Whether the last interaction ran without an error. */
  get ok(): boolean {
    return this.#interactions.at(-1)?.every(({ ok }) => ok) ?? true;
  }

  /** Runs code and gives its output; one interaction. */
  async execute(code: string): Promise<string> {
    const [output = ""] = await this.batch([code]);
    return output;
  }

  /** Runs several pieces of code as one interaction. */
  async batch(codes: readonly string[]): Promise<readonly string[]> {
    this.#check();
    const { maxInteractions = 1000 } = this.#options;
    const acts: Act[] = [];
    const beyond = this.#interactions.length >= maxInteractions;
    for (const code of codes) {
      const reached = `${FAILED}Exception: Maximum number of executions (${maxInteractions}) reached.`;
      acts.push(beyond ? { code, output: reached, ok: false } : await this.#run(code));
    }
    this.#interactions.push(acts);
    return acts.map(({ output }) => output);
  }

  /** Scores the state as it stands. */
  evaluate(): Evaluation {
    return scoreOutputs(this.#source, this.outputs());
  }

  /** What {@linkcode scoreOutputs} needs. */
  outputs(): StoredOutputs {
    const { finished = null, world } = this.#session;
    return {
      format: 1,
      task_id: this.brief.task_id,
      world: world.base.hash,
      interactions: this.#interactions.length,
      comparable: this.#comparable,
      finished,
      changes: [...changesOf(world)],
    };
  }

  /** All code with its outputs, and the calls it made. */
  log(): Json {
    const interactions = this.#interactions.map((acts) => acts.map(({ code, output }) => ({ code, output })));
    return {
      task: { ...this.brief, supervisor: { ...this.brief.supervisor } },
      interactions,
      calls: this.#calls.map((call) => ({ ...call })),
    };
  }

  /** Keeps the state as it is. @returns its id. */
  saveState(id = `state-${this.#states.size + 1}`): string {
    this.#check();
    this.#states.set(id, [...this.#interactions]);
    return id;
  }

  /**
   * Goes back to a kept state.
   *
   * @throws {WorldError} if there is none of that id.
   * @throws {EnvFault} if the same actions do not have the same outputs.
   */
  async loadState(id: string): Promise<void> {
    this.#check();
    const wanted = this.#states.get(id);
    if (wanted === undefined) throw new WorldError(`There is no state ${id} of task ${this.brief.task_id}.`);
    this.#sandbox?.dispose();
    this.#sandbox = undefined;
    this.#session = this.#freshSession();
    this.#interactions = [];
    this.#calls = [];
    this.#comparable = false;
    for (const acts of wanted) {
      const outputs = await this.batch(acts.map(({ code }) => code));
      if (outputs.some((output, i) => output !== acts[i]?.output)) {
        throw new EnvFault(`Cannot load state ${id}: the same code shows something else now`);
      }
    }
  }

  /** Frees what the world holds; a second call does nothing. */
  close(): void {
    this.#closed = true;
    this.#sandbox?.dispose();
    this.#sandbox = undefined;
  }

  #check(): void {
    if (this.#closed) throw new WorldError(`The world of task ${this.brief.task_id} is closed.`);
  }

  #freshSession(): AppSession {
    const { user, start, instance } = this.#source.prepared(this.brief.task_id);
    return new AppSession(start.fork(), user, instance.instruction, this.#source.catalogue);
  }

  async #run(code: string): Promise<Act> {
    this.#sandbox ??= await this.#openSandbox();
    const { observation, ok, calls } = await this.#sandbox.execute(code);
    this.#calls.push(...calls);
    if (this.#session.fault !== undefined) {
      const { fault } = this.#session;
      throw new EnvFault(`An app failed in ${this.brief.task_id}: ${String(fault)}`, { cause: fault });
    }
    return { code, output: observation, ok };
  }

  #openSandbox(): Promise<Sandbox> {
    const { language = "javascript", limits = {}, refusals = "raise", randomSeed, amend } = this.#options;
    const { openLanguage: open = openLanguage } = this.#options;
    const { start, at } = this.#source.prepared(this.brief.task_id);
    return open(language, {
      call: (app, api, args) => {
        const reply = this.#session.call(app, api, amend?.(app, api, args) ?? args);
        return refusals === "return" && reply.status < 500 ? { ...reply, status: 200 } : reply;
      },
      apis: apiNames(this.#source.catalogue),
      frozenAt: at,
      limits,
      // The same numbers as in an episode of the environment itself, unless others are asked for.
      seedKey: ["apps-sandbox", start.base.seed, this.brief.task_id, ...(randomSeed === undefined ? [] : [randomSeed])],
    });
  }
}

/**
 * Scores an episode that is over.
 *
 * @param source the environment.
 * @param outputs what was kept of it.
 * @throws {WorldError} if it was played in another world, or there is no such task.
 */
export function scoreOutputs(source: TaskSource, outputs: StoredOutputs): Evaluation {
  briefOf(source, outputs.task_id);
  const { start, expectation } = source.prepared(outputs.task_id);
  if (outputs.world !== start.base.hash) {
    throw new WorldError(
      `The outputs of ${outputs.task_id} are of world ${outputs.world}; this one is ${start.base.hash}.`,
    );
  }
  const changes: Changes = new Map(outputs.changes);
  return grade(expectation, { finished: outputs.finished ?? undefined, changes });
}
