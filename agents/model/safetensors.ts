/**
 * Reading and writing safetensors files piece by piece: the header first, then any rows of any tensor.
 *
 * Contract: what is in memory at a time is one block of at most {@linkcode BLOCK_NUMBERS} numbers, whatever the size of the file.
 * Element types F32, F16 and BF16 are read as float32, exactly; writing rounds to the nearest, ties to even. A file appears whole or
 * not at all (temporary name, then rename). The format is https://github.com/huggingface/safetensors; several files are tied together
 * by `model.safetensors.index.json` as on the hub. A tensor of another type may be in a file; only reading it is an error.
 * Omitted: memory mapping; big-endian machines.
 *
 * @module
 */
import { z } from "zod";
import { fromFloats, isReadable, SAFETENSORS_TYPES, type SafetensorsType, toFloats, widthOf } from "./_float_bytes.ts";
import { HfFolderError } from "./hf_error.ts";

export { SAFETENSORS_TYPES, type SafetensorsType } from "./_float_bytes.ts";

/** Most numbers of one block. */
export const BLOCK_NUMBERS = 1 << 18;
/** Name of the file that says which tensor is in which of several files. */
export const INDEX_FILE = "model.safetensors.index.json";
const SINGLE_FILE = "model.safetensors";
const HEADER_ALIGNMENT = 8;
const MOST_HEADER_BYTES = 100_000_000;

/** Where a tensor is. */
export interface SafetensorsEntry {
  /** File that holds it. */
  readonly path: string;
  /** Element type as the file names it; perhaps one that cannot be read here. */
  readonly type: string;
  /** Shape. */
  readonly shape: readonly number[];
  /** Place of its first byte in the file. */
  readonly start: number;
  /** Bytes. */
  readonly bytes: number;
}

/** Some rows of a tensor. */
export interface RowBlock {
  /** Index of the first of them. */
  readonly row: number;
  /** Content, row by row; only valid until the next block is asked for. */
  readonly values: Float32Array;
}

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const headerSchema = z.record(z.string(), z.unknown());
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** Tensors of one file or of several that belong together. */
export class SafetensorsReader {
  /** Where each tensor is, by name. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly #files = new Map<string, Deno.FsFile>();

  /** Use {@linkcode openSafetensors}. */
  constructor(entries: ReadonlyMap<string, SafetensorsEntry>) {
    this.entries = entries;
  }

  /**
   * Rows of a tensor, block after block; a tensor of rank 1 is a single row, a scalar too.
   *
   * @param first index of the first row. @param count number of rows; all to the end if left out.
   * @throws {HfFolderError} if there is no such tensor, its type cannot be read, or the file ends too early.
   */
  async *rows(name: string, first = 0, count?: number): AsyncGenerator<RowBlock> {
    const entry = this.entries.get(name);
    if (entry === undefined) {
      throw new HfFolderError({ what: "read tensor", field: name, rule: "be in the files", found: "none" });
    }
    const { path, type, shape, start, bytes } = entry;
    if (!isReadable(type)) {
      const rule = `have one of the types ${SAFETENSORS_TYPES.join(", ")}`;
      throw new HfFolderError({
        what: "read tensor",
        file: path,
        field: name,
        rule,
        found: type,
        suggestion: "convert the checkpoint first; quantised ones cannot be trained",
      });
    }
    const width = type === "F32" ? 4 : 2;
    const [all = 1] = shape.length < 2 ? [1] : shape;
    const columns = all === 0 ? 0 : bytes / width / all;
    const end = first + (count ?? all - first);
    const step = Math.max(1, Math.floor(BLOCK_NUMBERS / Math.max(1, columns)));
    const raw = new Uint8Array(Math.min(step, end - first) * columns * width);
    const converted = type === "F32" ? undefined : new Float32Array(raw.length / width);
    const file = await this.#file(path);
    for (let row = first; row < end; row += step) {
      const rows = Math.min(step, end - row);
      const part = raw.subarray(0, rows * columns * width);
      await file.seek(start + row * columns * width, Deno.SeekMode.Start);
      await readFully(file, part, path, name);
      yield { row, values: toFloats(part, type, converted) };
    }
  }

  /** A whole tensor in memory of its own. @throws {HfFolderError} as {@linkcode SafetensorsReader.rows} does. */
  async tensor(name: string): Promise<Float32Array> {
    const size = this.entries.get(name)?.shape.reduce((a, b) => a * b, 1) ?? 0;
    const values = new Float32Array(size);
    let done = 0;
    for await (const block of this.rows(name)) {
      values.set(block.values, done);
      done += block.values.length;
    }
    return values;
  }

  async #file(path: string): Promise<Deno.FsFile> {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const file = await Deno.open(path, { read: true });
    this.#files.set(path, file);
    return file;
  }

  /** Closes the files. */
  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Opens a safetensors file, or a folder with one or several of them.
 *
 * @example A file that was just written
 * ```ts
 * import { openSafetensors, writeSafetensors } from "whetstone/agents/model/safetensors.ts";
 * import assert from "node:assert/strict";
 *
 * const path = `${await Deno.makeTempDir()}/a.safetensors`;
 * const values = async function* () {
 *   yield await Promise.resolve(Float32Array.of(1, 2.5));
 * };
 * await writeSafetensors(path, [{ name: "w", type: "BF16", shape: [2], values }]);
 * using reader = await openSafetensors(path);
 * assert.deepEqual([...await reader.tensor("w")], [1, 2.5]);
 * ```
 *
 * @throws {HfFolderError} if there is none, one is damaged, or the index names a file or a tensor that is not there.
 */
export async function openSafetensors(path: string): Promise<SafetensorsReader> {
  if (!(await Deno.stat(path)).isDirectory) return new SafetensorsReader(await readHeader(path));
  const names = new Set<string>();
  for await (const entry of Deno.readDir(path)) names.add(entry.name);
  if (names.has(SINGLE_FILE)) return new SafetensorsReader(await readHeader(`${path}/${SINGLE_FILE}`));
  if (!names.has(INDEX_FILE)) {
    const pickled = [...names].some((name) => /\.(bin|pt|pth|ckpt)$/.test(name));
    throw new HfFolderError({
      what: "read weights",
      file: path,
      rule: `hold ${SINGLE_FILE}, or ${INDEX_FILE} and the files that it names`,
      found: [...names].filter((name) => !name.startsWith(".")).sort().slice(0, 12).join(", ") || "an empty folder",
      suggestion: pickled
        ? "load it with Python transformers and save it with save_pretrained, which writes safetensors"
        : "check that the download is complete",
    });
  }
  const file = `${path}/${INDEX_FILE}`;
  const index = indexSchema.safeParse(await readJson(file));
  if (!index.success) {
    throw new HfFolderError(
      { what: "read", file, field: "weight_map", rule: "be an object of texts", found: "something else" },
      { cause: index.error },
    );
  }
  const weightMap = index.data.weight_map;
  const headers = new Map<string, ReadonlyMap<string, SafetensorsEntry>>();
  for (const name of new Set(Object.values(weightMap))) {
    if (!names.has(name)) {
      throw new HfFolderError({
        what: "read weights",
        file: `${path}/${name}`,
        rule: `exist, because ${INDEX_FILE} names it`,
        found: "no such file",
        suggestion: "check that the download is complete",
      });
    }
    headers.set(name, await readHeader(`${path}/${name}`));
  }
  const entries = Object.entries(weightMap).map(([tensor, name]) => {
    const entry = headers.get(name)?.get(tensor);
    if (entry !== undefined) return [tensor, entry] as const;
    const rule = `be in ${name}, because ${INDEX_FILE} says so`;
    throw new HfFolderError({ what: "read tensor", file: `${path}/${name}`, field: tensor, rule, found: "none" });
  });
  return new SafetensorsReader(new Map(entries));
}

/** Parsed JSON of a file. @throws {HfFolderError} if there is none or it is not JSON. */
export async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new HfFolderError({ what: "read", file, rule: "exist", found: "no such file" }, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const found = `${text.slice(0, 40).replaceAll(/\s+/g, " ")}…`;
    throw new HfFolderError({ what: "read", file, rule: "hold JSON", found }, { cause });
  }
}

async function readHeader(path: string): Promise<Map<string, SafetensorsEntry>> {
  const size = (await Deno.stat(path)).size;
  const damaged = (rule: string, found: unknown, field?: string, cause?: unknown): HfFolderError => {
    const suggestion = "the file may be cut off or no safetensors file; fetch it again";
    return new HfFolderError({ what: "read", file: path, field, rule, found, suggestion }, { cause });
  };
  using file = await Deno.open(path, { read: true });
  if (size < 8) throw damaged("have at least 8 bytes", size);
  const prefix = new Uint8Array(8);
  await readFully(file, prefix, path, "the header");
  const length = Number(new DataView(prefix.buffer).getBigUint64(0, true));
  if (length > MOST_HEADER_BYTES || 8 + length > size) throw damaged(`have a header within its ${size} bytes`, length);
  const bytes = new Uint8Array(length);
  await readFully(file, bytes, path, "the header");
  let header: Record<string, unknown>;
  try {
    header = headerSchema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw damaged("have a JSON object as its header", "something else", undefined, cause);
  }
  const { __metadata__: _, ...tensors } = header;
  return new Map(
    Object.entries(tensors).map(([name, raw]) => {
      const parsed = entrySchema.safeParse(raw);
      if (!parsed.success) throw damaged("be described by dtype, shape and data_offsets", JSON.stringify(raw), name);
      const { dtype, shape, data_offsets: [start, end] } = parsed.data;
      const width = widthOf(dtype);
      const wanted = width === undefined ? end - start : width * shape.reduce((a, b) => a * b, 1);
      if (end - start !== wanted) throw damaged(`take ${wanted} bytes (${dtype} [${shape}])`, end - start, name);
      if (8 + length + end > size) throw damaged(`end within the file's ${size} bytes`, 8 + length + end, name);
      return [name, { path, type: dtype, shape, start: 8 + length + start, bytes: end - start }];
    }),
  );
}

async function readFully(file: Deno.FsFile, target: Uint8Array, path: string, name: string): Promise<void> {
  for (let done = 0; done < target.length;) {
    const count = await file.read(target.subarray(done));
    if (count === null) {
      const rule = `have ${target.length} more bytes`;
      throw new HfFolderError({ what: "read", file: path, field: name, rule, found: done });
    }
    done += count;
  }
}

/** A tensor to be written. */
export interface WrittenTensor {
  /** Name. */
  readonly name: string;
  /** Element type in the file. */
  readonly type: SafetensorsType;
  /** Shape. */
  readonly shape: readonly number[];
  /** Content in order, in pieces of any size. */
  readonly values: () => AsyncIterable<Float32Array>;
}

/** Bytes of a tensor in a file. */
export function tensorBytes(tensor: Pick<WrittenTensor, "type" | "shape">): number {
  return (tensor.type === "F32" ? 4 : 2) * tensor.shape.reduce((a, b) => a * b, 1);
}

/**
 * Writes a file, tensor after tensor.
 *
 * @throws {RangeError} if a tensor's pieces do not add up to its shape; no file appears then.
 */
export async function writeSafetensors(path: string, tensors: readonly WrittenTensor[]): Promise<void> {
  // `format` is what Python's readers ask for before they open a file.
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let offset = 0;
  for (const tensor of tensors) {
    const end = offset + tensorBytes(tensor);
    header[tensor.name] = { dtype: tensor.type, shape: tensor.shape, data_offsets: [offset, end] };
    offset = end;
  }
  let text = JSON.stringify(header);
  while (new TextEncoder().encode(text).length % HEADER_ALIGNMENT !== 0) text += " ";
  const head = new TextEncoder().encode(text);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(head.length), true);
  const temporary = `${path}.tmp`;
  const file = await Deno.open(temporary, { write: true, create: true, truncate: true });
  try {
    await writeFully(file, length);
    await writeFully(file, head);
    for (const tensor of tensors) {
      let written = 0;
      for await (const values of tensor.values()) {
        const bytes = fromFloats(values, tensor.type);
        await writeFully(file, bytes);
        written += bytes.length;
      }
      if (written !== tensorBytes(tensor)) {
        throw new RangeError(
          `Cannot write tensor ${tensor.name}: needs ${
            tensorBytes(tensor)
          } bytes for [${tensor.shape}], got ${written}`,
        );
      }
    }
    await file.sync();
  } catch (error) {
    file.close();
    await Deno.remove(temporary);
    throw error;
  }
  file.close();
  await Deno.rename(temporary, path);
}

async function writeFully(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}
