/**
 * Writing of quillpost: sending, answering, passing on, and letters that wait for their time. The signature is put below each.
 *
 * Choices: an answer to a letter of one's own goes to those whom that letter went to. Forwarding starts a conversation and takes the
 * files along. A scheduled letter is a draft with a time; calling it off leaves the draft.
 *
 * @module
 */
import { badArgument, conflict } from "../../errors.ts";
import { anyText, dateTimeText, emails, optional, rowId, text, withDefault } from "../../params.ts";
import { type Api, api, type Call } from "../../schema.ts";
import { enclosedIn, LETTER_ID, LETTER_NOTE, ownDraft, ownLetter, post, receivers } from "./_mail.ts";
import { draft, type Letter } from "./tables.ts";

/** Who a letter goes to. */
export const ADDRESSES = {
  to: withDefault(emails("receivers", 0), []),
  group_id: optional(rowId("group whose members get it too")),
  cc: withDefault(emails("receivers of a copy", 0), []),
};
const DRAFT_NOTE = { note: "text", draft_id: "integer" } as const;

/** Subject with a prefix, once. */
function prefixed(prefix: "Re" | "Fwd", subject: string): string {
  return subject.startsWith(`${prefix}: `) ? subject : `${prefix}: ${subject}`;
}

/** Where an answer goes. */
function answerTo({ member }: Call, { from, to }: Letter): readonly string[] {
  return from === member ? to : [from];
}

/** Refuses a time that is not in the future. @throws {AgentError} 422. */
export function needFuture({ at }: Call, sendAt: string): void {
  if (sendAt <= at) throw badArgument("send_at", "that time is over", `date and time after ${at}`);
}

/** The writing group. */
export const writingApis: readonly Api[] = [
  api("send_letter", {
    about: "Send a letter to addresses or a group.",
    params: { ...ADDRESSES, subject: text("subject"), body: text("text of the letter") },
    returns: LETTER_NOTE,
    handler(call, { to, group_id, cc, subject, body }) {
      const id = post(call, { to: receivers(call, to, group_id), cc, subject, body });
      return { note: "Letter sent.", letter_id: id };
    },
  }),
  api("reply", {
    about: "Answer the sender of a letter.",
    params: { ...LETTER_ID, body: text("text of the answer") },
    returns: LETTER_NOTE,
    handler(call, { letter_id, body }) {
      const { row } = ownLetter(call, letter_id, "answer");
      const subject = prefixed("Re", row.subject);
      const id = post(call, { to: answerTo(call, row), subject, body, replyTo: letter_id });
      return { note: "Answer sent.", letter_id: id };
    },
  }),
  api("reply_all", {
    about: "Answer everybody who is on a letter.",
    params: { ...LETTER_ID, body: text("text of the answer") },
    returns: LETTER_NOTE,
    handler(call, { letter_id, body }) {
      const { row } = ownLetter(call, letter_id, "answer");
      const others = (addresses: readonly string[]) => addresses.filter((address) => address !== call.member);
      const to = [...new Set([...answerTo(call, row), ...others(row.to)])];
      const subject = prefixed("Re", row.subject);
      const id = post(call, { to, cc: others(row.cc), subject, body, replyTo: letter_id });
      return { note: "Answer sent.", letter_id: id };
    },
  }),
  api("forward", {
    about: "Send a letter on with its files, in a conversation of its own.",
    params: {
      ...LETTER_ID,
      to: emails("receivers"),
      body: withDefault(anyText("what to say above it"), ""),
    },
    returns: LETTER_NOTE,
    handler(call, { letter_id, to, body }) {
      const { row } = ownLetter(call, letter_id, "forward");
      const original = `---- Forwarded letter ----\nFrom: ${row.from}\nSent: ${row.sent_at}\n\n${row.body}`;
      const id = post(call, {
        to,
        subject: prefixed("Fwd", row.subject),
        body: body === "" ? original : `${body}\n\n${original}`,
        enclosures: enclosedIn(call, letter_id),
      });
      return { note: "Letter forwarded.", letter_id: id };
    },
  }),
  api("schedule_letter", {
    about: "Write a letter that is sent at a later time; until then it is a draft.",
    params: {
      ...ADDRESSES,
      subject: text("subject"),
      body: text("text of the letter"),
      send_at: dateTimeText("when to send it"),
    },
    returns: DRAFT_NOTE,
    handler(call, { to, group_id, cc, subject, body, send_at }) {
      needFuture(call, send_at);
      const everybody = receivers(call, to, group_id);
      const values = { owner: call.member, to: everybody, cc: [...cc].sort(), subject, body, reply_to: null, send_at };
      return { note: "Letter scheduled.", draft_id: call.world.insert(draft, values).id };
    },
  }),
  api("cancel_scheduled", {
    about: "Call a scheduled letter off; it stays as a draft without a time.",
    params: { draft_id: rowId("id of the scheduled letter") },
    returns: DRAFT_NOTE,
    handler(call, { draft_id }) {
      const { send_at } = ownDraft(call, draft_id, "change");
      if (send_at === null) throw conflict(`call off draft ${draft_id}`, "it is not scheduled");
      call.world.update(draft, draft_id, { send_at: null });
      return { note: "Letter called off.", draft_id };
    },
  }),
];
