/**
 * Things bought that a relative suggested: in texts, letters or voice clips.
 *
 * Hurdles: some suggestions were taken back, made before the day, made by others, or are sold out; one thing lies in the basket
 * already, beside others.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type Client,
  daysAgo,
  listOf,
  numberOf,
  phrase,
  type Principal,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { farHolders, firstName, letterFrom, reached } from "./_cross_kit.ts";
import { canText, fill, order, paying } from "./_orders.ts";
import { receiveText } from "./_phone.ts";
import { freshProducts } from "./_shop_kit.ts";
import { allPages, contactNamed, orderLines, productNamed, signIn } from "./_toolbox.ts";

type Channel = "text" | "letter" | "voice";

const RELATIVES = ["mother", "father", "sister", "brother", "cousin", "partner", "daughter", "son"];
const SAYINGS = [
  'You should get the "{title}", I love mine.',
  'Do get the "{title}" before winter.',
  'I would get the "{title}" if I were you.',
  'If you need a present for yourself, get the "{title}".',
] as const;
const SUBJECTS = ["Hello from us", "An idea", "By the way", "For your place", "News", "One more thing"] as const;

function send(ctx: SetupContext, channel: Channel, from: Principal, words: string, at: string): number | undefined {
  if (channel === "letter") return letterFrom(ctx, from, at, ctx.random.pick(SUBJECTS), words);
  if (channel === "text") receiveText(ctx, from, words, at);
  else ctx.as(from, at)("handset", "send_voice_clip", { number: ctx.user.number, transcript: words });
  return undefined;
}

const PLACES: Readonly<Record<Channel, string>> = { text: "texts", letter: "letters", voice: "voice clips" };

function drawSuggestion(channel: Channel) {
  return (ctx: SetupContext) => {
    const known = farHolders(ctx).filter(({ person, contact }) =>
      canText(ctx, person) && contact["number"] === person.number
    );
    const one = known.find(({ contact }) => listOf(contact, "ties").some((tie) => RELATIVES.includes(tie)));
    const other = known.find((found) => found !== one);
    const pay = paying(ctx);
    if (one === undefined || other === undefined || pay === undefined) return reject("no relative, card or address");
    const { person } = one;
    const since = daysAgo(ctx, ctx.random.int(12, 20));
    const products = freshProducts(ctx, (row) => numberOf(row, "price") < 12_000).slice(0, 12);
    const [a, b, c, d, e, back, early, others, gone, talk, lying, also] = products;
    if (
      a === undefined || b === undefined || c === undefined || d === undefined || e === undefined ||
      back === undefined ||
      early === undefined || others === undefined || gone === undefined || talk === undefined || lying === undefined ||
      also === undefined
    ) {
      return reject("too few products");
    }
    const letters: (number | undefined)[] = [];
    const say = (from: Principal, words: string, days: number, hour: number) =>
      letters.push(send(ctx, channel, from, words, `${addDays(since, days)}T${hour}:${ctx.random.int(10, 59)}:00`));
    const suggestion = (product: typeof a) => ctx.random.pick(SAYINGS).replace("{title}", textOf(product, "title"));
    letters.push(send(ctx, channel, person, suggestion(a), `${since}T00:20:00`));
    say(person, suggestion(early), -1, 22);
    [back, b, gone, c, d, e].forEach((product, i) => say(person, suggestion(product), 1 + i, 10 + i));
    say(person, `Never mind the "${textOf(back, "title")}", it broke today.`, 8, 9);
    say(person, `I gave the "${textOf(talk, "title")}" to the neighbours.`, 9, 11);
    say(other.person, suggestion(others), 3, 15);
    for (let i = 0; i < 5; i++) {
      say(person, ctx.random.pick(["See you on Sunday!", "Call me.", "All well here."]), 10, 12 + i);
    }
    if (!reached(ctx, ...letters.filter((id) => id !== undefined))) return reject("a rule threw letters away");
    ctx.patch("marlo.product", gone.id, { stock: 0 });
    const [lineOfC = 0] = fill(ctx.as(ctx.user, `${daysAgo(ctx, 1)}T08:00:00`), [
      { product: c, qty: 1 },
      { product: lying, qty: 2 },
      { product: also, qty: 1 },
    ]);
    const writes = (client: Client) => {
      const added = fill(client, [a, b, d, e].map((product) => ({ product, qty: 1 })));
      order(client, [lineOfC, ...added], pay);
    };
    const first = firstName(person);
    const place = PLACES[channel];
    const how = `the card ending in ${pay.ending}, to my address "${pay.label}"`;
    return {
      instruction: phrase(ctx, [
        `Since ${
          sayDate(since)
        } ${person.name} has told me in ${place} to get several things from marlo: 'get the "…"'. Order one of each in a single order with ${how}; leave out what is sold out and what ${first} took back ('Never mind the "…"'). If one is in my basket already, use that; nothing else from the basket.`,
        `Buy what ${person.name} suggested in ${place} on ${
          sayDate(since)
        } or later, one piece each: whatever stands in quotes after "get the", except things that ${first} told me to never mind afterwards or that are out of stock on marlo. One order, ${how}. Something may lie in my basket already, then order it from there, and keep the rest of the basket.`,
        `${person.name} keeps recommending things in ${place} with 'get the "…"'. Please order everything recommended since ${
          sayDate(since)
        } on marlo, one of each, in one go, with ${how}. Not what was withdrawn with 'Never mind the "…"', not what is sold out, and nothing else of what is in my basket.`,
      ]),
      pub: { person: person.name, since, ending: pay.ending, label: pay.label },
      said: { since: sayDate(since) },
      writes,
    };
  };
}

function solveSuggestion(
  apis: Apis,
  pub: { person: string; since: string; ending: string; label: string },
  axis: { channel: string },
) {
  const phoneToken = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const { email, number } = contactNamed(apis, phoneToken, pub.person);
  const messages = [];
  if (axis.channel === "text") {
    const filters = { token: phoneToken, number, direction: "in", since: pub.since };
    for (const { at, text } of allPages(apis.handset.list_texts, filters)) messages.push({ at, words: text });
  } else if (axis.channel === "voice") {
    for (
      const { at, clip_id } of allPages(apis.handset.list_voice_clips, { token: phoneToken, number, direction: "in" })
    ) {
      if (at.slice(0, 10) < pub.since) continue;
      messages.push({ at, words: apis.handset.get_voice_clip({ token: phoneToken, clip_id }).transcript });
    }
  } else {
    const mailToken = signIn(apis, "quillpost");
    const filters = { token: mailToken, from: email, since: pub.since };
    for (const { sent_at, letter_id } of allPages(apis.quillpost.find_letters, filters)) {
      messages.push({ at: sent_at, words: apis.quillpost.get_letter({ token: mailToken, letter_id }).body });
    }
  }
  const wanted = new Set<string>();
  for (const { words } of messages.sort((a, b) => (a.at < b.at ? -1 : 1))) {
    const found = /\bget the "([^"]+)"/.exec(words);
    const back = /Never mind the "([^"]+)"/.exec(words);
    if (found !== null) wanted.add(String(found[1]));
    if (back !== null) wanted.delete(String(back[1]));
  }
  const basket = allPages(apis.marlo.list_basket, { token });
  const line_ids = [];
  for (const title of wanted) {
    const product = productNamed(apis, token, title);
    if (product.stock === 0) continue;
    const line = basket.find((x) => x.product_id === product.product_id);
    line_ids.push(line?.line_id ?? apis.marlo.add_to_basket({ token, product_id: product.product_id, qty: 1 }).line_id);
  }
  orderLines(apis, token, { line_ids, ending: pub.ending, label: pub.label });
}

/** Scenarios of this generator. */
export const suggestionBuy: readonly Scenario[] = [
  bench({
    family: "suggestion_buy/text",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "marlo"],
    axis: { channel: "text" },
    draw: drawSuggestion("text"),
    solve: solveSuggestion,
  }),
  bench({
    family: "suggestion_buy/letter",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "quillpost", "marlo"],
    axis: { channel: "letter" },
    draw: drawSuggestion("letter"),
    solve: solveSuggestion,
  }),
  bench({
    family: "suggestion_buy/voice",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "marlo"],
    axis: { channel: "voice" },
    draw: drawSuggestion("voice"),
    solve: solveSuggestion,
  }),
];
