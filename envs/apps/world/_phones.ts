/**
 * Both ends of texts, voice clips and calls: what is said between two people is written into each phone that has an account.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import type { Pen } from "../_pen.ts";
import { callEntry, textCopy, voiceClip, voiceCopy } from "../apps/handset/tables.ts";
import { spokenSeconds } from "../apps/handset/voice.ts";
import { PLACES, THINGS } from "../pools/words.ts";
import type { Person } from "../world.ts";
import { fillTemplate, firstName, type WorldContext } from "./context.ts";
import { DAY_NAMES } from "../calendar.ts";

/** Area codes of unknown numbers; nobody lives there. */
const STRANGE_AREAS = ["611", "644", "672", "689"] as const;

/** A line of a conversation with its slots filled; `{name}` is the given name of the one who is written to. */
export function fillLine(random: KeyedRandom, template: string, to: Person): string {
  return fillTemplate(template, {
    thing: random.pick(THINGS),
    place: random.pick(PLACES),
    day: random.pick(DAY_NAMES),
    hour: `${random.int(8, 21)}:${random.pick(["00", "15", "30", "45"])}`,
    name: firstName(to),
  });
}

/** Writes to phones, and counts how much each holds. */
export class Phones {
  readonly #pen: Pen;
  readonly #holders: ReadonlySet<string>;
  readonly #texts = new Map<string, number>();
  readonly #calls = new Map<string, number>();

  /** @param pen what rows are written with. */
  constructor(pen: Pen, context: WorldContext) {
    this.#pen = pen;
    this.#holders = new Set(context.principals.map(({ email }) => email));
  }

  /** Texts of a person so far. */
  textCount({ email }: Person): number {
    return this.#texts.get(email) ?? 0;
  }

  /** Calls of a person so far. */
  callCount({ email }: Person): number {
    return this.#calls.get(email) ?? 0;
  }

  /** A text. */
  text(from: Person, to: Person, text: string, at: string, seen: boolean): void {
    const rest = { text, at, hidden: false };
    const ends = this.#ends(from, to, this.#texts);
    this.#pen.at(at, () => {
      for (const end of ends) {
        this.#pen.add(textCopy, { ...end, ...rest, seen: seen || end.direction === "out" }, at);
      }
    });
  }

  /** A voice clip. */
  clip(from: Person, to: Person, transcript: string, at: string, heard: boolean): void {
    const ends = this.#ends(from, to, new Map());
    this.#pen.at(at, () => {
      const clip_id = this.#writeClip(from.number, to.number, transcript, at);
      for (const end of ends) {
        const values = { ...end, clip_id, heard: heard || end.direction === "out", hidden: false };
        this.#pen.add(voiceCopy, values, at);
      }
    });
  }

  /** A call. */
  call(from: Person, to: Person, seconds: number, missed: boolean, at: string): void {
    const ends = this.#ends(from, to, this.#calls);
    this.#pen.at(at, () => {
      for (const end of ends) this.#pen.add(callEntry, { ...end, seconds, missed, at }, at);
    });
  }

  /** A voice clip from an unknown number. */
  strangeClip(to: Person, number: string, transcript: string, at: string): void {
    const owner = to.email;
    this.#pen.at(at, () => {
      const clip_id = this.#writeClip(number, to.number, transcript, at);
      this.#pen.add(voiceCopy, { owner, clip_id, number, direction: "in", heard: false, hidden: false }, at);
    });
  }

  /** A call from an unknown number. */
  strangeCall(owner: string, number: string, seconds: number, missed: boolean, at: string): void {
    this.#pen.at(at, () => this.#pen.add(callEntry, { owner, number, direction: "in", seconds, missed, at }, at));
  }

  /** A number that nobody in the world has. */
  strangeNumber(random: KeyedRandom): string {
    return `${random.pick(STRANGE_AREAS)}-555-0${random.int(100, 199)}`;
  }

  /** The phones that hold something that goes from one person to another. */
  #ends(from: Person, to: Person, counts: Map<string, number>) {
    const ends = [
      { owner: from.email, number: to.number, direction: "out" },
      { owner: to.email, number: from.number, direction: "in" },
    ].filter(({ owner }) => this.#holders.has(owner));
    for (const { owner } of ends) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    return ends;
  }

  #writeClip(from: string, to: string, transcript: string, at: string): number {
    return this.#pen.add(voiceClip, { from, to, transcript, seconds: spokenSeconds(transcript), at }, at);
  }
}
