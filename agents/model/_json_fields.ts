/**
 * Typed fields of a JSON object of a checkpoint folder, with errors that name the field.
 *
 * @module
 */
import { z } from "zod";
import { HfFolderError } from "./hf_error.ts";

/** A JSON object. */
export type Raw = Readonly<Record<string, unknown>>;

/** Reads typed fields of a JSON object and says which one is wrong. */
export class Fields {
  /** The object. */
  readonly raw: Raw;
  readonly #file: string;
  readonly #prefix: string;

  /** @param file name of the file, for messages. @param prefix path of the object within it, with a dot at its end. */
  constructor(raw: Raw, file: string, prefix = "") {
    this.raw = raw;
    this.#file = file;
    this.#prefix = prefix;
  }

  /** Throws that a field is wrong. @throws {HfFolderError} always. */
  fail(field: string, rule: string, found: unknown, suggestion?: string): never {
    const shown = found === undefined ? "nothing" : JSON.stringify(found);
    throw new HfFolderError({
      what: "use",
      file: this.#file,
      field: `${this.#prefix}${field}`,
      rule,
      found: shown.length > 160 ? `${shown.slice(0, 160)}…` : shown,
      suggestion,
    });
  }

  /** `null` counts as absent, as it does in transformers. */
  get(field: string): unknown {
    return this.raw[field] ?? undefined;
  }

  /** A finite number, if stated. */
  number(field: string): number | undefined {
    const value = this.get(field);
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !Number.isFinite(value)) this.fail(field, "be a number", value);
    return value;
  }

  /** A number above 0, if stated. */
  positive(field: string): number | undefined {
    const value = this.number(field);
    if (value !== undefined && value <= 0) this.fail(field, "be above 0", value);
    return value;
  }

  /** A positive integer, if stated. */
  count(field: string): number | undefined {
    const value = this.number(field);
    if (value !== undefined && !(Number.isInteger(value) && value > 0)) {
      this.fail(field, "be a positive integer", value);
    }
    return value;
  }

  /** A positive integer that must be stated. */
  needed(field: string): number {
    return this.count(field) ?? this.fail(field, "be stated", undefined, "check that this is the model's config.json");
  }

  /** A truth value. */
  flag(field: string, fallback: boolean): boolean {
    const value = this.get(field);
    if (value === undefined) return fallback;
    if (typeof value !== "boolean") this.fail(field, "be true or false", value);
    return value;
  }

  /** A list of positive numbers that must be stated. */
  numbers(field: string): number[] {
    const parsed = z.array(z.number().positive()).safeParse(this.get(field));
    return parsed.success ? parsed.data : this.fail(field, "be a list of positive numbers", this.get(field));
  }

  /** Fields of an object within, if stated. */
  object(field: string): Fields | undefined {
    const value = this.get(field);
    if (value === undefined) return undefined;
    const parsed = z.record(z.string(), z.unknown()).safeParse(value);
    return parsed.success
      ? new Fields(parsed.data, this.#file, `${this.#prefix}${field}.`)
      : this.fail(field, "be an object", value);
  }
}

/** A JSON object. @throws {HfFolderError} if the value is none. */
export function jsonObject(value: unknown, file: string): Raw {
  const parsed = z.record(z.string(), z.unknown()).safeParse(value);
  if (parsed.success) return parsed.data;
  throw new HfFolderError({
    what: "use",
    file,
    rule: "hold a JSON object",
    found: JSON.stringify(value)?.slice(0, 80),
  });
}
