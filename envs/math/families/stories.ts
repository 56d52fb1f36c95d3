/**
 * Word problems about counts: things come and go, and equal groups (method `chain`); and the way back to the start (`undo`).
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import { CONTAINERS, pair, PEOPLE, story, THINGS } from "./_words.ts";
import { list, Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";

/** Verbs of gains. */
export const GAINS = ["gets", "finds", "buys"];
/** Verbs of losses. */
export const LOSSES = ["gives away", "loses", "sells"];

/** What happens to a number of things. */
export interface Event {
  /** As the story tells it. */
  readonly sentence: string;
  /** Operation. */
  readonly kind: "add" | "subtract" | "multiply";
  /** Its second operand. */
  readonly value: number;
}

/** Gains and losses in random order that never leave less than one thing; the last `growths` of them multiply by 2 or 3. */
export function drawEvents(
  random: KeyedRandom,
  { who, start, events, growths, max }: {
    readonly who: string;
    readonly start: number;
    readonly events: number;
    readonly growths: number;
    readonly max: number;
  },
): { readonly events: readonly Event[]; readonly end: number } {
  const kinds = random.shuffle(Array.from({ length: events }, (_, i) => (i < growths ? 2 : i % 2)));
  let now = start;
  const drawn = kinds.map((kind): Event => {
    if (kind === 2) {
      const value = random.int(2, 3);
      now *= value;
      return { sentence: `The number then becomes ${value} times as large.`, kind: "multiply", value };
    }
    if (kind === 1 && now > 2) {
      const value = random.int(2, Math.min(max, now - 1));
      now -= value;
      return { sentence: `${who} then ${random.pick(LOSSES)} ${value}.`, kind: "subtract", value };
    }
    const value = random.int(2, max);
    now += value;
    return { sentence: `${who} then ${random.pick(GAINS)} ${value} more.`, kind: "add", value };
  });
  return { events: drawn, end: now };
}

// Level: largest number, events in the story, how many of them multiply.
const COMING_AND_GOING = [
  { max: 20, events: 2, growths: 0 },
  { max: 80, events: 3, growths: 0 },
  { max: 500, events: 5, growths: 1 },
  { max: 4000, events: 8, growths: 2 },
  { max: 30000, events: 12, growths: 4 },
];

const gainLoss = defineFamily({
  id: "gain-loss",
  title: "Things come and go",
  domain: "algebra",
  method: "chain",
  split: "train",
  knobs: COMING_AND_GOING,
  draw(random, { max, events: count, growths }) {
    const { who, things } = story(random);
    const start = random.int(3, max);
    const { events } = drawEvents(random, { who, start, events: count, growths, max });
    const work = new Work();
    const end = events.reduce((now, { kind, value }) => work[kind](now, value), start);
    const question = random.pick([
      `How many ${things} does ${who} have now?`,
      `How many ${things} are there at the end?`,
    ]);
    return {
      statement: `${who} has ${start} ${things}. ${events.map(({ sentence }) => sentence).join(" ")} ${question}`,
      answer: String(end),
      steps: work.lines,
      numbers: [start, ...events.map(({ kind, value }) => `${kind} ${value}`)],
    };
  },
});

const startingAmount = defineFamily({
  id: "starting-amount",
  title: "How many there were at the start",
  domain: "algebra",
  method: "undo",
  split: "train",
  knobs: COMING_AND_GOING,
  draw(random, { max, events: count, growths }) {
    const { who, things } = story(random);
    const start = random.int(3, max);
    const { events, end } = drawEvents(random, { who, start, events: count, growths, max });
    const work = new Work();
    const undone = { add: "subtract", subtract: "add", multiply: "divide" } as const;
    const back = events.toReversed().reduce((now, { kind, value }) => work[undone[kind]](now, value), end);
    return {
      statement: `${who} has a number of ${things}. ${events.map(({ sentence }) => sentence).join(" ")} ` +
        `The result is ${end} ${things}. What is the number of ${things} at the start?`,
      answer: String(back),
      steps: work.lines,
      numbers: [start, ...events.map(({ kind, value }) => `${kind} ${value}`)],
    };
  },
});

const equalGroups = defineFamily({
  id: "equal-groups",
  title: "Equal groups and loose things",
  domain: "algebra",
  method: "chain",
  split: "train",
  // Level: kinds of groups, most in a group and most groups, most loose things.
  knobs: [
    { groups: 1, max: 9, loose: 20 },
    { groups: 2, max: 12, loose: 40 },
    { groups: 3, max: 40, loose: 300 },
    { groups: 4, max: 250, loose: 4000 },
    { groups: 5, max: 2500, loose: 90000 },
  ],
  draw(random, { groups, max, loose }) {
    const { who, things } = story(random);
    const parts = random.sample(CONTAINERS, groups).map((container) => ({
      container,
      count: random.int(2, max),
      size: random.int(2, max),
    }));
    const rest = random.int(2, loose);
    const work = new Work();
    const products = parts.map(({ count, size }) => work.multiply(count, size));
    const total = products.slice(1).reduce((sum, product) => work.add(sum, product), products[0] ?? 0);
    const gains = random.int(0, 1) === 1;
    if (!gains && rest >= total) return undefined;
    const end = gains ? work.add(total, rest) : work.subtract(total, rest);
    const groupsText = list(
      parts.map(({ container, count, size }) => `${count} ${container} with ${size} ${things} each`),
    );
    const event = gains
      ? `${who} then ${random.pick(GAINS)} ${rest} more.`
      : `${who} then ${random.pick(LOSSES)} ${rest}.`;
    return {
      statement: `${who} has ${groupsText}. ${event} How many ${things} does ${who} have now?`,
      answer: String(end),
      steps: work.lines,
      numbers: [...parts.flatMap(({ count, size }) => [count, size]), gains ? rest : -rest],
    };
  },
});

const purchase = defineFamily({
  id: "purchase",
  title: "Money left after shopping",
  domain: "algebra",
  method: "chain",
  split: "ood",
  near: true,
  // Level: kinds of things bought, most of a kind and highest price, most coins left.
  knobs: [
    { kinds: 1, max: 9, rest: 30 },
    { kinds: 2, max: 12, rest: 60 },
    { kinds: 3, max: 50, rest: 900 },
    { kinds: 4, max: 300, rest: 5000 },
    { kinds: 5, max: 2500, rest: 90000 },
  ],
  draw(random, { kinds, max, rest }) {
    const who = random.pick(PEOPLE.slice(0, 8));
    const items = random.sample(THINGS.filter((thing) => thing !== "coins"), kinds).map((thing) => ({
      thing,
      count: random.int(2, max),
      price: random.int(2, max),
    }));
    const left = random.int(1, rest);
    const money = items.reduce((sum, { count, price }) => sum + count * price, left);
    const work = new Work();
    const products = items.map(({ count, price }) => work.multiply(count, price));
    const end = work.subtract(money, products.slice(1).reduce((sum, cost) => work.add(sum, cost), products[0] ?? 0));
    const bought = list(items.map(({ thing, count, price }) => `${count} ${thing} that cost ${price} coins each`));
    return {
      statement: `${who} has ${money} coins. ${who} then buys ${bought}. How many coins does ${who} have now?`,
      answer: String(end),
      steps: work.lines,
      numbers: [money, ...items.flatMap(({ count, price }) => [count, price])],
    };
  },
});

const ages = defineFamily({
  id: "ages",
  title: "Ages now and later",
  domain: "algebra",
  method: "undo",
  split: "ood",
  // Level: oldest age, largest multiple, form (1: one age is known; 2: two multiples are known).
  knobs: [
    { max: 12, multiple: 3, form: 1 },
    { max: 25, multiple: 5, form: 1 },
    { max: 30, multiple: 6, form: 2 },
    { max: 300, multiple: 9, form: 2 },
    { max: 5000, multiple: 25, form: 2 },
  ],
  draw(random, { max, multiple, form }) {
    const [older, younger] = pair(random);
    const work = new Work();
    const years = random.int(2, max);
    if (form === 1) {
      const age = random.int(2, max);
      const times = random.int(2, multiple);
      const result = work.subtract(work.multiply(work.add(age, years), times), years);
      return {
        statement:
          `${younger} is ${age} years old. In ${years} years ${older} will be ${times} times as old as ${younger}. ` +
          `How old is ${older} now?`,
        answer: String(result),
        steps: work.lines,
        numbers: [age, years, times],
      };
    }
    const now = random.int(3, multiple);
    const later = random.int(2, now - 1);
    const gain = years * (later - 1);
    if (gain % (now - later) !== 0) return undefined;
    work.subtract(now, later);
    work.subtract(later, 1);
    work.multiply(later - 1, years);
    const result = work.divide(gain, now - later);
    return {
      statement:
        `${older} is ${now} times as old as ${younger}. In ${years} years ${older} will be ${later} times as old as ` +
        `${younger}. How old is ${younger} now?`,
      answer: String(result),
      steps: work.lines,
      numbers: [now, years, later],
    };
  },
});

/** Families of word problems about counts. */
export const STORY_FAMILIES: readonly Family[] = [gainLoss, equalGroups, startingAmount, purchase, ages];
