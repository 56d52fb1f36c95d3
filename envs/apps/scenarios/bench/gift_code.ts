/**
 * Gift codes of the shop that came by letter: redeemed for people of a tie, or turned into something from a wish list.
 *
 * Hurdles: codes that are used or out of date, codes from others, a last day that is today, delivery that makes something too dear.
 *
 * @module
 */
import { isFreshSubject, receiveLetter } from "./_cross_a.ts";
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
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
  sayTies,
  type Scenario,
  type SetupContext,
  textOf,
  tiedHolders,
  tiesWith,
  today,
} from "./_kit.ts";
import { holders, momentOn, outside } from "./_money_kit.ts";
import { freshProducts } from "./_shop_kit.ts";
import { allPages, contactsWith, lettersAbout, signIn } from "./_toolbox.ts";

type TiePub = { readonly tie: string; readonly subject: string };
type SpendPub = { readonly subject: string; readonly list: string };

const WISHES = [
  "Buy yourself something nice.",
  "Not much, but with love.",
  "You know what it is for!",
  "For your next project.",
] as const;

/** Gift codes that belong to nobody, in random order. */
function freeCodes(ctx: SetupContext, count: number): readonly Row[] {
  const free = ctx.rows("marlo.voucher").filter((row) =>
    row["owner"] === "" && row["kind"] === "gift" && row["used_at"] === null
  );
  return ctx.random.sample(free, Math.min(count, free.length));
}

/** What has become of a gift code: the shop's own doing, which no member can bring about for somebody else's code. */
function setCode(
  ctx: SetupContext,
  code: Row,
  fate: "good" | "last day" | "used" | "over",
  cents = numberOf(code, "value"),
) {
  const [other] = ctx.principals.filter(({ email }) => email !== ctx.user.email);
  const until = fate === "last day"
    ? today(ctx)
    : fate === "over"
    ? daysAgo(ctx, 1)
    : addDays(ctx.at, 100 + code.id % 90);
  const used = fate === "used" ? { used_at: `${daysAgo(ctx, 9)}T10:00:00`, used_by: other?.email ?? "" } : {};
  ctx.patch("marlo.voucher", code.id, { valid_until: until, value: cents, ...used });
}

function giveCode(ctx: SetupContext, from: Principal, subject: string, code: Row, days: number): void {
  const body = [
    `Dear ${firstName(ctx.user)},`,
    `this is a gift code for marlo: ${textOf(code, "code")}`,
    ctx.random.pick(WISHES),
    firstName(from),
  ].join("\n");
  receiveLetter(ctx, from, { subject, body, at: momentOn(ctx, daysAgo(ctx, days)) });
}

const SUBJECTS = [
  "A little something",
  "Happy new home",
  "For your birthday",
  "Thank you for helping",
  "Well done!",
] as const;

function drawTie(ctx: SetupContext): BenchDraw<TiePub> | Reject {
  const [tie] = tiesWith(ctx, 7, 20);
  const subject = cycle(ctx, ctx.random.shuffle(SUBJECTS));
  if (tie === undefined || !isFreshSubject(ctx, subject)) return reject("no tie with seven account holders");
  const people = ctx.random.shuffle(tiedHolders(ctx, tie)).slice(0, 9);
  const [stranger, second] = outside(ctx, tie);
  const codes = freeCodes(ctx, 12);
  if (stranger === undefined || second === undefined || codes.length < 12) return reject("too few people or codes");
  const redeemed: { readonly person: Principal; readonly code: Row }[] = [];
  people.forEach((person, i) => {
    const code = codes[i];
    if (code === undefined) return;
    const fate = i === 0 ? "last day" : i === 2 ? "used" : i === 4 ? "over" : "good";
    setCode(ctx, code, fate);
    giveCode(ctx, person, subject, code, 3 + i * 2);
    if (fate === "good" || fate === "last day") redeemed.push({ person, code });
  });
  const [foreign, other] = codes.slice(people.length);
  if (foreign !== undefined) {
    setCode(ctx, foreign, "good");
    giveCode(ctx, stranger, subject, foreign, 4);
  }
  if (other !== undefined) {
    setCode(ctx, other, "good");
    giveCode(ctx, second, "Another code", other, 2);
  }
  const who = sayTies(tie);
  const letter = {
    to: redeemed.map(({ person }) => person.email),
    subject: `Re: ${subject}`,
    body: "Your gift code has worked. Thank you!",
  };
  return {
    instruction: phrase(ctx, [
      `Some of ${who} have mailed me gift codes for marlo under the title "${subject}". Redeem those that can still be used, and write one letter to everybody whose code worked: subject "Re: ${subject}", text "Your gift code has worked. Thank you!" Codes from others I do not trust.`,
      `In letters with the subject "${subject}" there are marlo gift codes. Take only those from ${who}, redeem each that is still valid and unused, then send the givers of the codes that worked one common letter "Re: ${subject}": "Your gift code has worked. Thank you!"`,
      `Please turn the gift codes from ${who} (letters titled "${subject}") into credit at marlo, as far as they are neither used nor out of date. Everybody whose code could be redeemed gets the same letter, sent once to all: "Re: ${subject}", text "Your gift code has worked. Thank you!" Nothing from other senders, please.`,
    ]),
    pub: { tie, subject },
    writes: [
      ...redeemed.map(({ code }) => ({ app: "marlo", api: "redeem_gift_code", args: { code: textOf(code, "code") } })),
      { app: "quillpost", api: "send_letter", args: letter },
    ],
  };
}

function solveTieCodes(apis: Apis, pub: TiePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const mail = signIn(apis, "quillpost");
  const people = contactsWith(apis, phone, pub.tie).map((x) => x.email);
  const to = [];
  for (const { from, body } of lettersAbout(apis, mail, pub.subject, {})) {
    const [code] = /GIFT-[\d-]+/.exec(body) ?? [];
    if (code === undefined || !people.includes(from) || !apis.marlo.check_voucher({ token, code }).usable) continue;
    apis.marlo.redeem_gift_code({ token, code });
    to.push(from);
  }
  const body = "Your gift code has worked. Thank you!";
  apis.quillpost.send_letter({ token: mail, to, subject: `Re: ${pub.subject}`, body });
}

const LISTS = ["Someday", "With gift money", "Little luxuries", "For the shelf"] as const;

function drawSpend(ctx: SetupContext): BenchDraw<SpendPub> | Reject {
  const subject = cycle(ctx, ctx.random.shuffle(SUBJECTS));
  const list = cycle(ctx, ctx.random.shuffle(LISTS));
  const people = ctx.random.sample(holders(ctx), 9).map(({ person }) => person);
  const codes = freeCodes(ctx, 9);
  const [account] = ctx.rows("marlo.member", ctx.user.email);
  if (people.length < 9 || codes.length < 9 || account === undefined || account["default_address"] === null) {
    return reject("too few people or codes, or no address");
  }
  const taken = ctx.rows("marlo.list_line", ctx.user.email).some((row) => row["list"] === list);
  if (taken || !isFreshSubject(ctx, subject)) return reject("there is such a list or letter");
  let credit = numberOf(account, "credit");
  if (credit > 2500) return reject("much credit");
  const givers: Principal[] = [];
  const given: string[] = [];
  people.forEach((person, i) => {
    const code = codes[i];
    if (code === undefined) return;
    const fate = i === 1 ? "used" : i === 3 ? "over" : i === 6 ? "last day" : "good";
    const cents = 300 + ctx.random.int(0, 6) * 50;
    setCode(ctx, code, fate, cents);
    giveCode(ctx, person, subject, code, 2 + i * 2);
    if (fate === "used" || fate === "over") return;
    credit += cents;
    givers.push(person);
    given.push(textOf(code, "code"));
  });
  // Delivery is free from 60.00 on, so that all that fits stays below.
  if (credit > 5500) return reject("much credit");
  const fee = 490;
  const products = freshProducts(ctx, (row) => numberOf(row, "price") >= 500);
  const priced = (low: number, high: number, count: number) =>
    products.filter((row) => numberOf(row, "price") > low && numberOf(row, "price") <= high).slice(0, count);
  const wished = [
    ...priced(credit - fee - 1500, credit - fee, 4),
    ...priced(credit - fee, credit, 2),
    ...priced(credit, 12000, 3),
  ];
  const fitting = wished.filter((row) => numberOf(row, "price") + fee <= credit)
    .sort((a, b) => numberOf(b, "price") - numberOf(a, "price"));
  const [best, next] = fitting;
  if (best === undefined || next === undefined || best["price"] === next["price"] || wished.length < 8) {
    return reject("the list is not fair");
  }
  for (const product of ctx.random.shuffle(wished)) {
    ctx.as(ctx.user, momentOn(ctx, daysAgo(ctx, 30)))("marlo", "add_wish_item", { product_id: product.id, list });
  }
  const title = textOf(best, "title");
  const wish = ctx.rows("marlo.list_line", ctx.user.email).find((row) =>
    row["list"] === list && row["product_id"] === best.id
  );
  const letter = {
    to: givers.map(({ email }) => email),
    subject: `Re: ${subject}`,
    body: `I have bought this: ${title}`,
  };
  return {
    instruction: phrase(ctx, [
      `Redeem the marlo gift codes from the letters "${subject}" that can still be used. Then order the dearest thing on my wish list "${list}" that my whole credit pays for, delivery included: one piece, by credit, to my default address, nothing else from the basket. Take it off the list and mail those whose codes worked, in one letter "Re: ${subject}": "I have bought this: Pier black drill", with its title.`,
      `Use the gift codes people mailed me as "${subject}" (some may be used or too old) for credit at marlo. From my wish list "${list}" buy one piece of the most expensive item whose price plus delivery the credit covers, paid with it, to the default address; leave the rest of the basket. Remove the item from the list. Write the givers of good codes once, "Re: ${subject}": "I have bought this: Pier black drill" (title of the thing).`,
      `The letters titled "${subject}" hold marlo gift codes: redeem all that are still good. With the credit I then have, get me one of the dearest product on "${list}", my wish list, that it covers with delivery (pay by credit, default address, only this item) and drop it from the list. One letter to all whose code was good: subject "Re: ${subject}", text like "I have bought this: Pier black drill".`,
    ]),
    pub: { subject, list },
    writes: (client) => {
      for (const code of given) client("marlo", "redeem_gift_code", { code });
      const line_id = idIn(client("marlo", "add_to_basket", { product_id: best.id, qty: 1 }), "line_id");
      client("marlo", "place_order", { line_ids: [line_id], use_credit: true });
      client("marlo", "remove_wish_item", { wish_id: wish?.id ?? 0 });
      client("quillpost", "send_letter", letter);
    },
  };
}

function solveSpendCodes(apis: Apis, pub: SpendPub) {
  const token = signIn(apis, "marlo");
  const mail = signIn(apis, "quillpost");
  const to = [];
  for (const { from, body } of lettersAbout(apis, mail, pub.subject, {})) {
    const [code] = /GIFT-[\d-]+/.exec(body) ?? [];
    if (code === undefined || !apis.marlo.check_voucher({ token, code }).usable) continue;
    apis.marlo.redeem_gift_code({ token, code });
    to.push(from);
  }
  const { credit } = apis.marlo.get_account({ token });
  const [wish] = allPages(apis.marlo.list_wish_items, { token, list: pub.list })
    .filter(({ price }) => Math.round(price * 100) + (price < 60 ? 490 : 0) <= Math.round(credit * 100))
    .sort((a, b) => b.price - a.price);
  const { line_id } = apis.marlo.add_to_basket({ token, product_id: wish.product_id, qty: 1 });
  apis.marlo.place_order({ token, line_ids: [line_id], use_credit: true });
  apis.marlo.remove_wish_item({ token, wish_id: wish.wish_id });
  const body = `I have bought this: ${wish.product}`;
  apis.quillpost.send_letter({ token: mail, to, subject: `Re: ${pub.subject}`, body });
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const giftCode: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "gift_code/tie",
    difficulty: 2,
    apps: ["handset", "marlo", "quillpost"],
    draw: drawTie,
    solve: solveTieCodes,
  }),
  bench({
    ...COMMON,
    family: "gift_code/spend",
    difficulty: 3,
    apps: ["marlo", "quillpost"],
    draw: drawSpend,
    solve: solveSpendCodes,
  }),
];
