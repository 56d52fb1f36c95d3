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
import type { Procedure } from "../contract.ts";

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
  readonly variant: number;
  /** The user of this instance, chosen by the environment so that siblings differ. */
  readonly user: Principal;
  /** All people with accounts, the user included. */
  readonly principals: readonly Principal[];
  /** Frozen date and time of the episode. */
  readonly at: string;
  /** Client of any person (default: the user), writing into the start state. */
  as(person?: Principal): Client;
  /** Rows of a table, e.g. `rows("handset.contact")`, optionally those of an owner's e-mail. */
  rows(table: string, ownerEmail?: string): readonly Row[];
}

/** Why no instance could be made from these draws; the environment retries with the next attempt. */
export interface Reject {
  readonly reject: string;
}

/** One instance of a scenario. */
export interface Instance {
  /** What the user asks; contains every public parameter, no API name, at most 90 words. */
  readonly instruction: string;
  /** Expected answer; null in an action task, where any submitted answer fails. */
  readonly answer: null | string | number;
  /** Intended writes, as the user; nothing in a question task. */
  intend(client: Client): void;
  readonly solution: Procedure;
}

/** Split of a scenario. */
export type Split = "train" | "dev" | "test_normal" | "test_challenge";

/** One scenario. */
export interface Scenario {
  /** Generator and family, e.g. `transfer_total/sent/friend`: unique, the identity of the scenario. */
  readonly family: string;
  readonly split: Split;
  readonly difficulty: 1 | 2 | 3;
  readonly apps: readonly string[];
  setup(context: SetupContext): Instance | Reject;
}
