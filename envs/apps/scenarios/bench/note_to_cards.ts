/**
 * Lists in notes that become cards of a board: open items into a lane, lines with a number of days, lines with a name.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type Client,
  numberOf,
  phrase,
  type Principal,
  principalOf,
  reject,
  type Scenario,
  type SetupContext,
  textOf,
  today,
  weekdayOf,
  type Write,
} from "./_kit.ts";
import { boardsOf, cardsOf, freshTitles, laneNamed, type OwnBoard, plantCard } from "./_boards.ts";
import { isFreshTitle, pastTime, uniquelyNamed, writeChecklist, writeNote } from "./_phone.ts";
import { allPages, boardNamed, dayPlus, signIn } from "./_toolbox.ts";

const TITLES = [
  "After the walk-through",
  "From the workshop",
  "Spring to-dos",
  "What we said on Monday",
  "Loose ends",
  "Things to fix",
] as const;

/** A shared board with a lane, and a title that no note has. */
function stage(ctx: SetupContext, lane: string, roles: readonly string[]) {
  const board = boardsOf(ctx).find(({ id, role }) => roles.includes(role) && laneNamed(ctx, id, lane) !== undefined);
  const title = ctx.random.pick(TITLES);
  if (board === undefined || !isFreshTitle(ctx, title)) return undefined;
  return { board, title, laneId: laneNamed(ctx, board.id, lane)?.id ?? 0 };
}

function addCard(board: OwnBoard, lane_id: number, title: string, more: Write["args"] = {}): Write {
  return { app: "corkline", api: "add_card", args: { board_id: board.id, lane_id, title, ...more } };
}

function drawLane(ctx: SetupContext) {
  const lane = ctx.random.pick(["Ideas", "To do", "Doing"]);
  const found = stage(ctx, lane, ["lead", "editor"]);
  if (found === undefined) return reject("no board or title");
  const { board, title, laneId } = found;
  const titles = freshTitles(ctx, board.id, 27);
  const items = titles.map((text, i) => ({ text, done: i % 4 === 1 }));
  writeChecklist(ctx, title, ctx.random.shuffle(items), pastTime(ctx, 6));
  // An older list has other items; some items are cards already, in another lane or done.
  writeChecklist(ctx, `${title} (old)`, [{ text: "Ask who has the key", done: false }], pastTime(ctx, 90));
  const present = titles.filter((_, i) => [2, 8, 14].includes(i));
  present.forEach((text, i) => plantCard(ctx, board, { title: text, lane: "Review", done: i === 2 }, pastTime(ctx, 4)));
  const wanted = items.filter(({ text, done }) => !done && !present.includes(text));
  return {
    instruction: phrase(ctx, [
      `Make a card in the lane ${lane} of the board ${board.name} for each item that is not ticked in my note "${title}", titled like the item and nothing more. Skip items for which the board has a card of that title already, in whatever lane.`,
      `My checklist "${title}" should go to our board ${board.name}: every open item becomes a card with the same title in "${lane}", unless a card with that title exists anywhere on the board.`,
      `Please copy the unticked items of the note "${title}" to ${board.name}, lane ${lane}, one card each with just the title. If the board already has a card called like that, done or not, leave it at that.`,
    ]),
    pub: { title, board: board.name, lane },
    writes: wanted.map(({ text }) => addCard(board, laneId, text)),
  };
}

function solveLane(apis: Apis, pub: { title: string; board: string; lane: string }) {
  const notesToken = signIn(apis, "foldnote");
  const token = signIn(apis, "corkline");
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notesToken }).find((x) => x.title === pub.title);
  const { board_id } = boardNamed(apis, token, pub.board);
  const { lane_id } = allPages(apis.corkline.list_lanes, { token, board_id }).find((x) => x.name === pub.lane);
  const titles = new Set(allPages(apis.corkline.list_cards, { token, board_id }).map((x) => x.title));
  for (const { text, done } of allPages(apis.foldnote.list_items, { token: notesToken, note_id })) {
    if (done || titles.has(text)) continue;
    apis.corkline.add_card({ token, board_id, lane_id, title: text });
  }
}

function drawDue(ctx: SetupContext) {
  const lane = ctx.random.pick(["Ideas", "To do", "Doing"]);
  const found = stage(ctx, lane, ["lead", "editor"]);
  if (found === undefined) return reject("no board or title");
  const { board, title, laneId } = found;
  const titles = freshTitles(ctx, board.id, 18);
  const days = titles.map(() => ctx.random.int(1, 24));
  const lines = titles.map((text, i) => (i % 5 === 4 ? text : `${text} (${days[i]} days)`));
  writeNote(ctx, title, ["Agreed by all:", "", ...lines].join("\n"), pastTime(ctx, 2));
  writeNote(
    ctx,
    `${title}, first try`,
    lines.slice(0, 5).map((line) => line.replace("days", "weeks")).join("\n"),
    pastTime(ctx, 12),
  );
  const present = titles.filter((_, i) => i === 1 || i === 7);
  for (const text of present) plantCard(ctx, board, { title: text, due: addDays(today(ctx), 40) }, pastTime(ctx, 1));
  const writes = titles.flatMap((text, i): Write[] => {
    if (i % 5 === 4 || present.includes(text)) return [];
    const due = addDays(today(ctx), days[i] ?? 0);
    const weekday = weekdayOf(due);
    return [addCard(board, laneId, text, { due_on: weekday < 5 ? due : addDays(due, 7 - weekday) })];
  });
  return {
    instruction: phrase(ctx, [
      `In my note "${title}", lines like "Paint the door (3 days)" are tasks. Put each on the board ${board.name}, lane ${lane}, as a card with that title, due so many days from today; a Saturday or Sunday becomes the Monday after. Lines without days in brackets, and tasks that the board has a card for already, are left out.`,
      `Turn the lines of the note "${title}" that end with a number of days in brackets into cards on ${board.name}, in the lane ${lane}. The title is the text before the bracket, the due day is that many days after today, moved to the next Monday if it falls on a weekend. Skip titles that are on the board.`,
      `Please add the tasks from my note "${title}" to the lane ${lane} of ${board.name}. Each task line says in brackets in how many days it is due, counted from today; never on a weekend, then take the following Monday. Ignore lines without brackets and anything the board has a card of the same title for.`,
    ]),
    pub: { title, board: board.name, lane },
    writes,
  };
}

function solveDue(apis: Apis, pub: { title: string; board: string; lane: string }) {
  const today = apis.handset.now({ token: signIn(apis, "handset") }).at.slice(0, 10);
  const notesToken = signIn(apis, "foldnote");
  const token = signIn(apis, "corkline");
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notesToken }).find((x) => x.title === pub.title);
  const { board_id } = boardNamed(apis, token, pub.board);
  const { lane_id } = allPages(apis.corkline.list_lanes, { token, board_id }).find((x) => x.name === pub.lane);
  const titles = new Set(allPages(apis.corkline.list_cards, { token, board_id }).map((x) => x.title));
  for (const line of apis.foldnote.get_note({ token: notesToken, note_id }).body.split("\n")) {
    const task = /^(.+) \((\d+) days\)$/.exec(line);
    if (task === null || titles.has(task[1])) continue;
    let due_on = dayPlus(today, Number(task[2]));
    while ([0, 6].includes(new Date(`${due_on}T00:00:00Z`).getUTCDay())) due_on = dayPlus(due_on, 1);
    apis.corkline.add_card({ token, board_id, lane_id, title: task[1], due_on });
  }
}

/** Somebody in the phone who can be invited to a board. */
function invitable(ctx: SetupContext, board: OwnBoard): Principal[] {
  const invited = new Set(
    ctx.rowsWhere("corkline.invite", "board_id", board.id).filter((row) => row["state"] === "open").map((row) =>
      textOf(row, "email")
    ),
  );
  return uniquelyNamed(ctx).flatMap((row): Principal[] => {
    const person = principalOf(ctx, textOf(row, "email"));
    const fair = person !== undefined && person.name === row["name"] && !invited.has(person.email) &&
      !board.people.some(({ email }) => email === person.email);
    return fair ? [person] : [];
  });
}

function drawAssignee(ctx: SetupContext) {
  const lane = ctx.random.pick(["Ideas", "To do", "Doing"]);
  const found = stage(ctx, lane, ["lead"]);
  if (found === undefined) return reject("no board or title");
  const { board, title, laneId } = found;
  const names = board.people.map(({ name }) => name);
  if (new Set(names).size < names.length) return reject("two people of one name");
  const outside = ctx.random.sample(invitable(ctx, board), 2);
  const [guest, second] = outside;
  if (guest === undefined || second === undefined || names.includes(guest.name)) return reject("nobody to invite");
  const titles = freshTitles(ctx, board.id, 15);
  const whose = titles.map((_, i) => (i === 3 || i === 9 ? guest : i === 11 ? second : ctx.random.pick(board.people)));
  const weights = titles.map(() => ctx.random.int(1, 8));
  const lines = titles.map((text, i) => `${text}: ${whose[i]?.name}, weight ${weights[i]}`);
  writeNote(ctx, title, lines.join("\n"), pastTime(ctx, 1));
  writeNote(
    ctx,
    `${title}, draft`,
    lines.map((line) => line.replace(/: .*/, `: ${board.lead.name}, weight 1`)).join("\n"),
    pastTime(ctx, 9),
  );
  // Two cards exist: one is somebody else's until now, the other is as it should be.
  const [moved, kept] = [5, 6];
  const former = board.people.find((person) => person.email !== whose[moved]?.email) ?? board.lead;
  plantCard(
    ctx,
    board,
    { title: titles[moved] ?? "", weight: weights[moved] ?? 1, assignee: former },
    pastTime(ctx, 1),
  );
  const keeper = whose[kept] ?? board.lead;
  plantCard(ctx, board, { title: titles[kept] ?? "", weight: weights[kept] ?? 1, assignee: keeper }, pastTime(ctx, 1));
  const present = new Map(cardsOf(ctx, board.id).map((card) => [textOf(card, "title"), card]));
  const writes = (client: Client) => {
    for (const person of [guest, second]) {
      client("corkline", "invite_member", { board_id: board.id, email: person.email });
    }
    titles.forEach((text, i) => {
      const person = whose[i] ?? board.lead;
      const existing = present.get(text);
      if (existing !== undefined) {
        if (existing["assignee"] === person.email) return;
        client("corkline", "assign_card", { card_id: numberOf(existing, "id"), email: person.email });
        return;
      }
      const mine = outside.includes(person) ? {} : { assignee: person.email };
      const card = { board_id: board.id, lane_id: laneId, title: text, weight: weights[i] ?? 1, ...mine };
      client("corkline", "add_card", card);
    });
  };
  return {
    instruction: phrase(ctx, [
      `The lines of my note "${title}" say task, person and weight. Add a card for each to the lane ${lane} of ${board.name}, given to that person. Who is not on the board is to be invited as editor (addresses are in my contacts), and their cards stay unassigned. Where a card of that title exists on the board, only see to it that the person named has it.`,
      `Please put the tasks of "${title}" (a note of mine: title, who, weight) on our board ${board.name} in "${lane}" with the right person and weight. If the board has a card of that title, just assign it correctly. People who are not members get an editor's invite, their e-mail is in my phone; leave their new cards without anybody.`,
      `Transfer my note "${title}" to the board ${board.name}: one card per line in the lane ${lane}, with its weight and its person. Existing cards with the same title are only reassigned where somebody else has them. Invite whoever is missing on the board as editor, using my phone contacts, and assign nobody to their tasks yet.`,
    ]),
    pub: { title, board: board.name, lane },
    writes,
  };
}

function solveAssignee(apis: Apis, pub: { title: string; board: string; lane: string }) {
  const notesToken = signIn(apis, "foldnote");
  const token = signIn(apis, "corkline");
  const phoneToken = signIn(apis, "handset");
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notesToken }).find((x) => x.title === pub.title);
  const { board_id } = boardNamed(apis, token, pub.board);
  const { lane_id } = allPages(apis.corkline.list_lanes, { token, board_id }).find((x) => x.name === pub.lane);
  const cards = allPages(apis.corkline.list_cards, { token, board_id });
  const members = allPages(apis.corkline.list_board_members, { token, board_id });
  const contacts = allPages(apis.handset.list_contacts, { token: phoneToken });
  const invited = new Set();
  for (const line of apis.foldnote.get_note({ token: notesToken, note_id }).body.split("\n")) {
    const task = /^(.+): (.+), weight (\d+)$/.exec(line);
    if (task === null) continue;
    const [, title, name, weight] = task;
    const member = members.find((x) => x.name === name);
    if (member === undefined && !invited.has(name)) {
      invited.add(name);
      const { email } = contacts.find((x) => x.name === name);
      apis.corkline.invite_member({ token, board_id, email, role: "editor" });
    }
    const card = cards.find((x) => x.title === title);
    if (card === undefined) {
      const assignee = member === undefined ? {} : { assignee: member.email };
      apis.corkline.add_card({ token, board_id, lane_id, title, weight: Number(weight), ...assignee });
    } else if (member !== undefined && card.assignee !== member.email) {
      apis.corkline.assign_card({ token, card_id: card.card_id, email: member.email });
    }
  }
}

/** Scenarios of this generator. */
export const noteToCards: readonly Scenario[] = [
  bench({
    family: "note_to_cards/lane",
    split: "test_normal",
    difficulty: 2,
    apps: ["foldnote", "corkline"],
    axis: {},
    draw: drawLane,
    solve: solveLane,
  }),
  bench({
    family: "note_to_cards/due",
    split: "test_normal",
    difficulty: 2,
    apps: ["handset", "foldnote", "corkline"],
    axis: {},
    draw: drawDue,
    solve: solveDue,
  }),
  bench({
    family: "note_to_cards/assignee",
    split: "test_normal",
    difficulty: 3,
    apps: ["handset", "foldnote", "corkline"],
    axis: {},
    draw: drawAssignee,
    solve: solveAssignee,
  }),
];
