/**
 * What several apps share: the account and lifecycle groups, checks of ownership and of arguments, periods, orders and conversions.
 *
 * Choices: codes of the lifecycle group are texts of six digits that follow from the account and its number of codes, so that equal
 * calls give equal codes; only the newest code of an account and purpose works, for 30 minutes.
 *
 * @module
 */
import { contentHash } from "../../../data/canonical.ts";
import { addMinutes } from "../calendar.ts";
import { badArgument, conflict, notFound, notYours, signInRefused } from "../errors.ts";
import { date, email, FIRST_DAY, LAST_DAY, optional, text, withDefault } from "../params.ts";
import { type Api, api, type Call, type Columns, list, type RowOf, type Table, table } from "../schema.ts";
import { APP_NUMBER, sendText } from "./effects/texts.ts";
import type { MemberColumns } from "./_member.ts";

export { memberTable } from "./_member.ts";

/** An account table: at least the columns of every account. */
export type MemberTable = Table<MemberColumns>;

/** Money as shown: cents to a decimal. */
export function amountOf(cents: number): number {
  return cents / 100;
}

/** Cents as people write them: `12.50`. */
export function centsText(cents: number): string {
  return (cents / 100).toFixed(2);
}

/** How often something comes again. */
export const INTERVALS = ["week", "month", "quarter", "year"] as const;

/** Arguments that keep what is of a period, both days included. */
export const PERIOD = {
  since: withDefault(date("first day"), FIRST_DAY),
  until: withDefault(date("last day, included"), LAST_DAY),
};

/** Whether a date, or the day of a date and time, is in a period, both days included. */
export function inPeriod(at: string, since: string, until: string): boolean {
  const day = at.slice(0, 10);
  return since <= day && day <= until;
}

/** Refuses a day on which something is to happen if it has passed. @throws {AgentError} 422. */
export function needAhead({ at }: Call, argument: string, day: string): void {
  if (day < at.slice(0, 10)) throw badArgument(argument, "it has passed", "a day from today on");
}

/** Refuses a change where none of the arguments is given. @throws {AgentError} 422 that names the arguments. */
export function needChange(args: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(args);
  if (Object.values(args).some((value) => value !== undefined)) return;
  throw badArgument(names[0] ?? "", "there is nothing to change", names.join(", "));
}

/** Newest first by a column (`at` if none is named); rows of the same second by id descending. */
export function newestFirst<T extends { readonly id: number }>(
  rows: readonly T[],
  timeOf: (row: T) => string = (row) => String((row as { readonly at?: unknown }).at),
): T[] {
  return [...rows].sort((a, b) => {
    const [left, right] = [timeOf(a), timeOf(b)];
    return left < right ? 1 : left > right ? -1 : b.id - a.id;
  });
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
  return memberOf(call, spec, call.member);
}

/** Account of a person. */
export function memberOf<C extends Columns>(call: Call, spec: Table<C>, owner: string): RowOf<C> {
  const [member] = call.world.rows(spec, owner);
  if (member === undefined) throw new RangeError(`${spec.name} has no account of ${owner}`);
  return member;
}

/** Open account by e-mail. @throws {AgentError} 404 if nobody has it. */
export function memberByEmail<C extends MemberColumns>(call: Call, spec: Table<C>, address: string): RowOf<C> {
  const [member] = call.world.rows(spec, address);
  const open: unknown = member?.open;
  if (member === undefined || open !== true) throw notFound("member", "email", address);
  return member;
}

/** Columns that every account table has, whatever else it keeps. */
function plain(members: Table): MemberTable {
  return members as unknown as MemberTable;
}

/**
 * The account group: `log_in`, `log_out`, `get_account`, `edit_account`, `change_password` and `find_members`.
 *
 * @param app name of the app.
 * @param memberSpec its account table; it has the columns of {@linkcode MEMBER_COLUMNS} at least.
 * @param userColumn what one signs in with.
 */
export function accountApis<C extends MemberColumns>(
  app: string,
  memberSpec: Table<C>,
  userColumn: "owner" | "number",
): readonly Api[] {
  const members = plain(memberSpec as unknown as Table);
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
        if (member === undefined || !member.open || member.password !== password) throw signInRefused(app);
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
    api("edit_account", {
      about: `Change the name or number shown in ${app}.`,
      params: { name: optional(text("new name")), number: optional(text("new phone number")) },
      returns: { note: "text" },
      handler(call, { name, number }) {
        const member = ownMember(call, members);
        needChange({ name, number });
        call.world.update(members, member.id, { name: name ?? member.name, number: number ?? member.number });
        return { note: "Account changed." };
      },
    }),
    api("change_password", {
      about: `Change the password of ${app}.`,
      params: { old_password: text("password until now"), new_password: text("password from now on") },
      returns: { note: "text" },
      handler(call, { old_password, new_password }) {
        const member = ownMember(call, members);
        if (member.password !== old_password) throw signInRefused(app);
        call.world.update(members, member.id, { password: new_password });
        return { note: "Password changed." };
      },
    }),
    list("find_members", {
      about: `Members of ${app}, best matches of a query first.`,
      params: {},
      returns: [{ name: "text", email: "e-mail" }],
      rows: ({ world }) => world.rows(members).filter((row) => row.open),
      view: ({ name, owner }) => ({ name, email: owner }),
      search: ({ name, owner }) => `${name} ${owner}`,
    }),
  ];
}

/** Columns of codes that were sent; `purpose` is reset, confirm. */
const CODE_COLUMNS = {
  owner: "text",
  purpose: "text",
  code: "text",
  sent_at: "text",
  used: "flag",
} as const;

/** Table of the codes that an app with the lifecycle group has sent. */
export function codeTable(app: string): Table<typeof CODE_COLUMNS> {
  return table(`${app}.code`, CODE_COLUMNS, { ownedBy: ["owner"] });
}

const CODE_MINUTES = 30;

function sendCode(
  call: Call,
  app: string,
  codes: Table<typeof CODE_COLUMNS>,
  member: RowOf<MemberColumns>,
  purpose: string,
) {
  const count = call.world.rows(codes, member.owner).length;
  const digits = Number.parseInt(contentHash(`${app}|${member.owner}|${purpose}|${count}|${call.at}`, 8), 16) %
    1_000_000;
  const code = String(digits).padStart(6, "0");
  call.world.insert(codes, { owner: member.owner, purpose, code, sent_at: call.at, used: false });
  sendText(call.world, APP_NUMBER, member.number, `Your ${app} code is ${code}. It works for ${CODE_MINUTES} minutes.`);
}

function useCode(call: Call, codes: Table<typeof CODE_COLUMNS>, owner: string, purpose: string, code: string): void {
  const newest = call.world.rows(codes, owner).filter((row) => row.purpose === purpose).at(-1);
  const good = newest !== undefined && newest.code === code && !newest.used &&
    call.at <= addMinutes(newest.sent_at, CODE_MINUTES);
  if (!good) throw conflict("use the code", "it is wrong, used or out of date");
  call.world.update(codes, newest.id, { used: true });
}

/**
 * The lifecycle group: `register`, `confirm_address`, `ask_reset_code`, `reset_password` and `close_account`.
 *
 * @param app name of the app.
 * @param memberSpec its account table.
 * @param codes its {@linkcode codeTable}.
 * @param fresh columns of a new account beside those that every account has.
 */
export function lifecycleApis<C extends MemberColumns>(
  app: string,
  memberSpec: Table<C>,
  codes: Table<typeof CODE_COLUMNS>,
  fresh: Readonly<Record<string, unknown>>,
): readonly Api[] {
  const members = plain(memberSpec as unknown as Table);
  const known = (call: Call, user: string) => {
    const [member] = call.world.rows(members, user);
    if (member === undefined) throw notFound("account", "email", user);
    return member;
  };
  const returns = { note: "text" } as const;
  const effects = ["handset.text"];
  return [
    api("register", {
      about: `Open an account of ${app}; a code is sent by text to confirm it.`,
      auth: false,
      params: {
        name: text("full name"),
        email: email("e-mail"),
        number: text("phone number"),
        password: text("new password"),
      },
      returns,
      effects,
      handler(call, { name, email, number, password }) {
        if (call.world.rows(members, email).length > 0) throw conflict("register", "the e-mail has an account");
        const values = { owner: email, name, number, password, since: call.at.slice(0, 10), open: false, ...fresh };
        const member = call.world.insert(members, values);
        sendCode(call, app, codes, member, "confirm");
        return { note: "Account made; confirm it with the code from the text." };
      },
    }),
    api("confirm_address", {
      about: `Confirm a new account of ${app} with the code from the text.`,
      auth: false,
      params: { user: email("e-mail of the account"), code: text("six digits") },
      returns,
      handler(call, { user, code }) {
        const member = known(call, user);
        useCode(call, codes, user, "confirm", code);
        call.world.update(members, member.id, { open: true });
        return { note: "Account confirmed." };
      },
    }),
    api("ask_reset_code", {
      about: `Have a code sent by text that resets the password of ${app}.`,
      auth: false,
      params: { user: email("e-mail of the account") },
      returns,
      effects,
      handler(call, { user }) {
        sendCode(call, app, codes, known(call, user), "reset");
        return { note: "Code sent by text." };
      },
    }),
    api("reset_password", {
      about: `Set a new password of ${app} with the code from the text.`,
      auth: false,
      params: { user: email("e-mail of the account"), code: text("six digits"), new_password: text("new password") },
      returns,
      method: "POST",
      handler(call, { user, code, new_password }) {
        const member = known(call, user);
        useCode(call, codes, user, "reset", code);
        call.world.update(members, member.id, { password: new_password });
        return { note: "Password set." };
      },
    }),
    api("close_account", {
      about: `Close the own account of ${app}.`,
      params: { password: text("password, to be sure") },
      returns,
      method: "DELETE",
      handler(call, { password }) {
        const member = ownMember(call, members);
        if (member.password !== password) throw signInRefused(app);
        call.world.update(members, member.id, { open: false });
        return { note: "Account closed." };
      },
    }),
  ];
}
