/**
 * The contract between a scenario (what a task is about) and the apps world (where it happens).
 *
 * A scenario is one structural parameter set of a generator; its instances are *variants*. `setup` is a pure function of
 * (scenario, variant, attempt): it looks for a suitable user on a fork, writes missing preconditions and distractors through the
 * APIs, computes the answer from rows (never by the reference solution's own program), and says which writes are intended.
 * The grader turns `intend` into the expected diff by running it on a fork of the start state.
 *
 * @module
 */
import type { KeyedRandom } from "../../data/keyed_random.ts";
import type { Json } from "../../data/canonical.ts";
import type { ActionsSolution, ProcedureSolution } from "../contract.ts";

/** Row of a table as handlers see it: `id` plus columns; money is integer cents. */
export type Row = Readonly<Record<string, Json>> & { readonly id: number };

/** A person of the world who has accounts in all apps. */
export interface Principal {
  readonly name: string;
  readonly email: string;
  readonly number: string;
}

/** Calls APIs as one signed-in person; the token is filled in. Throws when the API refuses. */
export type Client = (app: string, api: string, args?: Readonly<Record<string, Json>>) => Json;

/** What `setup` may use. */
export interface SetupContext {
  /** Keyed by (scenario, variant, attempt). */
  readonly random: KeyedRandom;
  /** From 1; the benchmark has 1 to 3. */
  readonly variant: number;
  readonly attempt: number;
  /** The user of this instance, chosen by the environment so that siblings differ. */
  readonly user: Principal;
  /** All people with accounts, the user included. */
  readonly principals: readonly Principal[];
  /** Frozen date and time of the episode. */
  readonly at: string;
  /**
   * Client of any person (default: the user), writing into the start state.
   *
   * @param at date and time at which the calls are made, for history; the episode's if left out.
   */
  as(person?: Pick<Principal, "email">, at?: string): Client;
  /** Rows of a table, e.g. `rows("handset.contact")`, optionally those of an owner's e-mail. */
  rows(table: string, ownerEmail?: string): readonly Row[];
  /** Rows with a value in an indexed column of a table. */
  rowsWhere(table: string, column: string, value: Json): readonly Row[];
  /** Row by id. */
  row(table: string, id: number): Row | undefined;
  /** Overwrites columns of a row, for preconditions that no API can bring about, such as a forgotten password. */
  patch(table: string, id: number, values: Readonly<Record<string, Json>>): void;
}

/** Why no instance could be made from these draws; the environment retries with the next attempt. */
export interface Reject {
  readonly reject: string;
}

/**
 * APIs as an agent's code sees them: `apis.handset.list_contacts({ token, page: 0 })`. Reference solutions are shipped as plain
 * JavaScript, so nothing of them is typed.
 */
// deno-lint-ignore no-explicit-any -- what an agent's code is given has no types either
export type Apis = any;

/** A reference solution that is a function of its public data; its source is what ships. */
export interface Program {
  /** Values that the instruction names. */
  readonly pub: Readonly<Record<string, Json>>;
  /** How the instruction says a public value, where that is not its plain text. */
  readonly said: Readonly<Record<string, string>>;
  /** Solves the task with public data and APIs alone; gives the answer, or nothing where none is asked. */
  solve(apis: Apis): string | number | null | void;
}

/** One instance of a scenario. */
export interface Instance {
  /** What the user asks; contains every public parameter, no API name, at most 90 words. */
  readonly instruction: string;
  /** Expected answer; null in an action task, where any submitted answer fails. */
  readonly answer: null | string | number;
  /**
   * Whether the answer is a list separated by commas whose order does not matter.
   *
   * @default {false}
   */
  readonly unordered?: boolean;
  /** Intended writes, as the user; nothing in a question task. */
  intend(client: Client): void;
  /** Other sets of intended writes that are as good, where the instruction leaves a choice. */
  readonly alternatives?: readonly ((client: Client) => void)[];
  readonly solution: ProcedureSolution | ActionsSolution;
  /** Where the reference solution is a program: what it is made of, for checks that run it outside the sandbox. */
  readonly program?: Program;
}

/** Split of a scenario. */
export type Split = "train" | "dev" | "test_normal" | "test_challenge";

/** Sets of scenarios: the benchmark, and the short ones that a small model can learn. */
export type Suite = "benchmark" | "short";

/** One scenario. */
export interface Scenario {
  /** Generator and family, e.g. `transfer_total/sent/friend`: unique, the identity of the scenario. */
  readonly family: string;
  readonly split: Split;
  readonly difficulty: 1 | 2 | 3;
  readonly apps: readonly string[];
  setup(context: SetupContext): Instance | Reject;
}
