/**
 * Values from outside (files, options, modules of other people), checked by zod, with messages that say what to write instead.
 *
 * Contract: a problem names the field, the value found and what was expected; an unknown key, or a word that is none of the
 * allowed ones, comes with the nearest known one.
 *
 * @module
 */
import { z } from "zod";
import { editDistance } from "./edit_distance.ts";

/** Most characters of a received value that a message repeats. */
const SHOWN_CHARACTERS = 60;

/** A value from outside is not what it has to be. */
export class InputError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "InputError";
}

/**
 * The known word that was probably meant.
 *
 * @example A typing error, and a word that resembles nothing
 * ```ts
 * import { nearestWord } from "whetstone/data/parse_input.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(nearestWord("dpeth", ["depth", "mode"]), "depth");
 * assert.equal(nearestWord("colour", ["depth", "mode"]), undefined);
 * ```
 *
 * @param word what was written.
 * @param known what may be written.
 * @returns the nearest known word at most half of the word's length (and at most 3) edits away; undefined if there is none.
 */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const [nearest] = known.map((name) => ({ name, distance: editDistance(word, name) }))
    .sort((a, b) => a.distance - b.distance);
  if (nearest === undefined || nearest.distance > Math.min(3, Math.ceil(word.length / 2))) return undefined;
  return nearest.name;
}

/** Field names of a schema and of everything inside it. */
function fieldNames(schema: unknown): string[] {
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape).flatMap(([key, value]) => [key, ...fieldNames(value)]);
  }
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(fieldNames);
  if (schema instanceof z.ZodArray) return fieldNames(schema.element);
  if (schema instanceof z.ZodRecord) return fieldNames(schema.valueType);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodReadonly) {
    return fieldNames(schema.def.innerType);
  }
  return [];
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "function") return "a function";
  const text = typeof value === "bigint" ? `${value}n` : JSON.stringify(value) ?? String(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}

/** `splits.train[3].id`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.map((key, index) => (typeof key === "number" ? `[${key}]` : `${index === 0 ? "" : "."}${String(key)}`))
    .join("");
}

/** Issues with those of the best fitting member in place of a union's own. */
function flatIssues(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
    const depth = (inner: readonly z.core.$ZodIssue[]) => Math.max(0, ...inner.map(({ path }) => path.length));
    const [best = []] = [...issue.errors].sort((a, b) => depth(b) - depth(a));
    // Members that all fail at the top differ in kind only: the union's own issue says as much as one of theirs.
    if (depth(best) === 0) return [issue];
    return flatIssues(best).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  });
}

function problemText(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): string[] {
  const path = pathText(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = [...new Set(fieldNames(schema))];
    return issue.keys.map((key) => {
      const nearest = nearestWord(key, known);
      const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
      return `${pathText([...issue.path, key])}: unknown key${hint}`;
    });
  }
  if (issue.code === "invalid_key") {
    // The path ends with the key itself; what is wrong is the key and not what it leads to.
    const rules = issue.issues.map(({ message }) => message).join(", ");
    return [`${path}: ${rules}, found the name ${JSON.stringify(issue.path.at(-1))}`];
  }
  const received = valueAt(value, issue.path);
  const expected = issue.message.replace(/^Invalid (input|option): /, "").replace(/, received .*$/, "");
  const words = issue.code === "invalid_value" && typeof received === "string"
    ? nearestWord(received, issue.values.map(String))
    : undefined;
  const hint = words === undefined ? "" : `; did you mean ${words}?`;
  return [`${path === "" ? "(top)" : path}: ${expected}, found ${shown(received)}${hint}`];
}

/**
 * What is wrong with a value.
 *
 * @param schema what it must look like.
 * @param value what was given.
 * @param error what zod said of it.
 * @returns one sentence per problem: field, what was expected, what was found, and what was probably meant.
 */
export function inputProblems(schema: z.ZodType, value: unknown, error: z.ZodError): string[] {
  return flatIssues(error.issues).flatMap((issue) => problemText(issue, schema, value));
}

/**
 * Checks a value from outside.
 *
 * @example A misspelt option
 * ```ts
 * import { parseInput } from "whetstone/data/parse_input.ts";
 * import { z } from "zod";
 * import assert from "node:assert/strict";
 *
 * const schema = z.strictObject({ depth: z.int().default(2) });
 * assert.deepEqual(parseInput(schema, {}, "options of compose"), { depth: 2 });
 * assert.throws(() => parseInput(schema, { dpeth: 3 }, "options of compose"), /dpeth: unknown key; did you mean depth\?/);
 * ```
 *
 * @param schema what it must look like.
 * @param value what was given.
 * @param what the value, for the message: `options of compose`, `whet.json`.
 * @returns the value with defaults filled in.
 * @throws {InputError} naming the value, each field, what was found and what was expected.
 */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown, what: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InputError(`Cannot use the ${what}: ${inputProblems(schema, value, result.error).join("; ")}`);
}
