/**
 * Somebody leaves: shared notes, boards, circles and files are taken away, what is open is settled or handed over, and a letter closes it.
 *
 * Hurdles: boards that somebody else leads, circles that somebody else owns, people who are not on a board, finished cards, namesakes.
 *
 * @module
 */
import { cardsOf, freshTitles, isOpen, plantCard } from "./_boards.ts";
import { memberBoard } from "./_cross_a.ts";
import { isFreePlace, plantFile } from "./_files.ts";
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  centsText,
  cycle,
  daysAgo,
  firstName,
  idIn,
  numberOf,
  phrase,
  type Principal,
  type Reject,
  reject,
  type Row,
  type Scenario,
  type SetupContext,
  textOf,
  today,
  type Write,
} from "./_kit.ts";
import { addBillOn, circleCents, type CircleView, holders } from "./_money_kit.ts";
import { pastTime, writeNote } from "./_phone.ts";
import { allPages, contactNamed, signIn } from "./_toolbox.ts";

type LeavePub = { readonly name: string; readonly subject: string };
type HandoverPub = { readonly name: string; readonly heir: string; readonly subject: string };

const SUBJECTS = ["Thank you for everything", "Goodbye and good luck", "All the best", "Your last day"] as const;
const NOTES = [
  "Opening hours",
  "Key list",
  "Suppliers",
  "Door codes",
  "Float in the till",
  "Rota",
  "Paint colours",
  "Who is who",
] as const;

/** Notes shared with the person, some of them with others, too; and one that only somebody else reads. */
function shareNotes(ctx: SetupContext, leaver: Principal, other: Principal): void {
  const titles = ctx.random.sample(NOTES, 8);
  titles.forEach((title, i) => {
    const at = pastTime(ctx, 20 + i * 3);
    const note_id = writeNote(ctx, title, `As of ${at.slice(0, 10)}: see the folder in the office.`, at);
    const client = ctx.as(ctx.user, `${addDays(at, 1)}T12:00:00`);
    if (i !== 3) client("foldnote", "share_note", { note_id, email: leaver.email, may_edit: i % 2 === 0 });
    if (i % 3 === 0) client("foldnote", "share_note", { note_id, email: other.email });
  });
}

/** Ends of all shares of notes with somebody. */
function unshareNotes(ctx: SetupContext, { email }: Principal): Write[] {
  return ctx.rows("foldnote.note_share", ctx.user.email)
    .filter((row) => row["owner"] === ctx.user.email && row["email"] === email)
    .map((row) => ({ app: "foldnote", api: "unshare_note", args: { note_id: numberOf(row, "note_id"), email } }));
}

/** Boards not archived that the user leads and the person is on. */
function ledBoards(ctx: SetupContext, { email }: Principal): Row[] {
  return ctx.rows("corkline.board_member", ctx.user.email).filter((row) => row["role"] === "lead")
    .map((row) => ctx.row("corkline.board", numberOf(row, "board_id")))
    .filter((board): board is Row =>
      board !== undefined && board["archived"] === false &&
      ctx.rowsWhere("corkline.board_member", "board_id", board.id).some((row) => row["email"] === email)
    );
}

/** Three boards that the user leads, one of them without the person; the person has cards on the others. */
function plantBoards(ctx: SetupContext, leaver: Principal, others: readonly Principal[]): void {
  const [first, second] = others;
  if (first === undefined || second === undefined) return;
  const teams = [[leaver, first], [leaver, first, second], [first, second], [leaver, second]];
  teams.forEach((team, i) => {
    const board = memberBoard(ctx, team, 60 - i * 4);
    freshTitles(ctx, board.id, 7).forEach((title, n) => {
      const assignee = n % 3 === 2 ? ctx.random.pick(board.people) : team[0];
      const due = addDays(today(ctx), n * 3 - 4);
      plantCard(
        ctx,
        board,
        { title, due, ...(assignee === undefined ? {} : { assignee }), done: n === 1 },
        pastTime(ctx, 20),
      );
    });
  });
}

/** Somebody who leaves, and other contacts. */
function cast(ctx: SetupContext): readonly Principal[] {
  return ctx.random.sample(holders(ctx), 5).map(({ person }) => person);
}

function drawNotes(ctx: SetupContext): BenchDraw<LeavePub> | Reject {
  const [leaver, ...others] = cast(ctx);
  const [other] = others;
  if (leaver === undefined || other === undefined || others.length < 3) return reject("too few people");
  shareNotes(ctx, leaver, other);
  plantBoards(ctx, leaver, others);
  const subject = cycle(ctx, ctx.random.shuffle(SUBJECTS));
  const body = `Dear ${firstName(leaver)}, it was good to work with you.`;
  const removals = ledBoards(ctx, leaver).map((board): Write => ({
    app: "corkline",
    api: "remove_board_member",
    args: { board_id: board.id, email: leaver.email },
  }));
  if (removals.length > 7) return reject("many boards");
  const { name } = leaver;
  return {
    instruction: phrase(ctx, [
      `${name} is leaving. Stop sharing any of my notes with them and take them off every corkline board that I lead; archived boards can stay as they are. Then write them a letter: subject "${subject}", text "Dear Mara, it was good to work with you." with the right first name.`,
      `Please end what ${name} has access to: all notes of mine that are shared with them, and the boards I am lead of (not the archived ones). Close with a letter to them titled "${subject}" that says "Dear Mara, it was good to work with you.", of course with their own first name.`,
      `${name} goes, so no note of mine should be shared with them any more, and they should be on none of the boards that I lead, those in the archive left out. A letter to say goodbye: "${subject}", text "Dear Mara, it was good to work with you." but with the first name of ${name}.`,
    ]),
    pub: { name, subject },
    writes: [
      ...unshareNotes(ctx, leaver),
      ...removals,
      { app: "quillpost", api: "send_letter", args: { to: [leaver.email], subject, body } },
    ],
  };
}

function solveOffboardNotes(apis: Apis, pub: LeavePub) {
  const phone = signIn(apis, "handset");
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "corkline");
  const mail = signIn(apis, "quillpost");
  const { email } = contactNamed(apis, phone, pub.name);
  for (const { note_id } of allPages(apis.foldnote.list_shares, { token: notes, email })) {
    apis.foldnote.unshare_note({ token: notes, note_id, email });
  }
  for (const { board_id, role } of allPages(apis.corkline.list_boards, { token, archived: false })) {
    if (role !== "lead") continue;
    const people = allPages(apis.corkline.list_board_members, { token, board_id });
    if (people.some((x) => x.email === email)) apis.corkline.remove_board_member({ token, board_id, email });
  }
  const body = `Dear ${pub.name.split(" ")[0]}, it was good to work with you.`;
  apis.quillpost.send_letter({ token: mail, to: [email], subject: pub.subject, body });
}

const PLACES = ["Cellar bar", "Boat shed", "Roof garden", "Tool library", "Film room", "Tea kitchen"] as const;
const COSTS = ["Shelves", "Lamps", "Varnish", "Hinges", "Mugs", "Seeds", "Rope"] as const;

/** Circles that the user owns, in which the person owes, gets money back, or is even; and one that somebody else owns. */
function plantCircles(ctx: SetupContext, leaver: Principal, others: readonly Principal[]): boolean {
  const [first, second] = others;
  const taken = new Set(ctx.rows("commonpot.circle").map((row) => textOf(row, "name")));
  const names = ctx.random.shuffle(PLACES.filter((name) => !taken.has(name)));
  if (first === undefined || second === undefined || names.length < 5) return false;
  const day = daysAgo(ctx, 70);
  const make = (owner: Principal, name: string, members: readonly Principal[]) =>
    idIn(
      ctx.as(owner, `${day}T10:00:00`)("commonpot", "add_circle", { name, members: members.map(({ email }) => email) }),
      "circle_id",
    );
  const add = (circle: number, by: Principal, among: readonly Principal[]) =>
    addBillOn(ctx, {
      circle,
      by: by.email,
      title: ctx.random.pick(COSTS),
      cents: ctx.random.int(10, 50) * 60,
      day: daysAgo(ctx, ctx.random.int(10, 60)),
      among: among.map(({ email }) => email),
    });
  const { user } = ctx;
  const circles = names.slice(0, 4).map((name, i) =>
    make(user, name, i === 2 ? [first, second] : [leaver, first, second])
  );
  const all = [user, leaver, first];
  const [owing, owed, without, even] = circles;
  if (owing === undefined || owed === undefined || without === undefined || even === undefined) return false;
  add(owing, user, all);
  add(owing, first, [leaver, second]);
  add(owed, leaver, [user, first, second]);
  add(owed, user, [leaver, second]);
  add(without, first, [user, second]);
  add(even, user, [user, first]);
  const foreign = make(first, names[4] ?? "", [user, leaver]);
  add(foreign, first, all);
  return true;
}

/** Circles that the user owns and the person is in. */
function ownedCircles(ctx: SetupContext, { email }: Principal): CircleView[] {
  return ctx.rows("commonpot.circle_member", ctx.user.email).filter((row) => row["role"] === "owner").map((row) => {
    const id = numberOf(row, "circle_id");
    const circle = ctx.row("commonpot.circle", id);
    const members = ctx.rowsWhere("commonpot.circle_member", "circle_id", id).map((one) => textOf(one, "member"));
    return { id, name: circle === undefined ? "" : textOf(circle, "name"), kind: "", members };
  }).filter(({ members }) => members.includes(email));
}

function drawCircles(ctx: SetupContext): BenchDraw<LeavePub> | Reject {
  const [leaver, ...others] = cast(ctx);
  const [other] = others;
  if (leaver === undefined || other === undefined || others.length < 3) return reject("too few people");
  if (!plantCircles(ctx, leaver, others)) return reject("no names for circles");
  shareNotes(ctx, leaver, other);
  const circles = ownedCircles(ctx, leaver);
  const lines = circles.map((circle) =>
    `${circle.name}: ${centsText(circleCents(ctx, circle).get(leaver.email) ?? 0)}`
  );
  const folded = [...lines].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  if (new Set(circles.map(({ name }) => name)).size < circles.length || [...lines].sort().join() !== folded.join()) {
    return reject("names of circles are alike");
  }
  const writes = circles.flatMap((circle): Write[] => {
    const cents = circleCents(ctx, circle).get(leaver.email) ?? 0;
    const settlement = {
      circle_id: circle.id,
      from: cents < 0 ? leaver.email : ctx.user.email,
      to: cents < 0 ? ctx.user.email : leaver.email,
      amount: Math.abs(cents) / 100,
      memo: "Final settlement",
    };
    return [
      ...(cents === 0 ? [] : [{ app: "commonpot", api: "add_settlement", args: settlement }]),
      { app: "commonpot", api: "remove_circle_member", args: { circle_id: circle.id, email: leaver.email } },
    ];
  });
  const subject = cycle(ctx, ctx.random.shuffle(SUBJECTS));
  const { name } = leaver;
  return {
    instruction: phrase(ctx, [
      `${name} moves away. In every commonpot circle that I own and they are in, record a settlement between us for their whole balance there, memo "Final settlement" (they pay me if they owe, I pay them if they get money back), and take them out. Stop sharing my notes with them. Finally mail them "${subject}": alphabetical lines like "Boat shed: -12.50" with their balance before, also where it is 0.00.`,
      `Please say goodbye to ${name} for me: out of all commonpot circles I own, after a settlement of today between the two of us has brought their balance in each to zero (memo "Final settlement"); no more notes of mine shared with them; then a letter "${subject}" that lists those circles alphabetically with the balance they had, zero too, like "Boat shed: -12.50".`,
      `${name} is out of everything from today. For each circle of mine (I am the owner) that they are in: note a payment between us over what they owe or get there, memo "Final settlement", and remove them. Unshare all my notes with them. The letter "${subject}" to them has one line a circle, alphabetically: "Boat shed: -12.50", the balance before, or 0.00.`,
    ]),
    pub: { name, subject },
    writes: [
      ...writes,
      ...unshareNotes(ctx, leaver),
      { app: "quillpost", api: "send_letter", args: { to: [leaver.email], subject, body: lines.sort().join("\n") } },
    ],
  };
}

function solveOffboardCircles(apis: Apis, pub: LeavePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "commonpot");
  const notes = signIn(apis, "foldnote");
  const mail = signIn(apis, "quillpost");
  const me = apis.principal.who_am_i().email;
  const { email } = contactNamed(apis, phone, pub.name);
  const lines = [];
  for (const { circle_id, name, role } of allPages(apis.commonpot.list_circles, { token })) {
    if (role !== "owner") continue;
    const person = allPages(apis.commonpot.list_circle_balances, { token, circle_id }).find((x) => x.email === email);
    if (person === undefined) continue;
    const { balance } = person;
    lines.push(`${name}: ${balance.toFixed(2)}`);
    if (balance !== 0) {
      const [from, to] = balance < 0 ? [email, me] : [me, email];
      const amount = Math.abs(balance);
      apis.commonpot.add_settlement({ token, circle_id, from, to, amount, memo: "Final settlement" });
    }
    apis.commonpot.remove_circle_member({ token, circle_id, email });
  }
  for (const { note_id } of allPages(apis.foldnote.list_shares, { token: notes, email })) {
    apis.foldnote.unshare_note({ token: notes, note_id, email });
  }
  apis.quillpost.send_letter({ token: mail, to: [email], subject: pub.subject, body: lines.sort().join("\n") });
}

function drawHandover(ctx: SetupContext): BenchDraw<HandoverPub> | Reject {
  const [leaver, heir, third] = cast(ctx);
  if (leaver === undefined || heir === undefined || third === undefined) return reject("too few people");
  const folder = "/handbook";
  if (!isFreePlace(ctx, folder)) return reject("the folder exists");
  plantBoards(ctx, leaver, [heir, third]);
  const paths = ["rules", "map", "prices", "contacts", "keys", "waste", "alarm"].map((name) => `${folder}/${name}.txt`);
  paths.forEach((path, i) => {
    plantFile(ctx, path, `Page ${i + 1}`, pastTime(ctx, 40 + i));
    const client = ctx.as(ctx.user, pastTime(ctx, 20 + i));
    if (i !== 2) client("stowbox", "share_path", { path, email: leaver.email, rights: i % 2 === 0 ? "edit" : "read" });
    if (i % 3 === 1) client("stowbox", "share_path", { path, email: heir.email });
  });
  const boards = ledBoards(ctx, leaver);
  const lines: string[] = [];
  const writes: Write[] = [];
  for (const board of boards) {
    const hasHeir = ctx.rowsWhere("corkline.board_member", "board_id", board.id).some((row) =>
      row["email"] === heir.email
    );
    for (const card of cardsOf(ctx, board.id)) {
      if (!isOpen(card) || card["assignee"] !== leaver.email || !hasHeir) continue;
      lines.push(textOf(card, "title"));
      writes.push({ app: "corkline", api: "assign_card", args: { card_id: card.id, email: heir.email } });
    }
    writes.push({ app: "corkline", api: "remove_board_member", args: { board_id: board.id, email: leaver.email } });
  }
  for (const row of ctx.rows("stowbox.share_grant", ctx.user.email)) {
    if (row["owner"] !== ctx.user.email || row["email"] !== leaver.email) continue;
    writes.push({ app: "stowbox", api: "unshare_path", args: { share_id: row.id } });
  }
  const folded = [...lines].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  if (lines.length < 5 || lines.length > 16 || [...lines].sort().join() !== folded.join()) {
    return reject("few or odd cards");
  }
  if (boards.length > 6 || new Set(lines).size < lines.length) return reject("many boards, or a title on two of them");
  const subject = cycle(ctx, ctx.random.shuffle(["Handover", "Who takes over what", "Change of hands"]));
  const letter = { to: [leaver.email, heir.email], subject, body: lines.sort().join("\n") };
  return {
    instruction: phrase(ctx, [
      `${heir.name} takes over from ${leaver.name}. On every corkline board that I lead and that is not archived: give ${leaver.name}'s open cards to ${heir.name} where they are on the board too, then take ${leaver.name} off. End all shares of my files with ${leaver.name}. One letter to both, subject "${subject}": the titles of the cards handed over, alphabetically, one a line.`,
      `Please hand over the work of ${leaver.name}, who leaves, to ${heir.name}: open cards on the boards I lead (archived ones aside) change hands if ${heir.name} is on that board, and ${leaver.name} leaves all of these boards. No file or folder of mine stays shared with ${leaver.name}. Then mail both in one letter "${subject}" an alphabetical list of the titles, one per line.`,
      `${leaver.name} is going. Assign their open cards to ${heir.name} on those of my boards (I lead them, not archived) that both are on, and remove ${leaver.name} from every board of mine. Stop sharing files with ${leaver.name} in stowbox. Afterwards a letter to the two of them, "${subject}", naming the cards that ${heir.name} got: titles in alphabetical order, one a line.`,
    ]),
    pub: { name: leaver.name, heir: heir.name, subject },
    writes: [...writes, { app: "quillpost", api: "send_letter", args: letter }],
  };
}

function solveOffboardHandover(apis: Apis, pub: HandoverPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "corkline");
  const stow = signIn(apis, "stowbox");
  const mail = signIn(apis, "quillpost");
  const { email } = contactNamed(apis, phone, pub.name);
  const heir = contactNamed(apis, phone, pub.heir).email;
  const titles = [];
  for (const { board_id, role } of allPages(apis.corkline.list_boards, { token, archived: false })) {
    if (role !== "lead") continue;
    const people = allPages(apis.corkline.list_board_members, { token, board_id }).map((x) => x.email);
    if (!people.includes(email)) continue;
    const cards = allPages(apis.corkline.list_cards, { token, board_id, state: "open" });
    for (const { card_id, title, assignee } of people.includes(heir) ? cards : []) {
      if (assignee !== email) continue;
      apis.corkline.assign_card({ token, card_id, email: heir });
      titles.push(title);
    }
    apis.corkline.remove_board_member({ token, board_id, email });
  }
  for (const share of allPages(apis.stowbox.list_shares, { token: stow })) {
    if (share.email === email) apis.stowbox.unshare_path({ token: stow, share_id: share.share_id });
  }
  const body = titles.sort().join("\n");
  apis.quillpost.send_letter({ token: mail, to: [email, heir], subject: pub.subject, body });
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const offboardPerson: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "offboard_person/notes",
    difficulty: 2,
    apps: ["handset", "foldnote", "corkline", "quillpost"],
    draw: drawNotes,
    solve: solveOffboardNotes,
  }),
  bench({
    ...COMMON,
    family: "offboard_person/circles",
    difficulty: 3,
    apps: ["handset", "commonpot", "foldnote", "quillpost"],
    draw: drawCircles,
    solve: solveOffboardCircles,
  }),
  bench({
    ...COMMON,
    family: "offboard_person/handover",
    difficulty: 3,
    apps: ["handset", "corkline", "stowbox", "quillpost"],
    draw: drawHandover,
    solve: solveOffboardHandover,
  }),
];
