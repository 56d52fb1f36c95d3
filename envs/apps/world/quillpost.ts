/**
 * The mail of every principal: letters of apps, companies and people, and what each keeps besides: tags, rules, drafts, groups and an
 * away note.
 *
 * Contract: a letter between two principals has a copy with both. Everybody has an away note, mostly turned off; scheduled letters lie
 * further ahead than any task.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import type { Pen } from "../_pen.ts";
import { addressGroup, awayNote, draft, mailMember, mailTag, mailTagLink, sortRule } from "../apps/quillpost/tables.ts";
import { addDays } from "../calendar.ts";
import * as pools from "../pools/quillpost.ts";
import type { Person } from "../world.ts";
import { postAppLetters } from "./_mail_apps.ts";
import { postConversations, postForeign, postStories } from "./_mail_stories.ts";
import { hasMail, type LetterKind, mailSlots, NEWS_FOLDER, Post } from "./_mail.ts";
import { writeAccounts } from "./accounts.ts";
import { fillTemplate, firstName, WORLD_NOW, type WorldContext, type Writer } from "./context.ts";

/** Tasks happen up to 60 days from now; scheduled letters wait longer. */
const LEAST_DAYS_AHEAD = 62;
/** Tags that suit a kind of letter. */
const SUITING: Readonly<Partial<Record<LetterKind, string>>> = {
  bill: "bills",
  receipt: "receipts",
  work: "work",
  family: "family",
  friend: "friends",
  club: "club",
  trip: "travel",
  newsletter: "reading",
  service: "home",
};

/** Writes quillpost. */
export const writeQuillpost: Writer = (pen, context) => {
  const post = new Post(pen, context);
  writeAccounts(pen, context, mailMember, (person) => {
    const signature = signatureOf(context, person);
    post.sign(person.email, signature);
    return { signature };
  });
  const { principals } = context.society;
  const subscriptions = principals.map((index) => writeRules(pen, post, context.person(index)));
  postAppLetters(pen, post);
  postStories(post);
  principals.forEach((index, i) => postForeign(post, context.person(index), subscriptions[i] ?? []));
  for (const index of principals) {
    const random = context.random("quillpost", "target", index);
    const [least, letters] = [context.count(random, 5, 9, 3), context.count(random, 140, 210, 20)];
    postConversations(post, index, least, letters);
  }
  for (const index of principals) {
    writeDrafts(pen, context, index);
    writeGroups(pen, context, index);
    writeAwayNote(pen, context, context.person(index));
  }
  // Links need the ids of conversations, which are known once the letters are written: that is what waits until now.
  pen.at(WORLD_NOW, () => writeTags(pen, post));
};

/** What somebody puts below letters; nothing for some. */
function signatureOf(context: WorldContext, { email, name, number, street, town }: Person): string {
  const random = context.random("quillpost", "signature", email);
  const index = context.society.people.findIndex((person) => person.email === email);
  const job = context.society.jobs.get(index);
  const chance = random.uniform();
  if (chance < 0.35) return "";
  const work = job === undefined ? [] : [`${job.role}, ${job.employer}`];
  return [name, ...work, number, ...(chance < 0.75 ? [`${street}, ${town}`] : [])].join("\n");
}

/** Newsletters that somebody gets, some of which a rule files away. */
function writeRules(pen: Pen, post: Post, { email }: Person): (typeof pools.NEWSLETTERS)[number][] {
  const { context } = post;
  const random = context.random("quillpost", "rules", email);
  const subscribed = random.sample(pools.NEWSLETTERS, random.int(2, 3));
  const filed = new Map<string, string>();
  for (const { address } of subscribed.slice(0, random.pick([0, 0, 1, 1, 2]))) {
    const since = context.moment(random, 40, 300);
    filed.set(address, since);
    const values = { owner: email, field: "from", contains: address, action: "move", value: NEWS_FOLDER };
    pen.at(since, () => pen.add(sortRule, values, since));
  }
  if (random.uniform() < 0.35) {
    const since = context.moment(random, 2, 60);
    const contains = random.pick(["invoice", "urgent", "reminder", "deadline"]);
    const values = { owner: email, field: "subject", contains, action: "star", value: "" };
    pen.at(since, () => pen.add(sortRule, values, since));
  }
  post.setHabits(email, { filed });
  return subscribed;
}

function writeTags(pen: Pen, post: Post): void {
  const { context } = post;
  const byOwner = new Map<string, Map<number, LetterKind>>();
  for (const { from, to, kind, conversationId } of post.all) {
    for (const owner of [from, ...to]) {
      const mine = byOwner.get(owner) ?? new Map<number, LetterKind>();
      byOwner.set(owner, mine);
      if (!mine.has(conversationId)) mine.set(conversationId, kind);
    }
  }
  for (const { email: owner } of context.principals) {
    const random = context.random("quillpost", "tags", owner);
    const names = random.sample(pools.TAG_NAMES, random.int(5, 8));
    const made = "2026-01-12T12:00:00";
    const ids = new Map(names.map((name) => [name, pen.add(mailTag, { owner, name }, made)]));
    for (const [conversation_id, kind] of byOwner.get(owner) ?? []) {
      const fit = ids.get(SUITING[kind] ?? "");
      const chance = random.uniform();
      const tag = chance < 0.04 ? ids.get(random.pick(names)) : chance < 0.4 ? fit : undefined;
      if (tag !== undefined) pen.add(mailTagLink, { owner, tag_id: tag, conversation_id }, WORLD_NOW);
    }
  }
}

/** People whom somebody may write to. */
function writable(context: WorldContext, index: number): Person[] {
  return [...context.known(index).keys()].map((other) => context.person(other)).filter(hasMail);
}

function writeDrafts(pen: Pen, context: WorldContext, index: number): void {
  const { email: owner } = context.person(index);
  const random = context.random("quillpost", "drafts", owner);
  const people = writable(context, index);
  const add = (
    template: { subject: string; body: string },
    at: string,
    to: Person | undefined,
    sendAt: string | null,
  ) => {
    const words = { ...mailSlots(random, at), name: to === undefined ? "friend" : firstName(to) };
    const [subject, body] = [fillTemplate(template.subject, words), fillTemplate(template.body, words)];
    const addresses = to === undefined ? [] : [to.email];
    const values = { owner, to: addresses, cc: [], subject, body, reply_to: null, send_at: sendAt };
    pen.at(at, () => pen.add(draft, values, at));
  };
  for (const template of random.sample(pools.DRAFTS, context.count(random, 6, 11, 3))) {
    const to = people.length > 0 && random.uniform() < 0.6 ? random.pick(people) : undefined;
    add(template, context.moment(random, 1, 320), to, null);
  }
  if (people.length === 0) return;
  for (const template of random.sample(pools.SCHEDULED, random.int(0, 2))) {
    const day = addDays(WORLD_NOW, random.int(LEAST_DAYS_AHEAD, 160));
    add(
      template,
      context.moment(random, 1, 60),
      random.pick(people),
      `${day}T${random.pick(["08", "09", "18"])}:00:00`,
    );
  }
}

/** A group for some of the ties. */
function writeGroups(pen: Pen, context: WorldContext, index: number): void {
  const { email: owner } = context.person(index);
  const random = context.random("quillpost", "groups", owner);
  const byTie = new Map<string, string[]>();
  for (const [other, ties] of context.known(index)) {
    const person = context.person(other);
    if (!hasMail(person)) continue;
    for (const tie of ties) byTie.set(tie, [...(byTie.get(tie) ?? []), person.email]);
  }
  const large = [...byTie].filter(([, members]) => members.length >= 3);
  for (const [tie, members] of random.sample(large, Math.min(large.length, random.int(1, 2)))) {
    // Groups grow old: not everybody of a tie is in it.
    const some = random.sample(members, Math.max(2, members.length - random.int(0, 2))).sort();
    pen.add(addressGroup, { owner, name: groupName(random, tie), members: some }, "2026-05-04T12:00:00");
  }
}

function groupName(random: KeyedRandom, tie: string): string {
  return random.uniform() < 0.5 ? `${tie} list` : `all of ${tie}`;
}

function writeAwayNote(pen: Pen, context: WorldContext, person: Person): void {
  const { email: owner } = person;
  const random = context.random("quillpost", "away", owner);
  const chance = random.uniform();
  const made = "2026-06-01T12:00:00";
  if (chance < 0.5) {
    pen.add(awayNote, { owner, on: false, text: "", from_day: "", until_day: "", answered: [] }, made);
    return;
  }
  // Some are away within the next weeks; the others were, and have turned the note off since.
  const on = chance > 0.93;
  const from = addDays(WORLD_NOW, on ? random.int(5, 45) : -random.int(30, 250));
  const until = addDays(from, random.int(4, 14));
  const text = fillTemplate(random.pick(pools.AWAY_TEXTS), { date: until, me: firstName(person) });
  pen.add(awayNote, { owner, on, text, from_day: from, until_day: until, answered: [] }, made);
}
