/**
 * How the writer of quillpost posts letters: one letter, a copy for every member who is on it, in order of time.
 *
 * Contract: an answer comes after what it answers and joins its conversation; the sender's copy is in `sent` and seen; what came long
 * ago has mostly been seen. People put their signature below their letters, companies and apps do not.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import type { Pen } from "../_pen.ts";
import { conversation, enclosure, letter, letterCopy } from "../apps/quillpost/tables.ts";
import { kindOf } from "../apps/effects/files.ts";
import { addDays, addMinutes, DAY_NAMES, dayNumber, monthName } from "../calendar.ts";
import { RESTAURANTS, TRIPS } from "../pools/life.ts";
import { PLACES, THINGS } from "../pools/words.ts";
import type { Person } from "../world.ts";
import { WORLD_NOW, type WorldContext } from "./context.ts";

/** A file to enclose. */
export interface PlannedFile {
  readonly name: string;
  readonly text: string;
}

/** Kinds of letters, by which they are tagged and filed. */
export type LetterKind =
  | "bill"
  | "receipt"
  | "work"
  | "family"
  | "friend"
  | "club"
  | "trip"
  | "newsletter"
  | "spam"
  | "notice"
  | "service";

/** A letter to post; ids are known once it is written. */
export interface Posted {
  readonly at: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly kind: LetterKind;
  letterId: number;
  conversationId: number;
}

/** What {@linkcode Post.send} is told. */
export interface Planned {
  readonly at: string;
  /** A person with a signature, or an address. */
  readonly from: Person | string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly body: string;
  readonly kind: LetterKind;
  readonly answers?: Posted | undefined;
  readonly files?: readonly PlannedFile[];
}

/** What one member has done to letters so far. */
interface Habits {
  /** Addresses of newsletters that a rule files away, with the day from which it does. */
  readonly filed: ReadonlyMap<string, string>;
}

/** Folder that rules put newsletters into. */
export const NEWS_FOLDER = "Newsletters";

/** Posts letters. */
export class Post {
  readonly context: WorldContext;
  readonly #pen: Pen;
  readonly #counts = new Map<string, number>();
  readonly #signatures = new Map<string, string>();
  readonly #habits = new Map<string, Habits>();
  /** All letters in the order in which they were planned. */
  readonly all: Posted[] = [];

  constructor(pen: Pen, context: WorldContext) {
    this.#pen = pen;
    this.context = context;
    context.society.principals.forEach((index) => {
      const person = context.person(index);
      this.#counts.set(person.email, 0);
    });
  }

  /** Tells what a member's rules do. */
  setHabits(email: string, habits: Habits): void {
    this.#habits.set(email, habits);
  }

  /** Tells what stands below the letters of somebody. */
  sign(email: string, signature: string): void {
    this.#signatures.set(email, signature);
  }

  /** Letters that a member has sent or received. */
  count(email: string): number {
    return this.#counts.get(email) ?? 0;
  }

  /** Plans a letter; undefined if its time has not come. */
  send(random: KeyedRandom, planned: Planned): Posted | undefined {
    const { at, from, subject, kind, answers, files = [] } = planned;
    if (at >= WORLD_NOW) return undefined;
    const address = typeof from === "string" ? from : from.email;
    const to = [...planned.to].sort();
    const signature = typeof from === "string" ? "" : this.#signatures.get(address) ?? "";
    const body = signature === "" ? planned.body : `${planned.body}\n\n--\n${signature}`;
    const posted: Posted = { at, from: address, to, subject, kind, letterId: 0, conversationId: 0 };
    this.all.push(posted);
    const owners = [address, ...to.filter((other) => other !== address)].filter((owner) => this.#counts.has(owner));
    for (const owner of owners) this.#counts.set(owner, this.count(owner) + 1);
    const copies = owners.map((owner) => ({ owner, ...this.#copy(random, owner, posted) }));
    this.#pen.at(at, () => {
      const pen = this.#pen;
      posted.conversationId = answers?.conversationId ?? pen.add(conversation, { subject }, at);
      posted.letterId = pen.add(letter, {
        conversation_id: posted.conversationId,
        from: address,
        to,
        cc: [],
        subject,
        body,
        sent_at: at,
        reply_to: answers?.letterId ?? null,
      }, at);
      for (const { name, text } of files) {
        const values = {
          letter_id: posted.letterId,
          draft_id: null,
          name,
          kind: kindOf(name),
          size: text.length,
          text,
        };
        pen.add(enclosure, values, at);
      }
      const ids = { letter_id: posted.letterId, conversation_id: posted.conversationId };
      for (const copy of copies) pen.add(letterCopy, { ...copy, ...ids, snoozed_until: null }, at);
    });
    return posted;
  }

  /** Folder and flags of a copy. */
  #copy(random: KeyedRandom, owner: string, { at, from, kind }: Posted) {
    const [chance, seenChance, starChance] = [random.uniform(), random.uniform(), random.uniform()];
    const starred = starChance < 0.05;
    if (from === owner) return { folder: chance < 0.02 ? "bin" : "sent", seen: true, starred };
    const days = dayNumber(WORLD_NOW) - dayNumber(at);
    const wanted = kind === "newsletter" || kind === "spam" ? 0.5 : 1;
    const seen = seenChance < wanted * (days > 45 ? 0.97 : days > 10 ? 0.85 : 0.6);
    const since = this.#habits.get(owner)?.filed.get(from);
    if (since !== undefined && at >= since) return { folder: NEWS_FOLDER, seen, starred };
    if (kind === "spam") return { folder: chance < 0.5 ? "bin" : "inbox", seen, starred: false };
    if (chance < 0.04) return { folder: "bin", seen, starred: false };
    return { folder: days > 90 && seen && chance < 0.45 ? "archive" : "inbox", seen, starred };
  }
}

/** Values for the slots of templates, names left out. */
export function mailSlots(random: KeyedRandom, at: string): Readonly<Record<string, string | number>> {
  const trip = random.pick(TRIPS);
  return {
    day: random.pick(DAY_NAMES),
    date: addDays(at, random.int(3, 25)),
    hour: `${random.int(9, 20)}:${random.pick(["00", "15", "30", "45"])}`,
    place: random.pick(PLACES),
    thing: random.pick(THINGS),
    amount: `${random.int(6, 160)}.${random.pick(["00", "20", "50", "90"])}`,
    count: random.int(2, 9),
    number: random.int(10_000, 99_999),
    trip,
    slug: trip.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"),
    table: random.pick(RESTAURANTS),
    month: monthName(at),
  };
}

/** A time on the same day or some days later, at an hour at which people write. */
export function answerTime(random: KeyedRandom, at: string): string {
  if (random.uniform() < 0.5) return addMinutes(at, random.int(4, 300));
  const hour = String(random.int(8, 21)).padStart(2, "0");
  return `${addDays(at, random.int(1, 3))}T${hour}:${random.int(10, 59)}:${random.int(10, 59)}`;
}

/** Whether somebody has mail: children have none. */
export function hasMail({ birthday }: Person): boolean {
  return birthday <= "2010";
}
