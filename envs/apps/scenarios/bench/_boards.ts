/**
 * What draws about task boards share: boards to choose from, and cards planted through the app.
 *
 * @module
 */
import { idIn, numberOf, type Principal, principalOf, type Row, type SetupContext, textOf, today } from "./_kit.ts";

/** A board of the user that is not archived. */
export interface OwnBoard {
  readonly id: number;
  readonly name: string;
  /** The user's role. */
  readonly role: string;
  /** Everybody on it, the user included. */
  readonly people: readonly Principal[];
  /** Those who may work on it. */
  readonly workers: readonly Principal[];
  readonly lead: Principal;
}

/** Boards that the user may work on, that have at least so many people, and whose name no other board of the user has. */
export function boardsOf(ctx: SetupContext, leastPeople = 2): OwnBoard[] {
  const mine = ctx.rows("corkline.board_member", ctx.user.email)
    .map((row) => ({ role: textOf(row, "role"), board: ctx.row("corkline.board", numberOf(row, "board_id")) }))
    .flatMap(({ role, board }) => (board === undefined ? [] : [{ role, board }]));
  const boards = mine.filter(({ role, board }) =>
    role !== "viewer" && board["archived"] === false &&
    mine.filter((other) => other.board["name"] === board["name"]).length === 1
  ).flatMap(({ role, board }): OwnBoard[] => {
    const members = ctx.rowsWhere("corkline.board_member", "board_id", board.id);
    const person = (row: Row) => principalOf(ctx, textOf(row, "email"));
    const known = (rows: readonly Row[]) => rows.map(person).filter((one): one is Principal => one !== undefined);
    const [lead] = known(members.filter((row) => row["role"] === "lead"));
    if (lead === undefined || members.length < leastPeople) return [];
    const workers = known(members.filter((row) => row["role"] !== "viewer"));
    return [{ id: board.id, name: textOf(board, "name"), role, people: known(members), workers, lead }];
  });
  return ctx.random.shuffle(boards);
}

/** Cards of a board, by id. */
export function cardsOf(ctx: SetupContext, boardId: number): readonly Row[] {
  return ctx.rowsWhere("corkline.card", "board_id", boardId);
}

/** Whether a card is not done. */
export function isOpen(card: Row): boolean {
  return card["done_at"] === null;
}

/** Whether a card is open and was due before today. */
export function isOverdue(ctx: SetupContext, card: Row): boolean {
  return isOpen(card) && textOf(card, "due_on") !== "" && textOf(card, "due_on") < today(ctx);
}

/** Lanes of a board in order. */
export function lanesOf(ctx: SetupContext, boardId: number): Row[] {
  return [...ctx.rowsWhere("corkline.lane", "board_id", boardId)]
    .sort((a, b) => numberOf(a, "position") - numberOf(b, "position"));
}

/** Lane of a board that is called so. */
export function laneNamed(ctx: SetupContext, boardId: number, name: string): Row | undefined {
  return lanesOf(ctx, boardId).find((lane) => lane["name"] === name);
}

/** Names of the tags of a card. */
export function tagsOf(ctx: SetupContext, cardId: number): string[] {
  return ctx.rowsWhere("corkline.card_tag", "card_id", cardId)
    .map((link) => textOf(ctx.row("corkline.tag", numberOf(link, "tag_id")) ?? { id: 0 }, "name"));
}

/** A card to plant. */
export interface PlantedCard {
  readonly title: string;
  readonly lane?: string;
  readonly due?: string;
  readonly weight?: number;
  readonly assignee?: Principal;
  readonly tagId?: number;
  readonly done?: boolean;
}

/** Adds a card to a board as its lead at a time. @returns its id. */
export function plantCard(ctx: SetupContext, board: OwnBoard, planted: PlantedCard, at: string): number {
  const { title, lane, due, weight, assignee, tagId, done = false } = planted;
  const lead = ctx.as(board.lead, at);
  const lanes = lanesOf(ctx, board.id);
  const where = lane === undefined ? lanes[0] : lanes.find((row) => row["name"] === lane) ?? lanes[0];
  const card_id = idIn(
    lead("corkline", "add_card", {
      board_id: board.id,
      lane_id: where?.id ?? 0,
      title,
      ...(due === undefined ? {} : { due_on: due }),
      ...(weight === undefined ? {} : { weight }),
      ...(assignee === undefined ? {} : { assignee: assignee.email }),
    }),
    "card_id",
  );
  if (tagId !== undefined) lead("corkline", "tag_card", { card_id, tag_id: tagId });
  if (done) lead("corkline", "finish_card", { card_id });
  return card_id;
}

/** Titles for planted cards that a board does not have yet, in random order. */
export function freshTitles(ctx: SetupContext, boardId: number, count: number): string[] {
  const taken = new Set(cardsOf(ctx, boardId).map((card) => textOf(card, "title")));
  return ctx.random.sample(TITLES.filter((title) => !taken.has(title)), count);
}

const TITLES = [
  "Count the folding chairs",
  "Call the printer about ink",
  "Hang up the new sign",
  "Return the rented ladder",
  "Write the entry list",
  "Oil the side door",
  "Pick the front page photo",
  "Ask about the loading bay",
  "Tape down the cables",
  "Renew the fire permit",
  "Wash the table cloths",
  "Number the storage boxes",
  "Reply to the local paper",
  "Borrow a second projector",
  "Fix the wobbly bench",
  "Collect the signatures",
  "Put up the direction arrows",
  "Restock the tea corner",
  "Proofread the leaflet",
  "Find a stand-in for Friday",
  "Empty the suggestion box",
  "Replace the hall lamps",
  "Enter the survey answers",
  "Choose the paper size",
  "Arrange the coat racks",
  "Chase the missing invoice",
  "Scan the signed forms",
  "Label the spare fuses",
  "Sweep the loading ramp",
  "Draw the route map",
  "Weigh the parcels",
  "Book a piano tuner",
  "Reset the door codes",
  "Thank the night shift",
  "Stack the empty crates",
  "Check the smoke alarms",
] as const;
