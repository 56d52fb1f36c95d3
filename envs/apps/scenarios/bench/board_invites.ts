/**
 * Invites to boards, accepted with the codes that came by letter: those of people of a tie, those with a role to work in, those that are
 * recent; and what is done on the boards then.
 *
 * Hurdles: codes of earlier invites that were refused, boards of the same name by others, invites of viewers, invites from before.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  type Client,
  cycle,
  daysAgo,
  idIn,
  numberOf,
  phrase,
  type Principal,
  type Reject,
  reject,
  type Row,
  sayDate,
  sayTies,
  type Scenario,
  type SetupContext,
  textOf,
  tiedHolders,
  tiesWith,
  today,
} from "./_kit.ts";
import { holders, outside } from "./_money_kit.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

type TiePub = { readonly tie: string };
type RolePub = { readonly place: string };
type RecentPub = { readonly since: string; readonly title: string };

const FIRSTS = [
  "Lantern",
  "Barge",
  "Orchard",
  "Clock Tower",
  "Ferry",
  "Weaver",
  "Quarry",
  "Glasshouse",
  "Station",
] as const;
const SECONDS = [
  "Festival",
  "Archive",
  "Repairs",
  "Newsletter",
  "Workshop",
  "Exhibition",
  "Fundraiser",
  "Rota",
] as const;
const TASKS = [
  "Ask for a quote",
  "Write the first page",
  "Choose a date",
  "Count the chairs",
  "Sort the photos",
  "Find a printer",
  "Call the caretaker",
  "Draw a plan",
  "Order the paper",
] as const;

/** An invite to a new board. */
interface Invitation {
  readonly boardId: number;
  readonly name: string;
  readonly leader: Principal;
  readonly role: string;
}

/** Names that no board has, in random order. */
function boardNames(ctx: SetupContext, count: number): string[] {
  const taken = new Set(ctx.rows("corkline.board").map((row) => textOf(row, "name")));
  const all = FIRSTS.flatMap((first) => SECONDS.map((second) => `${first} ${second}`)).filter((name) =>
    !taken.has(name)
  );
  return ctx.random.sample(all, count);
}

function atOn(ctx: SetupContext, day: string): string {
  return `${day}T${String(ctx.random.int(8, 19)).padStart(2, "0")}:${ctx.random.int(10, 59)}:00`;
}

/** Makes a board and invites the user; `again` if an invite of a week before was refused. */
function invite(
  ctx: SetupContext,
  leader: Principal,
  name: string,
  role: string,
  day: string,
  again = false,
): Invitation {
  const early = addDays(day, -8);
  const boardId = idIn(ctx.as(leader, atOn(ctx, early))("corkline", "add_board", { name }), "board_id");
  const args = { board_id: boardId, email: ctx.user.email };
  if (again) {
    const other = role === "viewer" ? "editor" : "viewer";
    const invite_id = idIn(
      ctx.as(leader, `${addDays(day, -6)}T10:0${ctx.random.int(0, 9)}:00`)("corkline", "invite_member", {
        ...args,
        role: other,
      }),
      "invite_id",
    );
    ctx.as(ctx.user, `${addDays(day, -5)}T18:00:00`)("corkline", "refuse_invite", { invite_id });
  }
  ctx.as(leader, atOn(ctx, day))("corkline", "invite_member", { ...args, role });
  return { boardId, name, leader, role };
}

/** Open invites of the user. */
function openInvites(ctx: SetupContext): Row[] {
  return ctx.rows("corkline.invite", ctx.user.email).filter((row) =>
    row["state"] === "open" && row["email"] === ctx.user.email
  );
}

function inviteTo(ctx: SetupContext, boardId: number): Row {
  const row = openInvites(ctx).find((one) => numberOf(one, "board_id") === boardId);
  if (row === undefined) throw new RangeError(`Nobody invites the user to board ${boardId}`);
  return row;
}

function accept(client: Client, ctx: SetupContext, boardId: number): void {
  client("corkline", "accept_invite", { code: textOf(inviteTo(ctx, boardId), "code") });
}

/** Letter with the code of an invite. */
function letterWith(ctx: SetupContext, code: string): number {
  const letter = ctx.rowsWhere("quillpost.letter", "from", "post@corkline.test")
    .find((row) => textOf(row, "body").endsWith(code));
  if (letter === undefined) throw new RangeError(`There is no letter with the code ${code}`);
  return letter.id;
}

function drawTie(ctx: SetupContext): BenchDraw<TiePub> | Reject {
  const [tie] = tiesWith(ctx, 3, 12);
  if (tie === undefined || openInvites(ctx).length > 2) return reject("no tie, or many invites");
  const known = new Set(holders(ctx).map(({ person }) => person.email));
  const inside = ctx.random.shuffle(tiedHolders(ctx, tie)).filter(({ email }) => known.has(email));
  const others = outside(ctx, tie);
  const names = boardNames(ctx, 12);
  const [inner, outer] = [inside[0], others[0]];
  if (inner === undefined || outer === undefined || inside.length < 3 || others.length < 3) {
    return reject("too few people");
  }
  const day = () => daysAgo(ctx, ctx.random.int(1, 20));
  const made: Invitation[] = [];
  for (let i = 0; i < 7; i++) {
    const leader = inside[i % inside.length] ?? inner;
    made.push(invite(ctx, leader, names.pop() ?? "", ctx.random.pick(["editor", "viewer"]), day(), i % 3 === 1));
  }
  for (let i = 0; i < 4; i++) {
    invite(ctx, others[i % others.length] ?? outer, names.pop() ?? "", "editor", day(), i === 1);
  }
  // Somebody else invites to a board of the same name.
  invite(ctx, outer, made[2]?.name ?? "", "editor", day());
  const who = sayTies(tie);
  const emails = new Set(tiedHolders(ctx, tie).map(({ email }) => email));
  const wanted = openInvites(ctx).filter((row) => emails.has(textOf(row, "by")));
  return {
    instruction: phrase(ctx, [
      `Please accept the corkline invites from ${who} that are still open; the codes are in my mail. Leave those from other people alone.`,
      `${who[0]?.toUpperCase()}${
        who.slice(1)
      } have invited me to boards in corkline. Join every board whose invite is open, with the code from the invitation letter. Invites by anybody else stay as they are.`,
      `I want to be on the corkline boards that ${who} invited me to. Take the codes from the letters and accept all of these invites that I have not answered yet, but none from people who are not ${who}.`,
    ]),
    pub: { tie },
    writes: wanted.map((row) => ({ app: "corkline", api: "accept_invite", args: { code: textOf(row, "code") } })),
  };
}

function solveTieInvites(apis: Apis, pub: TiePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "corkline");
  const mail = signIn(apis, "quillpost");
  const people = contactsWith(apis, phone, pub.tie);
  // The newest letter comes first.
  const letters = allPages(apis.quillpost.find_letters, { token: mail, from: "post@corkline.test" });
  for (const { board, by } of allPages(apis.corkline.list_invites, { token, state: "open" })) {
    const person = people.find((x) => x.email === by);
    if (person === undefined) continue;
    for (const { letter_id } of letters.filter((x) => x.subject === `Invitation to ${board}`)) {
      const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
      if (!body.startsWith(`${person.name} invites you`)) continue;
      apis.corkline.accept_invite({ token, code: body.split("Your code: ")[1] });
      break;
    }
  }
}

/** Cards of a new board: some are somebody's, some done; two nobody has, with different due days. @returns the one due first. */
function plantCards(ctx: SetupContext, { boardId, leader }: Invitation): number {
  const client = ctx.as(leader, `${daysAgo(ctx, 1)}T20:30:00`);
  const [lane] = ctx.rowsWhere("corkline.lane", "board_id", boardId);
  const days = ctx.random.sample(Array.from({ length: 30 }, (_, i) => i + 2), 8).sort((a, b) => a - b);
  const add = (days: number | undefined, more: Record<string, string> = {}) =>
    idIn(
      client("corkline", "add_card", {
        board_id: boardId,
        lane_id: lane?.id ?? 0,
        title: titles.pop() ?? "Tidy up",
        due_on: addDays(today(ctx), days ?? 1),
        ...more,
      }),
      "card_id",
    );
  const titles = ctx.random.shuffle(TASKS);
  add(days[0], { assignee: leader.email });
  client("corkline", "finish_card", { card_id: add(days[1]) });
  for (const i of [7, 6, 5, 4]) add(days[i], i === 5 ? { assignee: leader.email } : {});
  return add(days[2 + ctx.random.int(0, 1)]);
}

function drawRole(ctx: SetupContext): BenchDraw<RolePub> | Reject {
  if (openInvites(ctx).length > 0) return reject("there are invites");
  const people = ctx.random.shuffle(holders(ctx).map(({ person }) => person));
  const names = boardNames(ctx, 9);
  const place = cycle(ctx, ["archive", "Boards", "Joined"]);
  const made = names.map((name, i) => {
    const leader = people[i % Math.min(people.length, 6)];
    const role = i % 3 === 2 ? "viewer" : i % 3 === 1 ? "lead" : "editor";
    return leader === undefined ? undefined : invite(ctx, leader, name, role, daysAgo(ctx, 2 + i * 2), i % 4 === 1);
  }).filter((one): one is Invitation => one !== undefined);
  const joined = made.filter(({ role }) => role !== "viewer").map((one) => ({ ...one, cardId: plantCards(ctx, one) }));
  for (const one of made.filter(({ role }) => role === "viewer")) plantCards(ctx, one);
  if (joined.length < 6) return reject("too few people");
  const where = place === "archive" ? "the archive" : `the folder "${place}"`;
  return {
    instruction: phrase(ctx, [
      `Answer my open corkline invites: accept where I would be editor or lead (codes are in the letters), refuse where I could only watch. On each board that I join take the open card that nobody has and that is due first. File the letters whose codes you used in ${where}.`,
      `There are several open invites in corkline. Refuse those as viewer and accept the others with the codes from my mail. Then, on every new board, assign me the unassigned open card with the earliest due day, and move the letter with the code that worked to ${where}.`,
      `Please join all boards in corkline that invite me as editor or lead; turn down the ones where I would be a mere viewer. The codes came by letter; put the letters you used into ${where}. From each board that I am on now, give me the card due first among the open ones without an assignee.`,
    ]),
    pub: { place },
    said: { place: place === "archive" ? "archive" : place },
    writes: (client) => {
      for (const { boardId, cardId } of joined) {
        const code = textOf(inviteTo(ctx, boardId), "code");
        client("corkline", "accept_invite", { code });
        client("corkline", "assign_card", { card_id: cardId, email: ctx.user.email });
        client("quillpost", "move_to_folder", { letter_id: letterWith(ctx, code), folder: place });
      }
      for (const { boardId, role } of made) {
        if (role === "viewer") client("corkline", "refuse_invite", { invite_id: inviteTo(ctx, boardId).id });
      }
    },
  };
}

function solveRoleInvites(apis: Apis, pub: RolePub) {
  const token = signIn(apis, "corkline");
  const mail = signIn(apis, "quillpost");
  const letters = allPages(apis.quillpost.find_letters, { token: mail, from: "post@corkline.test" });
  for (const { invite_id, board, role, email } of allPages(apis.corkline.list_invites, { token, state: "open" })) {
    if (role === "viewer") {
      apis.corkline.refuse_invite({ token, invite_id });
      continue;
    }
    // Of several letters about a board the newest has the code that works.
    const { letter_id } = letters.find((x) => x.subject === `Invitation to ${board}`);
    const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
    const { board_id } = apis.corkline.accept_invite({ token, code: body.split("Your code: ")[1] });
    const [card] = allPages(apis.corkline.list_cards, { token, board_id, state: "open" })
      .filter((x) => x.assignee === null && x.due_on !== null)
      .sort((a, b) => (a.due_on < b.due_on ? -1 : 1));
    apis.corkline.assign_card({ token, card_id: card.card_id, email });
    apis.quillpost.move_to_folder({ token: mail, letter_id, folder: pub.place });
  }
}

function drawRecent(ctx: SetupContext): BenchDraw<RecentPub> | Reject {
  if (openInvites(ctx).length > 0) return reject("there are invites");
  const people = ctx.random.sample(holders(ctx).map(({ person }) => person), 9);
  if (people.length < 9) return reject("too few people");
  const since = daysAgo(ctx, ctx.random.int(10, 16));
  const title = cycle(ctx, ctx.random.shuffle(["New boards", "Boards I joined", "What is on where"]));
  if (ctx.rows("foldnote.note", ctx.user.email).some((row) => row["title"] === title)) {
    return reject("a note is called so");
  }
  const names = boardNames(ctx, 9);
  const days = [since, daysAgo(ctx, 1), daysAgo(ctx, 3), daysAgo(ctx, 4), daysAgo(ctx, 6), daysAgo(ctx, 8)];
  const old = [addDays(since, -1), addDays(since, -5), addDays(since, -9)];
  const made = [...days, ...old].flatMap((day, i) => {
    const [leader, name] = [people[i], names[i]];
    if (leader === undefined || name === undefined) return [];
    return [{
      ...invite(ctx, leader, name, ctx.random.pick(["editor", "viewer", "lead"]), day, i % 4 === 2),
      recent: i < days.length,
    }];
  });
  for (const one of made) plantCards(ctx, one);
  const joined = made.filter(({ recent }) => recent);
  const count = ({ boardId }: Invitation) =>
    ctx.rowsWhere("corkline.card", "board_id", boardId).filter((row) => row["done_at"] === null).length;
  // A card more here and there, so that counts differ.
  joined.forEach((one, i) => {
    if (i % 2 === 0) plantCards(ctx, one);
  });
  const sorted = [...joined].sort((a, b) => (a.name < b.name ? -1 : 1));
  const body = sorted.map((one) => `${one.name}: ${count(one)} open`).join("\n");
  const day = sayDate(since);
  const thanks = {
    to: joined.map(({ leader }) => leader.email),
    subject: "Thanks for the invitation",
    body: "I am on the board now.",
  };
  return {
    instruction: phrase(ctx, [
      `Accept my open corkline invites that were sent on or after ${day} (the codes are in my mail) and refuse the older ones. Make a note "${title}" with a line for each board I joined, in alphabetical order, like "Choir Rota: 3 open", counting open cards. Then one letter to all who invited me there: subject "Thanks for the invitation", text "I am on the board now."`,
      `Open invites in corkline from before ${day} should be refused, all others accepted with the codes that came by letter. For the boards that I am on then, write a note "${title}": alphabetical lines such as "Choir Rota: 3 open" with the number of open cards. Thank the inviters in a single letter, "Thanks for the invitation", text "I am on the board now."`,
      `Please join the boards whose corkline invites reached me since ${day}, that day included, and turn down older open ones. Send those who invited me to the joined boards one letter, subject "Thanks for the invitation", text "I am on the board now." A new note "${title}" should list the boards by name with their open cards, in lines like "Choir Rota: 3 open".`,
    ]),
    pub: { since, title },
    said: { since: day },
    writes: (client) => {
      for (const { boardId, recent } of made) {
        if (recent) accept(client, ctx, boardId);
        else client("corkline", "refuse_invite", { invite_id: inviteTo(ctx, boardId).id });
      }
      client("foldnote", "add_note", { title, body });
      client("quillpost", "send_letter", thanks);
    },
  };
}

function solveRecentInvites(apis: Apis, pub: RecentPub) {
  const token = signIn(apis, "corkline");
  const notes = signIn(apis, "foldnote");
  const mail = signIn(apis, "quillpost");
  const letters = allPages(apis.quillpost.find_letters, { token: mail, from: "post@corkline.test" });
  const lines = [];
  const to = [];
  for (const { invite_id, board, by, sent_at } of allPages(apis.corkline.list_invites, { token, state: "open" })) {
    if (sent_at.slice(0, 10) < pub.since) {
      apis.corkline.refuse_invite({ token, invite_id });
      continue;
    }
    const { letter_id } = letters.find((x) => x.subject === `Invitation to ${board}`);
    const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
    const { board_id } = apis.corkline.accept_invite({ token, code: body.split("Your code: ")[1] });
    const open = allPages(apis.corkline.list_cards, { token, board_id, state: "open" });
    lines.push(`${board}: ${open.length} open`);
    to.push(by);
  }
  apis.foldnote.add_note({ token: notes, title: pub.title, body: lines.sort().join("\n") });
  const subject = "Thanks for the invitation";
  apis.quillpost.send_letter({ token: mail, to, subject, body: "I am on the board now." });
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const boardInvites: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "board_invites/tie",
    difficulty: 2,
    apps: ["handset", "corkline", "quillpost"],
    draw: drawTie,
    solve: solveTieInvites,
  }),
  bench({
    ...COMMON,
    family: "board_invites/role",
    difficulty: 3,
    apps: ["corkline", "quillpost"],
    draw: drawRole,
    solve: solveRoleInvites,
  }),
  bench({
    ...COMMON,
    family: "board_invites/recent",
    difficulty: 3,
    apps: ["corkline", "foldnote", "quillpost"],
    draw: drawRecent,
    solve: solveRecentInvites,
  }),
];
