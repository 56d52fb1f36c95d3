/**
 * Questions about who has how much to do: open cards, their weight, what is overdue.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  daysAgo,
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
} from "./_kit.ts";
import { boardsOf, cardsOf, freshTitles, isOpen, isOverdue, type OwnBoard, plantCard } from "./_boards.ts";
import { pastTime } from "./_phone.ts";
import { allPages, boardNamed, dayPlus, signIn } from "./_toolbox.ts";

/** Who has most, in e-mails; undefined where two do. */
function busiest(cards: readonly Row[], weightOf: (card: Row) => number): string | undefined {
  const sums = new Map<string, number>();
  for (const card of cards) {
    const who = textOf(card, "assignee");
    if (who !== "") sums.set(who, (sums.get(who) ?? 0) + weightOf(card));
  }
  const [first, second] = [...sums].sort((a, b) => b[1] - a[1]);
  return first === undefined || second === undefined || first[1] === second[1] ? undefined : first[0];
}

/** Gives cards to two people, so that neither the oldest cards nor those of another kind tell who has most. */
function plantLoad(ctx: SetupContext, board: OwnBoard, load: (i: number) => Parameters<typeof plantCard>[2]): void {
  for (let i = 0; i < 14; i++) plantCard(ctx, board, load(i), pastTime(ctx, 30 - i));
}

function twoOf(ctx: SetupContext, board: OwnBoard): readonly [Principal, Principal] | undefined {
  const [one, other] = ctx.random.shuffle(board.workers);
  return one === undefined || other === undefined ? undefined : [one, other];
}

function drawOpen(ctx: SetupContext) {
  const [board] = boardsOf(ctx, 3);
  const pair = board === undefined ? undefined : twoOf(ctx, board);
  if (board === undefined || pair === undefined) return reject("no shared board");
  const [heavy, decoy] = pair;
  const day = addDays(today(ctx), ctx.random.int(6, 24));
  const titles = freshTitles(ctx, board.id, 14);
  plantLoad(ctx, board, (i) => {
    const title = titles[i] ?? "";
    if (i < 6) return { title, assignee: heavy, due: i < 2 ? day : addDays(day, -i) };
    if (i < 10) return { title, assignee: decoy, due: addDays(day, i === 6 || i === 7 ? 1 : 9) };
    return { title, assignee: decoy, due: addDays(day, -3), done: true };
  });
  const inTime = (bound: string) =>
    cardsOf(ctx, board.id).filter((card) =>
      isOpen(card) && textOf(card, "due_on") !== "" && textOf(card, "due_on") <= bound
    );
  const who = busiest(inTime(day), () => 1);
  const hasty = busiest(inTime(day).slice(0, 5), () => 1);
  const wrong = busiest(
    cardsOf(ctx, board.id).filter((card) => textOf(card, "due_on") !== "" || isOpen(card)),
    () => 1,
  );
  const person = board.people.find(({ email }) => email === who);
  const sameName = board.people.filter(({ name }) => name === person?.name).length;
  if (person === undefined || sameName > 1 || wrong === who || hasty === who) {
    return reject("no clear or no hidden answer");
  }
  return {
    instruction: phrase(ctx, [
      `Who has the most open cards on the board ${board.name} that are due on ${
        sayDate(day)
      } or earlier? Tell me the full name.`,
      `Counting only cards on ${board.name} that are not done and have a due day up to ${
        sayDate(day)
      }: whose are the most? I need first and last name.`,
      `I want to know whose plate is fullest on our ${board.name} board until ${
        sayDate(day)
      }, that is who has most unfinished cards due by then, that day included. Full name, please.`,
    ]),
    pub: { board: board.name, day },
    said: { day: sayDate(day) },
    answer: person.name,
  };
}

function solveOpen(apis: Apis, pub: { board: string; day: string }) {
  const token = signIn(apis, "corkline");
  const { board_id } = boardNamed(apis, token, pub.board);
  const counts = new Map();
  const cards = allPages(apis.corkline.list_cards, { token, board_id, state: "open", due_to: pub.day });
  for (const { assignee } of cards) {
    if (assignee !== null) counts.set(assignee, (counts.get(assignee) ?? 0) + 1);
  }
  const email = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  return allPages(apis.corkline.list_board_members, { token, board_id }).find((x) => x.email === email).name;
}

function drawWeight(ctx: SetupContext) {
  const [board] = boardsOf(ctx, 3);
  const pair = board === undefined ? undefined : twoOf(ctx, board);
  if (board === undefined || pair === undefined) return reject("no shared board");
  const [heavy, decoy] = pair;
  const titles = freshTitles(ctx, board.id, 14);
  plantLoad(ctx, board, (i) => {
    const title = titles[i] ?? "";
    if (i < 5) return { title, assignee: heavy, weight: 13 - i };
    return { title, assignee: decoy, weight: i > 11 ? 21 : 1, done: i > 11 };
  });
  const open = cardsOf(ctx, board.id).filter(isOpen);
  const lane = ctx.random.pick(["To do", "Doing", "Review", "Ideas"]);
  const laneId = ctx.rowsWhere("corkline.lane", "board_id", board.id).find((row) => row["name"] === lane)?.id;
  const counted = open.filter((card) => card["lane_id"] !== laneId);
  const who = busiest(counted, (card) => numberOf(card, "weight"));
  const most = busiest(counted, () => 1);
  if (laneId === undefined || who === undefined || who === most || counted.length > 70) {
    return reject("no hidden answer");
  }
  return {
    instruction: phrase(ctx, [
      `Whose open cards on ${board.name} weigh the most in total, if those in the lane ${lane} are left out? Give me the e-mail address.`,
      `Add up the weights of everybody's unfinished cards on the board ${board.name}, without the lane ${lane}. What is the e-mail address of whoever carries the most?`,
      `On our board ${board.name} somebody has too much to do: not in number of cards but in weight. Who is it, counting all cards that are not done and not in ${lane}? The e-mail address is enough.`,
    ]),
    pub: { board: board.name, lane },
    answer: who,
  };
}

function solveWeight(apis: Apis, pub: { board: string; lane: string }) {
  const token = signIn(apis, "corkline");
  const { board_id } = boardNamed(apis, token, pub.board);
  const weights = new Map();
  for (const { card_id, assignee, lane } of allPages(apis.corkline.list_cards, { token, board_id, state: "open" })) {
    if (assignee === null || lane === pub.lane) continue;
    const { weight } = apis.corkline.get_card({ token, card_id });
    weights.set(assignee, (weights.get(assignee) ?? 0) + weight);
  }
  return [...weights].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function drawOverdue(ctx: SetupContext) {
  const boards = boardsOf(ctx, 3);
  const [board] = boards;
  const pair = board === undefined ? undefined : twoOf(ctx, board);
  if (board === undefined || pair === undefined || boards.length < 2) return reject("too few shared boards");
  const [heavy, decoy] = pair;
  const days = ctx.random.int(4, 15);
  const titles = freshTitles(ctx, board.id, 14);
  plantLoad(ctx, board, (i) => {
    const title = titles[i] ?? "";
    const due = daysAgo(ctx, i % 7 === 0 ? days : i < 7 ? days + 1 + i : ctx.random.int(1, days - 1));
    return { title, assignee: i < 7 ? heavy : decoy, weight: i < 7 ? 9 : 10, due, done: i === 5 };
  });
  const memberships = ctx.rows("corkline.board_member", ctx.user.email).map((row) => numberOf(row, "board_id"));
  const active = memberships.filter((id) => ctx.row("corkline.board", id)?.["archived"] === false);
  const late = active.flatMap((id) => cardsOf(ctx, id)).filter((card) => isOverdue(ctx, card));
  const wanted = late.filter((card) => textOf(card, "due_on") <= daysAgo(ctx, days));
  const who = busiest(wanted, (card) => numberOf(card, "weight"));
  const person = ctx.principals.find(({ email }) => email === who);
  const onBoards = active.filter((id) =>
    ctx.rowsWhere("corkline.board_member", "board_id", id).some((row) => row["email"] === who)
  );
  const firstPages = active.slice(0, 5).flatMap((id) => wanted.filter((card) => card["board_id"] === id).slice(0, 5));
  const misled = [late, firstPages].some((some) => busiest(some, (card) => numberOf(card, "weight")) === who);
  if (person === undefined || onBoards.length === 0 || wanted.length > 90 || misled) {
    return reject("no hidden answer");
  }
  if (ctx.principals.filter(({ name }) => name === person.name).length > 1) return reject("two people of one name");
  return {
    instruction: phrase(ctx, [
      `Over all boards I am on, the archived ones left out: whose open cards that are ${days} or more days overdue weigh most in total? I want the full name.`,
      `Look at the cards on all my boards that are not archived which are not done and were due at least ${days} days ago. Add up their weights by person and tell me the first and last name of whoever has the most.`,
      `Who is furthest behind? Take all unfinished cards of my boards (no archived ones) whose due day lies ${days} days back or more, sum up the weights per assignee, and give me the name of the one with the largest sum, first and last.`,
    ]),
    pub: { days },
    answer: person.name,
  };
}

function solveOverdue(apis: Apis, pub: { days: number }) {
  const today = apis.handset.now({ token: signIn(apis, "handset") }).at.slice(0, 10);
  const token = signIn(apis, "corkline");
  const due_to = dayPlus(today, -pub.days);
  const weights = new Map();
  const names = new Map();
  for (const { board_id } of allPages(apis.corkline.list_boards, { token, archived: false })) {
    for (const { email, name } of allPages(apis.corkline.list_board_members, { token, board_id })) {
      names.set(email, name);
    }
    for (
      const { card_id, assignee } of allPages(apis.corkline.list_cards, { token, board_id, state: "open", due_to })
    ) {
      if (assignee === null) continue;
      const { weight } = apis.corkline.get_card({ token, card_id });
      weights.set(assignee, (weights.get(assignee) ?? 0) + weight);
    }
  }
  const email = [...weights].sort((a, b) => b[1] - a[1])[0]?.[0];
  return names.get(email);
}

/** Scenarios of this generator. */
export const workload: readonly Scenario[] = [
  bench({
    family: "workload/open",
    split: "test_normal",
    difficulty: 1,
    apps: ["corkline"],
    axis: {},
    draw: drawOpen,
    solve: solveOpen,
  }),
  bench({
    family: "workload/weight",
    split: "test_normal",
    difficulty: 1,
    apps: ["corkline"],
    axis: {},
    draw: drawWeight,
    solve: solveWeight,
  }),
  bench({
    family: "workload/overdue",
    split: "test_normal",
    difficulty: 2,
    apps: ["handset", "corkline"],
    axis: {},
    draw: drawOverdue,
    solve: solveOverdue,
  }),
];
