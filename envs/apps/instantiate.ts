/**
 * From a scenario to its instances: who asks, when, the start state, the task and what is expected of it.
 *
 * Contract: an instance is a pure function of (world, scenario, variant). Attempts are tried in order until the scenario accepts
 * one; a scenario that accepts none is the environment's fault. Variants 1 to 3 have different users, and different answers or
 * intended changes wherever the scenario has them.
 * Choices: users are dealt from one shuffled deck per scenario, three ways, so that siblings differ however late one is made.
 *
 * @module
 */
import { canonicalJson, type Json } from "../../data/canonical.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import { EnvFault } from "../contract.ts";
import { addDays } from "./calendar.ts";
import { TABLES } from "./catalogue.ts";
import { WORLD_NOW } from "./generate.ts";
import { changesHash, changesOf, type Expectation } from "./grade.ts";
import { normaliseAnswer } from "./normalise_answer.ts";
import type { Instance, Principal, Reject, Row, Scenario, SetupContext } from "./scenario.ts";
import { AppSession } from "./session.ts";
import type { BaseWorld, World } from "./world.ts";

/** Siblings of the benchmark: variants 1 to 3. */
export const SIBLINGS = 3;

const MOST_ATTEMPTS = 200;
/** After so many attempts an instance may equal a sibling in answer or words: some scenarios have few to choose from. */
const DISTINCT_ATTEMPTS = 100;
const MOST_DAYS_LATER = 60;

/** One instance, ready to be opened any number of times. */
export interface Prepared {
  readonly user: Principal;
  /** Frozen date and time. */
  readonly at: string;
  readonly instance: Instance;
  /** Start state; fork it. */
  readonly start: World;
  readonly expectation: Expectation;
  /** Answer and intended changes as text: equal texts, equal tasks. */
  readonly outcome: string;
  /** Attempts that it took. */
  readonly attempts: number;
}

/** A scenario's setup asked for something that an app refuses, or accepted no attempt. */
function fault(scenario: Scenario, variant: number, why: string, cause?: unknown): EnvFault {
  return new EnvFault(`Cannot make variant ${variant} of scenario ${scenario.family}: ${why}`, { cause });
}

function momentOf(seed: number, scenario: Scenario, variant: number, attempt: number): string {
  const random = keyedRandom("apps-moment", seed, scenario.family, variant, attempt);
  const two = (value: number) => String(value).padStart(2, "0");
  const date = addDays(WORLD_NOW, random.int(0, MOST_DAYS_LATER));
  return `${date}T${two(random.int(10, 21))}:${two(random.int(0, 59))}:00`;
}

/**
 * Makes an instance.
 *
 * @param base the world.
 * @param scenario what it is about.
 * @param variant from 1.
 * @param siblings instances that it should differ from.
 * @throws {EnvFault} if no attempt is accepted, or setup itself fails.
 */
export function instantiate(
  base: BaseWorld,
  scenario: Scenario,
  variant: number,
  siblings: readonly Prepared[],
): Prepared {
  const principals: readonly Principal[] = base.people.filter((person) => person.hasAccounts)
    .map(({ name, email, number }) => ({ name, email, number }));
  const deck = keyedRandom("apps-users", base.seed, scenario.family).shuffle(principals);
  const mine = deck.filter((_, i) => i % SIBLINGS === (variant - 1) % SIBLINGS);
  const reasons = new Map<string, number>();
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const user = mine[(attempt + Math.floor((variant - 1) / SIBLINGS)) % mine.length];
    if (user === undefined) break;
    const at = momentOf(base.seed, scenario, variant, attempt);
    const made = prepare(base, scenario, { variant, attempt, user, principals, at });
    const reason = "reject" in made
      ? made.reject
      : attempt < DISTINCT_ATTEMPTS && siblings.some((sibling) => isAlike(sibling, made))
      ? "too much like a sibling"
      : undefined;
    if (reason === undefined && !("reject" in made)) return made;
    reasons.set(reason ?? "", (reasons.get(reason ?? "") ?? 0) + 1);
  }
  const counts = [...reasons].map(([reason, count]) => `${reason} (${count})`).join("; ");
  throw fault(scenario, variant, `all ${MOST_ATTEMPTS} attempts were rejected: ${counts}`);
}

/** Values that the instruction names. */
function publicValues({ program, solution }: Instance): Json {
  if (program !== undefined) return Object.keys(program.pub).length === 0 ? null : program.pub;
  return solution.kind === "actions" || solution.args.length === 0 ? null : solution.args;
}

/** Whether two instances share answer and changes, words, or the values that the words name. */
function isAlike(a: Prepared, b: Prepared): boolean {
  const [left, right] = [publicValues(a.instance), publicValues(b.instance)];
  return a.outcome === b.outcome || a.instance.instruction === b.instance.instruction ||
    (left !== null && canonicalJson(left) === canonicalJson(right));
}

interface Draw {
  readonly variant: number;
  readonly attempt: number;
  readonly user: Principal;
  readonly principals: readonly Principal[];
  readonly at: string;
}

function prepare(base: BaseWorld, scenario: Scenario, draw: Draw): Prepared | Reject {
  const { variant, attempt, user, principals, at } = draw;
  const start = base.open(at);
  const writer = new AppSession(start, user, "");
  const spec = (table: string) => {
    const found = TABLES.get(table);
    if (found === undefined) throw new RangeError(`There is no table ${table}`);
    return found;
  };
  const context: SetupContext = {
    random: keyedRandom("apps-setup", base.seed, scenario.family, variant, attempt),
    variant,
    attempt,
    user,
    principals,
    at,
    as(person = user, pastAt) {
      const client = writer.client(person);
      return pastAt === undefined ? client : (app, api, args) => start.during(pastAt, () => client(app, api, args));
    },
    rows: (table, owner) => start.rows(spec(table), owner) as readonly unknown[] as readonly Row[],
    rowsWhere: (table, column, value) =>
      start.rowsWhere(spec(table), column, value as string) as readonly unknown[] as readonly Row[],
    row: (table, id) => start.row(table, id),
    patch: (table, id, values) => start.update(spec(table), id, values as Readonly<Record<string, string>>),
  };
  try {
    const instance = scenario.setup(context);
    if ("reject" in instance) return instance;
    const changesAfter = (intend: Instance["intend"]) => {
      const target = start.fork();
      intend(new AppSession(target, user, instance.instruction).client(user));
      return changesOf(target);
    };
    const { answer, unordered = false, alternatives = [] } = instance;
    const changes = changesAfter(instance.intend);
    const expectation = { answer, unordered, changes, alternatives: alternatives.map(changesAfter) };
    const wantsNothing = normaliseAnswer(instance.answer) === "null" && expectation.changes.size === 0;
    if (wantsNothing) return { reject: "neither an answer nor a change is wanted" };
    const outcome = `${normaliseAnswer(instance.answer)} ${changesHash(expectation.changes)}`;
    return { user, at, instance, start, expectation, outcome, attempts: attempt + 1 };
  } catch (error) {
    throw fault(scenario, variant, error instanceof Error ? error.message : String(error), error);
  }
}
