/**
 * Letters that apps sent on their own, with the words of their APIs: receipts, invites, notices of shares.
 *
 * Contract: amounts, codes and names are those of the rows that earlier writers have written.
 *
 * @module
 */
import { addDays, addMinutes } from "../calendar.ts";
import type { Pen } from "../_pen.ts";
import { circle, circleMember } from "../apps/commonpot/tables.ts";
import { board, invite } from "../apps/corkline/tables.ts";
import { appAddress } from "../apps/effects/letters.ts";
import { note, noteShare } from "../apps/foldnote/tables.ts";
import { PLANS } from "../apps/larkbox/plan.ts";
import { larkMember } from "../apps/larkbox/tables.ts";
import { cancelLetter, receiptLetter, returnLetter } from "../apps/marlo/receipts.ts";
import { purchase, type PurchaseLine, purchaseLine } from "../apps/marlo/tables.ts";
import { card } from "../apps/principal/tables.ts";
import { shareGrant } from "../apps/stowbox/tables.ts";
import { bankMove, transfer } from "../apps/tuppence/tables.ts";
import type { LetterKind, Post } from "./_mail.ts";
import { WORLD_NOW } from "./context.ts";
import { centsText } from "../apps/_common.ts";

/** Posts all of them. */
export function postAppLetters(pen: Pen, post: Post): void {
  const random = post.context.random("quillpost", "apps");
  const names = new Map(post.context.society.people.map(({ email, name }) => [email, name]));
  const nameOf = (email: string) => names.get(email) ?? email;
  const write = (app: string, to: string, at: string, subject: string, body: string, kind: LetterKind) =>
    void post.send(random, { at, from: appAddress(app), to: [to], subject, body, kind });
  writeShop(pen, write);
  writePlans(pen, write);
  for (const { owner, direction, card: ending, amount, at } of pen.rows(bankMove)) {
    const [subject, body] = direction === "in"
      ? [
        `Receipt for ${centsText(amount)}`,
        `${centsText(amount)} were taken from your card ending in ${ending}: top-up of your balance.`,
      ]
      : [`Cash-out of ${centsText(amount)}`, `${centsText(amount)} are on their way to your card ending in ${ending}.`];
    write("tuppence", owner, at, subject, body, "receipt");
  }
  const cards = new Map(pen.rows(card).filter(({ name }) => name === "everyday card").map((row) => [row.owner, row]));
  for (const { from, to, amount, funding, at } of pen.rows(transfer)) {
    if (funding !== "card") continue;
    const ending = cards.get(from)?.number.slice(-4) ?? "";
    const body = `${centsText(amount)} were taken from your card ending in ${ending}: sent to ${nameOf(to)}.`;
    write("tuppence", from, at, `Receipt for ${centsText(amount)}`, body, "receipt");
  }
  for (const { board_id, email, role, by, code, made_at } of pen.rows(invite)) {
    const title = pen.rows(board)[board_id - 1]?.name ?? "";
    const body = `${nameOf(by)} invites you to the board ${title} as ${role}. Your code: ${code}`;
    write("corkline", email, made_at, `Invitation to ${title}`, body, "notice");
  }
  for (const { owner, note_id, email, may_edit, made_at } of pen.rows(noteShare)) {
    const rights = may_edit ? "read and change" : "read";
    const body = `You can now ${rights} the note "${pen.rows(note)[note_id - 1]?.title ?? ""}".`;
    write("foldnote", email, made_at, `${nameOf(owner)} shares a note`, body, "notice");
  }
  for (const { owner, path, email, rights, made_at } of pen.rows(shareGrant)) {
    const body = `${nameOf(owner)} (${owner}) shares ${path} with you. You may ${rights} it.`;
    write("stowbox", email, made_at, `${nameOf(owner)} shares ${path}`, body, "notice");
  }
  const owners = new Map(
    pen.rows(circleMember).filter(({ role }) => role === "owner").map((row) => [row.circle_id, row]),
  );
  for (const { circle_id, member, role, made_at } of pen.rows(circleMember)) {
    const name = pen.rows(circle)[circle_id - 1]?.name ?? "";
    const by = owners.get(circle_id)?.member;
    if (role === "owner" || by === undefined) continue;
    const body = `${nameOf(by)} added you to the circle ${name}.`;
    write("commonpot", member, made_at, `You are in the circle ${name}`, body, "notice");
  }
}

type Write = (app: string, to: string, at: string, subject: string, body: string, kind: LetterKind) => void;

function writeShop(pen: Pen, write: Write): void {
  const lines = new Map<number, PurchaseLine[]>();
  for (const line of pen.rows(purchaseLine)) {
    lines.set(line.purchase_id, [...(lines.get(line.purchase_id) ?? []), line]);
  }
  for (const bought of pen.rows(purchase)) {
    const mine = lines.get(bought.id) ?? [];
    const receipt = receiptLetter(bought, mine);
    write("marlo", bought.owner, bought.at, receipt.subject, receipt.body, "receipt");
    const cancelled = mine.filter(({ parcel_state }) => parcel_state === "cancelled");
    if (cancelled.length > 0) {
      const { subject, body } = cancelLetter(cancelled, bought.refunded);
      write("marlo", bought.owner, addMinutes(bought.at, 97), subject, body, "receipt");
    }
    for (const line of mine) {
      if (line.return_state === "none" || line.return_on === null) continue;
      const { subject, body } = returnLetter(line, line.return_reason, line.refund);
      write("marlo", bought.owner, `${line.return_on}T18:20:00`, subject, body, "receipt");
    }
  }
}

/** Receipts of plans: a year for one that runs, half a year for one that ended. */
function writePlans(pen: Pen, write: Write): void {
  const cards = new Map(pen.rows(card).filter(({ name }) => name === "everyday card").map((row) => [row.owner, row]));
  for (const { owner, plan, plan_until } of pen.rows(larkMember)) {
    const cents = PLANS.find((known) => known.plan === plan)?.cents ?? 0;
    if (cents === 0 || plan_until === null) continue;
    const months = plan_until > WORLD_NOW ? 12 : 6;
    const at = `${sameDayBefore(plan_until, months)}T12:30:00`;
    const body = [
      `Plan: ${plan}`,
      `Months: ${months}`,
      `Total: ${centsText(cents * months)}`,
      `Card: ends in ${cards.get(owner)?.number.slice(-4) ?? ""}`,
      `Paid until: ${plan_until}`,
    ].join("\n");
    write("larkbox", owner, at, `larkbox receipt: plan ${plan}`, body, "receipt");
  }
}

/** The day of the month that lies so many months before; the last one of a shorter month. */
function sameDayBefore(date: string, months: number): string {
  const count = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 - months;
  const month = `${Math.floor(count / 12)}-${String(count % 12 + 1).padStart(2, "0")}`;
  const lastDay = addDays(`${addDays(`${month}-28`, 4).slice(0, 7)}-01`, -1);
  const day = `${month}-${date.slice(8, 10)}`;
  return day < lastDay ? day : lastDay;
}
