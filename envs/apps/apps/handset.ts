/**
 * handset: the phone. Contacts with ties (the only place that says who is whose friend or colleague), texts, calls and alarms.
 *
 * Choices: a text is one row per copy (sender's "out", receiver's "in"), since its content never changes and its flags are private.
 * Omitted: threads, voice clips, timers, blocking, quiet hours.
 *
 * @module
 */
import { notFound } from "../errors.ts";
import { choice, date, email, flag, optional, rowId, text } from "../params.ts";
import { api, type App, type Call, type RowOf, table } from "../schema.ts";
import { rank } from "../search.ts";
import { alarm, alarmApis } from "./_alarms.ts";
import { accountApis, memberTable, newestFirst, ownMember, ownRow } from "./_common.ts";

/** Accounts. */
export const handsetMember = memberTable("handset");

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

/** Copies of texts. */
export const textCopy = table("handset.text", {
  owner: "text",
  number: "text",
  direction: "text",
  text: "text",
  at: "text",
  seen: "flag",
  hidden: "flag",
}, { ownedBy: ["owner"] });

/** Call log. */
export const callEntry = table("handset.call_entry", {
  owner: "text",
  number: "text",
  direction: "text",
  seconds: "integer",
  missed: "flag",
  at: "text",
}, { ownedBy: ["owner"] });

const CONTACT_SHAPE = {
  contact_id: "integer",
  name: "text",
  email: "text|null",
  number: "text",
  birthday: "date|null",
  ties: "[text]",
} as const;
const TEXT_SHAPE = {
  text_id: "integer",
  from: "number",
  to: "number",
  text: "text",
  at: "datetime",
  seen: "true|false",
} as const;
const CALL_SHAPE = {
  call_id: "integer",
  number: "text",
  direction: "in|out",
  seconds: "integer",
  missed: "true|false",
  at: "datetime",
} as const;
const DIRECTIONS = ["in", "out"] as const;

function contactView(row: RowOf<typeof contact.columns>) {
  const { id, name, email, number, birthday, ties } = row;
  return { contact_id: id, name, email, number, birthday, ties };
}

function textView(call: Call) {
  const own = ownMember(call, handsetMember).number;
  return (row: RowOf<typeof textCopy.columns>) => ({
    text_id: row.id,
    from: row.direction === "in" ? row.number : own,
    to: row.direction === "in" ? own : row.number,
    text: row.text,
    at: row.at,
    seen: row.seen,
  });
}

function callView(row: RowOf<typeof callEntry.columns>) {
  const { id, number, direction, seconds, missed, at } = row;
  return { call_id: id, number, direction, seconds, missed, at };
}

function visibleTexts(call: Call) {
  return newestFirst(call.world.rows(textCopy, call.member).filter((row) => !row.hidden));
}

const contactApis = [
  api("list_contacts", {
    about: "Contacts of the phone, optionally those with one tie such as friend or colleague.",
    params: { tie: optional(text("only contacts with this tie")) },
    returns: [CONTACT_SHAPE],
    paged: true,
    handler: ({ world, member }, { tie }) =>
      world.rows(contact, member).filter((row) => tie === undefined || row.ties.includes(tie)).map(contactView),
  }),
  api("find_contacts", {
    about: "All contacts, best matches of a query first.",
    params: { q: text("words of a name, e-mail, number or tie") },
    returns: [CONTACT_SHAPE],
    paged: true,
    handler: ({ world, member }, { q }) =>
      rank(
        world.rows(contact, member),
        q,
        (row) => `${row.name} ${row.email ?? ""} ${row.number} ${row.ties.join(" ")}`,
      ).map(contactView),
  }),
  api("get_contact", {
    about: "One contact with address.",
    params: { contact_id: rowId("id of the contact") },
    returns: { ...CONTACT_SHAPE, address: "text|null", favourite: "true|false" },
    handler(call, { contact_id }) {
      const row = ownRow(call, contact, contact_id, "contact", "read");
      return { ...contactView(row), address: row.address, favourite: row.favourite };
    },
  }),
  api("add_contact", {
    about: "Add a contact.",
    params: {
      name: text("full name"),
      email: optional(email("e-mail")),
      number: optional(text("phone number")),
      birthday: optional(date("date of birth")),
    },
    returns: { note: "text", contact_id: "integer" },
    handler({ world, member }, { name, email, number, birthday }) {
      const { id } = world.insert(contact, {
        owner: member,
        name,
        email: email ?? null,
        number: number ?? "",
        birthday: birthday ?? null,
        address: null,
        favourite: false,
        ties: [],
      });
      return { note: "Contact added.", contact_id: id };
    },
  }),
  api("edit_contact", {
    about: "Change name, e-mail, number or birthday of a contact.",
    params: {
      contact_id: rowId("id of the contact"),
      name: optional(text("new full name")),
      email: optional(email("new e-mail")),
      number: optional(text("new phone number")),
      birthday: optional(date("new date of birth")),
    },
    returns: { note: "text", contact_id: "integer" },
    handler(call, { contact_id, name, email, number, birthday }) {
      ownRow(call, contact, contact_id, "contact", "change");
      call.world.update(contact, contact_id, {
        ...(name === undefined ? {} : { name }),
        ...(email === undefined ? {} : { email }),
        ...(number === undefined ? {} : { number }),
        ...(birthday === undefined ? {} : { birthday }),
      });
      return { note: "Contact changed.", contact_id };
    },
  }),
  api("remove_contact", {
    about: "Remove a contact.",
    params: { contact_id: rowId("id of the contact") },
    returns: { note: "text" },
    handler(call, { contact_id }) {
      ownRow(call, contact, contact_id, "contact", "remove");
      call.world.remove(contact, contact_id);
      return { note: "Contact removed." };
    },
  }),
  api("mark_favourite", {
    about: "Mark a contact as favourite, or no longer.",
    params: { contact_id: rowId("id of the contact"), on: flag("whether it is a favourite") },
    returns: { note: "text", contact_id: "integer" },
    handler(call, { contact_id, on }) {
      ownRow(call, contact, contact_id, "contact", "change");
      call.world.update(contact, contact_id, { favourite: on });
      return { note: on ? "Contact is a favourite." : "Contact is no favourite.", contact_id };
    },
  }),
  api("list_ties", {
    about: "Every tie that some contact has.",
    params: {},
    returns: ["text"],
    handler: ({ world, member }) => [...new Set(world.rows(contact, member).flatMap((row) => row.ties))].sort(),
  }),
];

const textApis = [
  api("list_texts", {
    about: "Text messages, newest first, optionally with one number or in one direction.",
    params: {
      number: optional(text("only texts with this number")),
      direction: optional(choice("received or sent", DIRECTIONS)),
    },
    returns: [TEXT_SHAPE],
    paged: true,
    handler: (call, { number, direction }) =>
      visibleTexts(call)
        .filter((row) => number === undefined || row.number === number)
        .filter((row) => direction === undefined || row.direction === direction)
        .map(textView(call)),
  }),
  api("find_texts", {
    about: "All text messages, best matches of a query first.",
    params: { q: text("words of the text") },
    returns: [TEXT_SHAPE],
    paged: true,
    handler: (call, { q }) => rank(visibleTexts(call), q, (row) => row.text).map(textView(call)),
  }),
  api("send_text", {
    about: "Send a text message to a number.",
    params: { number: text("phone number of the receiver"), text: text("what to send") },
    returns: { note: "text", text_id: "integer" },
    handler(call, { number, text }) {
      const { world, member, at } = call;
      const sender = ownMember(call, handsetMember);
      const { id } = world.insert(textCopy, {
        owner: member,
        number,
        direction: "out",
        text,
        at,
        seen: true,
        hidden: false,
      });
      const receiver = world.rows(handsetMember).find((row) => row.number === number);
      if (receiver !== undefined) {
        const copy = {
          owner: receiver.owner,
          number: sender.number,
          direction: "in",
          text,
          at,
          seen: false,
          hidden: false,
        };
        world.insert(textCopy, copy);
      }
      return { note: "Text sent.", text_id: id };
    },
  }),
  api("mark_texts_seen", {
    about: "Mark every text received from a number as seen.",
    params: { number: text("phone number of the sender") },
    returns: { note: "text" },
    handler(call, { number }) {
      const received = visibleTexts(call).filter((row) => row.number === number && row.direction === "in");
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
      const row = ownRow(call, textCopy, text_id, "text", "hide");
      if (row.hidden) throw notFound("text", "id", text_id);
      call.world.update(textCopy, text_id, { hidden: true });
      return { note: "Text hidden." };
    },
  }),
];

const callApis = [
  api("list_calls", {
    about: "Phone calls, newest first, optionally in one direction.",
    params: { direction: optional(choice("received or made", DIRECTIONS)) },
    returns: [CALL_SHAPE],
    paged: true,
    handler: ({ world, member }, { direction }) =>
      newestFirst(world.rows(callEntry, member).filter((row) => direction === undefined || row.direction === direction))
        .map(callView),
  }),
  api("get_call", {
    about: "One phone call.",
    params: { call_id: rowId("id of the call") },
    returns: CALL_SHAPE,
    handler: (call, { call_id }) => callView(ownRow(call, callEntry, call_id, "call", "read")),
  }),
  api("remove_call", {
    about: "Remove a phone call from the log.",
    params: { call_id: rowId("id of the call") },
    returns: { note: "text" },
    handler(call, { call_id }) {
      ownRow(call, callEntry, call_id, "call", "remove");
      call.world.remove(callEntry, call_id);
      return { note: "Call removed." };
    },
  }),
];

/** The phone. */
export const handset: App = {
  name: "handset",
  about: "Phone: contacts with ties, texts, calls and alarms.",
  tables: [handsetMember, contact, textCopy, callEntry, alarm],
  apis: [
    ...accountApis("handset", handsetMember, "owner"),
    api("now", {
      about: "Date and time now.",
      params: {},
      returns: { at: "datetime" },
      handler: ({ at }) => ({ at }),
    }),
    ...contactApis,
    ...textApis,
    ...callApis,
    ...alarmApis,
  ],
};
