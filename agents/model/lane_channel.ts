/**
 * Messages between two threads through shared memory: one request and one answer at a time.
 *
 * Contract: each side holds a {@linkcode LaneChannel} over the same memory. The caller writes a request, the other side waits for it,
 * works, and writes an answer; both block their thread while they wait, which takes about a tenth of the time that a posted message
 * does. Arrays are copied in and out, because ONNX Runtime takes no shared memory.
 *
 * @module
 */

/** An array that a message can carry. */
export type LaneArray = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** A request or an answer. */
export interface LaneMessage {
  /** What is wanted, or `ok` or `error`. */
  readonly op: string;
  /** Names, JSON documents. */
  readonly texts: readonly string[];
  /** Small numbers. */
  readonly numbers: readonly number[];
  /** Tensors. */
  readonly arrays: readonly LaneArray[];
}

/** A message without the parts that are empty. */
export type LaneDraft = Pick<LaneMessage, "op"> & Partial<LaneMessage>;

/** A message in the shared memory; arrays are copied when they are first read, which must be before this side's next message. */
export interface ReceivedMessage extends LaneMessage {
  /** Copies an array over one of the same type and length, which saves getting memory. @throws {LaneError} if it is not. */
  copyOver(index: number, target: LaneArray | undefined): void;
}

/** Another thread did not do what it was asked. */
export class LaneError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "LaneError";
}

/** Memory that both sides see. */
export interface LaneMemory {
  /** Counters of requests and answers. */
  readonly control: SharedArrayBuffer;
  /** The message. */
  readonly data: SharedArrayBuffer;
}

const [REQUESTS, ANSWERS, BYTES] = [0, 1, 2];
/** Looks at a counter, about a tenth of a millisecond of them, before a thread goes to sleep: to be woken takes half as long. */
const LOOKS = 2 ** 11;
const FIRST_BYTES = 2 ** 16;
/** Most bytes of a message; memory that is not used costs addresses only. */
const MOST_BYTES = 2 ** 29;

/** Memory for a channel. */
export function laneMemory(): LaneMemory {
  return {
    control: new SharedArrayBuffer(16),
    data: new SharedArrayBuffer(FIRST_BYTES, { maxByteLength: MOST_BYTES }),
  };
}

const KINDS = {
  f32: (bytes: ArrayBuffer) => new Float32Array(bytes),
  f64: (bytes: ArrayBuffer) => new Float64Array(bytes),
  i32: (bytes: ArrayBuffer) => new Int32Array(bytes),
  i64: (bytes: ArrayBuffer) => new BigInt64Array(bytes),
  u8: (bytes: ArrayBuffer) => new Uint8Array(bytes),
} as const;

type Kind = keyof typeof KINDS;

function kindOf(array: LaneArray): Kind {
  if (array instanceof Float32Array) return "f32";
  if (array instanceof Float64Array) return "f64";
  if (array instanceof Int32Array) return "i32";
  return array instanceof BigInt64Array ? "i64" : "u8";
}

interface Header extends Omit<LaneMessage, "arrays"> {
  readonly arrays: readonly (readonly [Kind, number])[];
}

/** Only {@linkcode LaneChannel} writes what is read here. */
function isHeader(value: unknown): value is Header {
  return typeof value === "object" && value !== null && "op" in value && "arrays" in value;
}

/**
 * One side of a channel.
 *
 * @example A message comes out as it went in
 * ```ts
 * import { LaneChannel, laneMemory } from "whetstone/agents/model/lane_channel.ts";
 * import assert from "node:assert/strict";
 *
 * const memory = laneMemory();
 * const [caller, worker] = [new LaneChannel(memory), new LaneChannel(memory)];
 * caller.request({ op: "add", numbers: [1], arrays: [Float32Array.of(0.5)] });
 * assert.deepEqual(worker.awaitRequest().arrays[0], Float32Array.of(0.5));
 * worker.answer({ op: "ok", texts: ["done"] });
 * assert.equal(caller.awaitAnswer().texts[0], "done");
 * ```
 */
export class LaneChannel {
  readonly #control: Int32Array;
  readonly #data: SharedArrayBuffer;
  /** Requests that this side has made or taken. */
  #count = 0;

  /** A side of the channel over the memory, before the first message. */
  constructor(memory: LaneMemory) {
    this.#control = new Int32Array(memory.control);
    this.#data = memory.data;
  }

  /** Hands the other side a request. @throws {LaneError} if it does not fit. */
  request(message: LaneDraft): void {
    this.#write(message);
    this.#count++;
    this.#signal(REQUESTS);
  }

  /** Blocks until the other side has made its next request. */
  awaitRequest(): ReceivedMessage {
    this.#wait(REQUESTS, this.#count + 1);
    this.#count++;
    return this.#read();
  }

  /** Answers the request taken last. @throws {LaneError} if the answer does not fit. */
  answer(message: LaneDraft): void {
    this.#write(message);
    this.#signal(ANSWERS);
  }

  /** Blocks until the last request is answered. */
  awaitAnswer(): ReceivedMessage {
    this.#wait(ANSWERS, this.#count);
    return this.#read();
  }

  #signal(counter: number): void {
    Atomics.store(this.#control, counter, this.#count);
    Atomics.notify(this.#control, counter);
  }

  #wait(counter: number, wanted: number): void {
    for (let look = 0; look < LOOKS; look++) {
      if (Atomics.load(this.#control, counter) === (wanted | 0)) return;
    }
    while (true) {
      const value = Atomics.load(this.#control, counter);
      if (value === (wanted | 0)) return;
      Atomics.wait(this.#control, counter, value);
    }
  }

  #write({ op, texts = [], numbers = [], arrays = [] }: LaneDraft): void {
    const header = { op, texts, numbers, arrays: arrays.map((array) => [kindOf(array), array.byteLength]) };
    const text = new TextEncoder().encode(JSON.stringify(header));
    let end = aligned(text.length);
    for (const { byteLength } of arrays) end = aligned(end + byteLength);
    if (end > MOST_BYTES) {
      throw new LaneError(`Cannot hand ${op} to another thread: it must have at most ${MOST_BYTES} bytes, got ${end}`);
    }
    if (end > this.#data.byteLength) this.#data.grow(Math.min(MOST_BYTES, Math.max(end, 2 * this.#data.byteLength)));
    const bytes = new Uint8Array(this.#data);
    bytes.set(text);
    this.#control[BYTES] = text.length;
    let at = aligned(text.length);
    for (const { buffer, byteOffset, byteLength } of arrays) {
      bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
      at = aligned(at + byteLength);
    }
  }

  #read(): ReceivedMessage {
    const length = this.#control[BYTES] ?? 0;
    // A decoder takes no shared memory.
    const header: unknown = JSON.parse(new TextDecoder().decode(this.#copy(0, length)));
    if (!isHeader(header)) throw new LaneError("Cannot read a message of another thread: it has no header");
    const { op, texts, numbers } = header;
    let at = aligned(length);
    const places = header.arrays.map(([kind, size]) => {
      const place = { kind, start: at, size };
      at = aligned(at + size);
      return place;
    });
    let arrays: LaneArray[] | undefined;
    const copied = () => arrays ??= places.map(({ kind, start, size }) => KINDS[kind](this.#copy(start, size)));
    return {
      op,
      texts,
      numbers,
      get arrays() {
        return copied();
      },
      copyOver: (index, target) => {
        const place = places[index];
        if (place === undefined || target === undefined || kindOf(target) !== place.kind) {
          throw new LaneError(`Cannot read a message of another thread: array ${index} is not of the wanted type`);
        }
        if (target.byteLength !== place.size) {
          throw new LaneError(
            `Cannot read a message of another thread: array ${index} must have ${target.byteLength} bytes, got ${place.size}`,
          );
        }
        const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
        bytes.set(new Uint8Array(this.#data, place.start, place.size));
      },
    };
  }

  #copy(start: number, length: number): ArrayBuffer {
    const bytes = new Uint8Array(length);
    bytes.set(new Uint8Array(this.#data, start, length));
    return bytes.buffer;
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/** A value as an array of a type. @throws {LaneError} if it is not one. */
export function arrayOf<T extends LaneArray>(value: unknown, type: new (length: number) => T): T {
  if (value instanceof type) return value;
  throw new LaneError(`Cannot use an array: it must be a ${type.name}, got ${typeof value}`);
}
