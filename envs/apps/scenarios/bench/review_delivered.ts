/**
 * Reviews of what was delivered: everything of some days, what a note judges, or old reviews made kinder.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  cycle,
  newestFirst,
  numberOf,
  phrase,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  type Write,
} from "./_kit.ts";
import { dayBefore, freshProducts, hasNote, ownedLines, plantNewer, plantNote, plantPurchase } from "./_shop_kit.ts";
import { allPages, noteBody, purchaseLines, signIn } from "./_toolbox.ts";

function ownReviews(ctx: SetupContext): Row[] {
  return newestFirst(ctx.rows("marlo.review", ctx.user.email));
}

function drawKinder(ctx: SetupContext) {
  const reviews = ownReviews(ctx);
  const middle = reviews[Math.floor(reviews.length * ctx.random.uniform() * 0.4) + 5];
  if (middle === undefined) return reject("too few reviews");
  const day = textOf(middle, "at").slice(0, 10);
  const most = ctx.random.int(2, 3);
  const stars = most + ctx.random.int(1, 5 - most);
  // Reviews of that day, of the day before, of more stars and of none to change.
  ctx.patch("marlo.review", middle.id, { stars: most });
  const before = reviews[reviews.indexOf(middle) + 1];
  if (before === undefined) return reject("too few reviews");
  ctx.patch("marlo.review", before.id, { stars: 1, at: `${addDays(day, -1)}T21:15:00` });
  const raised = ownReviews(ctx).filter((row) =>
    numberOf(row, "stars") <= most && textOf(row, "at").slice(0, 10) >= day
  );
  if (raised.length < 3) return reject("too few harsh reviews");
  return {
    instruction: phrase(ctx, [
      `Change all of my marlo reviews since ${
        sayDate(day)
      } that have ${most} stars or fewer to ${stars} stars. The words stay as they are.`,
      `I was too harsh lately: every review that I wrote on marlo on ${
        sayDate(day)
      } or later with at most ${most} stars should get ${stars} stars, text unchanged.`,
      `Please set my marlo reviews from ${
        sayDate(day)
      } on to ${stars} stars where I gave ${most} or less, and leave older and better ones alone.`,
    ]),
    pub: { day, most, stars },
    said: { day: sayDate(day) },
    writes: raised.map((row) => ({ app: "marlo", api: "edit_review", args: { review_id: row.id, stars } })),
  };
}

function solveKinder(apis: Apis, pub: { day: string; most: number; stars: number }) {
  const token = signIn(apis, "marlo");
  for (const { review_id, stars, at } of allPages(apis.marlo.list_my_reviews, { token })) {
    if (stars > pub.most || at.slice(0, 10) < pub.day) continue;
    apis.marlo.edit_review({ token, review_id, stars: pub.stars });
  }
}

const WORDS = ["Arrived quickly and does its job.", "As described.", "Happy with it so far.", "All good."] as const;

function drawDays(ctx: SetupContext) {
  const first = dayBefore(ctx, ctx.random.int(24, 40));
  const last = addDays(first, ctx.random.int(8, 14));
  const products = freshProducts(ctx);
  [first, last, addDays(first, -1), addDays(last, 1), addDays(first, 3)].forEach((on, i) => {
    const product = products[i];
    if (product !== undefined) plantPurchase(ctx, addDays(on, -4), [{ product, progress: { on } }]);
  });
  const [a, b, c, d] = products.slice(5);
  if (!a || !b || !c || !d) return reject("too few products");
  const on = addDays(first, 5);
  // One of two lines is reviewed already, one thing goes back, and one is bought twice.
  const { lineIds } = plantPurchase(ctx, addDays(on, -4), [
    { product: a, progress: { on } },
    { product: b, progress: { on } },
    { product: c, progress: { on } },
  ]);
  plantPurchase(ctx, addDays(on, -3), [{ product: d, progress: { on } }]);
  plantPurchase(ctx, addDays(on, -2), [{ product: d, progress: { on: addDays(on, 1) } }]);
  const past = ctx.as(ctx.user, `${addDays(on, 2)}T20:00:00`);
  past("marlo", "add_review", { product_id: a.id, stars: 3, text: "Fine." });
  past("marlo", "open_return", { line_id: lineIds[1] ?? 0, reason: "changed my mind" });
  plantNewer(ctx, 3);
  const reviewed = new Set(ctx.rows("marlo.review", ctx.user.email).map((row) => row["product_id"]));
  const wanted = [
    ...new Set(
      ownedLines(ctx).map(({ line }) => line).filter((line) =>
        line["return_state"] === "none" && line["parcel_state"] === "delivered" &&
        textOf(line, "delivered_on") >= first && textOf(line, "delivered_on") <= last &&
        !reviewed.has(line["product_id"] ?? 0)
      ).map((line) => numberOf(line, "product_id")),
    ),
  ];
  const stars = ctx.random.int(4, 5);
  const words = ctx.random.pick(WORDS);
  if (wanted.length < 4) return reject("too little to review");
  return {
    instruction: phrase(ctx, [
      `Review everything on marlo that was delivered to me from ${sayDate(first)} to ${
        sayDate(last)
      } and that I have not reviewed: ${stars} stars and the text "${words}". Skip what was or is being returned.`,
      `For each product that marlo brought between ${sayDate(first)} and ${
        sayDate(last)
      } (both included), write one review with ${stars} stars saying "${words}", unless I have reviewed it before or it goes back.`,
      `Please give ${stars} stars with the words "${words}" to all that reached me through marlo from ${
        sayDate(first)
      } until ${sayDate(last)}, except things with a return and things I have already reviewed.`,
    ]),
    pub: { first, last, stars, words },
    said: { first: sayDate(first), last: sayDate(last) },
    writes: wanted.map((product_id) => ({
      app: "marlo",
      api: "add_review",
      args: { product_id, stars, text: words },
    })),
  };
}

function solveDays(apis: Apis, pub: { first: string; last: string; stars: number; words: string }) {
  const token = signIn(apis, "marlo");
  const reviewed = allPages(apis.marlo.list_my_reviews, { token }).map((x) => x.product_id);
  const lines = purchaseLines(apis, token, { until_day: pub.last })
    .filter((x) => x.delivered_on !== null && x.delivered_on >= pub.first && x.delivered_on <= pub.last)
    .filter((x) => x.return_state === "none" && !reviewed.includes(x.product_id));
  for (const product_id of new Set(lines.map((x) => x.product_id))) {
    apis.marlo.add_review({ token, product_id, stars: pub.stars, text: pub.words });
  }
}

const TITLES = ["Verdicts", "What I think of it", "Reviews to write", "Shop opinions", "Thumbs up and down"] as const;
const OPINIONS = [
  [5, "The best I have had."],
  [4, "Good, though a little heavy."],
  [3, "Does what it should."],
  [2, "Smaller than I hoped."],
  [4, "Sturdy and easy to clean."],
  [1, "Broke after a week."],
  [5, "Would buy it again."],
  [3, "Fine for the price."],
  [2, "Louder than expected."],
] as const;

function drawNote(ctx: SetupContext) {
  const title = ctx.random.pick(TITLES);
  if (hasNote(ctx, title)) return reject("a note of that title is there");
  const products = freshProducts(ctx);
  const day = dayBefore(ctx, 20);
  const delivered = products.slice(0, cycle(ctx, [4, 3, 5]));
  delivered.forEach((product, i) =>
    plantPurchase(ctx, addDays(day, i), [{ product, progress: { on: addDays(day, i + 4) } }])
  );
  const onTheWay = products.slice(5, 7);
  for (const product of onTheWay) plantPurchase(ctx, dayBefore(ctx, 4), [{ product, progress: "shipped" }]);
  const reviewed = ctx.random.sample(
    ownReviews(ctx).filter((row) => ownedLines(ctx).some(({ line }) => line["product_id"] === row["product_id"])),
    2,
  );
  if (reviewed.length < 2) return reject("too few reviews");
  plantNewer(ctx, 4);
  const opinions = ctx.random.shuffle(OPINIONS);
  const judged = ctx.random.shuffle([
    ...delivered.map((product) => ({ product, how: "add" })),
    ...onTheWay.map((product) => ({ product, how: "wait" })),
    ...reviewed.map((row) => ({
      product: ctx.row("marlo.product", numberOf(row, "product_id")) ?? row,
      how: `${row.id}`,
    })),
  ]).map((one, i) => ({ ...one, stars: opinions[i]?.[0] ?? 3, text: opinions[i]?.[1] ?? "" }));
  const line = ({ product, stars, text }: { product: Row; stars: number; text: string }) =>
    `${textOf(product, "title")} = ${stars}: ${text}`;
  const noteId = plantNote(
    ctx,
    title,
    judged.map(line).join("\n"),
    judged.slice(0, 2).map((one) => line({ ...one, stars: 1 })).join("\n"),
  );
  return {
    instruction: phrase(ctx, [
      `My note "${title}" has a line with stars and words for things from marlo. Publish them as reviews for what has been delivered; where I have a review already, change its stars and text to those of the note. At the end add a line "New reviews: " with the number of new ones to the note.`,
      `Turn the lines of my note "${title}" into marlo reviews, stars and text as noted. If I have reviewed the thing before, rewrite that review instead, and leave out what has not arrived yet. Append "New reviews: " and how many you wrote anew, rewritten ones not counted, to the note.`,
      `Please bring my marlo reviews in line with the note "${title}": add the missing ones for things that were delivered, and correct stars and text of those that I wrote earlier. The note gets one more line, like "New reviews: 2", that counts those added.`,
    ]),
    pub: { title },
    writes: [
      ...judged.flatMap(({ product, how, stars, text }): Write[] => {
        if (how === "wait") return [];
        return how === "add"
          ? [{ app: "marlo", api: "add_review", args: { product_id: product.id, stars, text } }]
          : [{ app: "marlo", api: "edit_review", args: { review_id: Number(how), stars, text } }];
      }),
      { app: "foldnote", api: "append_to_note", args: { note_id: noteId, text: `New reviews: ${delivered.length}` } },
    ],
  };
}

function solveNote(apis: Apis, pub: { title: string }) {
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "marlo");
  const lines = purchaseLines(apis, token, {}).filter((x) => x.parcel_state === "delivered");
  const mine = allPages(apis.marlo.list_my_reviews, { token });
  let added = 0;
  for (const row of noteBody(apis, notes, pub.title).split("\n")) {
    const [product, verdict = ""] = row.split(" = ");
    const stars = Number(verdict.slice(0, 1));
    const text = verdict.slice(3);
    const own = mine.find((x) => x.product === product);
    const bought = lines.find((x) => x.product === product);
    if (own) apis.marlo.edit_review({ token, review_id: own.review_id, stars, text });
    else if (bought) {
      apis.marlo.add_review({ token, product_id: bought.product_id, stars, text });
      added++;
    }
  }
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notes }).find((x) => x.title === pub.title);
  apis.foldnote.append_to_note({ token: notes, note_id, text: "New reviews: " + added });
}

/** Scenarios of this generator. */
export const reviewDelivered: readonly Scenario[] = [
  bench({
    family: "review_delivered/kinder",
    split: "test_challenge",
    difficulty: 1,
    apps: ["marlo"],
    axis: {},
    draw: drawKinder,
    solve: solveKinder,
  }),
  bench({
    family: "review_delivered/days",
    split: "test_challenge",
    difficulty: 2,
    apps: ["marlo"],
    axis: {},
    draw: drawDays,
    solve: solveDays,
  }),
  bench({
    family: "review_delivered/note",
    split: "test_challenge",
    difficulty: 3,
    apps: ["foldnote", "marlo"],
    axis: {},
    draw: drawNote,
    solve: solveNote,
  }),
];
