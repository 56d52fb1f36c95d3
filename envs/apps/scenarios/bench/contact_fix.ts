/**
 * Contacts corrected from elsewhere: numbers from phone lists in notes (which are archived then, and who is new is greeted), addresses
 * from texts, birthdays from lists in notes.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type Client,
  contactsOf,
  daysAgo,
  idIn,
  phrase,
  type Principal,
  principalOf,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  type Write,
} from "./_kit.ts";
import { pastTime, receiveText, sendTextTo, strangers, uniquelyNamed, writeNote } from "./_phone.ts";
import { allPages, isoDate, signIn } from "./_toolbox.ts";

const TOPICS = [
  "street party",
  "class reunion",
  "car pool",
  "allotment day",
  "summer fair",
  "choir trip",
  "sports day",
  "boat house",
] as const;
const NEW_PEOPLE = [
  "Orla Fennick",
  "Bastian Crook",
  "Mirela Tanning",
  "Odran Pike",
  "Selma Wray",
  "Tibalt Moor",
  "Yvette Lumley",
  "Corin Haske",
] as const;
const GREETINGS = ["Good to have your number!", "Hello, now I can reach you.", "I saved your number."] as const;
/** Notes that a phone list is spread over. */
const LISTS = 9;
const NEW_AREAS = ["531", "547", "568"] as const;
/** People who write where they live now, one of them too early. */
const MOVERS = 16;
const STREETS = ["Heron Lane", "Tanner Street", "Mill Bank", "Orchard Steps", "Cobble Yard", "Willow Close"] as const;
function newNumber(ctx: SetupContext): string {
  return `${ctx.random.pick(NEW_AREAS)}-555-0${ctx.random.int(100, 199)}`;
}

/** Items dealt out to so many lists, in turn. */
function deal<T>(items: readonly T[], lists: number): T[][] {
  return Array.from({ length: lists }, (_, list) => items.filter((_, i) => i % lists === list));
}

function drawNumber(ctx: SetupContext) {
  const people = ctx.random.sample(uniquelyNamed(ctx), 21);
  if (people.length < 21) return reject("too few contacts");
  const topic = ctx.random.pick(TOPICS);
  const words = `Phone list ${topic}`;
  const known = new Set(contactsOf(ctx).map((row) => textOf(row, "name")));
  const added = ctx.random.sample(NEW_PEOPLE, 3).filter((name) => !known.has(name));
  const right = new Map<string, string>();
  people.forEach((row, i) => right.set(textOf(row, "name"), i < 2 ? textOf(row, "number") : newNumber(ctx)));
  for (const name of added) right.set(name, newNumber(ctx));
  // In order of time. Some people stand in an earlier list, too, with what is out of date.
  const lists = deal([...right].map(([name, number]) => `${name}: ${number}`), LISTS);
  for (let i = 1; i < LISTS; i += 2) {
    const name = lists[i]?.[1]?.split(": ")[0];
    if (name !== undefined) lists[i - 1]?.push(`${name}: ${newNumber(ctx)}`);
  }
  const parts = ctx.random.shuffle([...lists.keys()]);
  const listIds = lists.map((lines, i) => {
    const body = ["Numbers as they are now", ...ctx.random.shuffle(lines)].join("\n");
    return writeNote(ctx, `${words}, part ${(parts[i] ?? 0) + 1}`, body, pastTime(ctx, 40 - i * 5));
  });
  // An archived list and one of another occasion give other numbers.
  const stale = people.slice(4, 9).map((row) => `${textOf(row, "name")}: ${newNumber(ctx)}`);
  const old = writeNote(ctx, `${words}, last year`, stale.join("\n"), pastTime(ctx, 3));
  ctx.as()("foldnote", "archive_note", { note_id: old, on: true });
  const other = ctx.random.pick(TOPICS.filter((one) => one !== topic));
  writeNote(ctx, `Phone list ${other}, part 1`, stale.slice(0, 3).reverse().join("\n"), pastTime(ctx, 2));
  const writes = people.filter((row) => right.get(textOf(row, "name")) !== row["number"]).map((row): Write => ({
    app: "handset",
    api: "edit_contact",
    args: { contact_id: row.id, number: right.get(textOf(row, "name")) ?? "" },
  }));
  const greeting = ctx.random.pick(GREETINGS);
  return {
    instruction: phrase(ctx, [
      `Bring the phone numbers in my contacts up to date from my notes with "${words}" in the title, the archived ones left out. Where two of them disagree, the one edited last is right. Add whoever is not in my contacts yet, with name and number, as a favourite, and text each of these new people "${greeting}". Archive the lists in the end.`,
      `I collected numbers in several notes called "${words}" and so on. Please correct my contacts with them and add the people I do not have, just name and number, marked as favourites. Ignore archived notes; if somebody is in two lists, trust the list that was edited later. When that is done, archive the notes that you used and send "${greeting}" as a text to everyone you added.`,
      `My phone book is out of date. Take the numbers from all notes that are not archived and have "${words}" in their title: fix the contacts that exist and create the missing ones (name and number only, but as favourites). The most recently edited note wins. Whoever is new gets a text, "${greeting}", and the notes go to the archive.`,
    ]),
    pub: { words, greeting },
    writes(client: Client) {
      for (const { app, api, args } of writes) client(app, api, args);
      for (const name of added) {
        const number = right.get(name) ?? "";
        const contact_id = idIn(client("handset", "add_contact", { name, number }), "contact_id");
        client("handset", "mark_favourite", { contact_id, on: true });
        client("handset", "send_text", { number, text: greeting });
      }
      for (const note_id of listIds) client("foldnote", "archive_note", { note_id, on: true });
    },
  };
}

function solveNumbers(apis: Apis, pub: { words: string; greeting: string }) {
  const token = signIn(apis, "handset");
  const notesToken = signIn(apis, "foldnote");
  const lists = allPages(apis.foldnote.list_notes, { token: notesToken, archived: false })
    .filter((x) => x.title.includes(pub.words))
    .sort((a, b) => (a.edited_at < b.edited_at ? -1 : 1));
  const numbers = new Map();
  for (const { note_id } of lists) {
    const { body } = apis.foldnote.get_note({ token: notesToken, note_id });
    for (const line of body.split("\n")) {
      const [name, number] = line.split(": ");
      if (number !== undefined) numbers.set(name, number);
    }
  }
  const contacts = allPages(apis.handset.list_contacts, { token });
  for (const [name, number] of numbers) {
    const contact = contacts.find((x) => x.name === name);
    if (contact === undefined) {
      const { contact_id } = apis.handset.add_contact({ token, name, number });
      apis.handset.mark_favourite({ token, contact_id, on: true });
      apis.handset.send_text({ token, number, text: pub.greeting });
    } else if (contact.number !== number) {
      apis.handset.edit_contact({ token, contact_id: contact.contact_id, number });
    }
  }
  for (const { note_id } of lists) apis.foldnote.archive_note({ token: notesToken, note_id, on: true });
}

function drawAddress(ctx: SetupContext) {
  const start = phrase(ctx, ["New address:", "We moved to:", "My new place:"]);
  const day = daysAgo(ctx, ctx.random.int(30, 60));
  const holders = uniquelyNamed(ctx).flatMap((row): (readonly [Row, Principal])[] => {
    const person = principalOf(ctx, textOf(row, "email"));
    return person === undefined || person.number !== row["number"] ? [] : [[row, person]];
  });
  const movers = ctx.random.sample(holders, MOVERS);
  const [unknown] = strangers(ctx);
  if (movers.length < MOVERS || unknown === undefined) return reject("too few people with phones");
  const address = () => `${ctx.random.pick(STREETS)} ${ctx.random.int(1, 80)}, Harrowby`;
  const writes: Write[] = [];
  movers.forEach(([row, person], i) => {
    const where = address();
    if (i === MOVERS - 1) {
      // The day before does not count.
      receiveText(ctx, person, `${start} ${where}`, `${addDays(day, -1)}T21:40:00`);
      return;
    }
    if (i < 2) receiveText(ctx, person, `${start} ${address()}`, pastTime(ctx, ctx.random.int(20, 28)));
    receiveText(
      ctx,
      person,
      `${start} ${where}`,
      i === MOVERS - 2 ? `${day}T00:12:00` : pastTime(ctx, ctx.random.int(1, 19)),
    );
    writes.push({ app: "handset", api: "edit_contact", args: { contact_id: row.id, address: where } });
  });
  const [, last] = movers.at(-1) ?? [];
  if (last !== undefined) sendTextTo(ctx, last, `${start} ${address()}`, pastTime(ctx, 5));
  receiveText(ctx, unknown, `${start} ${address()}`, pastTime(ctx, 4));
  return {
    instruction: phrase(ctx, [
      `Since ${
        sayDate(day)
      } several people have texted me where they live now, in messages that begin with "${start}". Please put these addresses into their contacts; whoever wrote twice is right the second time.`,
      `Go through the texts I got from ${
        sayDate(day)
      } on that start with "${start}" and enter what follows as the address of the sender's contact. The newest text of a person counts, and numbers I have no contact for can be ignored.`,
      `Some of my contacts have moved. They texted me "${start}" and the address, on ${
        sayDate(day)
      } or later. Update the address of each of them, with the latest text where there are two.`,
    ]),
    pub: { start, day },
    said: { day: sayDate(day) },
    writes,
  };
}

function solveAddresses(apis: Apis, pub: { start: string; day: string }) {
  const token = signIn(apis, "handset");
  const contacts = allPages(apis.handset.list_contacts, { token });
  const texts = allPages(apis.handset.list_texts, { token, direction: "in" })
    .filter((x) => x.text.startsWith(pub.start) && x.at.slice(0, 10) >= pub.day);
  for (const { contact_id, number } of contacts) {
    const newest = texts.find((x) => x.from === number);
    if (newest === undefined) continue;
    const address = newest.text.slice(pub.start.length).trim();
    apis.handset.edit_contact({ token, contact_id, address });
  }
}

function drawBirthday(ctx: SetupContext) {
  const people = ctx.random.sample(uniquelyNamed(ctx), 21);
  if (people.length < 21) return reject("too few contacts");
  const topic = ctx.random.pick(TOPICS);
  const words = `Birthdays ${topic}`;
  const date = () =>
    `${ctx.random.int(1960, 2003)}-${String(ctx.random.int(1, 12)).padStart(2, "0")}-${
      String(ctx.random.int(1, 28)).padStart(2, "0")
    }`;
  const writes: Write[] = [];
  const lines = people.map((row, i) => {
    const birthday = date();
    if (i < 19) {
      // No API can empty a birthday.
      ctx.patch("handset.contact", row.id, { birthday: null });
      writes.push({ app: "handset", api: "edit_contact", args: { contact_id: row.id, birthday } });
    } else if (row["birthday"] === null) {
      ctx.as()("handset", "edit_contact", { contact_id: row.id, birthday: date() });
    }
    return `${textOf(row, "name")}, ${sayDate(birthday)}`;
  });
  const parts = ctx.random.shuffle(["A to F", "G to M", "N to Z"]);
  deal(ctx.random.shuffle(lines), 3).forEach((some, i) => {
    writeNote(ctx, `${words}, ${parts[i]}`, some.join("\n"), pastTime(ctx, 30 - i));
  });
  const wrong = people.slice(0, 4).map((row) => `${textOf(row, "name")}, ${sayDate(date())}`);
  const old = writeNote(ctx, `${words}, first draft`, wrong.join("\n"), pastTime(ctx, 2));
  ctx.as()("foldnote", "archive_note", { note_id: old, on: true });
  return {
    instruction: phrase(ctx, [
      `Fill in the birthdays that are missing in my contacts from my notes with "${words}" in the title. Leave birthdays alone that are already there, and do not use archived notes.`,
      `My notes "${words}, …" say when people were born. Please add the birthday to every contact that has none yet; contacts that have one stay as they are. Archived notes are out of date.`,
      `Take my notes that have "${words}" in their title and are not archived, and enter the birthdays for those contacts where I have none. Do not touch the others.`,
    ]),
    pub: { words },
    writes,
  };
}

function solveBirthdays(apis: Apis, pub: { words: string }) {
  const token = signIn(apis, "handset");
  const notesToken = signIn(apis, "foldnote");
  const birthdays = new Map();
  for (const { note_id, title } of allPages(apis.foldnote.list_notes, { token: notesToken, archived: false })) {
    if (!title.includes(pub.words)) continue;
    const { body } = apis.foldnote.get_note({ token: notesToken, note_id });
    for (const line of body.split("\n")) {
      const comma = line.lastIndexOf(", ");
      if (comma > 0) birthdays.set(line.slice(0, comma), isoDate(line.slice(comma + 2)));
    }
  }
  for (const { contact_id, name, birthday } of allPages(apis.handset.list_contacts, { token })) {
    if (birthday !== null || !birthdays.has(name)) continue;
    apis.handset.edit_contact({ token, contact_id, birthday: birthdays.get(name) });
  }
}

/** Scenarios of this generator. */
export const contactFix: readonly Scenario[] = [
  bench({
    family: "contact_fix/number",
    split: "train",
    difficulty: 3,
    apps: ["handset", "foldnote"],
    axis: {},
    draw: drawNumber,
    solve: solveNumbers,
  }),
  bench({
    family: "contact_fix/address",
    split: "train",
    difficulty: 1,
    apps: ["handset"],
    axis: {},
    draw: drawAddress,
    solve: solveAddresses,
  }),
  bench({
    family: "contact_fix/birthday",
    split: "train",
    difficulty: 2,
    apps: ["handset", "foldnote"],
    axis: {},
    draw: drawBirthday,
    solve: solveBirthdays,
  }),
];
