/**
 * Lists of token ids and of log-probabilities as text, the form in which a record stores them.
 *
 * DuckDB keeps a list's values bit-packed, and a prompt that comes a hundred times takes its room a hundred times; as texts under zstd
 * repeated prompts all but vanish (a real record: 2.5 MB of ids become 0.3 MB). A view under the table's name unpacks them.
 *
 * Contract: unpacking gives back the list that was packed, numbers of FLOAT[] rounded to 32 bits. An id is one character: its code
 * point is the id + 32, and past the gap of the surrogates the id + 2080, so {@linkcode MAX_PACKED_ID} is the highest. Floats are a
 * JSON list of the shortest decimals that name them, with NaN, Infinity and -0.0 beside JSON's own.
 * Choices: one character an id, because the number of ids is then the length of the text, which is read ten times faster than a JSON
 * list is parsed; unpacking either takes the same time, about four times that of a list stored as such.
 *
 * @module
 */

/** Highest id that has a character. */
export const MAX_PACKED_ID = 0x10ffff - 2080;
/** Ids from this one on lie behind the surrogates, which are no characters. */
const GAP_ID = 0xd800 - 32;
/** Most arguments of a call. */
const CALL_ARGUMENTS = 8192;

/** A type whose values can be packed. */
export type PackedType = "INTEGER[]" | "FLOAT[]";

function isGapped(id: number): boolean {
  return id >= GAP_ID;
}

function packIds(ids: readonly number[]): string {
  let text = "";
  for (let start = 0; start < ids.length; start += CALL_ARGUMENTS) {
    const codes = ids.slice(start, start + CALL_ARGUMENTS).map((id) => id + (isGapped(id) ? 2080 : 32));
    text += String.fromCodePoint(...codes);
  }
  return text;
}

/** Shortest decimal that names a number of 32 bits: seven to nine digits do. */
function floatText(value: number): string {
  const float = Math.fround(value);
  if (float === 0) return Object.is(float, -0) ? "-0.0" : "0";
  for (let digits = 7; digits < 9; digits++) {
    const short = Number(float.toPrecision(digits));
    if (Math.fround(short) === float) return String(short);
  }
  return Number.isFinite(float) ? String(Number(float.toPrecision(9))) : String(float);
}

/** A list as it is stored. */
export function packList(type: PackedType, list: readonly number[]): string {
  return type === "INTEGER[]" ? packIds(list) : `[${list.map(floatText).join(",")}]`;
}

/** SQL that unpacks a stored text; null stays null. */
export function unpackSql(type: PackedType, text: string): string {
  if (type === "FLOAT[]") return `${text}::JSON::FLOAT[]`;
  return `CASE WHEN ${text} = '' THEN [] ELSE list_transform(string_split(${text}, ''), ` +
    `lambda c: ord(c) - CASE WHEN ord(c) < 55296 THEN 32 ELSE 2080 END) END::INTEGER[]`;
}

/** SQL that packs a list as {@linkcode packList} does, floats perhaps written otherwise. */
export function packSql(type: PackedType, list: string): string {
  if (type === "FLOAT[]") return `replace(${list}::VARCHAR, ' ', '')`;
  return `array_to_string(list_transform(${list}, lambda x: chr((x + CASE WHEN x < ${GAP_ID} THEN 32 ELSE 2080 END)::INTEGER)), '')`;
}
