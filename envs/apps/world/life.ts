/**
 * What people of a world did together, before any app wrote it down: the one story that texts, bills, transfers, receipts, letters
 * and boards tell.
 *
 * Contract: a pure function of (seed, profile, society). People are indices into the society, all of them principals. Times lie
 * before "now"; amounts are cents and shares add up to the total.
 *
 * @module
 */

/** How a share of an outing was paid back. */
export interface Repayment {
  readonly from: number;
  readonly cents: number;
  /** When; null if it is still owed. */
  readonly at: string | null;
}

/** A dinner, a trip or the like: one paid, the others owe. */
export interface Outing {
  /** From 0; texts, bills and receipts of one outing carry the same number. */
  readonly id: number;
  readonly kind: "dinner" | "trip" | "concert" | "groceries" | "gift";
  /** Such as `Dinner at the Copper Pan`. */
  readonly title: string;
  readonly place: string;
  readonly at: string;
  readonly people: readonly number[];
  readonly payer: number;
  readonly totalCents: number;
  /** What each person's part was, the payer's included. */
  readonly shares: ReadonlyMap<number, number>;
  /** Those who owed something, in order. */
  readonly repayments: readonly Repayment[];
  /** Where it was settled: shares as a bill, or wallet requests. */
  readonly how: "bill" | "wallet";
}

/** Money lent from one to another. */
export interface Loan {
  readonly lender: number;
  readonly borrower: number;
  readonly cents: number;
  readonly reason: string;
  readonly at: string;
  readonly remindedAt: string | null;
  readonly state: "repaid" | "refused" | "open";
  /** When it was repaid or refused. */
  readonly endedAt: string | null;
}

/** Shared costs of a home in a month. */
export interface HomeMonth {
  readonly home: number;
  readonly people: readonly number[];
  /** `YYYY-MM`. */
  readonly month: string;
  readonly items: readonly {
    readonly name: "rent" | "power" | "internet" | "water";
    readonly cents: number;
    readonly payer: number;
    readonly at: string;
    /** Those who paid their equal part back. */
    readonly settledBy: readonly number[];
  }[];
}

/** A card of a project. */
export interface ProjectCard {
  readonly title: string;
  readonly lane: "Ideas" | "To do" | "Doing" | "Review" | "Done";
  readonly assignee: number | null;
  readonly dueOn: string | null;
  readonly weight: number;
  readonly madeAt: string;
  readonly doneAt: string | null;
}

/** Work of a team, or something that friends plan. */
export interface Project {
  readonly id: number;
  readonly kind: "office" | "home" | "club";
  readonly name: string;
  readonly people: readonly number[];
  readonly lead: number;
  readonly startedAt: string;
  readonly cards: readonly ProjectCard[];
}

/** A club and its meetings. */
export interface Club {
  readonly name: string;
  /** Tie of its members, such as `book club`. */
  readonly tie: string;
  readonly people: readonly number[];
  readonly meetings: readonly { readonly at: string; readonly place: string; readonly topic: string }[];
}

/** All of it, each list in order of time. */
export interface Life {
  readonly outings: readonly Outing[];
  readonly loans: readonly Loan[];
  readonly homes: readonly HomeMonth[];
  readonly projects: readonly Project[];
  readonly clubs: readonly Club[];
}
