/**
 * Purchases against what a card was charged: the statement lies among others in the file store. Charges without a purchase, wrong
 * amounts claimed by letter, refunds that never came as cards of a board.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type Client,
  cycle,
  numberOf,
  phrase,
  reject,
  type Row,
  sayMonth,
  type Scenario,
  type SetupContext,
  textOf,
  today,
  type Write,
} from "./_kit.ts";
import { boardsOf, cardsOf, laneNamed, plantCard } from "./_boards.ts";
import { mailWithFiles, money } from "./_cross_a.ts";
import { differentNumbers, isFreePlace, plantFile } from "./_files.ts";
import { timeOn } from "./_orders.ts";
import { pastTime } from "./_phone.ts";
import { freshProducts, goodCardEnding, plantPurchase } from "./_shop_kit.ts";
import { allPages, boardNamed, mailFiles, signIn } from "./_toolbox.ts";

const FOLDERS = ["/card-papers", "/bank-scans", "/plastic", "/account-slips", "/charges", "/bank-post"] as const;
const KIOSKS = ["Ferry Kiosk", "Corner Bakery", "Night Pharmacy", "Tool Hire", "Bell Garden"] as const;

interface Stage {
  readonly folder: string;
  readonly month: string;
  readonly ending: string;
  /** Purchases that the card paid in the month. */
  readonly purchases: readonly Row[];
}

const dayOf = (row: Row) => textOf(row, "at").slice(0, 10);

/** Purchases of the last whole month by one card; some are cancelled. Undefined where a day has two. */
function stage(ctx: SetupContext, cancelled: number): Stage | undefined {
  const folder = cycle(ctx, FOLDERS.slice(ctx.random.int(0, 3)));
  const { ending } = goodCardEnding(ctx);
  const cards = ctx.rows("marlo.pay_card", ctx.user.email);
  if (!isFreePlace(ctx, folder) || cards.filter((row) => textOf(row, "number").endsWith(ending)).length > 1) {
    return undefined;
  }
  const month = addDays(`${today(ctx).slice(0, 7)}-01`, -1).slice(0, 7);
  const products = freshProducts(ctx);
  const days = ctx.random.sample(Array.from({ length: 26 }, (_, i) => i + 2), 11);
  days.forEach((day, i) => {
    const date = `${month}-${String(day).padStart(2, "0")}`;
    const items = products.slice(i * 2, i * 2 + 1 + (i % 2)).map((product) => ({ product, qty: 1 }));
    const { purchaseId } = plantPurchase(ctx, date, items);
    if (i < cancelled) {
      ctx.as(ctx.user, timeOn(ctx, date, 0, 20))("marlo", "cancel_purchase", { purchase_id: purchaseId });
    }
  });
  const purchases = ctx.rows("marlo.purchase", ctx.user.email).filter((row) =>
    dayOf(row).startsWith(month) && textOf(row, "card_number").endsWith(ending) && numberOf(row, "paid") > 0
  );
  const isClear = new Set(purchases.map(dayOf)).size === purchases.length &&
    new Set(purchases.map((row) => row["paid"])).size === purchases.length && purchases.length <= 22;
  return isClear ? { folder, month, ending, purchases } : undefined;
}

interface Charge {
  readonly day: string;
  readonly words: string;
  readonly cents: number;
}

function statement(ending: string, month: string, charges: readonly Charge[]): string {
  const lines = [...charges].sort((a, b) => (`${a.day}${a.words}` < `${b.day}${b.words}` ? -1 : 1))
    .map(({ day, words, cents }) => `${day} ${words} ${money(cents)}`);
  return [`Card ending in ${ending}`, `Month: ${month}`, ...lines].join("\n");
}

/** Puts the statement among those of other months and cards. */
function plantStatements(ctx: SetupContext, { folder, month, ending }: Stage, charges: readonly Charge[]): void {
  const small = KIOSKS.map((words, i): Charge => ({
    day: `${month}-${String(5 + 4 * i).padStart(2, "0")}`,
    words,
    cents: 420 + 130 * i,
  }));
  const other = ending === "4711" ? "4712" : "4711";
  const before = addDays(`${month}-01`, -1).slice(0, 7);
  const texts = [
    statement(ending, month, [...charges, ...small]),
    statement(other, month, charges.slice(0, 4).map((one) => ({ ...one, cents: one.cents + 300 }))),
    statement(ending, before, charges.slice(2, 7).map((one) => ({ ...one, day: one.day.replace(month, before) }))),
    statement(other, before, small),
    "Your new card is on its way.\nPlease sign it.",
    "Fees from May on:\ncard 0.00\nletters 1.50",
    "Opening hours: 9 to 4",
  ];
  const numbers = differentNumbers(ctx, texts.length);
  ctx.random.shuffle(texts).forEach((text, i) => {
    plantFile(ctx, `${folder}${i % 3 === 0 ? "/scans" : ""}/paper-${numbers[i]}.txt`, text, pastTime(ctx, 3 + i));
  });
}

const charged = (row: Row, extra = 0): Charge => ({
  day: dayOf(row),
  words: "marlo",
  cents: numberOf(row, "paid") + extra,
});

function drawUnknown(ctx: SetupContext) {
  const found = stage(ctx, 2);
  if (found === undefined) return reject("purchases that cannot be told apart");
  const { folder, month, ending, purchases } = found;
  const free = Array.from({ length: 28 }, (_, i) => `${month}-${String(i + 1).padStart(2, "0")}`)
    .filter((day) => purchases.every((row) => dayOf(row) !== day));
  const days = ctx.random.sample(free, 3);
  const amounts = new Set<number>();
  while (amounts.size < 3) amounts.add(ctx.random.int(800, 9900));
  const extra = [...amounts].map((cents, i): Charge => ({ day: days[i] ?? `${month}-28`, words: "marlo", cents }));
  if (purchases.some((row) => amounts.has(numberOf(row, "paid")))) return reject("equal amounts");
  // A charge that was made twice: the second has no purchase either.
  const [twice] = ctx.random.shuffle(purchases);
  if (twice === undefined) return reject("no purchase");
  const double = charged(twice);
  plantStatements(ctx, found, [...purchases.map((row) => charged(row)), ...extra, double]);
  const answer = [...extra, double].map(({ cents }) => money(cents)).join(", ");
  return {
    instruction: phrase(ctx, [
      `Somewhere in ${folder} is the statement of my card ending in ${ending} for ${
        sayMonth(month)
      }. Which marlo charges on it have no purchase of that day and amount paid with that card? A charge that was made twice for one purchase counts once as wrong. Give the amounts like 12.50, separated by commas.`,
      `Please compare what marlo charged in ${
        sayMonth(month)
      } to the card ending in ${ending} (the statement is one of the files in ${folder}) with my purchases by that card. List the amounts, comma-separated and with two decimals, of charges that belong to no purchase; if a purchase was charged twice, name it once.`,
      `I do not trust the statement for ${
        sayMonth(month)
      } of the card ending in ${ending}; it is in ${folder} or below. Tell me the amounts (such as 12.50, with commas between) of all marlo charges on it for which I made no purchase on marlo with that card that day, including the second of two equal charges.`,
    ]),
    pub: { folder, month, ending },
    said: { month: sayMonth(month) },
    answer,
    unordered: true,
  };
}

function solveUnknown(apis: Apis, pub: { folder: string; month: string; ending: string }) {
  const stowToken = signIn(apis, "stowbox");
  const token = signIn(apis, "marlo");
  let lines: string[] = [];
  for (
    const { path } of allPages(apis.stowbox.list_folder, {
      token: stowToken,
      path: pub.folder,
      deep: true,
      type: "file",
    })
  ) {
    const { text } = apis.stowbox.read_file({ token: stowToken, path });
    if (text.startsWith(`Card ending in ${pub.ending}\nMonth: ${pub.month}\n`)) lines = text.split("\n");
  }
  const paid = allPages(apis.marlo.list_purchases, { token })
    .filter((x) => x.at.startsWith(pub.month))
    .map(({ purchase_id }) => apis.marlo.get_purchase({ token, purchase_id }))
    .filter((x) => x.card_last_four === pub.ending)
    .map((x) => `${x.at.slice(0, 10)} marlo ${(x.total - x.credit_used).toFixed(2)}`);
  const wrong = [];
  for (const line of lines.filter((x) => / marlo /.test(x))) {
    const i = paid.indexOf(line);
    if (i < 0) wrong.push(line.split(" ").pop());
    else paid.splice(i, 1);
  }
  return wrong.join(", ");
}

const BANKS = ["service@harrowby-bank.test", "cards@tarrow-bank.test", "claims@selwick-bank.test"] as const;

function drawWrong(ctx: SetupContext) {
  const found = stage(ctx, 1);
  if (found === undefined) return reject("purchases that cannot be told apart");
  const { folder, month, ending, purchases } = found;
  const bank = cycle(ctx, BANKS);
  const wrong = new Map(
    ctx.random.sample(purchases, 4).map((row) => [row.id, ctx.random.pick([300, 1000, -200, 990])]),
  );
  const charges = purchases.map((row) => charged(row, wrong.get(row.id) ?? 0));
  plantStatements(ctx, found, charges);
  const lines = purchases.filter(({ id }) => wrong.has(id)).sort((a, b) => (dayOf(a) < dayOf(b) ? -1 : 1))
    .map((row) =>
      `${dayOf(row)}: charged ${money(numberOf(row, "paid") + (wrong.get(row.id) ?? 0))}, bought for ${
        money(numberOf(row, "paid"))
      }`
    );
  const path = `${folder}/wrong-${month}.txt`;
  const subject = `Wrong charges, card ending in ${ending}`;
  const body = ctx.random.pick(["Please correct what is in the file.", "The enclosed list says what is wrong."]);
  const writes = (end: string) => (client: Client) => {
    client("stowbox", "write_file", { path, text: `${lines.join("\n")}${end}` });
    mailWithFiles(client, { to: [bank], subject, body }, [path]);
  };
  const line = `"2027-02-03: charged 20.00, bought for 17.00"`;
  return {
    instruction: phrase(ctx, [
      `The statement of my card ending in ${ending} for ${
        sayMonth(month)
      } is among the files in ${folder} and below. Compare its marlo charges with my marlo purchases by that card, one a day at most. Where the amount differs, write a line like ${line} into a new file ${path}, by day. Then mail that file to ${bank}, subject "${subject}", text "${body}"`,
      `Please check the marlo charges of ${
        sayMonth(month)
      } on the statement of the card ending in ${ending} (somewhere in ${folder}) against what I paid on marlo with it on these days. Put the wrong ones into ${path}, lines such as ${line}, earliest first, and send the file to ${bank} in a letter called "${subject}" that says "${body}"`,
      `Amounts on my card statement for ${
        sayMonth(month)
      } (card ending in ${ending}, one of the files under ${folder}) do not fit my marlo purchases of the same days. List the differences in ${path} as ${line} in order of days; enclose the file in a letter to ${bank} with the subject "${subject}" and the text "${body}"`,
    ]),
    pub: { folder, month, ending, bank, body },
    said: { month: sayMonth(month) },
    writes: writes(""),
    alternatives: [writes("\n")],
  };
}

function solveWrong(apis: Apis, pub: { folder: string; month: string; ending: string; bank: string; body: string }) {
  const stowToken = signIn(apis, "stowbox");
  const token = signIn(apis, "marlo");
  const charges = new Map<string, string>();
  for (
    const { path } of allPages(apis.stowbox.list_folder, {
      token: stowToken,
      path: pub.folder,
      deep: true,
      type: "file",
    })
  ) {
    const { text } = apis.stowbox.read_file({ token: stowToken, path });
    if (!text.startsWith(`Card ending in ${pub.ending}\nMonth: ${pub.month}\n`)) continue;
    for (const found of text.matchAll(/^(\S+) marlo ([\d.]+)$/gm)) charges.set(found[1], found[2]);
  }
  const lines = [];
  for (const { purchase_id, at } of allPages(apis.marlo.list_purchases, { token })) {
    if (!at.startsWith(pub.month)) continue;
    const { card_last_four, total, credit_used } = apis.marlo.get_purchase({ token, purchase_id });
    const paid = (total - credit_used).toFixed(2);
    const day = at.slice(0, 10);
    const charge = charges.get(day);
    if (card_last_four !== pub.ending || charge === undefined || charge === paid) continue;
    lines.push(`${day}: charged ${charge}, bought for ${paid}`);
  }
  const path = `${pub.folder}/wrong-${pub.month}.txt`;
  apis.stowbox.write_file({ token: stowToken, path, text: lines.sort().join("\n") });
  const letter = { to: [pub.bank], subject: `Wrong charges, card ending in ${pub.ending}`, body: pub.body };
  mailFiles(apis, signIn(apis, "quillpost"), stowToken, letter, [path]);
}

function drawRefunds(ctx: SetupContext) {
  const lane = ctx.random.pick(["Ideas", "To do", "Doing", "Someday", "Next"]);
  const board = boardsOf(ctx, 1).find(({ id }) => laneNamed(ctx, id, lane) !== undefined);
  const found = stage(ctx, 7);
  if (found === undefined || board === undefined) return reject("no board, or purchases that cannot be told apart");
  const { folder, month, ending, purchases } = found;
  const cancelled = purchases.filter((row) => row["state"] === "cancelled" && numberOf(row, "refunded") > 0);
  const came = new Set(ctx.random.sample(cancelled, 3).map(({ id }) => id));
  const back = cancelled.filter(({ id }) => came.has(id))
    .map((row): Charge => ({ day: addDays(dayOf(row), 2), words: "marlo refund", cents: numberOf(row, "refunded") }));
  if (back.some(({ day }) => !day.startsWith(month))) return reject("a refund in the next month");
  plantStatements(ctx, found, [...purchases.map((row) => charged(row)), ...back]);
  const title = (row: Row) => `Chase refund of ${money(numberOf(row, "refunded"))} from ${dayOf(row)}`;
  const missing = cancelled.filter(({ id }) => !came.has(id));
  const [known] = missing;
  if (known === undefined || missing.length < 3) return reject("too few refunds are missing");
  plantCard(ctx, board, { title: title(known), lane }, pastTime(ctx, 2));
  if (cardsOf(ctx, board.id).filter((card) => textOf(card, "title").startsWith("Chase")).length > 1) {
    return reject("such cards");
  }
  const lane_id = laneNamed(ctx, board.id, lane)?.id ?? 0;
  const writes = missing.filter((row) => row !== known).map((row): Write => ({
    app: "corkline",
    api: "add_card",
    args: { board_id: board.id, lane_id, title: title(row) },
  }));
  return {
    instruction: phrase(ctx, [
      `For each marlo purchase of ${
        sayMonth(month)
      } that I paid with the card ending in ${ending} and that was cancelled, the statement of that card and month, somewhere in ${folder}, should have a line "marlo refund" with what was refunded. Where it is missing, put a card like "Chase refund of 57.40 from 2027-02-28" (refund, day of purchase) on the board ${board.name}, lane ${lane}, if there is none.`,
      `Please see whether marlo really paid back my cancelled purchases of ${
        sayMonth(month)
      } by the card ending in ${ending}: the statement for the month is in ${folder} or below and shows refunds as "marlo refund". For every refund that is not on it, add "Chase refund of 57.40 from 2027-02-28", with its amount and the purchase's day, to ${lane} on ${board.name}, unless such a card exists.`,
      `Refunds seem to be missing. Check my cancelled marlo purchases of ${
        sayMonth(month)
      } (card ending in ${ending}) against the "marlo refund" lines of that month's card statement, one of the files under ${folder}. Each one not refunded there becomes a card in the lane ${lane} of ${board.name}: "Chase refund of 57.40 from 2027-02-28", with amount and day of purchase. No card twice.`,
    ]),
    pub: { folder, month, ending, board: board.name, lane },
    said: { month: sayMonth(month) },
    writes,
  };
}

function solveRefunds(
  apis: Apis,
  pub: { folder: string; month: string; ending: string; board: string; lane: string },
) {
  const stowToken = signIn(apis, "stowbox");
  const shopToken = signIn(apis, "marlo");
  const token = signIn(apis, "corkline");
  const refunds = [];
  for (
    const { path } of allPages(apis.stowbox.list_folder, {
      token: stowToken,
      path: pub.folder,
      deep: true,
      type: "file",
    })
  ) {
    const { text } = apis.stowbox.read_file({ token: stowToken, path });
    if (!text.startsWith(`Card ending in ${pub.ending}\nMonth: ${pub.month}\n`)) continue;
    for (const found of text.matchAll(/^\S+ marlo refund ([\d.]+)$/gm)) refunds.push(found[1]);
  }
  const { board_id } = boardNamed(apis, token, pub.board);
  const { lane_id } = allPages(apis.corkline.list_lanes, { token, board_id }).find((x) => x.name === pub.lane);
  const titles = allPages(apis.corkline.list_cards, { token, board_id }).map((x) => x.title);
  for (const { purchase_id, at } of allPages(apis.marlo.list_purchases, { token: shopToken, state: "cancelled" })) {
    if (!at.startsWith(pub.month)) continue;
    const { card_last_four, refunded } = apis.marlo.get_purchase({ token: shopToken, purchase_id });
    const amount = refunded.toFixed(2);
    if (card_last_four !== pub.ending || refunds.includes(amount)) continue;
    const title = `Chase refund of ${amount} from ${at.slice(0, 10)}`;
    if (!titles.includes(title)) apis.corkline.add_card({ token, board_id, lane_id, title });
  }
}

/** Scenarios of this generator. */
export const chargeCheck: readonly Scenario[] = [
  bench({
    family: "charge_check/unknown",
    split: "test_challenge",
    difficulty: 2,
    apps: ["stowbox", "marlo"],
    axis: {},
    draw: drawUnknown,
    solve: solveUnknown,
  }),
  bench({
    family: "charge_check/wrong",
    split: "test_challenge",
    difficulty: 3,
    apps: ["stowbox", "marlo", "quillpost"],
    axis: {},
    draw: drawWrong,
    solve: solveWrong,
  }),
  bench({
    family: "charge_check/refunds",
    split: "test_challenge",
    difficulty: 3,
    apps: ["stowbox", "marlo", "corkline"],
    axis: {},
    draw: drawRefunds,
    solve: solveRefunds,
  }),
];
