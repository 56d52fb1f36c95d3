/**
 * Tables of handset, the phone.
 *
 * Choices: a text is one row per copy (the sender's "out", the receiver's "in"), since its content never changes and its flags are
 * private; the ties of a contact are a list in its row. A voice clip has one shared row and a private copy on each side.
 *
 * @module
 */
import { table } from "../../schema.ts";
import { MEMBER_COLUMNS } from "../_member.ts";

/** Accounts; quiet hours run from one time of day to another, over midnight where the first is later, and are null when there are none. */
export const handsetMember = table("handset.member", {
  ...MEMBER_COLUMNS,
  quiet_from: "optional_text",
  quiet_to: "optional_text",
}, { ownedBy: ["owner"], indexes: ["number"] });

/** Address book entries, each in its owner's book. */
export const contact = table("handset.contact", {
  owner: "text",
  name: "text",
  email: "optional_text",
  number: "text",
  birthday: "optional_text",
  address: "optional_text",
  favourite: "flag",
  ties: "text_list",
}, { ownedBy: ["owner"] });

/** Copies of texts; `number` is the other side. */
export const textCopy = table("handset.text", {
  owner: "text",
  number: "text",
  direction: "text",
  text: "text",
  at: "text",
  seen: "flag",
  hidden: "flag",
}, { ownedBy: ["owner"] });

/** Voice clips; the sound is kept as its transcript. */
export const voiceClip = table("handset.voice_clip", {
  from: "text",
  to: "text",
  transcript: "text",
  seconds: "integer",
  at: "text",
});

/** Copies of voice clips; `number` is the other side. */
export const voiceCopy = table("handset.voice_copy", {
  owner: "text",
  clip_id: "integer",
  number: "text",
  direction: "text",
  heard: "flag",
  hidden: "flag",
}, { ownedBy: ["owner"], references: { clip_id: "handset.voice_clip" } });

/** Call log; `number` is the other side. */
export const callEntry = table("handset.call_entry", {
  owner: "text",
  number: "text",
  direction: "text",
  seconds: "integer",
  missed: "flag",
  at: "text",
}, { ownedBy: ["owner"] });

/** Alarms; no days = rings once. */
export const alarm = table("handset.alarm", {
  owner: "text",
  time: "text",
  days: "text_list",
  label: "text",
  on: "flag",
}, { ownedBy: ["owner"] });

/** Timers; one that is not stopped runs until `ends_at`. */
export const timer = table("handset.timer", {
  owner: "text",
  label: "text",
  seconds: "integer",
  ends_at: "text",
  stopped: "flag",
}, { ownedBy: ["owner"] });

/** Numbers that a member does not want to hear from. */
export const blockedNumber = table("handset.blocked_number", {
  owner: "text",
  number: "text",
}, { ownedBy: ["owner"] });

/** All of them. */
export const HANDSET_TABLES = [
  handsetMember,
  contact,
  textCopy,
  voiceClip,
  voiceCopy,
  callEntry,
  alarm,
  timer,
  blockedNumber,
] as const;
