/**
 * Action lists in letters become cards on a board: the user's own points, everybody's points with assignees, and changes to cards that
 * are there already.
 *
 * Hurdles: points that a later letter moves or gives to somebody else, a letter from before, the same subject from somebody else, cards
 * that exist already, people who are not on the board.
 *
 * @module
 */
import { boardsOf, cardsOf, lanesOf, type OwnBoard, plantCard } from "./_boards.ts";
import { isFreshSubject, receiveLetter } from "./_cross_a.ts";
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  cycle,
  daysAgo,
  firstName,
  phrase,
  type Principal,
  type Reject,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  today,
  type Write,
} from "./_kit.ts";
import { holders, namesDiffer } from "./_money_kit.ts";
import { allPages, boardNamed, contactNamed, isoDate, lettersAbout, signIn } from "./_toolbox.ts";

type OwnPub = {
  readonly sender: string;
  readonly topic: string;
  readonly since: string;
  readonly board: string;
  readonly lane: string;
};
type AssignPub = { readonly sender: string; readonly topic: string; readonly board: string; readonly lane: string };
type UpdatePub = { readonly sender: string; readonly topic: string; readonly board: string };

const TOPICS = [
  "harbour fair",
  "open day",
  "roof repair",
  "spring concert",
  "move to the mill",
  "new website",
  "street market",
  "summer school",
] as const;
const DEEDS = ["Order", "Check", "Book", "Print", "Collect", "Repair", "Count", "Label", "Return", "Clean"] as const;
const OBJECTS = [
  "the banners",
  "the tents",
  "the name tags",
  "the sound desk",
  "the tickets",
  "the trestles",
  "the extension leads",
  "the rain covers",
  "the cash boxes",
  "the signposts",
] as const;
/** Letters with lists. */
const LETTERS = 7;

/** A board with somebody else on it whom the user has among the contacts. */
function boardWithSender(ctx: SetupContext, leastPeople: number) {
  const known = new Set(holders(ctx).map(({ person }) => person.email));
  for (const board of boardsOf(ctx, leastPeople)) {
    if (!namesDiffer(ctx, board.people.map(({ email }) => email))) continue;
    const others = board.people.filter(({ email }) => email !== ctx.user.email);
    const sender = ctx.random.shuffle(others).find(({ email }) => known.has(email));
    if (sender !== undefined) return { board, sender, others };
  }
  return undefined;
}

/** Points that a board has no card for, in random order. */
function freshPoints(ctx: SetupContext, board: OwnBoard, count: number): string[] {
  const taken = new Set(cardsOf(ctx, board.id).map((card) => textOf(card, "title")));
  const all = DEEDS.flatMap((deed) => OBJECTS.map((object) => `${deed} ${object}`)).filter((title) =>
    !taken.has(title)
  );
  return ctx.random.sample(all, count);
}

/** A letter with a list, some days ago. */
function listLetter(ctx: SetupContext, from: Principal, topic: string, lines: readonly string[], at: string): number {
  const greeting = ctx.random.pick(["Hello,", "Dear all,", "Hello again,"]);
  const intro = ctx.random.pick(["what we agreed on:", "this is what is to be done:", "from our last meeting:"]);
  const body = [greeting, intro, ...lines, "Thanks,", firstName(from)].join("\n");
  return receiveLetter(ctx, from, { subject: `Action list ${topic}`, body, at });
}

function moment(ctx: SetupContext, day: string): string {
  return `${day}T${String(ctx.random.int(8, 20)).padStart(2, "0")}:${ctx.random.int(10, 59)}:00`;
}

function someDue(ctx: SetupContext): string {
  return addDays(today(ctx), ctx.random.int(3, 50));
}

/** Lane of a board that a task names. */
function someLane(ctx: SetupContext, board: OwnBoard): Row | undefined {
  const lanes = lanesOf(ctx, board.id).filter((lane) => lane["name"] !== "Done");
  return lanes.length < 2 ? undefined : ctx.random.pick(lanes);
}

function drawOwn(ctx: SetupContext): BenchDraw<OwnPub> | Reject {
  const found = boardWithSender(ctx, 3);
  if (found === undefined) return reject("no board with a contact");
  const { board, sender, others } = found;
  const lane = someLane(ctx, board);
  const topic = cycle(ctx, ctx.random.shuffle(TOPICS));
  if (lane === undefined || !isFreshSubject(ctx, topic)) return reject("the board or the topic does not fit");
  const imposter = holders(ctx).map(({ person }) => person).find(({ email }) => email !== sender.email);
  const points = freshPoints(ctx, board, 40);
  const nextPoint = () => points.pop() ?? "Lock the door";
  const line = (title: string, who: Pick<Principal, "name">, due: string) =>
    `- ${title} (${who.name}, by ${sayDate(due)})`;
  const since = daysAgo(ctx, 24);
  const mine = new Map<string, string>();
  const take = (title: string, due = someDue(ctx)) => {
    mine.set(title, due);
    return line(title, ctx.user, due);
  };
  for (let i = 0; i < LETTERS; i++) {
    const lines = [take(nextPoint()), line(nextPoint(), ctx.random.pick(others), someDue(ctx))];
    if (i % 2 === 0) lines.push(take(nextPoint()));
    if (i % 3 === 0) lines.push(line(nextPoint(), ctx.random.pick(others), someDue(ctx)));
    // Later letters change what earlier ones say.
    const [first, , third] = [...mine.keys()];
    if (i === 3 && first !== undefined) lines.push(take(first));
    if (i === 5 && third !== undefined) {
      mine.delete(third);
      lines.push(line(third, ctx.random.pick(others), someDue(ctx)));
    }
    listLetter(ctx, sender, topic, ctx.random.shuffle(lines), moment(ctx, daysAgo(ctx, 24 - i * 3)));
  }
  listLetter(ctx, sender, topic, [line(nextPoint(), ctx.user, someDue(ctx))], moment(ctx, addDays(since, -1)));
  if (imposter !== undefined) {
    listLetter(ctx, imposter, topic, [line(nextPoint(), ctx.user, someDue(ctx))], moment(ctx, daysAgo(ctx, 2)));
  }
  const lane_id = lane.id;
  const writes = [...mine].map(([title, due_on]): Write => ({
    app: "corkline",
    api: "add_card",
    args: { board_id: board.id, lane_id, title, due_on },
  }));
  const laneName = textOf(lane, "name");
  const day = sayDate(since);
  return {
    instruction: phrase(ctx, [
      `${sender.name} has been mailing "Action list ${topic}" since ${day}. Make a card for each point in those letters that is mine, in the lane "${laneName}" of the board "${board.name}", with the due day from the letter and nothing else. Where two letters disagree about a point, the later one counts.`,
      `Please turn my points from the letters "Action list ${topic}" that ${sender.name} sent me on or after ${day} into cards: board "${board.name}", lane "${laneName}", title and due day as in the list. If a point comes up again in a later letter, only what that one says is right; leave out what is no longer mine.`,
      `Put what I have to do according to ${sender.name}'s letters titled "Action list ${topic}" (from ${day} on, not before) onto "${board.name}", lane "${laneName}": one card a point, named like it, due when it is due. Newer letters overrule older ones, also about whose point it is.`,
    ]),
    pub: { sender: sender.name, topic, since, board: board.name, lane: laneName },
    said: { since: day },
    writes,
  };
}

function solveOwnActions(apis: Apis, pub: OwnPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "corkline");
  const mail = signIn(apis, "quillpost");
  const me = apis.principal.who_am_i().name;
  const from = contactNamed(apis, phone, pub.sender).email;
  const due = new Map();
  for (const { body } of lettersAbout(apis, mail, `Action list ${pub.topic}`, { from, since: pub.since })) {
    for (const line of body.split("\n")) {
      const [, title, who, day] = /^- (.+) \((.+), by (.+)\)$/.exec(line) ?? [];
      if (title === undefined) continue;
      if (who === me) due.set(title, isoDate(String(day)));
      else due.delete(title);
    }
  }
  const { board_id } = boardNamed(apis, token, pub.board);
  const { lane_id } = allPages(apis.corkline.list_lanes, { token, board_id }).find((x) => x.name === pub.lane);
  for (const [title, due_on] of due) apis.corkline.add_card({ token, board_id, lane_id, title, due_on });
}

function drawAssign(ctx: SetupContext): BenchDraw<AssignPub> | Reject {
  const found = boardWithSender(ctx, 3);
  if (found === undefined) return reject("no board with a contact");
  const { board, sender } = found;
  const lane = someLane(ctx, board);
  const topic = cycle(ctx, ctx.random.shuffle(TOPICS));
  if (lane === undefined || !isFreshSubject(ctx, topic)) return reject("the board or the topic does not fit");
  const outsiders = ctx.principals.filter(({ email, name }) =>
    board.people.every((one) => one.email !== email && one.name !== name)
  );
  const points = freshPoints(ctx, board, 30);
  const writes: Write[] = [];
  const past = moment(ctx, daysAgo(ctx, 40));
  let latest = 0;
  for (let i = 0; i < LETTERS; i++) {
    const lines = points.splice(0, i % 2 === 0 ? 3 : 2).map((title, n) => {
      const known = (i + n) % 4 === 1;
      const away = (i + n) % 5 === 3;
      const person = away ? ctx.random.pick(outsiders) : ctx.random.pick(board.people);
      const due_on = someDue(ctx);
      if (known) {
        plantCard(ctx, board, { title, ...(n === 0 ? { assignee: ctx.random.pick(board.people) } : {}) }, past);
      } else {
        const args = { board_id: board.id, lane_id: lane.id, title, due_on };
        writes.push({ app: "corkline", api: "add_card", args: away ? args : { ...args, assignee: person.email } });
      }
      return `- ${title} (${person.name}, by ${sayDate(due_on)})`;
    });
    latest = listLetter(ctx, sender, topic, lines, moment(ctx, daysAgo(ctx, 21 - i * 3)));
  }
  writes.push({ app: "quillpost", api: "reply", args: { letter_id: latest, body: "All on the board now." } });
  const laneName = textOf(lane, "name");
  return {
    instruction: phrase(ctx, [
      `Enter all points of ${sender.name}'s letters "Action list ${topic}" on the board "${board.name}", lane "${laneName}": title, due day and who does it as in the letter. Whoever is not on the board is left out as assignee; points that have a card there are skipped. Then reply to the latest of the letters: "All on the board now."`,
      `Please bring "${board.name}" up to date with the letters "Action list ${topic}" from ${sender.name}. Each point without a card on that board becomes one in "${laneName}" with its due day, assigned to the person named (to nobody if they are not on the board). Finally answer the newest letter with "All on the board now."`,
      `Make cards in "${laneName}" on "${board.name}" from every "Action list ${topic}" that ${sender.name} mailed me. A card has the point as its title, the day as due day and the named person as assignee, if they are on the board. Do not add what is on the board already. Reply "All on the board now." to the last letter.`,
    ]),
    pub: { sender: sender.name, topic, board: board.name, lane: laneName },
    writes,
  };
}

function solveAssignActions(apis: Apis, pub: AssignPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "corkline");
  const mail = signIn(apis, "quillpost");
  const from = contactNamed(apis, phone, pub.sender).email;
  const letters = lettersAbout(apis, mail, `Action list ${pub.topic}`, { from });
  const { board_id } = boardNamed(apis, token, pub.board);
  const { lane_id } = allPages(apis.corkline.list_lanes, { token, board_id }).find((x) => x.name === pub.lane);
  const people = allPages(apis.corkline.list_board_members, { token, board_id });
  const known = allPages(apis.corkline.list_cards, { token, board_id }).map((x) => x.title);
  for (const line of letters.flatMap((x) => x.body.split("\n"))) {
    const [, title, who, day] = /^- (.+) \((.+), by (.+)\)$/.exec(line) ?? [];
    if (title === undefined || known.includes(title)) continue;
    const person = people.find((x) => x.name === who);
    const card = { token, board_id, lane_id, title, due_on: isoDate(String(day)) };
    apis.corkline.add_card(person === undefined ? card : { ...card, assignee: person.email });
  }
  const { letter_id } = letters[letters.length - 1];
  apis.quillpost.reply({ token: mail, letter_id, body: "All on the board now." });
}

function drawUpdate(ctx: SetupContext): BenchDraw<UpdatePub> | Reject {
  const found = boardWithSender(ctx, 3);
  if (found === undefined) return reject("no board with a contact");
  const { board, sender } = found;
  const topic = cycle(ctx, ctx.random.shuffle(TOPICS));
  if (!isFreshSubject(ctx, topic) || board.workers.length < 2) return reject("the board or the topic does not fit");
  const titles = freshPoints(ctx, board, 18);
  const past = moment(ctx, daysAgo(ctx, 50));
  const cards = titles.map((title) => ({
    title,
    id: plantCard(ctx, board, { title, due: someDue(ctx), assignee: ctx.random.pick(board.people) }, past),
  }));
  const writes: Write[] = [];
  const due = new Map<number, string>();
  const cork = (api: string, args: Write["args"]) => writes.push({ app: "corkline", api, args });
  const lines = cards.map(({ title, id }, i) => {
    if (i % 4 === 0) {
      cork("finish_card", { card_id: id });
      return `- ${title}: done`;
    }
    if (i % 4 === 1) {
      const day = someDue(ctx);
      due.set(id, day);
      return `- ${title}: new date ${sayDate(day)}`;
    }
    if (i % 4 === 2) {
      const holder = ctx.row("corkline.card", id)?.["assignee"];
      const person = ctx.random.pick(board.people.filter(({ email }) => email !== holder));
      cork("assign_card", { card_id: id, email: person.email });
      return `- ${title}: goes to ${person.name}`;
    }
    cork("remove_card", { card_id: id });
    return `- ${title}: dropped`;
  });
  // The second card is moved in the first letter and again in the last.
  const [moved, late] = [cards[1], someDue(ctx)];
  const order = [lines[1] ?? "", ...ctx.random.shuffle(lines.filter((_, i) => i !== 1))];
  if (moved !== undefined) due.set(moved.id, late);
  for (let i = 0; i < LETTERS - 1; i++) {
    const again = i === LETTERS - 2 && moved !== undefined ? [`- ${moved.title}: new date ${sayDate(late)}`] : [];
    const some = [...order.slice(i * 3, i * 3 + 3), ...again];
    listLetter(ctx, sender, topic, some, moment(ctx, daysAgo(ctx, 20 - i * 3)));
  }
  for (const [card_id, due_on] of due) cork("set_due", { card_id, due_on });
  const examples = `"done", "new date 3 May 2027", "goes to" somebody, or "dropped"`;
  return {
    instruction: phrase(ctx, [
      `${sender.name} mails what has changed as "Action list ${topic}". Work through all those letters and bring the cards on the board "${board.name}" in line: each point names a card and says ${examples}, which means finish it, give it that due day, assign it, or remove it. Later letters overrule earlier ones.`,
      `Please update the board "${board.name}" from ${sender.name}'s letters "Action list ${topic}", oldest first. Behind the title of a card stands ${examples}: then the card is finished, due on that day, given to that person, or removed.`,
      `The letters "Action list ${topic}" from ${sender.name} have news about cards of "${board.name}". After each title it says ${examples}. Do just that on the board: finish, set the due day, assign, remove. If a card is moved twice, the last date is the right one.`,
    ]),
    pub: { sender: sender.name, topic, board: board.name },
    writes,
  };
}

function solveUpdateActions(apis: Apis, pub: UpdatePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "corkline");
  const mail = signIn(apis, "quillpost");
  const from = contactNamed(apis, phone, pub.sender).email;
  const { board_id } = boardNamed(apis, token, pub.board);
  const people = allPages(apis.corkline.list_board_members, { token, board_id });
  const cards = allPages(apis.corkline.list_cards, { token, board_id, state: "open" });
  const due = new Map();
  for (const { body } of lettersAbout(apis, mail, `Action list ${pub.topic}`, { from })) {
    for (const line of body.split("\n")) {
      const [, title, news] = /^- (.+): (.+)$/.exec(line) ?? [];
      if (title === undefined) continue;
      const { card_id } = cards.find((x) => x.title === title);
      const [, day] = /^new date (.+)$/.exec(String(news)) ?? [];
      const [, who] = /^goes to (.+)$/.exec(String(news)) ?? [];
      if (news === "done") apis.corkline.finish_card({ token, card_id });
      if (news === "dropped") apis.corkline.remove_card({ token, card_id });
      if (day !== undefined) due.set(card_id, isoDate(day));
      if (who !== undefined) {
        apis.corkline.assign_card({ token, card_id, email: people.find((x) => x.name === who).email });
      }
    }
  }
  for (const [card_id, due_on] of due) apis.corkline.set_due({ token, card_id, due_on });
}

const COMMON = { split: "test_challenge", apps: ["handset", "corkline", "quillpost"], axis: {} } as const;

/** Scenarios of this generator. */
export const letterActions: readonly Scenario[] = [
  bench({ ...COMMON, family: "letter_actions/own", difficulty: 2, draw: drawOwn, solve: solveOwnActions }),
  bench({ ...COMMON, family: "letter_actions/assign", difficulty: 3, draw: drawAssign, solve: solveAssignActions }),
  bench({ ...COMMON, family: "letter_actions/update", difficulty: 3, draw: drawUpdate, solve: solveUpdateActions }),
];
