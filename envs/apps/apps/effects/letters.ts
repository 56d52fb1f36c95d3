/**
 * Letters that are sent, by a member or by an app on its own (receipts, invites, account mails). Not an API.
 *
 * Contract: every known address among the receivers gets a copy, the sender one in `sent`; addresses that nobody has are kept in the
 * letter and reach nobody. Sort rules of the receivers act on their copies at once, in the order in which they were made. Whoever is
 * away answers each sender once.
 * Choices: away notes answer people, not apps, and never an away answer, so that two who are away do not answer each other for ever.
 *
 * @module
 */
import type { World } from "../../world.ts";
import {
  awayNote,
  conversation,
  enclosure,
  type Letter,
  letter,
  letterCopy,
  mailMember,
  mailTag,
  mailTagLink,
  type SortRule,
  sortRule,
} from "../quillpost/tables.ts";

/** Tables that a letter may write, for the declarations of APIs that send one; a receiver's rules may tag it. */
export const LETTER_EFFECTS: readonly string[] = [
  "quillpost.conversation",
  "quillpost.letter",
  "quillpost.letter_copy",
  "quillpost.tag_link",
];

/** A file in a letter. */
export interface EnclosedFile {
  readonly name: string;
  readonly kind: string;
  readonly text: string;
}

/** A letter to send. */
export interface NewLetter {
  readonly from: string;
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly subject: string;
  readonly body: string;
  /** Letter that it answers; it joins that conversation. */
  readonly replyTo?: number;
  readonly enclosures?: readonly EnclosedFile[];
}

/** Address that an app writes from. */
export function appAddress(app: string): string {
  return `post@${app}.test`;
}

/** Sends a letter. @returns its id. */
export function sendLetter(world: World, mail: NewLetter): number {
  const row = deliver(world, mail);
  if (isMember(world, mail.from)) {
    for (const owner of receiversOf(row)) answerIfAway(world, owner, row);
  }
  return row.id;
}

/** Sends a letter of an app to one member, such as a receipt. @returns its id. */
export function sendAppLetter(world: World, app: string, to: string, subject: string, body: string): number {
  return sendLetter(world, { from: appAddress(app), to: [to], subject, body });
}

function isMember(world: World, email: string): boolean {
  return world.rows(mailMember, email).length > 0;
}

/** Everybody whom a letter is addressed to, the sender too where it is, each once. */
function receiversOf({ to, cc }: Pick<Letter, "to" | "cc">): ReadonlySet<string> {
  return new Set([...to, ...cc]);
}

/** Writes a letter and its copies. */
function deliver(world: World, mail: NewLetter): Letter {
  const { from, to, cc = [], subject, body, replyTo, enclosures = [] } = mail;
  const answered = replyTo === undefined ? undefined : world.get(letter, replyTo);
  const conversationId = answered?.conversation_id ?? world.insert(conversation, { subject }).id;
  const row = world.insert(letter, {
    conversation_id: conversationId,
    from,
    // In alphabetical order, so that letters to the same people are equal however they were named.
    to: [...to].sort(),
    cc: [...cc].sort(),
    subject,
    body,
    sent_at: world.at,
    reply_to: replyTo ?? null,
  });
  for (const { name, kind, text } of enclosures) {
    world.insert(enclosure, { letter_id: row.id, draft_id: null, name, kind, size: text.length, text });
  }
  const rest = { letter_id: row.id, conversation_id: conversationId, starred: false, snoozed_until: null };
  const receivers = receiversOf(row);
  if (!receivers.has(from) && isMember(world, from)) {
    world.insert(letterCopy, { owner: from, folder: "sent", seen: true, ...rest });
  }
  for (const owner of receivers) {
    if (!isMember(world, owner)) continue;
    const { id } = world.insert(letterCopy, { owner, folder: "inbox", seen: false, ...rest });
    for (const rule of world.rows(sortRule, owner)) if (meets(row, rule)) obey(world, rule, id, conversationId);
  }
  return row;
}

/** Whether a rule is about a letter. */
export function meets({ from, to, cc, subject, body }: Letter, { field, contains }: SortRule): boolean {
  const texts = field === "from" ? [from] : field === "to" ? [...to, ...cc] : [field === "subject" ? subject : body];
  return texts.some((text) => text.toLowerCase().includes(contains.toLowerCase()));
}

/** Does what a rule says to a copy. */
function obey(world: World, { owner, action, value }: SortRule, copyId: number, conversationId: number): void {
  switch (action) {
    case "move":
      return world.update(letterCopy, copyId, { folder: value });
    case "star":
      return world.update(letterCopy, copyId, { starred: true });
    case "seen":
      return world.update(letterCopy, copyId, { seen: true });
    case "tag": {
      const tag = world.rows(mailTag, owner).find(({ name }) => name === value);
      if (tag === undefined) return;
      const links = world.rowsWhere(mailTagLink, "tag_id", tag.id);
      if (links.some((link) => link.conversation_id === conversationId)) return;
      world.insert(mailTagLink, { owner, tag_id: tag.id, conversation_id: conversationId });
    }
  }
}

/** Answers a letter for a receiver who is away and has not answered its sender yet. */
function answerIfAway(world: World, owner: string, received: Letter): void {
  const [note] = world.rows(awayNote, owner);
  const today = world.at.slice(0, 10);
  if (note === undefined || !note.on || today < note.from_day || today > note.until_day) return;
  const { id, from, subject } = received;
  if (from === owner || note.answered.includes(from)) return;
  world.update(awayNote, note.id, { answered: [...note.answered, from] });
  deliver(world, { from: owner, to: [from], subject: `Away: ${subject}`, body: note.text, replyTo: id });
}
