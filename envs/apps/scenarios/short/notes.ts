/**
 * Notes: verb (pin, unpin, archive, remove, append a line) × filter (title, word of the title).
 *
 * @module
 */
import type { Json } from "../../../../data/canonical.ts";
import type { Reject, Row, Scenario, SetupContext, Split } from "../../scenario.ts";
import { define, type Draw } from "./_define.ts";
import { act, keep, pages, signIn } from "./_idioms.ts";
import { choose, idIn, needsPages, reject, textOf } from "./_setup.ts";

type Verb = "pin" | "unpin" | "archive" | "remove" | "append";
type Filter = "title" | "word";

const FAMILIES: readonly (readonly [Verb, Filter, Split])[] = [
  ["pin", "title", "train"],
  ["unpin", "title", "train"],
  ["unpin", "word", "train"],
  ["archive", "title", "train"],
  ["remove", "word", "train"],
  ["append", "title", "train"],
  ["append", "word", "train"],
  ["remove", "title", "dev"],
  ["pin", "word", "train"],
  ["archive", "word", "test_normal"],
];

const WORDS = ["budget", "school", "picnic", "fitness", "birthday", "choir", "holiday", "allotment", "office"] as const;
const KINDS = ["plan", "ideas", "list", "questions", "diary"] as const;
const LINES = [
  "call the plumber",
  "buy more tape",
  "ask about prices",
  "check the dates",
  "bring the blue bag",
] as const;

const CODE: Readonly<
  Record<Verb, { readonly api: string; readonly args: string; readonly values: Readonly<Record<string, Json>> }>
> = {
  pin: { api: "pin_note", args: "note_id: x.note_id, on: true", values: { on: true } },
  unpin: { api: "pin_note", args: "note_id: x.note_id, on: false", values: { on: false } },
  archive: { api: "archive_note", args: "note_id: x.note_id, on: true", values: { on: true } },
  remove: { api: "remove_note", args: "note_id: x.note_id", values: {} },
  append: { api: "append_to_note", args: "note_id: x.note_id, text", values: {} },
};

const FILTER: Readonly<Record<Filter, { readonly keep: string; readonly name: string }>> = {
  title: { keep: "x.title === title", name: "titled" },
  word: { keep: "x.title.includes(word)", name: "with_word" },
};

function phrases(verb: Verb, which: string, text: string): readonly string[] {
  if (verb === "pin") return [`Pin ${which} in foldnote.`, `Keep ${which} pinned at the top.`];
  if (verb === "unpin") return [`Unpin ${which} in foldnote.`, `Take the pin off ${which}.`];
  if (verb === "archive") return [`Archive ${which} in foldnote.`, `Put ${which} into the archive.`];
  if (verb === "remove") return [`Remove ${which} in foldnote.`, `Delete ${which} for good.`];
  return [`Append "${text}" to ${which} in foldnote.`, `Add the line "${text}" at the end of ${which}.`];
}

function plant(ctx: SetupContext, verb: Verb): void {
  const client = ctx.as();
  const words = ctx.random.sample(WORDS, 4);
  // The last two repeat the first two words, so that a word has notes on more than one page.
  [...words, ...words.slice(0, 3)].forEach((word, i) => {
    const title = `${word} ${KINDS[(i + words.length) % KINDS.length] ?? "plan"}`;
    const body = `about ${ctx.random.pick(WORDS)}: ${ctx.random.pick(LINES)}`;
    const id = idIn(client("foldnote", "add_note", { title, body }), "note_id");
    if (verb === "unpin" || ctx.random.int(0, 3) === 0) {
      client("foldnote", "pin_note", { note_id: id, on: verb === "unpin" });
    }
  });
}

/** Whether the verb would change the note. */
function changes(verb: Verb, row: Row): boolean {
  if (verb === "pin") return row["pinned"] === false;
  if (verb === "unpin") return row["pinned"] === true;
  return verb !== "archive" || row["archived"] === false;
}

function draw(ctx: SetupContext, verb: Verb, filter: Filter): Draw | Reject {
  plant(ctx, verb);
  const listed = ctx.rows("foldnote.note", ctx.user.email);
  const values = filter === "title" ? [...new Set(listed.map((row) => textOf(row, "title")))] : WORDS;
  const keeps = (row: Row, value: string) =>
    filter === "title" ? textOf(row, "title") === value : textOf(row, "title").includes(value);
  const value = choose<string>(ctx, values, (candidate) => {
    const rows = listed.filter((row) => keeps(row, candidate));
    // Titles that hold the word in another case would make "with the word" a matter of opinion.
    const loose = listed.filter((row) => textOf(row, "title").toLowerCase().includes(candidate));
    const fits = filter === "title"
      ? rows.length === 1
      : rows.length >= 2 && rows.length <= 8 && loose.length === rows.length;
    return fits && rows.every((row) => changes(verb, row)) && needsPages(listed, (row) => keeps(row, candidate));
  });
  if (value === undefined) return reject("no value of the filter keeps a few notes");
  const text = ctx.random.pick(LINES);
  const which = filter === "title" ? `the note "${value}"` : `every note with "${value}" in its title`;
  return {
    instruction: ctx.random.pick(phrases(verb, which, text)),
    args: verb === "append" ? [value, text] : [value],
    writes: listed.filter((row) => keeps(row, value)).map((row) => ({
      app: "foldnote",
      api: CODE[verb].api,
      args: { note_id: row.id, ...CODE[verb].values, ...(verb === "append" ? { text } : {}) },
    })),
  };
}

/** Scenarios of this generator. */
export const notes: readonly Scenario[] = FAMILIES.map(([verb, filter, split]) => {
  const { api, args } = CODE[verb];
  return define({
    family: `notes/${verb}/${filter}`,
    split,
    difficulty: filter === "title" ? 1 : 2,
    name: `${verb}_${filter === "title" ? "note" : "notes"}_${FILTER[filter].name}`,
    params: [filter, ...(verb === "append" ? ["text"] : [])],
    lines: [
      ...signIn("foldnote"),
      pages("foldnote", "notes"),
      keep("notes", FILTER[filter].keep),
      act("foldnote", api, args),
    ],
    lookups: {
      foldnote: verb === "remove" ? ["list notes", "remove note"] : `list notes ${verb.replace("unpin", "pin")}`,
    },
    draw: (ctx) => draw(ctx, verb, filter),
  });
});
