/**
 * Shapes of results: how documentation shows them, how schemas state them, and whether a value has one.
 *
 * Contract: a shape is the name of a type, an object of shapes, or a list of one shape. Names of types are those of
 * {@linkcode TYPE_NAMES}; `a|b` is any of them, and a word that is no type stands for itself, so that `open|closed` is one of two
 * texts and `text|null` a text or null. Beside such a word no other word is a type, `null` excepted.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import { isDate } from "./calendar.ts";
import type { JsonSchema } from "./params.ts";

/** Shape of a result. */
export type Shape = string | readonly [Shape] | { readonly [field: string]: Shape };

const isText = (value: Json | undefined): value is string => typeof value === "string";
const isNumber = (value: Json | undefined): value is number => typeof value === "number" && Number.isFinite(value);

interface Type {
  readonly schema: JsonSchema;
  /** Value shown in examples. */
  readonly example: Json;
  holds(value: Json | undefined): boolean;
}

const TYPES: Readonly<Record<string, Type>> = {
  null: { schema: { type: "null" }, example: null, holds: (value) => value === null },
  text: { schema: { type: "string" }, example: "text", holds: isText },
  "e-mail": {
    schema: { type: "string", format: "email" },
    example: "ada@pine.test",
    holds: (value) => isText(value) && /^[^@\s]+@[^@\s]+$/.test(value),
  },
  path: { schema: { type: "string" }, example: "/inbox/plan.txt", holds: (value) => isText(value) && value[0] === "/" },
  date: {
    schema: { type: "string", format: "date" },
    example: "2027-03-15",
    holds: (value) => isText(value) && isDate(value),
  },
  datetime: {
    schema: { type: "string" },
    example: "2027-03-15T10:00:00",
    holds: (value) => isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(value) && isDate(value.slice(0, 10)),
  },
  time: {
    schema: { type: "string" },
    example: "07:30",
    holds: (value) => isText(value) && /^([01]\d|2[0-3]):[0-5]\d$/.test(value),
  },
  month: {
    schema: { type: "string" },
    example: "2027-03",
    holds: (value) => isText(value) && /^\d{4}-(0[1-9]|1[0-2])$/.test(value),
  },
  integer: { schema: { type: "integer" }, example: 1, holds: (value) => Number.isInteger(value) },
  number: { schema: { type: "number" }, example: 4.5, holds: isNumber },
  money: {
    schema: { type: "number", multipleOf: 0.01 },
    example: 12.5,
    holds: (value) => isNumber(value) && Math.abs(value * 100 - Math.round(value * 100)) < 1e-6,
  },
  flag: { schema: { type: "boolean" }, example: true, holds: (value) => typeof value === "boolean" },
  object: {
    schema: { type: "object" },
    example: {},
    holds: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  },
  any: { schema: {}, example: null, holds: (value) => value !== undefined },
};

/** Names that a shape may use. */
export const TYPE_NAMES: readonly string[] = Object.keys(TYPES);

/** Words of older declarations that mean a type. */
const SYNONYMS: Readonly<Record<string, string>> = { "true": "flag", "false": "flag", "YYYY-MM": "month" };

function alternatives(word: string): readonly (Type | string)[] {
  const parts = word.split("|").map((part) => SYNONYMS[part] ?? part);
  // Beside a word that is no type, only null is one: `week|month` are two words.
  const words = parts.some((part) => !Object.hasOwn(TYPES, part));
  return parts.map((part) => (words && part !== "null" ? part : TYPES[part] ?? part));
}

/** Shape as JSON Schema. */
export function shapeSchema(shape: Shape): JsonSchema {
  if (typeof shape === "string") {
    const parts = alternatives(shape);
    const words = parts.filter((part) => typeof part === "string");
    const schemas = parts.flatMap((part) => (typeof part === "string" ? [] : [part.schema]));
    const all = words.length === 0 ? schemas : [{ type: "string", enum: words }, ...schemas];
    return all.length === 1 ? all[0] ?? {} : { anyOf: all };
  }
  if (isList(shape)) return { type: "array", items: shapeSchema(shape[0]) };
  const fields = Object.entries(shape);
  return {
    type: "object",
    properties: Object.fromEntries(fields.map(([name, inner]) => [name, shapeSchema(inner)])),
    required: fields.map(([name]) => name),
    additionalProperties: false,
  };
}

/** Shape as an example value. */
export function shapeExample(shape: Shape): Json {
  if (typeof shape === "string") {
    const [first] = alternatives(shape);
    return first === undefined ? null : typeof first === "string" ? first : first.example;
  }
  if (isList(shape)) return [shapeExample(shape[0])];
  return Object.fromEntries(Object.entries(shape).map(([name, inner]) => [name, shapeExample(inner)]));
}

/** Shape on one line: names of fields alone. */
export function shapeLine(shape: Shape): string {
  if (typeof shape === "string") return shape;
  return isList(shape) ? `[${shapeLine(shape[0])}]` : `{${Object.keys(shape).join(", ")}}`;
}

/**
 * Where a value departs from a shape, in words; undefined if it has the shape.
 *
 * @example A missing field
 * ```ts
 * import { shapeProblem } from "whetstone/envs/apps/shapes.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(shapeProblem([{ id: "integer", day: "date|null" }], [{ id: 3, day: null }]), undefined);
 * assert.match(shapeProblem([{ id: "integer" }], [{ id: "3" }]) ?? "", /\[0\]\.id/);
 * ```
 */
export function shapeProblem(shape: Shape, value: Json | undefined, at = "result"): string | undefined {
  if (typeof shape === "string") {
    const fits = alternatives(shape).some((part) => typeof part === "string" ? part === value : part.holds(value));
    return fits ? undefined : `${at} should be ${shape}, got ${JSON.stringify(value)?.slice(0, 80)}`;
  }
  if (isList(shape)) {
    if (!Array.isArray(value)) return `${at} should be a list, got ${JSON.stringify(value)?.slice(0, 80)}`;
    for (const [i, item] of value.entries()) {
      const problem = shapeProblem(shape[0], item as Json, `${at}[${i}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `${at} should be an object, got ${JSON.stringify(value)?.slice(0, 80)}`;
  }
  const found = value as Readonly<Record<string, Json | undefined>>;
  const extra = Object.keys(found).find((name) => !Object.hasOwn(shape, name));
  if (extra !== undefined) return `${at} has a field ${extra} that is not declared`;
  for (const [name, inner] of Object.entries(shape)) {
    const problem = shapeProblem(inner, found[name], `${at}.${name}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}
