/**
 * Drafts put in order: empty ones thrown away, those that were sent in the meantime, and those that only lack an address.
 *
 * Hurdles: scheduled letters, drafts of the very day, the same subject to other people, contacts with the same first name or no e-mail.
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
  listOf,
  phrase,
  type Reject,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  type Write,
} from "./_kit.ts";
import {
  dispatch,
  draftsOf,
  hourAgo,
  hourBetween,
  hourOn,
  mailCall,
  mailOf,
  namedWriters,
  SMALL_LETTERS,
} from "./_mail_kit.ts";
import { addNamesake } from "../short/_setup.ts";
import { allPages, signIn } from "./_toolbox.ts";

type EmptyPub = { readonly day: string };
type SentPub = { readonly day: string };
type AddressPub = { readonly subject: string };

interface PlantedDraft {
  readonly to?: readonly string[];
  readonly subject?: string;
  readonly body?: string;
}

function begin(ctx: SetupContext, at: string, { to = [], subject = "", body = "" }: PlantedDraft): number {
  return idIn(mailCall(ctx, "add_draft", { to, subject, body }, at), "draft_id");
}

function removals(rows: readonly Row[]): Write[] {
  return rows.map(({ id }) => ({ app: "quillpost", api: "remove_draft", args: { draft_id: id } }));
}

/** A day before which some drafts were begun, and the drafts on both sides of it. */
function parting(ctx: SetupContext): { readonly day: string; before(): string; after(): string } {
  const day = daysAgo(ctx, ctx.random.int(20, 60));
  return {
    day,
    before: () => hourBetween(ctx, addDays(day, -90), addDays(day, -1)),
    after: () => hourBetween(ctx, addDays(day, 1), daysAgo(ctx, 1)),
  };
}

function madeOn(row: Row): string {
  return textOf(row, "made_at").slice(0, 10);
}

function drawEmpty(ctx: SetupContext): BenchDraw<EmptyPub> | Reject {
  const { day, before, after } = parting(ctx);
  const [person] = namedWriters(ctx);
  if (person === undefined) return reject("nobody to write to");
  const subjects = ctx.random.shuffle(SMALL_LETTERS).map(([subject]) => subject);
  const next = () => subjects.pop() ?? "Draft";
  for (let i = 0; i < 8; i++) begin(ctx, before(), i % 2 === 0 ? { subject: next() } : { to: [person.email] });
  begin(ctx, hourOn(ctx, addDays(day, -1)), { subject: next() });
  begin(ctx, hourOn(ctx, day), { subject: next() });
  for (let i = 0; i < 3; i++) begin(ctx, after(), { subject: next() });
  for (let i = 0; i < 4; i++) begin(ctx, before(), { to: [person.email], body: "Dear friend,\nhave you" });
  const rows = draftsOf(ctx);
  const empty = rows.filter((row) => textOf(row, "body").trim() === "" && row["send_at"] === null && madeOn(row) < day);
  if (empty.length === 0 || rows.length < 18) return reject("too few drafts");
  const said = sayDate(day);
  const instruction = phrase(ctx, [
    `Delete the drafts of my mail that I began before ${said} and that have no text at all; whether they have a subject or receivers does not matter.`,
    `My mail drafts need cleaning: whatever was begun before ${said} and still has an empty text can go. Keep everything else.`,
    `Throw away each unsent draft from before ${said} (that day itself stays) whose text is empty, even if there is a subject or an address.`,
  ]);
  return { instruction, pub: { day }, said: { day: said }, writes: removals(empty) };
}

/** Whether two letters have the same subject and the same receivers. */
function twin(row: Row, sent: { readonly subject: string; readonly to: readonly string[] }): boolean {
  return textOf(row, "subject") === sent.subject &&
    JSON.stringify(listOf(row, "to")) === JSON.stringify([...sent.to].sort());
}

function drawSent(ctx: SetupContext): BenchDraw<SentPub> | Reject {
  const { day, before, after } = parting(ctx);
  const people = ctx.random.sample(namedWriters(ctx), 20);
  if (people.length < 20) return reject("too few people");
  const small = ctx.random.shuffle(SMALL_LETTERS);
  people.forEach(({ email }, i) => {
    const [subject, body] = small.pop() ?? ["", ""];
    const made = i === 16 ? hourOn(ctx, day) : i === 17 ? hourOn(ctx, addDays(day, -1)) : i < 16 ? before() : after();
    const to = i % 3 === 2 ? [email, people[(i + 1) % 20]?.email ?? ""] : [email];
    begin(ctx, made, { to, subject, body: i % 2 === 0 ? body : `${body}\nMore soon.` });
    const other = people[(i + 5) % 20]?.email ?? "";
    // One went to somebody else, one under another subject.
    const sentTo = i === 1 ? [other] : to;
    const sentAs = i === 4 ? `${subject} again` : subject;
    dispatch(ctx, { to: sentTo, subject: sentAs, body, at: hourAgo(ctx, ctx.random.int(1, 6)) });
  });
  const [subject, body] = small.pop() ?? ["", ""];
  dispatch(ctx, { to: [people[0]?.email ?? ""], subject, body, at: hourAgo(ctx, 2) });
  mailCall(ctx, "schedule_letter", {
    to: [people[0]?.email ?? ""],
    subject,
    body,
    send_at: `${addDays(ctx.at, 70)}T08:00:00`,
  }, before());
  const sent = mailOf(ctx).filter(({ from, folder }) => from === ctx.user.email && folder === "sent");
  const elsewhere = mailOf(ctx).filter(({ from, folder }) => from === ctx.user.email && folder !== "sent");
  const candidates = draftsOf(ctx).filter((row) => row["send_at"] === null && madeOn(row) < day);
  if (candidates.some((row) => elsewhere.some((one) => twin(row, one)))) return reject("sent, but binned");
  const done = candidates.filter((row) => sent.some((one) => twin(row, one) && one.at > textOf(row, "made_at")));
  if (done.length !== candidates.filter((row) => sent.some((one) => twin(row, one))).length || done.length < 5) {
    return reject("sent before the draft was begun");
  }
  const said = sayDate(day);
  const instruction = phrase(ctx, [
    `Some drafts that I began before ${said} have gone out in the meantime as new letters. Delete those drafts for which a letter with the same subject and exactly the same receivers is among my sent letters. Scheduled letters stay.`,
    `Please remove mail drafts from before ${said} that are no longer needed: there is a sent letter with an identical subject to exactly the same people. Do not touch what is scheduled.`,
    `Compare my unscheduled drafts begun before ${said} with my sent letters. Where subject and all receivers are the same, throw the draft away.`,
  ]);
  return { instruction, pub: { day }, said: { day: said }, writes: removals(done) };
}

function drawAddress(ctx: SetupContext): BenchDraw<AddressPub> | Reject {
  const subject = cycle(ctx, ["Garden fence", "New choir robes", "Our street party"]);
  const people = ctx.random.shuffle(namedWriters(ctx));
  const far = people.filter(({ place }) => place >= 5).slice(0, 5);
  const chosen = [...far, ...people.filter((one) => !far.includes(one)).slice(0, 4)];
  if (chosen.length < 8 || draftsOf(ctx).some((row) => row["subject"] === subject)) return reject("too few people");
  addNamesake(ctx, chosen[0]?.name ?? "");
  const nobody = "Marta Quellen";
  ctx.as()("handset", "add_contact", { name: nobody, number: "402-555-0199" });
  const text = (name: string) =>
    `Dear ${name},\n${ctx.random.pick(["we begin on Saturday.", "it will cost twelve each.", "please bring gloves."])}`;
  const last = chosen.at(-1);
  for (const one of ctx.random.shuffle(chosen)) {
    const to = one === last ? [people[0]?.email ?? ""] : [];
    begin(ctx, hourAgo(ctx, ctx.random.int(2, 20)), { subject, body: text(one.name), to });
  }
  begin(ctx, hourAgo(ctx, 3), { subject, body: text(nobody) });
  begin(ctx, hourAgo(ctx, 3), { subject: `${subject}, old plan`, body: text(chosen[1]?.name ?? "") });
  const emails = new Map(namedWriters(ctx).map(({ name, email }) => [name, email]));
  const rows = draftsOf(ctx).filter((row) => row["subject"] === subject && listOf(row, "to").length === 0);
  const writes = rows.flatMap((row): Write[] => {
    const name = /^Dear ([^,]+),/.exec(textOf(row, "body"))?.[1] ?? "";
    const to = emails.get(name);
    if (to === undefined) return [];
    return [
      { app: "quillpost", api: "edit_draft", args: { draft_id: row.id, to: [to] } },
      { app: "quillpost", api: "send_draft", args: { draft_id: row.id } },
    ];
  });
  if (writes.length < 8) return reject("too few drafts");
  const instruction = phrase(ctx, [
    `My drafts with the subject "${subject}" have no receivers yet. Each begins with "Dear" and the full name of one of my contacts: fill in that contact's e-mail and send it. Leave drafts that have receivers, and those to people without an e-mail in my contacts.`,
    `Please finish the drafts called "${subject}" that nobody is entered for: look at the name after "Dear", take the e-mail from my phone contacts, put it in and send the letter. If there is no e-mail, the draft stays as it is.`,
    `Send my "${subject}" drafts. They still need an address, which is the e-mail of the contact whose full name follows "Dear"; without such an e-mail, or with receivers filled in already, do not touch the draft.`,
  ]);
  return { instruction, pub: { subject }, writes };
}

function solveEmptyDrafts(apis: Apis, pub: EmptyPub) {
  const token = signIn(apis, "quillpost");
  const drafts = allPages(apis.quillpost.list_drafts, { token, scheduled: false });
  for (const { draft_id, made_at } of drafts) {
    if (made_at.slice(0, 10) >= pub.day) continue;
    const { body } = apis.quillpost.get_draft({ token, draft_id });
    if (body.trim() === "") apis.quillpost.remove_draft({ token, draft_id });
  }
}

function solveSentDrafts(apis: Apis, pub: SentPub) {
  const token = signIn(apis, "quillpost");
  const drafts = allPages(apis.quillpost.list_drafts, { token, scheduled: false })
    .filter((x) => x.made_at.slice(0, 10) < pub.day);
  const sent = allPages(apis.quillpost.find_letters, { token, folder: "sent" });
  const key = (x: { subject: string; to: string[] }) => JSON.stringify([x.subject, x.to.slice().sort()]);
  const keys = sent.map(key);
  for (const draft of drafts) {
    if (keys.includes(key(draft))) apis.quillpost.remove_draft({ token, draft_id: draft.draft_id });
  }
}

function solveAddressDrafts(apis: Apis, pub: AddressPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const contacts = allPages(apis.handset.list_contacts, { token: phone });
  const drafts = allPages(apis.quillpost.list_drafts, { token })
    .filter((x) => x.subject === pub.subject && x.to.length === 0);
  for (const { draft_id } of drafts) {
    const { body } = apis.quillpost.get_draft({ token, draft_id });
    const name = body.slice("Dear ".length, body.indexOf(","));
    const contact = contacts.find((x) => x.name === name);
    if (contact === undefined || contact.email === null) continue;
    apis.quillpost.edit_draft({ token, draft_id, to: [contact.email] });
    apis.quillpost.send_draft({ token, draft_id });
  }
}

/** Scenarios of this generator. */
export const cleanDrafts: readonly Scenario[] = [
  bench<EmptyPub, Record<string, never>>({
    family: "clean_drafts/empty",
    split: "test_challenge",
    difficulty: 1,
    apps: ["quillpost"],
    axis: {},
    draw: drawEmpty,
    solve: solveEmptyDrafts,
  }),
  bench<SentPub, Record<string, never>>({
    family: "clean_drafts/sent",
    split: "test_challenge",
    difficulty: 1,
    apps: ["quillpost"],
    axis: {},
    draw: drawSent,
    solve: solveSentDrafts,
  }),
  bench<AddressPub, Record<string, never>>({
    family: "clean_drafts/address",
    split: "test_challenge",
    difficulty: 2,
    apps: ["handset", "quillpost"],
    axis: {},
    draw: drawAddress,
    solve: solveAddressDrafts,
  }),
];
