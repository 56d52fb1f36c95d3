/**
 * tuppence: links between members who see each other's public transfers.
 *
 * @module
 */
import { conflict, notFound } from "../../errors.ts";
import { email } from "../../params.ts";
import { api, type Call, list } from "../../schema.ts";
import { memberByEmail, memberOf } from "../_common.ts";
import { otherMember, tell } from "./_money.ts";
import { bond, wallet } from "./tables.ts";

const BOND_SHAPE = { name: "text", email: "e-mail", since: "date" } as const;

/** A link from one side. */
interface Bonded {
  readonly email: string;
  readonly name: string;
  readonly since: string;
}

/** E-mails of those whom a member is linked with. */
export function bondedWith(call: Call, owner: string): string[] {
  return call.world.rows(bond, owner).map((row) => (row.from === owner ? row.to : row.from));
}

function bondsOf(call: Call, owner: string): Bonded[] {
  return call.world.rows(bond, owner).map((row) => {
    const other = row.from === owner ? row.to : row.from;
    return { name: memberOf(call, wallet, other).name, email: other, since: row.since };
  });
}

function bondWith(call: Call, other: string) {
  return call.world.rows(bond, call.member).find((row) => row.from === other || row.to === other);
}

const LIST = {
  returns: [BOND_SHAPE] as const,
  view: ({ name, email, since }: Bonded) => ({ name, email, since }),
  search: ({ name, email }: Bonded) => `${name} ${email}`,
  orders: { name: (item: Bonded) => item.name, since: (item: Bonded) => item.since },
};

/** The group of bonds. */
export const bondApis = [
  list("list_bonds", {
    ...LIST,
    about: "Members whom one is linked with.",
    params: {},
    rows: (call) => bondsOf(call, call.member),
  }),
  list("list_bonds_of", {
    ...LIST,
    about: "Members whom another member is linked with.",
    params: { email: email("e-mail of the member") },
    rows: (call, { email }) => bondsOf(call, memberByEmail(call, wallet, email).owner),
  }),
  api("add_bond", {
    about: "Link oneself with a member.",
    params: { email: email("e-mail of the member") },
    returns: { note: "text", bond_id: "integer" },
    handler(call, { email }) {
      otherMember(call, email, "email");
      if (bondWith(call, email) !== undefined) throw conflict(`add ${email}`, "you are linked already");
      const { id } = call.world.insert(bond, { from: call.member, to: email, since: call.at.slice(0, 10) });
      tell(call, email, "bond", `${memberOf(call, wallet, call.member).name} linked with you`);
      return { note: "Linked.", bond_id: id };
    },
  }),
  api("remove_bond", {
    about: "Undo a link with a member.",
    params: { email: email("e-mail of the member") },
    returns: { note: "text" },
    handler(call, { email }) {
      const row = bondWith(call, email);
      if (row === undefined) throw notFound("bond", "email", email);
      call.world.remove(bond, row.id);
      return { note: "Link undone." };
    },
  }),
];
