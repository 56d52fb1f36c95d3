/**
 * Bytes of a graph that holds weights, in which the weights are written over when they change.
 *
 * Contract: {@linkcode WeightedGraph.bytes} gives what `GraphBuilder.serialize` with the same weights gives, and is valid until it is
 * called again. With a million parameters writing over takes a twentieth of the time of making the bytes anew, which took longer than
 * loading them.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type GraphBuilder, GraphError, type StoredTensor } from "./graph.ts";

/** Weights as bytes, by the names of a graph's inputs. */
export type StoredBytes = ReadonlyMap<string, Extract<StoredTensor, { readonly bytes: unknown }>>;

/** A graph with weights. */
export class WeightedGraph {
  readonly #graph: GraphBuilder;
  #bytes: Uint8Array | undefined;
  /** Where each weight begins. */
  readonly #places = new Map<string, number>();

  /** Nothing is made yet. */
  constructor(graph: GraphBuilder) {
    this.#graph = graph;
  }

  /** Bytes of the graph with these weights, whose names and sizes must be those of the first call. @throws {GraphError} if they are not. */
  bytes(stored: StoredBytes): Uint8Array {
    if (this.#bytes === undefined) {
      const made = this.#graph.serialize(stored);
      for (const [name, { bytes }] of stored) this.#places.set(name, placeOf(made, name, bytes.length));
      this.#bytes = made;
      return made;
    }
    for (const [name, { bytes }] of stored) {
      const place = this.#places.get(name);
      if (place === undefined) throw new GraphError(`Cannot write weights: the graph has none named ${name}`);
      this.#bytes.set(bytes, place);
    }
    return this.#bytes;
  }
}

/** Wire tag of a tensor's raw data (field 9, with a length), which follows its name. */
const RAW_DATA = 0x4A;

/** Where the raw data of a tensor begins: after its name, the tag and the length. @throws {GraphError} if that is not at one place. */
function placeOf(model: Uint8Array, name: string, length: number): number {
  const size: number[] = [];
  for (let rest = length;; rest >>>= 7) {
    if (rest < 0x80) {
      size.push(rest);
      break;
    }
    size.push(rest & 0x7F | 0x80);
  }
  const pattern = Buffer.from([...new TextEncoder().encode(name), RAW_DATA, ...size]);
  const bytes = Buffer.from(model.buffer, model.byteOffset, model.byteLength);
  const at = bytes.indexOf(pattern);
  if (at < 0 || bytes.indexOf(pattern, at + 1) >= 0) {
    throw new GraphError(`Cannot find weight ${name} in the bytes of a graph: it must be there once`);
  }
  return at + pattern.length;
}
