/**
 * Accounts of an app for everybody who has them, with the sign-in data that the user's profile keeps.
 *
 * @module
 */
import { addDays } from "../calendar.ts";
import type { Pen } from "../_pen.ts";
import type { MemberColumns } from "../apps/_member.ts";
import { login } from "../apps/principal/tables.ts";
import { PASSWORD_WORDS } from "../pools/words.ts";
import type { Columns, Table, Values } from "../schema.ts";
import type { Person } from "../world.ts";
import { WORLD_NOW, type WorldContext } from "./context.ts";

/** Values of an account that the app keeps beside those of every account. */
type Extra<C extends Columns> = Omit<Values<C>, keyof MemberColumns>;

/**
 * Writes the account of every principal in an app, each with a password of its own.
 *
 * @param spec account table of the app, `<app>.member`.
 * @param extra what this app's accounts have besides; given the person and the index among the principals.
 * @param userOf what one signs in with; the e-mail if left out.
 */
export function writeAccounts<C extends MemberColumns>(
  pen: Pen,
  context: WorldContext,
  spec: Table<C>,
  extra: (person: Person, position: number) => Extra<C>,
  userOf: (person: Person) => string = ({ email }) => email,
): void {
  const app = spec.name.slice(0, spec.name.indexOf("."));
  context.principals.forEach((person, position) => {
    const random = context.random("account", app, person.email);
    const since = addDays(WORLD_NOW, -random.int(430, 1500));
    const password = `${random.pick(PASSWORD_WORDS)}${random.int(100, 999)}`;
    const { name, email, number } = person;
    const account = { owner: email, name, number, password, since, open: true };
    // The columns of every account and those of this app are all there are, which the type of `extra` says.
    pen.add(spec, { ...account, ...extra(person, position) } as unknown as Values<C>, `${since}T09:00:00`);
    pen.add(login, { owner: email, app, user: userOf(person), password }, `${since}T09:00:00`);
  });
}
