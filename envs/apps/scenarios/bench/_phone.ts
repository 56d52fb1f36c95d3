/**
 * What draws about phones and notes share: people to choose from, and history planted through the apps.
 *
 * @module
 */
import {
  contactsOf,
  daysAgo,
  idIn,
  type Principal,
  principalOf,
  type Row,
  sayTies,
  type SetupContext,
  textOf,
  tiedHolders,
} from "./_kit.ts";

/** A moment some days ago at a waking hour. */
export function pastTime(ctx: SetupContext, days: number): string {
  return `${daysAgo(ctx, days)}T${String(ctx.random.int(8, 21)).padStart(2, "0")}:${ctx.random.int(10, 59)}:00`;
}

/** A text that the user gets from somebody at a time. */
export function receiveText(ctx: SetupContext, from: Principal, text: string, at: string): void {
  ctx.as(from, at)("handset", "send_text", { number: ctx.user.number, text });
}

/** A text that the user sends to somebody at a time. */
export function sendTextTo(ctx: SetupContext, to: Principal, text: string, at: string): void {
  ctx.as(ctx.user, at)("handset", "send_text", { number: to.number, text });
}

/** A note that the user wrote at a time. @returns its id. */
export function writeNote(ctx: SetupContext, title: string, body: string, at: string): number {
  return idIn(ctx.as(ctx.user, at)("foldnote", "add_note", { title, body }), "note_id");
}

/** A checklist that the user wrote at a time. @returns id of the note, and of each item by its text. */
export function writeChecklist(
  ctx: SetupContext,
  title: string,
  items: readonly { readonly text: string; readonly done: boolean }[],
  at: string,
): { readonly noteId: number; readonly itemIds: ReadonlyMap<string, number> } {
  const client = ctx.as(ctx.user, at);
  const noteId = writeNote(ctx, title, "", at);
  const itemIds = new Map<string, number>();
  for (const { text, done } of items) {
    const id = idIn(client("foldnote", "add_item", { note_id: noteId, text }), "item_id");
    itemIds.set(text, id);
    if (done) client("foldnote", "tick_item", { item_id: id });
  }
  return { noteId, itemIds };
}

/** Contacts with an e-mail whose full name no other contact has. */
export function uniquelyNamed(ctx: SetupContext): Row[] {
  const contacts = contactsOf(ctx);
  return contacts.filter((row) =>
    textOf(row, "email") !== "" && contacts.filter((other) => other["name"] === row["name"]).length === 1
  );
}

/** People with accounts whom the user has no contact of, in random order. */
export function strangers(ctx: SetupContext): Principal[] {
  const numbers = new Set(contactsOf(ctx).map((row) => textOf(row, "number")));
  return ctx.random.shuffle(
    ctx.principals.filter(({ email, number }) => email !== ctx.user.email && !numbers.has(number)),
  );
}

/** Contacts with accounts who lack a tie, in random order. */
export function untiedHolders(ctx: SetupContext, tie: string): Principal[] {
  const inside = new Set(tiedHolders(ctx, tie).map(({ email }) => email));
  const emails = contactsOf(ctx).map((row) => textOf(row, "email")).filter((email) => !inside.has(email));
  return ctx.random.shuffle(emails).map((email) => principalOf(ctx, email))
    .filter((person): person is Principal => person !== undefined && person.email !== ctx.user.email);
}

/** Whether texts and clips between the user and somebody arrive. */
export function canText(ctx: SetupContext, { email, number }: Pick<Principal, "email" | "number">): boolean {
  const blocks = (owner: string, other: string) =>
    ctx.rows("handset.blocked_number", owner).some((row) => row["number"] === other);
  return !blocks(ctx.user.email, number) && !blocks(email, ctx.user.number);
}

/** Contacts with accounts and a full name of their own, none of whom has blocked the user or is blocked, in random order. */
export function textable(ctx: SetupContext): Row[] {
  return ctx.random.shuffle(uniquelyNamed(ctx)).filter((row) => {
    const person = principalOf(ctx, textOf(row, "email"));
    return person !== undefined && person.number === row["number"] && canText(ctx, person);
  });
}

/** Everybody with a tie, so that `of` can go before: `my friends`, `the people of my book club`. */
export function theTies(tie: string): string {
  return sayTies(tie).replace(/^people /, "the people ");
}

/** First letter in upper case. */
export function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Whether a title begins no note of the user but those planted. */
export function isFreshTitle(ctx: SetupContext, title: string): boolean {
  return ctx.rows("foldnote.note", ctx.user.email).every((row) => !textOf(row, "title").includes(title));
}
