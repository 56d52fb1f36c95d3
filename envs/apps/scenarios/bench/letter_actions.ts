/**
 * The list of actions in a letter becomes cards of a task board: in a lane, with due days, or with people. Some of them are on the
 * board already, and an older letter of the same name has another list.
 *
 * @module
 */
import { boardsOf, cardsOf, freshTitles, lanesOf, type OwnBoard, plantCard } from "./_boards.ts";
import { farHolders, firstName, type Known, letterFrom, onDay, reached, smallTalk } from "./_cross_kit.ts";
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  type Client,
  phrase,
  type Principal,
  type Reject,
  reject,
  type Row,
  type Scenario,
  type SetupContext,
  textOf,
  today,
} from "./_kit.ts";
import { allPages, contactNamed, signIn } from "./_toolbox.ts";

type LanePub = { readonly name: string; readonly subject: string; readonly board: string; readonly lane: string };
type AnswerPub = LanePub & { readonly text: string };

/** One action of the list. */
interface Action {
  readonly title: string;
  readonly due?: string;
  readonly assignee?: Principal;
  /** Card that is on the board already. */
  readonly cardId: number | undefined;
}

interface Drawn {
  readonly board: OwnBoard;
  readonly lane: Row;
  readonly sender: Known;
  readonly subject: string;
  readonly letterId: number;
  readonly actions: readonly Action[];
}

type Kind = "lane" | "due" | "assignee";

function lineOf({ title, due, assignee }: Action): string {
  const more = due !== undefined ? ` (by ${due})` : assignee !== undefined ? ` (${assignee.name})` : "";
  return `- ${title}${more}`;
}

function bodyOf(ctx: SetupContext, board: OwnBoard, sender: Known, lines: readonly string[]): string {
  return [
    `Hello ${firstName(ctx.user)},`,
    `these are the actions that we agreed on for ${board.name}:`,
    ...lines,
    "Best wishes,",
    firstName(sender.person),
  ].join("\n");
}

function drawActions(ctx: SetupContext, kind: Kind): Drawn | Reject {
  const [sender] = farHolders(ctx);
  const board = boardsOf(ctx, 3).find(({ id }) => cardsOf(ctx, id).length >= 6);
  if (board === undefined || sender === undefined) return reject("no board or nobody to write");
  const lane = ctx.random.pick(lanesOf(ctx, board.id));
  const titles = freshTitles(ctx, board.id, 10);
  if (titles.length < 10) return reject("too few titles");
  const names = board.workers.map(({ name }) => name);
  const actions = titles.slice(0, 6).map((title, i): Action => {
    const due = addDays(today(ctx), 4 + i * 3 + ctx.random.int(0, 2));
    const worker = ctx.random.pick(board.workers);
    // Two are on the board, one in another lane; they have neither a due day nor a person yet.
    const cardId = i === 1 || i === 4
      ? plantCard(ctx, board, { title, ...(i === 1 ? { lane: textOf(lane, "name") } : {}) }, onDay(ctx, 12, 9))
      : undefined;
    if (kind === "lane") return { title, cardId };
    return kind === "due" ? { title, due, cardId } : { title, assignee: worker, cardId };
  });
  if (kind === "assignee" && new Set(names).size !== names.length) return reject("two have one name");
  const subject = `Actions from the ${ctx.random.pick(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"])} ${
    ctx.random.pick(["round", "call", "meeting", "workshop"])
  }`;
  const old = titles.slice(6).map((title) => `- ${title}`);
  letterFrom(ctx, sender.person, onDay(ctx, 24, 17), subject, bodyOf(ctx, board, sender, old));
  const body = bodyOf(ctx, board, sender, actions.map(lineOf));
  const letterId = letterFrom(ctx, sender.person, onDay(ctx, 10, 17), subject, body);
  smallTalk(ctx, sender.person);
  if (!reached(ctx, letterId)) return reject("a rule binned the letter");
  return { board, lane, sender, subject, letterId, actions };
}

function writeCards(client: Client, { board, lane, actions }: Drawn): void {
  for (const { title, due, assignee, cardId } of actions) {
    if (cardId === undefined) {
      client("corkline", "add_card", {
        board_id: board.id,
        lane_id: lane.id,
        title,
        ...(due === undefined ? {} : { due_on: due }),
        ...(assignee === undefined ? {} : { assignee: assignee.email }),
      });
    } else if (due !== undefined) client("corkline", "set_due", { card_id: cardId, due_on: due });
    else if (assignee !== undefined) client("corkline", "assign_card", { card_id: cardId, email: assignee.email });
  }
}

function lanePub({ sender, subject, board, lane }: Drawn): LanePub {
  return { name: sender.person.name, subject, board: board.name, lane: textOf(lane, "name") };
}

function drawLane(ctx: SetupContext): BenchDraw<LanePub> | Reject {
  const drawn = drawActions(ctx, "lane");
  if ("reject" in drawn) return drawn;
  const pub = lanePub(drawn);
  const { name, subject, board, lane } = pub;
  return {
    instruction: phrase(ctx, [
      `${name} sent me a letter "${subject}" with a list of actions. Take the latest of that name and make each action a card in the lane "${lane}" of the corkline board "${board}", unless the board has a card of that title already.`,
      `Please turn the actions of the newest letter "${subject}" from ${name} into cards: board "${board}" in corkline, lane "${lane}", the action as the title. Skip what is on the board by now, in whatever lane.`,
      `The corkline board "${board}" lacks some actions that ${name} listed by letter ("${subject}", the most recent one). Add every missing one as a card to "${lane}", titled as in the letter.`,
    ]),
    pub,
    writes: (client) => writeCards(client, drawn),
  };
}

function solveActions(apis: Apis, pub: LanePub & { readonly text?: string }, axis: { readonly with: string }): void {
  const { email } = contactNamed(apis, signIn(apis, "handset"), pub.name);
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "corkline");
  const { letter_id } = allPages(apis.quillpost.find_letters, { token: mail, from: email })
    .find((x) => x.subject === pub.subject);
  const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
  const { board_id } = allPages(apis.corkline.list_boards, { token }).find((x) => x.name === pub.board);
  const { lane_id } = allPages(apis.corkline.list_lanes, { token, board_id }).find((x) => x.name === pub.lane);
  const cards = allPages(apis.corkline.list_cards, { token, board_id });
  const people = axis.with === "assignee" ? allPages(apis.corkline.list_board_members, { token, board_id }) : [];
  for (const line of body.split("\n").filter((x: string) => x.startsWith("- "))) {
    const [, title, more] = line.match(/^- ([^(]+?)(?: \((.+)\))?$/);
    const card = cards.find((x) => x.title === title);
    if (axis.with === "nothing") {
      if (card === undefined) apis.corkline.add_card({ token, board_id, lane_id, title });
    } else if (axis.with === "due") {
      const due_on = more.replace("by ", "");
      if (card === undefined) apis.corkline.add_card({ token, board_id, lane_id, title, due_on });
      else apis.corkline.set_due({ token, card_id: card.card_id, due_on });
    } else {
      const assignee = people.find((x) => x.name === more).email;
      if (card === undefined) apis.corkline.add_card({ token, board_id, lane_id, title, assignee });
      else apis.corkline.assign_card({ token, card_id: card.card_id, email: assignee });
    }
  }
  if (pub.text !== undefined) apis.quillpost.reply({ token: mail, letter_id, body: pub.text });
}

function answerText(ctx: SetupContext): string {
  return ctx.random.pick([
    "All of it is on the board.",
    "Thank you, the board is up to date.",
    "Noted and on the board.",
  ]);
}

function drawAnswered(ctx: SetupContext, kind: "due" | "assignee"): BenchDraw<AnswerPub> | Reject {
  const drawn = drawActions(ctx, kind);
  if ("reject" in drawn) return drawn;
  const text = answerText(ctx);
  const pub = { ...lanePub(drawn), text };
  const { name, subject, board, lane } = pub;
  const what = kind === "due" ? "due day" : "person";
  const set = kind === "due" ? "set the due day of the letter there" : "assign the person of the letter there";
  return {
    instruction: phrase(ctx, [
      `Take the latest letter "${subject}" from ${name}: each action in it, with its ${what}, shall be a card in the lane "${lane}" of the corkline board "${board}". If the board has a card of that title already, ${set} and leave its lane. Then answer the letter: "${text}"`,
      `${name} wrote me "${subject}" with actions; the newest letter counts. Bring the corkline board "${board}" in line: a missing action becomes a card in "${lane}" with its ${what}; for a card that is there, ${set} without moving it. Reply "${text}" when done.`,
      `Please transfer the actions of the most recent letter "${subject}" by ${name} to "${board}" in corkline. New ones go to "${lane}" with the ${what} given; where a card of the same title exists, only ${set}. Finally reply to the letter with "${text}"`,
    ]),
    pub,
    writes(client) {
      writeCards(client, drawn);
      client("quillpost", "reply", { letter_id: drawn.letterId, body: text });
    },
  };
}

const COMMON = {
  split: "test_challenge",
  apps: ["handset", "quillpost", "corkline"],
  solve: solveActions,
} as const;

/** The three families. */
export const letter_actions: readonly Scenario[] = [
  bench({ ...COMMON, family: "letter_actions/lane", difficulty: 2, axis: { with: "nothing" }, draw: drawLane }),
  bench({
    ...COMMON,
    family: "letter_actions/due",
    difficulty: 3,
    axis: { with: "due" },
    draw: (ctx: SetupContext) => drawAnswered(ctx, "due"),
  }),
  bench({
    ...COMMON,
    family: "letter_actions/assignee",
    difficulty: 3,
    axis: { with: "assignee" },
    draw: (ctx: SetupContext) => drawAnswered(ctx, "assignee"),
  }),
];
