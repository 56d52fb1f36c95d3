/**
 * The library of skill documents that an evaluation with the agent `arise` chooses from, and how it chooses.
 *
 * Contract: the library is that of the run's newest checkpoint, or of a file: one that a run saved, or a plain JSON list of documents, which all are candidates. The
 * manager's settings are those of the run, whose weights are played, or the defaults. Documents, their order and the settings decide what is shown, so they are hashed
 * and recorded; the reservoir is never shown and does not count.
 *
 * @module
 */
import { canonicalJson, contentHash, type Json } from "../data/canonical.ts";
import { LibraryStateError, TwoTierLibrary } from "../agents/skills/two_tier_library.ts";
import { managerSettingsSchema } from "../train/arise_config.ts";
import { ConfigError, type FrozenConfig } from "../train/config.ts";
import { libraryPath } from "../train/recipes/arise_library_file.ts";
import { figure } from "./arise_figures.ts";
import { parsePolicyName, REFERENCE_POLICY } from "./policy_name.ts";
import { type Query, sqlText } from "./query_rows.ts";
import { cellKey, type TableModel } from "./table_model.ts";
import { recordedWeights, type RunSources } from "./trained_run.ts";

/** A library with what is recorded of it. */
export interface EvaluationLibrary {
  /** The documents. */
  readonly library: TwoTierLibrary;
  /** Hash of its candidates, and the manager's settings. */
  readonly config: NonNullable<FrozenConfig["library"]>;
}

/** Name of the file's format in messages. */
const FORMATS = "a library that a run saved beside its checkpoint (…library.json), or a JSON list of documents";

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound ? "there is no such file" : String(cause);
    throw new LibraryStateError(`Cannot use the library in ${path}: ${why}; give ${FORMATS}`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LibraryStateError(`Cannot use the library in ${path}: it must be JSON (${why}); give ${FORMATS}`, {
      cause,
    });
  }
}

/** A list of documents as the state of a library whose cache holds them all. */
function listState(documents: readonly unknown[]): unknown {
  const entry = { version: 1, origin: null, utility: 0, uses: 0, lastSelectedStep: null };
  return {
    cacheCapacity: documents.length,
    reservoirCapacity: 0,
    emaBeta: 0.9,
    deletePercentile: 0.1,
    deleteRule: "percentile",
    onDuplicate: "reject",
    nextSequence: documents.length,
    cache: documents.map((document, sequence) => ({ ...entry, document, sequence })),
    reservoir: [],
  };
}

/**
 * Reads a library from a file: one that a run saved, or a list of documents.
 *
 * @throws {LibraryStateError} naming the file and what is wrong in it.
 */
export async function readLibraryFile(path: string): Promise<TwoTierLibrary> {
  const value = await readJson(path);
  if (!Array.isArray(value)) return TwoTierLibrary.fromJson(value, path);
  if (value.length === 0) {
    throw new LibraryStateError(`Cannot use the library in ${path}: it must hold a document, got none`);
  }
  try {
    return TwoTierLibrary.fromJson(listState(value), path);
  } catch (cause) {
    if (!(cause instanceof LibraryStateError)) throw cause;
    // The list has no cache: its fields are named as they stand in the file.
    throw new LibraryStateError(cause.message.replaceAll(/cache(\[\d+\])\.document/g, "$1"), { cause });
  }
}

/** What the record says of the run behind a policy: its library's file and its settings. */
async function libraryOfRun(policy: string, sources: RunSources) {
  const parsed = parsePolicyName(policy);
  if (parsed.kind !== "run") return { path: undefined, settings: undefined };
  const { rows: [row] } = await sources.query(
    `SELECT CAST(config -> '$.train' AS VARCHAR) FROM run WHERE recipe = 'arise' AND run_id = ${sqlText(parsed.run)}`,
  );
  const settings: unknown = typeof row?.[0] === "string" ? JSON.parse(row[0]) : undefined;
  const checkpoint = (await recordedWeights(parsed.run, sources))?.checkpoint ?? null;
  if (settings === undefined || checkpoint === null) return { path: undefined, settings };
  return { path: libraryPath(`${sources.workspace}/checkpoints/${parsed.run}/${checkpoint}`), settings };
}

/**
 * Finds the library of an evaluation.
 *
 * @param policy name of the policy that is evaluated, see {@linkcode parsePolicyName}.
 * @param file file to take in place of the run's own.
 * @throws {ConfigError} if there is none; {LibraryStateError} if its file cannot be used.
 */
export async function evaluationLibrary(
  policy: string,
  file: string | undefined,
  sources: RunSources,
): Promise<EvaluationLibrary> {
  if (policy === REFERENCE_POLICY) {
    throw new ConfigError(
      `Cannot evaluate ${policy} with the agent arise: reference solutions choose no skills; leave --agent out`,
    );
  }
  const own = await libraryOfRun(policy, sources);
  const path = file ?? own.path;
  if (path === undefined) {
    throw new ConfigError(
      `Cannot evaluate ${policy} with the agent arise: it needs a library of skill documents, and no run of the recipe arise is behind ` +
        `this policy; give --library FILE, ${FORMATS}, or leave --agent out to play without skills`,
    );
  }
  const library = await readLibraryFile(path);
  const documents = library.candidates().map(({ document, version }) => ({ document: { ...document }, version }));
  const hash = contentHash(canonicalJson(documents as unknown as Json), 16);
  return { library, config: { hash, manager: managerSettingsSchema.parse(own.settings ?? {}) } };
}

/** What was shown in an evaluation, by split: the share of rollouts with a skill and of those whose gate was closed. */
export async function shownSkillsTable(query: Query, run: string, splits: readonly string[]): Promise<TableModel> {
  const rows = [];
  for (const split of splits) {
    const of = `WHERE run_id = ${sqlText(run)} AND phase = ${sqlText(`eval/${split}`)}`;
    const gate = `FROM (SELECT DISTINCT phase, step, grp, sample, position, gated FROM selection ${of})`;
    rows.push({
      key: cellKey(split),
      cells: [
        { text: split },
        await figure(query, `SELECT 100 * avg(used_skill::INTEGER) FROM rollout ${of}`, 1),
        await figure(query, `SELECT 100 * avg(gated::INTEGER) ${gate}`, 1),
        await figure(query, `SELECT count(DISTINCT skills_used[1]) FROM rollout ${of}`, 0),
      ],
    });
  }
  return {
    key: "skills",
    title: "Skills shown",
    columns: [
      { key: "split", title: "split" },
      { key: "used", title: "rollouts with a skill", unit: "%", align: "right" },
      { key: "gate", title: "gate closed", unit: "%", align: "right" },
      { key: "different", title: "different skills", align: "right" },
    ],
    rows,
    notes: [],
  };
}
