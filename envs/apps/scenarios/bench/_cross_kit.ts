/**
 * What draws over several apps and the mail share: people whom a reader of first pages misses, letters that the user got at a time,
 * and small talk that pushes them off the first page.
 *
 * @module
 */
import { contactsOf, daysAgo, idIn, listOf, type Principal, type Row, type SetupContext } from "./_kit.ts";
import { holders } from "./_money_kit.ts";

export { firstName } from "./_kit.ts";

/** A contact with accounts, as a person and as an entry of the address book. */
export interface Known {
  readonly person: Principal;
  readonly contact: Row;
}

const SMALL_PAGE = 5;

/** Contacts with accounts and a full name of their own that are not on the first page of the address book, in random order. */
export function farHolders(ctx: SetupContext): Known[] {
  const far = new Set(contactsOf(ctx).slice(SMALL_PAGE).map(({ id }) => id));
  return ctx.random.shuffle(holders(ctx).filter(({ contact }) => far.has(contact.id)));
}

/** Whether a contact has a tie. */
export function hasTie({ contact }: Known, tie: string): boolean {
  return listOf(contact, "ties").includes(tie);
}

/** A moment some days ago; the hour is given, the minute is drawn. */
export function onDay(ctx: SetupContext, days: number, hour: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${daysAgo(ctx, days)}T${two(hour)}:${two(ctx.random.int(0, 59))}:00`;
}

/** A letter that somebody wrote to the user at a time. @returns its id. */
export function letterFrom(ctx: SetupContext, from: Principal, at: string, subject: string, body: string): number {
  const args = { to: [ctx.user.email], subject, body };
  return idIn(ctx.as(from, at)("quillpost", "send_letter", args), "letter_id");
}

const SMALL_TALK: readonly (readonly [string, string])[] = [
  ["Thanks again", "That was a lovely evening, let us do it again."],
  ["Quick question", "Do you still have my umbrella?"],
  ["Photos", "I will send you the photos when I find the cable."],
  ["See you soon", "I am in town from Thursday on."],
  ["The book", "I have finished it, you can have it back."],
  ["Good news", "The landlord said yes!"],
  ["Sunday", "We are at the lake if the weather holds."],
  ["Recipe", "You asked for the soup: it is mostly patience."],
  ["Sorry", "I missed your call, I was on the train."],
];

/** Letters about nothing, one a day until yesterday. */
export function smallTalk(ctx: SetupContext, from: Principal, count = 6): void {
  for (const [i, [subject, body]] of ctx.random.sample(SMALL_TALK, count).entries()) {
    letterFrom(ctx, from, onDay(ctx, count - i, 9 + i), subject, body);
  }
}

/** Whether the user's copies of letters are outside the bin, whatever rules have done to them. */
export function reached(ctx: SetupContext, ...letterIds: readonly number[]): boolean {
  return letterIds.every((id) =>
    ctx.rowsWhere("quillpost.letter_copy", "letter_id", id)
      .some((copy) => copy["owner"] === ctx.user.email && copy["folder"] !== "bin")
  );
}
