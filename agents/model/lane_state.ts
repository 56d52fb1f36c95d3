/**
 * What a lane's thread holds and does: models, graphs that add to gradients, shares of slots.
 *
 * Contract: {@linkcode LaneState.handle} answers one request of the thread that started the lane. Requests come from this project's own
 * code and are trusted to fit.
 *
 * @module
 */
import { z } from "zod";
import { adapterList, adapterSpecSchema } from "./adapter.ts";
import { modelConfigSchema, parameterList, type ParameterSpec } from "./config.ts";
import { DecodeLane, drawnArrays } from "./decode_lane.ts";
import type { Device, DeviceTensor, Session, Tensors } from "./device.ts";
import {
  arrayOf,
  type LaneArray,
  type LaneDraft,
  LaneError,
  type LaneMessage,
  type ReceivedMessage,
} from "./lane_channel.ts";
import { Model } from "./model.ts";

/** Inputs of a graph in the order of a request's arrays. */
const FEEDS = z.array(z.object({ name: z.string(), shape: z.array(z.number()) }));
const SAMPLING = z.object({
  temperature: z.number(),
  topK: z.number().exactOptional(),
  topP: z.number().exactOptional(),
  minP: z.number().exactOptional(),
});

/** A model and what belongs to it. */
interface Held {
  readonly model: Model;
  /** Graphs that were handed over, by name. */
  readonly sessions: Map<string, Promise<Session>>;
  /** Gradients so far, by the number of whom they belong to. */
  readonly gradients: Map<number, ReadonlyMap<string, DeviceTensor>>;
  /** Zeros in the shapes of what is trained, once there was need of them. */
  zeros?: ReadonlyMap<string, DeviceTensor>;
}

/** State of a lane's thread. */
export class LaneState {
  readonly #device: Device;
  readonly #models = new Map<number, Held>();
  readonly #decoders = new Map<number, DecodeLane>();

  /** Nothing held yet. */
  constructor(device: Device) {
    this.#device = device;
  }

  /** Does what is asked. @throws {LaneError} if it cannot be. */
  async handle(message: ReceivedMessage): Promise<LaneDraft> {
    const { op, numbers: [first = 0, second = 0, third = 0] } = message;
    switch (op) {
      case "model":
        return this.#hold(message);
      case "drop":
        return await this.#drop(first);
      case "gradient":
        return await this.#gradient(message);
      case "take gradients":
        return this.#takeGradients(first, second);
      case "decode open": {
        const sampling = SAMPLING.parse(JSON.parse(message.texts[0] ?? ""));
        this.#decoders.set(first, new DecodeLane(this.#held(third).model, second, sampling));
        return { op: "ok" };
      }
      case "decode clear":
        this.#decoder(first).clear(second);
        return { op: "ok" };
      case "decode move":
        this.#decoder(first).move(second, third);
        return { op: "ok" };
      case "decode steps": {
        const [tokens, room, uniforms, stops] = message.arrays;
        const drawn = await this.#decoder(first).steps({
          tokens_R: arrayOf(tokens, Int32Array),
          room_R: arrayOf(room, Int32Array),
          uniforms_R_N: arrayOf(uniforms, Float64Array),
          stops: arrayOf(stops, Int32Array),
        });
        return { op: "ok", arrays: drawnArrays(drawn) };
      }
      case "decode append":
        return {
          op: "ok",
          arrays: drawnArrays((await this.#append(first, message.arrays)).map((token) => [token])),
        };
      case "decode close": {
        const decoder = this.#decoder(first);
        const { prefillTokens, reusedTokens, steps, rows, busyRows } = decoder.stats;
        decoder.release();
        this.#decoders.delete(first);
        return { op: "ok", numbers: [prefillTokens, reusedTokens, steps, rows, busyRows] };
      }
      default:
        throw new LaneError(`it does not know ${op}`);
    }
  }

  /** Texts: configuration, shape of the adapter; numbers: model, whether weights follow, whether the adapter's follow. */
  #hold(message: ReceivedMessage): LaneDraft {
    const { texts, numbers: [id = 0, hasWeights = 0] } = message;
    const config = modelConfigSchema.parse(JSON.parse(texts[0] ?? ""));
    const spec = texts[1] === "" ? undefined : adapterSpecSchema.parse(JSON.parse(texts[1] ?? ""));
    const known = this.#models.get(id)?.model;
    if (known !== undefined) {
      // What another thread has of a model belongs to nobody else, so that it may be written over.
      const tensors = hasWeights === 1 && spec !== undefined
        ? [...known.weights.values(), ...known.trainableWeights.values()]
        : [...known.trainableWeights.values()];
      for (const [i, { data }] of tensors.entries()) message.copyOver(i, arrayOf(data, Float32Array));
      known.changedInPlace();
      return { op: "ok" };
    }
    const base = parameterList(config);
    const weights = this.#tensors(base, message.arrays);
    const adapter = this.#tensors(
      spec === undefined ? [] : adapterList(config, spec),
      message.arrays.slice(base.length),
    );
    const model = new Model(this.#device, config, weights, spec && { spec, weights: adapter });
    this.#models.set(id, { model, sessions: new Map(), gradients: new Map() });
    return { op: "ok" };
  }

  async #drop(id: number): Promise<LaneDraft> {
    const held = this.#held(id);
    this.#models.delete(id);
    for (const session of held.sessions.values()) await (await session).release();
    await held.model.release();
    return { op: "ok" };
  }

  /**
   * Texts: the graph's name, its inputs; numbers: model, whose gradients, whether they begin at 0, threads, whether
   * memory is planned, whether the first array is the graph.
   */
  async #gradient({ texts, numbers, arrays }: LaneMessage): Promise<LaneDraft> {
    const [id = 0, owner = 0, fresh = 0, threads = 1, plan = 1, hasGraph = 0] = numbers;
    const [key = "", feedsText = ""] = texts;
    const held = this.#held(id);
    const { model, sessions, gradients } = held;
    if (hasGraph === 1) {
      sessions.set(key, this.#device.session(arrayOf(arrays[0], Uint8Array), { threads, memoryPattern: plan === 1 }));
    }
    const session = await sessions.get(key);
    if (session === undefined) throw new LaneError(`it has no graph ${key}`);
    const before = fresh === 1 ? held.zeros ??= this.#zeros(model) : gradients.get(owner);
    if (before === undefined) throw new LaneError(`it has no gradients of ${owner}`);
    const feeds: Record<string, DeviceTensor> = { ...model.feeds() };
    for (const [name, tensor] of before) feeds[`g.${name}`] = tensor;
    for (const [i, { name, shape }] of FEEDS.parse(JSON.parse(feedsText)).entries()) {
      feeds[name] = tensorOf(this.#device, arrays[i + hasGraph], shape);
    }
    const results = await session.run(feeds);
    gradients.set(
      owner,
      new Map(model.trainable().map(({ name }) => [name, resultOf(results, `next.g.${name}`)])),
    );
    const given = [resultOf(results, "logprobs"), results["entropy"]].filter((tensor) => tensor !== undefined);
    return { op: "ok", arrays: given.map(({ data }) => arrayOf(data, Float32Array)) };
  }

  #takeGradients(id: number, owner: number): LaneDraft {
    const { model, gradients } = this.#held(id);
    const held = gradients.get(owner);
    if (held === undefined) throw new LaneError(`it has no gradients of ${owner}`);
    gradients.delete(owner);
    return { op: "ok", arrays: model.trainable().map(({ name }) => arrayOf(held.get(name)?.data, Float32Array)) };
  }

  #zeros(model: Model): ReadonlyMap<string, DeviceTensor> {
    const list = model.trainable();
    return this.#tensors(list, list.map(({ shape }) => new Float32Array(shape.reduce((a, b) => a * b, 1))));
  }

  async #append(id: number, arrays: readonly LaneArray[]) {
    const [slots, lengths, ids] = [
      arrayOf(arrays[0], Int32Array),
      arrayOf(arrays[1], Int32Array),
      arrayOf(arrays[2], Int32Array),
    ];
    const uniforms = arrayOf(arrays[3], Float64Array);
    let at = 0;
    return await this.#decoder(id).append(Array.from(slots, (slot, i) => {
      const start = at;
      at += lengths[i] ?? 0;
      return { slot, ids: [...ids.subarray(start, at)], uniform: uniforms[i] ?? 0 };
    }));
  }

  #tensors(list: readonly ParameterSpec[], arrays: readonly LaneArray[]): Map<string, DeviceTensor> {
    return new Map(
      list.map(({ name, shape }, i) => [name, this.#device.place(arrayOf(arrays[i], Float32Array), shape)]),
    );
  }

  #held(id: number): Held {
    const held = this.#models.get(id);
    if (held === undefined) throw new LaneError(`it has no model ${id}`);
    return held;
  }

  #decoder(id: number): DecodeLane {
    const decoder = this.#decoders.get(id);
    if (decoder === undefined) throw new LaneError(`it has no slots of ${id}`);
    return decoder;
  }
}

function resultOf(results: Tensors, name: string): DeviceTensor {
  const tensor = results[name];
  if (tensor === undefined) throw new LaneError(`a graph gave no result ${name}`);
  return tensor;
}

/** Tensor over a received array. */
function tensorOf(device: Device, array: LaneArray | undefined, shape: readonly number[]): DeviceTensor {
  if (array instanceof Float32Array) return device.float(array, shape);
  if (array instanceof Int32Array) return device.int32(array, shape);
  if (array instanceof BigInt64Array) return device.int64(array, shape);
  throw new LaneError(`an input must be float32, int32 or int64, got ${array?.constructor.name}`);
}
