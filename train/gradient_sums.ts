/**
 * Gradients of micro-batches, summed: in one sum, or in two that a lane each makes.
 *
 * Contract: micro-batches of a sum are added in their order. Two sums are made wherever the model is small (agents/model/lanes.ts) and
 * graphs run on native CPU, on two threads or one after the other, so that an update's numbers do not depend on the number of cores. How
 * rows are shared between the sums depends on their lengths and order only.
 *
 * @module
 */
import type { DeviceTensor, Session, SessionOptions } from "../agents/model/device.ts";
import type { GraphBuilder } from "../agents/model/graph.ts";
import { arrayOf, type LaneArray, type LaneDraft } from "../agents/model/lane_channel.ts";
import { isSmall } from "../agents/model/lanes.ts";
import { type Model, readFloats } from "../agents/model/model.ts";

/** Gradients by parameter name. */
export type Gradients = ReadonlyMap<string, DeviceTensor>;

/** A micro-batch, ready to run. */
export interface GradientWork {
  /** Name of its graph among the model's. */
  readonly key: string;
  /** Makes the graph, for a single thread or for several. */
  readonly build: (oneThread: boolean) => GraphBuilder;
  /** Options of the graph's session. */
  readonly options: SessionOptions;
  /** Inputs besides the weights and the gradients so far. */
  readonly feeds: Readonly<Record<string, DeviceTensor>>;
}

/** What a micro-batch gives besides gradients. */
export interface GradientResults {
  /** Log-probabilities of the loss tokens, nats, [M]. */
  readonly logprobs: Float32Array;
  /** Entropies at them, nats, [M], where the loss has them. */
  readonly entropy?: Float32Array;
}

/** Most tokens, padding not counted, that are one sum's even where two could be: less is not worth two runs. */
const LEAST_TOKENS = 64;

/** Sums of the gradients of one trainer's model. */
export class GradientSums {
  readonly #model: Model;
  /** Number of this object in the lanes. */
  readonly #number: number;
  readonly #two: boolean;
  /** Graphs that the lane has. */
  readonly #sent = new Set<string>();
  #zeros: Gradients | undefined;
  #first: Gradients | undefined;
  /** The second sum where this thread makes it. */
  #second: Gradients | undefined;
  /** Memory for the second sum of a lane, used again for each. */
  #fetched: Gradients | undefined;
  /** Whether the second sum is in the lane. */
  #inLane = false;

  /** Sums for a model; nothing is summed yet. */
  constructor(model: Model) {
    const { device, config } = model;
    this.#model = model;
    this.#two = device.kind === "cpu" && isSmall(config);
    this.#number = device.lanes?.number() ?? 0;
  }

  /**
   * Places of rows, given their numbers of tokens, in one share or two: of the rows in the order of their lengths every other one, so
   * that both shares take about as long.
   */
  shares(tokens: readonly number[]): number[][] {
    const places = [...tokens.keys()];
    const all = tokens.reduce((sum, count) => sum + count, 0);
    if (!this.#two || tokens.length < 2 || all < LEAST_TOKENS) return [places];
    const order = places.toSorted((a, b) => (tokens[b] ?? 0) - (tokens[a] ?? 0) || a - b);
    // 0 1 1 0 0 1 1 0: a share that got the longer row of a pair gets the shorter one of the next.
    return [0, 1].map((share) => order.filter((_, i) => ((i + 1) >> 1) % 2 === share).sort((a, b) => a - b));
  }

  /**
   * Adds the gradients of a micro-batch to the first sum and of another to the second, at the same time where there are two threads.
   *
   * @returns what each gave.
   */
  async add(
    first: GradientWork | undefined,
    second: GradientWork | undefined,
  ): Promise<readonly [GradientResults | undefined, GradientResults | undefined]> {
    const { lanes } = this.#model.device;
    const own = async () => first === undefined ? undefined : await this.#addFirst(first);
    if (second === undefined) return [await own(), undefined];
    if (lanes === undefined || lanes.count < 2) {
      const results = await own();
      return [results, await this.#addSecond(second)];
    }
    const graph = this.#sent.has(second.key) ? undefined : second.build(this.#threads() === 1).serialize();
    const { own: mine, answers } = await lanes.together(this.#model, {
      requests: (lane, id) => (lane === 1 ? [this.#request(second, id, graph)] : []),
      own,
      read: ({ arrays: [logprobs, entropy] }): GradientResults => {
        return {
          logprobs: arrayOf(logprobs, Float32Array),
          ...(entropy === undefined ? {} : { entropy: arrayOf(entropy, Float32Array) }),
        };
      },
    });
    this.#sent.add(second.key);
    this.#inLane = true;
    return [mine, answers[1]];
  }

  /**
   * Hands the sums over and forgets them; the next micro-batch begins new ones.
   *
   * @param use must be done with them when it ends.
   */
  async take<T>(use: (sums: readonly Gradients[]) => Promise<T>): Promise<T> {
    const own = [this.#first, this.#second].filter((sum) => sum !== undefined);
    const sums = this.#inLane ? [...own, await this.#fetch()] : own;
    this.clear();
    try {
      return await use(sums);
    } finally {
      for (const sum of own) for (const tensor of sum.values()) tensor.dispose();
    }
  }

  /** Forgets the sums, after a failure. */
  clear(): void {
    [this.#first, this.#second, this.#inLane] = [undefined, undefined, false];
  }

  /** Zeros in the shape of every trainable parameter, kept. */
  zeros(): Gradients {
    const { device } = this.#model;
    this.#zeros ??= new Map(
      this.#model.trainable().map(({ name, shape }) => {
        return [name, device.place(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)];
      }),
    );
    return this.#zeros;
  }

  async #addFirst(work: GradientWork): Promise<GradientResults> {
    const { gradients, results } = await this.#run(work, this.#first);
    this.#first = gradients;
    return results;
  }

  async #addSecond(work: GradientWork): Promise<GradientResults> {
    const { gradients, results } = await this.#run(work, this.#second);
    this.#second = gradients;
    return results;
  }

  async #run({ key, build, options, feeds }: GradientWork, before: Gradients | undefined) {
    const threads = this.#two ? { threads: this.#threads() } : {};
    const oneThread = this.#two && this.#threads() === 1;
    const session: Session = await this.#model.session(key, () => build(oneThread), { ...options, ...threads });
    const sums = before ?? this.zeros();
    const grads = Object.fromEntries([...sums].map(([name, tensor]) => [`g.${name}`, tensor]));
    const { logprobs, loss, entropy, ...next } = await session.run({ ...this.#model.feeds(), ...grads, ...feeds });
    if (logprobs === undefined) throw new TypeError("Cannot train: the gradient graph gave no log-probabilities");
    const results: GradientResults = {
      logprobs: await readFloats(logprobs),
      ...(entropy === undefined ? {} : { entropy: await readFloats(entropy) }),
    };
    for (const tensor of [logprobs, loss, entropy]) tensor?.dispose();
    if (before !== undefined) { for (const tensor of before.values()) tensor.dispose(); }
    const prefix = "next.g.";
    const gradients = new Map(Object.entries(next).map(([name, tensor]) => [name.slice(prefix.length), tensor]));
    return { gradients, results };
  }

  /** Threads of each of two runs at the same time. */
  #threads(): number {
    return Math.max(1, Math.floor((this.#model.device.lanes?.threads ?? 1) / 2));
  }

  #request(work: GradientWork, id: number, graph: Uint8Array | undefined): LaneDraft {
    const feeds = Object.entries(work.feeds);
    const arrays = feeds.map(([, { data }]): LaneArray => {
      if (data instanceof Float32Array || data instanceof Int32Array || data instanceof BigInt64Array) return data;
      throw new TypeError("Cannot share a micro-batch: its inputs must be float32, int32 or int64");
    });
    const plan = work.options.memoryPattern ?? true;
    return {
      op: "gradient",
      texts: [work.key, JSON.stringify(feeds.map(([name, { dims }]) => ({ name, shape: dims })))],
      numbers: [id, this.#number, this.#inLane ? 0 : 1, this.#threads(), plan ? 1 : 0, graph === undefined ? 0 : 1],
      arrays: graph === undefined ? arrays : [graph, ...arrays],
    };
  }

  async #fetch(): Promise<Gradients> {
    const { device } = this.#model;
    const sum = this.#fetched ??= new Map(
      this.#model.trainable().map(({ name, shape }) => {
        return [name, device.place(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)];
      }),
    );
    await device.lanes?.together(this.#model, {
      requests: (lane, id) => (lane === 1 ? [{ op: "take gradients", numbers: [id, this.#number] }] : []),
      own: () => Promise.resolve(),
      read: (answer) => {
        for (const [i, { data }] of [...sum.values()].entries()) answer.copyOver(i, arrayOf(data, Float32Array));
      },
    });
    return sum;
  }
}
