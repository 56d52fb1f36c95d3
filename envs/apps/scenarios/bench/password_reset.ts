/**
 * The stored password of an app does not work any more: have it reset by the code that comes as a text, then do one thing there.
 *
 * An older code of the app and a newer one of another app lie among the texts.
 *
 * @module
 */
import { catalogueRow, entriesOf, mixesOf } from "./_larkbox.ts";
import {
  addDays,
  addMinutes,
  type Apis,
  bench,
  type BenchDraw,
  type Client,
  newestFirst,
  numberOf,
  phrase,
  type Reject,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { allPages, signIn } from "./_toolbox.ts";

type MixPub = { readonly password: string; readonly title: string; readonly minutes: number };
type BillPub = {
  readonly password: string;
  readonly circle: string;
  readonly bill: string;
  readonly day: string;
  readonly name: string;
  readonly remark: string;
};

const OLD_CODE_MINUTES = 75;
const OTHER_CODE_MINUTES = 4;

function newPassword(ctx: SetupContext): string {
  const words = ["tangerine", "windmill", "saxophone", "hedgehog", "marzipan", "lighthouse", "porcelain", "thunder"];
  return `${ctx.random.pick(words)}-${ctx.random.int(100, 999)}`;
}

/** Makes the stored password wrong and leaves codes about that do not help. */
function lockOut(ctx: SetupContext, app: "larkbox" | "commonpot"): void {
  const { email } = ctx.user;
  const [member] = ctx.rows(`${app}.member`, email);
  if (member === undefined) throw new RangeError(`${email} has no account of ${app}`);
  ctx.patch(`${app}.member`, member.id, { password: `gone-${ctx.random.int(1000, 9999)}` });
  const other = app === "larkbox" ? "commonpot" : "larkbox";
  ctx.as(ctx.user, addMinutes(ctx.at, -OLD_CODE_MINUTES))(app, "ask_reset_code", { user: email });
  ctx.as(ctx.user, addMinutes(ctx.at, -OTHER_CODE_MINUTES))(other, "ask_reset_code", { user: email });
}

/** The writes that let the user in again. */
function reset(ctx: SetupContext, client: Client, app: string, password: string): void {
  const user = ctx.user.email;
  client(app, "ask_reset_code", { user });
  const [newest] = client("handset", "list_texts", { direction: "in", size: 1 }) as { text: string }[];
  const code = /\d{6}/.exec(newest?.text ?? "")?.[0] ?? "";
  client(app, "reset_password", { user, code, new_password: password });
}

function drawMix(ctx: SetupContext): BenchDraw<MixPub> | Reject {
  const minutes = ctx.random.int(4, 6);
  const long = (entry: Row) =>
    numberOf(catalogueRow(ctx, "track", numberOf(entry, "track_id")), "seconds") > minutes * 60;
  const found = ctx.random.shuffle(mixesOf(ctx).slice(5)).find((mix) => {
    const entries = entriesOf(ctx, mix.id);
    const count = entries.filter(long).length;
    return mix["open"] === false && count >= 3 && count < entries.length && entries.slice(5).some(long);
  });
  if (found === undefined) return reject("no private mix has long tracks");
  lockOut(ctx, "larkbox");
  const password = newPassword(ctx);
  const title = textOf(found, "title");
  const gone = entriesOf(ctx, found.id).filter(long);
  return {
    instruction: phrase(ctx, [
      `larkbox does not accept my stored password any more. Have it reset with a code by text and make it "${password}". Then take every track longer than ${minutes} minutes out of my mix "${title}" and let everybody see that mix.`,
      `I am locked out of larkbox: please get a reset code sent to my phone and set the password to "${password}". After that, remove from my mix "${title}" whatever runs for more than ${minutes} minutes, and make the mix open.`,
      `Set a new larkbox password, "${password}", by way of the code that they text me, since the old one fails. Once you are in, open my mix "${title}" to everyone and drop all of its tracks of over ${minutes} minutes.`,
    ]),
    pub: { password, title, minutes },
    writes(client) {
      reset(ctx, client, "larkbox", password);
      for (const { id } of gone) client("larkbox", "remove_from_mix", { mix_id: found.id, entry_id: id });
      client("larkbox", "edit_mix", { mix_id: found.id, open: true });
    },
  };
}

function solveMix(apis: Apis, pub: MixPub): void {
  const { user } = apis.principal.my_logins().find((x: { app: string }) => x.app === "larkbox");
  apis.larkbox.ask_reset_code({ user });
  const [newest] = apis.handset.list_texts({ token: signIn(apis, "handset"), direction: "in", order: "-at" })
    .filter((x: { text: string }) => x.text.includes("larkbox"));
  const code = newest.text.match(/\d{6}/)[0];
  apis.larkbox.reset_password({ user, code, new_password: pub.password });
  const { token } = apis.larkbox.log_in({ user, password: pub.password });
  const { mix_id } = allPages(apis.larkbox.list_my_mixes, { token }).find((x) => x.title === pub.title);
  for (const { entry_id, track_id } of allPages(apis.larkbox.list_mix_entries, { token, mix_id })) {
    if (apis.larkbox.get_track({ token, track_id }).seconds > pub.minutes * 60) {
      apis.larkbox.remove_from_mix({ token, mix_id, entry_id });
    }
  }
  apis.larkbox.edit_mix({ token, mix_id, open: true });
}

/** A bill that is not on the first page of its circle, and somebody with a part in it who did not pay it. */
function findBill(ctx: SetupContext) {
  const circles = ctx.rows("commonpot.circle_member", ctx.user.email).map((row) => numberOf(row, "circle_id"));
  for (const circleId of ctx.random.shuffle(circles)) {
    const circle = ctx.row("commonpot.circle", circleId);
    const rows = ctx.rowsWhere("commonpot.bill", "circle_id", circleId).filter((row) => row["removed"] === false);
    const listed = newestFirst(rows.map((row) => ({ ...row, at: textOf(row, "on") })));
    for (const bill of ctx.random.shuffle(listed.slice(6))) {
      const shares = ctx.rowsWhere("commonpot.share", "bill_id", bill.id).map((row) => textOf(row, "member"));
      const others = shares.filter((email) => email !== ctx.user.email && email !== textOf(bill, "paid_by"));
      const [email] = ctx.random.shuffle(others);
      const same = listed.filter((row) =>
        textOf(row, "title") === textOf(bill, "title") && textOf(row, "on") === textOf(bill, "on")
      );
      const person = ctx.principals.find((one) => one.email === email);
      if (shares.length < 3 || circle === undefined || person === undefined || same.length > 1) continue;
      return { circle, bill, shares, person };
    }
  }
  return undefined;
}

function drawBill(ctx: SetupContext): BenchDraw<BillPub> | Reject {
  const found = findBill(ctx);
  if (found === undefined) return reject("no bill of a circle is shared by three");
  const { circle, bill, shares, person } = found;
  const title = textOf(bill, "title");
  const day = textOf(bill, "on");
  // A bill of the same name on the next day must be left alone.
  ctx.as(ctx.user, `${addDays(day, 1)}T20:00:00`)("commonpot", "add_bill", {
    title,
    total: ctx.random.int(20, 60),
    circle_id: circle.id,
    on: addDays(day, 1),
  });
  lockOut(ctx, "commonpot");
  const password = newPassword(ctx);
  const first = person.name.split(" ")[0] ?? person.name;
  const remark = ctx.random.pick([
    `${first} was not part of this.`,
    `Now without ${first}.`,
    `${first} did not join us.`,
  ]);
  const circleName = textOf(circle, "name");
  return {
    instruction: phrase(ctx, [
      `My commonpot password stopped working. Reset it by text to "${password}". Then split the bill "${title}" of ${
        sayDate(day)
      } in the circle "${circleName}" anew, equally and without ${person.name}, and leave the remark "${remark}" under it.`,
      `Please get me back into commonpot: ask for a reset code by text and choose "${password}" as password. ${person.name} should not pay for "${title}" (circle "${circleName}", ${
        sayDate(day)
      }); share that bill equally among the others in it and remark "${remark}" there.`,
      `I cannot sign in to commonpot, so have the password reset through my phone; the new one is "${password}". Next, take ${person.name} out of the bill "${title}" from ${
        sayDate(day)
      } in "${circleName}": equal parts for the rest, and "${remark}" as a remark.`,
    ]),
    pub: { password, circle: circleName, bill: title, day, name: person.name, remark },
    said: { day: sayDate(day) },
    writes(client) {
      reset(ctx, client, "commonpot", password);
      const among = shares.filter((email) => email !== person.email);
      client("commonpot", "set_shares", { bill_id: bill.id, among });
      client("commonpot", "add_remark", { bill_id: bill.id, text: remark });
    },
  };
}

function solveBill(apis: Apis, pub: BillPub): void {
  const { user } = apis.principal.my_logins().find((x: { app: string }) => x.app === "commonpot");
  apis.commonpot.ask_reset_code({ user });
  const [newest] = apis.handset.list_texts({ token: signIn(apis, "handset"), direction: "in", order: "-at" })
    .filter((x: { text: string }) => x.text.includes("commonpot"));
  const code = newest.text.match(/\d{6}/)[0];
  apis.commonpot.reset_password({ user, code, new_password: pub.password });
  const { token } = apis.commonpot.log_in({ user, password: pub.password });
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const { bill_id } = allPages(apis.commonpot.list_bills, { token, circle_id })
    .find((x) => x.title === pub.bill && x.on === pub.day);
  const among = allPages(apis.commonpot.list_shares, { token, bill_id })
    .filter((x) => x.name !== pub.name).map((x) => x.email);
  apis.commonpot.set_shares({ token, bill_id, among });
  apis.commonpot.add_remark({ token, bill_id, text: pub.remark });
}

const COMMON = { split: "test_normal", difficulty: 3, axis: {} } as const;

/** The two families. */
export const password_reset: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "password_reset/larkbox",
    apps: ["larkbox", "handset"],
    draw: drawMix,
    solve: solveMix,
  }),
  bench({
    ...COMMON,
    family: "password_reset/commonpot",
    apps: ["commonpot", "handset"],
    draw: drawBill,
    solve: solveBill,
  }),
];
