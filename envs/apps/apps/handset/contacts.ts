/**
 * Contacts of handset: the only place that says who is whose friend or colleague.
 *
 * @module
 */
import { date, email, flag, optional, rowId, text, texts } from "../../params.ts";
import { type Api, api, list, type RowOf } from "../../schema.ts";
import { needChange, ownRow } from "../_common.ts";
import { contact } from "./tables.ts";

const SHAPE = {
  contact_id: "integer",
  name: "text",
  email: "e-mail|null",
  number: "text",
  birthday: "date|null",
  ties: ["text"],
} as const;

type Contact = RowOf<typeof contact.columns>;

function view({ id, name, email, number, birthday, ties }: Contact) {
  return { contact_id: id, name, email, number, birthday, ties };
}

/** Only the fields that are given. */
function given<T extends Readonly<Record<string, unknown>>>(values: T) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** Their APIs. */
export const contactApis: readonly Api[] = [
  list("list_contacts", {
    about: "Contacts of the phone, optionally those with one tie such as friend or colleague.",
    params: {
      tie: optional(text("only contacts with this tie")),
      favourite: optional(flag("only favourites, or only others")),
    },
    returns: [SHAPE],
    rows: ({ world, member }, { tie, favourite }) =>
      world.rows(contact, member)
        .filter((row) => tie === undefined || row.ties.includes(tie))
        .filter((row) => favourite === undefined || row.favourite === favourite),
    view,
    orders: { name: ({ name }) => name, birthday: ({ birthday }) => birthday ?? "" },
  }),
  list("find_contacts", {
    about: "All contacts, best matches of a query first.",
    params: {},
    returns: [SHAPE],
    rows: ({ world, member }) => world.rows(contact, member),
    view,
    search: ({ name, email, number, ties }) => `${name} ${email ?? ""} ${number} ${ties.join(" ")}`,
    orders: { name: ({ name }) => name },
  }),
  api("get_contact", {
    about: "One contact with address.",
    params: { contact_id: rowId("id of the contact") },
    returns: { ...SHAPE, address: "text|null", favourite: "flag" },
    handler(call, { contact_id }) {
      const row = ownRow(call, contact, contact_id, "contact", "read");
      return { ...view(row), address: row.address, favourite: row.favourite };
    },
  }),
  api("add_contact", {
    about: "Add a contact.",
    params: {
      name: text("full name"),
      email: optional(email("e-mail")),
      number: optional(text("phone number")),
      birthday: optional(date("date of birth")),
      address: optional(text("postal address")),
      ties: optional(texts("what the person is to you, such as friend")),
    },
    returns: { note: "text", contact_id: "integer" },
    handler({ world, member }, { name, email, number, birthday, address, ties }) {
      const { id } = world.insert(contact, {
        owner: member,
        name,
        email: email ?? null,
        number: number ?? "",
        birthday: birthday ?? null,
        address: address ?? null,
        favourite: false,
        ties: ties ?? [],
      });
      return { note: "Contact added.", contact_id: id };
    },
  }),
  api("edit_contact", {
    about: "Change name, e-mail, number, birthday, address or ties of a contact.",
    params: {
      contact_id: rowId("id of the contact"),
      name: optional(text("new full name")),
      email: optional(email("new e-mail")),
      number: optional(text("new phone number")),
      birthday: optional(date("new date of birth")),
      address: optional(text("new postal address")),
      ties: optional(texts("all ties from now on")),
    },
    returns: { note: "text", contact_id: "integer" },
    handler(call, { contact_id, name, email, number, birthday, address, ties }) {
      ownRow(call, contact, contact_id, "contact", "change");
      const fields = { name, email, number, birthday, address, ties };
      needChange(fields);
      call.world.update(contact, contact_id, given(fields));
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
