/**
 * Modules of published checkpoints and the matrices of their adapters: names, widths, fused projections.
 *
 * Contract: pure functions over row-major values; a module's adapter is [rank, in] and [out, rank], a projection's [in, rank] and [rank, out].
 *
 * @module
 */
import { type Projection, PROJECTIONS } from "./adapter.ts";
import { checkpointTensors } from "./checkpoint_layout.ts";
import type { ModelConfig } from "./config.ts";
import type { FileTensor } from "./tensor_file.ts";

/** A part of a module of a published checkpoint. */
export interface Part {
  /** Which projection. */
  readonly projection: Projection;
  /** Width of its result. */
  readonly columns: number;
}

/** A module that published checkpoints have an adapter for. */
export interface Module {
  /** Its parts: one projection, or those of a fused one, in the order of their results. */
  readonly parts: readonly Part[];
  /** Width of its operand. */
  readonly rows: number;
}

/** Modules of a model's checkpoint by their names inside a block; those of Llama for a model of no published family. */
export function modulesOf(config: ModelConfig): Map<string, Module> {
  const [first, last] = ["model.layers.0.", ".weight"];
  const tensors = checkpointTensors({ ...config, embedsPrevious: false }, config.family ?? "llama");
  return new Map(
    tensors.filter(({ name, transposed }) => transposed && name.startsWith(first)).map(({ name, shape, parts }) => {
      const own = parts.flatMap(({ parameter, rows }): Part[] => {
        const projection = PROJECTIONS.find((known) => parameter.endsWith(`.${known}`));
        return projection === undefined ? [] : [{ projection, columns: rows }];
      });
      return [name.slice(first.length, -last.length), { parts: own, rows: shape[1] ?? 0 }];
    }),
  );
}

/** [rows, columns] as [columns, rows]. */
export function transposed(values: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(values.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j] ?? 0;
  }
  return result;
}

/** One adapter for a module from those of its parts: A below each other, B in blocks, zero where a part has none. */
export function fuseAdapters(
  parts: readonly Part[],
  own: readonly Part[],
  rank: number,
  valuesOf: (projection: Projection, side: "a" | "b") => Float32Array,
): { readonly down: FileTensor; readonly up: FileTensor } {
  const inner = own.length * rank;
  const width = parts.reduce((sum, { columns }) => sum + columns, 0);
  const rows = own.map(({ projection }) => {
    const a = valuesOf(projection, "a");
    return transposed(a, a.length / rank, rank);
  });
  const down = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  rows.reduce((offset, row) => (down.set(row, offset), offset + row.length), 0);
  const up = new Float32Array(width * inner);
  let start = 0;
  for (const part of parts) {
    const block = own.indexOf(part);
    if (block >= 0) {
      const b = valuesOf(part.projection, "b");
      for (let r = 0; r < rank; r++) {
        for (let j = 0; j < part.columns; j++) {
          up[(start + j) * inner + block * rank + r] = b[r * part.columns + j] ?? 0;
        }
      }
    }
    start += part.columns;
  }
  return {
    down: { shape: [inner, down.length / inner], values: down },
    up: { shape: [width, inner], values: up },
  };
}

/** The adapter of one part. */
export interface PartAdapter {
  /** Inner width. */
  readonly rank: number;
  /** [in, rank]. */
  readonly down: Float32Array;
  /** [rank, out]. */
  readonly up: Float32Array;
}

/**
 * The adapters of a module's parts from that of the module, by projection; parts that it leaves alone have none.
 *
 * Where B is zero outside of one block of inner columns per part, each part takes its block; else all parts share the inner columns.
 *
 * @param a [in, rank]. @param b [rank, out of all parts].
 */
export function splitAdapter(
  parts: readonly Part[],
  a: Float32Array,
  b: Float32Array,
  rank: number,
): Map<Projection, PartAdapter> {
  const width = parts.reduce((sum, { columns }) => sum + columns, 0);
  let start = 0;
  const all = parts.map(({ projection, columns }) => {
    const up = columnsOf(b, width, start, start + columns);
    start += columns;
    // Inner columns from the first to the last that reach this part.
    const first = up.findIndex((value) => value !== 0);
    const last = up.findLastIndex((value) => value !== 0);
    return { projection, columns, up, from: Math.floor(first / columns), to: Math.floor(last / columns) + 1 };
  });
  const touched = all.filter(({ from }) => from >= 0);
  const own = touched.length === 0 ? all : touched;
  const block = rank / own.length;
  const blocks = touched.length > 0 && Number.isInteger(block) &&
    own.every(({ from, to }, i) => from >= i * block && to <= (i + 1) * block);
  return new Map(own.map(({ projection, columns, up }, i) => {
    const [from, to] = blocks ? [i * block, (i + 1) * block] : [0, rank];
    const down = columnsOf(a, rank, from, to);
    return [projection, { rank: to - from, down, up: up.slice(from * columns, to * columns) }];
  }));
}

/** Columns of a matrix of the given width. */
function columnsOf(values: Float32Array, width: number, from: number, to: number): Float32Array {
  const rows = values.length / width;
  const result = new Float32Array(rows * (to - from));
  for (let i = 0; i < rows; i++) result.set(values.subarray(i * width + from, i * width + to), i * (to - from));
  return result;
}
