/**
 * Weekly digests by letter: what is due on a board, how a circle stands and what is to be done, and what each single member should know.
 *
 * Hurdles: cards and bills a day outside the week, finished cards, removed bills, cards of others, people who are not in the circle.
 *
 * @module
 */
import { boardsOf, cardsOf, freshTitles, isOpen, type OwnBoard, plantCard } from "./_boards.ts";
import { memberBoard } from "./_cross_a.ts";
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  centsText,
  daysAgo,
  numberOf,
  phrase,
  principalOf,
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
import {
  addBillOn,
  billsIn,
  circleCents,
  circlesOf,
  type CircleView,
  dayFrom,
  holderOf,
  inPeriod,
  namesDiffer,
  partsOf,
} from "./_money_kit.ts";
import { pastTime } from "./_phone.ts";
import { allPages, boardNamed, signIn, sumMoney } from "./_toolbox.ts";

type DuePub = { readonly board: string; readonly until: string };
type CirclePub = { readonly circle: string; readonly board: string; readonly since: string; readonly until: string };

const BILLS = [
  "Bread",
  "Light bulbs",
  "Window cleaner",
  "Coffee",
  "Soap",
  "Firewood",
  "Batteries",
  "Flowers",
  "Apples",
] as const;

/** Cards with different due days around the days up to `until`: on the first and last, a day outside, some done. */
function plantDue(ctx: SetupContext, board: OwnBoard, until: string, mine: boolean): void {
  const titles = freshTitles(ctx, board.id, 9);
  const inside = () => dayFrom(ctx, today(ctx), until);
  const days = [
    today(ctx),
    until,
    addDays(today(ctx), -1),
    addDays(until, 1),
    inside(),
    inside(),
    inside(),
    inside(),
    inside(),
  ];
  titles.forEach((title, i) => {
    const assignee = mine && i !== 6 ? ctx.user : ctx.random.pick(board.people);
    const owner = !mine && i % 4 === 3 ? {} : { assignee };
    plantCard(
      ctx,
      board,
      { title, due: days[i] ?? until, ...owner, weight: 1 + i % 4, done: i === 5 },
      pastTime(ctx, 15 + i),
    );
  });
}

/** Whether lines are in the same order however capitals are sorted. */
function sortsPlainly(lines: readonly string[]): boolean {
  const folded = [...lines].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  return [...lines].sort().join("\n") === folded.join("\n");
}

function drawDue(ctx: SetupContext): BenchDraw<DuePub> | Reject {
  const [board] = boardsOf(ctx, 3);
  if (board === undefined || !namesDiffer(ctx, board.people.map(({ email }) => email))) return reject("no fair board");
  const until = addDays(today(ctx), ctx.random.int(6, 9));
  plantDue(ctx, board, until, false);
  const due = cardsOf(ctx, board.id)
    .filter((card) => isOpen(card) && textOf(card, "due_on") >= today(ctx) && textOf(card, "due_on") <= until);
  const lines = due.map((card) => {
    const person = principalOf(ctx, textOf(card, "assignee"));
    return `${card["due_on"]} ${card["title"]} (${person?.name ?? "nobody"}, weight ${card["weight"]})`;
  });
  if (lines.length < 6 || lines.length > 18 || !sortsPlainly(lines)) return reject("too few or too many cards");
  const to = board.people.map(({ email }) => email).filter((email) => email !== ctx.user.email);
  const day = sayDate(until);
  const { name } = board;
  const form = `"2027-04-02 Order the banners (Mara Quill, weight 3)"`;
  return {
    instruction: phrase(ctx, [
      `Write one letter to everybody else on the corkline board "${name}" with the open cards that are due from today until ${day}: subject "Due on ${name}", a line a card like ${form}, with nobody instead of a name where it has no assignee. Sort by due day, and by title within a day.`,
      `The others on "${name}" should get a reminder by mail, all in one letter called "Due on ${name}". It lists each open card due between today and ${day}, both days included, in lines such as ${form}, earliest first and alphabetically within a day; if a card is nobody's, write nobody for the name.`,
      `What is still open on the board "${name}" and due in the days from today up to ${day}? Mail that to all other people on the board in one go, subject "Due on ${name}". One line for each card, like ${form} or with nobody as the name, ordered by day and then title.`,
    ]),
    pub: { board: name, until },
    said: { until: day },
    writes: [{
      app: "quillpost",
      api: "send_letter",
      args: { to, subject: `Due on ${name}`, body: lines.sort().join("\n") },
    }],
  };
}

function solveDueDigest(apis: Apis, pub: DuePub) {
  const token = signIn(apis, "corkline");
  const mail = signIn(apis, "quillpost");
  const me = apis.principal.who_am_i().email;
  const today = apis.principal.current_task().at.slice(0, 10);
  const { board_id } = boardNamed(apis, token, pub.board);
  const people = allPages(apis.corkline.list_board_members, { token, board_id });
  const cards = allPages(apis.corkline.list_cards, {
    token,
    board_id,
    state: "open",
    due_from: today,
    due_to: pub.until,
  });
  const lines = cards.map(({ card_id, due_on, title, assignee }) => {
    const person = people.find((x) => x.email === assignee);
    const { weight } = apis.corkline.get_card({ token, card_id });
    return `${due_on} ${title} (${person === undefined ? "nobody" : person.name}, weight ${weight})`;
  });
  const to = people.map((x) => x.email).filter((x) => x !== me);
  apis.quillpost.send_letter({ token: mail, to, subject: `Due on ${pub.board}`, body: lines.sort().join("\n") });
}

/** Bills of the week with different titles: on its first and last day, a day outside, and one that is removed. */
function plantBills(ctx: SetupContext, { id, members }: CircleView, since: string, until: string): void {
  const titles = ctx.random.shuffle(BILLS);
  const days = [since, until, addDays(since, -1), addDays(until, 1)];
  titles.forEach((title, i) => {
    const among = i % 3 === 2 ? members.slice(-2) : members;
    const bill_id = addBillOn(ctx, {
      circle: id,
      by: members[i % members.length] ?? ctx.user.email,
      title,
      cents: ctx.random.int(6, 70) * 60,
      day: days[i] ?? dayFrom(ctx, since, until),
      among,
    });
    if (i === 5) ctx.as()("commonpot", "remove_bill", { bill_id });
  });
}

/** A circle with at least so many people, all with accounts and unlike in name. */
function fairCircle(ctx: SetupContext, least: number): CircleView | undefined {
  return circlesOf(ctx, least).find(({ members }) =>
    members.every((email) => principalOf(ctx, email) !== undefined) && namesDiffer(ctx, members)
  );
}

function drawCircle(ctx: SetupContext): BenchDraw<CirclePub> | Reject {
  const circle = fairCircle(ctx, 3);
  const [board] = boardsOf(ctx, 2);
  if (circle === undefined || board === undefined) return reject("no fair circle or board");
  const [since, until] = [daysAgo(ctx, ctx.random.int(8, 10)), daysAgo(ctx, 1)];
  plantBills(ctx, circle, since, until);
  plantDue(ctx, board, addDays(today(ctx), 7), true);
  const bills = billsIn(ctx, circle.id).filter((row) => inPeriod(row, since, until, "on"))
    .map((row) => {
      const share = partsOf(ctx, row.id).get(ctx.user.email) ?? 0;
      return `${row["title"]}: ${centsText(numberOf(row, "total"))} (${centsText(share)})`;
    });
  const standing = [...circleCents(ctx, circle)].map(([email, cents]) =>
    `${holderOf(ctx, email).name}: ${centsText(cents)}`
  );
  const mine = cardsOf(ctx, board.id).filter((card) => isOpen(card) && card["assignee"] === ctx.user.email)
    .map((card) => textOf(card, "title"));
  const parts = [bills, standing, mine];
  const dull = parts.some((lines) => lines.length > 20 || new Set(lines).size < lines.length || !sortsPlainly(lines));
  if (dull || mine.length < 6) return reject("lines are doubled or hard to sort");
  const to = circle.members.filter((email) => email !== ctx.user.email);
  const body = parts.map((lines) => lines.sort().join("\n")).join("\n\n");
  const [from, last] = [sayDate(since), sayDate(until)];
  const { name } = circle;
  const subject = `${name}: the week`;
  return {
    instruction: phrase(ctx, [
      `Mail the other members of "${name}" (one letter, subject "${name}: the week") three parts with an empty line between, each in alphabetical order: the circle's bills dated ${from} to ${last}, like "Bread: 8.40 (2.10)" with total and my share; how every member stands now, me too, like "Mara Quill: -12.30"; and the titles of my open cards on the board "${board.name}".`,
      `My weekly digest for the rest of "${name}", as one letter "${name}: the week": first the bills from ${from} until ${last} as "Bread: 8.40 (2.10)", total and my part; then all members' balances in the circle as "Mara Quill: -12.30"; then what is open and mine on "${board.name}", just titles. Lines sorted alphabetically within each part, parts separated by an empty line.`,
      `Please send all others in my circle "${name}" a letter with the subject "${name}: the week". Part one: its bills of ${from} to ${last}, "Bread: 8.40 (2.10)" with the total and what I owe of it. Part two: each member's balance, "Mara Quill: -12.30". Part three: titles of open cards assigned to me on "${board.name}". Every part alphabetical, an empty line between parts.`,
    ]),
    pub: { circle: name, board: board.name, since, until },
    said: { since: from, until: last },
    writes: [{ app: "quillpost", api: "send_letter", args: { to, subject, body } }],
  };
}

function solveCircleDigest(apis: Apis, pub: CirclePub) {
  const token = signIn(apis, "commonpot");
  const cork = signIn(apis, "corkline");
  const mail = signIn(apis, "quillpost");
  const me = apis.principal.who_am_i().email;
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const people = allPages(apis.commonpot.list_circle_balances, { token, circle_id });
  const standing = people.map(({ name, balance }) => `${name}: ${balance.toFixed(2)}`);
  const { since, until } = pub;
  const bills = allPages(apis.commonpot.list_bills, { token, circle_id, since, until })
    .map(({ bill_id, title, total }) => {
      const share = allPages(apis.commonpot.list_shares, { token, bill_id }).find((x) => x.email === me);
      return `${title}: ${total.toFixed(2)} (${(share === undefined ? 0 : share.owed).toFixed(2)})`;
    });
  const { board_id } = boardNamed(apis, cork, pub.board);
  const mine = allPages(apis.corkline.list_cards, { token: cork, board_id, state: "open" })
    .filter((x) => x.assignee === me).map((x) => x.title);
  const body = [bills, standing, mine].map((lines) => lines.sort().join("\n")).join("\n\n");
  const to = people.map((x) => x.email).filter((x) => x !== me);
  apis.quillpost.send_letter({ token: mail, to, subject: `${pub.circle}: the week`, body });
}

/** Own cards of each member on a new board, with days of their own. */
function plantPersonal(ctx: SetupContext, board: OwnBoard): void {
  const titles = freshTitles(ctx, board.id, board.people.length * 3 + 2);
  const days = ctx.random.sample(Array.from({ length: 50 }, (_, i) => i + 1), titles.length);
  titles.forEach((title, i) => {
    const assignee = board.people[i % board.people.length];
    const due = addDays(today(ctx), (days[i] ?? 1) - 4);
    const owner = assignee === undefined || i >= board.people.length * 3 ? {} : { assignee };
    plantCard(ctx, board, { title, due, ...owner, done: i % 7 === 3 }, pastTime(ctx, 12 + i % 20));
  });
}

function drawPersonal(ctx: SetupContext): BenchDraw<CirclePub> | Reject {
  const circle = circlesOf(ctx, 4, 8).find(({ members }) =>
    members.every((email) => principalOf(ctx, email) !== undefined) && namesDiffer(ctx, members)
  );
  if (circle === undefined) return reject("no circle of four to eight");
  const others = circle.members.filter((email) => email !== ctx.user.email);
  const board = memberBoard(ctx, others.map((email) => holderOf(ctx, email)));
  const [since, until] = [daysAgo(ctx, ctx.random.int(8, 10)), daysAgo(ctx, 1)];
  plantBills(ctx, circle, since, until);
  plantPersonal(ctx, board);
  const bills = billsIn(ctx, circle.id).filter((row) => inPeriod(row, since, until, "on"));
  const balances = circleCents(ctx, circle);
  if (bills.length > 14) return reject("too many bills");
  const subject = `${circle.name}: your week`;
  const share = (email: string) => bills.reduce((sum, { id }) => sum + (partsOf(ctx, id).get(email) ?? 0), 0);
  const cardsFor = (email: string): Row[] =>
    cardsOf(ctx, board.id).filter((card) => isOpen(card) && card["assignee"] === email)
      .sort((a, b) => (textOf(a, "due_on") < textOf(b, "due_on") ? -1 : 1));
  const writes = others.map((email): Write => ({
    app: "quillpost",
    api: "send_letter",
    args: {
      to: [email],
      subject,
      body: [
        `Balance: ${centsText(balances.get(email) ?? 0)}`,
        `Last week: ${centsText(share(email))}`,
        ...cardsFor(email).map((card) => `${card["due_on"]} ${card["title"]}`),
      ].join("\n"),
    },
  }));
  const [from, last] = [sayDate(since), sayDate(until)];
  const { name } = circle;
  return {
    instruction: phrase(ctx, [
      `Everyone else in "${name}" gets a letter of their own, subject "${name}: your week": first "Balance: -12.30", their balance in the circle; then "Last week: 8.40", the sum of their shares of its bills dated ${from} to ${last}; then a line for each of their open cards on the board "${board.name}", by due day, like "2027-04-02 Wash the cloths".`,
      `Send each other member of my circle "${name}" a personal letter "${name}: your week" with these lines: "Balance: -12.30" (how they stand in the circle), "Last week: 8.40" (what they owe of the bills from ${from} until ${last}, added up), and below their open cards of "${board.name}", earliest due first, as "2027-04-02 Wash the cloths".`,
      `Personal digests, please: one letter to every other member of "${name}", titled "${name}: your week". Line one is like "Balance: -12.30" for that circle, line two like "Last week: 8.40" with the total of that person's shares in bills of ${from} to ${last}, then come their open cards on "${board.name}" sorted by due day ("2027-04-02 Wash the cloths").`,
    ]),
    pub: { circle: name, board: board.name, since, until },
    said: { since: from, until: last },
    writes,
  };
}

function solvePersonalDigest(apis: Apis, pub: CirclePub) {
  const token = signIn(apis, "commonpot");
  const cork = signIn(apis, "corkline");
  const mail = signIn(apis, "quillpost");
  const me = apis.principal.who_am_i().email;
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const { since, until } = pub;
  const shares = allPages(apis.commonpot.list_bills, { token, circle_id, since, until })
    .flatMap(({ bill_id }) => allPages(apis.commonpot.list_shares, { token, bill_id }));
  const { board_id } = boardNamed(apis, cork, pub.board);
  const cards = allPages(apis.corkline.list_cards, { token: cork, board_id, state: "open" })
    .sort((a, b) => (a.due_on < b.due_on ? -1 : 1));
  for (const { email, balance } of allPages(apis.commonpot.list_circle_balances, { token, circle_id })) {
    if (email === me) continue;
    const owed = sumMoney(shares.filter((x) => x.email === email).map((x) => x.owed));
    const body = [
      `Balance: ${balance.toFixed(2)}`,
      `Last week: ${owed.toFixed(2)}`,
      ...cards.filter((x) => x.assignee === email).map((x) => `${x.due_on} ${x.title}`),
    ].join("\n");
    apis.quillpost.send_letter({ token: mail, to: [email], subject: `${pub.circle}: your week`, body });
  }
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const weeklyDigest: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "weekly_digest/due",
    difficulty: 2,
    apps: ["corkline", "quillpost"],
    draw: drawDue,
    solve: solveDueDigest,
  }),
  bench({
    ...COMMON,
    family: "weekly_digest/circle",
    difficulty: 3,
    apps: ["commonpot", "corkline", "quillpost"],
    draw: drawCircle,
    solve: solveCircleDigest,
  }),
  bench({
    ...COMMON,
    family: "weekly_digest/personal",
    difficulty: 3,
    apps: ["commonpot", "corkline", "quillpost"],
    draw: drawPersonal,
    solve: solvePersonalDigest,
  }),
];
