/**
 * Overdue cards of the task board: given a later day, moved to a lane with a remark, or named.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  daysAgo,
  idIn,
  numberOf,
  phrase,
  reject,
  type Scenario,
  type SetupContext,
  textOf,
  today,
  type Write,
} from "./_kit.ts";
import {
  boardsOf,
  cardsOf,
  freshTitles,
  isOpen,
  isOverdue,
  laneNamed,
  lanesOf,
  type OwnBoard,
  plantCard,
  tagsOf,
} from "./_boards.ts";
import { pastTime } from "./_phone.ts";
import { allPages, boardNamed, dayPlus, signIn } from "./_toolbox.ts";

const TAGS = ["second wave", "needs van", "summer", "volunteers", "ground floor", "on hold"] as const;

/** Cards around today: well overdue, due yesterday, due today, later, done and without a day. */
function plantAround(
  ctx: SetupContext,
  board: OwnBoard,
  more: (i: number) => { readonly tagId?: number; readonly weight?: number; readonly lane?: string },
) {
  const titles = freshTitles(ctx, board.id, 16);
  titles.forEach((title, i) => {
    const due = i === 0 || i === 8
      ? daysAgo(ctx, 1)
      : i === 1 || i === 9
      ? today(ctx)
      : i < 6 || i > 10
      ? daysAgo(ctx, ctx.random.int(2, 40))
      : addDays(today(ctx), ctx.random.int(1, 30));
    const assignee = ctx.random.pick(board.workers);
    const rest = i === 7 ? {} : { due };
    plantCard(ctx, board, { title, assignee, done: i === 5 || i === 13, ...rest, ...more(i) }, pastTime(ctx, 50 - i));
  });
}

function drawRedate(ctx: SetupContext) {
  const [board] = boardsOf(ctx);
  if (board === undefined) return reject("no shared board");
  const tag = ctx.random.pick(TAGS);
  const lead = ctx.as(board.lead, pastTime(ctx, 60));
  const tagId = idIn(lead("corkline", "add_tag", { board_id: board.id, name: tag }), "tag_id");
  plantAround(ctx, board, (i) => (i < 8 || i === 11 ? { tagId } : {}));
  const days = ctx.random.pick([5, 8, 12, 20, 25]);
  const cards = cardsOf(ctx, board.id).filter((card) => isOverdue(ctx, card) && tagsOf(ctx, card.id).includes(tag));
  const writes = cards.map((card): Write => ({
    app: "corkline",
    api: "set_due",
    args: { card_id: card.id, due_on: addDays(textOf(card, "due_on"), days) },
  }));
  return {
    instruction: phrase(ctx, [
      `On the board ${board.name}, every open card tagged "${tag}" that was due before today gets ${days} more days, counted from its old due day.`,
      `We need more time for "${tag}": please move the due day of each overdue card with that tag on our ${board.name} board to ${days} days later than it is now. Finished cards and those due today are fine.`,
      `Some cards with the tag "${tag}" on ${board.name} are overdue. Add ${days} days to the due day of each that is still open; today's do not count as overdue.`,
    ]),
    pub: { board: board.name, tag, days },
    writes,
  };
}

function solveRedate(apis: Apis, pub: { board: string; tag: string; days: number }) {
  const today = apis.handset.now({ token: signIn(apis, "handset") }).at.slice(0, 10);
  const token = signIn(apis, "corkline");
  const { board_id } = boardNamed(apis, token, pub.board);
  const due_to = dayPlus(today, -1);
  const cards = allPages(apis.corkline.list_cards, { token, board_id, state: "open", due_to });
  for (const { card_id } of cards) {
    const { tags, due_on } = apis.corkline.get_card({ token, card_id });
    if (!tags.includes(pub.tag)) continue;
    apis.corkline.set_due({ token, card_id, due_on: dayPlus(due_on, pub.days) });
  }
}

function drawMove(ctx: SetupContext) {
  const board = boardsOf(ctx).find(({ id }) => laneNamed(ctx, id, "Review") !== undefined);
  if (board === undefined) return reject("no shared board with lanes");
  const lane = ctx.random.pick(["Review", "Doing", "Ideas"]);
  const weight = ctx.random.pick([3, 4, 5]);
  const lanes = lanesOf(ctx, board.id).map((row) => textOf(row, "name"));
  // Those due yesterday and today are heavy enough and lie elsewhere, so that the bounds matter.
  const atBound = [0, 1, 8, 9];
  plantAround(ctx, board, (i) => ({
    weight: atBound.includes(i) ? weight : [weight, weight - 1, weight + 3, 1][i % 4] ?? 1,
    lane: atBound.includes(i) ? "To do" : lanes[i % 4] ?? "Doing",
  }));
  const laneId = laneNamed(ctx, board.id, lane)?.id ?? 0;
  const remark = ctx.random.pick([
    "Overdue, let us talk about it.",
    "Late: what is missing?",
    "This one slipped, please look.",
  ]);
  const cards = cardsOf(ctx, board.id).filter((card) =>
    isOverdue(ctx, card) && numberOf(card, "weight") >= weight && card["lane_id"] !== laneId
  );
  if (cards.length < 4 || cards.length > 25) return reject("too few or too many cards");
  return {
    instruction: phrase(ctx, [
      `On ${board.name}, move each overdue open card that weighs ${weight} or more to the lane ${lane}, unless it is there already, and put the remark "${remark}" on each card that you move.`,
      `Please go through the board ${board.name}: cards that are not done, were due before today and have a weight of at least ${weight} belong in "${lane}". Move those that lie elsewhere and leave "${remark}" under each of them.`,
      `Collect what is late on our board ${board.name} in the lane ${lane}: all unfinished cards past their due day with weight ${weight} and up. Every card that had to be moved gets the remark "${remark}"`,
    ]),
    pub: { board: board.name, weight, lane, remark },
    writes: cards.flatMap((card): Write[] => [
      { app: "corkline", api: "move_card", args: { card_id: card.id, lane_id: laneId } },
      { app: "corkline", api: "add_remark", args: { card_id: card.id, text: remark } },
    ]),
  };
}

function solveMove(apis: Apis, pub: { board: string; weight: number; lane: string; remark: string }) {
  const today = apis.handset.now({ token: signIn(apis, "handset") }).at.slice(0, 10);
  const token = signIn(apis, "corkline");
  const { board_id } = boardNamed(apis, token, pub.board);
  const { lane_id } = allPages(apis.corkline.list_lanes, { token, board_id }).find((x) => x.name === pub.lane);
  const due_to = dayPlus(today, -1);
  const cards = allPages(apis.corkline.list_cards, { token, board_id, state: "open", due_to });
  for (const { card_id, lane } of cards) {
    if (lane === pub.lane) continue;
    if (apis.corkline.get_card({ token, card_id }).weight < pub.weight) continue;
    apis.corkline.move_card({ token, card_id, lane_id });
    apis.corkline.add_remark({ token, card_id, text: pub.remark });
  }
}

function drawList(ctx: SetupContext) {
  const boards = boardsOf(ctx).slice(0, 2);
  if (boards.length < 2) return reject("too few boards");
  const days = ctx.random.int(6, 30);
  const weight = ctx.random.pick([2, 3]);
  const kinds = [[days + 1, weight], [days, weight], [days + 4, weight - 1], [days + 9, weight + 3], [
    3,
    weight + 2,
  ]] as const;
  boards.forEach((board, b) => {
    freshTitles(ctx, board.id, 10).forEach((title, i) => {
      const [ago, heavy] = kinds[(i + b) % kinds.length] ?? [1, 1];
      const assignee = i < 8 ? ctx.user : board.workers.find((one) => one.email !== ctx.user.email) ?? board.lead;
      plantCard(
        ctx,
        board,
        { title, assignee, weight: heavy, due: daysAgo(ctx, ago), done: i === 6 },
        pastTime(ctx, 60 - i),
      );
    });
  });
  const archived = (card: { readonly [column: string]: unknown }) =>
    ctx.row("corkline.board", Number(card["board_id"]))?.["archived"] === true;
  const mine = ctx.rowsWhere("corkline.card", "assignee", ctx.user.email).filter((card) =>
    isOpen(card) && !archived(card)
  );
  const wanted = mine.filter((card) =>
    isOverdue(ctx, card) && textOf(card, "due_on") < daysAgo(ctx, days) && numberOf(card, "weight") >= weight
  );
  const titles = wanted.map((card) => textOf(card, "title"));
  const all = new Set(titles);
  if (all.size < titles.length || titles.length < 3 || titles.length > 12) return reject("too few or too many titles");
  return {
    instruction: phrase(ctx, [
      `Which of my open cards, over all boards that are not archived, are more than ${days} days overdue and weigh at least ${weight}? Give me the titles, separated by commas.`,
      `I want to catch up. Tell me the titles (comma-separated) of the unfinished cards assigned to me that should have been done more than ${days} days ago and have weight ${weight} or more. Skip archived boards.`,
      `List the titles, with commas between them, of all cards of mine that are not done, have been overdue for longer than ${days} days, and have a weight of ${weight} or higher. Boards in the archive do not matter.`,
    ]),
    pub: { days, weight },
    answer: titles.join(", "),
    unordered: true,
  };
}

function solveList(apis: Apis, pub: { days: number; weight: number }) {
  const today = apis.handset.now({ token: signIn(apis, "handset") }).at.slice(0, 10);
  const token = signIn(apis, "corkline");
  const due_to = dayPlus(today, -pub.days - 1);
  const late = allPages(apis.corkline.list_my_cards, { token, state: "open", due_to });
  return late.filter(({ card_id }) => apis.corkline.get_card({ token, card_id }).weight >= pub.weight)
    .map((x) => x.title).join(", ");
}

/** Scenarios of this generator. */
export const overdueCards: readonly Scenario[] = [
  bench({
    family: "overdue_cards/redate",
    split: "train",
    difficulty: 2,
    apps: ["handset", "corkline"],
    axis: {},
    draw: drawRedate,
    solve: solveRedate,
  }),
  bench({
    family: "overdue_cards/move",
    split: "train",
    difficulty: 2,
    apps: ["handset", "corkline"],
    axis: {},
    draw: drawMove,
    solve: solveMove,
  }),
  bench({
    family: "overdue_cards/list",
    split: "train",
    difficulty: 1,
    apps: ["handset", "corkline"],
    axis: {},
    draw: drawList,
    solve: solveList,
  }),
];
