/**
 * Tables that several apps have alike: accounts, whose columns every app has, and bank cards.
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

const PAY_CARD_COLUMNS = {
  owner: "text",
  label: "text",
  number: "text",
  expires: "text",
  check_code: "text",
} as const;

/** Table of the bank cards that members of an app pay with. */
export function payCardTable(app: string): Table<typeof PAY_CARD_COLUMNS> {
  return table(`${app}.pay_card`, PAY_CARD_COLUMNS, { ownedBy: ["owner"] });
}
