/**
 * Named float32 tensors in one file, in safetensors form: header length (8 bytes, little endian), JSON header, raw data.
 *
 * Contract: what is written is read back bit for bit; a file appears whole or not at all (temporary name, then rename). The format
 * is https://github.com/huggingface/safetensors; metadata values are strings. Omitted: other element types, memory mapping.
 *
 * @module
 */
import { z } from "zod";

/** One tensor of a file. */
export interface FileTensor {
  /** Shape. */
  readonly shape: readonly number[];
  /** Row-major content. */
  readonly values: Float32Array;
}

/** Content of a file. */
export interface TensorFile {
  /** Free texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensors by name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, FileTensor>;
}

/** A file is not a tensor file, or not one that can be read here. */
export class TensorFileError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "TensorFileError";
}

const entrySchema = z.object({
  dtype: z.literal("F32"),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const metadataSchema = z.record(z.string(), z.string());
const headerSchema = z.record(z.string(), z.unknown());
const HEADER_ALIGNMENT = 8;

/** Writes a file under a temporary name beside it, then renames it. */
export async function writeTensorFile(path: string, file: TensorFile): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: file.metadata };
  let offset = 0;
  for (const [name, { shape, values }] of file.tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  let text = JSON.stringify(header);
  while (new TextEncoder().encode(text).length % HEADER_ALIGNMENT !== 0) text += " ";
  const head = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + head.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  let place = 8 + head.length;
  for (const { values } of file.tensors.values()) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), place);
    place += values.byteLength;
  }
  const temporary = `${path}.tmp`;
  const handle = await Deno.open(temporary, { write: true, create: true, truncate: true });
  try {
    for (let done = 0; done < bytes.length;) done += await handle.write(bytes.subarray(done));
    await handle.sync();
  } finally {
    handle.close();
  }
  await Deno.rename(temporary, path);
}

/** Reads a file. @throws {TensorFileError} if it is damaged or holds another element type than float32. */
export async function readTensorFile(path: string): Promise<TensorFile> {
  const bytes = await Deno.readFile(path);
  if (bytes.length < 8) throw new TensorFileError(`Cannot read ${path}: needs at least 8 bytes, got ${bytes.length}`);
  const headLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  if (8 + headLength > bytes.length) {
    throw new TensorFileError(`Cannot read ${path}: its header should have ${headLength} bytes, the file ends before`);
  }
  let header: Record<string, unknown>;
  try {
    header = headerSchema.parse(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headLength))));
  } catch (cause) {
    throw new TensorFileError(`Cannot read ${path}: its header is not a JSON object`, { cause });
  }
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = new Map<string, FileTensor>();
  for (const [name, raw] of Object.entries(entries)) {
    const entry = entrySchema.safeParse(raw);
    if (!entry.success) {
      throw new TensorFileError(`Cannot read tensor ${name} of ${path}: its entry must describe float32 data`, {
        cause: entry.error,
      });
    }
    const { shape, data_offsets: [start, end] } = entry.data;
    const size = 4 * shape.reduce((a, b) => a * b, 1);
    if (end - start !== size || 8 + headLength + end > bytes.length) {
      throw new TensorFileError(`Cannot read tensor ${name} of ${path}: needs ${size} bytes, got ${end - start}`);
    }
    // A copy, because the data need not begin at a multiple of four bytes.
    const values = new Float32Array(bytes.slice(8 + headLength + start, 8 + headLength + end).buffer);
    tensors.set(name, { shape, values });
  }
  return { metadata: metadataSchema.parse(metadata), tensors };
}
