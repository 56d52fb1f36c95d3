/**
 * What the groups of quillpost share: own copies of letters, conversations, files in letters, and letters as they are sent.
 *
 * Contract: whoever has a copy of a letter may read it, and with it the conversation that it is in; nobody else may.
 *
 * @module
 */
import { badArgument, notFound, notYours } from "../../errors.ts";
import { optional, rowId, text } from "../../params.ts";
import type { Call, RowOf } from "../../schema.ts";
import { newestFirst, ownMember, ownRow } from "../_common.ts";
import { type EnclosedFile, sendLetter } from "../effects/letters.ts";
import {
  addressGroup,
  conversation,
  type Draft,
  draft,
  type Enclosure,
  enclosure,
  type Letter,
  letter,
  type LetterCopy,
  letterCopy,
  mailMember,
} from "./tables.ts";

/** Folders that everybody has; `snoozed` holds the letters of the inbox that are out of sight for now. */
export const FOLDERS = ["inbox", "sent", "archive", "bin", "snoozed"] as const;

/** Argument that names a letter. */
export const LETTER_ID = { letter_id: rowId("id of the letter") };
/** Argument of lists that can be limited to a folder. */
export const FOLDER = {
  folder: optional(text(`only in this folder: ${FOLDERS.join(", ")} or one of your own; all but the bin if left out`)),
};
/** What mutations of one letter return. */
export const LETTER_NOTE = { note: "text", letter_id: "integer" } as const;

/** A letter with the member's copy of it. */
export interface OwnLetter {
  readonly copy: LetterCopy;
  readonly row: Letter;
}

/** The member's copy of a letter. @throws {AgentError} 404 if there is no letter, 403 if the member has no copy. */
export function ownLetter(call: Call, id: number, verb: string): OwnLetter {
  const row = call.world.get(letter, id);
  if (row === undefined) throw notFound("letter", "id", id);
  const copy = call.world.rowsWhere(letterCopy, "letter_id", id).find(({ owner }) => owner === call.member);
  if (copy === undefined) throw notYours("letter", verb);
  return { copy, row };
}

/** Folder that a copy lies in as one sees it now. */
export function folderOf({ folder, snoozed_until }: LetterCopy, at: string): string {
  return folder === "inbox" && snoozed_until !== null && snoozed_until > at ? "snoozed" : folder;
}

/** Own letters, newest first; those of a folder, or all but the bin. @throws {AgentError} 404 if there is no such folder. */
export function lettersIn(call: Call, folder: string | undefined): OwnLetter[] {
  const { world, member, at } = call;
  const copies = world.rows(letterCopy, member).filter((copy) => {
    const place = folderOf(copy, at);
    return folder === undefined ? place !== "bin" : place === folder;
  });
  const known: readonly string[] = FOLDERS;
  if (folder !== undefined && copies.length === 0 && !known.includes(folder)) throw notFound("folder", "name", folder);
  const found = copies.map((copy) => ({ copy, row: letterOf(call, copy), id: copy.letter_id }));
  return newestFirst(found, ({ row }) => row.sent_at);
}

/** Letter of a copy. */
function letterOf({ world }: Call, { letter_id }: LetterCopy): Letter {
  const row = world.get(letter, letter_id);
  if (row === undefined) throw new RangeError(`A copy is of letter ${letter_id}, which does not exist`);
  return row;
}

/** Own letters of a conversation, oldest first. @throws {AgentError} 404, or 403 if the member has none of its letters. */
export function ownConversation(call: Call, id: number, verb: string) {
  const row = call.world.get(conversation, id);
  if (row === undefined) throw notFound("conversation", "id", id);
  const copies = call.world.rowsWhere(letterCopy, "conversation_id", id).filter(({ owner }) => owner === call.member);
  if (copies.length === 0) throw notYours("conversation", verb);
  const letters = newestFirst(copies.map((copy) => letterOf(call, copy)), ({ sent_at }) => sent_at).reverse();
  return { row, letters };
}

/** Files of a letter. */
export function enclosedIn({ world }: Call, letterId: number): readonly Enclosure[] {
  return world.rowsWhere(enclosure, "letter_id", letterId);
}

/** Files of a draft. */
export function enclosedInDraft({ world }: Call, draftId: number): readonly Enclosure[] {
  return world.rowsWhere(enclosure, "draft_id", draftId);
}

/** Own draft. @throws {AgentError} 404, 403. */
export function ownDraft(call: Call, id: number, verb: string): Draft {
  return ownRow(call, draft, id, "draft", verb);
}

/** Removes a draft with its files. */
export function dropDraft(call: Call, id: number): void {
  for (const file of enclosedInDraft(call, id)) call.world.remove(enclosure, file.id);
  call.world.remove(draft, id);
}

/** Own group of addresses. @throws {AgentError} 404, 403. */
export function ownGroup(call: Call, id: number, verb: string): RowOf<typeof addressGroup.columns> {
  return ownRow(call, addressGroup, id, "group", verb);
}

/** Who a letter goes to: the addresses given and those of a group. @throws {AgentError} 422 if that is nobody; 404, 403. */
export function receivers(call: Call, to: readonly string[], groupId: number | undefined): readonly string[] {
  const members = groupId === undefined ? [] : ownGroup(call, groupId, "write to").members;
  const all = [...new Set([...to, ...members])];
  if (all.length === 0) throw badArgument("to", "nobody would get the letter", "at least one e-mail, or a group_id");
  return all.sort();
}

/** Letter that a member writes. */
export interface Composed {
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly subject: string;
  readonly body: string;
  readonly replyTo?: number | undefined;
  readonly enclosures?: readonly EnclosedFile[];
}

/** Sends a letter of the member, with the signature below it. @returns id of the letter. */
export function post(call: Call, { to, cc = [], subject, body, replyTo, enclosures = [] }: Composed): number {
  const { signature } = ownMember(call, mailMember);
  return sendLetter(call.world, {
    from: call.member,
    to,
    cc: cc.filter((address) => !to.includes(address)),
    subject,
    body: signature === "" ? body : `${body}\n\n--\n${signature}`,
    enclosures,
    ...(replyTo === undefined ? {} : { replyTo }),
  });
}
