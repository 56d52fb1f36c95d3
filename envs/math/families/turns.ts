/**
 * Stories of several turns, which differ in what happens in which order (methods `chain` and `undo`).
 *
 * Contract: a turn gains (G), loses (L), grows to a multiple (T) or keeps one of equal parts (S). Each family has its own orders; an order
 * is in one split only, with the same start and the same question. Every turn occurs in train families, first and last, and in both
 * kinds of question. Higher levels go through the order several times, with larger numbers.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import { CONTAINERS, story } from "./_words.ts";
import { Work } from "./_work.ts";
import { defineFamily, type Family, type Knobs } from "./family.ts";
import { type Event, GAINS, LOSSES } from "./stories.ts";

type Turn = "G" | "L" | "T" | "S";

interface Told extends Omit<Event, "kind"> {
  readonly kind: "add" | "subtract" | "multiply" | "divide";
  readonly end: number;
}

const UNDONE = { add: "subtract", subtract: "add", multiply: "divide", divide: "multiply" } as const;

/** Who has how many things, the largest number of a turn, and the rounds of the story. */
interface Scene {
  readonly who: string;
  readonly now: number;
  readonly max: number;
  readonly rounds: number;
}

/** One turn from `now` things on; undefined where it is not possible. */
function tell(random: KeyedRandom, turn: Turn, { who, now, max, rounds }: Scene): Told | undefined {
  const told = (kind: Told["kind"], value: number, end: number, sentence: string): Told => ({
    kind,
    value,
    end,
    sentence,
  });
  if (turn === "G") {
    const value = random.int(2, max);
    return told("add", value, now + value, `${who} then ${random.pick(GAINS)} ${value} more.`);
  }
  if (turn === "L") {
    if (now < 3) return undefined;
    // In a long story each loss is a small one, or nothing would be left to divide.
    const value = random.int(2, Math.min(max, rounds === 1 ? now - 1 : Math.max(2, Math.floor(now / rounds))));
    return told("subtract", value, now - value, `${who} then ${random.pick(LOSSES)} ${value}.`);
  }
  if (turn === "T") {
    const value = random.int(2, 3);
    return told("multiply", value, now * value, `The number then becomes ${value} times as large.`);
  }
  const parts = [2, 3, 4, 5].filter((value) => now % value === 0 && now > value);
  if (parts.length === 0) return undefined;
  const value = random.pick(parts);
  return told("divide", value, now / value, `${who} then keeps one of ${value} equal parts.`);
}

// Level: largest number, largest number of groups and of things in one, times that the order is gone through, most things at any time.
const KNOBS = [
  { max: 20, group: 9, rounds: 1, most: 120 },
  { max: 40, group: 12, rounds: 2, most: 2000 },
  { max: 200, group: 30, rounds: 3, most: 50_000 },
  { max: 1000, group: 90, rounds: 4, most: 1e6 },
  { max: 9000, group: 600, rounds: 6, most: 1e9 },
] as const satisfies readonly Knobs[];

interface Plan extends Pick<Family, "id" | "title" | "split"> {
  /** Orders of turns, one of which is drawn. */
  readonly orders: readonly string[];
  /** Whether the story begins with equal groups. */
  readonly groups?: boolean;
  /** Whether the number at the start is asked for. */
  readonly undo?: boolean;
}

function turnsFamily({ orders, groups = false, undo = false, ...facts }: Plan): Family {
  return defineFamily({
    ...facts,
    domain: "algebra",
    method: undo ? "undo" : "chain",
    ...(facts.split === "ood" ? { near: true } : {}),
    knobs: KNOBS,
    draw(random, { max, group, rounds, most }) {
      const { who, things } = story(random);
      const work = new Work();
      const [count, size] = [random.int(2, group), random.int(2, group)];
      const start = groups ? work.multiply(count, size) : random.int(3, max);
      const events: Told[] = [];
      let now = start;
      for (const turn of random.pick(orders).repeat(rounds)) {
        const event = tell(random, turn as Turn, { who, now, max, rounds });
        if (event === undefined || event.end > most) return undefined;
        events.push(event);
        now = event.end;
      }
      const told = events.map(({ sentence }) => sentence).join(" ");
      const numbers = [...(groups ? [count, size] : [start]), ...events.map(({ kind, value }) => `${kind} ${value}`)];
      if (undo) {
        events.toReversed().reduce((value, event) => work[UNDONE[event.kind]](value, event.value), now);
        return {
          statement:
            `${who} has a number of ${things}. ${told} The result is ${now} ${things}. What is the number of ` +
            `${things} at the start?`,
          answer: String(start),
          steps: work.lines,
          numbers,
        };
      }
      events.reduce((value, event) => work[event.kind](value, event.value), start);
      const opening = groups
        ? `${who} has ${count} ${random.pick(CONTAINERS)} with ${size} ${things} each.`
        : `${who} has ${start} ${things}.`;
      return {
        statement: `${opening} ${told} How many ${things} does ${who} have now?`,
        answer: String(now),
        steps: work.lines,
        numbers,
      };
    },
  });
}

/** All orders of so many turns. */
function ordersOf(turns: number): string[] {
  return turns === 0 ? [""] : ordersOf(turns - 1).flatMap((order) => ["G", "L", "T", "S"].map((turn) => order + turn));
}

/** Orders of a number, of groups and of an unknown number at the start that only test_ood has, by family. */
const UNSEEN = {
  number: {
    "grow-then-lose": ["TL"],
    "part-then-gain": ["SG"],
    "three-turns-anew": ["TLG", "LTG", "GSL", "SLT", "GTS"],
  },
  groups: { "groups-gain-loss": ["GL"], "groups-part-gain": ["SG"] },
  unknown: { "start-of-loss": ["LT"], "start-of-part": ["SL"] },
} as const;

function trained(turns: number, unseen: Readonly<Record<string, readonly string[]>>): string[] {
  const left = new Set(Object.values(unseen).flat());
  return ordersOf(turns).filter((order) => !left.has(order));
}

/** Two of the longer sentences are too many where the story also tells how it ends. */
function short(order: string): boolean {
  return order.replace(/[GL]/g, "").length < 2;
}

const PLANS: readonly Plan[] = [
  { id: "one-turn", title: "A multiple or a part", split: "train", orders: ["T", "S"] },
  { id: "two-turns", title: "Two things happen", split: "train", orders: trained(2, UNSEEN.number) },
  { id: "three-turns", title: "Three things happen", split: "train", orders: trained(3, UNSEEN.number) },
  { id: "groups-one-turn", title: "A multiple or a part of groups", split: "train", groups: true, orders: ["T", "S"] },
  {
    id: "groups-two-turns",
    title: "Groups and two things",
    split: "train",
    groups: true,
    orders: trained(2, UNSEEN.groups),
  },
  { id: "start-of-one-turn", title: "Start before one thing", split: "train", undo: true, orders: ordersOf(1) },
  {
    id: "start-of-two-turns",
    title: "Start before two things",
    split: "train",
    undo: true,
    orders: trained(2, UNSEEN.unknown).filter(short),
  },
  { id: "grow-then-lose", title: "First more, then less", split: "ood", orders: UNSEEN.number["grow-then-lose"] },
  { id: "part-then-gain", title: "A part and some more", split: "ood", orders: UNSEEN.number["part-then-gain"] },
  {
    id: "three-turns-anew",
    title: "Three things in another order",
    split: "ood",
    orders: UNSEEN.number["three-turns-anew"],
  },
  {
    id: "groups-gain-loss",
    title: "Groups that come and go",
    split: "ood",
    groups: true,
    orders: UNSEEN.groups["groups-gain-loss"],
  },
  {
    id: "groups-part-gain",
    title: "A part of the groups",
    split: "ood",
    groups: true,
    orders: UNSEEN.groups["groups-part-gain"],
  },
  {
    id: "start-of-loss",
    title: "Start before a loss",
    split: "ood",
    undo: true,
    orders: UNSEEN.unknown["start-of-loss"],
  },
  {
    id: "start-of-part",
    title: "Start before a part",
    split: "ood",
    undo: true,
    orders: UNSEEN.unknown["start-of-part"],
  },
];

/** Families of stories in turns. */
export const TURN_FAMILIES: readonly Family[] = PLANS.map(turnsFamily);
