/**
 * Letters with files sent on: all of one sender to one person, those of some days to everybody of a tie with stars, a note and a text
 * about it, or the files of several letters in one.
 *
 * Hurdles: letters of the sender without files or in the bin, contacts with the same first name, files of another kind, the days around
 * the period, drafts with such files, letters with a star already.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  cycle,
  daysAgo,
  idIn,
  phrase,
  type Reject,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import {
  emailsOf,
  filesOf,
  gotten,
  hourAgo,
  hourBetween,
  hourOn,
  isFreePath,
  keptMail,
  mailCall,
  mailTies,
  namedWriters,
  type PlantedFile,
  receive,
  type Writer,
} from "./_mail_kit.ts";
import { isFreshTitle, pastTime, textable, theTies, writeNote } from "./_phone.ts";
import { addNamesake } from "../short/_setup.ts";
import { allPages, contactNamed, signIn } from "./_toolbox.ts";

type PersonPub = { readonly sender: string; readonly name: string };
type PeriodPub = {
  readonly tie: string;
  readonly kind: string;
  readonly since: string;
  readonly until: string;
  readonly title: string;
  readonly name: string;
  readonly words: string;
};
type CollectPub = {
  readonly sender: string;
  readonly start: string;
  readonly folder: string;
  readonly name: string;
  readonly subject: string;
  readonly text: string;
};

const SENDERS = [
  "office@harrowbyhomes.test",
  "workshop@bikerepair.test",
  "policies@mooringinsurance.test",
  "tickets@harrowbystage.test",
  "shop@gardencentre.test",
] as const;
const TITLES = ["Paper log", "Mail diary", "What went out", "Sent on"] as const;
const WORDS = [
  "The papers are on their way.",
  "All files are forwarded now.",
  "Everything has gone out by mail.",
] as const;
const SUBJECTS = ["Papers", "As agreed", "Your documents", "Enclosed", "For your records", "Copy"] as const;

/** Somebody with a name of their own, who is not on the first page of the address book. */
function farWriter(ctx: SetupContext): Writer | undefined {
  return ctx.random.shuffle(namedWriters(ctx)).find(({ place }) => place >= 5);
}

function paper(ctx: SetupContext, numbers: number[], ending: string, start = "copy-"): PlantedFile {
  const number = numbers.pop() ?? ctx.random.int(1, 9);
  return { name: `${start}${number}.${ending}`, text: `Paper ${number}\nHarrowby, ${ctx.random.int(1, 28)}.` };
}

function numbersFor(ctx: SetupContext): number[] {
  return ctx.random.sample(Array.from({ length: 500 }, (_, i) => 3003 + i * 11), 40);
}

function drawPerson(ctx: SetupContext): BenchDraw<PersonPub> | Reject {
  const sender = ctx.random.pick(SENDERS);
  const person = farWriter(ctx);
  if (person === undefined) return reject("nobody to forward to");
  addNamesake(ctx, person.name);
  const numbers = numbersFor(ctx);
  const plant = (files: readonly PlantedFile[]) =>
    receive(ctx, {
      from: sender,
      subject: ctx.random.pick(SUBJECTS),
      body: "Good day,\nas you asked.",
      at: hourAgo(ctx, ctx.random.int(2, 90)),
      files,
    });
  for (let i = 0; i < 22; i++) plant([paper(ctx, numbers, ctx.random.pick(["pdf", "txt"]))]);
  for (let i = 0; i < 3; i++) plant([]);
  mailCall(ctx, "move_to_bin", { letter_id: plant([paper(ctx, numbers, "pdf")]).id });
  receive(ctx, {
    from: `no-reply.${sender}`,
    subject: "Papers",
    body: "Please do not answer.",
    at: hourAgo(ctx, 3),
    files: [paper(ctx, numbers, "pdf")],
  });
  const letters = keptMail(ctx).filter((one) => one.from === sender && filesOf(ctx, one.id).length > 0);
  const instruction = phrase(ctx, [
    `Forward every letter from ${sender} that has a file in it to ${person.name}, without adding a word. What is in the bin stays there.`,
    `${person.name} needs the papers that ${sender} sent me. Please forward all letters from there that come with files, one by one and without comment; ignore the bin.`,
    `Send on to ${person.name}, as they are, all letters from ${sender} with something enclosed. Letters without files or in the bin are not needed.`,
  ]);
  return {
    instruction,
    pub: { sender, name: person.name },
    writes: letters.map((one) => ({
      app: "quillpost",
      api: "forward",
      args: { letter_id: one.id, to: [person.email] },
    })),
  };
}

function drawPeriod(ctx: SetupContext): BenchDraw<PeriodPub> | Reject {
  const [tie] = mailTies(ctx, 2, 4);
  if (tie === undefined) return reject("no tie of two to four people");
  const kind = cycle(ctx, ["pdf", "csv", "pdf"]);
  const other = kind === "pdf" ? "txt" : "pdf";
  const since = daysAgo(ctx, ctx.random.int(24, 32));
  const until = addDays(since, ctx.random.int(12, 16));
  const numbers = numbersFor(ctx);
  const plant = (at: string, ending: string) =>
    receive(ctx, {
      from: ctx.random.pick(SENDERS),
      subject: ctx.random.pick(SUBJECTS),
      body: "Good day,\nthe file is enclosed.",
      at,
      files: [paper(ctx, numbers, ending)],
    });
  plant(`${since}T00:25:00`, kind);
  const starred = plant(`${until}T23:35:00`, kind);
  mailCall(ctx, "star", { letter_id: starred.id }, hourAgo(ctx, 1));
  for (let i = 0; i < 9; i++) plant(hourBetween(ctx, since, until), kind);
  plant(hourOn(ctx, addDays(since, -1)), kind);
  plant(hourOn(ctx, addDays(until, 1)), kind);
  for (let i = 0; i < 3; i++) plant(hourBetween(ctx, since, until), other);
  for (let i = 0; i < 4; i++) plant(hourAgo(ctx, ctx.random.int(2, 5)), kind);
  const emails = [...emailsOf(ctx, tie)].sort();
  const letters = gotten(ctx, keptMail(ctx)).filter((one) =>
    one.day >= since && one.day <= until && filesOf(ctx, one.id).some((row) => row["kind"] === kind)
  );
  const mine = keptMail(ctx).some((one) =>
    one.from === ctx.user.email && one.day >= since && one.day <= until && filesOf(ctx, one.id).length > 0
  );
  if (mine || letters.some((one) => emails.includes(one.from))) return reject("a letter of the user or of one of them");
  const plain = letters.filter((one) => !one.starred);
  const person = textable(ctx).find((row) => !emails.includes(textOf(row, "email")));
  const title = ctx.random.pick(TITLES);
  if (plain.length === letters.length || plain.length < 4) return reject("no letter has a star, or too few lack it");
  if (person === undefined || !isFreshTitle(ctx, title)) return reject("nobody to text, or a note of that title");
  writeNote(ctx, `${title} (old)`, "Forwarded: 7", pastTime(ctx, 70));
  const noteId = writeNote(ctx, title, "Forwarded: 3\nForwarded: 11", pastTime(ctx, 6));
  const [name, words] = [textOf(person, "name"), ctx.random.pick(WORDS)];
  addNamesake(ctx, name);
  const [who, from, to] = [theTies(tie), sayDate(since), sayDate(until)];
  const instruction = phrase(ctx, [
    `Forward the letters that came between ${from} and ${to}, both days included, with a ${kind} file in them to all of ${who}: one forward per letter, addressed to all of them together, no words added. Skip the bin. Star each of these letters that has no star, append "Forwarded: " and their number to my note "${title}", and text ${name} "${words}".`,
    `All letters of ${from} to ${to} that I received with a ${kind} enclosed should go to ${who}. Forward each once, to all of them at the same time and without text of yours, and star it unless it is starred; the bin does not count. Add a line like "Forwarded: 5", with the number of these letters, to the note "${title}". Then text "${words}" to ${name}.`,
    `Please forward to ${who}, everybody as receiver of the same letter, what I got from ${from} until ${to} (inclusive) with a ${kind} file. No comment is needed, and binned letters are out. All of them get a star if they lack it, the note "${title}" a last line "Forwarded: " with their number, and ${name} a text: "${words}"`,
  ]);
  return {
    instruction,
    pub: { tie, kind, since, until, title, name, words },
    said: { since: from, until: to },
    writes: [
      ...letters.map((one) => ({ app: "quillpost", api: "forward", args: { letter_id: one.id, to: emails } })),
      ...plain.map((one) => ({ app: "quillpost", api: "star", args: { letter_id: one.id } })),
      { app: "foldnote", api: "append_to_note", args: { note_id: noteId, text: `Forwarded: ${letters.length}` } },
      { app: "handset", api: "send_text", args: { number: textOf(person, "number"), text: words } },
    ],
  };
}

function drawCollect(ctx: SetupContext): BenchDraw<CollectPub> | Reject {
  const sender = ctx.random.pick(SENDERS);
  const person = ctx.random.shuffle(namedWriters(ctx)).find((one) =>
    one.place >= 5 && ctx.principals.some(({ email }) => email === one.email)
  );
  const start = cycle(ctx, ["bill-", "proof-", "slip-"]);
  const folder = ctx.random.pick(["/tax papers", "/for the accountant", "/claims"]);
  if (person === undefined || !isFreePath(ctx, folder)) return reject("nobody to send to, or the folder is there");
  addNamesake(ctx, person.name);
  const numbers = numbersFor(ctx);
  const plant = (from: string, files: readonly PlantedFile[]) =>
    receive(ctx, {
      from,
      subject: ctx.random.pick(SUBJECTS),
      body: "Good day,\nplease keep this.",
      at: hourAgo(ctx, ctx.random.int(2, 200)),
      files,
    });
  for (let i = 0; i < 6; i++) plant(sender, [paper(ctx, numbers, "pdf", start)]);
  plant(sender, [paper(ctx, numbers, "pdf", start), paper(ctx, numbers, "txt", "terms-")]);
  plant(sender, [paper(ctx, numbers, "pdf", "copy-")]);
  plant(ctx.random.pick(SENDERS.filter((one) => one !== sender)), [paper(ctx, numbers, "pdf", start)]);
  mailCall(ctx, "move_to_bin", { letter_id: plant(sender, [paper(ctx, numbers, "pdf", start)]).id });
  const letters = keptMail(ctx).filter((one) => one.from === sender);
  const files = letters.flatMap((one) => filesOf(ctx, one.id)).filter((row) => textOf(row, "name").startsWith(start));
  const subject = cycle(ctx, ["The papers", "For your file", "All in one letter"]);
  const text = ctx.random.pick([
    "Here is everything that I have.",
    "As promised, with best wishes.",
    "Please check them.",
  ]);
  const { name, email } = person;
  const instruction = phrase(ctx, [
    `Save all files starting with "${start}" that ${sender} enclosed (bin left out) in a new file folder ${folder}, let ${name} read that folder, and send ${name} one letter with the subject "${subject}", the text "${text}" and all these files in it.`,
    `${name} needs what ${sender} sent me: every enclosed file whose name begins with "${start}", outside the bin. Store them in ${folder} of my file store, share that folder with ${name} for reading, and write one letter, subject "${subject}", text "${text}", with all of them enclosed.`,
    `Please collect the "${start}" files from the letters of ${sender}, not those in the bin, in ${folder} of the file store. Share the folder with ${name} (read only) and mail them all in a single letter to ${name}: "${subject}" as subject, "${text}" as text.`,
  ]);
  return {
    instruction,
    pub: { sender, start, folder, name, subject, text },
    writes(client) {
      const draft_id = idIn(client("quillpost", "add_draft", { to: [email], subject, body: text }), "draft_id");
      for (const file of files) {
        client("quillpost", "save_enclosure", { enclosure_id: file.id, folder });
        client("quillpost", "enclose_file", { draft_id, path: `${folder}/${textOf(file, "name")}` });
      }
      client("quillpost", "send_draft", { draft_id });
      client("stowbox", "share_path", { path: folder, email, rights: "read" });
    },
  };
}

function solveForwardToOne(apis: Apis, pub: PersonPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const { email } = contactNamed(apis, phone, pub.name);
  const letters = allPages(apis.quillpost.find_letters, { token, from: pub.sender, enclosed: true });
  for (const { letter_id } of letters) apis.quillpost.forward({ token, letter_id, to: [email] });
}

function solveForwardPeriod(apis: Apis, pub: PeriodPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const notes = signIn(apis, "foldnote");
  const contacts = allPages(apis.handset.list_contacts, { token: phone });
  const to = contacts.filter((x) => x.ties.includes(pub.tie)).map((x) => x.email).filter((x) => x !== null);
  const files = allPages(apis.quillpost.list_enclosures, { token, kind: pub.kind });
  const ids = new Set(files.map((x) => x.letter_id).filter((x) => x !== null));
  let count = 0;
  for (const letter_id of ids) {
    const letter = apis.quillpost.get_letter({ token, letter_id });
    const day = letter.sent_at.slice(0, 10);
    if (letter.folder === "sent" || day < pub.since || day > pub.until) continue;
    apis.quillpost.forward({ token, letter_id, to });
    if (!letter.starred) apis.quillpost.star({ token, letter_id });
    count++;
  }
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notes }).find((x) => x.title === pub.title);
  apis.foldnote.append_to_note({ token: notes, note_id, text: "Forwarded: " + count });
  const { number } = contacts.find((x) => x.name === pub.name);
  apis.handset.send_text({ token: phone, number, text: pub.words });
}

function solveCollectFiles(apis: Apis, pub: CollectPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const stow_token = signIn(apis, "stowbox");
  const { email } = contactNamed(apis, phone, pub.name);
  const { draft_id } = apis.quillpost.add_draft({ token, to: [email], subject: pub.subject, body: pub.text });
  const files = allPages(apis.quillpost.list_enclosures, { token });
  for (const file of files) {
    if (file.letter_id === null || !file.name.startsWith(pub.start)) continue;
    if (apis.quillpost.get_letter({ token, letter_id: file.letter_id }).from !== pub.sender) continue;
    apis.quillpost.save_enclosure({ token, stow_token, enclosure_id: file.enclosure_id, folder: pub.folder });
    apis.quillpost.enclose_file({ token, stow_token, draft_id, path: `${pub.folder}/${file.name}` });
  }
  apis.quillpost.send_draft({ token, draft_id });
  apis.stowbox.share_path({ token: stow_token, path: pub.folder, email, rights: "read" });
}

/** Scenarios of this generator. */
export const forwardEnclosures: readonly Scenario[] = [
  bench<PersonPub, Record<string, never>>({
    family: "forward_enclosures/person",
    split: "test_challenge",
    difficulty: 1,
    apps: ["handset", "quillpost"],
    axis: {},
    draw: drawPerson,
    solve: solveForwardToOne,
  }),
  bench<PeriodPub, Record<string, never>>({
    family: "forward_enclosures/period",
    split: "test_challenge",
    difficulty: 3,
    apps: ["foldnote", "handset", "quillpost"],
    axis: {},
    draw: drawPeriod,
    solve: solveForwardPeriod,
  }),
  bench<CollectPub, Record<string, never>>({
    family: "forward_enclosures/collect",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "quillpost", "stowbox"],
    axis: {},
    draw: drawCollect,
    solve: solveCollectFiles,
  }),
];
