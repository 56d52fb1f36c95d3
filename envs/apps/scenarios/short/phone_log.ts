/**
 * Calls and texts: calls are counted, added up or searched for the longest × direction × tie or month; texts are counted, read or
 * hidden × direction, with one person.
 *
 * @module
 */
import type { Principal, Reject, Row, Scenario, SetupContext, Split } from "../../scenario.ts";
import { define, type Draw } from "./_define.ts";
import { act, type Aggregate, aggregate, keep, pages, people, signIn, WHO } from "./_idioms.ts";
import {
  addNamesake,
  choose,
  fairAggregate,
  type Group,
  groupsOf,
  holdersIn,
  keysOf,
  monthSlots,
  needsPages,
  newestFirst,
  outsiders,
  peoplePhrase,
  reject,
  type Slot,
  textOf,
} from "./_setup.ts";

type Direction = "in" | "out";
type CallFilter = "tie" | "month";
type TextVerb = "count" | "last" | "hide";

const CALLS: readonly (readonly [Aggregate, Direction, CallFilter, Split])[] = [
  ["count", "in", "month", "train"],
  ["count", "in", "tie", "train"],
  ["count", "out", "month", "train"],
  ["total", "out", "tie", "train"],
  ["total", "in", "tie", "train"],
  ["total", "out", "month", "train"],
  ["largest", "in", "tie", "train"],
  ["largest", "in", "month", "train"],
  ["largest", "out", "month", "train"],
  ["largest", "out", "tie", "test_normal"],
  ["total", "in", "month", "test_normal"],
  ["count", "out", "tie", "test_normal"],
];

const TEXTS: readonly (readonly [TextVerb, Direction, Split])[] = [
  ["count", "in", "train"],
  ["count", "out", "train"],
  ["last", "out", "train"],
  ["hide", "in", "train"],
  ["last", "in", "test_normal"],
];

const TEXTS_PLANTED = [
  "Are you at home?",
  "All fine here.",
  "See you soon!",
  "Where are you?",
  "Good morning!",
] as const;

const CALL_WANTED: Readonly<Record<Aggregate, readonly string[]>> = {
  total: ["what is the total length in seconds", "how many seconds in total are they"],
  count: ["how many calls are there", "what is the number of calls"],
  largest: ["what is the longest one in seconds", "how many seconds is the longest call"],
};

function drawCalls(ctx: SetupContext, kind: Aggregate, direction: Direction, filter: CallFilter): Draw | Reject {
  const listed = newestFirst(ctx.rows("handset.call_entry", ctx.user.email)).filter((row) =>
    row["direction"] === direction
  );
  const slots: Slot[] = filter === "month" ? monthSlots(listed) : groupsOf(ctx, "tie", false).map((group) => {
    const numbers = keysOf(group, "number");
    const phrase = `${direction === "in" ? "from" : "to"} ${peoplePhrase("tie", group.value)}`;
    return { value: group.value, phrase, keeps: (row) => numbers.has(textOf(row, "number")) };
  });
  const answers = slots.map(({ keeps }) => fairAggregate(kind, listed, keeps, "seconds", 1));
  const slot = choose(ctx, slots, (candidate) => answers[slots.indexOf(candidate)] !== undefined);
  const answer = slot === undefined ? undefined : answers[slots.indexOf(slot)];
  if (slot === undefined || answer === undefined) return reject("nobody with enough calls");
  const calls = `calls I ${direction === "in" ? "got" : "made"} ${slot.phrase}`;
  const wanted = ctx.random.pick(CALL_WANTED[kind]);
  const instruction = ctx.random.pick([`Look at the ${calls}: ${wanted}?`, `Of all phone ${calls}, ${wanted}?`]);
  return { instruction, args: [slot.value], answer };
}

function textsOf(ctx: SetupContext, direction: Direction): Row[] {
  return newestFirst(ctx.rows("handset.text", ctx.user.email))
    .filter((row) => row["direction"] === direction && row["hidden"] === false);
}

function withGroup(group: Group): (row: Row) => boolean {
  const numbers = keysOf(group, "number");
  return (row) => numbers.has(textOf(row, "number"));
}

/** Sends one text to or from each person. */
function plant(ctx: SetupContext, direction: Direction, others: readonly Principal[]): void {
  for (const person of others) {
    const text = ctx.random.pick(TEXTS_PLANTED);
    if (direction === "out") ctx.as()("handset", "send_text", { number: person.number, text });
    else ctx.as(person)("handset", "send_text", { number: ctx.user.number, text });
  }
}

function drawTexts(ctx: SetupContext, verb: TextVerb, direction: Direction): Draw | Reject {
  const group = choose(ctx, groupsOf(ctx, "person", false), (candidate) => {
    const rows = textsOf(ctx, direction).filter(withGroup(candidate));
    return verb === "last" ? rows.length >= 2 : holdersIn(ctx, candidate).length > 0 && rows.length <= 9;
  });
  if (group === undefined) return reject("nobody with a few texts");
  const keeps = withGroup(group);
  const name = group.value;
  if (verb !== "last") plant(ctx, direction, [...holdersIn(ctx, group), ...holdersIn(ctx, group)]);
  plant(ctx, direction, outsiders(ctx, group).slice(0, 6));
  addNamesake(ctx, name);
  const listed = textsOf(ctx, direction);
  if (!needsPages(listed, keeps)) return reject("the first page shows all");
  const rows = listed.filter(keeps);
  const texts = direction === "in" ? `I got from ${name}` : `I sent to ${name}`;
  if (verb === "count") {
    const instruction = ctx.random.pick([
      `How many texts are there that ${texts}?`,
      `What is the number of texts that ${texts} in my phone?`,
    ]);
    return { instruction, args: [name], answer: rows.length };
  }
  if (verb === "last") {
    const [last, before] = rows;
    if (last === undefined || before === undefined || last["at"] === before["at"]) return reject("no single last text");
    const instruction = ctx.random.pick([
      `What does the last text say that ${texts}?`,
      `Read me the newest text that ${texts} in my phone.`,
    ]);
    return { instruction, args: [name], answer: textOf(last, "text") };
  }
  return {
    instruction: ctx.random.pick([`Delete all texts that ${texts}.`, `Hide every text that ${texts} in my phone.`]),
    args: [name],
    writes: rows.map((row) => ({ app: "handset", api: "hide_text", args: { text_id: row.id } })),
  };
}

const CALL_NAME: Readonly<Record<Aggregate, string>> = {
  total: "total_seconds_of",
  count: "count",
  largest: "longest_of",
};

/** Scenarios of both generators. */
export const phoneLog: readonly Scenario[] = [
  ...CALLS.map(([kind, direction, filter, split]) =>
    define({
      family: `calls/${kind}/${direction}/${filter}`,
      split,
      difficulty: 1,
      name: `${CALL_NAME[kind]}_calls_${
        filter === "month" ? `${direction}_in_month` : direction === "in" ? "from_tie" : "to_tie"
      }`,
      params: [filter],
      lines: [
        ...signIn("handset"),
        ...(filter === "month" ? [] : people(filter, "number")),
        pages("handset", "calls", `direction: "${direction}"`),
        keep("calls", filter === "month" ? "x.at.startsWith(month)" : "people.includes(x.number)"),
        `return ${aggregate(kind, "x.seconds")};`,
      ],
      lookups: { handset: filter === "month" ? "list calls" : "list contacts calls" },
      draw: (ctx) => drawCalls(ctx, kind, direction, filter),
    })
  ),
  ...TEXTS.map(([verb, direction, split]) =>
    define({
      family: `texts/${verb}/${direction}/person`,
      split,
      difficulty: verb === "hide" ? 2 : 1,
      name: `${verb}_${verb === "last" ? "text" : "texts"}_${direction === "in" ? "from" : "to"}_person`,
      params: [WHO.person.param],
      lines: [
        ...signIn("handset"),
        ...people("person", "number"),
        pages("handset", "texts", `direction: "${direction}"`),
        keep("texts", `people.includes(x.${direction === "in" ? "from" : "to"})`),
        verb === "count"
          ? `return ${aggregate("count", "")};`
          : verb === "last"
          ? "return rows[0].text;"
          : act("handset", "hide_text", "text_id: x.text_id"),
      ],
      lookups: { handset: verb === "hide" ? "list contacts texts hide" : "list contacts texts" },
      draw: (ctx) => drawTexts(ctx, verb, direction),
    })
  ),
];
