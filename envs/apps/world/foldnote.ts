/**
 * Notes of every principal: lists, plans, recipes, journals and checklists, in notebooks, with keywords, revisions and shares; and
 * those that belong to the shared life.
 *
 * Contract: "Who owes me" lists exactly the loans of the story that are open; a trip has the packing list of who paid for it; each
 * club and each home with shared costs has one note, shared with all its people.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import type { Pen } from "../_pen.ts";
import { addDays, DAY_NAMES, sayDay } from "../calendar.ts";
import {
  checkItem,
  foldnoteMember,
  keyword,
  keywordLink,
  note,
  notebook,
  noteShare,
  revision,
} from "../apps/foldnote/tables.ts";
import * as pools from "../pools/foldnote.ts";
import { PLACES, THINGS } from "../pools/words.ts";
import { writeAccounts } from "./accounts.ts";
import { fillTemplate, WORLD_NOW, type WorldContext } from "./context.ts";
import { centsText } from "../apps/_common.ts";

/** A note before it is written. */
interface Draft {
  readonly owner: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly at: string;
  readonly items?: readonly { readonly text: string; readonly done: boolean }[];
  /** E-mails of those it is shared with. */
  readonly sharedWith?: readonly string[];
  readonly mayEdit?: boolean;
}

/** What a member sorts notes with. */
interface Shelf {
  readonly notebooks: readonly number[];
  readonly keywords: readonly number[];
}

/** Writes all of it. */
export function writeFoldnote(pen: Pen, context: WorldContext): void {
  writeAccounts(pen, context, foldnoteMember, () => ({}));
  const shelves = new Map<string, Shelf>();
  for (const { email } of context.principals) shelves.set(email, writeShelf(pen, context, email));
  for (
    const draft of [...context.society.principals.flatMap((index) => ownNotes(context, index)), ...storyNotes(context)]
  ) {
    const shelf = shelves.get(draft.owner) ?? { notebooks: [], keywords: [] };
    const random = context.random("foldnote", "note", draft.owner, draft.title, draft.at);
    pen.at(draft.at, () => writeNote(pen, context, random, shelf, draft));
  }
}

function writeShelf(pen: Pen, context: WorldContext, owner: string): Shelf {
  const random = context.random("foldnote", "shelf", owner);
  const madeAt = "2025-12-01T09:00:00";
  const notebooks = random.sample(pools.NOTEBOOKS, random.int(3, 7));
  const keywords = random.sample(pools.KEYWORDS, random.int(3, 8));
  return {
    notebooks: notebooks.map(({ name, about }) => pen.add(notebook, { owner, name, about }, madeAt)),
    keywords: keywords.map((name) => pen.add(keyword, { owner, name }, madeAt)),
  };
}

function fill(random: KeyedRandom, template: string): string {
  return fillTemplate(template, {
    thing: random.pick(THINGS),
    place: random.pick(PLACES),
    day: random.pick(DAY_NAMES),
    hour: `${random.int(7, 21)}:${random.pick(["00", "15", "30", "45"])}`,
    count: random.int(2, 40),
  });
}

/** Some of the items, in order. */
function someOf<T>(random: KeyedRandom, items: readonly T[], least: number): T[] {
  const count = random.int(Math.min(least, items.length), items.length);
  return random.sample([...items.keys()], count).sort((a, b) => a - b).flatMap((i) => items[i] ?? []);
}

function ownNotes(context: WorldContext, index: number): Draft[] {
  const { email } = context.person(index);
  const random = context.random("foldnote", "notes", email);
  const friends = [...context.known(index).keys()].map((other) => context.person(other))
    .filter(({ hasAccounts }) => hasAccounts);
  const share = () => {
    if (friends.length === 0 || random.uniform() > 0.12) return {};
    return {
      sharedWith: random.sample(friends, random.int(1, 2)).map((friend) => friend.email),
      mayEdit: random.uniform() < 0.4,
    };
  };
  const loose = [...pools.LISTS, ...pools.PLANS, ...pools.JOURNALS];
  const whole = [...pools.RECIPES, ...pools.ODD_NOTES];
  const count = context.count(random, 18, 46, 8);
  const bodies = random.sample([...loose, ...whole], count).map(({ title, lines }): Draft => {
    const chosen = whole.some((template) => template.title === title) ? lines : someOf(random, lines, 2);
    const at = context.moment(random, 2);
    return { owner: email, title, lines: chosen.map((line) => fill(random, line)), at, ...share() };
  });
  const lists = random.sample(pools.CHECKLISTS, context.count(random, 3, 7, 2)).map(({ title, lines }): Draft => {
    const items = random.shuffle(someOf(random, lines, 6)).map((text) => ({ text, done: random.uniform() < 0.4 }));
    return { owner: email, title, lines: [], at: context.moment(random, 2), items, ...share() };
  });
  return [...bodies, ...lists];
}

function storyNotes(context: WorldContext): Draft[] {
  const { life } = context;
  const owed = new Map<number, string[]>();
  for (const { lender, borrower, cents, reason, state } of life.loans) {
    if (state !== "open") continue;
    const line = `${context.person(borrower).name}: ${centsText(cents)} for the ${reason}`;
    owed.set(lender, [...(owed.get(lender) ?? []), line]);
  }
  const debts = [...owed].map(([lender, lines]): Draft => {
    const owner = context.person(lender).email;
    return { owner, title: "Who owes me", lines, at: `2027-03-1${lender % 4}T20:${10 + lender % 40}:00` };
  });
  const trips = life.outings.filter(({ kind }) => kind === "trip").map(({ id, payer, place, at }): Draft => {
    const random = context.random("foldnote", "trip", id);
    const items = random.sample(pools.PACKING_ITEMS, random.int(8, 13)).map((text) => ({
      text,
      done: random.uniform() < 0.7,
    }));
    const title = `Packing for ${place}, ${sayDay(at).split(", ")[1]}`;
    return { owner: context.person(payer).email, title, lines: [], at: `${addDays(at, -2)}T19:30:00`, items };
  });
  return [...debts, ...trips, ...sharedNotes(context)];
}

/** Notes of clubs, homes and projects: one keeps them, the others read along. */
function sharedNotes(context: WorldContext): Draft[] {
  const { clubs, homes, projects } = context.life;
  const notes: Draft[] = [];
  const among = (people: readonly number[], title: string, lines: readonly string[], at: string, mayEdit: boolean) => {
    const [owner, ...others] = people.map((index) => context.person(index).email);
    if (owner !== undefined && lines.length > 0) notes.push({ owner, title, lines, at, sharedWith: others, mayEdit });
  };
  for (const { name, people, meetings } of clubs) {
    const lines = meetings.map(({ at, topic, place }) => `${at.slice(0, 10)}: ${topic}, at ${place}`);
    among(people, `${name}: meetings`, lines, "2027-03-02T21:00:00", true);
  }
  const power = new Map<number, { people: readonly number[]; lines: string[] }>();
  for (const { home, people, month, items } of homes) {
    const found = power.get(home) ?? { people, lines: [] };
    power.set(home, found);
    for (const { name, cents } of items) if (name === "power") found.lines.push(`${month}: ${centsText(cents)}`);
  }
  for (const { people, lines } of power.values()) among(people, "Power bills", lines, "2027-03-09T18:00:00", false);
  for (const { name, lead, people, cards } of projects) {
    const next = cards.filter(({ lane }) => lane !== "Done").slice(0, 6).map(({ title }) => title);
    const readers = [lead, ...people.filter((index) => index !== lead)];
    among(readers, `${name}: next steps`, next, "2027-03-11T16:00:00", false);
  }
  return notes;
}

function writeNote(pen: Pen, context: WorldContext, random: KeyedRandom, shelf: Shelf, draft: Draft): void {
  const { owner, title, lines, at, items = [], sharedWith = [], mayEdit = false } = draft;
  const states = lines.length > 2 && random.uniform() < 0.3 ? random.int(1, 3) : 0;
  let editedAt = at;
  const changes = Array.from({ length: states }, () => {
    editedAt = context.later(random, editedAt, 20);
    return editedAt;
  });
  const archived = random.uniform() < 0.2;
  const id = pen.add(note, {
    owner,
    notebook_id: shelf.notebooks.length > 0 && random.uniform() < 0.6 ? random.pick(shelf.notebooks) : null,
    title,
    body: lines.join("\n"),
    pinned: !archived && random.uniform() < 0.25,
    archived,
    edited_at: editedAt < WORLD_NOW ? editedAt : at,
  }, at);
  // Earlier states lack the last lines.
  new Set(changes).forEach((savedAt) => {
    if (savedAt <= at) return;
    const body = lines.slice(0, random.int(1, lines.length - 1)).join("\n");
    pen.add(revision, { owner, note_id: id, title, body, saved_at: savedAt }, savedAt);
  });
  items.forEach(({ text, done }, i) => pen.add(checkItem, { owner, note_id: id, text, done, position: i + 1 }, at));
  if (random.uniform() < 0.3) {
    for (const keyword_id of random.sample(shelf.keywords, random.int(1, 2))) {
      pen.add(keywordLink, { owner, note_id: id, keyword_id }, at);
    }
  }
  for (const email of sharedWith) pen.add(noteShare, { owner, note_id: id, email, may_edit: mayEdit }, at);
}
