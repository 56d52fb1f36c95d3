/**
 * Gift codes of the shop that came by letter: redeem all that still work, or redeem one and spend it on a wish.
 *
 * @module
 */
import { farHolders, firstName, letterFrom, onDay, reached, smallTalk } from "./_cross_kit.ts";
import {
  type Apis,
  bench,
  type BenchDraw,
  idIn,
  numberOf,
  phrase,
  type Reject,
  reject,
  type Row,
  type Scenario,
  type SetupContext,
  textOf,
  today,
} from "./_kit.ts";
import { freshProducts } from "./_shop_kit.ts";
import { allPages, contactNamed, signIn } from "./_toolbox.ts";

type RedeemPub = { readonly name: string };
type SpendPub = { readonly name: string; readonly product: string; readonly text: string };

/** Gift codes of nobody in particular: those that work on the day of the task, and others. */
function giftCodes(ctx: SetupContext): { readonly good: readonly Row[]; readonly dead: readonly Row[] } {
  const codes = ctx.random.shuffle(ctx.rows("marlo.voucher", "").filter((row) => row["kind"] === "gift"));
  const works = (row: Row) => row["used_at"] === null && textOf(row, "valid_until") >= today(ctx);
  return { good: codes.filter(works), dead: codes.filter((row) => !works(row)) };
}

const code = (row: Row | undefined) => (row === undefined ? "" : textOf(row, "code"));

function drawRedeem(ctx: SetupContext): BenchDraw<RedeemPub> | Reject {
  const [giver, other] = farHolders(ctx);
  const { good: [first, second, others], dead: [dead] } = giftCodes(ctx);
  if (giver === undefined || other === undefined || others === undefined || dead === undefined) {
    return reject("too few people or codes");
  }
  const { person } = giver;
  const letters = [
    letterFrom(
      ctx,
      person,
      onDay(ctx, 40, 11),
      "For your birthday",
      `A little late, but here it is: ${code(dead)} at marlo. Buy something silly.`,
    ),
    letterFrom(
      ctx,
      person,
      onDay(ctx, 25, 18),
      "Thank you for the move",
      `You carried more boxes than anybody.\nThe shop marlo takes this code: ${code(first)}\nNo need to thank me.`,
    ),
    letterFrom(
      ctx,
      person,
      onDay(ctx, 16, 10),
      "One more thing",
      `I won a voucher that I do not need, so have it. ${code(second)} is what you type in at marlo.`,
    ),
    letterFrom(
      ctx,
      other.person,
      onDay(ctx, 12, 20),
      "Gift code",
      `Please keep ${code(others)} for me until the summer, I will use it at marlo then.`,
    ),
  ];
  smallTalk(ctx, person);
  if (!reached(ctx, ...letters)) return reject("a rule binned a letter");
  const { name } = person;
  return {
    instruction: phrase(ctx, [
      `${name} has sent me gift codes for marlo by letter over time. Redeem every one of them that still works.`,
      `Look through the letters that I got from ${name} for gift codes of marlo. Those that are neither used up nor out of date should be turned into credit.`,
      `I never used the marlo gift codes that ${name} wrote me in letters. Please redeem them all, except for those that the shop does not take any more.`,
    ]),
    pub: { name },
    writes: [first, second].map((row) => ({
      app: "marlo",
      api: "redeem_gift_code",
      args: { code: code(row) },
    })),
  };
}

function solveRedeem(apis: Apis, pub: RedeemPub): void {
  const { email } = contactNamed(apis, signIn(apis, "handset"), pub.name);
  const mail = signIn(apis, "quillpost");
  const codes = new Set();
  for (const { letter_id } of allPages(apis.quillpost.find_letters, { token: mail, from: email })) {
    const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
    for (const found of body.match(/GIFT-\d+-\d+/g) ?? []) codes.add(found);
  }
  const token = signIn(apis, "marlo");
  for (const code of codes) {
    if (apis.marlo.check_voucher({ token, code }).usable) apis.marlo.redeem_gift_code({ token, code });
  }
}

function drawSpend(ctx: SetupContext): BenchDraw<SpendPub> | Reject {
  const [giver] = farHolders(ctx);
  const { good: [gift] } = giftCodes(ctx);
  const [account] = ctx.rows("marlo.member", ctx.user.email);
  if (giver === undefined || gift === undefined || account === undefined || account["default_address"] === null) {
    return reject("nobody to give, nothing given, or nowhere to send it");
  }
  // Credit pays all of it, so that no card is needed.
  const most = numberOf(gift, "value") - 490;
  const wishes = ctx.rows("marlo.list_line", ctx.user.email);
  const titles = new Set(
    wishes.map((row) => textOf(ctx.row("marlo.product", numberOf(row, "product_id")) ?? row, "title")),
  );
  const [product, rival] = freshProducts(
    ctx,
    (row) => numberOf(row, "price") <= most && !titles.has(textOf(row, "title")),
  );
  if (product === undefined || rival === undefined || product["title"] === rival["title"]) {
    return reject("nothing fits");
  }
  const past = ctx.as(ctx.user, onDay(ctx, 30, 21));
  past("marlo", "add_wish_item", { product_id: rival.id });
  const wishId = idIn(past("marlo", "add_wish_item", { product_id: product.id }), "wish_id");
  const { person } = giver;
  const letterId = letterFrom(
    ctx,
    person,
    onDay(ctx, 20, 12),
    "Something from your list",
    `I could not decide, so choose yourself.\nCode for marlo: ${code(gift)}\nAll the best,\n${firstName(person)}`,
  );
  smallTalk(ctx, person);
  if (!reached(ctx, letterId)) return reject("a rule binned the letter");
  const { name } = person;
  const title = textOf(product, "title");
  const text = ctx.random.pick([
    `Thank you, I bought the ${textOf(product, "kind")}!`,
    `What a treat, thank you. It became a ${textOf(product, "kind")}.`,
    `Thanks a lot, the ${textOf(product, "kind")} is on its way.`,
  ]);
  return {
    instruction: phrase(ctx, [
      `There is a marlo gift code in a letter from ${name}. Redeem it, order one "${title}" from my wishes with that credit to my default address, take it off the wish list and answer the letter with "${text}"`,
      `${name} wrote me a letter with a gift code for marlo. Please turn it into credit and buy the "${title}" on my wish list with it, just one, sent to the usual address. Then remove the wish and reply to that letter: "${text}"`,
      `Use the marlo gift code that ${name} sent me by letter: redeem it, pay one "${title}" (it is among my wishes) from the credit, delete it from the wishes, and write back "${text}" as an answer to the letter.`,
    ]),
    pub: { name, product: title, text },
    writes(client) {
      client("marlo", "redeem_gift_code", { code: code(gift) });
      const line_id = idIn(client("marlo", "add_to_basket", { product_id: product.id, qty: 1 }), "line_id");
      client("marlo", "place_order", { line_ids: [line_id], use_credit: true });
      client("marlo", "remove_wish_item", { wish_id: wishId });
      client("quillpost", "reply", { letter_id: letterId, body: text });
    },
  };
}

function solveSpend(apis: Apis, pub: SpendPub): void {
  const { email } = contactNamed(apis, signIn(apis, "handset"), pub.name);
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "marlo");
  for (const { letter_id } of allPages(apis.quillpost.find_letters, { token: mail, from: email })) {
    const [code] = apis.quillpost.get_letter({ token: mail, letter_id }).body.match(/GIFT-\d+-\d+/) ?? [];
    if (code === undefined) continue;
    apis.marlo.redeem_gift_code({ token, code });
    const wish = allPages(apis.marlo.list_wish_items, { token }).find((x) => x.product === pub.product);
    const { line_id } = apis.marlo.add_to_basket({ token, product_id: wish.product_id, qty: 1 });
    apis.marlo.place_order({ token, line_ids: [line_id], use_credit: true });
    apis.marlo.remove_wish_item({ token, wish_id: wish.wish_id });
    apis.quillpost.reply({ token: mail, letter_id, body: pub.text });
    return;
  }
}

const COMMON = { split: "test_challenge", apps: ["handset", "quillpost", "marlo"], axis: {} } as const;

/** The two families. */
export const gift_code: readonly Scenario[] = [
  bench({ ...COMMON, family: "gift_code/redeem", difficulty: 2, draw: drawRedeem, solve: solveRedeem }),
  bench({ ...COMMON, family: "gift_code/spend", difficulty: 3, draw: drawSpend, solve: solveSpend }),
];
