/**
 * Bytes of a graph that holds weights, in which the weights are written over when they change.
 *
 * Contract: {@linkcode WeightedGraph.bytes} gives what `GraphBuilder.serialize` with the same weights gives, and is valid until it is
 * called again. With a million parameters making the bytes anew took as long as loading them; writing over takes less than a
 * twentieth of that. Weights must be given in the order of the graph's inputs.
 *
 * @module
 */
import { type GraphBuilder, GraphError, type StoredTensor } from "./graph.ts";

/** Weights as bytes, by the names of a graph's inputs. */
export type StoredBytes = ReadonlyMap<string, Extract<StoredTensor, { readonly bytes: unknown }>>;

/** A graph with weights. */
export class WeightedGraph {
  readonly #graph: GraphBuilder;
  #bytes: Uint8Array | undefined;
  /** Where each weight is. */
  readonly #places = new Map<string, { readonly at: number; readonly length: number }>();

  /** Nothing is made yet. */
  constructor(graph: GraphBuilder) {
    this.#graph = graph;
  }

  /** Bytes of the graph with these weights, whose names and sizes must be those of the first call. @throws {GraphError} if they are not. */
  bytes(stored: StoredBytes): Uint8Array {
    if (this.#bytes === undefined) {
      const made = this.#graph.serialize(stored);
      this.#find(made, stored);
      this.#bytes = made;
      return made;
    }
    for (const [name, { bytes }] of stored) {
      const place = this.#places.get(name);
      if (place?.length !== bytes.length) {
        const size = place === undefined ? "none of that name" : `${place.length} bytes`;
        throw new GraphError(`Cannot write weight ${name} of ${bytes.length} bytes: the graph has ${size}`);
      }
      this.#bytes.set(bytes, place.at);
    }
    return this.#bytes;
  }

  /** Notes where each weight's raw data begins: after its name, a tag and its length. Names are looked for in order, each after the last. */
  #find(model: Uint8Array, stored: StoredBytes): void {
    // One character per byte: a text is searched ten times as fast as bytes are.
    const latin = new TextDecoder("latin1");
    const text = latin.decode(model);
    let from = 0;
    for (const [name, { bytes }] of stored) {
      const pattern = latin.decode(rawDataHead(name, bytes.length));
      const at = text.indexOf(pattern, from);
      const place = at + pattern.length;
      const found = at >= 0 && [0, bytes.length - 1].every((i) => model[place + i] === bytes[i]);
      if (!found) throw new GraphError(`Cannot find weight ${name} in the bytes of a graph: they must follow its name`);
      this.#places.set(name, { at: place, length: bytes.length });
      from = place + bytes.length;
    }
  }
}

/** Wire tag of a tensor's raw data (field 9, with a length), which follows its name. */
const RAW_DATA = 0x4A;

/** What stands before a tensor's raw data. */
function rawDataHead(name: string, length: number): Uint8Array {
  const size: number[] = [];
  for (let rest = length;; rest >>>= 7) {
    if (rest < 0x80) {
      size.push(rest);
      break;
    }
    size.push(rest & 0x7F | 0x80);
  }
  return Uint8Array.from([...new TextEncoder().encode(name), RAW_DATA, ...size]);
}
