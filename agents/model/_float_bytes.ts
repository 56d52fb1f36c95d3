/**
 * float32 numbers from and to the element types of safetensors files: exact one way, rounded to the nearest (ties to even) the other.
 *
 * @module
 */
/** Element types that are read and written. */
export const SAFETENSORS_TYPES = ["F32", "F16", "BF16"] as const;
/** Element type of a tensor in a file. */
export type SafetensorsType = typeof SAFETENSORS_TYPES[number];

/** Bytes of one number of a type; `undefined` for a type that is not known. */
export function widthOf(type: string): number | undefined {
  return ({ F64: 8, I64: 8, U64: 8, F32: 4, I32: 4, U32: 4, F16: 2, BF16: 2, I16: 2, U16: 2 } as const)[type] ??
    (/^(I8|U8|BOOL|F8_)/.test(type) ? 1 : undefined);
}

/** Whether a type can be read. */
export function isReadable(type: string): type is SafetensorsType {
  return SAFETENSORS_TYPES.some((known) => known === type);
}

/** Raw numbers as float32: a view for F32, else written to `room`. */
export function toFloats(
  raw: Uint8Array<ArrayBuffer>,
  type: SafetensorsType,
  room: Float32Array | undefined,
): Float32Array {
  if (type === "F32" || room === undefined) return new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4);
  const count = raw.length / 2;
  const values = room.subarray(0, count);
  if (type === "F16") values.set(new Float16Array(raw.buffer, raw.byteOffset, count));
  else {
    const halves = new Uint16Array(raw.buffer, raw.byteOffset, count);
    const bits = new Uint32Array(room.buffer, room.byteOffset, count);
    for (let i = 0; i < count; i++) bits[i] = (halves[i] ?? 0) << 16;
  }
  return values;
}

/** float32 numbers in a file's type, as bytes. */
export function fromFloats(values: Float32Array, type: SafetensorsType): Uint8Array<ArrayBuffer> {
  if (type === "F32") return new Uint8Array(values.slice().buffer);
  if (type === "F16") return new Uint8Array(new Float16Array(values).buffer);
  const bits = new Uint32Array(values.slice().buffer);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const bit = bits[i] ?? 0;
    // Rounding a NaN up could make it infinite.
    const isNaN = (bit & 0x7fffffff) > 0x7f800000;
    halves[i] = isNaN ? (bit >>> 16) | 0x40 : (bit + 0x7fff + ((bit >>> 16) & 1)) >>> 16;
  }
  return new Uint8Array(halves.buffer);
}
