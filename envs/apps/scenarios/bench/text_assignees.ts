/**
 * Texts to people about their open cards: those due soon, those of a lane, those with a tag.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  contactsOf,
  idIn,
  numberOf,
  phrase,
  type Principal,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  today,
  type Write,
} from "./_kit.ts";
import { boardsOf, cardsOf, freshTitles, isOpen, laneNamed, type OwnBoard, plantCard, tagsOf } from "./_boards.ts";
import { canText, pastTime, sendTextTo } from "./_phone.ts";
import { allPages, boardNamed, signIn } from "./_toolbox.ts";

/** Numbers in the phone by e-mail; undefined where one is out of date, so that nobody could know. */
function numbersOf(ctx: SetupContext, people: readonly Principal[]): Map<string, string> | undefined {
  const numbers = new Map<string, string>();
  for (const person of people) {
    const cards = contactsOf(ctx).filter((row) => row["email"] === person.email);
    if (cards.length > 1 || cards.some((row) => row["number"] !== person.number) || !canText(ctx, person)) {
      return undefined;
    }
    for (const row of cards) numbers.set(person.email, textOf(row, "number"));
  }
  return numbers;
}

/** A board of which at least three others are in the phone. */
function stage(ctx: SetupContext) {
  const board = boardsOf(ctx, 4)[0];
  if (board === undefined) return undefined;
  const others = board.people.filter(({ email }) => email !== ctx.user.email);
  const numbers = numbersOf(ctx, others);
  if (numbers === undefined || numbers.size < 3) return undefined;
  return { board, others, numbers };
}

/** Cards for people who can have some, due around a day. */
function plantWork(
  ctx: SetupContext,
  board: OwnBoard,
  day: string,
  more: (i: number) => { readonly lane?: string; readonly tagId?: number; readonly weight?: number },
) {
  freshTitles(ctx, board.id, 14).forEach((title, i) => {
    const assignee = board.people[i % board.people.length] ?? board.lead;
    const due = i < 2 ? day : i < 4 ? addDays(day, 1) : addDays(day, ctx.random.int(-30, 12));
    plantCard(ctx, board, { title, assignee, due, done: i === 9, ...more(i) }, pastTime(ctx, 20 - i));
  });
}

/** Cards by who has them; in order of due day, and undefined where that order is not clear. */
function perPerson(cards: readonly Row[]): Map<string, Row[]> | undefined {
  const groups = new Map<string, Row[]>();
  for (const card of cards) {
    const who = textOf(card, "assignee");
    if (who !== "") groups.set(who, [...(groups.get(who) ?? []), card]);
  }
  for (const group of groups.values()) {
    group.sort((a, b) => (textOf(a, "due_on") < textOf(b, "due_on") ? -1 : 1));
    if (new Set(group.map((card) => card["due_on"])).size < group.length) return undefined;
  }
  return groups;
}

function textWrite(number: string, text: string): Write {
  return { app: "handset", api: "send_text", args: { number, text } };
}

function drawDue(ctx: SetupContext) {
  const found = stage(ctx);
  if (found === undefined) return reject("no board of people whom one can text");
  const { board, others, numbers } = found;
  const day = addDays(today(ctx), ctx.random.int(2, 9));
  const weight = ctx.random.pick([2, 3]);
  plantWork(ctx, board, day, (i) => ({ weight: i % 5 === 4 ? 1 : weight + (i % 3) }));
  const groups = perPerson(
    cardsOf(ctx, board.id).filter((card) =>
      isOpen(card) && textOf(card, "due_on") !== "" && textOf(card, "due_on") <= day &&
      numberOf(card, "weight") >= weight
    ),
  );
  if (groups === undefined) return reject("two cards are due on one day");
  const role = new Map(
    ctx.rowsWhere("corkline.board_member", "board_id", board.id).map((row) => [textOf(row, "email"), row["role"]]),
  );
  const since = addDays(today(ctx), -3);
  const start = `${board.name}:`;
  const texted = ctx.rows("handset.text", ctx.user.email).filter((row) =>
    row["direction"] === "out" && textOf(row, "text").startsWith(start)
  );
  if (texted.length > 0) return reject("such texts exist");
  const editors = others.filter(({ email }) => role.get(email) === "editor" && numbers.has(email) && groups.has(email));
  const [reminded, longAgo, ...rest] = ctx.random.shuffle(editors);
  if (reminded === undefined || longAgo === undefined || rest.length < 1) return reject("too few people to remind");
  sendTextTo(ctx, reminded, `${start} please have a look at your cards`, `${since}T08:15:00`);
  sendTextTo(ctx, longAgo, `${start} how is it going?`, `${addDays(since, -1)}T21:30:00`);
  const remark = ctx.random.pick(["Reminded by text.", "Sent a reminder.", "Asked by text."]);
  const writes = editors.filter((person) => person !== reminded).flatMap((person): Write[] => {
    const cards = groups.get(person.email) ?? [];
    const list = cards.map((card) => textOf(card, "title")).join("; ");
    return [
      textWrite(numbers.get(person.email) ?? "", `${start} ${list}`),
      ...cards.map((card): Write => ({ app: "corkline", api: "add_remark", args: { card_id: card.id, text: remark } })),
    ];
  });
  return {
    instruction: phrase(ctx, [
      `Text each editor of the board ${board.name} who is in my contacts and has open cards of weight ${weight} or more due by ${
        sayDate(day)
      }: "${board.name}: " and their titles in order of the due day, joined by "; ". Leave out whoever I have sent a text beginning with "${board.name}:" since ${
        sayDate(since)
      }. Put the remark "${remark}" on every card you mention.`,
      `Remind the editors on ${board.name} (those in my phone, not leads or viewers) of their unfinished cards that weigh ${weight} or more and are due no later than ${
        sayDate(day)
      }. The text is "${board.name}: A; B; C" with the titles, earliest due first. Nobody whom I texted something starting with "${board.name}:" on ${
        sayDate(since)
      } or later. Each card named in a text gets the remark "${remark}"`,
      `Whoever is an editor of ${board.name} and in my contacts should hear from me about open cards with a weight of ${weight} or higher that are due on ${
        sayDate(day)
      } at the latest: a text "${board.name}: " plus the titles by due day, with "; " between. People who got one starting with "${board.name}:" from me since ${
        sayDate(since)
      } get none. Remark "${remark}" on the cards you texted about.`,
    ]),
    pub: { board: board.name, day, weight, since, remark },
    said: { day: sayDate(day), since: sayDate(since) },
    writes,
  };
}

function solveDue(
  apis: Apis,
  pub: { board: string; day: string; weight: number; since: string; remark: string },
) {
  const phoneToken = signIn(apis, "handset");
  const token = signIn(apis, "corkline");
  const { board_id } = boardNamed(apis, token, pub.board);
  const cards = allPages(apis.corkline.list_cards, { token, board_id, state: "open", due_to: pub.day })
    .filter(({ card_id }) => apis.corkline.get_card({ token, card_id }).weight >= pub.weight)
    .sort((a, b) => (a.due_on < b.due_on ? -1 : 1));
  const contacts = allPages(apis.handset.list_contacts, { token: phoneToken });
  const start = `${pub.board}:`;
  const sent = allPages(apis.handset.list_texts, { token: phoneToken, direction: "out", since: pub.since })
    .filter((x) => x.text.startsWith(start)).map((x) => x.to);
  for (const { email, role } of allPages(apis.corkline.list_board_members, { token, board_id })) {
    const contact = contacts.find((x) => x.email === email);
    const own = cards.filter((x) => x.assignee === email);
    if (role !== "editor" || contact === undefined || own.length === 0 || sent.includes(contact.number)) continue;
    const text = `${start} ${own.map((x) => x.title).join("; ")}`;
    apis.handset.send_text({ token: phoneToken, number: contact.number, text });
    for (const { card_id } of own) apis.corkline.add_remark({ token, card_id, text: pub.remark });
  }
}

function drawLane(ctx: SetupContext) {
  const found = stage(ctx);
  if (found === undefined) return reject("no board of people whom one can text");
  const { board, others, numbers } = found;
  const lane = ctx.random.pick(["To do", "Doing", "Review"]);
  const laneId = laneNamed(ctx, board.id, lane)?.id;
  const other = lane === "Doing" ? "Review" : "Doing";
  if (laneId === undefined) return reject("no such lane");
  plantWork(ctx, board, addDays(today(ctx), 5), (i) => ({ lane: i % 3 === 2 ? other : lane }));
  const cards = cardsOf(ctx, board.id).filter((card) => isOpen(card) && card["lane_id"] === laneId);
  const counts = Map.groupBy(cards, (card) => textOf(card, "assignee"));
  const receivers = others.filter(({ email }) => counts.has(email) && numbers.has(email));
  if (receivers.length < 3) return reject("too few people to text");
  const writes = receivers.map(({ email }) => {
    const titles = (counts.get(email) ?? []).map((card) => textOf(card, "title")).sort();
    return textWrite(numbers.get(email) ?? "", `In ${lane}: ${titles.join(", ")}`);
  });
  return {
    instruction: phrase(ctx, [
      `Send a text to everybody in my contacts, except me, who has open cards in the lane ${lane} of ${board.name}. It should say "In ${lane}: " and then the titles of their cards there in alphabetical order, with commas between them.`,
      `Please text the people who have unfinished cards in "${lane}" on our board ${board.name}, as far as I have them in my phone and not to myself: "In ${lane}: A, B, C", with the titles of their cards in that lane from A to Z.`,
      `Everyone with work in the lane ${lane} of ${board.name} gets a text from me like "In ${lane}: Title, Title", listing just that person's open cards of the lane alphabetically, separated by ", ". Skip people who are not among my contacts.`,
    ]),
    pub: { board: board.name, lane },
    writes,
  };
}

function solveLane(apis: Apis, pub: { board: string; lane: string }) {
  const phoneToken = signIn(apis, "handset");
  const token = signIn(apis, "corkline");
  const { board_id } = boardNamed(apis, token, pub.board);
  const { lane_id } = allPages(apis.corkline.list_lanes, { token, board_id }).find((x) => x.name === pub.lane);
  const cards = allPages(apis.corkline.list_cards, { token, board_id, lane_id, state: "open" });
  const own = apis.principal.who_am_i().email;
  for (const { email, number } of allPages(apis.handset.list_contacts, { token: phoneToken })) {
    const titles = cards.filter((x) => x.assignee !== null && x.assignee === email).map((x) => x.title).sort();
    if (titles.length === 0 || email === own) continue;
    apis.handset.send_text({ token: phoneToken, number, text: `In ${pub.lane}: ${titles.join(", ")}` });
  }
}

const TAGS = ["rain plan", "opening night", "late shift", "shop window", "first floor", "spare parts"] as const;
const MARKS = ["asked", "nudged", "texted"] as const;

function drawTag(ctx: SetupContext) {
  const found = stage(ctx);
  if (found === undefined || found.board.role === "viewer") return reject("no board of people whom one can text");
  const { board, others, numbers } = found;
  const tag = ctx.random.pick(TAGS);
  const mark = ctx.random.pick(MARKS);
  const tagId = idIn(
    ctx.as(board.lead, pastTime(ctx, 25))("corkline", "add_tag", { board_id: board.id, name: tag }),
    "tag_id",
  );
  plantWork(ctx, board, addDays(today(ctx), 5), (i) => (i % 4 === 3 ? {} : { tagId }));
  const tagged = cardsOf(ctx, board.id).filter((card) => isOpen(card) && tagsOf(ctx, card.id).includes(tag));
  const groups = Map.groupBy(tagged, (card) => textOf(card, "assignee"));
  const receivers = others.filter(({ email }) => groups.has(email) && numbers.has(email));
  if (receivers.length < 3 || cardsOf(ctx, board.id).filter(isOpen).length > 60) {
    return reject("too few people to text");
  }
  const writes = (client: (app: string, api: string, args: Write["args"]) => unknown) => {
    const { tag_id } = client("corkline", "add_tag", { board_id: board.id, name: mark, colour: "red" }) as {
      tag_id: number;
    };
    for (const { email } of receivers) {
      const cards = groups.get(email) ?? [];
      const text = `How far is "${tag}"? You have ${cards.length} open: ${
        cards.map((card) => textOf(card, "title")).sort().join(", ")
      }`;
      client("handset", "send_text", { number: numbers.get(email) ?? "", text });
      for (const card of cards) client("corkline", "tag_card", { card_id: card.id, tag_id });
    }
  };
  const shown = `How far is "${tag}"? You have N open: TITLES`;
  return {
    instruction: phrase(ctx, [
      `On ${board.name}, find the open cards tagged "${tag}". Text everybody else who has some and is in my contacts: ${shown}, with their number of such cards and the titles from A to Z, separated by ", ". Then tag these cards with a new red tag "${mark}".`,
      `Ask each person on the board ${board.name} who is in my phone (not me) about their unfinished cards with the tag "${tag}", by a text of the form ${shown}, where N is how many they have and TITLES are the titles alphabetically with ", " between. Add a red tag "${mark}" to the board and put it on every card you asked about.`,
      `I need to know how "${tag}" is going on ${board.name}. Send everyone with open cards of that tag (my contacts only, not me) the text ${shown}; N is the number of those cards, TITLES are their titles in alphabetical order, joined by ", ". Mark the cards concerned with a new tag "${mark}" in red.`,
    ]),
    pub: { board: board.name, tag, mark },
    writes,
  };
}

function solveTag(apis: Apis, pub: { board: string; tag: string; mark: string }) {
  const phoneToken = signIn(apis, "handset");
  const token = signIn(apis, "corkline");
  const { board_id } = boardNamed(apis, token, pub.board);
  const cards = allPages(apis.corkline.list_cards, { token, board_id, state: "open" })
    .filter(({ card_id }) => apis.corkline.get_card({ token, card_id }).tags.includes(pub.tag));
  const members = allPages(apis.corkline.list_board_members, { token, board_id });
  const own = apis.principal.who_am_i().email;
  const { tag_id } = apis.corkline.add_tag({ token, board_id, name: pub.mark, colour: "red" });
  for (const { email, number } of allPages(apis.handset.list_contacts, { token: phoneToken })) {
    const theirs = cards.filter((x) => x.assignee === email);
    if (theirs.length === 0 || email === own || !members.some((x) => x.email === email)) continue;
    const titles = theirs.map((x) => x.title).sort().join(", ");
    const text = `How far is "${pub.tag}"? You have ${theirs.length} open: ${titles}`;
    apis.handset.send_text({ token: phoneToken, number, text });
    for (const { card_id } of theirs) apis.corkline.tag_card({ token, card_id, tag_id });
  }
}

/** Scenarios of this generator. */
export const textAssignees: readonly Scenario[] = [
  bench({
    family: "text_assignees/due",
    split: "test_normal",
    difficulty: 3,
    apps: ["handset", "corkline"],
    axis: {},
    draw: drawDue,
    solve: solveDue,
  }),
  bench({
    family: "text_assignees/lane",
    split: "test_normal",
    difficulty: 2,
    apps: ["handset", "corkline"],
    axis: {},
    draw: drawLane,
    solve: solveLane,
  }),
  bench({
    family: "text_assignees/tag",
    split: "test_normal",
    difficulty: 3,
    apps: ["handset", "corkline"],
    axis: {},
    draw: drawTag,
    solve: solveTag,
  }),
];
