/**
 * Which layout a data file has, told by its first row or named by the user; and layouts made from a mapping of fields.
 *
 * Contract: of the layouts that fit, the one with the most columns is taken; two of as many columns are not chosen between. Errors say what
 * fits, what is missing, and how to go on.
 *
 * @module
 */
import { z } from "zod";
import { editDistance } from "../../../data/edit_distance.ts";
import { answers, difficulty, optionalText, text, tolerance } from "./_columns.ts";
import { domainOf, type Layout, LAYOUTS } from "./layouts.ts";

/** A file's layout cannot be told, or the one that was asked for does not fit. */
export class LayoutError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "LayoutError";
}

/** Fields of a problem that a column can be named for. */
export const MAPPED_FIELDS = [
  "statement",
  "answer",
  "solution",
  "id",
  "difficulty",
  "tolerance",
  "domain",
  "subject",
  "type",
  "source",
] as const;

/** See {@linkcode MAPPED_FIELDS}. */
export type MappedField = typeof MAPPED_FIELDS[number];

/** Column of each field: `statement` and `answer` must be named. */
export type FieldMapping = { readonly [field in MappedField]?: string };

/** Columns that often hold a statement, and an answer; the first that is there is suggested. */
const USUAL_COLUMNS = {
  statement: ["statement", "problem", "question", "prompt", "input", "text"],
  answer: ["answer", "final_answer", "final", "expected_answer", "ground_truth", "target", "solution", "output"],
};

/** The name nearest to another one; undefined if there is none to choose from. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const distance = (other: string) => {
    const known = other.toLowerCase();
    // What was shortened is nearer than what was mistyped.
    return known.startsWith(wanted) || wanted.startsWith(known) ? 0 : editDistance(wanted, known);
  };
  return names.toSorted((a, b) => distance(a) - distance(b))[0];
}

function isMissing(row: Readonly<Record<string, unknown>>, column: string): boolean {
  return !Object.hasOwn(row, column);
}

/** What a row lacks of a layout, as texts; none if it fits. */
function missingOf(layout: Layout, row: Readonly<Record<string, unknown>>): string[] {
  const columns = layout.columns.filter((column) => isMissing(row, column));
  if (columns.length > 0) return columns;
  const lacks = layout.lacks?.(row);
  return lacks === undefined ? [] : [lacks];
}

function mappingHint(row: Readonly<Record<string, unknown>>): string {
  const columns = Object.keys(row);
  const find = (usual: readonly string[]) =>
    usual.flatMap((name) => columns.filter((column) => column.toLowerCase() === name))[0] ?? "COLUMN";
  return `--field statement=${find(USUAL_COLUMNS.statement)} --field answer=${find(USUAL_COLUMNS.answer)}`;
}

/**
 * The layout of a file.
 *
 * @example GSM8K by its columns and its mark
 * ```ts
 * import { detectLayout } from "whetstone/envs/math/datasets/detect_layout.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(detectLayout({ question: "1 + 1?", answer: "It is 2.\n#### 2" }).name, "gsm8k");
 * assert.throws(() => detectLayout({ q: "1 + 1?", answer: "2" }), /--field statement=COLUMN --field answer=answer/);
 * ```
 *
 * @param firstRow first row of the file.
 * @throws {LayoutError} if no layout fits, or two fit equally well.
 */
export function detectLayout(firstRow: Readonly<Record<string, unknown>>): Layout {
  const judged = LAYOUTS.map((layout) => ({ layout, missing: missingOf(layout, firstRow) }));
  const fitting = judged.filter(({ missing }) => missing.length === 0).map(({ layout }) => layout)
    .toSorted((a, b) =>
      b.columns.length - a.columns.length || Number(b.lacks !== undefined) - Number(a.lacks !== undefined)
    );
  const [best, next] = fitting;
  const equal = best !== undefined && next !== undefined && best.columns.length === next.columns.length &&
    (best.lacks === undefined) === (next.lacks === undefined);
  if (best !== undefined && !equal) return best;
  const columns = `columns ${Object.keys(firstRow).join(", ")}`;
  if (best !== undefined && next !== undefined) {
    throw new LayoutError(
      `Cannot tell the layout: the ${columns} fit ${best.name} as well as ${next.name}; ` +
        `name one with --layout ${best.name}, or the columns with ${mappingHint(firstRow)}`,
    );
  }
  const nearby = judged.filter(({ layout }) => layout.columns.some((column) => !isMissing(firstRow, column)))
    .toSorted((a, b) => a.missing.length - b.missing.length).slice(0, 4)
    .map(({ layout, missing }) => {
      const has = layout.columns.filter((column) => !isMissing(firstRow, column));
      return `  ${layout.name}: has ${has.join(", ")}; lacks ${missing.join(", ")}`;
    });
  throw new LayoutError(
    `Cannot tell the layout: no layout has the ${columns}\n${nearby.length === 0 ? "" : `${nearby.join("\n")}\n`}` +
      `Name the columns with ${mappingHint(firstRow)}, or a layout with --layout (${namesOfLayouts().join(", ")})`,
  );
}

function namesOfLayouts(): string[] {
  return LAYOUTS.map(({ name }) => name);
}

/** The layout of a name. @throws {LayoutError} if there is none. */
export function layoutNamed(name: string): Layout {
  const layout = LAYOUTS.find((one) => one.name === name);
  if (layout !== undefined) return layout;
  throw new LayoutError(
    `Cannot use the layout ${JSON.stringify(name)}: there is none of that name; did you mean ${
      nearest(name, namesOfLayouts())
    }? All: ${namesOfLayouts().join(", ")}`,
  );
}

/**
 * Reads `field=column` texts.
 *
 * @example Two fields
 * ```ts
 * import { parseFieldMapping } from "whetstone/envs/math/datasets/detect_layout.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseFieldMapping(["statement=question", "answer=final"]), { statement: "question", answer: "final" });
 * ```
 *
 * @throws {LayoutError} if a text has another form, names an unknown field or a field twice, or `statement` or `answer` is not named.
 */
export function parseFieldMapping(texts: readonly string[]): FieldMapping {
  const mapping: { [field in MappedField]?: string } = {};
  for (const part of texts) {
    const [, name = "", column = ""] = /^([^=]*)=([^]*)$/.exec(part) ?? [];
    const field = MAPPED_FIELDS.find((one) => one === name.trim());
    if (column.trim() === "") {
      throw new LayoutError(`Cannot use --field ${part}: it must read field=column, e.g. --field statement=question`);
    }
    if (field === undefined) {
      throw new LayoutError(
        `Cannot use --field ${part}: a problem has no field ${JSON.stringify(name)}; did you mean ${
          nearest(name, MAPPED_FIELDS)
        }? All: ${MAPPED_FIELDS.join(", ")}`,
      );
    }
    if (mapping[field] !== undefined) {
      throw new LayoutError(
        `Cannot use --field ${part}: ${field} is already the column ${mapping[field]}; name it once`,
      );
    }
    mapping[field] = column.trim();
  }
  for (const field of ["statement", "answer"] as const) {
    if (mapping[field] === undefined) {
      throw new LayoutError(`Cannot map fields: ${field} is not named; add --field ${field}=COLUMN`);
    }
  }
  return mapping;
}

/**
 * A layout made from a mapping.
 *
 * @param mapping column of each field.
 * @param firstRow first row of the file, whose columns must hold the mapping.
 * @throws {LayoutError} if a column is not there, naming the nearest one that is.
 */
export function mappedLayout(mapping: FieldMapping, firstRow: Readonly<Record<string, unknown>>): Layout {
  const columns = Object.keys(firstRow);
  for (const [field, column] of Object.entries(mapping)) {
    if (column === undefined || !isMissing(firstRow, column)) continue;
    throw new LayoutError(
      `Cannot map ${field} to the column ${column}: there is none; did you mean ${nearest(column, columns)}? ` +
        `All: ${columns.join(", ")}`,
    );
  }
  const { statement, answer } = mapping;
  if (statement === undefined || answer === undefined) {
    throw new LayoutError("Cannot map fields: both statement and answer must be named");
  }
  const kinds = {
    solution: optionalText,
    id: optionalText,
    difficulty,
    tolerance,
    domain: optionalText,
    subject: optionalText,
    type: optionalText,
    source: optionalText,
  };
  const schema = z.record(z.string(), z.unknown()).transform((row, context) => {
    // Each column is read apart, since one column may serve two fields.
    const take = <T>(kind: z.ZodType<T>, column: string | undefined): T | undefined => {
      if (column === undefined) return undefined;
      const result = kind.safeParse(row[column]);
      if (result.success) return result.data;
      for (const issue of result.error.issues) {
        context.addIssue({ code: "custom", path: [column, ...issue.path], message: issue.message });
      }
      return undefined;
    };
    const subject = take(kinds.subject, mapping.subject);
    return {
      own: take(kinds.id, mapping.id),
      statement: take(text, statement) ?? "",
      answer: take(answers, answer) ?? "",
      solution: take(kinds.solution, mapping.solution),
      difficulty: take(kinds.difficulty, mapping.difficulty),
      tolerance: take(kinds.tolerance, mapping.tolerance),
      labels: {
        domain: take(kinds.domain, mapping.domain)?.toLowerCase() ?? domainOf(subject),
        subject,
        type: take(kinds.type, mapping.type),
        source: take(kinds.source, mapping.source),
      },
    };
  });
  return { name: "fields", columns: [statement, answer], schema };
}
