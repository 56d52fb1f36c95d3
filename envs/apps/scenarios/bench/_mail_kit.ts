/**
 * What draws about mail share: views of the user's letters, and letters, answers and files planted through the apps.
 *
 * Contract: reads come from rows. A letter of somebody with an account is written by that account; one of a company, or of a contact
 * without an account, is carried by a member who keeps no copy, and has the sender's address in the end.
 *
 * @module
 */
import type { Json } from "../../../../data/canonical.ts";
import {
  addDays,
  contactsOf,
  daysAgo,
  idIn,
  listOf,
  numberOf,
  type Principal,
  principalOf,
  type Row,
  type SetupContext,
  textOf,
  tied,
} from "./_kit.ts";
import { pastTime } from "./_phone.ts";

export { isFreshTitle, pastTime, writeNote } from "./_phone.ts";

/** A letter of the user with the own copy's place and flags. */
export interface Mail {
  readonly id: number;
  readonly copyId: number;
  readonly conversationId: number;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly body: string;
  readonly at: string;
  /** Day of sending. */
  readonly day: string;
  readonly replyTo: number | null;
  /** As the user sees it: letters of the inbox that are out of sight are in `snoozed`. */
  readonly folder: string;
  readonly seen: boolean;
  readonly starred: boolean;
}

/** Letter of a copy. */
function mailFrom(ctx: SetupContext, copy: Row): Mail {
  const letter = ctx.row("quillpost.letter", numberOf(copy, "letter_id"));
  if (letter === undefined) throw new RangeError("A copy has no letter");
  const snoozed = copy["folder"] === "inbox" && textOf(copy, "snoozed_until") > ctx.at;
  const replyTo = letter["reply_to"];
  return {
    id: letter.id,
    copyId: copy.id,
    conversationId: numberOf(letter, "conversation_id"),
    from: textOf(letter, "from"),
    to: listOf(letter, "to"),
    subject: textOf(letter, "subject"),
    body: textOf(letter, "body"),
    at: textOf(letter, "sent_at"),
    day: textOf(letter, "sent_at").slice(0, 10),
    replyTo: typeof replyTo === "number" ? replyTo : null,
    folder: snoozed ? "snoozed" : textOf(copy, "folder"),
    seen: copy["seen"] === true,
    starred: copy["starred"] === true,
  };
}

/** All letters of the user, newest first, those of the bin too. */
export function mailOf(ctx: SetupContext): Mail[] {
  return ctx.rows("quillpost.letter_copy", ctx.user.email).map((copy) => mailFrom(ctx, copy))
    .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : b.id - a.id));
}

/** Letters outside the bin, newest first. */
export function keptMail(ctx: SetupContext): Mail[] {
  return mailOf(ctx).filter(({ folder }) => folder !== "bin");
}

/** Letters of the inbox, newest first. */
export function inboxOf(ctx: SetupContext): Mail[] {
  return mailOf(ctx).filter(({ folder }) => folder === "inbox");
}

/** Letters that the user got from somebody else. */
export function gotten(ctx: SetupContext, mail: readonly Mail[]): Mail[] {
  return mail.filter(({ from }) => from !== ctx.user.email);
}

/** Files of a letter. */
export function filesOf(ctx: SetupContext, letterId: number): readonly Row[] {
  return ctx.rowsWhere("quillpost.enclosure", "letter_id", letterId);
}

/** Whether the user's away note could answer what is planted, which would count as an answer. */
export function mayAnswerAlone(ctx: SetupContext): boolean {
  return ctx.rows("quillpost.away_note", ctx.user.email).some((row) => row["on"] === true);
}

/** A moment at a waking hour of a day. */
export function hourOn(ctx: SetupContext, day: string): string {
  return `${day}T${String(ctx.random.int(8, 20)).padStart(2, "0")}:${ctx.random.int(10, 59)}:${ctx.random.int(10, 59)}`;
}

/** A moment some days ago; see {@linkcode hourOn}. */
export function hourAgo(ctx: SetupContext, days: number): string {
  return hourOn(ctx, daysAgo(ctx, days));
}

/** A moment between two days, both included. */
export function hourBetween(ctx: SetupContext, since: string, until: string): string {
  let days = 0;
  while (addDays(since, days) < until) days++;
  return hourOn(ctx, addDays(since, ctx.random.int(0, days)));
}

/** A file to enclose. */
export interface PlantedFile {
  readonly name: string;
  readonly text: string;
}

/** A letter to plant. */
export interface Planted {
  readonly from: string;
  readonly subject: string;
  readonly body: string;
  readonly at: string;
  /** Receivers besides the user. */
  readonly others?: readonly string[];
  /** Letter that it answers. */
  readonly replyTo?: number;
  readonly files?: readonly PlantedFile[];
}

/** A letter that the user gets. */
export function receive(ctx: SetupContext, letter: Planted): Mail {
  const known = principalOf(ctx, letter.from);
  const courier = known ?? ctx.random.pick(ctx.principals.filter(({ email }) => email !== ctx.user.email));
  const to = [ctx.user.email, ...letter.others ?? []];
  if (known !== undefined) return mailById(ctx, post(ctx, known, { ...letter, to }));
  const { replyTo, ...rest } = letter;
  const client = ctx.as(courier, letter.at);
  const id = post(ctx, courier, { ...rest, to });
  client("quillpost", "move_to_bin", { letter_id: id });
  client("quillpost", "purge", { letter_id: id });
  ctx.patch("quillpost.letter", id, { from: letter.from, body: letter.body });
  if (replyTo !== undefined) {
    // The courier has no copy of what is answered, so the answer joins its conversation by hand.
    const { conversationId } = mailById(ctx, replyTo);
    ctx.patch("quillpost.letter", id, { conversation_id: conversationId, reply_to: replyTo });
    for (const copy of ctx.rowsWhere("quillpost.letter_copy", "letter_id", id)) {
      ctx.patch("quillpost.letter_copy", copy.id, { conversation_id: conversationId });
    }
  }
  return mailById(ctx, id);
}

/** A letter that the user sends. */
export function dispatch(ctx: SetupContext, letter: Omit<Planted, "from"> & { readonly to: readonly string[] }): Mail {
  return mailById(ctx, post(ctx, ctx.user, letter));
}

function post(
  ctx: SetupContext,
  person: Pick<Principal, "email">,
  { to, subject, body, at, replyTo, files = [] }: Omit<Planted, "from"> & { readonly to: readonly string[] },
): number {
  const client = ctx.as(person, at);
  const answers: Record<string, Json> = replyTo === undefined ? {} : { reply_to: replyTo };
  const draft_id = idIn(
    client("quillpost", "add_draft", { to: [...new Set(to)], subject, body, ...answers }),
    "draft_id",
  );
  for (const { name, text } of files) {
    client("stowbox", "write_file", { path: `/${name}`, text, replace: true });
    client("quillpost", "enclose_file", { draft_id, path: `/${name}` });
    client("stowbox", "remove_file", { path: `/${name}` });
  }
  return idIn(client("quillpost", "send_draft", { draft_id }), "letter_id");
}

/** Letter of the user by id. */
export function mailById(ctx: SetupContext, id: number): Mail {
  const copy = ctx.rowsWhere("quillpost.letter_copy", "letter_id", id).find((row) => row["owner"] === ctx.user.email);
  if (copy === undefined) throw new RangeError(`The user has no letter ${id}`);
  return mailFrom(ctx, copy);
}

/** A call of quillpost as the user. */
export function mailCall(ctx: SetupContext, api: string, args: Readonly<Record<string, Json>>, at?: string): Json {
  return ctx.as(ctx.user, at)("quillpost", api, args);
}

/** A contact with an e-mail that nobody else in the address book has. */
export interface Writer {
  readonly name: string;
  readonly email: string;
  readonly ties: readonly string[];
  /** Index in the address book. */
  readonly place: number;
}

/** Contacts with an e-mail, in order. */
function writersOf(ctx: SetupContext): Writer[] {
  return contactsOf(ctx).map((row, place) => ({
    name: textOf(row, "name"),
    email: textOf(row, "email"),
    ties: listOf(row, "ties"),
    place,
  })).filter(({ email }) => email !== "" && email !== ctx.user.email);
}

/** Contacts with an e-mail and a full name of their own. */
export function namedWriters(ctx: SetupContext): Writer[] {
  const contacts = contactsOf(ctx);
  return writersOf(ctx).filter(({ name }) => contacts.filter((row) => row["name"] === name).length === 1);
}

/** Ties of so many contacts with e-mails, in random order. */
export function mailTies(ctx: SetupContext, least: number, most: number): string[] {
  const writers = writersOf(ctx);
  const ties = [...new Set(writers.flatMap((writer) => writer.ties))].sort();
  return ctx.random.shuffle(ties.filter((tie) => {
    const count = writers.filter((writer) => writer.ties.includes(tie)).length;
    return count >= least && count <= most;
  }));
}

/** Contacts of a tie, and those without it; both with e-mails, in random order. */
export function partedBy(ctx: SetupContext, tie: string): { readonly inside: Writer[]; readonly outside: Writer[] } {
  const writers = ctx.random.shuffle(writersOf(ctx));
  return {
    inside: writers.filter(({ ties }) => ties.includes(tie)),
    outside: writers.filter(({ ties }) => !ties.includes(tie)),
  };
}

/** Whether the user has no tag of a name. */
export function hasFreshTag(ctx: SetupContext, name: string): boolean {
  return ctx.rows("quillpost.tag", ctx.user.email).every((row) => row["name"] !== name);
}

/** Ids of conversations that the user has given a tag. */
export function taggedWith(ctx: SetupContext, tagId: number): ReadonlySet<number> {
  const links = ctx.rows("quillpost.tag_link", ctx.user.email).filter((row) => row["tag_id"] === tagId);
  return new Set(links.map((row) => numberOf(row, "conversation_id")));
}

/** A new tag of the user. @returns its id. */
export function addTag(ctx: SetupContext, name: string): number {
  return idIn(mailCall(ctx, "add_tag", { name }, pastTime(ctx, 50)), "tag_id");
}

/** Rows of drafts of the user. */
export function draftsOf(ctx: SetupContext): readonly Row[] {
  return ctx.rows("quillpost.draft", ctx.user.email);
}

/** E-mails of everybody with a tie. */
export function emailsOf(ctx: SetupContext, tie: string): ReadonlySet<string> {
  return new Set(tied(ctx, tie).map((row) => textOf(row, "email")).filter((email) => email !== ""));
}

/** Whether the file store of the user has nothing at a path or below it. */
export function isFreePath(ctx: SetupContext, path: string): boolean {
  return ctx.rows("stowbox.folder", ctx.user.email).every((row) => row["path"] !== path) &&
    ctx.rows("stowbox.file", ctx.user.email).every((row) => row["folder"] !== path);
}

/** Letters about nothing: subject and text. */
export const SMALL_LETTERS: readonly (readonly [subject: string, body: string])[] = [
  ["Shed key", "The shed key is back on its hook."],
  ["Left-over paint", "There is half a tin of the grey paint left, do you want it?"],
  ["Swimming", "The outdoor pool opens early this year."],
  ["Your scarf", "You left your scarf here, the red one."],
  ["Good doctor", "The one in Bell Lane took time and listened."],
  ["Neighbour's cat", "She sits in our kitchen again, as if she paid rent."],
  ["Jam jars", "I have eleven empty jars. Shall I keep them for you?"],
  ["Ferry times", "The summer timetable is out, the last one goes at nine."],
  ["New glasses", "I can see the clock across the street now."],
  ["Old radio", "It works again. It only needed a new fuse."],
  ["Leaflet", "Somebody put a leaflet under my door, it is about the bridge."],
  ["Cheese stall", "The cheese stall moves to the north side of the market."],
  ["Night sky", "If it stays clear, look south at ten."],
  ["Boots", "The cobbler says they will last another winter."],
  ["Puzzle", "One piece is missing, right in the middle of the sea."],
  ["Snails", "They have found the lettuce. War is declared."],
  ["Tram stop", "Our stop is closed for a month, use the next one."],
  ["Window", "The new window is in, and the street is quiet at last."],
  ["Pears", "The tree is full, bring a basket."],
  ["Piano tuner", "He comes next week, and he has time for yours, too."],
  ["Quiz answer", "It was the otter, of course it was the otter."],
  ["Rain barrel", "It is full again after one night."],
  ["Lost glove", "I found a left one by the gate. Is it yours?"],
  ["Long walk", "Twenty kilometres, and my feet know each of them."],
];
