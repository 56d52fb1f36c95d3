/**
 * What draws about the shop are written with: the user's purchases, lists and cards, purchases of the past that are written through
 * the shop's own APIs, and how products and their measures are said.
 *
 * Contract: a planted purchase is ordered at its time and then brought by hand to where its parcels should be, since no API ships.
 *
 * @module
 */
import { PRODUCT_KINDS } from "../../pools/marlo.ts";
import type { Json } from "../../../../data/canonical.ts";
import { addDays, contactsOf, idIn, numberOf, type Row, type SetupContext, textOf, today } from "./_kit.ts";
import { goodCard } from "../short/shop.ts";
import { canText } from "./_phone.ts";

export { basketOf, goodCard, linesOn } from "../short/shop.ts";

/** How far a planted line is: `preparing`, `shipped`, or the day of delivery. */
export type Progress = "preparing" | "shipped" | { readonly on: string };

/** A line to plant. */
export interface PlantedItem {
  readonly product: Row;
  readonly qty?: number;
  /** @default {"preparing"} */
  readonly progress?: Progress;
  /** Expected day, if not the shop's own estimate. */
  readonly eta?: string;
}

/** A line with its purchase and product. */
export interface OwnedLine {
  readonly line: Row;
  readonly purchase: Row;
  readonly kind: string;
}

/** Plural of a kind, such as `shelves`. */
export function pluralOf(kind: string): string {
  return PRODUCT_KINDS.find((known) => known.kind === kind)?.plural ?? kind;
}

/** Names of all kinds. */
export const KINDS: readonly string[] = PRODUCT_KINDS.map(({ kind }) => kind);

/** A kind with its article. */
export function aKind(kind: string): string {
  return `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
}

/** Product of a line. */
export function productOf(ctx: SetupContext, line: Row): Row {
  const row = ctx.row("marlo.product", numberOf(line, "product_id"));
  if (row === undefined) throw new RangeError(`There is no product ${line["product_id"]}`);
  return row;
}

/** Specification of a product. */
export function specOf(product: Row, name: string): Json {
  const specs = product["specs"];
  return (specs as Readonly<Record<string, Json>> | null)?.[name] ?? null;
}

/** All lines of the user's purchases, newest purchase first, lines of one in order. */
export function ownedLines(ctx: SetupContext): OwnedLine[] {
  const purchases = new Map(ctx.rows("marlo.purchase", ctx.user.email).map((row) => [row.id, row]));
  const lines = ctx.rows("marlo.purchase_line", ctx.user.email).flatMap((line): OwnedLine[] => {
    const purchase = purchases.get(numberOf(line, "purchase_id"));
    return purchase === undefined ? [] : [{ line, purchase, kind: textOf(productOf(ctx, line), "kind") }];
  });
  return lines.sort((a, b) => {
    const [left, right] = [textOf(a.purchase, "at"), textOf(b.purchase, "at")];
    return left < right ? 1 : left > right ? -1 : b.purchase.id - a.purchase.id || a.line.id - b.line.id;
  });
}

/** Purchases as the list shows them, newest first. */
export function purchasesInOrder(ctx: SetupContext): Row[] {
  const seen = new Set<number>();
  return ownedLines(ctx).map(({ purchase }) => purchase).filter(({ id }) =>
    !seen.has(id) && seen.add(id) !== undefined
  );
}

/** Products that are well in stock, that the user has on no list, never bought and never reviewed, in random order. */
export function freshProducts(ctx: SetupContext, fits: (row: Row) => boolean = () => true): Row[] {
  const taken = new Set([
    ...ctx.rows("marlo.list_line", ctx.user.email),
    ...ctx.rows("marlo.purchase_line", ctx.user.email),
    ...ctx.rows("marlo.refill_plan", ctx.user.email),
    ...ctx.rows("marlo.review", ctx.user.email),
  ].map((row) => row["product_id"]));
  return ctx.random.shuffle(
    ctx.rows("marlo.product").filter((row) => numberOf(row, "stock") >= 5 && !taken.has(row.id) && fits(row)),
  );
}

/** Products of a kind. */
export function productsOf(ctx: SetupContext, kind: string): readonly Row[] {
  return ctx.rowsWhere("marlo.product", "kind", kind);
}

/** The user's addresses; the first is home. */
export function addressesOf(ctx: SetupContext): readonly Row[] {
  return ctx.rows("marlo.ship_address", ctx.user.email);
}

/** The user's home address as an id. */
export function homeId(ctx: SetupContext): number {
  return addressesOf(ctx)[0]?.id ?? 0;
}

/** Last four digits of the good card. */
export function goodCardEnding(ctx: SetupContext): { readonly id: number; readonly ending: string } {
  const id = goodCard(ctx);
  const row = ctx.row("marlo.pay_card", id);
  return { id, ending: row === undefined ? "" : textOf(row, "number").slice(-4) };
}

/** Sets up another address under a label, if the user has none of it; gives the row. */
export function labelledAddress(ctx: SetupContext, label: string): Row {
  const known = addressesOf(ctx).find((row) => row["label"] === label);
  if (known !== undefined) return known;
  const street = `${ctx.random.pick(["Alder Row", "Mill Lane", "Quarry Road", "Ferry Street"])} ${
    ctx.random.int(2, 88)
  }`;
  const id = idIn(ctx.as()("marlo", "add_address", { label, street, town: "Harrowby" }), "address_id");
  const made = ctx.row("marlo.ship_address", id);
  if (made === undefined) throw new RangeError("The address was not made");
  return made;
}

/** Time of day of a planted purchase. */
function momentOn(ctx: SetupContext, day: string): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const at = `${day}T${two(ctx.random.int(7, 9))}:${two(ctx.random.int(0, 59))}:${two(ctx.random.int(0, 59))}`;
  return at < ctx.at ? at : ctx.at;
}

/** Orders at a day of the past and brings the parcels to where they should be. @returns id of the purchase, and ids of its lines. */
export function plantPurchase(
  ctx: SetupContext,
  day: string,
  items: readonly PlantedItem[],
  addressId = homeId(ctx),
): { readonly purchaseId: number; readonly lineIds: readonly number[] } {
  const at = momentOn(ctx, day);
  const client = ctx.as(ctx.user, at);
  const card_id = goodCard(ctx);
  const line_ids = items.map(({ product, qty = 1 }) =>
    idIn(client("marlo", "add_to_basket", { product_id: product.id, qty }), "line_id")
  );
  const purchaseId = idIn(client("marlo", "place_order", { line_ids, card_id, address_id: addressId }), "purchase_id");
  const lines = ctx.rowsWhere("marlo.purchase_line", "purchase_id", purchaseId);
  const parcels = new Map<string, string>();
  const states = items.map(({ progress = "preparing", eta }, i) => {
    const line = lines[i];
    if (line === undefined) return "preparing";
    const expected = eta === undefined ? {} : { eta };
    if (progress === "preparing") {
      ctx.patch("marlo.purchase_line", line.id, expected);
      return progress;
    }
    // One parcel for each seller and stage of a purchase.
    const parcel = `${textOf(line, "seller")} ${typeof progress === "object" ? progress.on : progress}`;
    const number = parcels.get(parcel) ?? `MP${String(purchaseId).padStart(5, "0")}-${parcels.size + 1}`;
    parcels.set(parcel, number);
    const moved = typeof progress === "object"
      ? { parcel_state: "delivered", delivered_on: progress.on }
      : { parcel_state: "shipped" };
    ctx.patch("marlo.purchase_line", line.id, { ...expected, ...moved, parcel_no: number });
    return moved.parcel_state;
  });
  const state = states.every((one) => one === "delivered")
    ? "delivered"
    : states.every((one) => one === "preparing")
    ? "placed"
    : "shipped";
  ctx.patch("marlo.purchase", purchaseId, { state });
  return { purchaseId, lineIds: lines.map(({ id }) => id) };
}

/** Plants some purchases of one line each on the last days, so that older ones are not on the first page. */
export function plantNewer(ctx: SetupContext, count: number, fits: (row: Row) => boolean = () => true): void {
  for (const product of freshProducts(ctx, fits).slice(0, count)) {
    plantPurchase(ctx, today(ctx), [{ product, progress: "shipped" }]);
  }
}

/** A day some days before today, but not before a day. */
export function dayBefore(ctx: SetupContext, days: number): string {
  return addDays(ctx.at, -days);
}

/**
 * Whether lines can be cancelled one by one in any order, or a purchase at once, with the same letters: where a purchase is
 * emptied, it has one line only.
 */
export function cancelsFairly(ctx: SetupContext, cancelled: readonly Row[]): boolean {
  const ids = new Set(cancelled.map(({ id }) => id));
  return [...new Set(cancelled.map((row) => numberOf(row, "purchase_id")))].every((purchaseId) => {
    const kept = ctx.rowsWhere("marlo.purchase_line", "purchase_id", purchaseId)
      .filter((row) => row["parcel_state"] !== "cancelled");
    return kept.length === 1 || kept.some((row) => !ids.has(row.id));
  });
}

/** How a measure is said: `at least 900 watts`, `at most 40 cm wide`. */
export const MEASURES: Readonly<Record<string, string>> = {
  width_cm: "cm wide",
  depth_cm: "cm deep",
  height_cm: "cm high",
  length_cm: "cm long",
  diameter_cm: "cm across",
  watts: "watts",
  litres: "litres",
  ml: "ml",
  hours: "hours",
  lumens: "lumens",
  pages: "pages",
  steps: "steps",
  seats: "seats",
  persons: "persons",
  ports: "ports",
  washes: "washes",
  pieces: "pieces",
  bags: "bags",
};

/** `is at least 40 cm wide`, `has at least 3 litres`. */
export function sayLeast(measure: string, least: number): string {
  const unit = MEASURES[measure] ?? measure;
  return `${unit.startsWith("cm ") ? "is" : "has"} at least ${least} ${unit}`;
}

/** Names of a kind's specifications that are words: material, colour and the like. */
export function wordSpecs(kind: string): string[] {
  const specs = PRODUCT_KINDS.find((known) => known.kind === kind)?.specs ?? {};
  return Object.entries(specs).filter(([, values]) => !("low" in values) && !values.includes("yes")).map(([name]) =>
    name
  );
}

/** Names of a kind's specifications that are measures with a saying. */
export function measureSpecs(kind: string): string[] {
  const specs = PRODUCT_KINDS.find((known) => known.kind === kind)?.specs ?? {};
  return Object.entries(specs).filter(([name, values]) => "low" in values && MEASURES[name] !== undefined)
    .map(([name]) => name);
}

/** A contact with account, e-mail and a full name that no other contact has; with an address, if one is needed. */
export function namedContact(ctx: SetupContext, options: { readonly address?: boolean } = {}): Row | undefined {
  const contacts = contactsOf(ctx);
  const accounts = new Set(ctx.principals.map(({ email }) => email));
  const fitting = contacts.filter((row) =>
    accounts.has(textOf(row, "email")) && textOf(row, "email") !== ctx.user.email &&
    canText(ctx, { email: textOf(row, "email"), number: textOf(row, "number") }) &&
    contacts.filter((other) => other["name"] === row["name"]).length === 1 &&
    (options.address !== true || /^[^,]+, [^,]+$/.test(textOf(row, "address")))
  );
  return fitting.length === 0 ? undefined : ctx.random.pick(fitting);
}

/** Street and town of a contact. */
export function addressOf(contact: Row): { readonly street: string; readonly town: string } {
  const [street = "", town = ""] = textOf(contact, "address").split(", ");
  return { street, town };
}

/** Makes a note, and an archived one of a similar title that is out of date; gives the note's id. */
export function plantNote(ctx: SetupContext, title: string, body: string, outdated: string): number {
  const old = ctx.as(ctx.user, `${addDays(ctx.at, -90)}T18:00:00`);
  const oldId = idIn(old("foldnote", "add_note", { title: `${title} (last year)`, body: outdated }), "note_id");
  old("foldnote", "archive_note", { note_id: oldId, on: true });
  const client = ctx.as(ctx.user, `${addDays(ctx.at, -2)}T18:00:00`);
  return idIn(client("foldnote", "add_note", { title, body }), "note_id");
}

/** Whether the user has a note of a title. */
export function hasNote(ctx: SetupContext, title: string): boolean {
  return ctx.rows("foldnote.note", ctx.user.email).some((row) => row["title"] === title);
}

/** Sends the user a text from a contact at a time of a day. */
export function plantText(ctx: SetupContext, contact: Row, at: string, text: string): void {
  const person = ctx.principals.find(({ email }) => email === contact["email"]);
  if (person === undefined) throw new RangeError(`${contact["name"]} has no account`);
  ctx.as(person, at)("handset", "send_text", { number: ctx.user.number, text });
}
