/**
 * Refill plans are changed: paused for some days, given other rhythms by a note, or switched to something else.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  numberOf,
  phrase,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  uniqueMin,
  type Write,
} from "./_kit.ts";
import { freshProducts, hasNote, homeId, plantNote, productOf, productsOf } from "./_shop_kit.ts";
import { goodCard } from "../short/shop.ts";
import { allPages, noteBody, signIn } from "./_toolbox.ts";

/** The user's plans, after adding some so that there are so many; all due from tomorrow on. */
function plansOf(ctx: SetupContext, count: number): Row[] {
  const own = () => [...ctx.rows("marlo.refill_plan", ctx.user.email)];
  const kinds = new Set(own().map((row) => textOf(productOf(ctx, row), "kind")));
  const missing = count - own().length;
  const products = freshProducts(ctx, (row) => row["refillable"] === true && !kinds.has(textOf(row, "kind")));
  const [card_id, address_id] = [goodCard(ctx), homeId(ctx)];
  const seen = new Set<string>();
  for (const product of products) {
    if (seen.size >= missing) break;
    if (seen.has(textOf(product, "kind"))) continue;
    seen.add(textOf(product, "kind"));
    const every_days = ctx.random.pick([14, 21, 28, 42, 60]);
    ctx.as()("marlo", "add_refill", {
      product_id: product.id,
      qty: ctx.random.int(1, 4),
      every_days,
      card_id,
      address_id,
    });
  }
  for (const row of own()) {
    if (textOf(row, "next_on") > ctx.at.slice(0, 10)) continue;
    const next_on = addDays(ctx.at, ctx.random.int(1, numberOf(row, "every_days")));
    ctx.as()("marlo", "edit_refill", { refill_id: row.id, next_on });
  }
  return own();
}

function drawPause(ctx: SetupContext) {
  const plans = plansOf(ctx, ctx.random.int(9, 11));
  const first = addDays(ctx.at, ctx.random.int(3, 9));
  const last = addDays(first, ctx.random.int(7, 14));
  // Due on the first and last day, just outside, and in the middle but paused.
  const days = [addDays(first, -1), addDays(last, 1), addDays(first, 3), first, addDays(first, 2), last];
  ctx.random.shuffle(plans).slice(0, days.length).forEach((row, i) => {
    ctx.as()("marlo", "edit_refill", { refill_id: row.id, next_on: days[i] ?? first });
    const paused = i === 2;
    if (row["paused"] !== paused) ctx.as()("marlo", "pause_refill", { refill_id: row.id, paused });
  });
  const due = ctx.rows("marlo.refill_plan", ctx.user.email).filter((row) =>
    row["paused"] === false && textOf(row, "next_on") >= first && textOf(row, "next_on") <= last
  );
  if (due.length < 3 || due.length > plans.length - 3) return reject("too few plans are due");
  return {
    instruction: phrase(ctx, [
      `Pause all my running marlo refills whose next delivery falls between ${sayDate(first)} and ${
        sayDate(last)
      }, both days included.`,
      `We are out of town. Please halt each marlo refill plan that is due from ${sayDate(first)} to ${
        sayDate(last)
      } and not paused already; the others go on.`,
      `No refills from marlo from ${sayDate(first)} until ${
        sayDate(last)
      }, please: pause the active plans that would come next on one of these days.`,
    ]),
    pub: { first, last },
    said: { first: sayDate(first), last: sayDate(last) },
    writes: due.map((row) => ({ app: "marlo", api: "pause_refill", args: { refill_id: row.id } })),
  };
}

function solvePause(apis: Apis, pub: { first: string; last: string }) {
  const token = signIn(apis, "marlo");
  for (const { refill_id, next_on, paused } of allPages(apis.marlo.list_refills, { token })) {
    if (paused || next_on < pub.first || next_on > pub.last) continue;
    apis.marlo.pause_refill({ token, refill_id });
  }
}

const TITLES = ["Refills", "Running low", "What comes how often", "Stock plan", "Deliveries to change"] as const;

/** Plans by kind, where no kind has two. */
function byKind(ctx: SetupContext, plans: readonly Row[]): Map<string, Row> | undefined {
  const kinds = new Map(plans.map((row) => [textOf(productOf(ctx, row), "kind"), row]));
  return kinds.size === plans.length ? kinds : undefined;
}

function drawRhythm(ctx: SetupContext) {
  const title = ctx.random.pick(TITLES);
  if (hasNote(ctx, title)) return reject("a note of that title is there");
  const kinds = byKind(ctx, plansOf(ctx, ctx.random.int(8, 10)));
  if (kinds === undefined) return reject("two plans of a kind");
  const chosen = ctx.random.sample([...kinds], 6);
  if (![...kinds.values()].slice(5).some((row) => chosen.some(([, one]) => one.id === row.id))) {
    return reject("all are on the first page");
  }
  const lines: string[] = [];
  const writes: Write[] = [];
  chosen.forEach(([kind, row], i) => {
    if (i % 3 === 2) {
      lines.push(`${kind}: stop`);
      writes.push({ app: "marlo", api: "remove_refill", args: { refill_id: row.id } });
      return;
    }
    const every_days = ctx.random.pick([10, 18, 25, 35, 50, 75]);
    const qty = ctx.random.int(5, 9);
    lines.push(`${kind}: ${qty} every ${every_days} days`);
    writes.push({ app: "marlo", api: "edit_refill", args: { refill_id: row.id, qty, every_days } });
  });
  plantNote(ctx, title, lines.join("\n"), lines.map((line) => line.replace(/\d+/g, "3")).join("\n"));
  return {
    instruction: phrase(ctx, [
      `Change my marlo refill plans as my note "${title}" says: for each kind of product there, set the number and the days in between, and end the plans marked "stop".`,
      `The note "${title}" lists kinds of products with how many I want every how many days, or "stop". Please bring my marlo refills in line; kinds that are not in the note stay as they are.`,
      `Adjust number and interval of my marlo refills to the note "${title}", and end those that it tells to stop. Do not touch next delivery days or other plans.`,
    ]),
    pub: { title },
    writes,
  };
}

function solveRhythm(apis: Apis, pub: { title: string }) {
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "marlo");
  const wanted = Object.fromEntries(noteBody(apis, notes, pub.title).split("\n").map((line) => line.split(": ")));
  for (const { refill_id, product } of allPages(apis.marlo.list_refills, { token })) {
    const change = wanted[product.split(" ").at(-1)];
    if (change === undefined) continue;
    if (change === "stop") {
      apis.marlo.remove_refill({ token, refill_id });
      continue;
    }
    const [qty, every_days] = change.match(/\d+/g).map(Number);
    apis.marlo.edit_refill({ token, refill_id, qty, every_days });
  }
}

/** The cheapest similar product that is in stock and well rated, as the shop lists similar ones. */
function similarTo(ctx: SetupContext, product: Row, stars: number): Row | undefined {
  const price = numberOf(product, "price");
  const similar = productsOf(ctx, textOf(product, "kind")).filter(({ id }) => id !== product.id)
    .sort((a, b) => Math.abs(numberOf(a, "price") - price) - Math.abs(numberOf(b, "price") - price) || a.id - b.id)
    .slice(0, 15);
  const planned = new Set(ctx.rows("marlo.refill_plan", ctx.user.email).map((row) => row["product_id"]));
  const good = similar.filter((row) =>
    numberOf(row, "stock") > 0 && numberOf(row, "stars") >= stars && !planned.has(row.id)
  );
  const cheapest = uniqueMin(good, (row) => numberOf(row, "price"));
  // One must not be content with the first page, nor with the cheapest of all.
  const tempting = similar.some((row) =>
    cheapest !== undefined && numberOf(row, "price") < numberOf(cheapest, "price")
  );
  return good.length >= 2 && tempting ? cheapest : undefined;
}

function drawSwitch(ctx: SetupContext) {
  const title = ctx.random.pick(TITLES);
  if (hasNote(ctx, title)) return reject("a note of that title is there");
  const plans = plansOf(ctx, ctx.random.int(8, 10));
  for (const row of plans) {
    if (row["paused"] === true) ctx.as()("marlo", "pause_refill", { refill_id: row.id, paused: false });
  }
  const kinds = byKind(ctx, plans);
  if (kinds === undefined) return reject("two plans of a kind");
  const stars = ctx.random.pick([3, 3.5, 4]);
  const lines: string[] = [];
  const writes: Write[] = [];
  let switched = 0;
  for (const [kind, row] of ctx.random.shuffle([...kinds])) {
    const { id: refill_id } = row;
    const better = switched < 2 ? similarTo(ctx, productOf(ctx, row), stars) : undefined;
    if (better !== undefined) {
      switched++;
      lines.push(`${kind}: switch`);
      writes.push({
        app: "marlo",
        api: "add_refill",
        args: {
          product_id: better.id,
          qty: numberOf(row, "qty"),
          every_days: numberOf(row, "every_days"),
          first_on: textOf(row, "next_on"),
          card_id: numberOf(row, "card_id"),
          address_id: numberOf(row, "address_id"),
        },
      });
      writes.push({ app: "marlo", api: "remove_refill", args: { refill_id } });
      continue;
    }
    const turn = lines.length % 4;
    if (turn === 0) {
      lines.push(`${kind}: pause`);
      writes.push({ app: "marlo", api: "pause_refill", args: { refill_id } });
    } else if (turn === 1) {
      const every_days = ctx.random.pick([10, 18, 25, 35, 50]);
      lines.push(`${kind}: every ${every_days} days`);
      writes.push({ app: "marlo", api: "edit_refill", args: { refill_id, every_days } });
    } else if (turn === 2) {
      lines.push(`${kind}: fine as it is`);
    }
  }
  const used = new Set(writes.map(({ api }) => api));
  if (switched < 2 || used.size < 4) return reject("not all sorts of changes");
  plantNote(ctx, title, lines.join("\n"), lines.map((line) => line.replace("switch", "pause")).join("\n"));
  return {
    instruction: phrase(ctx, [
      `Follow my note "${title}" for my marlo refills. "switch" means: end that plan and plan instead the cheapest product that marlo lists as similar, in stock and with at least ${stars} stars, in the same quantity and rhythm, from the same next day on, same card and address. The other words speak for themselves.`,
      `My note "${title}" says what to do with the refill plan of each kind on marlo. To switch is to replace the plan by one for the cheapest similar product of the shop that is available and has ${stars} stars or more, all else (number, interval, next day, card, address) as before.`,
      `Please carry out the note "${title}" on my marlo refills. Where it says switch, take the least expensive of the similar products shown by the shop that can be had and is rated ${stars} or better, keep quantity, rhythm, next date, card and address, and end the old plan.`,
    ]),
    pub: { title, stars },
    writes,
  };
}

function solveSwitch(apis: Apis, pub: { title: string; stars: number }) {
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "marlo");
  const wanted = Object.fromEntries(noteBody(apis, notes, pub.title).split("\n").map((line) => line.split(": ")));
  for (const x of allPages(apis.marlo.list_refills, { token })) {
    const { refill_id, product_id, qty, every_days, next_on, card_id, address_id } = x;
    const change = wanted[x.product.split(" ").at(-1)] ?? "";
    if (change === "pause") apis.marlo.pause_refill({ token, refill_id });
    if (change.startsWith("every ")) {
      apis.marlo.edit_refill({ token, refill_id, every_days: Number(change.match(/\d+/)[0]) });
    }
    if (change !== "switch") continue;
    const better = allPages(apis.marlo.list_similar, { token, product_id })
      .filter((y) => y.stock > 0 && y.stars >= pub.stars)
      .sort((a, b) => a.price - b.price)[0];
    apis.marlo.remove_refill({ token, refill_id });
    const plan = { qty, every_days, first_on: next_on, card_id, address_id };
    apis.marlo.add_refill({ token, product_id: better.product_id, ...plan });
  }
}

/** Scenarios of this generator. */
export const refillChange: readonly Scenario[] = [
  bench({
    family: "refill_change/pause",
    split: "test_challenge",
    difficulty: 1,
    apps: ["marlo"],
    axis: {},
    draw: drawPause,
    solve: solvePause,
  }),
  bench({
    family: "refill_change/rhythm",
    split: "test_challenge",
    difficulty: 2,
    apps: ["foldnote", "marlo"],
    axis: {},
    draw: drawRhythm,
    solve: solveRhythm,
  }),
  bench({
    family: "refill_change/switch",
    split: "test_challenge",
    difficulty: 3,
    apps: ["foldnote", "marlo"],
    axis: {},
    draw: drawSwitch,
    solve: solveSwitch,
  }),
];
