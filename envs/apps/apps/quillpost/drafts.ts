/**
 * Drafts of quillpost: letters that are not sent yet, some of them scheduled.
 *
 * @module
 */
import { conflict } from "../../errors.ts";
import { anyText, dateTimeText, emails, flag, optional, rowId, withDefault } from "../../params.ts";
import { type Api, api, list } from "../../schema.ts";
import { needChange, newestFirst } from "../_common.ts";
import { dropDraft, enclosedInDraft, LETTER_NOTE, ownDraft, ownLetter, post, receivers } from "./_mail.ts";
import { type Draft, draft } from "./tables.ts";
import { ADDRESSES, needFuture } from "./writing.ts";

const DRAFT_ID = { draft_id: rowId("id of the draft") };
const DRAFT_NOTE = { note: "text", draft_id: "integer" } as const;
const DRAFT_SHAPE = {
  draft_id: "integer",
  to: ["e-mail"],
  subject: "text",
  made_at: "datetime",
  send_at: "datetime|null",
} as const;

function view({ id, to, subject, made_at, send_at }: Draft) {
  return { draft_id: id, to, subject, made_at, send_at };
}

/** The draft group. */
export const draftApis: readonly Api[] = [
  list("list_drafts", {
    about: "Drafts without their text, newest first, optionally only scheduled ones or only others.",
    params: { scheduled: optional(flag("whether they have a time to be sent")) },
    returns: [DRAFT_SHAPE],
    rows: ({ world, member }, { scheduled }) =>
      newestFirst(
        world.rows(draft, member).filter(({ send_at }) => scheduled === undefined || (send_at !== null) === scheduled),
        (row) => row.made_at,
      ),
    view,
    search: ({ subject, body, to }) => `${subject} ${body} ${to.join(" ")}`,
    orders: {
      made_at: ({ made_at }) => made_at,
      send_at: ({ send_at }) => send_at ?? "",
      subject: ({ subject }) => subject,
    },
  }),
  api("get_draft", {
    about: "One draft with its text and the files in it.",
    params: DRAFT_ID,
    returns: {
      ...DRAFT_SHAPE,
      cc: ["e-mail"],
      body: "text",
      reply_to: "integer|null",
      enclosures: [{ enclosure_id: "integer", name: "text", kind: "text", size: "integer" }],
    },
    handler(call, { draft_id }) {
      const row = ownDraft(call, draft_id, "read");
      const enclosures = enclosedInDraft(call, draft_id).map(({ id, name, kind, size }) => ({
        enclosure_id: id,
        name,
        kind,
        size,
      }));
      return { ...view(row), cc: row.cc, body: row.body, reply_to: row.reply_to, enclosures };
    },
  }),
  api("add_draft", {
    about: "Begin a letter; receivers, subject and text may still be missing.",
    params: {
      ...ADDRESSES,
      subject: withDefault(anyText("subject"), ""),
      body: withDefault(anyText("text of the letter"), ""),
      reply_to: optional(rowId("id of the letter that it answers")),
    },
    returns: DRAFT_NOTE,
    handler(call, { to, group_id, cc, subject, body, reply_to }) {
      if (reply_to !== undefined) ownLetter(call, reply_to, "answer");
      const everybody = to.length === 0 && group_id === undefined ? [] : receivers(call, to, group_id);
      const values = {
        owner: call.member,
        to: everybody,
        cc,
        subject,
        body,
        reply_to: reply_to ?? null,
        send_at: null,
      };
      return { note: "Draft made.", draft_id: call.world.insert(draft, values).id };
    },
  }),
  api("edit_draft", {
    about: "Change receivers, subject, text or, of a scheduled letter, the time.",
    params: {
      ...DRAFT_ID,
      to: optional(emails("receivers from now on", 0)),
      cc: optional(emails("receivers of a copy from now on", 0)),
      subject: optional(anyText("new subject")),
      body: optional(anyText("new text")),
      send_at: optional(dateTimeText("new time")),
    },
    returns: DRAFT_NOTE,
    handler(call, { draft_id, to, cc, subject, body, send_at }) {
      const row = ownDraft(call, draft_id, "change");
      needChange({ to, cc, subject, body, send_at });
      if (send_at !== undefined) {
        if (row.send_at === null) throw conflict(`re-time draft ${draft_id}`, "it is not scheduled");
        needFuture(call, send_at);
      }
      if (row.send_at !== null && to?.length === 0) {
        throw conflict(`change draft ${draft_id}`, "a scheduled letter needs receivers");
      }
      call.world.update(draft, draft_id, {
        to: to === undefined ? row.to : [...to].sort(),
        cc: cc === undefined ? row.cc : [...cc].sort(),
        subject: subject ?? row.subject,
        body: body ?? row.body,
        send_at: send_at ?? row.send_at,
      });
      return { note: "Draft changed.", draft_id };
    },
  }),
  api("remove_draft", {
    about: "Throw a draft away, with the files in it.",
    params: DRAFT_ID,
    returns: { note: "text" },
    handler(call, { draft_id }) {
      ownDraft(call, draft_id, "remove");
      dropDraft(call, draft_id);
      return { note: "Draft removed." };
    },
  }),
  api("send_draft", {
    about: "Send a draft now, a scheduled one too.",
    params: DRAFT_ID,
    returns: LETTER_NOTE,
    handler(call, { draft_id }) {
      const { to, cc, subject, body, reply_to } = ownDraft(call, draft_id, "send");
      const verb = `send draft ${draft_id}`;
      if (to.length === 0) throw conflict(verb, "it has no receivers");
      if (subject.trim() === "") throw conflict(verb, "it has no subject");
      const enclosures = enclosedInDraft(call, draft_id);
      const id = post(call, { to, cc, subject, body, replyTo: reply_to ?? undefined, enclosures });
      dropDraft(call, draft_id);
      return { note: "Letter sent.", letter_id: id };
    },
  }),
];
