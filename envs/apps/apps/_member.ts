/**
 * Columns that the account table of every app has.
 *
 * @module
 */
import { type Table, table } from "../schema.ts";

/** Columns of an account. `open` is false once it was closed. */
export const MEMBER_COLUMNS = {
  owner: "text",
  name: "text",
  number: "text",
  password: "text",
  since: "text",
  open: "flag",
} as const;

/** Columns that every account table has. */
export type MemberColumns = typeof MEMBER_COLUMNS;

/** Account table of an app that keeps nothing else there. */
export function memberTable(app: string): Table<MemberColumns> {
  return table(`${app}.member`, MEMBER_COLUMNS, { ownedBy: ["owner"] });
}
