/**
 * What draws about letters in company with other apps share: letters that the user gets, files in letters, the manager, and a look into
 * the user's mail.
 *
 * Contract: reads come from rows; letters are written by their senders through the mail app, files through the file store.
 *
 * @module
 */
import { numberOf, textOf } from "../short/_setup.ts";
import { addDays, idIn, listOf, tiedHolders } from "./_kit.ts";
import type { OwnBoard } from "./_boards.ts";
import type { Client, Principal, Row, SetupContext } from "./_kit.ts";

/** A letter to plant. */
export interface PlantedLetter {
  readonly subject: string;
  readonly body: string;
  /** Date and time of sending. */
  readonly at: string;
  /**
   * E-mails of receivers besides the user.
   *
   * @default {[]}
   */
  readonly others?: readonly string[];
}

/** A letter that the user gets. A rule of the user does not throw it away. @returns its id. */
export function receiveLetter(ctx: SetupContext, from: Pick<Principal, "email">, letter: PlantedLetter): number {
  const { subject, body, at, others = [] } = letter;
  const to = [ctx.user.email, ...others];
  const id = idIn(ctx.as(from, at)("quillpost", "send_letter", { to, subject, body }), "letter_id");
  keepOutOfBin(ctx, id);
  return id;
}

/** A letter that the user sent. @returns its id. */
export function sentLetter(ctx: SetupContext, to: Pick<Principal, "email">, letter: PlantedLetter): number {
  const { subject, body, at, others = [] } = letter;
  const args = { to: [to.email, ...others], subject, body };
  return idIn(ctx.as(ctx.user, at)("quillpost", "send_letter", args), "letter_id");
}

/** A letter with files that the user gets; the sender keeps the files in a folder of the own file store. @returns its id. */
export function receiveFiles(
  ctx: SetupContext,
  from: Pick<Principal, "email">,
  letter: PlantedLetter,
  files: readonly { readonly name: string; readonly text: string }[],
): number {
  const { subject, body, at, others = [] } = letter;
  const client = ctx.as(from, at);
  const draft_id = idIn(
    client("quillpost", "add_draft", { to: [ctx.user.email, ...others], subject, body }),
    "draft_id",
  );
  for (const { name, text } of files) {
    const path = `/outgoing/${name}`;
    client("stowbox", "write_file", { path, text, with_parents: true, replace: true });
    client("quillpost", "enclose_file", { draft_id, path });
  }
  const id = idIn(client("quillpost", "send_draft", { draft_id }), "letter_id");
  keepOutOfBin(ctx, id);
  return id;
}

function keepOutOfBin(ctx: SetupContext, letterId: number): void {
  const copy = ctx.rowsWhere("quillpost.letter_copy", "letter_id", letterId)
    .find((row) => row["owner"] === ctx.user.email);
  if (copy !== undefined && copy["folder"] === "bin") ctx.as()("quillpost", "restore", { letter_id: letterId });
}

/** Sends a letter with copies of files of the own file store in it. */
export function mailWithFiles(
  client: Client,
  letter: { readonly to: readonly string[]; readonly subject: string; readonly body: string },
  paths: readonly string[],
): void {
  const { to, subject, body } = letter;
  const draft_id = idIn(client("quillpost", "add_draft", { to, subject, body }), "draft_id");
  for (const path of paths) client("quillpost", "enclose_file", { draft_id, path });
  client("quillpost", "send_draft", { draft_id });
}

/** Letters of the user outside the bin, newest first. */
export function mailOf(ctx: SetupContext): Row[] {
  const letters = ctx.rows("quillpost.letter_copy", ctx.user.email).filter((copy) => copy["folder"] !== "bin")
    .map((copy) => ctx.row("quillpost.letter", numberOf(copy, "letter_id")))
    .filter((row): row is Row => row !== undefined);
  return letters.sort((a, b) => {
    const [left, right] = [textOf(a, "sent_at"), textOf(b, "sent_at")];
    return left < right ? 1 : left > right ? -1 : b.id - a.id;
  });
}

/** Whether no letter of the user has any of the words in its subject. */
export function isFreshSubject(ctx: SetupContext, ...words: readonly string[]): boolean {
  const subjects = mailOf(ctx).map((row) => textOf(row, "subject"));
  return words.every((word) => subjects.every((subject) => !subject.includes(word)));
}

/** The user's manager, where exactly one contact is that and has accounts. */
export function managerOf(ctx: SetupContext): Principal | undefined {
  const contacts = ctx.rows("handset.contact", ctx.user.email).filter((row) => listOf(row, "ties").includes("manager"));
  const [manager] = tiedHolders(ctx, "manager");
  return contacts.length === 1 ? manager : undefined;
}

const BOARD_FIRSTS = ["Kettle", "Window", "Corner", "Ladder", "Bridge", "Garden", "Attic", "Tram"] as const;
const BOARD_SECONDS = ["plans", "jobs", "matters", "agenda", "things to do", "round"] as const;

/** A new board that the user leads and that some people have joined, with a name that no board has. */
export function memberBoard(ctx: SetupContext, people: readonly Principal[], days = 45): OwnBoard {
  const taken = new Set(ctx.rows("corkline.board").map((row) => textOf(row, "name")));
  const names = BOARD_FIRSTS.flatMap((first) => BOARD_SECONDS.map((second) => `${first} ${second}`));
  const name = ctx.random.pick(names.filter((one) => !taken.has(one)));
  const day = addDays(ctx.at, -days);
  const lead = ctx.as(ctx.user, `${day}T08:00:00`);
  const id = idIn(lead("corkline", "add_board", { name }), "board_id");
  for (const { email } of people) {
    const invite_id = idIn(lead("corkline", "invite_member", { board_id: id, email }), "invite_id");
    const invite = ctx.row("corkline.invite", invite_id);
    if (invite !== undefined) {
      ctx.as({ email }, `${day}T12:00:00`)("corkline", "accept_invite", { code: textOf(invite, "code") });
    }
  }
  const everybody = [ctx.user, ...people];
  return { id, name, role: "lead", people: everybody, workers: everybody, lead: ctx.user };
}
