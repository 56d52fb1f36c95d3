/**
 * What the groups of commonpot share: who may see what, categories by name, and alerts.
 *
 * @module
 */
import { badArgument, notFound, notYours } from "../../errors.ts";
import type { Call, RowOf } from "../../schema.ts";
import { addAlert } from "../_alerts.ts";
import { memberByEmail, memberOf } from "../_common.ts";
import type { Bill } from "./_ledger.ts";
import { bill, category, circle, circleMember, potAlert, potMember, share } from "./tables.ts";

/** Name of a member. */
export function nameOf(call: Call, owner: string): string {
  return memberOf(call, potMember, owner).name;
}

/** Tells members other than the caller of something, each once. */
export function tell(call: Call, owners: Iterable<string>, kind: string, text: string): void {
  for (const owner of [...new Set(owners)].sort()) {
    if (owner !== call.member) addAlert(call, potAlert, owner, kind, text);
  }
}

/** Memberships of a circle, in order of joining. */
export function membersOf(call: Call, circleId: number): readonly RowOf<typeof circleMember.columns>[] {
  return call.world.rowsWhere(circleMember, "circle_id", circleId);
}

/** The caller's memberships. */
export function ownCircles(call: Call): readonly RowOf<typeof circleMember.columns>[] {
  return call.world.rows(circleMember, call.member);
}

/** A circle that the caller is in, with the caller's role. @throws {AgentError} 403 or 404. */
export function ownCircle(call: Call, circleId: number, verb: string) {
  const row = call.world.get(circle, circleId);
  if (row === undefined) throw notFound("circle", "id", circleId);
  const membership = ownCircles(call).find((candidate) => candidate.circle_id === circleId);
  if (membership === undefined) throw notYours("circle", verb);
  return { ...row, role: membership.role, since: membership.since };
}

/** A circle that the caller owns. @throws {AgentError} 403 or 404. */
export function ownedCircle(call: Call, circleId: number, verb: string) {
  const row = ownCircle(call, circleId, verb);
  if (row.role !== "owner") throw notYours("circle", verb);
  return row;
}

/** E-mails of those whom a bill concerns: the payer, those with a part, and who added it. */
export function concerned(call: Call, row: Bill): string[] {
  const parts = call.world.rowsWhere(share, "bill_id", row.id).map(({ member }) => member);
  return [...new Set([row.paid_by, row.added_by, ...parts])];
}

function maySee(call: Call, row: Bill): boolean {
  return row.circle_id === null
    ? concerned(call, row).includes(call.member)
    : ownCircles(call).some(({ circle_id }) => circle_id === row.circle_id);
}

/** A bill that the caller may see and change: of an own circle, or one that concerns the caller. @throws {AgentError} 403 or 404. */
export function ownBill(call: Call, billId: number, verb: string): Bill {
  const row = call.world.get(bill, billId);
  if (row === undefined) throw notFound("bill", "id", billId);
  if (!maySee(call, row)) throw notYours("bill", verb);
  return row;
}

/** All bills that the caller may see. */
export function ownBills(call: Call): Bill[] {
  const { world, member } = call;
  const found = new Map<number, Bill>();
  for (const { circle_id } of ownCircles(call)) {
    for (const row of world.rowsWhere(bill, "circle_id", circle_id)) found.set(row.id, row);
  }
  for (const { bill_id } of world.rows(share, member)) {
    const row = world.get(bill, bill_id);
    if (row !== undefined && row.circle_id === null) found.set(row.id, row);
  }
  for (const row of world.rowsWhere(bill, "paid_by", member)) if (row.circle_id === null) found.set(row.id, row);
  return [...found.values()];
}

/** Categories that the bills of a circle can have; null for bills without a circle. */
export function categoriesOf(call: Call, circleId: number | null): readonly RowOf<typeof category.columns>[] {
  const common = call.world.rowsWhere(category, "circle_id", null);
  return circleId === null ? common : [...common, ...call.world.rowsWhere(category, "circle_id", circleId)];
}

/** Category by name. @throws {AgentError} 404. */
export function categoryNamed(call: Call, circleId: number | null, name: string): number {
  const row = categoriesOf(call, circleId).find((candidate) => candidate.name === name);
  if (row === undefined) throw notFound("category", "name", name);
  return row.id;
}

/** Name of a category. */
export function categoryName(call: Call, categoryId: number): string {
  return call.world.get(category, categoryId)?.name ?? "other";
}

/** Checks that people can have a part in a bill. @throws {AgentError} 404 without an account, 422 outside the circle. */
export function checkPeople(call: Call, circleId: number | null, people: Iterable<string>, argument: string): void {
  const inside = circleId === null ? undefined : new Set(membersOf(call, circleId).map(({ member }) => member));
  for (const person of people) {
    memberByEmail(call, potMember, person);
    if (inside !== undefined && !inside.has(person)) {
      throw badArgument(argument, `${person} is not in the circle`, "members of the circle");
    }
  }
}
