/**
 * Invites to task boards, whose codes come by letter: accept those of a person, accept those of a tie and refuse the others, or
 * accept one and take over cards there.
 *
 * @module
 */
import { farHolders, hasTie, isNew, type Known, onDay, reached, sharedTies } from "./_cross_kit.ts";
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  idIn,
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
  today,
  type Write,
} from "./_kit.ts";
import { allPages, contactNamed, contactsWith, signIn } from "./_toolbox.ts";

type PersonPub = { readonly name: string };
type TiePub = { readonly tie: string };
type TakePub = { readonly board: string; readonly lane: string; readonly day: string; readonly remark: string };

const BOARDS = [
  "Harbour Fair",
  "Seed Swap",
  "Night Market",
  "Reading Room",
  "Bike Kitchen",
  "Open Studio",
  "Lantern Walk",
  "Film Evenings",
  "Repair Cafe",
  "Choir Exchange",
  "Rooftop Garden",
  "Street Dinner",
  "Toy Library",
  "Winter Pool",
] as const;

interface Invited {
  readonly boardId: number;
  readonly board: string;
  readonly invite: Row;
}

/** Makes a board of somebody and invites the user to it. */
function inviteTo(ctx: SetupContext, board: string, lead: Principal, at: string): Invited {
  const client = ctx.as(lead, at);
  const boardId = idIn(client("corkline", "add_board", { name: board }), "board_id");
  client("corkline", "invite_member", { board_id: boardId, email: ctx.user.email });
  return { boardId, board, invite: openInviteTo(ctx, boardId) };
}

function openInviteTo(ctx: SetupContext, boardId: number): Row {
  const row = ctx.rowsWhere("corkline.invite", "board_id", boardId)
    .find((invite) => invite["email"] === ctx.user.email && invite["state"] === "open");
  if (row === undefined) throw new RangeError("The invite was not made");
  return row;
}

/** The user refuses, and is invited again: of two letters, the newer one counts. */
function inviteAgain(ctx: SetupContext, { boardId, board, invite }: Invited, lead: Principal): Invited {
  ctx.as(ctx.user, onDay(ctx, 9, 20))("corkline", "refuse_invite", { invite_id: invite.id });
  ctx.as(lead, onDay(ctx, 4, 12))("corkline", "invite_member", { board_id: boardId, email: ctx.user.email });
  return { boardId, board, invite: openInviteTo(ctx, boardId) };
}

function freshBoards(ctx: SetupContext): string[] {
  return ctx.random.shuffle(BOARDS.filter((name) => isNew(ctx, "corkline.board", "name", name)));
}

function openInvites(ctx: SetupContext): Row[] {
  return ctx.rows("corkline.invite", ctx.user.email)
    .filter((row) => row["email"] === ctx.user.email && row["state"] === "open");
}

/** Letters with the codes of invites, all within reach. */
function lettersReached(ctx: SetupContext, invites: readonly Row[]): boolean {
  const letters = ctx.rowsWhere("quillpost.letter", "from", "post@corkline.test");
  return invites.every((invite) => {
    const found = letters.find((letter) => textOf(letter, "body").includes(textOf(invite, "code")));
    return found !== undefined && reached(ctx, found.id);
  });
}

function accept(invites: readonly Row[]): Write[] {
  return invites.map((invite) => ({ app: "corkline", api: "accept_invite", args: { code: textOf(invite, "code") } }));
}

function drawPerson(ctx: SetupContext): BenchDraw<PersonPub> | Reject {
  const [wanted, ...others] = farHolders(ctx);
  const names = freshBoards(ctx);
  if (wanted === undefined || others.length < 5 || names.length < 9) return reject("too few people or boards");
  if (openInvites(ctx).some((row) => row["by"] === wanted.person.email)) return reject("there is an open invite");
  // Those of others come first, so that the first page of the list shows none of the wanted ones.
  for (const { person } of others.slice(0, 5)) {
    inviteTo(ctx, names.pop() ?? "", person, onDay(ctx, ctx.random.int(14, 20), 11));
  }
  const invited = [12, 11, 10].map((days) => inviteTo(ctx, names.pop() ?? "", wanted.person, onDay(ctx, days, 15)));
  const [first] = invited;
  if (first !== undefined) inviteAgain(ctx, first, wanted.person);
  const open = openInvites(ctx).filter((row) => row["by"] === wanted.person.email);
  if (!lettersReached(ctx, open)) return reject("a rule binned a letter");
  const { name } = wanted.person;
  return {
    instruction: phrase(ctx, [
      `Accept all corkline invites from ${name} that are still open; the codes are in the letters that corkline sent me. Leave other people's invites alone.`,
      `${name} has invited me to some boards in corkline. Please join every one of them for which the invite is open, with the code from the newest letter about it.`,
      `I want to be on the corkline boards to which ${name} invited me and which I have not answered yet. You find each code in my mail; do not answer the invites of anybody else.`,
    ]),
    pub: { name },
    writes: accept(open),
  };
}

function solvePerson(apis: Apis, pub: PersonPub): void {
  const { email } = contactNamed(apis, signIn(apis, "handset"), pub.name);
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "corkline");
  const letters = allPages(apis.quillpost.find_letters, { token: mail, from: "post@corkline.test" });
  for (const { board, by } of allPages(apis.corkline.list_invites, { token, state: "open" })) {
    if (by !== email) continue;
    const { letter_id } = letters.find((x) => x.subject === `Invitation to ${board}`);
    const code = apis.quillpost.get_letter({ token: mail, letter_id }).body.match(/code: (\w+)/)[1];
    apis.corkline.accept_invite({ token, code });
  }
}

function drawTie(ctx: SetupContext): BenchDraw<TiePub> | Reject {
  const people = farHolders(ctx);
  const [tie] = sharedTies(ctx, people, 2);
  const names = freshBoards(ctx);
  if (tie === undefined || names.length < 9) return reject("no tie or too few boards");
  const inside = people.filter((one) => hasTie(one, tie)).slice(0, 3);
  const outside = people.filter((one) => !hasTie(one, tie)).slice(0, 4);
  if (inside.length < 2 || outside.length < 3 || openInvites(ctx).length > 0) return reject("no fair set of invites");
  const day = (at: number) => onDay(ctx, at, 10);
  const order: readonly Known[] = [...outside, ...inside];
  const invited = order.map(({ person }, i) => inviteTo(ctx, names.pop() ?? "", person, day(20 - i)));
  const last = invited.at(-1);
  const lastLead = order.at(-1)?.person;
  if (last !== undefined && lastLead !== undefined) inviteAgain(ctx, last, lastLead);
  const emails = new Set(inside.map(({ person }) => person.email));
  const open = openInvites(ctx);
  const wanted = open.filter((row) => emails.has(textOf(row, "by")));
  if (!lettersReached(ctx, wanted)) return reject("a rule binned a letter");
  return {
    instruction: phrase(ctx, [
      `Go through my open corkline invites: accept those that ${
        sayTies(tie)
      } sent me, with the codes in my mail, and refuse all the others.`,
      `In corkline I only want to join boards of ${
        sayTies(tie)
      }. Please accept their open invites (the latest letter from corkline about each has the code) and refuse every other open one.`,
      `Answer all corkline invites that are waiting for me. Yes to what comes from ${
        sayTies(tie)
      }, by the code in the letter; no to the rest.`,
    ]),
    pub: { tie },
    said: { tie: sayTies(tie) },
    writes: [
      ...accept(wanted),
      ...open.filter((row) => !wanted.includes(row))
        .map((row) => ({ app: "corkline", api: "refuse_invite", args: { invite_id: row.id } })),
    ],
  };
}

function solveTie(apis: Apis, pub: TiePub): void {
  const emails = contactsWith(apis, signIn(apis, "handset"), pub.tie).map((x) => x.email);
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "corkline");
  const letters = allPages(apis.quillpost.find_letters, { token: mail, from: "post@corkline.test" });
  for (const { invite_id, board, by } of allPages(apis.corkline.list_invites, { token, state: "open" })) {
    if (!emails.includes(by)) {
      apis.corkline.refuse_invite({ token, invite_id });
      continue;
    }
    const { letter_id } = letters.find((x) => x.subject === `Invitation to ${board}`);
    const code = apis.quillpost.get_letter({ token: mail, letter_id }).body.match(/code: (\w+)/)[1];
    apis.corkline.accept_invite({ token, code });
  }
}

const CARDS = [
  "Ask the neighbours",
  "Borrow trestle tables",
  "Buy chalk",
  "Count the cups",
  "Draw the poster",
  "Find a drummer",
  "Fold the leaflets",
  "Hang the lights",
  "Mix the paint",
  "Order the sand",
  "Print name tags",
  "Sew the banner",
] as const;

function drawTake(ctx: SetupContext): BenchDraw<TakePub> | Reject {
  const [leader, helper] = farHolders(ctx);
  const [board] = freshBoards(ctx);
  if (leader === undefined || helper === undefined || board === undefined) return reject("nobody to invite");
  const lead = ctx.as(leader.person, onDay(ctx, 21, 9));
  const lanes = ctx.random.sample(["Ideas", "Next up", "Running", "Waiting", "Finished"], 3);
  const boardId = idIn(lead("corkline", "add_board", { name: board, lanes }), "board_id");
  const [lane, ...rest] = ctx.rowsWhere("corkline.lane", "board_id", boardId);
  const other = rest[0];
  if (lane === undefined || other === undefined) return reject("no lanes");
  const titles = ctx.random.shuffle(CARDS);
  const add = (at: Row, more: Readonly<Record<string, string>> = {}) =>
    idIn(
      lead("corkline", "add_card", { board_id: boardId, lane_id: at.id, title: titles.pop() ?? "", ...more }),
      "card_id",
    );
  add(lane, { assignee: leader.person.email });
  const wanted = [add(lane)];
  for (const at of [other, lane, other]) add(at, { assignee: leader.person.email });
  lead("corkline", "finish_card", { card_id: add(lane) });
  add(other);
  wanted.push(add(lane), add(lane));
  const invite = ctx.as(leader.person, onDay(ctx, 6, 13));
  invite("corkline", "invite_member", { board_id: boardId, email: ctx.user.email });
  const made = openInviteTo(ctx, boardId);
  const letter = ctx.rowsWhere("quillpost.letter", "from", "post@corkline.test")
    .find((row) => textOf(row, "body").includes(textOf(made, "code")));
  if (letter === undefined || !reached(ctx, letter.id)) return reject("a rule binned the letter");
  const filed = ctx.rowsWhere("quillpost.letter_copy", "letter_id", letter.id)
    .some((copy) => copy["owner"] === ctx.user.email && copy["folder"] === "archive");
  if (filed) return reject("a rule filed the letter");
  const day = addDays(today(ctx), ctx.random.int(5, 20));
  const remark = ctx.random.pick(["I can do this.", "Leave this one to me.", "On my list now.", "I will see to it."]);
  const laneName = textOf(lane, "name");
  return {
    instruction: phrase(ctx, [
      `Join the corkline board "${board}" with the code that came by letter. Every open card in its lane "${laneName}" that nobody has should be mine, due on ${
        sayDate(day)
      }, with the remark "${remark}". Archive the letter in the end.`,
      `I was invited to "${board}" in corkline; the code is in my mail. Accept, take over all unassigned open cards of the lane "${laneName}", set their due day to ${
        sayDate(day)
      } and remark "${remark}" on each. The letter can go to the archive afterwards.`,
      `Please accept the invite to the board "${board}" (see the letter from corkline), then assign me the open cards in "${laneName}" that have no one. Make each due on ${
        sayDate(day)
      }, leave "${remark}" as a remark, and archive that letter.`,
    ]),
    pub: { board, lane: laneName, day, remark },
    said: { day: sayDate(day) },
    writes(client) {
      client("corkline", "accept_invite", { code: textOf(made, "code") });
      for (const card_id of wanted) {
        client("corkline", "assign_card", { card_id, email: ctx.user.email });
        client("corkline", "set_due", { card_id, due_on: day });
        client("corkline", "add_remark", { card_id, text: remark });
      }
      client("quillpost", "archive", { letter_id: letter.id });
    },
  };
}

function solveTake(apis: Apis, pub: TakePub): void {
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "corkline");
  const { letter_id } = allPages(apis.quillpost.find_letters, { token: mail, from: "post@corkline.test" })
    .find((x) => x.subject === `Invitation to ${pub.board}`);
  const code = apis.quillpost.get_letter({ token: mail, letter_id }).body.match(/code: (\w+)/)[1];
  const { board_id } = apis.corkline.accept_invite({ token, code });
  const { email } = apis.principal.who_am_i();
  for (const { card_id, lane, assignee } of allPages(apis.corkline.list_cards, { token, board_id, state: "open" })) {
    if (lane !== pub.lane || assignee !== null) continue;
    apis.corkline.assign_card({ token, card_id, email });
    apis.corkline.set_due({ token, card_id, due_on: pub.day });
    apis.corkline.add_remark({ token, card_id, text: pub.remark });
  }
  apis.quillpost.archive({ token: mail, letter_id });
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** The three families. */
export const board_invites: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "board_invites/person",
    difficulty: 2,
    apps: ["handset", "quillpost", "corkline"],
    draw: drawPerson,
    solve: solvePerson,
  }),
  bench({
    ...COMMON,
    family: "board_invites/tie",
    difficulty: 2,
    apps: ["handset", "quillpost", "corkline"],
    draw: drawTie,
    solve: solveTie,
  }),
  bench({
    ...COMMON,
    family: "board_invites/take_over",
    difficulty: 3,
    apps: ["quillpost", "corkline"],
    draw: drawTake,
    solve: solveTake,
  }),
];
