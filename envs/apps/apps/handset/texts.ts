/**
 * Texts of handset, one by one and as threads with a number.
 *
 * @module
 */
import { conflict, notFound } from "../../errors.ts";
import { choice, date, FIRST_DAY, flag, LAST_DAY, optional, rowId, text, withDefault } from "../../params.ts";
import { type Api, api, type Call, list, type RowOf } from "../../schema.ts";
import { inPeriod, newestFirst, ownMember, ownRow } from "../_common.ts";
import { sendText } from "../effects/texts.ts";
import { blockedNumber, contact, handsetMember, textCopy } from "./tables.ts";

/** Ways that a text, clip or call can go. */
export const DIRECTIONS = ["in", "out"] as const;

const SHAPE = {
  text_id: "integer",
  from: "text",
  to: "text",
  text: "text",
  at: "datetime",
  seen: "flag",
} as const;
const THREAD_SHAPE = {
  number: "text",
  name: "text|null",
  last_text: "text",
  last_at: "datetime",
  unseen: "flag",
} as const;

type TextCopy = RowOf<typeof textCopy.columns>;

function view(row: TextCopy, call: Call) {
  const own = ownMember(call, handsetMember).number;
  return {
    text_id: row.id,
    from: row.direction === "in" ? row.number : own,
    to: row.direction === "in" ? own : row.number,
    text: row.text,
    at: row.at,
    seen: row.seen,
  };
}

function visible({ world, member }: Call): TextCopy[] {
  return newestFirst(world.rows(textCopy, member).filter((row) => !row.hidden));
}

/** One's own text that is not hidden. @throws {AgentError} 404, 403. */
function ownText(call: Call, id: number, verb: string): TextCopy {
  const row = ownRow(call, textCopy, id, "text", verb);
  if (row.hidden) throw notFound("text", "id", id);
  return row;
}

interface Thread {
  readonly last: TextCopy;
  readonly unseen: boolean;
}

/** Threads, the one with the newest text first. */
function threads(call: Call): Thread[] {
  const byNumber = new Map<string, TextCopy[]>();
  for (const row of visible(call)) {
    const rows = byNumber.get(row.number);
    if (rows === undefined) byNumber.set(row.number, [row]);
    else rows.push(row);
  }
  return [...byNumber.values()].flatMap((rows) => {
    const [last] = rows;
    return last === undefined ? [] : [{ last, unseen: rows.some((row) => !row.seen) }];
  });
}

/** Their APIs. */
export const textApis: readonly Api[] = [
  list("list_threads", {
    about: "Numbers that texts were exchanged with, the latest first, with the newest text of each.",
    params: { unseen: optional(flag("only threads with unseen texts, or only others")) },
    returns: [THREAD_SHAPE],
    rows: (call, { unseen }) => threads(call).filter((thread) => unseen === undefined || thread.unseen === unseen),
    view({ last, unseen }, { world, member }) {
      const known = world.rows(contact, member).find(({ number }) => number === last.number);
      return { number: last.number, name: known?.name ?? null, last_text: last.text, last_at: last.at, unseen };
    },
    orders: { last_at: ({ last }) => last.at, number: ({ last }) => last.number },
  }),
  list("list_texts", {
    about: "Text messages, newest first, optionally with one number, in one direction or of some days.",
    params: {
      number: optional(text("only texts with this number")),
      direction: optional(choice("received or sent", DIRECTIONS)),
      seen: optional(flag("only seen, or only unseen ones")),
      since: withDefault(date("first day"), FIRST_DAY),
      until: withDefault(date("last day"), LAST_DAY),
    },
    returns: [SHAPE],
    rows: (call, { number, direction, seen, since, until }) =>
      visible(call)
        .filter((row) => number === undefined || row.number === number)
        .filter((row) => direction === undefined || row.direction === direction)
        .filter((row) => seen === undefined || row.seen === seen)
        .filter(({ at }) => inPeriod(at, since, until)),
    view,
    orders: { at: ({ at }) => at },
  }),
  list("find_texts", {
    about: "All text messages, best matches of a query first.",
    params: {},
    returns: [SHAPE],
    rows: visible,
    view,
    search: (row) => row.text,
    orders: { at: ({ at }) => at },
  }),
  api("get_text", {
    about: "One text message.",
    params: { text_id: rowId("id of the text") },
    returns: SHAPE,
    handler: (call, { text_id }) => view(ownText(call, text_id, "read"), call),
  }),
  api("send_text", {
    about: "Send a text message to a number.",
    params: { number: text("phone number of the receiver"), text: text("what to send") },
    returns: { note: "text", text_id: "integer" },
    handler(call, { number, text }) {
      checkReceiver(call, "text", number);
      const own = ownMember(call, handsetMember).number;
      return { note: "Text sent.", text_id: sendText(call.world, own, number, text) };
    },
  }),
  api("mark_texts_seen", {
    about: "Mark every text received from a number as seen.",
    params: { number: text("phone number of the sender") },
    returns: { note: "text" },
    handler(call, { number }) {
      const received = visible(call).filter((row) => row.number === number && row.direction === "in");
      if (received.length === 0) throw notFound("text", "number", number);
      for (const row of received) if (!row.seen) call.world.update(textCopy, row.id, { seen: true });
      return { note: "Texts marked as seen." };
    },
  }),
  api("hide_text", {
    about: "Delete one's own copy of a text.",
    params: { text_id: rowId("id of the text") },
    returns: { note: "text" },
    handler(call, { text_id }) {
      ownText(call, text_id, "hide");
      call.world.update(textCopy, text_id, { hidden: true });
      return { note: "Text hidden." };
    },
  }),
  api("hide_thread", {
    about: "Delete one's own copies of all texts with a number.",
    params: { number: text("phone number of the other side") },
    returns: { note: "text" },
    handler(call, { number }) {
      const rows = visible(call).filter((row) => row.number === number);
      if (rows.length === 0) throw notFound("text", "number", number);
      for (const row of rows) call.world.update(textCopy, row.id, { hidden: true });
      return { note: "Thread hidden." };
    },
  }),
];

/** Throws 409 if the number is one's own or blocked by oneself. */
export function checkReceiver(call: Call, verb: string, number: string): void {
  const { world, member } = call;
  if (ownMember(call, handsetMember).number === number) throw conflict(`${verb} ${number}`, "it is your own number");
  if (world.rows(blockedNumber, member).some((row) => row.number === number)) {
    throw conflict(`${verb} ${number}`, "you have blocked it");
  }
}
