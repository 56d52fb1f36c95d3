/**
 * Boards of corkline: the projects of the shared life, and boards that people keep for themselves.
 *
 * Contract: a project is one board with its people as members and its cards as they are in the life; positions count from 1 in each
 * lane; who has a card is on its board; alerts tell of recent assignments and remarks.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import { contentHash } from "../../../data/canonical.ts";
import { addDays, dateOfDay, dateTime, DAY_NAMES, dayNumber } from "../calendar.ts";
import type { Pen } from "../_pen.ts";
import {
  board,
  boardMember,
  card,
  cardRemark,
  cardTag,
  corkAlert,
  corkMember,
  invite,
  lane,
  pinnedFile,
  step,
  tag,
} from "../apps/corkline/tables.ts";
import { COLOURS } from "../apps/corkline/parts.ts";
import { kindOf } from "../apps/effects/files.ts";
import { BOARD_ABOUTS, CARD_REMARKS, CARD_TEXTS, OWN_BOARDS, PINNED_FILES, STEPS, TAGS } from "../pools/corkline.ts";
import type { Person } from "../world.ts";
import { writeAccounts } from "./accounts.ts";
import { fillTemplate, firstName, WORLD_NOW, type WorldContext, type Writer } from "./context.ts";
import type { ProjectCard } from "./life.ts";

const PROJECT_LANES = ["Ideas", "To do", "Doing", "Review", "Done"] as const;
const OWN_LANES = ["Someday", "Next", "Under way", "Done"] as const;
/** Alerts that people have not cleared yet are younger than this. */
const ALERT_DAYS = 40;

/** A board to write. */
interface Plan {
  readonly kind: "office" | "home" | "club" | "own";
  readonly name: string;
  readonly about: string;
  readonly archived: boolean;
  readonly startedAt: string;
  readonly people: readonly Person[];
  readonly lead: Person;
  readonly lanes: readonly string[];
  readonly cards: readonly PlannedCard[];
}

interface PlannedCard extends Omit<ProjectCard, "lane" | "assignee"> {
  readonly lane: string;
  readonly assignee: Person | null;
}

/** Writes corkline. */
export const writeCorkline: Writer = (pen, context) => {
  writeAccounts(pen, context, corkMember, () => ({}));
  const plans = [...projectPlans(context), ...context.principals.flatMap((person) => ownPlans(context, person))];
  plans.sort((a, b) => (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0));
  plans.forEach((plan, i) => writeBoard(pen, context.random("corkline", "board", i), plan));
  writeInvites(pen, context);
};

function projectPlans(context: WorldContext): Plan[] {
  return context.life.projects.map((project): Plan => {
    const random = context.random("corkline", "project", project.id);
    const name = project.name;
    return {
      kind: project.kind,
      name,
      about: fillTemplate(random.pick(BOARD_ABOUTS[project.kind]), { board: name }),
      archived: random.uniform() < 0.08,
      startedAt: project.startedAt,
      people: project.people.map((index) => context.person(index)),
      lead: context.person(project.lead),
      lanes: PROJECT_LANES,
      cards: project.cards.map((planned) => ({
        ...planned,
        assignee: planned.assignee === null ? null : context.person(planned.assignee),
      })),
    };
  });
}

/** One or two boards of somebody alone. */
function ownPlans(context: WorldContext, person: Person): Plan[] {
  const random = context.random("corkline", "own", person.email);
  return random.sample(OWN_BOARDS, random.int(1, 2)).map(({ name, about, cards }): Plan => {
    const mostAgo = Math.min(260, context.profile.historyDays - 1);
    const startedDay = dayNumber(WORLD_NOW) - random.int(Math.min(60, mostAgo), mostAgo);
    const drawn = random.sample(cards, Math.max(4, random.int(7, cards.length))).map((title) =>
      ownCard(random, title, startedDay, person)
    );
    drawn.sort((a, b) => (a.madeAt < b.madeAt ? -1 : a.madeAt > b.madeAt ? 1 : 0));
    return {
      kind: "own",
      name,
      about,
      archived: random.uniform() < 0.15,
      startedAt: dateTime(startedDay, 9 * 3600),
      people: [person],
      lead: person,
      lanes: OWN_LANES,
      cards: drawn,
    };
  });
}

function ownCard(random: KeyedRandom, title: string, startedDay: number, person: Person): PlannedCard {
  const today = dayNumber(WORLD_NOW);
  const lane = random.pick([...OWN_LANES, "Next"]);
  const madeDay = random.int(startedDay + 1, today - 5);
  const doneDay = random.int(madeDay + 1, today - 1);
  return {
    title,
    lane,
    assignee: random.uniform() < 0.7 ? person : null,
    dueOn: random.uniform() < 0.5 ? dateOfDay(madeDay + random.int(4, 70)) : null,
    weight: random.pick([1, 1, 1, 2, 3]),
    madeAt: dateTime(madeDay, random.int(8 * 60, 21 * 60) * 60),
    doneAt: lane === "Done" ? dateTime(doneDay, random.int(8 * 60, 21 * 60) * 60) : null,
  };
}

/** What has been written of a board. */
interface Written {
  readonly plan: Plan;
  readonly boardId: number;
  readonly laneIds: ReadonlyMap<string, number>;
  readonly tagIds: readonly number[];
  /** Last position in each lane. */
  readonly last: Map<string, number>;
}

function writeBoard(pen: Pen, random: KeyedRandom, plan: Plan): void {
  const { name, about, archived, startedAt, people, lead } = plan;
  const boardId = pen.add(board, { name, about, archived }, startedAt);
  for (const person of [lead, ...people.filter((one) => one !== lead)]) {
    const role = person === lead ? "lead" : random.uniform() < 0.12 ? "viewer" : "editor";
    pen.add(boardMember, { board_id: boardId, email: person.email, role }, startedAt);
  }
  const laneIds = new Map(
    plan.lanes.map((name, i) => [name, pen.add(lane, { board_id: boardId, name, position: i + 1 }, startedAt)]),
  );
  const tagIds = random.sample(TAGS[plan.kind], random.int(3, 5)).map((name) =>
    pen.add(tag, { board_id: boardId, name, colour: random.pick(COLOURS) }, startedAt)
  );
  const written: Written = { plan, boardId, laneIds, tagIds, last: new Map() };
  for (const planned of plan.cards) {
    // A card of the first morning is not older than its board.
    const madeAt = planned.madeAt < startedAt ? startedAt : planned.madeAt;
    pen.at(madeAt, () => writeCard(pen, random, written, { ...planned, madeAt }));
  }
}

function slots(random: KeyedRandom, people: readonly Person[]): Readonly<Record<string, string | number>> {
  const name = firstName(random.pick(people));
  return { name, day: random.pick(DAY_NAMES), count: random.int(2, 9) };
}

function writeCard(pen: Pen, random: KeyedRandom, written: Written, planned: PlannedCard): void {
  const { plan, boardId, laneIds, tagIds, last } = written;
  const { title, dueOn, weight, assignee, madeAt, doneAt } = planned;
  const position = (last.get(planned.lane) ?? 0) + 1;
  last.set(planned.lane, position);
  const cardId = pen.add(card, {
    board_id: boardId,
    lane_id: laneIds.get(planned.lane) ?? 0,
    title,
    text: random.uniform() < 0.6 ? fillTemplate(random.pick(CARD_TEXTS), slots(random, plan.people)) : "",
    due_on: dueOn,
    weight,
    assignee: assignee?.email ?? null,
    done_at: doneAt,
    position,
  }, madeAt);
  for (const tagId of random.sample(tagIds, random.pick([0, 0, 1, 1, 2]))) {
    pen.add(cardTag, { card_id: cardId, tag_id: tagId }, madeAt);
  }
  if (random.uniform() < 0.3) {
    random.sample(STEPS, random.int(2, 5)).forEach((text, i) => {
      const done = doneAt !== null || random.uniform() < 0.4;
      const filled = fillTemplate(text, slots(random, plan.people));
      pen.add(step, { card_id: cardId, text: filled, done, position: i + 1 }, madeAt);
    });
  }
  if (plan.kind === "office" && random.uniform() < 0.15) {
    const { name, text } = random.pick(PINNED_FILES);
    const filled = fillTemplate(text, slots(random, plan.people));
    const by = random.pick(plan.people).email;
    const size = filled.length;
    pen.add(pinnedFile, { card_id: cardId, by, name, kind: kindOf(name), size, text: filled }, madeAt);
  }
  const from = plan.people.find((person) => person !== assignee);
  if (assignee !== null && from !== undefined && madeAt >= addDays(WORLD_NOW, -ALERT_DAYS)) {
    const by = assignee === plan.lead ? from : plan.lead;
    const text = `${by.name} gave you "${title}" on ${plan.name}.`;
    addAlert(pen, random, assignee, { kind: "assigned", text, boardId, cardId, at: madeAt });
  }
  if (plan.people.length > 1) writeRemarks(pen, random, written, { cardId, title, assignee, madeAt });
}

function writeRemarks(
  pen: Pen,
  random: KeyedRandom,
  { plan, boardId }: Written,
  about: { readonly cardId: number; readonly title: string; readonly assignee: Person | null; readonly madeAt: string },
): void {
  const { cardId, title, assignee, madeAt } = about;
  let at = madeAt;
  for (let i = random.pick([0, 0, 0, 1, 1, 2, 3]); i > 0; i--) {
    at = dateTime(dayNumber(at) + random.int(1, 6), random.int(8 * 60, 20 * 60) * 60);
    if (at >= WORLD_NOW) return;
    const by = random.pick(plan.people);
    const text = fillTemplate(random.pick(CARD_REMARKS), slots(random, plan.people));
    pen.add(cardRemark, { card_id: cardId, by: by.email, text, at }, at);
    if (assignee !== null && by !== assignee && at >= addDays(WORLD_NOW, -ALERT_DAYS)) {
      const alert = `${by.name} on "${title}": ${text}`;
      addAlert(pen, random, assignee, { kind: "remark", text: alert, boardId, cardId, at });
    }
  }
}

function addAlert(
  pen: Pen,
  random: KeyedRandom,
  { email }: Person,
  alert: {
    readonly kind: string;
    readonly text: string;
    readonly boardId: number;
    readonly cardId: number | null;
    readonly at: string;
  },
): void {
  const { kind, text, boardId, cardId, at } = alert;
  const seen = random.uniform() < 0.65;
  pen.add(corkAlert, { owner: email, kind, text, board_id: boardId, card_id: cardId, at, seen }, at);
}

/** Invites: most people of a project once had one, and a few wait for an answer. */
function writeInvites(pen: Pen, context: WorldContext): void {
  const random = context.random("corkline", "invites");
  const members = pen.rows(boardMember);
  const add = (boardId: number, by: string, email: string, role: string, state: string, at: string) => {
    const code = contentHash(`corkline|${boardId}|${email}|${at}`, 8).toUpperCase();
    pen.add(invite, { board_id: boardId, email, role, by, code, state }, at);
  };
  for (const { id, made_at, archived } of pen.rows(board)) {
    const people = members.filter((row) => row.board_id === id);
    const lead = people.find((row) => row.role === "lead");
    if (lead === undefined || people.length < 2) continue;
    for (const { email, role } of people) {
      if (email !== lead.email && random.uniform() < 0.5) add(id, lead.email, email, role, "accepted", made_at);
    }
    const outside = context.principals.filter(({ email }) => people.every((row) => row.email !== email));
    if (outside.length === 0) continue;
    const state = archived || random.uniform() < 0.5 ? "refused" : "open";
    const at = context.later(random, made_at, 20);
    add(id, lead.email, random.pick(outside).email, "editor", state, at);
  }
}
