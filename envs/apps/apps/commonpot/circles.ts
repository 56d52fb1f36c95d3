/**
 * commonpot: circles of people who share costs, and their categories.
 *
 * @module
 */
import { conflict, notFound, notYours } from "../../errors.ts";
import { choice, email, emails, optional, rowId, text, withDefault } from "../../params.ts";
import { api, type Call, list, type RowOf, type Table } from "../../schema.ts";
import { memberByEmail, needChange } from "../_common.ts";
import { LETTER_EFFECTS, sendAppLetter } from "../effects/letters.ts";
import { categoriesOf, membersOf, nameOf, ownCircle, ownCircles, ownedCircle, tell } from "./_access.ts";
import { circleBalances } from "./_ledger.ts";
import {
  bill,
  billRemark,
  category,
  circle,
  circleMember,
  potMember,
  receiptLink,
  repeatBill,
  settlement,
  share,
} from "./tables.ts";

/** Kinds of circles. */
const CIRCLE_KINDS = ["home", "trip", "friends", "club", "couple", "other"] as const;

const KIND_TEXT = "home|trip|friends|club|couple|other";
const CIRCLE_SHAPE = {
  circle_id: "integer",
  name: "text",
  kind: KIND_TEXT,
  role: "owner|member",
  since: "date",
} as const;
const NOTED = { note: "text", circle_id: "integer" } as const;

type Membership = RowOf<typeof circleMember.columns>;

function circleView(call: Call, { circle_id, role, since }: Membership) {
  const row = call.world.get(circle, circle_id);
  return { circle_id, name: row?.name ?? "", kind: row?.kind ?? "other", role, since };
}

/** Adds somebody to a circle; they are told by alert and letter. */
function join(call: Call, circleId: number, name: string, person: string): void {
  call.world.insert(circleMember, { circle_id: circleId, member: person, role: "member", since: call.at.slice(0, 10) });
  const text = `${nameOf(call, call.member)} added you to the circle ${name}`;
  tell(call, [person], "circle", text);
  sendAppLetter(call.world, "commonpot", person, `You are in the circle ${name}`, `${text}.`);
}

function checkSettled(call: Call, circleId: number, person: string, verb: string): void {
  if ((circleBalances(call.world, circleId).get(person) ?? 0) !== 0) {
    throw conflict(verb, "the balance in the circle is not settled");
  }
}

function checkNameFree(call: Call, name: string, verb: string, own?: number): void {
  const taken = ownCircles(call).some(({ circle_id }) =>
    circle_id !== own && call.world.get(circle, circle_id)?.name === name
  );
  if (taken) throw conflict(verb, `you are in a circle named ${name}`);
}

/** Removes the rows of a table that belong to one of the ids. */
function removeWhere(call: Call, spec: Table, column: string, id: number): void {
  for (const row of call.world.rowsWhere(spec, column, id)) call.world.remove(spec, row.id);
}

/** The group of circles. */
export const circleApis = [
  list("list_circles", {
    about: "Circles that one is in, optionally of one kind.",
    params: { kind: optional(choice("only of this kind", CIRCLE_KINDS)) },
    returns: [CIRCLE_SHAPE],
    rows: (call, { kind }) => {
      return ownCircles(call).map((row) => circleView(call, row)).filter((row) =>
        kind === undefined || row.kind === kind
      );
    },
    view: (row) => row,
    search: (row) => row.name,
    orders: { name: (row) => row.name, since: (row) => row.since },
  }),
  api("get_circle", {
    about: "One circle that one is in.",
    params: { circle_id: rowId("id of the circle") },
    returns: { ...CIRCLE_SHAPE, members: "integer" },
    handler(call, { circle_id }) {
      const { name, kind, role, since } = ownCircle(call, circle_id, "read");
      return { circle_id, name, kind, role, since, members: membersOf(call, circle_id).length };
    },
  }),
  api("add_circle", {
    about: "Start a circle and own it; members are told by alert and letter.",
    params: {
      name: text("name, unlike those of the other circles that one is in"),
      kind: withDefault(choice("kind", CIRCLE_KINDS), "other"),
      members: withDefault(emails("e-mails of the other members", 0), []),
    },
    returns: NOTED,
    effects: LETTER_EFFECTS,
    handler(call, { name, kind, members }) {
      checkNameFree(call, name, "add the circle");
      for (const person of members) memberByEmail(call, potMember, person);
      const { id } = call.world.insert(circle, { name, kind });
      const since = call.at.slice(0, 10);
      call.world.insert(circleMember, { circle_id: id, member: call.member, role: "owner", since });
      for (const person of [...members].sort()) if (person !== call.member) join(call, id, name, person);
      return { note: "Circle added.", circle_id: id };
    },
  }),
  api("edit_circle", {
    about: "Change the name or kind of a circle.",
    params: {
      circle_id: rowId("id of the circle"),
      name: optional(text("new name")),
      kind: optional(choice("new kind", CIRCLE_KINDS)),
    },
    returns: NOTED,
    handler(call, { circle_id, name, kind }) {
      const row = ownedCircle(call, circle_id, "change");
      needChange({ name, kind });
      if (name !== undefined) checkNameFree(call, name, "rename the circle", circle_id);
      call.world.update(circle, circle_id, { name: name ?? row.name, kind: kind ?? row.kind });
      return { note: "Circle changed.", circle_id };
    },
  }),
  api("leave_circle", {
    about: "Leave a circle in which one's balance is settled; an owner hands it to who has been in it longest.",
    params: { circle_id: rowId("id of the circle") },
    returns: { note: "text" },
    handler(call, { circle_id }) {
      const row = ownCircle(call, circle_id, "leave");
      checkSettled(call, circle_id, call.member, "leave the circle");
      const others = membersOf(call, circle_id).filter(({ member }) => member !== call.member);
      const [heir] = others;
      if (heir === undefined) throw conflict("leave the circle", "nobody else is in it; remove it instead");
      if (row.role === "owner" && !others.some(({ role }) => role === "owner")) {
        call.world.update(circleMember, heir.id, { role: "owner" });
      }
      const own = ownCircles(call).find((candidate) => candidate.circle_id === circle_id);
      if (own !== undefined) call.world.remove(circleMember, own.id);
      return { note: "You left the circle." };
    },
  }),
  api("remove_circle", {
    about: "Remove an own circle with all its bills; everything in it must be settled.",
    params: { circle_id: rowId("id of the circle") },
    returns: { note: "text" },
    handler(call, { circle_id }) {
      ownedCircle(call, circle_id, "remove");
      if ([...circleBalances(call.world, circle_id).values()].some((cents) => cents !== 0)) {
        throw conflict("remove the circle", "its balances are not settled");
      }
      for (const { id } of call.world.rowsWhere(bill, "circle_id", circle_id)) {
        for (const spec of [share, billRemark, receiptLink] as readonly unknown[]) {
          removeWhere(call, spec as Table, "bill_id", id);
        }
      }
      for (const spec of [bill, settlement, repeatBill, category, circleMember] as readonly unknown[]) {
        removeWhere(call, spec as Table, "circle_id", circle_id);
      }
      call.world.remove(circle as unknown as Table, circle_id);
      return { note: "Circle removed." };
    },
  }),
  list("list_circle_members", {
    about: "Members of a circle, in order of joining.",
    params: { circle_id: rowId("id of the circle") },
    returns: [{ name: "text", email: "e-mail", role: "owner|member", since: "date" }],
    rows: (call, { circle_id }) =>
      membersOf(call, ownCircle(call, circle_id, "read").id)
        .map(({ member, role, since }) => ({ name: nameOf(call, member), email: member, role, since })),
    view: (row) => row,
    search: ({ name, email }) => `${name} ${email}`,
    orders: { name: (row) => row.name },
  }),
  api("add_circle_member", {
    about: "Add somebody to a circle; they are told by alert and letter.",
    params: { circle_id: rowId("id of the circle"), email: email("e-mail of the new member") },
    returns: NOTED,
    effects: LETTER_EFFECTS,
    handler(call, { circle_id, email }) {
      const { name } = ownCircle(call, circle_id, "add members to");
      memberByEmail(call, potMember, email);
      if (membersOf(call, circle_id).some(({ member }) => member === email)) {
        throw conflict(`add ${email}`, "they are in the circle");
      }
      join(call, circle_id, name, email);
      return { note: "Member added.", circle_id };
    },
  }),
  api("remove_circle_member", {
    about: "Take somebody out of an own circle; their balance in it must be settled.",
    params: { circle_id: rowId("id of the circle"), email: email("e-mail of the member") },
    returns: NOTED,
    handler(call, { circle_id, email }) {
      ownedCircle(call, circle_id, "remove members from");
      const row = membersOf(call, circle_id).find(({ member }) => member === email);
      if (row === undefined) throw notFound("member of the circle", "email", email);
      if (email === call.member) throw conflict("remove yourself", "leave the circle instead");
      checkSettled(call, circle_id, email, `remove ${email}`);
      call.world.remove(circleMember, row.id);
      return { note: "Member removed.", circle_id };
    },
  }),
];

/** The group of categories. */
export const categoryApis = [
  list("list_categories", {
    about: "Categories that the bills of a circle can have; without a circle those that all bills can have.",
    params: { circle_id: optional(rowId("id of the circle")) },
    returns: [{ category_id: "integer", name: "text", common: "flag" }],
    rows: (call, { circle_id }) =>
      categoriesOf(call, circle_id === undefined ? null : ownCircle(call, circle_id, "read").id),
    view: ({ id, name, circle_id }) => ({ category_id: id, name, common: circle_id === null }),
    orders: { name: (row) => row.name },
  }),
  api("add_category", {
    about: "Add a category to a circle.",
    params: { circle_id: rowId("id of the circle"), name: text("name") },
    returns: { note: "text", category_id: "integer" },
    handler(call, { circle_id, name }) {
      ownCircle(call, circle_id, "change");
      if (categoriesOf(call, circle_id).some((row) => row.name === name)) {
        throw conflict("add the category", `there is a category named ${name}`);
      }
      return { note: "Category added.", category_id: call.world.insert(category, { circle_id, name }).id };
    },
  }),
  api("rename_category", {
    about: "Rename a category of a circle; its bills keep it.",
    params: { category_id: rowId("id of the category"), name: text("new name") },
    returns: { note: "text", category_id: "integer" },
    handler(call, { category_id, name }) {
      const row = call.world.get(category, category_id);
      if (row === undefined) throw notFound("category", "id", category_id);
      if (row.circle_id === null) throw notYours("category", "rename");
      ownCircle(call, row.circle_id, "change");
      if (categoriesOf(call, row.circle_id).some((other) => other.name === name)) {
        throw conflict("rename the category", `there is a category named ${name}`);
      }
      call.world.update(category, category_id, { name });
      return { note: "Category renamed.", category_id };
    },
  }),
];
