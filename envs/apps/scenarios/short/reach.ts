/**
 * Reaching people: verb (send money, ask for money, text) × whom (tie, person).
 *
 * @module
 */
import type { Reject, Scenario, SetupContext, Split } from "../../scenario.ts";
import { define, type Draw, type Write } from "./_define.ts";
import { people, signIn, WHO, type Who } from "./_idioms.ts";
import {
  addNamesake,
  balanceOf,
  beyondFirstPage,
  choose,
  contactsOf,
  drawAmount,
  groupsOf,
  listOf,
  peoplePhrase,
  reject,
  textOf,
  TIES,
} from "./_setup.ts";

type Verb = "send_money" | "ask_money" | "send_text";

const FAMILIES: readonly (readonly [Verb, Who, Split])[] = [
  ["send_money", "person", "train"],
  ["ask_money", "tie", "train"],
  ["ask_money", "person", "train"],
  ["send_text", "person", "train"],
  ["send_text", "tie", "train"],
  ["send_money", "tie", "test_normal"],
];

const MEMOS = ["pizza night", "train tickets", "flowers", "museum", "board games", "picnic", "boat trip"] as const;
const TEXTS = [
  "I am running late",
  "The meeting is moved to noon",
  "Dinner is at eight",
  "Please call me back",
  "I found your umbrella",
  "The keys are under the mat",
  "See you at the station",
] as const;

const CODE: Readonly<Record<Verb, string>> = {
  send_money: "for (const to of people) apis.tuppence.send_money({ token: token.tuppence, to, amount, memo });",
  ask_money: "for (const to of people) apis.tuppence.ask_money({ token: token.tuppence, to, amount, memo });",
  send_text: "for (const number of people) apis.handset.send_text({ token: token.handset, number, text });",
};

function phrases(verb: Verb, whom: string, amount: number, memo: string, text: string): readonly string[] {
  if (verb === "send_text") return [`Text ${whom}: "${text}".`, `Send a text that says "${text}" to ${whom}.`];
  return verb === "send_money"
    ? [
      `Send ${amount} to ${whom} in tuppence with the memo "${memo}".`,
      `Pay ${whom} ${amount} and write "${memo}" as the memo.`,
    ]
    : [
      `Ask for ${amount} from ${whom} in tuppence with the memo "${memo}".`,
      `Request ${amount} from ${whom} and write "${memo}" as the memo.`,
    ];
}

/** Gives two account holders a tie that none of the user's contacts has; they come last in the list. */
function addTied(ctx: SetupContext): void {
  const contacts = contactsOf(ctx);
  const known = new Set(contacts.map((row) => textOf(row, "email")));
  const tie = choose(ctx, TIES, (candidate) => !contacts.some((row) => listOf(row, "ties").includes(candidate)));
  const strangers = ctx.principals.filter(({ email }) => email !== ctx.user.email && !known.has(email));
  if (tie === undefined) return;
  for (const { name, email, number } of ctx.random.sample(strangers, 2)) {
    ctx.as()("handset", "add_contact", { name, email, number, ties: [tie] });
  }
}

function draw(ctx: SetupContext, verb: Verb, who: Who): Draw | Reject {
  if (who === "tie" && verb !== "send_text") addTied(ctx);
  const group = choose(
    ctx,
    groupsOf(ctx, who, verb !== "send_text"),
    ({ members }) => members.length <= 8 && beyondFirstPage(ctx, members),
  );
  if (group === undefined) return reject("no people deep in the list who all have accounts");
  if (who === "person") addNamesake(ctx, group.value);
  const amount = drawAmount(ctx, 3, 25);
  const memo = ctx.random.pick(MEMOS);
  const text = ctx.random.pick(TEXTS);
  if (verb === "send_money" && amount * 100 * group.members.length > balanceOf(ctx)) return reject("not enough money");
  const whom = who === "tie" ? `each of ${peoplePhrase(who, group.value)}` : group.value;
  const writes: Write[] = group.members.map((row) =>
    verb === "send_text"
      ? { app: "handset", api: verb, args: { number: textOf(row, "number"), text } }
      : { app: "tuppence", api: verb, args: { to: textOf(row, "email"), amount, memo } }
  );
  return {
    instruction: ctx.random.pick(phrases(verb, whom, amount, memo, text)),
    args: verb === "send_text" ? [group.value, text] : [group.value, amount, memo],
    writes,
  };
}

/** Scenarios of this generator. */
export const reach: readonly Scenario[] = FAMILIES.map(([verb, who, split]) =>
  define({
    family: `reach/${verb}/${who}`,
    split,
    difficulty: verb === "send_text" ? 1 : 2,
    name: `${verb}_to_${who}`,
    params: [WHO[who].param, ...(verb === "send_text" ? ["text"] : ["amount", "memo"])],
    lines: [
      ...signIn("handset", ...(verb === "send_text" ? [] : ["tuppence"])),
      ...people(who, verb === "send_text" ? "number" : "email"),
      CODE[verb],
    ],
    lookups: verb === "send_text"
      ? { handset: "list contacts send text" }
      : { handset: "list contacts", tuppence: verb.replace("_", " ") },
    draw: (ctx) => draw(ctx, verb, who),
  })
);
