/**
 * Answers to letters that were not answered yet: of people with a tie, to one question in two ways, or with everything filed afterwards.
 *
 * Hurdles: letters that were answered already, a second letter after an answered one, people without the tie, the day before.
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
  phrase,
  type Reject,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  type Write,
} from "./_kit.ts";
import {
  addTag,
  emailsOf,
  hasFreshTag,
  hourBetween,
  inboxOf,
  type Mail,
  mailCall,
  mailOf,
  mailTies,
  mayAnswerAlone,
  partedBy,
  receive,
  SMALL_LETTERS,
} from "./_mail_kit.ts";
import { theTies } from "./_phone.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

type TiePub = { readonly tie: string; readonly day: string; readonly text: string };
type QuestionPub = { readonly tie: string; readonly subject: string; readonly yes: string; readonly no: string };
type FilePub = { readonly tie: string; readonly day: string; readonly text: string; readonly tag: string };

const QUESTIONS = [
  "Do you have an hour for me this week?",
  "Could you send me the address of the joiner?",
  "May I come by on Thursday?",
  "Do you know somebody who mends chairs?",
  "Shall I put you down for the coach?",
  "What shall we give them?",
] as const;

interface Answers {
  /** Letters with an answer of the user that says so, in the bin or out of it. */
  readonly answered: ReadonlySet<number>;
  /** Whether a later letter of the user stands in the conversation of an unanswered one, or its answer is in the bin. */
  unclear(letter: Mail): boolean;
}

function answersOf(ctx: SetupContext): Answers {
  const own = mailOf(ctx).filter(({ from }) => from === ctx.user.email);
  const answered = new Set(own.flatMap(({ replyTo }) => replyTo ?? []));
  return {
    answered,
    unclear: (letter) => {
      const after = own.some((one) => one.conversationId === letter.conversationId && one.at > letter.at);
      return after !== answered.has(letter.id) ||
        own.some((one) => one.replyTo === letter.id && (one.folder !== "sent" || one.day < letter.day));
    },
  };
}

/** A letter with a question; some have an answer already. */
function ask(ctx: SetupContext, from: string, at: string, subject: string, body: string, answer: boolean): Mail {
  const letter = receive(ctx, { from, subject, body, at });
  if (answer) {
    const later = hourBetween(ctx, addDays(letter.day, 1), daysAgo(ctx, 1));
    if (later > at) mailCall(ctx, "reply", { letter_id: letter.id, body: "Yes, gladly." }, later);
  }
  return letter;
}

/** Letters of the inbox of people with a tie since a day that have no answer; undefined where that is not clear. */
function unansweredSince(ctx: SetupContext, tie: string, day: string): Mail[] | undefined {
  const emails = emailsOf(ctx, tie);
  const { answered, unclear } = answersOf(ctx);
  const letters = inboxOf(ctx).filter((one) => emails.has(one.from) && one.day >= day);
  return letters.some(unclear) ? undefined : letters.filter(({ id }) => !answered.has(id));
}

/** Questions of a tie and of others around a day. */
function plantQuestions(ctx: SetupContext, tie: string, day: string, count: number): boolean {
  const { inside, outside } = partedBy(ctx, tie);
  const small = ctx.random.shuffle(SMALL_LETTERS);
  const plant = (from: string | undefined, at: string, answer = false) => {
    const [subject, body] = small.pop() ?? ["Question", ""];
    ask(ctx, from ?? "", at, subject, `${body}\n${ctx.random.pick(QUESTIONS)}`, answer);
  };
  const [first] = inside;
  if (first === undefined || outside.length < 3) return false;
  const until = daysAgo(ctx, 2);
  plant(first.email, `${day}T00:40:00`);
  for (let i = 1; i < count; i++) plant(inside[i % inside.length]?.email, hourBetween(ctx, day, until), i % 4 === 0);
  plant(first.email, `${addDays(day, -1)}T22:50:00`);
  for (const { email } of outside.slice(0, 4)) plant(email, hourBetween(ctx, day, until));
  return true;
}

function drawTie(ctx: SetupContext): BenchDraw<TiePub> | Reject {
  if (mayAnswerAlone(ctx)) return reject("an away note is on");
  const [tie] = mailTies(ctx, 3, 12);
  const day = daysAgo(ctx, ctx.random.int(40, 60));
  if (tie === undefined || !plantQuestions(ctx, tie, day, 15)) return reject("too few people");
  const letters = unansweredSince(ctx, tie, day);
  if (letters === undefined || letters.length < 5) return reject("what was answered is not clear");
  const text = cycle(ctx, [
    "Thank you for your letter, I will write more at the weekend.",
    "I have not forgotten you, an answer is on its way.",
    "Sorry for the silence, I was busy. I will call you soon.",
  ]);
  const [who, said] = [theTies(tie), sayDate(day)];
  const instruction = phrase(ctx, [
    `Go through the letters in my inbox that one of ${who} sent on ${said} or later. Whatever I have not answered yet, answer with "${text}"`,
    `I owe answers: reply "${text}" to every letter from ${who} that arrived since ${said}, that day included, lies in my inbox and has no reply of mine.`,
    `For each unanswered letter in the inbox from one of ${who}, dated ${said} or afterwards, please send this answer: "${text}"`,
  ]);
  const writes = letters.map((one): Write => ({
    app: "quillpost",
    api: "reply",
    args: { letter_id: one.id, body: text },
  }));
  return { instruction, pub: { tie, day, text }, said: { day: said }, writes };
}

function drawQuestion(ctx: SetupContext): BenchDraw<QuestionPub> | Reject {
  if (mayAnswerAlone(ctx)) return reject("an away note is on");
  const [tie] = mailTies(ctx, 4, 12);
  const subject = cycle(ctx, ["Boat trip in June", "Bonfire night", "Harvest lunch"]);
  if (tie === undefined || mailOf(ctx).some((one) => one.subject.includes(subject))) return reject("no tie");
  const { inside, outside } = partedBy(ctx, tie);
  const asks = ["Are you coming?", "Will you be there?", "Can we count on you?", "Shall we keep you a place?"];
  const people = ctx.random.shuffle([...inside.slice(0, 8), ...outside.slice(0, 8)]);
  people.forEach(({ email }, i) => {
    const at = hourBetween(ctx, daysAgo(ctx, 25), daysAgo(ctx, 3));
    ask(ctx, email, at, subject, `${subject}: ${ctx.random.pick(asks)}`, i % 4 === 3);
  });
  // About it, but with another subject.
  const other = receive(ctx, {
    from: inside[0]?.email ?? "",
    subject: `Photos of the last ${subject.toLowerCase()}`,
    body: "Here is the link.",
    at: hourBetween(ctx, daysAgo(ctx, 20), daysAgo(ctx, 3)),
  });
  const { answered, unclear } = answersOf(ctx);
  const letters = inboxOf(ctx).filter((one) => one.subject === subject && one.id !== other.id);
  if (letters.some(unclear)) return reject("what was answered is not clear");
  const emails = emailsOf(ctx, tie);
  const open = letters.filter(({ id }) => !answered.has(id));
  const yeses = open.filter(({ from }) => emails.has(from));
  if (yeses.length < 2 || yeses.length === open.length) return reject("all of one kind");
  const yes = cycle(ctx, ["Yes, count me in!", "Of course I am coming.", "I will be there, with cake."]);
  const no = ctx.random.pick(["Sorry, I can not make it.", "Not this time, have fun!", "I have to pass, thank you."]);
  const who = theTies(tie);
  const instruction = phrase(ctx, [
    `Several people wrote to me with the subject "${subject}" and wait for an answer in my inbox. Answer each of these letters that has no reply yet: "${yes}" if it is from one of ${who}, "${no}" if it is from anybody else.`,
    `Please reply to all letters in my inbox with the subject "${subject}" that I have not replied to. One of ${who} gets "${yes}", everybody else "${no}".`,
    `Everybody asks about "${subject}" (that is the subject). To the unanswered letters of ${who} in the inbox write "${yes}", to all other unanswered ones "${no}".`,
  ]);
  const writes = open.map((one): Write => ({
    app: "quillpost",
    api: "reply",
    args: { letter_id: one.id, body: emails.has(one.from) ? yes : no },
  }));
  return { instruction, pub: { tie, subject, yes, no }, writes };
}

function drawFile(ctx: SetupContext): BenchDraw<FilePub> | Reject {
  if (mayAnswerAlone(ctx)) return reject("an away note is on");
  const [tie] = mailTies(ctx, 3, 12);
  const tag = cycle(ctx, ["answered in bulk", "dealt with", "off my desk"]);
  const day = daysAgo(ctx, ctx.random.int(15, 30));
  if (tie === undefined || !hasFreshTag(ctx, tag) || !plantQuestions(ctx, tie, day, 9)) return reject("too few people");
  const tagId = addTag(ctx, tag);
  const letters = unansweredSince(ctx, tie, day);
  if (letters === undefined || letters.length < 4) return reject("what was answered is not clear");
  if (new Set(letters.map((one) => one.conversationId)).size < letters.length) return reject("two of one conversation");
  const [seenOne] = letters;
  if (seenOne?.seen === false) mailCall(ctx, "mark_seen", { letter_id: seenOne.id });
  const text = ctx.random.pick([
    "Thank you, I have read it and will come back to you.",
    "Noted with thanks, more next week.",
    "I am behind with everything, please bear with me.",
  ]);
  const [who, said] = [theTies(tie), sayDate(day)];
  const instruction = phrase(ctx, [
    `Clear my inbox of letters from ${who} sent on ${said} or later that I have not answered: reply "${text}" to each, make sure it is marked as seen, tag its conversation "${tag}" and archive the letter.`,
    `Every unanswered letter in the inbox from one of ${who} since ${said} (that day counts) gets the reply "${text}". Then mark it as seen where needed, put my tag "${tag}" on the conversation and move the letter to the archive.`,
    `Please work off what ${who} sent me on ${said} or afterwards and I never answered (inbox only): answer "${text}", seen flag on, tag "${tag}", letter into the archive.`,
  ]);
  const writes = letters.flatMap((one): Write[] => [
    { app: "quillpost", api: "reply", args: { letter_id: one.id, body: text } },
    ...(one.seen || one.id === seenOne?.id
      ? []
      : [{ app: "quillpost", api: "mark_seen", args: { letter_id: one.id } }]),
    { app: "quillpost", api: "tag_conversation", args: { conversation_id: one.conversationId, tag_id: tagId } },
    { app: "quillpost", api: "archive", args: { letter_id: one.id } },
  ]);
  return { instruction, pub: { tie, day, text, tag }, said: { day: said }, writes };
}

function solveReplyToTie(apis: Apis, pub: TiePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const emails = contactsWith(apis, phone, pub.tie).map((x) => x.email);
  const letters = allPages(apis.quillpost.find_letters, { token, folder: "inbox", since: pub.day })
    .filter((x) => emails.includes(x.from));
  const sent = allPages(apis.quillpost.find_letters, { token, folder: "sent", since: pub.day });
  const answered = sent.map(({ letter_id }) => apis.quillpost.get_letter({ token, letter_id }).reply_to);
  for (const { letter_id } of letters) {
    if (!answered.includes(letter_id)) apis.quillpost.reply({ token, letter_id, body: pub.text });
  }
}

function solveReplyTwoWays(apis: Apis, pub: QuestionPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const emails = contactsWith(apis, phone, pub.tie).map((x) => x.email);
  const letters = allPages(apis.quillpost.find_letters, { token, folder: "inbox" })
    .filter((x) => x.subject === pub.subject);
  const sent = allPages(apis.quillpost.find_letters, { token, folder: "sent" })
    .filter((x) => x.subject === `Re: ${pub.subject}`);
  const answered = sent.map(({ letter_id }) => apis.quillpost.get_letter({ token, letter_id }).reply_to);
  for (const { letter_id, from } of letters) {
    if (answered.includes(letter_id)) continue;
    apis.quillpost.reply({ token, letter_id, body: emails.includes(from) ? pub.yes : pub.no });
  }
}

function solveReplyAndFile(apis: Apis, pub: FilePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const emails = contactsWith(apis, phone, pub.tie).map((x) => x.email);
  const { tag_id } = allPages(apis.quillpost.list_tags, { token }).find((x) => x.name === pub.tag);
  const letters = allPages(apis.quillpost.find_letters, { token, folder: "inbox", since: pub.day })
    .filter((x) => emails.includes(x.from));
  const sent = allPages(apis.quillpost.find_letters, { token, folder: "sent", since: pub.day });
  const answered = sent.map(({ letter_id }) => apis.quillpost.get_letter({ token, letter_id }).reply_to);
  for (const { letter_id, conversation_id, seen } of letters) {
    if (answered.includes(letter_id)) continue;
    apis.quillpost.reply({ token, letter_id, body: pub.text });
    if (!seen) apis.quillpost.mark_seen({ token, letter_id });
    apis.quillpost.tag_conversation({ token, conversation_id, tag_id });
    apis.quillpost.archive({ token, letter_id });
  }
}

/** Scenarios of this generator. */
export const replyUnanswered: readonly Scenario[] = [
  bench<TiePub, Record<string, never>>({
    family: "reply_unanswered/tie",
    split: "test_challenge",
    difficulty: 2,
    apps: ["handset", "quillpost"],
    axis: {},
    draw: drawTie,
    solve: solveReplyToTie,
  }),
  bench<QuestionPub, Record<string, never>>({
    family: "reply_unanswered/question",
    split: "test_challenge",
    difficulty: 2,
    apps: ["handset", "quillpost"],
    axis: {},
    draw: drawQuestion,
    solve: solveReplyTwoWays,
  }),
  bench<FilePub, Record<string, never>>({
    family: "reply_unanswered/file",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "quillpost"],
    axis: {},
    draw: drawFile,
    solve: solveReplyAndFile,
  }),
];
