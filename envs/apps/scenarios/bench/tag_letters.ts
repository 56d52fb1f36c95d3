/**
 * Tags put on conversations: by who writes in them and ticked off in a checklist, by the files in them, or by one address with a tag
 * that is new.
 *
 * Hurdles: conversations that have the tag already, several letters of one conversation, letters of the day before, files of the right
 * name and another kind or in drafts, look-alike addresses, a checklist of last year.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  cycle,
  daysAgo,
  idIn,
  phrase,
  type Reject,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  type Write,
} from "./_kit.ts";
import {
  addTag,
  emailsOf,
  filesOf,
  gotten,
  hasFreshTag,
  hourAgo,
  hourBetween,
  keptMail,
  type Mail,
  mailCall,
  mailTies,
  mayAnswerAlone,
  partedBy,
  receive,
  SMALL_LETTERS,
  taggedWith,
} from "./_mail_kit.ts";
import { isFreshTitle, pastTime, theTies, writeChecklist } from "./_phone.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

type TiePub = {
  readonly tie: string;
  readonly tag: string;
  readonly day: string;
  readonly title: string;
  readonly item: string;
};
type FilePub = { readonly tag: string; readonly start: string };
type NewPub = { readonly tag: string; readonly sender: string };

const TAGS = ["keep in mind", "spring", "for the record", "to file", "paper trail", "follow up"] as const;
const TITLES = ["Desk work", "Rainy day jobs", "Odds and ends", "Quiet hour"] as const;
const ITEMS = ["sort the mail", "tags for the letters", "tidy up the letters"] as const;
const OTHER_ITEMS = [
  "sort the mail of the choir treasurer",
  "pay the chimney sweep",
  "throw out old batteries",
  "ring the dentist",
  "label the jars",
  "find the spare key",
  "oil the garden gate",
  "copy the recipes",
  "return the ladder",
  "descale the kettle",
  "mend the bicycle bell",
  "sharpen the knives",
] as const;

function conversationsIn(letters: readonly Mail[]): number[] {
  return [...new Set(letters.map(({ conversationId }) => conversationId))];
}

function tagWrites(tagId: number, conversations: readonly number[]): Write[] {
  return conversations.map((conversation_id) => ({
    app: "quillpost",
    api: "tag_conversation",
    args: { conversation_id, tag_id: tagId },
  }));
}

function drawTie(ctx: SetupContext): BenchDraw<TiePub> | Reject {
  if (mayAnswerAlone(ctx)) return reject("an away note is on");
  const [tie] = mailTies(ctx, 3, 12);
  const tag = ctx.random.pick(TAGS);
  if (tie === undefined || !hasFreshTag(ctx, tag)) return reject("no tie, or the tag is taken");
  const { inside, outside } = partedBy(ctx, tie);
  const day = daysAgo(ctx, ctx.random.int(40, 60));
  const small = ctx.random.shuffle(SMALL_LETTERS);
  const plant = (from: string, at: string) => {
    const [subject, body] = small.pop() ?? ["", ""];
    return receive(ctx, { from, subject, body, at });
  };
  const planted = Array.from({ length: 18 }, (_, i) => {
    const at = i === 0 ? `${day}T00:30:00` : hourBetween(ctx, day, daysAgo(ctx, 1));
    return plant(inside[i % inside.length]?.email ?? "", at);
  });
  plant(inside[0]?.email ?? "", `${addDays(day, -1)}T23:10:00`);
  for (const { email } of outside.slice(0, 3)) plant(email, hourBetween(ctx, day, daysAgo(ctx, 1)));
  const tagId = addTag(ctx, tag);
  for (const one of planted.slice(1, 3)) {
    mailCall(ctx, "tag_conversation", { conversation_id: one.conversationId, tag_id: tagId });
  }
  const emails = emailsOf(ctx, tie);
  const letters = keptMail(ctx).filter((one) => emails.has(one.from) && one.day >= day);
  const done = taggedWith(ctx, tagId);
  const wanted = conversationsIn(letters).filter((id) => !done.has(id));
  if (wanted.length < 4 || wanted.length > 50) return reject("too few or too many conversations");
  const [title, item] = [ctx.random.pick(TITLES), cycle(ctx, ITEMS)];
  if (!isFreshTitle(ctx, title)) return reject("a note of that title is there");
  const jobs = ctx.random.shuffle(OTHER_ITEMS).map((text, i) => ({ text, done: i % 3 === 0 }));
  writeChecklist(ctx, `${title} (last year)`, [{ text: item, done: false }, ...jobs.slice(0, 2)], pastTime(ctx, 40));
  // Below a first page of items.
  const listed = [...jobs.slice(0, 7), { text: item, done: false }, ...jobs.slice(7)];
  const itemId = writeChecklist(ctx, title, listed, pastTime(ctx, 3)).itemIds.get(item) ?? 0;
  const who = theTies(tie);
  const instruction = phrase(ctx, [
    `Put my tag "${tag}" on every conversation with a letter from one of ${who} of ${
      sayDate(day)
    } or later, unless it has the tag already. Leave out letters in the bin. Then tick "${item}" in my checklist "${title}".`,
    `I want to find the mail of ${who} again: each conversation in which one of them wrote to me since ${
      sayDate(day)
    }, that day included, gets the tag "${tag}" if it lacks it. The bin does not count. After that, "${item}" in the note "${title}" is done, so tick it off.`,
    `Please tag conversations with "${tag}": those that have at least one letter, not binned, from ${who}, sent on ${
      sayDate(day)
    } or afterwards. Some are tagged already. This is the point "${item}" of my note "${title}"; tick it when you are through.`,
  ]);
  return {
    instruction,
    pub: { tie, tag, day, title, item },
    said: { day: sayDate(day) },
    writes: [...tagWrites(tagId, wanted), { app: "foldnote", api: "tick_item", args: { item_id: itemId } }],
  };
}

function drawFiles(ctx: SetupContext): BenchDraw<FilePub> | Reject {
  const tag = ctx.random.pick(TAGS);
  const start = cycle(ctx, ["estimate-", "certificate-", "permit-"]);
  if (!hasFreshTag(ctx, tag)) return reject("the tag is taken");
  const numbers = ctx.random.sample(Array.from({ length: 400 }, (_, i) => 2001 + i * 7), 24);
  const file = (ending: string, first = start) => {
    const number = numbers.pop() ?? 1;
    return { name: `${first}${number}.${ending}`, text: `Number ${number}\nChecked and signed.` };
  };
  const senders = ["office@harrowbyhomes.test", "policies@mooringinsurance.test", "workshop@bikerepair.test"];
  const plant = (files: { name: string; text: string }[], replyTo?: number) =>
    receive(ctx, {
      from: ctx.random.pick(senders),
      subject: ctx.random.pick(["Papers", "As requested", "Your documents", "Enclosed"]),
      body: "Good day,\nplease find the papers enclosed.",
      at: hourAgo(ctx, ctx.random.int(2, 60)),
      files,
      ...(replyTo === undefined ? {} : { replyTo }),
    });
  const planted = Array.from({ length: 15 }, () => plant([file("pdf")]));
  plant([file("pdf"), file("txt")]);
  // Wrong kind, wrong name, binned, and a draft.
  plant([file("txt")]);
  plant([file("pdf", "old-")]);
  mailCall(ctx, "move_to_bin", { letter_id: plant([file("pdf")]).id });
  const tagId = addTag(ctx, tag);
  for (const one of planted.slice(0, 2)) {
    mailCall(ctx, "tag_conversation", { conversation_id: one.conversationId, tag_id: tagId });
  }
  const letters = keptMail(ctx).filter(({ id }) =>
    filesOf(ctx, id).some((row) => row["kind"] === "pdf" && textOf(row, "name").startsWith(start))
  );
  const done = taggedWith(ctx, tagId);
  const wanted = conversationsIn(letters).filter((id) => !done.has(id));
  if (wanted.length < 4) return reject("too few conversations");
  const instruction = phrase(ctx, [
    `Every conversation with a letter that encloses a pdf whose name starts with "${start}" should have my tag "${tag}". Add it where it is missing; the bin does not count.`,
    `Give the tag "${tag}" to all conversations, bin left out, in which a letter has a pdf file named "${start}" and something after it. Several have the tag already.`,
    `Look through the files enclosed in my letters outside the bin: wherever a pdf begins with "${start}", tag that conversation "${tag}" unless it is tagged so.`,
  ]);
  return { instruction, pub: { tag, start }, writes: tagWrites(tagId, wanted) };
}

function drawNew(ctx: SetupContext): BenchDraw<NewPub> | Reject {
  const tag = ctx.random.pick(TAGS);
  const counts = new Map<string, number>();
  for (const { from } of gotten(ctx, keptMail(ctx))) counts.set(from, (counts.get(from) ?? 0) + 1);
  const senders = [...counts].filter(([from, count]) => count >= 14 && count <= 60 && !from.includes("@pine.test"))
    .map(([from]) => from).sort();
  const [sender] = ctx.random.shuffle(senders);
  if (sender === undefined || !hasFreshTag(ctx, tag)) return reject("no address with so many letters");
  // Nearly the same address.
  receive(ctx, { from: `x${sender}`, subject: "Hello", body: "You know us.", at: hourAgo(ctx, 3) });
  const [subject, body] = ctx.random.pick(SMALL_LETTERS);
  const first = receive(ctx, { from: sender, subject, body, at: hourAgo(ctx, 9) });
  receive(ctx, {
    from: sender,
    subject: `Re: ${subject}`,
    body: "One more thing.",
    at: hourAgo(ctx, 5),
    replyTo: first.id,
  });
  const wanted = conversationsIn(keptMail(ctx).filter(({ from }) => from === sender));
  const instruction = phrase(ctx, [
    `Make a tag called "${tag}" and put it on each conversation with a letter from ${sender}, wherever it lies except in the bin.`,
    `I need a new mail tag "${tag}". All conversations outside the bin with letters from ${sender} should get it.`,
    `Create the tag "${tag}" for my mail, then tag every conversation that holds a letter from ${sender}; leave the bin alone.`,
  ]);
  return {
    instruction,
    pub: { tag, sender },
    writes(client) {
      const tag_id = idIn(client("quillpost", "add_tag", { name: tag }), "tag_id");
      for (const conversation_id of wanted) client("quillpost", "tag_conversation", { conversation_id, tag_id });
    },
  };
}

function solveTagByTie(apis: Apis, pub: TiePub) {
  const phone = signIn(apis, "handset");
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "quillpost");
  const emails = contactsWith(apis, phone, pub.tie).map((x) => x.email);
  const { tag_id } = allPages(apis.quillpost.list_tags, { token }).find((x) => x.name === pub.tag);
  const done = allPages(apis.quillpost.list_conversations, { token, tag_id }).map((x) => x.conversation_id);
  const letters = allPages(apis.quillpost.find_letters, { token, since: pub.day });
  const ids = new Set(letters.filter((x) => emails.includes(x.from)).map((x) => x.conversation_id));
  for (const conversation_id of ids) {
    if (!done.includes(conversation_id)) apis.quillpost.tag_conversation({ token, conversation_id, tag_id });
  }
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notes }).find((x) => x.title === pub.title);
  const { item_id } = allPages(apis.foldnote.list_items, { token: notes, note_id }).find((x) => x.text === pub.item);
  apis.foldnote.tick_item({ token: notes, item_id });
}

function solveTagByFile(apis: Apis, pub: FilePub) {
  const token = signIn(apis, "quillpost");
  const { tag_id } = allPages(apis.quillpost.list_tags, { token }).find((x) => x.name === pub.tag);
  const done = allPages(apis.quillpost.list_conversations, { token, tag_id }).map((x) => x.conversation_id);
  const files = allPages(apis.quillpost.list_enclosures, { token, kind: "pdf" });
  const letters = files.filter((x) => x.letter_id !== null && x.name.startsWith(pub.start)).map((x) => x.letter_id);
  const ids = new Set(letters.map((letter_id) => apis.quillpost.get_letter({ token, letter_id }).conversation_id));
  for (const conversation_id of ids) {
    if (!done.includes(conversation_id)) apis.quillpost.tag_conversation({ token, conversation_id, tag_id });
  }
}

function solveTagNew(apis: Apis, pub: NewPub) {
  const token = signIn(apis, "quillpost");
  const { tag_id } = apis.quillpost.add_tag({ token, name: pub.tag });
  const letters = allPages(apis.quillpost.find_letters, { token, from: pub.sender });
  for (const conversation_id of new Set(letters.map((x) => x.conversation_id))) {
    apis.quillpost.tag_conversation({ token, conversation_id, tag_id });
  }
}

/** Scenarios of this generator. */
export const tagLetters: readonly Scenario[] = [
  bench<TiePub, Record<string, never>>({
    family: "tag_letters/tie",
    split: "test_challenge",
    difficulty: 3,
    apps: ["foldnote", "handset", "quillpost"],
    axis: {},
    draw: drawTie,
    solve: solveTagByTie,
  }),
  bench<FilePub, Record<string, never>>({
    family: "tag_letters/file",
    split: "test_challenge",
    difficulty: 2,
    apps: ["quillpost"],
    axis: {},
    draw: drawFiles,
    solve: solveTagByFile,
  }),
  bench<NewPub, Record<string, never>>({
    family: "tag_letters/new",
    split: "test_challenge",
    difficulty: 1,
    apps: ["quillpost"],
    axis: {},
    draw: drawNew,
    solve: solveTagNew,
  }),
];
