/**
 * What a relative said that one should buy is bought: the last suggestion among texts, the first choice in stock of a letter, or a
 * shopping list spread over voice clips.
 *
 * Hurdles: earlier suggestions were taken back, others suggest other things, the first choices are sold out.
 *
 * @module
 */
import {
  freshKind,
  hasDefaultAddress,
  oneOfEachKind,
  order,
  relatives,
  smallClips,
  smallTexts,
  talkers,
  titleOf,
} from "./_cross_b.ts";
import { firstName, letterFrom, onDay, reached, smallTalk } from "./_cross_kit.ts";
import {
  type Apis,
  bench,
  type BenchDraw,
  cycle,
  numberOf,
  phrase,
  type Reject,
  reject,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { receiveText, sendTextTo } from "./_phone.ts";
import { addressesOf, aKind, goodCardEnding, labelledAddress, pluralOf, productsOf } from "./_shop_kit.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

type TextPub = { readonly tie: string; readonly kind: string; readonly qty: number; readonly ending: string };
type LetterPub = { readonly tie: string; readonly kind: string; readonly label: string; readonly ending: string };
type VoicePub = { readonly tie: string; readonly occasion: string; readonly label: string; readonly ending: string };

function drawText(ctx: SetupContext): BenchDraw<TextPub> | Reject {
  const [relative] = relatives(ctx);
  const other = talkers(ctx).find(({ person }) => person.email !== relative?.person.email);
  const fresh = freshKind(ctx, 8);
  const [wanted, old, rival, asked] = fresh?.products ?? [];
  const [unlike] = oneOfEachKind(ctx, 1, (row) => row["kind"] !== fresh?.kind);
  if (relative === undefined || other === undefined || !hasDefaultAddress(ctx)) return reject("nobody to suggest");
  if (fresh === undefined || wanted === undefined || old === undefined || rival === undefined || asked === undefined) {
    return reject("too few products");
  }
  if (unlike === undefined) return reject("no other kind");
  const { tie, person } = relative;
  const { kind } = fresh;
  receiveText(ctx, person, `Have a look at the ${titleOf(old)} at marlo, it would suit you.`, onDay(ctx, 21, 18));
  receiveText(
    ctx,
    person,
    ctx.random.pick([
      `Forget what I wrote about that ${kind}. The ${titleOf(wanted)} is the one to get.`,
      `I looked again: get the ${titleOf(wanted)}, it is better than the other one.`,
      `Changed my mind! Better take the ${titleOf(wanted)}.`,
    ]),
    onDay(ctx, 13, 12),
  );
  receiveText(ctx, person, `We are so happy with our ${titleOf(unlike)}.`, onDay(ctx, 11, 10));
  receiveText(ctx, other.person, `If I were you I would order the ${titleOf(rival)}.`, onDay(ctx, 9, 11));
  sendTextTo(ctx, person, `And what about the ${titleOf(asked)}?`, onDay(ctx, 8, 20));
  smallTexts(ctx, person);
  const qty = cycle(ctx, [2, 3, 4]);
  const { id: cardId, ending } = goodCardEnding(ctx);
  return {
    instruction: phrase(ctx, [
      `My ${tie} texted me which ${kind} to get at marlo. Take the last suggestion and order ${qty} of it to my default address, with the card ending in ${ending}.`,
      `Please buy ${qty} of the ${kind} that my ${tie} recommended to me by text, the most recent recommendation if there are several. Marlo, usual address, card ${ending}.`,
      `I want the marlo ${kind} that my ${tie} wrote about last in a text to me. Order ${qty}, pay with the card that ends in ${ending} and have it sent to the default address.`,
    ]),
    pub: { tie, kind, qty, ending },
    writes: (client) => void order(client, { items: [{ product: wanted, qty }], cardId }),
  };
}

function solveText(apis: Apis, pub: TextPub): void {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const [{ number }] = contactsWith(apis, phone, pub.tie);
  const products = allPages(apis.marlo.find_products, { token, kind: pub.kind });
  const texts = allPages(apis.handset.list_texts, { token: phone, number, direction: "in" });
  const suggestion = texts.find((x) => products.some((product) => x.text.includes(product.title)));
  const { product_id } = products.find((product) => suggestion.text.includes(product.title));
  const card = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const { line_id } = apis.marlo.add_to_basket({ token, product_id, qty: pub.qty });
  apis.marlo.place_order({ token, line_ids: [line_id], card_id: card.card_id });
}

const PLACES = ["allotment", "office", "boat house", "garage", "workshop", "summer house"] as const;

/** A label that the user has an address under, or gets one under. */
function drawLabel(ctx: SetupContext): string {
  const known = addressesOf(ctx).slice(1).map((row) => textOf(row, "label"));
  return ctx.random.pick([...known, ...ctx.random.sample(PLACES, 2)]);
}

function drawLetter(ctx: SetupContext): BenchDraw<LetterPub> | Reject {
  const [relative] = relatives(ctx);
  const fresh = freshKind(ctx, 5);
  if (relative === undefined || fresh === undefined) return reject("nobody to suggest, or nothing");
  const { tie, person } = relative;
  const { kind, products: [wanted, last, older, otherLast] } = fresh;
  const soldOut = ctx.random.shuffle(productsOf(ctx, kind)).filter((row) => numberOf(row, "stock") === 0);
  const [first, second = first] = soldOut;
  if (wanted === undefined || last === undefined || older === undefined || otherLast === undefined) {
    return reject("too few products");
  }
  if (first === undefined || second === undefined) return reject("nothing is sold out");
  const choices = first === second ? [first, wanted, last] : [first, second, wanted, last];
  const subject = `About the ${kind}`;
  const body = (titles: readonly string[]) =>
    [
      `Dear ${firstName(ctx.user)},`,
      `you asked me about ${aKind(kind)}. In this order:`,
      ...titles.map((title, i) => `${i + 1}. ${title}`),
      "All of them are at marlo.",
      firstName(person),
    ].join("\n");
  letterFrom(ctx, person, onDay(ctx, 33, 9), subject, body([titleOf(older), titleOf(otherLast)]));
  const letterId = letterFrom(ctx, person, onDay(ctx, 14, 19), subject, body(choices.map(titleOf)));
  smallTalk(ctx, person);
  if (!reached(ctx, letterId)) return reject("a rule binned the letter");
  const label = drawLabel(ctx);
  const addressId = labelledAddress(ctx, label).id;
  const { id: cardId, ending } = goodCardEnding(ctx);
  return {
    instruction: phrase(ctx, [
      `My ${tie} wrote me a letter about which ${kind} to buy, with several choices in order; the latest such letter counts. Order one of the first choice that marlo has in stock to my "${label}" address, paid with the card ending in ${ending}, and answer the letter with "Ordered: " followed by the product's title.`,
      `There are letters from my ${tie} that list ${
        pluralOf(kind)
      } for me, best first. Use the newest one: buy a single piece of the first in it that is not sold out at marlo (card ${ending}, address "${label}"), then reply to that letter "Ordered: " plus its title.`,
      `Please order the ${kind} that my ${tie} advised in the most recent letter on it. If a choice is out of stock at marlo, take the next. One, to "${label}", card ending in ${ending}. Answer the letter "Ordered: " and what it is called in the shop.`,
    ]),
    pub: { tie, kind, label, ending },
    writes(client) {
      order(client, { items: [{ product: wanted }], cardId, addressId });
      client("quillpost", "reply", { letter_id: letterId, body: `Ordered: ${titleOf(wanted)}` });
    },
  };
}

function solveLetter(apis: Apis, pub: LetterPub): void {
  const [{ email }] = contactsWith(apis, signIn(apis, "handset"), pub.tie);
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "marlo");
  const products = allPages(apis.marlo.find_products, { token, kind: pub.kind });
  for (const { letter_id } of allPages(apis.quillpost.find_letters, { token: mail, from: email })) {
    const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
    const choices = body.split("\n").map((line: string) =>
      products.find((x) => /^\d\. /.test(line) && line.endsWith(x.title))
    ).filter((x: unknown) => x !== undefined);
    if (choices.length === 0) continue;
    const { product_id, title } = choices.find((x: { stock: number }) => x.stock > 0);
    const card = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
    const address = allPages(apis.marlo.list_addresses, { token }).find((x) => x.label === pub.label);
    const { line_id } = apis.marlo.add_to_basket({ token, product_id, qty: 1 });
    const { card_id } = card;
    apis.marlo.place_order({ token, line_ids: [line_id], card_id, address_id: address.address_id });
    apis.quillpost.reply({ token: mail, letter_id, body: "Ordered: " + title });
    return;
  }
}

const OCCASIONS = ["garden party", "house warming", "school fair", "hut weekend", "jubilee", "summer camp"] as const;

function drawVoice(ctx: SetupContext): BenchDraw<VoicePub> | Reject {
  const [relative] = relatives(ctx);
  const other = talkers(ctx).find(({ person }) => person.email !== relative?.person.email);
  const [a, b, c, d, e] = oneOfEachKind(ctx, 5, (row) => numberOf(row, "stock") >= 12);
  if (relative === undefined || other === undefined) return reject("nobody to suggest");
  if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined) {
    return reject("too few products");
  }
  const { tie, person } = relative;
  const [occasion = "", another = ""] = ctx.random.sample(OCCASIONS, 2);
  const counts = [ctx.random.int(2, 4), ctx.random.int(2, 5), ctx.random.int(6, 8), ctx.random.int(2, 4)] as const;
  const say = (from: typeof person, at: string, transcript: string) =>
    ctx.as(from, at)("handset", "send_voice_clip", { number: ctx.user.number, transcript });
  say(
    person,
    onDay(ctx, 19, 9),
    `Hello, it is me. For the ${occasion} we need ${counts[0]} of the ${titleOf(a)}, ${counts[1]} of the ${
      titleOf(b)
    }. Love!`,
  );
  say(person, onDay(ctx, 16, 17), `For the ${another} get 3 of the ${titleOf(d)}, please.`);
  say(other.person, onDay(ctx, 15, 12), `For the ${occasion} I would also take 2 of the ${titleOf(e)}.`);
  say(
    person,
    onDay(ctx, 12, 20),
    `About the ${occasion} again: make it ${counts[2]} of the ${titleOf(b)}, and ${counts[3]} of the ${
      titleOf(c)
    }. The rest stays as I said.`,
  );
  smallClips(ctx, person);
  const label = drawLabel(ctx);
  const addressId = labelledAddress(ctx, label).id;
  const { id: cardId, ending } = goodCardEnding(ctx);
  const items = [{ product: a, qty: counts[0] }, { product: b, qty: counts[2] }, { product: c, qty: counts[3] }];
  return {
    instruction: phrase(ctx, [
      `My ${tie} left me voice clips with what to order at marlo for the ${occasion}; where a number was changed later, the later one counts. Order all of it at once to my "${label}" address with the card ending in ${ending}, then text my ${tie} "Here by " and the day on which the last of it is expected, as in 2027-05-31.`,
      `In several voice clips my ${tie} tells me what we need from marlo for the ${occasion}. Buy everything in a single purchase, newer numbers instead of older ones: card ${ending}, address "${label}". Afterwards text my ${tie} "Here by " plus the latest expected day, in the form 2027-05-31.`,
      `Please go through what my ${tie} said in voice clips about the ${occasion} and place one marlo order with all of it, going by the newest number of each thing. Send it to "${label}", charge the card ending in ${ending}. Then text "Here by " with the last arrival day (such as 2027-05-31) to my ${tie}.`,
    ]),
    pub: { tie, occasion, label, ending },
    writes(client) {
      const bought = order(client, { items, cardId, addressId });
      const { lines } = client("marlo", "get_purchase", { purchase_id: bought }) as unknown as {
        readonly lines: readonly { readonly eta: string }[];
      };
      const last = lines.map(({ eta }) => eta).sort().at(-1) ?? "";
      client("handset", "send_text", { number: person.number, text: `Here by ${last}` });
    },
  };
}

function solveVoice(apis: Apis, pub: VoicePub): void {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const [{ number }] = contactsWith(apis, phone, pub.tie);
  const wanted = new Map();
  const clips = allPages(apis.handset.list_voice_clips, { token: phone, number, direction: "in" }).reverse();
  for (const { clip_id } of clips) {
    const { transcript } = apis.handset.get_voice_clip({ token: phone, clip_id });
    if (!transcript.includes(pub.occasion)) continue;
    for (const [, qty, title] of transcript.matchAll(/(\d+) of the ([^,.]+)/g)) wanted.set(title, Number(qty));
  }
  const line_ids = [];
  for (const [title, qty] of wanted) {
    const kind = title.split(" ").at(-1);
    const { product_id } = allPages(apis.marlo.find_products, { token, kind }).find((x) => x.title === title);
    line_ids.push(apis.marlo.add_to_basket({ token, product_id, qty }).line_id);
  }
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const { address_id } = allPages(apis.marlo.list_addresses, { token }).find((x) => x.label === pub.label);
  const { purchase_id } = apis.marlo.place_order({ token, line_ids, card_id, address_id });
  const days = apis.marlo.get_purchase({ token, purchase_id }).lines.map((x: { eta: string }) => x.eta).sort();
  apis.handset.send_text({ token: phone, number, text: "Here by " + days.at(-1) });
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const suggestedPurchase: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "suggested_purchase/text",
    difficulty: 2,
    apps: ["handset", "marlo"],
    draw: drawText,
    solve: solveText,
  }),
  bench({
    ...COMMON,
    family: "suggested_purchase/letter",
    difficulty: 3,
    apps: ["handset", "marlo", "quillpost"],
    draw: drawLetter,
    solve: solveLetter,
  }),
  bench({
    ...COMMON,
    family: "suggested_purchase/voice",
    difficulty: 3,
    apps: ["handset", "marlo"],
    draw: drawVoice,
    solve: solveVoice,
  }),
];
