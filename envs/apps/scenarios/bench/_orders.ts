/**
 * What draws about shopping in company with other apps share: how one pays and where it goes, orders as intended, receipts that the
 * shop has sent, and members of circles by given name.
 *
 * @module
 */
import { mailOf } from "./_cross_a.ts";
import {
  addDays,
  type Client,
  daysAgo,
  idIn,
  type Principal,
  principalOf,
  type Row,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import type { CircleView } from "./_money_kit.ts";
import { addressesOf, goodCardEnding } from "./_shop_kit.ts";

/** A card and an address of the user, as a request names them. */
export interface Paying {
  readonly cardId: number;
  /** Last four digits, unlike those of the user's other cards. */
  readonly ending: string;
  readonly addressId: number;
  /** Label, unlike those of the user's other addresses. */
  readonly label: string;
}

/** A card with money and an address; undefined where their names do not tell them from others. */
export function paying(ctx: SetupContext): Paying | undefined {
  const { id, ending } = goodCardEnding(ctx);
  const cards = ctx.rows("marlo.pay_card", ctx.user.email);
  const address = ctx.random.pick(addressesOf(ctx));
  const label = textOf(address, "label");
  const isClear = cards.filter((row) => textOf(row, "number").endsWith(ending)).length === 1 &&
    addressesOf(ctx).filter((row) => row["label"] === label).length === 1;
  return isClear ? { cardId: id, ending, addressId: address.id, label } : undefined;
}

/** Puts products into the basket. @returns ids of the lines. */
export function fill(client: Client, items: readonly { readonly product: Row; readonly qty: number }[]): number[] {
  return items.map(({ product, qty }) =>
    idIn(client("marlo", "add_to_basket", { product_id: product.id, qty }), "line_id")
  );
}

/** Orders lines of the basket. @returns id of the purchase. */
export function order(
  client: Client,
  line_ids: readonly number[],
  { cardId, addressId }: Pick<Paying, "cardId" | "addressId">,
  gift_note = "",
): number {
  const args = { line_ids, card_id: cardId, address_id: addressId, gift_note };
  return idIn(client("marlo", "place_order", args), "purchase_id");
}

/** Cents of an order of goods: delivery is 4.90 below 60.00. */
export function withDelivery(goodsCents: number): number {
  return goodsCents + (goodsCents < 6000 ? 490 : 0);
}

/** Address that the shop writes from. */
export const SHOP_ADDRESS = "post@marlo.test";

/** A receipt that the shop has sent to the user. */
export interface ReceiptLetter {
  readonly day: string;
  readonly cents: number;
  readonly body: string;
}

/** Receipts in the user's mail since a day, oldest first. */
export function receiptsSince(ctx: SetupContext, since: string): ReceiptLetter[] {
  return mailOf(ctx).reverse().flatMap((row): ReceiptLetter[] => {
    const [, day = "", total = "0"] = /^Your marlo order of (\S+): ([\d.]+)$/.exec(textOf(row, "subject")) ?? [];
    const counts = row["from"] === SHOP_ADDRESS && day !== "" && textOf(row, "sent_at").slice(0, 10) >= since;
    return counts ? [{ day, cents: Math.round(Number(total) * 100), body: textOf(row, "body") }] : [];
  });
}

/** Member of a circle with the given name. */
export interface NamedMember {
  readonly first: string;
  readonly email: string;
}

/** Members of a circle by given name; undefined if two share one. */
export function namedMembers(ctx: SetupContext, circle: CircleView): NamedMember[] | undefined {
  const members = circle.members.map((email) => ({
    first: (principalOf(ctx, email)?.name ?? email).split(" ")[0] ?? "",
    email,
  }));
  return new Set(members.map(({ first }) => first)).size === members.length ? members : undefined;
}

/** Whether texts and clips between the user and somebody arrive. */
export function canText(ctx: SetupContext, person: Principal): boolean {
  const blocks = (owner: string, number: string) =>
    ctx.rows("handset.blocked_number", owner).some((row) => row["number"] === number);
  return !blocks(person.email, ctx.user.number) && !blocks(ctx.user.email, person.number);
}

/** A time on a day that is the given number of days after another. */
export function timeOn(ctx: SetupContext, day: string, days = 0, hour = 12): string {
  return `${addDays(day, days)}T${String(hour).padStart(2, "0")}:${ctx.random.int(10, 59)}:00`;
}

/** Different days ago between two numbers, in random order. */
export function differentDays(ctx: SetupContext, least: number, most: number, count: number): string[] {
  const ages = Array.from({ length: most - least + 1 }, (_, i) => least + i);
  return ctx.random.sample(ages, count).map((age) => daysAgo(ctx, age));
}
