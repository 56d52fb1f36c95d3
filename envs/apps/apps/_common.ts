/**
 * What several apps share: the account group, ownership checks, orders and conversions.
 *
 * @module
 */
import { notFound, notYours, signInRefused } from "../errors.ts";
import { text } from "../params.ts";
import { type Api, api, type Call, type Columns, type RowOf, type Table, table } from "../schema.ts";

/** Columns of an account. */
const MEMBER_COLUMNS = { owner: "text", name: "text", number: "text", password: "text", since: "text" } as const;

/** Account table of an app. */
export function memberTable(app: string): Table<typeof MEMBER_COLUMNS> {
  return table(`${app}.member`, MEMBER_COLUMNS, { ownedBy: ["owner"] });
}

/** Columns that every account table has. */
export type MemberColumns = typeof MEMBER_COLUMNS;

/** Money as shown: cents to a decimal. */
export function amountOf(cents: number): number {
  return cents / 100;
}

/** Newest first; rows of the same second by id descending. */
export function newestFirst<T extends { readonly at: string; readonly id: number }>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : b.id - a.id));
}

/** Own row by id. @throws {AgentError} 404 if there is none, 403 if it is somebody else's. */
export function ownRow<C extends Columns & { readonly owner: "text" }>(
  call: Call,
  spec: Table<C>,
  id: number,
  entity: string,
  verb: string,
): RowOf<C> {
  const row = call.world.get(spec, id);
  if (row === undefined) throw notFound(entity, "id", id);
  const owner: unknown = row.owner;
  if (owner !== call.member) throw notYours(entity, verb);
  return row;
}

/** Account of the signed-in member. */
export function ownMember<C extends Columns>(call: Call, spec: Table<C>): RowOf<C> {
  const [member] = call.world.rows(spec, call.member);
  if (member === undefined) throw new RangeError(`${spec.name} has no account of ${call.member}`);
  return member;
}

/**
 * `log_in`, `log_out` and `get_account`.
 *
 * @param app name of the app.
 * @param members its account table.
 * @param userColumn what one signs in with.
 */
export function accountApis(
  app: string,
  members: Table<MemberColumns>,
  userColumn: "owner" | "number",
): readonly Api[] {
  const userAbout = userColumn === "owner" ? "e-mail of the account" : "phone number of the account";
  return [
    api("log_in", {
      about: `Sign in to ${app}; every private call needs the token.`,
      auth: false,
      params: { user: text(userAbout), password: text(`password for ${app}`) },
      returns: { token: "text" },
      handler({ world, session }, { user, password }) {
        const candidates = userColumn === "owner" ? world.rows(members, user) : world.rows(members);
        const member = candidates.find((row) => row[userColumn] === user);
        if (member === undefined || member.password !== password) throw signInRefused(app);
        return { token: session.issueToken(app, member.owner) };
      },
    }),
    api("log_out", {
      about: `Sign out of ${app}; the token stops working.`,
      params: {},
      returns: { note: "text" },
      handler({ session }, args) {
        session.voidToken(String((args as { token?: unknown }).token));
        return { note: "Signed out." };
      },
    }),
    api("get_account", {
      about: `Own ${app} account.`,
      params: {},
      returns: { name: "text", email: "text", number: "text", since: "date" },
      handler(call) {
        const { name, owner, number, since } = ownMember(call, members);
        return { name, email: owner, number, since };
      },
    }),
  ];
}
