/**
 * Evaluation by state difference: what an episode changed, against what the task intends.
 *
 * Contract: the expected changes are those that the intended writes make on a fork of the start state. Rows are compared by
 * content: generated ids and the time of making do not count, a reference to a new row counts as that row's content, and a removed
 * row that was added again with equal content cancels. One named requirement is one test, all or nothing; each is labelled by
 * evaluating the untouched world. Score: share of passed `no_op_fail` tests, 0 if any `no_op_pass` test fails, so that doing
 * nothing scores 0 and damage is never paid for.
 * Choices: finishing is no test of its own, or an agent would be paid for giving up at once; it is part of the answer's test, and
 * where no answer is asked, of the test on tables. A row that should have been touched but has the wrong content fails
 * "content", not "nothing else", since one mistake should not count as damage too.
 *
 * @module
 */
import { canonicalJson, contentHash } from "../../data/canonical.ts";
import type { Evaluation, Test } from "../contract.ts";
import { TABLES } from "./catalogue.ts";
import { normaliseAnswer, normaliseList } from "./normalise_answer.ts";
import type { Row } from "./scenario.ts";
import type { Finish } from "./session.ts";
import type { World } from "./world.ts";

/** Changes of one table, by content. */
export interface TableChanges {
  /** Contents of new rows, sorted. */
  readonly added: readonly string[];
  /** Contents of rows that are gone, sorted. */
  readonly removed: readonly string[];
  /** Contents before and after, sorted by before. */
  readonly updated: readonly { readonly before: string; readonly after: string }[];
}

/** Changes by table; tables without changes are left out. */
export type Changes = ReadonlyMap<string, TableChanges>;

/** What an instance wants. */
export interface Expectation {
  readonly answer: null | number | string;
  /**
   * Whether the answer is a list separated by commas whose order does not matter.
   *
   * @default {false}
   */
  readonly unordered?: boolean;
  readonly changes: Changes;
  /**
   * Other changes that are as good.
   *
   * @default {[]}
   */
  readonly alternatives?: readonly Changes[];
}

/** What an episode came to. */
export interface Outcome {
  /** How the task was ended; undefined if it was not. */
  readonly finished: Finish | undefined;
  readonly changes: Changes;
}

function contentOf(world: World, table: string, row: Row): string {
  const { references = {}, uncompared = [] } = TABLES.get(table) ?? {};
  const counts = (column: string) => column !== "id" && column !== "made_at" && !uncompared.includes(column);
  const content = Object.fromEntries(
    Object.entries(row).filter(([column]) => counts(column)).map(([column, value]) => {
      const target = references[column];
      if (target === undefined || typeof value !== "number" || world.before(target, value) !== undefined) {
        return [column, value];
      }
      const made = world.row(target, value);
      return [column, made === undefined ? "a row that is gone" : contentOf(world, target, made)];
    }),
  );
  return canonicalJson(content);
}

/** Removes from both lists what they share, each occurrence once. */
function cancel(added: string[], removed: string[]): void {
  for (let i = added.length - 1; i >= 0; i--) {
    const twin = removed.indexOf(added[i] ?? "");
    if (twin < 0) continue;
    added.splice(i, 1);
    removed.splice(twin, 1);
  }
}

/** Tables of the registry, which nobody sees. */
const HIDDEN = "registry.";

/** Changes of a world against the state that it was forked from, by content. */
export function changesOf(world: World): Changes {
  const changes = new Map<string, TableChanges>();
  for (const [table, rows] of world.diff()) {
    if (table.startsWith(HIDDEN)) continue;
    const added: string[] = [];
    const removed: string[] = [];
    const updated: { before: string; after: string }[] = [];
    for (const { before, after } of rows) {
      const old = before === undefined ? undefined : contentOf(world, table, before);
      const now = after === undefined ? undefined : contentOf(world, table, after);
      if (old === now) continue;
      if (old === undefined) added.push(now ?? "");
      else if (now === undefined) removed.push(old);
      else updated.push({ before: old, after: now });
    }
    cancel(added, removed);
    if (added.length + removed.length + updated.length === 0) continue;
    const text = (pair: { before: string; after: string }) => `${pair.before}\n${pair.after}`;
    updated.sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
    changes.set(table, { added: added.sort(), removed: removed.sort(), updated });
  }
  return changes;
}

/** Identity of changes: equal hashes, equal changes. */
export function changesHash(changes: Changes): string {
  const tables = Object.fromEntries([...changes].map(([table, change]) => [table, { ...change }]));
  return contentHash(canonicalJson(tables));
}

const NO_CHANGES: TableChanges = { added: [], removed: [], updated: [] };

/** Entries of `a` that `b` does not have, counting occurrences. */
function without(a: readonly string[], b: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const item of b) left.set(item, (left.get(item) ?? 0) + 1);
  return a.filter((item) => {
    const count = left.get(item) ?? 0;
    if (count > 0) left.set(item, count - 1);
    return count === 0;
  });
}

interface Requirement {
  readonly requirement: string;
  /** Reason why it is not met, or undefined if it is. */
  unmet(outcome: Outcome): string | undefined;
}

function short(text: string | undefined): string {
  return text === undefined ? "nothing" : text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function tableNames(changes: Changes): string {
  return changes.size === 0 ? "none" : [...changes.keys()].sort().join(", ");
}

/** Rows of a table that were touched as they should be, whatever their content became. */
function rowsRequirement(table: string, expected: TableChanges): Requirement {
  const parts = [
    ...(expected.added.length > 0 ? [`${expected.added.length} added`] : []),
    ...(expected.updated.length > 0 ? [`${expected.updated.length} changed`] : []),
    ...(expected.removed.length > 0 ? [`${expected.removed.length} removed`] : []),
  ];
  return {
    requirement: `In ${table} the right rows are touched (${parts.join(", ")})`,
    unmet({ changes }) {
      const found = changes.get(table) ?? NO_CHANGES;
      const unchanged = without(
        expected.updated.map(({ before }) => before),
        found.updated.map(({ before }) => before),
      );
      const kept = without(expected.removed, found.removed);
      const lacking = Math.max(0, expected.added.length - found.added.length);
      if (unchanged.length + kept.length + lacking === 0) return undefined;
      const total = expected.added.length + expected.updated.length + expected.removed.length;
      const hit = total - unchanged.length - kept.length - lacking;
      return `${hit} of ${total} expected rows touched (list pages may have been missed); first missing: ${
        short(unchanged[0] ?? kept[0] ?? without(expected.added, found.added)[0])
      }`;
    },
  };
}

function contentRequirement(table: string, expected: TableChanges): Requirement {
  return {
    requirement: `In ${table} the new content is right`,
    unmet({ changes }) {
      const found = changes.get(table) ?? NO_CHANGES;
      const after = (change: TableChanges) => [...change.added, ...change.updated.map((pair) => pair.after)];
      const missing = without(after(expected), after(found));
      if (missing.length === 0) return undefined;
      const wrong = without(after(found), after(expected));
      return `expected ${short(missing[0])}; found ${short(wrong[0])}`;
    },
  };
}

/** Rows beyond those that should be touched. */
function damage(table: string, expected: TableChanges, found: TableChanges): string | undefined {
  const updated = without(found.updated.map(({ before }) => before), expected.updated.map(({ before }) => before));
  if (updated.length > 0) return `${table}: ${updated.length} other rows changed, first ${short(updated[0])}`;
  const removed = without(found.removed, expected.removed);
  if (removed.length > 0) return `${table}: ${removed.length} other rows removed, first ${short(removed[0])}`;
  const extra = found.added.length - expected.added.length;
  if (extra <= 0) return undefined;
  return `${table}: ${extra} rows too many added, such as ${
    short(without(found.added, expected.added)[0] ?? found.added[0])
  }`;
}

const UNFINISHED = "finish_task was never called";

/** First requirements: finishing and the answer, or finishing and where changes lie. */
function endRequirements({ answer, unordered = false, changes: wanted }: Expectation): Requirement[] {
  const normal = (value: null | number | string) => unordered ? normaliseList(value) : normaliseAnswer(value);
  const wrongAnswer = ({ finished }: Outcome) => {
    const given = normal(finished?.answer ?? null);
    const right = normal(answer);
    return given === right ? undefined : `expected ${short(right)}, got ${short(given)}`;
  };
  const wrongTables = ({ changes }: Outcome) =>
    tableNames(changes) === tableNames(wanted) ? undefined : `the changed tables are ${tableNames(changes)}`;
  const finishing = (unmet: (outcome: Outcome) => string | undefined) => (outcome: Outcome) =>
    outcome.finished === undefined ? UNFINISHED : unmet(outcome);
  if (answer === null) {
    return [
      { requirement: "No answer is given, since none was asked", unmet: wrongAnswer },
      {
        requirement: `The task is finished, and the changed tables are ${tableNames(wanted)}`,
        unmet: finishing(wrongTables),
      },
    ];
  }
  return [
    { requirement: "The task is finished with the right answer", unmet: finishing(wrongAnswer) },
    ...(wanted.size === 0 ? [] : [{ requirement: `The changed tables are ${tableNames(wanted)}`, unmet: wrongTables }]),
  ];
}

function requirementsOf(expectation: Expectation): Requirement[] {
  const { changes: wanted } = expectation;
  const requirements = endRequirements(expectation);
  for (const [table, expected] of [...wanted].sort(([a], [b]) => (a < b ? -1 : 1))) {
    requirements.push(rowsRequirement(table, expected));
    if (expected.added.length + expected.updated.length > 0) requirements.push(contentRequirement(table, expected));
  }
  requirements.push({
    requirement: wanted.size === 0 ? "Nothing is changed" : "Nothing else is changed",
    unmet({ changes }) {
      for (const [table, found] of changes) {
        const reason = damage(table, wanted.get(table) ?? NO_CHANGES, found);
        if (reason !== undefined) return reason;
      }
      return undefined;
    },
  });
  return requirements;
}

function gradeAgainst(expectation: Expectation, outcome: Outcome): Evaluation {
  const untouched: Outcome = { finished: undefined, changes: new Map() };
  const tests = requirementsOf(expectation).map(({ requirement, unmet }): Test => {
    const trace = unmet(outcome);
    const label = unmet(untouched) === undefined ? "no_op_pass" : "no_op_fail";
    return { requirement, passed: trace === undefined, label, ...(trace === undefined ? {} : { trace }) };
  });
  const passed = tests.filter((test) => test.passed).length;
  const hard = tests.filter((test) => test.label === "no_op_fail");
  const broken = tests.some((test) => test.label === "no_op_pass" && !test.passed);
  return {
    score: broken ? 0 : hard.filter((test) => test.passed).length / hard.length,
    success: passed === tests.length,
    passed,
    total: tests.length,
    tests,
  };
}

/**
 * Verdict on an episode; where other changes are as good, the best verdict.
 *
 * @param expectation what the task wants.
 * @param outcome what was done.
 */
export function grade(expectation: Expectation, outcome: Outcome): Evaluation {
  const { alternatives = [] } = expectation;
  const verdicts = [expectation.changes, ...alternatives].map((changes) =>
    gradeAgainst({ ...expectation, changes }, outcome)
  );
  return verdicts.reduce((best, verdict) =>
    verdict.success && !best.success || verdict.success === best.success && verdict.score > best.score ? verdict : best
  );
}
