/**
 * What reference solutions of the benchmark share. Each function ships as source with the solutions that use it, so it uses nothing
 * but its arguments and other functions of this file.
 *
 * @module
 */
import type { Apis } from "../../scenario.ts";

// deno-lint-ignore no-explicit-any -- rows of a guest's program have no types
type Rows = any[];

/** Signs in to an app with the stored password; gives the token. */
export function signIn(apis: Apis, app: string): string {
  const login = apis.principal.my_logins().find((x: { app: string }) => x.app === app);
  return apis[app].log_in({ user: login.user, password: login.password }).token;
}

/** All rows of a list in pages. */
export function allPages(api: (args: object) => Rows, args: object): Rows {
  const rows = [];
  for (let page = 0;; page++) {
    const more = api({ ...args, page, size: 10 });
    rows.push(...more);
    if (more.length < 10) return rows;
  }
}

/** Contacts of the phone who have a tie, such as friend or colleague. */
export function contactsWith(apis: Apis, token: string, tie: string): Rows {
  return allPages(apis.handset.list_contacts, { token }).filter((x) => x.ties.includes(tie));
}

/** The contact of a full name. */
export function contactNamed(apis: Apis, token: string, name: string): Rows[number] {
  return allPages(apis.handset.list_contacts, { token }).find((x) => x.name === name);
}

/** Sum of amounts of money, without the dust of binary fractions. */
export function sumMoney(amounts: number[]): number {
  return Math.round(amounts.reduce((sum, x) => sum + Math.round(x * 100), 0)) / 100;
}

/** Today's date, by the task. */
export function todayOf(apis: Apis): string {
  return apis.principal.current_task().at.slice(0, 10);
}

/** Body of the note with a title. */
export function noteBody(apis: Apis, token: string, title: string): string {
  const found = allPages(apis.foldnote.list_notes, { token }).find((x) => x.title === title);
  return apis.foldnote.get_note({ token, note_id: found.note_id }).body;
}

/** Lines of purchases of the shop, newest purchase first, each with the purchase's id, time and state. */
export function purchaseLines(apis: Apis, token: string, filters: object): Rows {
  return allPages(apis.marlo.list_purchases, { token, ...filters }).flatMap((x) =>
    apis.marlo.get_purchase({ token, purchase_id: x.purchase_id }).lines
      .map((line: object) => ({ ...line, purchase_id: x.purchase_id, at: x.at, state: x.state }))
  );
}

/** Products of the shop with their specifications, which lists do not show. */
export function withSpecs(apis: Apis, token: string, products: Rows): Rows {
  return products.map(({ product_id }) => apis.marlo.get_product({ token, product_id }));
}

/** Day some days later (or earlier), `YYYY-MM-DD`. Only counts; asks no clock. */
export function dayPlus(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The own board of a name. */
export function boardNamed(apis: Apis, token: string, name: string): Rows[number] {
  return allPages(apis.corkline.list_boards, { token }).find((x) => x.name === name);
}

/** A day in words such as `12 March 1984` as `1984-03-12`. */
export function isoDate(words: string): string {
  const names = "January February March April May June July August September October November December".split(" ");
  const [day, month, year] = words.split(" ");
  const two = (value: number) => String(value).padStart(2, "0");
  return `${year}-${two(names.indexOf(String(month)) + 1)}-${two(Number(day))}`;
}

/** Minutes after midnight of a time of day such as `07:30`. */
export function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

/** Time of day of minutes after midnight, whole days left out. */
export function clockTime(minutes: number): string {
  const inDay = (minutes % 1440 + 1440) % 1440;
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(inDay / 60))}:${two(inDay % 60)}`;
}

/** Letters that one got, pass the filters of the mail and have words in their subject: oldest first, each with its text. */
export function lettersAbout(apis: Apis, token: string, words: string, filters: object): Rows {
  return allPages(apis.quillpost.find_letters, { token, ...filters })
    .filter((x) => x.folder !== "sent" && x.subject.includes(words)).reverse()
    .map((x) => apis.quillpost.get_letter({ token, letter_id: x.letter_id }));
}

/** Sends a letter with copies of files of the file store in it. */
export function mailFiles(apis: Apis, token: string, stow_token: string, letter: object, paths: string[]): void {
  const { draft_id } = apis.quillpost.add_draft({ token, ...letter });
  for (const path of paths) apis.quillpost.enclose_file({ token, draft_id, path, stow_token });
  apis.quillpost.send_draft({ token, draft_id });
}

/** Day of the week of a date, as alarms name it. */
export function weekdayCode(day: string): string {
  return ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][new Date(`${day}T00:00:00Z`).getUTCDay()] ?? "";
}

/** What the shop may charge a card for in a month, as lines of a statement: day, `marlo`, amount; one for each purchase. */
export function shopCharges(apis: Apis, token: string, ending: string, month: string): string[] {
  return allPages(apis.marlo.list_purchases, { token }).filter((x) => x.at.startsWith(month))
    .map((x) => apis.marlo.get_purchase({ token, purchase_id: x.purchase_id }))
    .filter((x) => x.card_last_four === ending)
    .map((x) => `${x.at.slice(0, 10)} marlo ${(x.total - x.credit_used).toFixed(2)}`);
}

/** Texts that are left when each of the others takes one equal text away. */
export function unmatched(texts: string[], others: string[]): string[] {
  const left = [...others];
  return texts.filter((text) => {
    const at = left.indexOf(text);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** Lines of a text in cells between bars, by their first cell. */
export function cellsByFirst(text: string): Map<string, string[]> {
  return new Map(text.split("\n").map((line) => line.split(" | ")).map((cells) => [cells[0] ?? "", cells]));
}
