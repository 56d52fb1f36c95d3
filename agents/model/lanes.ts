/**
 * Lanes: other threads of this process that work on shares of a batch, each with ONNX Runtime and copies of models of its own.
 *
 * Contract: what a lane computes is what this thread would, bit for bit; lanes only take time off. They are for models of few
 * parameters: there a run on one thread is faster than one whose every operator is spread over all threads, so that two runs beside
 * each other took from a fifteenth to half of the time off, of a training step with 3M parameters and a decoding step with 1M. Threads start when first needed and end with the process.
 * Omitted: lanes on WebGPU and WebAssembly, where there is one queue and one thread.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import { type ModelConfig, parameterCount } from "./config.ts";
import { LaneChannel, type LaneDraft, LaneError, laneMemory, type ReceivedMessage } from "./lane_channel.ts";
import type { Model } from "./model.ts";

/**
 * Most parameters of a model that is worked on in lanes, and whose decoding graph holds its weights, arranged for products once and not
 * in every run. A large model would be in memory many times.
 */
const SMALL_PARAMETERS = 2 ** 24;
/** Most lanes: each holds copies of the models in use. */
const MOST_LANES = 8;

/** Whether a model is small enough for lanes and for graphs that hold its weights. */
export function isSmall(config: ModelConfig): boolean {
  return parameterCount(config) <= SMALL_PARAMETERS;
}

/** A thread beside this one, with the weights it was last given of each model. */
class Lane {
  readonly #channel: LaneChannel;
  /** Weights and adapter that the thread has of each model, by the model's number. */
  readonly #held = new Map<number, { readonly weights: unknown; readonly adapter: unknown }>();

  constructor(channel: LaneChannel) {
    this.#channel = channel;
  }

  /** Hands over the present weights of a model where the thread has others, or none. */
  hold(id: number, model: Model): void {
    const { weights, adapter } = model;
    const held = this.#held.get(id);
    const [newWeights, newAdapter] = [held?.weights !== weights, held?.adapter !== adapter?.weights];
    if (!newWeights && !newAdapter) return;
    const tensors = [...(newWeights ? weights.values() : []), ...(newAdapter ? adapter?.weights.values() ?? [] : [])];
    this.call({
      op: "model",
      texts: [JSON.stringify(model.config), adapter === undefined ? "" : JSON.stringify(adapter.spec)],
      numbers: [id, newWeights ? 1 : 0],
      arrays: tensors.map(({ data }) => {
        if (!(data instanceof Float32Array)) throw new LaneError("Cannot share a model: its weights must be float32");
        return data;
      }),
    });
    this.#held.set(id, { weights, adapter: adapter?.weights });
  }

  /** Lets go of a model. */
  drop(id: number): void {
    if (this.#held.delete(id)) this.call({ op: "drop", numbers: [id] });
  }

  send(message: LaneDraft): void {
    this.#channel.request(message);
  }

  receive(): ReceivedMessage {
    const answer = this.#channel.awaitAnswer();
    if (answer.op === "error") throw new LaneError(`Cannot work in a lane: ${answer.texts[0]}`);
    return answer;
  }

  call(message: LaneDraft): ReceivedMessage {
    this.send(message);
    return this.receive();
  }
}

async function startLane(): Promise<Lane> {
  const memory = laneMemory();
  const worker = new Worker(new URL("./lane_worker.ts", import.meta.url), { workerData: memory });
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", (error) => {
      const hint = "the process must be allowed to read its own code";
      reject(new LaneError(`Cannot start a thread beside this one (${hint}): ${error}`, { cause: error }));
    });
  });
  // A sleeping lane must not keep the process from ending.
  worker.unref();
  return new Lane(new LaneChannel(memory));
}

/** Work that lanes do together. */
export interface LaneWork<T, R> {
  /**
   * Requests for lane 1, 2, …, the last of which is worked on while this thread does its share; none leaves a lane out. `id` is the
   * model's number in the lanes.
   */
  readonly requests: (lane: number, id: number) => readonly LaneDraft[];
  /** This thread's share. */
  readonly own: () => Promise<T>;
  /** Reads the answer to a lane's last request, before anything else is asked of the lane. */
  readonly read: (answer: ReceivedMessage) => R;
}

/** The lanes of a device: this thread, which is lane 0, and others. */
export class Lanes {
  /** Number of lanes, this thread included. */
  readonly count: number;
  /** Threads that may work at the same time. */
  readonly threads: number;
  #started: Promise<readonly Lane[]> | undefined;
  /** Ends when no work is being done. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #numbers = new WeakMap<Model, number>();
  #given = 0;
  readonly #dropped: number[] = [];
  /** Models that were let go without being released. */
  readonly #lost = new FinalizationRegistry<number>((id) => this.#dropped.push(id));

  /** @param threads threads that may work at the same time. */
  constructor(threads: number) {
    this.threads = threads;
    this.count = Math.max(1, Math.min(MOST_LANES, threads));
  }

  /** A number for a model or anything else that other threads keep; never given twice. */
  number(): number {
    return ++this.#given;
  }

  /** Lets other threads free what they hold of a model; they do so before their next work. */
  forget(model: Model): void {
    const id = this.#numbers.get(model);
    if (id !== undefined) this.#dropped.push(id);
    this.#numbers.delete(model);
    this.#lost.unregister(model);
  }

  /**
   * Hands each other lane requests about a model, does this thread's own share, and waits for all. Calls wait for each other, so
   * that `own` must not call this again.
   *
   * @param work see {@linkcode LaneWork}.
   * @returns own result, and what `read` made of the answers, by lane; that of lane 0, and of those left out, is `undefined`.
   * @throws {LaneError} if a lane fails.
   */
  async together<T, R>(
    model: Model,
    work: LaneWork<T, R>,
  ): Promise<{ readonly own: T; readonly answers: readonly (R | undefined)[] }> {
    this.#started ??= Promise.all(Array.from({ length: this.count - 1 }, startLane));
    const others = await this.#started;
    const before = this.#turn;
    let done = () => {};
    this.#turn = new Promise<void>((resolve) => done = resolve);
    await before;
    try {
      return await this.#run(others, model, work);
    } finally {
      done();
    }
  }

  #numberOf(model: Model): number {
    let id = this.#numbers.get(model);
    if (id === undefined) {
      id = this.number();
      this.#numbers.set(model, id);
      this.#lost.register(model, id, model);
    }
    return id;
  }

  async #run<T, R>(others: readonly Lane[], model: Model, { requests, own, read }: LaneWork<T, R>) {
    const id = this.#numberOf(model);
    for (const gone of this.#dropped.splice(0)) for (const lane of others) lane.drop(gone);
    const asked: { readonly lane: Lane; readonly index: number }[] = [];
    const answers: (R | undefined)[] = Array(others.length + 1).fill(undefined);
    const failures: unknown[] = [];
    const results: { readonly value: T }[] = [];
    try {
      for (const [i, lane] of others.entries()) {
        const messages = requests(i + 1, id);
        const last = messages.at(-1);
        if (last === undefined) continue;
        lane.hold(id, model);
        for (const message of messages.slice(0, -1)) lane.call(message);
        lane.send(last);
        asked.push({ lane, index: i + 1 });
      }
      results.push({ value: await own() });
    } catch (error) {
      failures.push(error);
    }
    for (const { lane, index } of asked) {
      try {
        answers[index] = read(lane.receive());
      } catch (error) {
        failures.push(error);
      }
    }
    const [result] = results;
    if (result === undefined || failures.length > 0) throw failures[0];
    return { own: result.value, answers };
  }
}
