/**
 * A checklist kept up to date from texts of people of a tie: what they have got is ticked, what they could not get is unticked, what
 * they ask for is added, whereupon they get an answer.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  daysAgo,
  phrase,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  tiedHolders,
  tiesWith,
  type Write,
} from "./_kit.ts";
import {
  capitalised,
  isFreshTitle,
  pastTime,
  receiveText,
  sendTextTo,
  theTies,
  untiedHolders,
  writeChecklist,
} from "./_phone.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

type Verb = "tick" | "untick" | "add";

const TITLES = [
  "Cabin weekend",
  "Lake house",
  "Market stall",
  "Garden party",
  "Moving day",
  "Harvest supper",
  "Scout camp",
  "Boat trip",
] as const;
const WORDS = `oat flakes,smoked cheese,rye bread,tea lights,paper plates,wood glue,sun cream,rope,gas canister,lemons,
  folding chairs,bin bags,olive oil,plum jam,matches,string lights,corn cobs,charcoal,ice cubes,elderflower syrup,napkins,
  mustard,potato salad,tent pegs,bug spray,card games,duct tape,apple juice,skewers,tablecloth,garden torches,onions,
  extension lead,first aid kit,dish soap,coffee filters,bread knife,salt,pickles,marshmallows,
  paper towels,cream crackers,red apples,grill tongs,picnic rugs,face paint,balloons,sparkling water,cocoa powder,pears,
  honey cake,wasp trap,water canister,hand soap,camping stove,big ladle,cooling bag,raincoats,board game,speaker cable,
  trestle table,name tags,safety pins,clothes pegs,dustpan,broom,milk,eggs,butter,flour,sugar,yeast,raisins,walnuts,
  cucumbers,radishes,soft cheese,flat bread,ginger beer,cherry juice`.split(/,\s*/);
const STARTS: Readonly<Record<Verb, readonly string[]>> = {
  tick: ["Got it:", "I have:", "Done and bought:"],
  untick: ["Sold out:", "Could not get:", "Still missing:"],
  add: ["Please add:", "We also need:", "For the list:"],
};
const REPLIES = ["It is on the list.", "Noted, thank you!", "I put it down."] as const;
const LISTED = 58;

function phrasings(
  verb: Verb,
  { who, start, day, title, reply }: Readonly<Record<"who" | "start" | "day" | "title" | "reply", string>>,
): readonly string[] {
  const list = `the checklist of my note "${title}"`;
  const Who = capitalised(who);
  if (verb === "tick") {
    return [
      `${Who} have texted me what they have bought: texts that begin with "${start}", since ${day}. Tick these things in ${list}; several can stand in one text, separated by commas.`,
      `Update ${list}: tick whatever ${who} report in texts starting with "${start}" (commas between things), sent on ${day} or later. What is ticked already or not on the list needs nothing.`,
      `From ${day} on, ${who} have been texting me "${start}" followed by things from ${list}. Please tick all of those that are still open.`,
    ];
  }
  if (verb === "untick") {
    return [
      `${Who} could not get everything after all. Since ${day} they have been texting me "${start}" and the things, separated by commas; untick these in ${list}.`,
      `In ${list}, take the tick off everything that ${who} name in texts beginning with "${start}" from ${day} on. Things that are not ticked stay as they are.`,
      `Please go through the texts of ${who} since ${day} that start with "${start}", and untick the things they name in ${list}, where they are ticked.`,
    ];
  }
  return [
    `${Who} keep texting me "${start}" and what else we need. Add all of that since ${day} to ${list}, each thing as its own entry. What is there already needs no second entry, but if it is ticked, take the tick off. Answer everybody who sent me such a text since then with one text, "${reply}", and mark the texts from them as seen.`,
    `Please extend ${list} with what ${who} have asked for in texts starting with "${start}", on ${day} or later: one entry a thing (they use commas), none twice. Things that are on it but ticked are to be unticked. Each who wrote so gets the text "${reply}" from me, once, and their texts are marked as seen.`,
    `Since ${day}, texts of ${who} that begin with "${start}" name things for ${list}. Put in those that are missing, one entry each, and untick those that stand there ticked. Then text "${reply}" to every one of these senders, a single time each, and mark what they texted me as seen.`,
  ];
}

function draw(ctx: SetupContext, verb: Verb, reply = "") {
  const [tie] = tiesWith(ctx, 4, 12);
  if (tie === undefined) return reject("no tie with a few people");
  const senders = ctx.random.shuffle(tiedHolders(ctx, tie));
  const [outsider, another] = untiedHolders(ctx, tie);
  const title = ctx.random.pick(TITLES);
  if (outsider === undefined || another === undefined || !isFreshTitle(ctx, title)) {
    return reject("no outsider, or the title is taken");
  }
  const start = phrase(ctx, STARTS[verb]);
  const day = daysAgo(ctx, ctx.random.int(9, 25));
  const words = ctx.random.shuffle(WORDS);
  const listed = words.slice(0, LISTED).map((text, i) => ({
    text,
    done: verb === "untick" ? i % 4 !== 3 : i % 3 === 0,
  }));
  const unlisted = words.slice(LISTED);
  const { noteId, itemIds } = writeChecklist(ctx, title, listed, pastTime(ctx, 40));
  writeChecklist(ctx, `${title} (last year)`, listed.slice(3, 30), pastTime(ctx, 39));

  const rows = ctx.random.shuffle(listed);
  const right = rows.filter(({ done }) => done === (verb === "untick"));
  const wrong = rows.filter(({ done }) => done !== (verb === "untick"));
  const [meant, notMeant] = verb === "add"
    ? [unlisted.slice(0, 18), unlisted.slice(18)]
    : [right.slice(0, 32).map(({ text }) => text), right.slice(32).map(({ text }) => text)];
  // What is named in vain: done already or, in the case of additions, on the list.
  const idle = (verb === "add" ? right : wrong).slice(0, 3).map(({ text }) => text);
  const ticked = verb === "add" ? wrong.slice(0, 5).map(({ text }) => text) : [];
  const [first, ...others] = [...meant, ...ctx.random.shuffle([...idle, ...ticked])];
  if (first === undefined || notMeant.length < 2) return reject("too few things");
  const [head, early, ...rest] = senders;
  if (head === undefined || early === undefined) return reject("nobody of the tie");
  receiveText(ctx, head, `${start} ${first}`, `${day}T00:20:00`);
  for (let i = 0, n = 0; i < others.length; n++) {
    const some = others.slice(i, i + 1 + n % 3);
    i += some.length;
    const from = rest[n % rest.length] ?? head;
    receiveText(ctx, from, `${start} ${some.join(", ")}`, pastTime(ctx, 1 + n % 8));
  }
  if (verb === "add") receiveText(ctx, head, `${start} ${meant.slice(2, 4).join(", ")}`, pastTime(ctx, 1));
  receiveText(ctx, early, `${start} ${notMeant[0]}`, `${addDays(day, -1)}T23:10:00`);
  receiveText(ctx, outsider, `${start} ${notMeant[1]}`, pastTime(ctx, 2));
  sendTextTo(ctx, head, `${start} ${notMeant[0]}`, pastTime(ctx, 3));
  receiveText(ctx, another, `Have you ${start} ${notMeant[1]}`, pastTime(ctx, 2));
  const change = (api: string, text: string): Write => ({
    app: "foldnote",
    api,
    args: { item_id: itemIds.get(text) ?? 0 },
  });
  const writes = verb === "add"
    ? [
      ...meant.map((text): Write => ({ app: "foldnote", api: "add_item", args: { note_id: noteId, text } })),
      ...ticked.map((text) => change("untick_item", text)),
      ...[head, ...rest].flatMap(({ number }): Write[] => [
        { app: "handset", api: "send_text", args: { number, text: reply } },
        { app: "handset", api: "mark_texts_seen", args: { number } },
      ]),
    ]
    : meant.map((text) => change(`${verb}_item`, text));
  return {
    instruction: phrase(ctx, phrasings(verb, { who: theTies(tie), start, day: sayDate(day), title, reply })),
    pub: { tie, start, day, title },
    said: { day: sayDate(day) },
    writes,
  };
}

function drawAdditions(ctx: SetupContext) {
  const reply = ctx.random.pick(REPLIES);
  const drawn = draw(ctx, "add", reply);
  return "reject" in drawn ? drawn : { ...drawn, pub: { ...drawn.pub, reply } };
}

function solveChecklist(
  apis: Apis,
  pub: { tie: string; start: string; day: string; title: string },
  axis: { verb: string },
) {
  const token = signIn(apis, "handset");
  const notesToken = signIn(apis, "foldnote");
  const numbers = contactsWith(apis, token, pub.tie).map((x) => x.number);
  const texts = allPages(apis.handset.list_texts, { token, direction: "in" })
    .filter((x) => numbers.includes(x.from) && x.text.startsWith(pub.start) && x.at.slice(0, 10) >= pub.day);
  const named = texts.flatMap((x) => x.text.slice(pub.start.length).split(",").map((thing: string) => thing.trim()));
  const note = allPages(apis.foldnote.list_notes, { token: notesToken }).find((x) => x.title === pub.title);
  const items = allPages(apis.foldnote.list_items, { token: notesToken, note_id: note.note_id });
  for (const thing of new Set(named)) {
    const item = items.find((x) => x.text === thing);
    if (item === undefined || item.done !== (axis.verb === "untick")) continue;
    const { item_id } = item;
    if (axis.verb === "tick") apis.foldnote.tick_item({ token: notesToken, item_id });
    else apis.foldnote.untick_item({ token: notesToken, item_id });
  }
}

function solveAdditions(
  apis: Apis,
  pub: { tie: string; start: string; day: string; title: string; reply: string },
) {
  const token = signIn(apis, "handset");
  const notesToken = signIn(apis, "foldnote");
  const numbers = contactsWith(apis, token, pub.tie).map((x) => x.number);
  const texts = allPages(apis.handset.list_texts, { token, direction: "in" })
    .filter((x) => numbers.includes(x.from) && x.text.startsWith(pub.start) && x.at.slice(0, 10) >= pub.day);
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notesToken }).find((x) => x.title === pub.title);
  const items = allPages(apis.foldnote.list_items, { token: notesToken, note_id });
  const named = texts.flatMap((x) => x.text.slice(pub.start.length).split(",").map((thing: string) => thing.trim()));
  for (const thing of new Set(named)) {
    const item = items.find((x) => x.text === thing);
    if (item === undefined) apis.foldnote.add_item({ token: notesToken, note_id, text: thing });
    else if (item.done) apis.foldnote.untick_item({ token: notesToken, item_id: item.item_id });
  }
  for (const number of new Set(texts.map((x) => x.from))) {
    apis.handset.send_text({ token, number, text: pub.reply });
    apis.handset.mark_texts_seen({ token, number });
  }
}

/** Scenarios of this generator. */
export const checklistTexts: readonly Scenario[] = [
  ...(["tick", "untick"] as const).map((verb) =>
    bench({
      family: `checklist_texts/${verb}`,
      split: "train",
      difficulty: 2,
      apps: ["handset", "foldnote"],
      axis: { verb },
      draw: (ctx) => draw(ctx, verb),
      solve: solveChecklist,
    })
  ),
  bench({
    family: "checklist_texts/add",
    split: "train",
    difficulty: 3,
    apps: ["handset", "foldnote"],
    axis: {},
    draw: drawAdditions,
    solve: solveAdditions,
  }),
];
