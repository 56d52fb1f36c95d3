/**
 * Expected days of parcels become alarms of the phone, or cards of a task board.
 *
 * Hurdles: several things come in one parcel, some alarms or cards are there with another day, those of parcels that came are over.
 *
 * @module
 */
import { boardsOf, cardsOf, laneNamed, lanesOf, plantCard } from "./_boards.ts";
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  type Client,
  cycle,
  idIn,
  phrase,
  type Reject,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  today,
  weekdayOf,
} from "./_kit.ts";
import { pastTime } from "./_phone.ts";
import { dayBefore, freshProducts, plantPurchase } from "./_shop_kit.ts";
import { allPages, boardNamed, purchaseLines, signIn, weekdayCode } from "./_toolbox.ts";

type AlarmsPub = { readonly time: string; readonly from: string; readonly until: string };
type CardsPub = { readonly board: string; readonly lane: string };

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const LEAST_ON_THE_WAY = 8;

/** Days of the week that an alarm rings on for a date. */
function ringsOn(date: string): string[] {
  return [DAYS[weekdayOf(date)] ?? "mon"];
}

/** Parcels by number with their lines. */
function parcels(ctx: SetupContext, state: string): Map<string, Row[]> {
  const byNumber = new Map<string, Row[]>();
  for (const line of ctx.rows("marlo.purchase_line", ctx.user.email)) {
    if (line["parcel_state"] !== state) continue;
    const number = textOf(line, "parcel_no");
    byNumber.set(number, [...byNumber.get(number) ?? [], line]);
  }
  return byNumber;
}

/** Two products of one seller that are new to the user. */
function pairOfSeller(products: readonly Row[]): readonly Row[] {
  for (const one of products) {
    const other = products.find((row) => row.id !== one.id && row["seller"] === one["seller"]);
    if (other !== undefined) return [one, other];
  }
  return [];
}

/** Parcels on their way that are expected on these days, the first one with two things in it; and two that came. */
function plantParcels(ctx: SetupContext, etas: readonly string[]): void {
  const products = freshProducts(ctx);
  const pair = pairOfSeller(products);
  const rest = products.filter((row) => !pair.includes(row));
  const order = ctx.random.shuffle([...etas.keys()]);
  for (const [n, i] of order.entries()) {
    const eta = etas[i] ?? today(ctx);
    const things = i === 0 ? pair : rest.slice(i, i + 1);
    const items = things.map((product) => ({ product, progress: "shipped", eta } as const));
    // Some purchases have a part that is still being prepared.
    const later = i % 3 === 1 ? rest.slice(20 + i, 21 + i).map((product) => ({ product, eta: addDays(eta, 9) })) : [];
    plantPurchase(ctx, dayBefore(ctx, 12 - Math.min(11, n)), [...items, ...later]);
  }
  for (const n of [0, 1, 2]) {
    const progress = { on: dayBefore(ctx, 1 + n) };
    plantPurchase(ctx, dayBefore(ctx, 9 + n), rest.slice(40 + n, 41 + n).map((product) => ({ product, progress })));
  }
}

function etaOf(lines: readonly Row[] | undefined): string {
  return textOf(lines?.[0] ?? { id: 0 }, "eta");
}

function drawAlarms(ctx: SetupContext): BenchDraw<AlarmsPub> | Reject {
  const from = addDays(ctx.at, 1 + cycle(ctx, [0, 1, 2]));
  const until = addDays(from, 5);
  const inside = [0, 5, 1, 2, 3, 4].map((days) => addDays(from, days));
  plantParcels(ctx, [...inside, addDays(from, -1), addDays(until, 1), addDays(from, 3)]);
  const shipped = [...parcels(ctx, "shipped")].filter(([, lines]) => etaOf(lines) >= from && etaOf(lines) <= until);
  const arrived = [...parcels(ctx, "delivered").keys()].sort().slice(-2);
  const [right, wrong, late] = ctx.random.shuffle(shipped);
  const time = ctx.random.pick(["07:40", "08:10", "08:25", "09:05", "16:50", "17:15"]);
  if (right === undefined || wrong === undefined || late === undefined || shipped.length < 6 || arrived.length < 2) {
    return reject("too few parcels");
  }
  const alarms = new Map<string, number>();
  const ring = (number: string, days: readonly string[], at: string) => {
    const args = { time: at, label: `Parcel ${number}`, days: [...days] };
    alarms.set(number, idIn(ctx.as(ctx.user, pastTime(ctx, 2))("handset", "add_alarm", args), "alarm_id"));
  };
  ring(right[0], ringsOn(etaOf(right[1])), time);
  ring(wrong[0], ringsOn(addDays(etaOf(wrong[1]), 1)), time);
  for (const number of arrived) ring(number, ringsOn(dayBefore(ctx, 2)), "06:30");
  ring(late[0], ringsOn(addDays(etaOf(late[1]), -2)), time);
  const [first, last] = [sayDate(from), sayDate(until)];
  return {
    instruction: phrase(ctx, [
      `Each marlo parcel that is on its way and expected from ${first} to ${last} needs an alarm at ${time} on that weekday, labelled "Parcel " and its number, such as "Parcel MP00012-1". Set those that are missing, correct alarms with such a label that ring on another day, and remove those of parcels that have been delivered.`,
      `Please bring my parcel alarms (labels like "Parcel MP00012-1") in line with marlo. For every shipped parcel with an expected day from ${first} to ${last}: one at ${time} on the weekday of that day, new or corrected. Alarms for parcels that are here already go.`,
      `From ${first} to ${last} I want to be reminded at ${time} on the days when marlo parcels that are under way should come: one alarm a parcel on that weekday, label "Parcel " plus number as in "Parcel MP00012-1". Change those that have the wrong weekday, and delete the ones of delivered parcels.`,
    ]),
    pub: { time, from, until },
    said: { from: first, until: last },
    writes(client: Client) {
      for (const [number, lines] of shipped) {
        const alarm_id = alarms.get(number);
        const days = ringsOn(etaOf(lines));
        if (alarm_id === undefined) client("handset", "add_alarm", { time, label: `Parcel ${number}`, days });
        else if (number !== right[0]) client("handset", "edit_alarm", { alarm_id, time, days });
      }
      for (const number of arrived) client("handset", "remove_alarm", { alarm_id: alarms.get(number) ?? 0 });
    },
  };
}

function solveAlarms(apis: Apis, pub: AlarmsPub): void {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const alarms = allPages(apis.handset.list_alarms, { token: phone }).filter((x) => x.label.startsWith("Parcel MP"));
  const etas = new Map(
    purchaseLines(apis, token, { state: "shipped" }).filter((x) => x.parcel_state === "shipped")
      .map((x) => [x.parcel_no, x.eta]),
  );
  const time = pub.time;
  for (const [number, eta] of etas) {
    if (eta < pub.from || eta > pub.until) continue;
    const label = "Parcel " + number;
    const alarm = alarms.find((x) => x.label === label);
    const day = weekdayCode(eta);
    if (alarm === undefined) apis.handset.add_alarm({ token: phone, time, label, days: [day] });
    else if (alarm.days.join() !== day) {
      apis.handset.edit_alarm({ token: phone, alarm_id: alarm.alarm_id, time, days: [day] });
    }
  }
  for (const { alarm_id, label } of alarms) {
    const { state } = apis.marlo.track_parcel({ token, parcel_no: label.slice(7) });
    if (state === "delivered") apis.handset.remove_alarm({ token: phone, alarm_id });
  }
}

function drawCards(ctx: SetupContext): BenchDraw<CardsPub> | Reject {
  const board = boardsOf(ctx, 2).find(({ id }) => lanesOf(ctx, id).length >= 3 && cardsOf(ctx, id).length >= 6);
  if (board === undefined) return reject("no board");
  const lane = textOf(ctx.random.pick(lanesOf(ctx, board.id)), "name");
  const laneId = laneNamed(ctx, board.id, lane)?.id ?? 0;
  plantParcels(ctx, [3, 5, 6, 8, 9, 11, 12, 14].map((days) => addDays(ctx.at, days)));
  const shipped = ctx.random.shuffle([...parcels(ctx, "shipped")]);
  const arrived = [...parcels(ctx, "delivered").keys()].sort().slice(-3);
  const [right, wrong, late] = shipped;
  const [open, other, done] = arrived;
  if (right === undefined || wrong === undefined || late === undefined || shipped.length < LEAST_ON_THE_WAY) {
    return reject("too few parcels");
  }
  if (open === undefined || other === undefined || done === undefined || shipped.length > 14) return reject("parcels");
  const cards = new Map<string, number>();
  const plant = (number: string, due: string, isDone = false) => {
    const planted = { title: `Parcel ${number}`, lane, due, done: isDone };
    cards.set(number, plantCard(ctx, board, planted, pastTime(ctx, 2)));
  };
  plant(right[0], etaOf(right[1]));
  plant(wrong[0], addDays(etaOf(wrong[1]), -3));
  plant(late[0], addDays(etaOf(late[1]), 1));
  plant(open, dayBefore(ctx, 1));
  plant(other, dayBefore(ctx, 1));
  plant(done, dayBefore(ctx, 3), true);
  const pub = { board: board.name, lane };
  return {
    instruction: phrase(ctx, [
      `On the corkline board "${board.name}" each marlo parcel of mine that is on its way should have a card called "Parcel " and its number, like "Parcel MP00012-1", due on the day when it is expected. Add what is missing to the lane "${lane}", correct due days that differ, and mark the cards of delivered parcels as done.`,
      `Please update the parcel cards ("Parcel MP00012-1" and so on) of "${board.name}" in corkline by what marlo says: a shipped parcel without a card gets one in "${lane}" with its expected day as the due day, a card with another due day is corrected, and one whose parcel has come is finished.`,
      `Go through my marlo parcels. For those under way I need cards on the board "${board.name}", lane "${lane}", title "Parcel " plus number as in "Parcel MP00012-1", due when expected; if there is a card, just set its due day right. Cards of parcels that are delivered become done.`,
    ]),
    pub,
    writes(client: Client) {
      for (const [number, lines] of shipped) {
        const card_id = cards.get(number);
        const due_on = etaOf(lines);
        if (card_id === undefined) {
          const title = `Parcel ${number}`;
          client("corkline", "add_card", { board_id: board.id, lane_id: laneId, title, due_on });
        } else if (number !== right[0]) client("corkline", "set_due", { card_id, due_on });
      }
      for (const number of [open, other]) client("corkline", "finish_card", { card_id: cards.get(number) ?? 0 });
    },
  };
}

function solveCards(apis: Apis, pub: CardsPub): void {
  const shop = signIn(apis, "marlo");
  const token = signIn(apis, "corkline");
  const { board_id } = boardNamed(apis, token, pub.board);
  const { lane_id } = allPages(apis.corkline.list_lanes, { token, board_id }).find((x) => x.name === pub.lane);
  const cards = allPages(apis.corkline.list_cards, { token, board_id }).filter((x) => x.title.startsWith("Parcel MP"));
  const etas = new Map(
    purchaseLines(apis, shop, { state: "shipped" }).filter((x) => x.parcel_state === "shipped")
      .map((x) => [x.parcel_no, x.eta]),
  );
  for (const [number, due_on] of etas) {
    const title = "Parcel " + number;
    const card = cards.find((x) => x.title === title);
    if (card === undefined) apis.corkline.add_card({ token, board_id, lane_id, title, due_on });
    else if (card.due_on !== due_on) apis.corkline.set_due({ token, card_id: card.card_id, due_on });
  }
  for (const { card_id, title, done } of cards) {
    if (done || etas.has(title.slice(7))) continue;
    const { state } = apis.marlo.track_parcel({ token: shop, parcel_no: title.slice(7) });
    if (state === "delivered") apis.corkline.finish_card({ token, card_id });
  }
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** The two families. */
export const parcelDates: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "parcel_dates/alarms",
    difficulty: 2,
    apps: ["handset", "marlo"],
    draw: drawAlarms,
    solve: solveAlarms,
  }),
  bench({
    ...COMMON,
    family: "parcel_dates/cards",
    difficulty: 3,
    apps: ["corkline", "marlo"],
    draw: drawCards,
    solve: solveCards,
  }),
];
