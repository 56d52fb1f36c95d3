/**
 * What draws about the shop in company with other apps share: relatives, talk that hides what matters, receipts of the shop as letters,
 * letters from outside, and orders as intended writes.
 *
 * Contract: reads come from rows; what people wrote is written by them through the apps.
 *
 * @module
 */
import type { Json } from "../../../../data/canonical.ts";
import { type Known, onDay } from "./_cross_kit.ts";
import {
  addDays,
  type Client,
  contactsOf,
  idIn,
  listOf,
  numberOf,
  type Principal,
  type Row,
  type SetupContext,
  textOf,
  today,
} from "./_kit.ts";
import { holders } from "./_money_kit.ts";
import { canText } from "./_phone.ts";
import { freshProducts, goodCard, KINDS } from "./_shop_kit.ts";

const RELATIONS = ["partner", "mother", "father", "sister", "brother", "daughter", "son", "cousin"] as const;
/** Address that the shop writes from. */
export const SHOP = "post@marlo.test";

/** A relative of whose kind the user has only one. */
export interface Relative extends Known {
  readonly tie: string;
}

/** Contacts with accounts whom the user can text, each with its row, in random order. */
export function talkers(ctx: SetupContext): Known[] {
  return ctx.random.shuffle(
    holders(ctx).filter(({ person, contact }) => canText(ctx, person) && contact["number"] === person.number),
  );
}

/** Relatives with accounts whom the user can text, in random order. */
export function relatives(ctx: SetupContext): Relative[] {
  const contacts = contactsOf(ctx);
  return talkers(ctx).flatMap((known) => {
    const tie = RELATIONS.find((one) =>
      listOf(known.contact, "ties").includes(one) &&
      contacts.filter((row) => listOf(row, "ties").includes(one)).length === 1
    );
    return tie === undefined ? [] : [{ ...known, tie }];
  });
}

const SMALL_WORDS = [
  "Are you home on Sunday?",
  "The tram is late again.",
  "Call me when you can.",
  "Did you see the moon last night?",
  "I found your gloves.",
  "We are having soup today.",
  "Thanks for the lift!",
  "It rains here, and there?",
] as const;

/** Texts about nothing, one a day until yesterday. */
export function smallTexts(ctx: SetupContext, from: Principal, count = 6): void {
  for (const [i, text] of ctx.random.sample(SMALL_WORDS, count).entries()) {
    ctx.as(from, onDay(ctx, count - i, 9 + i))("handset", "send_text", { number: ctx.user.number, text });
  }
}

/** Voice clips about nothing, one a day until yesterday. */
export function smallClips(ctx: SetupContext, from: Principal, count = 6): void {
  for (const [i, transcript] of ctx.random.sample(SMALL_WORDS, count).entries()) {
    ctx.as(from, onDay(ctx, count - i, 9 + i))("handset", "send_voice_clip", { number: ctx.user.number, transcript });
  }
}

/** Title of a product. */
export function titleOf(product: Row): string {
  return textOf(product, "title");
}

/** Price of a product in cents. */
export function centsOf(product: Row): number {
  return numberOf(product, "price");
}

/** Products that the user has nothing to do with yet, of different kinds, in random order. */
export function oneOfEachKind(ctx: SetupContext, count: number, fits: (row: Row) => boolean = () => true): Row[] {
  const seen = new Set<Json>();
  return freshProducts(ctx, fits).filter(({ kind = null }) => !seen.has(kind) && seen.add(kind)).slice(0, count);
}

/** Kinds that one does not say "a" with. */
const UNCOUNTED = ["coffee", "tea", "soap", "detergent", "kibble", "shampoo", "granola"];

/** A kind that can be counted, of which so many products are new to the user, with them in random order. */
export function freshKind(
  ctx: SetupContext,
  least: number,
  fits: (row: Row) => boolean = () => true,
): { readonly kind: string; readonly products: readonly Row[] } | undefined {
  const byKind = new Map<Json, Row[]>();
  for (const row of freshProducts(ctx, fits)) {
    const kind = row["kind"] ?? null;
    const products = byKind.get(kind);
    if (products === undefined) byKind.set(kind, [row]);
    else products.push(row);
  }
  const kind = ctx.random.shuffle(KINDS).find((one) =>
    !UNCOUNTED.includes(one) && (byKind.get(one)?.length ?? 0) >= least
  );
  return kind === undefined ? undefined : { kind, products: byKind.get(kind) ?? [] };
}

/** What is ordered. */
export interface Order {
  readonly items: readonly { readonly product: Row; readonly qty?: number }[];
  readonly cardId: number;
  readonly addressId?: number;
  readonly giftNote?: string;
}

/** Puts things into the basket and orders them, and nothing else that is in it. @returns id of the purchase. */
export function order(client: Client, { items, cardId, addressId, giftNote }: Order): number {
  const line_ids = items.map(({ product, qty = 1 }) =>
    idIn(client("marlo", "add_to_basket", { product_id: product.id, qty }), "line_id")
  );
  const args = {
    line_ids,
    card_id: cardId,
    ...(addressId === undefined ? {} : { address_id: addressId }),
    ...(giftNote === undefined ? {} : { gift_note: giftNote }),
  };
  return idIn(client("marlo", "place_order", args), "purchase_id");
}

/** Whether parcels go somewhere where no address is named. */
export function hasDefaultAddress(ctx: SetupContext): boolean {
  const [account] = ctx.rows("marlo.member", ctx.user.email);
  return account !== undefined && account["default_address"] !== null;
}

/** The user's copy of the shop's receipt of a purchase. */
export function receiptCopy(ctx: SetupContext, purchaseId: number): Row | undefined {
  const at = ctx.row("marlo.purchase", purchaseId)?.["at"];
  const letters = ctx.rowsWhere("quillpost.letter", "from", SHOP).filter((row) =>
    row["sent_at"] === at && listOf(row, "to").includes(ctx.user.email) && textOf(row, "subject").startsWith("Your ")
  );
  return letters.flatMap(({ id }) => ctx.rowsWhere("quillpost.letter_copy", "letter_id", id))
    .find((copy) => copy["owner"] === ctx.user.email);
}

/** Whether a copy of a letter is where a reader finds it, and can still be put into the archive. */
export function isFileable(copy: Row | undefined): boolean {
  return copy !== undefined && copy["folder"] !== "bin" && copy["folder"] !== "archive";
}

/**
 * A letter from an address that nobody here has, such as a bank's: the user's own, with another sender, since outsiders have no
 * accounts to write with. @returns its id.
 */
export function letterFromOutside(ctx: SetupContext, from: string, at: string, subject: string, body: string): number {
  const args = { to: [ctx.user.email], subject, body };
  const id = idIn(ctx.as(ctx.user, at)("quillpost", "send_letter", args), "letter_id");
  ctx.patch("quillpost.letter", id, { from, body });
  return id;
}

/** Buys things together at a moment with a card, and has them delivered two days later. @returns id of the purchase. */
export function boughtAt(ctx: SetupContext, at: string, items: Order["items"], cardId = goodCard(ctx)): number {
  const id = order(ctx.as(ctx.user, at), { items, cardId });
  const arrived = [addDays(at, 2), today(ctx)].sort()[0] ?? today(ctx);
  ctx.rowsWhere("marlo.purchase_line", "purchase_id", id).forEach((line, i) => {
    const parcel_no = `MP${String(id).padStart(5, "0")}-${i + 1}`;
    ctx.patch("marlo.purchase_line", line.id, { parcel_no, parcel_state: "delivered", delivered_on: arrived });
  });
  ctx.patch("marlo.purchase", id, { state: "delivered" });
  return id;
}
