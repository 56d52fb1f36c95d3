/**
 * Checklists of notes: verb (tick, untick, count what is open) × filter (all items, those with a word).
 *
 * @module
 */
import type { Reject, Row, Scenario, SetupContext, Split } from "../../scenario.ts";
import { define, type Draw } from "./_define.ts";
import { act, aggregate, keep, pages, signIn } from "./_idioms.ts";
import { choose, idIn, needsPages, reject, textOf } from "./_setup.ts";

type Verb = "tick" | "untick" | "count";
type Filter = "all" | "word";

const FAMILIES: readonly (readonly [Verb, Filter, Split])[] = [
  ["tick", "word", "train"],
  ["tick", "all", "train"],
  ["untick", "all", "train"],
  ["count", "all", "train"],
  ["untick", "word", "dev"],
  ["count", "word", "test_normal"],
];

const TITLES = ["Suitcase", "Saturday shopping", "Attic sorting", "Party plan", "Shed repair", "Camping kit"] as const;
const NOUNS = ["socks", "soap", "lamp", "rope", "bread", "paint", "towel"] as const;
const DETAILS = ["red", "small", "spare", "long", "cheap", "heavy", "new", "soft"] as const;

/** State that the items must be in, the API, and what the items are called. */
const CODE: Readonly<Record<Verb, { readonly done: boolean; readonly api: string; readonly kind: string }>> = {
  tick: { done: false, api: "tick_item", kind: "open" },
  untick: { done: true, api: "untick_item", kind: "ticked" },
  count: { done: false, api: "", kind: "open" },
};

function phrases(verb: Verb, which: string, title: string): readonly string[] {
  const from = `of the checklist in my note "${title}"`;
  if (verb === "tick") return [`Tick ${which} ${from}.`, `In my note "${title}", tick ${which}.`];
  if (verb === "untick") return [`Untick ${which} ${from}.`, `In my note "${title}", untick ${which}.`];
  return [
    `How many ${which} are on the checklist of my note "${title}"?`,
    `In my note "${title}", count the ${which}.`,
  ];
}

function draw(ctx: SetupContext, verb: Verb, filter: Filter): Draw | Reject {
  const client = ctx.as();
  const { done, api, kind } = CODE[verb];
  const title = choose<string>(ctx, TITLES, () => true);
  if (title === undefined) return reject("no title");
  const twin = `${title} ${ctx.random.pick(["old", "2026"])}`;
  const word = ctx.random.pick(NOUNS);
  let noteId = 0;
  // The twin is a distractor: its title begins the same way.
  for (const name of ctx.random.shuffle([twin, title])) {
    const id = idIn(client("foldnote", "add_note", { title: name, body: "to do" }), "note_id");
    if (name === title) noteId = id;
    const count = ctx.random.int(8, 11);
    const details = ctx.random.shuffle(DETAILS);
    for (let i = 0; i < count; i++) {
      const noun = i % 3 === 1 ? word : ctx.random.pick(NOUNS);
      const text = `${details[i % details.length] ?? "red"} ${noun}`;
      const item = idIn(client("foldnote", "add_item", { note_id: id, text }), "item_id");
      if (ctx.random.int(0, 1) === 0) client("foldnote", "tick_item", { item_id: item });
    }
  }
  const notes = ctx.rows("foldnote.note", ctx.user.email);
  if (notes.filter((row) => textOf(row, "title") === title).length !== 1) return reject("two notes of one title");
  const listed = ctx.rows("foldnote.check_item").filter((row) => row["note_id"] === noteId);
  const wanted = (row: Row) => row["done"] === done && (filter === "all" || textOf(row, "text").includes(word));
  const rows = listed.filter(wanted);
  const hurdle = listed.some((row) => row["done"] !== done && textOf(row, "text").includes(word));
  if (rows.length < 2 || !hurdle || !needsPages(listed, wanted)) return reject("the checklist is too easy");
  const which = verb === "count"
    ? filter === "all" ? `${kind} items` : `${kind} items with "${word}"`
    : filter === "all"
    ? `all ${kind} items`
    : `all ${kind} items with "${word}"`;
  const instruction = ctx.random.pick(phrases(verb, which, title));
  const args = filter === "all" ? [title] : [title, word];
  if (verb === "count") return { instruction, args, answer: rows.length };
  return { instruction, args, writes: rows.map((row) => ({ app: "foldnote", api, args: { item_id: row.id } })) };
}

/** Scenarios of this generator. */
export const items: readonly Scenario[] = FAMILIES.map(([verb, filter, split]) => {
  const { done, api, kind } = CODE[verb];
  const state = done ? "x.done" : "!x.done";
  return define({
    family: `items/${verb}/${filter}`,
    split,
    difficulty: verb === "count" ? 1 : 2,
    name: `${verb}_${kind}_items${filter === "all" ? "" : "_with_word"}`,
    params: filter === "all" ? ["title"] : ["title", "word"],
    lines: [
      ...signIn("foldnote"),
      pages("foldnote", "notes"),
      "const note_id = notes.find((x) => x.title === title).note_id;",
      pages("foldnote", "items", "note_id"),
      keep("items", filter === "all" ? state : `x.text.includes(word) && ${state}`),
      verb === "count" ? `return ${aggregate("count", "")};` : act("foldnote", api, "item_id: x.item_id"),
    ],
    lookups: { foldnote: verb === "count" ? "list notes items" : `list notes items ${verb}` },
    draw: (ctx) => draw(ctx, verb, filter),
  });
});
