/**
 * One person's access ended: to notes, to files, to boards.
 *
 * @module
 */
import {
  type Apis,
  bench,
  idIn,
  listOf,
  numberOf,
  phrase,
  type Principal,
  reject,
  type Row,
  type Scenario,
  type SetupContext,
  textOf,
  type Write,
} from "./_kit.ts";
import { freshTitles } from "./_boards.ts";
import { pathOfRow } from "./_files.ts";
import { holders } from "./_money_kit.ts";
import { pastTime } from "./_phone.ts";
import { allPages, contactNamed, signIn } from "./_toolbox.ts";

/** Somebody whose access ends, and others who keep theirs. */
function people(
  ctx: SetupContext,
): { readonly person: Principal; readonly tie: string; readonly others: readonly Principal[] } | undefined {
  const [one, ...rest] = ctx.random.shuffle(holders(ctx).filter(({ contact }) => listOf(contact, "ties").length > 0));
  if (one === undefined || rest.length < 3) return undefined;
  return {
    person: one.person,
    tie: listOf(one.contact, "ties")[0] ?? "",
    others: rest.slice(0, 3).map(({ person }) => person),
  };
}

function drawNotes(ctx: SetupContext) {
  const found = people(ctx);
  if (found === undefined) return reject("too few people");
  const { person, others } = found;
  const { email } = ctx.user;
  const shared = new Set(
    ctx.rows("foldnote.note_share", email).filter((row) => row["owner"] === email).map((row) =>
      `${row["note_id"]} ${row["email"]}`
    ),
  );
  const notes = ctx.random.sample(ctx.rows("foldnote.note", email).filter((row) => row["owner"] === email), 16);
  const isTwice = (row: Row) => notes.filter((other) => other["title"] === row["title"]).length > 1;
  if (notes.length < 12 || notes.some(isTwice)) return reject("too few notes");
  const share = (note: Row, to: Principal) => {
    if (shared.has(`${note.id} ${to.email}`)) return;
    const args = { note_id: note.id, email: to.email, may_edit: ctx.random.uniform() < 0.5 };
    ctx.as(ctx.user, pastTime(ctx, ctx.random.int(2, 40)))("foldnote", "share_note", args);
  };
  notes.forEach((note, i) => {
    if (i % 3 !== 2) share(note, person);
    if (i % 2 === 0) share(note, others[i % 3] ?? person);
  });
  const kept = notes[0];
  const all = ctx.rows("foldnote.note_share", email).filter((row) =>
    row["owner"] === email && row["email"] === person.email
  );
  if (kept === undefined) return reject("too few notes");
  const title = textOf(kept, "title");
  if (
    all.some((row) =>
      row["note_id"] !== kept.id && ctx.row("foldnote.note", numberOf(row, "note_id"))?.["title"] === title
    )
  ) {
    return reject("a title twice");
  }
  const writes = all.filter((row) => row["note_id"] !== kept.id).map((row): Write => ({
    app: "foldnote",
    api: "unshare_note",
    args: { note_id: numberOf(row, "note_id"), email: person.email },
  }));
  return {
    instruction: phrase(ctx, [
      `Stop sharing my notes with ${person.name}, all of them except "${title}".`,
      `${person.name} should no longer see any of my notes; only "${title}" may stay shared.`,
      `Please take ${person.name} off every note that I share, but leave "${title}" as it is. Nobody else loses anything.`,
    ]),
    pub: { person: person.name, title },
    writes,
  };
}

function solveNotes(apis: Apis, pub: { person: string; title: string }) {
  const { email } = contactNamed(apis, signIn(apis, "handset"), pub.person);
  const token = signIn(apis, "foldnote");
  const shares = allPages(apis.foldnote.list_shares, { token }).filter((x) => x.email === email);
  for (const { note_id, title } of shares) {
    if (title !== pub.title) apis.foldnote.unshare_note({ token, note_id, email });
  }
}

function drawFiles(ctx: SetupContext) {
  const found = people(ctx);
  if (found === undefined) return reject("too few people");
  const { person, others } = found;
  const { email } = ctx.user;
  const mine = (row: Row) => row["owner"] === email;
  const shared = new Set(
    ctx.rows("stowbox.share_grant", email).filter(mine).map((row) => `${row["path"]} ${row["email"]}`),
  );
  const paths = ctx.random.sample(
    [
      ...ctx.rows("stowbox.folder", email).map((row) => textOf(row, "path")),
      ...ctx.rows("stowbox.file", email).map(pathOfRow),
    ],
    16,
  );
  if (paths.length < 16) return reject("too few files");
  const share = (path: string, to: Principal, rights: string) => {
    if (shared.has(`${path} ${to.email}`)) return;
    ctx.as(ctx.user, pastTime(ctx, ctx.random.int(2, 40)))("stowbox", "share_path", { path, email: to.email, rights });
  };
  paths.forEach((path, i) => {
    if (i % 4 !== 3) share(path, person, i % 3 === 0 ? "read" : "edit");
    if (i % 2 === 0) share(path, others[i % 3] ?? person, "edit");
  });
  const gone = ctx.rows("stowbox.share_grant", email)
    .filter((row) => mine(row) && row["email"] === person.email && row["rights"] === "edit");
  return {
    instruction: phrase(ctx, [
      `I no longer want ${person.name} to be able to change anything of mine: end every share of my files and folders that lets ${person.name} edit. Shares that are for reading only stay.`,
      `Please end all shares by which ${person.name} can edit something in my file store. What ${person.name} can only read stays shared, and so does everything that others have.`,
      `Go through what I share from my file store and withdraw each folder or file that ${person.name} has the right to edit. Read-only shares, and those with other people, are fine.`,
    ]),
    pub: { person: person.name },
    writes: gone.map((row): Write => ({ app: "stowbox", api: "unshare_path", args: { share_id: row.id } })),
  };
}

function solveFiles(apis: Apis, pub: { person: string }) {
  const { email } = contactNamed(apis, signIn(apis, "handset"), pub.person);
  const token = signIn(apis, "stowbox");
  for (const { share_id, ...share } of allPages(apis.stowbox.list_shares, { token })) {
    if (share.email === email && share.rights === "edit") apis.stowbox.unshare_path({ token, share_id });
  }
}

const BOARD_NAMES = [
  "Window Displays",
  "Night Market",
  "Charity Walk",
  "Boat Repair",
  "Radio Hour",
  "Stall Rota",
  "Map Project",
] as const;

/** A board made by somebody some time ago, with others on it and cards. @returns its id. */
function plantBoard(ctx: SetupContext, name: string, lead: Principal, people: readonly Principal[]): number {
  const at = pastTime(ctx, 50);
  const board_id = idIn(ctx.as(lead, at)("corkline", "add_board", { name }), "board_id");
  for (const person of people) {
    const invite_id = idIn(
      ctx.as(lead, at)("corkline", "invite_member", { board_id, email: person.email }),
      "invite_id",
    );
    const code = textOf(ctx.row("corkline.invite", invite_id) ?? { id: 0 }, "code");
    ctx.as(person, at)("corkline", "accept_invite", { code });
  }
  const [lane] = ctx.rowsWhere("corkline.lane", "board_id", board_id);
  freshTitles(ctx, board_id, ctx.random.int(9, 14)).forEach((title, i) => {
    const who = [...people, lead][i % (people.length + 1)] ?? lead;
    const card_id = idIn(
      ctx.as(lead, at)("corkline", "add_card", { board_id, lane_id: lane?.id ?? 0, title, assignee: who.email }),
      "card_id",
    );
    if (i >= 6 && i % 3 === 0) ctx.as(lead, at)("corkline", "finish_card", { card_id });
  });
  return board_id;
}

function drawBoards(ctx: SetupContext) {
  const found = people(ctx);
  if (found === undefined) return reject("too few people");
  const { person, others } = found;
  const [friend, other] = others;
  if (friend === undefined || other === undefined) return reject("too few people");
  const [a = "", b = "", c = "", d = "", e = ""] = ctx.random.shuffle(BOARD_NAMES);
  plantBoard(ctx, a, ctx.user, [person, friend]);
  plantBoard(ctx, b, ctx.user, [friend, person, other]);
  plantBoard(ctx, c, friend, [ctx.user, person]);
  const archived = plantBoard(ctx, d, ctx.user, [person]);
  ctx.as(ctx.user, pastTime(ctx, 3))("corkline", "archive_board", { board_id: archived, on: true });
  plantBoard(ctx, e, ctx.user, [other]);
  const memberships = ctx.rows("corkline.board_member", ctx.user.email).filter((row) => row["role"] === "lead");
  const boards = memberships.map((row) => numberOf(row, "board_id")).filter((id) =>
    ctx.row("corkline.board", id)?.["archived"] === false &&
    ctx.rowsWhere("corkline.board_member", "board_id", id).some((row) => row["email"] === person.email)
  );
  const writes = boards.flatMap((board_id): Write[] => {
    const cards = ctx.rowsWhere("corkline.card", "board_id", board_id)
      .filter((row) => row["assignee"] === person.email && row["done_at"] === null);
    return [
      ...cards.map(({ id }): Write => ({
        app: "corkline",
        api: "assign_card",
        args: { card_id: id, email: ctx.user.email },
      })),
      { app: "corkline", api: "remove_board_member", args: { board_id, email: person.email } },
    ];
  });
  return {
    instruction: phrase(ctx, [
      `${person.name} leaves: take over the open cards that ${person.name} has on the boards that I lead, and take ${person.name} off those boards. Archived boards, and boards that others lead, do not matter.`,
      `Please remove ${person.name} from every board I am the lead of, unless it is archived, and assign the cards that ${person.name} has not finished there to me.`,
      `${person.name} will not work with me any longer. On each board that I lead and that is not archived, give me all unfinished cards of ${person.name} and then end the membership.`,
    ]),
    pub: { person: person.name },
    writes,
  };
}

function solveBoards(apis: Apis, pub: { person: string }) {
  const phoneToken = signIn(apis, "handset");
  const { email } = contactNamed(apis, phoneToken, pub.person);
  const token = signIn(apis, "corkline");
  const own = apis.principal.who_am_i().email;
  for (const { board_id, role } of allPages(apis.corkline.list_boards, { token, archived: false })) {
    if (role !== "lead") continue;
    const members = allPages(apis.corkline.list_board_members, { token, board_id });
    if (!members.some((x) => x.email === email)) continue;
    for (const card of allPages(apis.corkline.list_cards, { token, board_id, state: "open" })) {
      if (card.assignee === email) apis.corkline.assign_card({ token, card_id: card.card_id, email: own });
    }
    apis.corkline.remove_board_member({ token, board_id, email });
  }
}

/** Scenarios of this generator. */
export const revokeSharing: readonly Scenario[] = [
  bench({
    family: "revoke_sharing/notes",
    split: "test_normal",
    difficulty: 1,
    apps: ["handset", "foldnote"],
    axis: {},
    draw: drawNotes,
    solve: solveNotes,
  }),
  bench({
    family: "revoke_sharing/files",
    split: "test_normal",
    difficulty: 1,
    apps: ["handset", "stowbox"],
    axis: {},
    draw: drawFiles,
    solve: solveFiles,
  }),
  bench({
    family: "revoke_sharing/boards",
    split: "test_normal",
    difficulty: 2,
    apps: ["handset", "corkline"],
    axis: {},
    draw: drawBoards,
    solve: solveBoards,
  }),
];
