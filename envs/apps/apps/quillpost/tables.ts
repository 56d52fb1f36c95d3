/**
 * Tables of quillpost, the mail client. Letters are shared; folders and flags belong to each member's copy.
 *
 * Choices: a letter to oneself has one copy, in the inbox.
 *
 * @module
 */
import { type RowOf, table } from "../../schema.ts";
import { MEMBER_COLUMNS } from "../_member.ts";

/** Accounts. */
export const mailMember = table("quillpost.member", { ...MEMBER_COLUMNS, signature: "text" }, { ownedBy: ["owner"] });

/** Conversations. */
export const conversation = table("quillpost.conversation", { subject: "text" });

/** Letters as they were sent. */
export const letter = table("quillpost.letter", {
  conversation_id: "integer",
  from: "text",
  to: "text_list",
  cc: "text_list",
  subject: "text",
  body: "text",
  sent_at: "text",
  reply_to: "optional_integer",
}, {
  indexes: ["conversation_id", "from"],
  references: { conversation_id: "quillpost.conversation", reply_to: "quillpost.letter" },
});

/**
 * Copies of letters, one for each member and letter; `folder` is inbox, sent, archive, bin or one that the member made up. A letter of
 * the inbox is out of sight until `snoozed_until`.
 */
export const letterCopy = table("quillpost.letter_copy", {
  owner: "text",
  letter_id: "integer",
  conversation_id: "integer",
  folder: "text",
  seen: "flag",
  starred: "flag",
  snoozed_until: "optional_text",
}, {
  ownedBy: ["owner"],
  indexes: ["letter_id", "conversation_id"],
  references: { letter_id: "quillpost.letter", conversation_id: "quillpost.conversation" },
});

/** Drafts; one with `send_at` is scheduled. */
export const draft = table("quillpost.draft", {
  owner: "text",
  to: "text_list",
  cc: "text_list",
  subject: "text",
  body: "text",
  reply_to: "optional_integer",
  send_at: "optional_text",
}, { ownedBy: ["owner"], references: { reply_to: "quillpost.letter" } });

/** Files in letters and drafts. */
export const enclosure = table("quillpost.enclosure", {
  letter_id: "optional_integer",
  draft_id: "optional_integer",
  name: "text",
  kind: "text",
  size: "integer",
  text: "text",
}, {
  indexes: ["letter_id", "draft_id"],
  references: { letter_id: "quillpost.letter", draft_id: "quillpost.draft" },
});

/** Tags. */
export const mailTag = table("quillpost.tag", { owner: "text", name: "text" }, { ownedBy: ["owner"] });

/** Tags of conversations. */
export const mailTagLink = table("quillpost.tag_link", {
  owner: "text",
  tag_id: "integer",
  conversation_id: "integer",
}, {
  ownedBy: ["owner"],
  indexes: ["tag_id", "conversation_id"],
  references: { tag_id: "quillpost.tag", conversation_id: "quillpost.conversation" },
});

/**
 * Rules for new letters: where `field` (from, to, subject or body) contains a text, do `action` (move, tag, star or seen) with `value`
 * (a folder, the name of a tag, or nothing).
 */
export const sortRule = table("quillpost.sort_rule", {
  owner: "text",
  field: "text",
  contains: "text",
  action: "text",
  value: "text",
}, { ownedBy: ["owner"] });

/** Groups of addresses. */
export const addressGroup = table("quillpost.address_group", {
  owner: "text",
  name: "text",
  members: "text_list",
}, { ownedBy: ["owner"] });

/** Notes that answer while one is away, one for each member; days are empty where none were ever set. `answered` had their answer. */
export const awayNote = table("quillpost.away_note", {
  owner: "text",
  on: "flag",
  text: "text",
  from_day: "text",
  until_day: "text",
  answered: "text_list",
}, { ownedBy: ["owner"] });

/** All of them. */
export const QUILLPOST_TABLES = [
  mailMember,
  conversation,
  letter,
  letterCopy,
  draft,
  enclosure,
  mailTag,
  mailTagLink,
  sortRule,
  addressGroup,
  awayNote,
] as const;

/** A letter. */
export type Letter = RowOf<typeof letter.columns>;
/** A member's copy of a letter. */
export type LetterCopy = RowOf<typeof letterCopy.columns>;
/** A draft. */
export type Draft = RowOf<typeof draft.columns>;
/** A file in a letter or draft. */
export type Enclosure = RowOf<typeof enclosure.columns>;
/** A sort rule. */
export type SortRule = RowOf<typeof sortRule.columns>;
