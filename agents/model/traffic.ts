/**
 * Counts what crosses between host memory and GPU memory, by tensor.
 *
 * Contract: every tensor that a run takes from or gives to host memory, every upload and every download is counted with its bytes at
 * the moment it is asked for. Tensors that stay in GPU memory are not.
 *
 * @module
 */
import type { Tensor } from "onnxruntime-web";

/** How often and how much. */
export interface TrafficCount {
  /** Number of transfers. */
  readonly count: number;
  /** Their bytes together. */
  readonly bytes: number;
}

/** What crossed, by the name of a run's input or output; `place` is what was uploaded outside of runs, or read back of that. */
export interface Traffic {
  /** From host to device memory. */
  readonly up: Readonly<Record<string, TrafficCount>>;
  /** From device to host memory. */
  readonly down: Readonly<Record<string, TrafficCount>>;
}

/**
 * What crossed between two moments.
 *
 * @example Four bytes came down
 * ```ts
 * import { trafficSince } from "whetstone/agents/model/traffic.ts";
 * import assert from "node:assert/strict";
 *
 * const before = { up: {}, down: { loss: { count: 1, bytes: 4 } } };
 * const after = { up: {}, down: { loss: { count: 2, bytes: 8 } } };
 * assert.deepEqual(trafficSince(before, after), { up: {}, down: { loss: { count: 1, bytes: 4 } } });
 * ```
 */
export function trafficSince(before: Traffic, after: Traffic): Traffic {
  const difference = (a: Traffic["up"], b: Traffic["up"]) => {
    const entries = Object.entries(b).map(([name, { count, bytes }]): [string, TrafficCount] => {
      return [name, { count: count - (a[name]?.count ?? 0), bytes: bytes - (a[name]?.bytes ?? 0) }];
    });
    return Object.fromEntries(entries.filter(([, { count }]) => count > 0));
  };
  return { up: difference(before.up, after.up), down: difference(before.down, after.down) };
}

/** Bytes of all tensors of one direction together. */
export function trafficBytes(counts: Traffic["up"]): number {
  return Object.values(counts).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Counts the transfers of one device. */
export class TrafficCounter {
  readonly #up = new Map<string, TrafficCount>();
  readonly #down = new Map<string, TrafficCount>();

  /** Counts from now on are added to what this returned; the result does not change. */
  traffic(): Traffic {
    return { up: Object.fromEntries(this.#up), down: Object.fromEntries(this.#down) };
  }

  /** One upload. */
  up(name: string, bytes: number): void {
    add(this.#up, name, bytes);
  }

  /** One download. */
  down(name: string, bytes: number): void {
    add(this.#down, name, bytes);
  }

  /** The inputs of a run. */
  feeds(feeds: Readonly<Record<string, Tensor>>): void {
    for (const [name, tensor] of Object.entries(feeds)) {
      if (tensor.location !== "gpu-buffer") this.up(name, bytesOf(tensor));
    }
  }

  /** The outputs of a run; one that stays on the device is counted when its content is asked for. */
  results(results: Readonly<Record<string, Tensor>>): void {
    for (const [name, tensor] of Object.entries(results)) {
      if (tensor.location !== "gpu-buffer") {
        this.down(name, bytesOf(tensor));
        continue;
      }
      const getData = tensor.getData.bind(tensor);
      tensor.getData = (release) => {
        if (tensor.location === "gpu-buffer") this.down(name, bytesOf(tensor));
        return getData(release);
      };
    }
  }
}

const WIDE: ReadonlySet<string> = new Set(["int64", "uint64", "float64"]);

function bytesOf(tensor: Tensor): number {
  return tensor.size * (WIDE.has(tensor.type) ? 8 : tensor.type === "bool" ? 1 : tensor.type === "float16" ? 2 : 4);
}

function add(counts: Map<string, TrafficCount>, name: string, more: number): void {
  const { count, bytes } = counts.get(name) ?? { count: 0, bytes: 0 };
  counts.set(name, { count: count + 1, bytes: bytes + more });
}
