/**
 * One task on a user's server.
 *
 * Contract: see `envs/contract.ts`. What the server says of requirements is written to the private folder and not passed on.
 *
 * @module
 */
import type { Json } from "../../../data/canonical.ts";
import { EnvFault, type Episode, type Evaluation, type StepResult, type Task } from "../../contract.ts";
import { CallTextError, parseCallText } from "../server/call_text.ts";
import { FAILED } from "../server/calls_sandbox.ts";
import type { BridgeOptions } from "./bridge_options.ts";
import type { BridgeClient } from "./client.ts";
import type { PrivateFolder } from "./private_folder.ts";
import { pythonCall } from "./python_call.ts";
import { type BridgeVerdict, evaluationOf } from "./read_verdict.ts";
import type { Guest, ServerPool } from "./server_pool.ts";

/** One action. `code` is undefined where it was none that a server could run. */
interface Act {
  readonly action: string;
  readonly code: string | undefined;
  readonly observation: string;
}

/** An episode; it needs a server only while it acts. */
export class BridgeEpisode implements Episode, Guest {
  /** See {@linkcode Episode.task}. */
  readonly task: Task;
  readonly #attempt: number;
  readonly #pool: ServerPool;
  readonly #folder: PrivateFolder;
  readonly #options: BridgeOptions;
  readonly #acts: Act[] = [];
  /** Verdict on the state after so many acts. */
  #judged: { readonly acts: number; readonly verdict: BridgeVerdict } | undefined;
  #closed = false;

  /** Asks nothing yet; `attempt` counts the episodes of the task, from 1. */
  constructor(task: Task, attempt: number, pool: ServerPool, folder: PrivateFolder, options: BridgeOptions) {
    this.task = task;
    this.#attempt = attempt;
    this.#pool = pool;
    this.#folder = folder;
    this.#options = options;
  }

  /** See {@linkcode Episode.start}. */
  start(): Promise<string> {
    return Promise.resolve("");
  }

  /** See {@linkcode Episode.step}. */
  async step(action: string): Promise<StepResult> {
    this.#check();
    const { maxSteps, language } = this.#options;
    if (this.#acts.length >= maxSteps) throw new EnvFault(`Cannot step: the cap of ${maxSteps} steps is reached`);
    const read = language === "calls" ? codeOf(action) : { code: action };
    if ("failure" in read) {
      this.#acts.push({ action, code: undefined, observation: read.failure });
      return { observation: read.failure, done: this.#acts.length >= maxSteps, ok: false };
    }
    const { code } = read;
    const { observation, completed } = await this.#pool.use(this, async (client) => {
      const observation = await client.execute(code);
      return { observation, completed: await client.isCompleted() };
    });
    this.#acts.push({ action, code, observation });
    const done = completed || this.#acts.length >= maxSteps;
    return { observation, done, ok: !observation.startsWith(FAILED.trimEnd()) };
  }

  /** See {@linkcode Episode.evaluate}. */
  async evaluate(): Promise<Evaluation> {
    this.#check();
    const known = this.#judged?.acts === this.#acts.length ? this.#judged.verdict : undefined;
    const verdict = known ?? await this.#pool.use(this, (client) => client.evaluate());
    this.#judged = { acts: this.#acts.length, verdict };
    const steps = this.#acts.map(({ action, observation }) => ({ action, observation }));
    const { id, instruction, context = "" } = this.task;
    const value = { task: { id, instruction, context }, steps, verdict } as unknown as Json;
    const name = this.#attempt === 1 ? id : `${id}-${this.#attempt}`;
    await this.#folder.write(`${this.#options.experiment}/${name}.json`, value);
    return evaluationOf(verdict);
  }

  /** There is none: the server does not tell. */
  solution(): undefined {
    return undefined;
  }

  /** See {@linkcode Episode.close}. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pool.leave(this);
  }

  /** See {@linkcode Guest.enter}. */
  async enter(client: BridgeClient, index: number): Promise<void> {
    const { experiment, maxSteps, language } = this.#options;
    await client.open(this.task.id, {
      // Servers store outputs by experiment, and two of them may share one disk.
      experiment_name: this.#pool.size === 1 ? experiment : `${experiment}-w${index}`,
      max_interactions: maxSteps,
      // A word of our own servers only: others run Python.
      ...(language === "javascript" ? { language: "js" } : {}),
    });
    for (const { code, observation } of this.#acts) {
      if (code !== undefined && await client.execute(code) !== observation) {
        throw new EnvFault(`Cannot go on with ${this.task.id}: the same code shows something else now`);
      }
    }
  }

  /** See {@linkcode Guest.giveWay}. */
  async giveWay(client: BridgeClient): Promise<void> {
    try {
      this.#judged = { acts: this.#acts.length, verdict: await client.evaluate() };
    } catch (error) {
      // Whoever needs the verdict later gets the fault then, if it is still there.
      if (!(error instanceof EnvFault)) throw error;
    }
  }

  #check(): void {
    if (this.#closed) throw new EnvFault(`Cannot use the episode of ${this.task.id}: it is closed`);
  }
}

/** Code of a call, or what the agent is shown if the action is none. */
function codeOf(action: string): { readonly code: string } | { readonly failure: string } {
  try {
    return { code: pythonCall(parseCallText(action)) };
  } catch (error) {
    if (!(error instanceof CallTextError || error instanceof TypeError)) throw error;
    const [line = ""] = action.trim().split("\n");
    return { failure: `${FAILED}Syntax error in line:\n${line}\nMessage: ${error.message}` };
  }
}
