/**
 * Reading of quillpost: conversations, letters, folders, and the flags of one's copies. Reading a letter does not mark it as seen.
 *
 * @module
 */
import { conflict } from "../../errors.ts";
import { date, email, FIRST_DAY, flag, LAST_DAY, optional, rowId, withDefault } from "../../params.ts";
import { type Api, api, type Call, list } from "../../schema.ts";
import {
  enclosedIn,
  FOLDER,
  folderOf,
  FOLDERS,
  LETTER_ID,
  LETTER_NOTE,
  lettersIn,
  ownConversation,
  type OwnLetter,
  ownLetter,
} from "./_mail.ts";
import { conversation, type Letter, letterCopy, mailTag, mailTagLink } from "./tables.ts";
import { inPeriod } from "../_common.ts";

const CONVERSATION_SHAPE = {
  conversation_id: "integer",
  subject: "text",
  last_from: "e-mail",
  last_at: "datetime",
  unseen: "flag",
  tags: ["text"],
} as const;
const LINE_SHAPE = {
  letter_id: "integer",
  conversation_id: "integer",
  from: "e-mail",
  to: ["e-mail"],
  subject: "text",
  sent_at: "datetime",
  folder: "text",
  seen: "flag",
  starred: "flag",
} as const;

/** Own tags of a conversation. */
function tagsOf({ world, member }: Call, conversationId: number) {
  return world.rowsWhere(mailTagLink, "conversation_id", conversationId).filter(({ owner }) => owner === member)
    .flatMap(({ tag_id }) => world.get(mailTag, tag_id) ?? []);
}

interface Thread {
  readonly id: number;
  readonly subject: string;
  readonly last: Letter;
  readonly unseen: boolean;
}

/** Conversations with own letters of a folder, the latest first; the last letter is the last of those. */
function threads(call: Call, folder: string | undefined): Thread[] {
  const found = new Map<number, { last: Letter; unseen: boolean }>();
  for (const { copy, row } of lettersIn(call, folder)) {
    const thread = found.get(copy.conversation_id);
    if (thread === undefined) found.set(copy.conversation_id, { last: row, unseen: !copy.seen });
    else if (!copy.seen) thread.unseen = true;
  }
  return [...found].map(([id, rest]) => ({ id, subject: call.world.get(conversation, id)?.subject ?? "", ...rest }));
}

function line({ copy, row }: OwnLetter, { at }: Call) {
  const { id, conversation_id, from, to, subject, sent_at } = row;
  const { seen, starred } = copy;
  return { letter_id: id, conversation_id, from, to, subject, sent_at, folder: folderOf(copy, at), seen, starred };
}

const LETTER_ORDERS = {
  sent_at: ({ row }: OwnLetter) => row.sent_at,
  from: ({ row }: OwnLetter) => row.from,
  subject: ({ row }: OwnLetter) => row.subject,
};
const searched = ({ row: { from, subject, body } }: OwnLetter) => `${subject} ${from} ${body}`;

/** An API that sets one flag of a copy. */
function flagApi(name: string, about: string, column: "seen" | "starred", on: boolean, already: string): Api {
  return api(name, {
    about,
    params: LETTER_ID,
    returns: LETTER_NOTE,
    handler(call, { letter_id }) {
      const { copy } = ownLetter(call, letter_id, "mark");
      if (copy[column] === on) throw conflict(`mark letter ${letter_id}`, already);
      call.world.update(letterCopy, copy.id, { [column]: on });
      return { note: "Letter marked.", letter_id };
    },
  });
}

/** The reading group. */
export const readingApis: readonly Api[] = [
  list("list_conversations", {
    about:
      "Conversations with letters in a folder, the latest first, optionally those with a tag or with unseen letters.",
    params: {
      ...FOLDER,
      tag_id: optional(rowId("only those with this tag")),
      unseen: optional(flag("only those with unseen letters, or only others")),
    },
    returns: [CONVERSATION_SHAPE],
    rows(call, { folder, tag_id, unseen }) {
      const tagged = tag_id === undefined ? undefined : new Set(
        call.world.rowsWhere(mailTagLink, "tag_id", tag_id).filter(({ owner }) => owner === call.member)
          .map((link) => link.conversation_id),
      );
      return threads(call, folder)
        .filter(({ id }) => tagged === undefined || tagged.has(id))
        .filter((thread) => unseen === undefined || thread.unseen === unseen);
    },
    view: ({ id, subject, last, unseen }, call) => ({
      conversation_id: id,
      subject,
      last_from: last.from,
      last_at: last.sent_at,
      unseen,
      tags: tagsOf(call, id).map(({ name }) => name),
    }),
    search: ({ subject }) => subject,
    orders: { last_at: ({ last }) => last.sent_at, subject: ({ subject }) => subject },
  }),
  api("get_conversation", {
    about: "One conversation: who writes in it, since when, and its tags; its letters are found by its id.",
    params: { conversation_id: rowId("id of the conversation") },
    returns: {
      conversation_id: "integer",
      subject: "text",
      people: ["e-mail"],
      first_at: "datetime",
      last_at: "datetime",
      tags: [{ tag_id: "integer", name: "text" }],
    },
    handler(call, { conversation_id }) {
      const { row, letters } = ownConversation(call, conversation_id, "read");
      return {
        conversation_id,
        subject: row.subject,
        people: [...new Set(letters.flatMap(({ from, to, cc }) => [from, ...to, ...cc]))],
        first_at: letters[0]?.sent_at ?? "",
        last_at: letters.at(-1)?.sent_at ?? "",
        tags: tagsOf(call, conversation_id).map(({ id, name }) => ({ tag_id: id, name })),
      };
    },
  }),
  list("find_letters", {
    about:
      "Letters without their text, newest first, optionally of a folder, a conversation, a sender or receiver, or some days.",
    params: {
      ...FOLDER,
      conversation_id: optional(rowId("only of this conversation")),
      from: optional(email("only from this address")),
      to: optional(email("only to this address, copies included")),
      seen: optional(flag("only seen, or only unseen ones")),
      starred: optional(flag("only starred ones, or only others")),
      enclosed: optional(flag("only with files enclosed, or only without")),
      since: withDefault(date("first day"), FIRST_DAY),
      until: withDefault(date("last day"), LAST_DAY),
    },
    returns: [LINE_SHAPE],
    rows(call, { folder, conversation_id, from, to, seen, starred, enclosed, since, until }) {
      return lettersIn(call, folder)
        .filter(({ row }) => conversation_id === undefined || row.conversation_id === conversation_id)
        .filter(({ row }) => from === undefined || row.from === from)
        .filter(({ row }) => to === undefined || row.to.includes(to) || row.cc.includes(to))
        .filter(({ copy }) => seen === undefined || copy.seen === seen)
        .filter(({ copy }) => starred === undefined || copy.starred === starred)
        .filter(({ row }) => inPeriod(row.sent_at, since, until))
        .filter(({ row }) => enclosed === undefined || enclosedIn(call, row.id).length > 0 === enclosed);
    },
    view: line,
    search: searched,
    orders: LETTER_ORDERS,
  }),
  api("get_letter", {
    about: "One letter with its text and the files in it.",
    params: LETTER_ID,
    returns: {
      ...LINE_SHAPE,
      cc: ["e-mail"],
      body: "text",
      reply_to: "integer|null",
      snoozed_until: "datetime|null",
      enclosures: [{ enclosure_id: "integer", name: "text", kind: "text", size: "integer", text: "text" }],
    },
    handler(call, { letter_id }) {
      const own = ownLetter(call, letter_id, "read");
      const { cc, body, reply_to } = own.row;
      const enclosures = enclosedIn(call, letter_id).map(({ id, name, kind, size, text }) => ({
        enclosure_id: id,
        name,
        kind,
        size,
        text,
      }));
      return { ...line(own, call), cc, body, reply_to, snoozed_until: own.copy.snoozed_until, enclosures };
    },
  }),
  list("list_folders", {
    about: "Folders, those that everybody has first, and whether something in them is unseen.",
    params: {},
    returns: [{ folder: "text", unseen: "flag" }],
    rows({ world, member, at }) {
      const unseen = new Map<string, boolean>(FOLDERS.map((folder) => [folder, false]));
      const copies = world.rows(letterCopy, member).map((copy) => ({ folder: folderOf(copy, at), seen: copy.seen }));
      for (const { folder, seen } of copies.sort((a, b) => (a.folder < b.folder ? -1 : a.folder > b.folder ? 1 : 0))) {
        unseen.set(folder, unseen.get(folder) === true || !seen);
      }
      return [...unseen].map(([folder, some]) => ({ folder, unseen: some }));
    },
    view: (row) => row,
    orders: { folder: ({ folder }) => folder },
  }),
  flagApi("mark_seen", "Mark a letter as seen.", "seen", true, "it is seen already"),
  flagApi("mark_unseen", "Mark a letter as not seen.", "seen", false, "it is not seen"),
  flagApi("star", "Put a star on a letter.", "starred", true, "it is starred already"),
  flagApi("unstar", "Take the star off a letter.", "starred", false, "it is not starred"),
  list("list_starred", {
    about: "Starred letters of all folders but the bin, newest first.",
    params: {},
    returns: [LINE_SHAPE],
    rows: (call) => lettersIn(call, undefined).filter(({ copy }) => copy.starred),
    view: line,
    search: searched,
    orders: LETTER_ORDERS,
  }),
];
