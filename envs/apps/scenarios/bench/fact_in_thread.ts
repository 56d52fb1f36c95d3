/**
 * What a long conversation came to: the last word on a number, how many of a tie come, or who brings what.
 *
 * Hurdles: facts that are corrected later, people who change their mind, a conversation of the year before with nearly the same subject.
 *
 * @module
 */
import {
  addMinutes,
  type Apis,
  bench,
  type BenchDraw,
  cycle,
  daysAgo,
  idIn,
  phrase,
  type Principal,
  principalOf,
  type Reject,
  reject,
  type Scenario,
  type SetupContext,
  tiesWith,
} from "./_kit.ts";
import { emailsOf, isFreshTitle, type Mail, mailById, mailOf, mayAnswerAlone, namedWriters } from "./_mail_kit.ts";
import { theTies } from "./_phone.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

type FactPub = { readonly subject: string; readonly thing: string };
type CountPub = { readonly subject: string; readonly tie: string };
type BringPub = { readonly subject: string; readonly title: string; readonly text: string };

const CHATTER = [
  "I have asked around, nobody minds.",
  "Let us not make it complicated.",
  "My sister had the same problem last summer.",
  "Does anybody have the number of the hall?",
  "Sorry, I have only now read all of this.",
  "I like that.",
  "We should decide soon.",
  "Fine with me, as long as it does not rain.",
  "Who was it that forgot the tent last time?",
  "I will be on the road all day, write to me in the evening.",
  "That sounds like a plan.",
  "Please, no more than one letter a day!",
] as const;
const SUBJECTS = ["Cabin weekend", "Street fair stand", "Midsummer picnic", "Farewell for the caretaker"] as const;
const THINGS = [
  "apples",
  "a tent",
  "folding chairs",
  "lemonade",
  "a first aid kit",
  "board games",
  "paper cups",
  "a big pan",
  "torches",
  "bread",
  "a guitar",
  "rain covers",
  "napkins",
  "a speaker",
] as const;

/** A conversation among the user and some people, one letter after another. */
class Talk {
  readonly #ctx: SetupContext;
  readonly #everybody: readonly string[];
  #at: string;
  /** Letters so far. */
  readonly letters: Mail[] = [];

  constructor(ctx: SetupContext, people: readonly Principal[], at: string) {
    this.#ctx = ctx;
    this.#everybody = [ctx.user.email, ...people.map(({ email }) => email)];
    this.#at = at;
  }

  /** Somebody writes to all others. */
  say(from: Pick<Principal, "email">, body: string, subject = ""): void {
    const client = this.#ctx.as(from, this.#at);
    const last = this.letters.at(-1);
    const result = last === undefined
      ? client("quillpost", "send_letter", { to: this.#everybody.filter((one) => one !== from.email), subject, body })
      : client("quillpost", "reply_all", { letter_id: last.id, body });
    this.letters.push(mailById(this.#ctx, idIn(result, "letter_id")));
    this.#at = addMinutes(this.#at, this.#ctx.random.int(90, 700));
  }
}

interface Cast {
  readonly people: readonly Principal[];
  readonly subject: string;
}

/** People with accounts and names of their own, and a subject that no other conversation has. */
function castOf(ctx: SetupContext, count: number, fits: (email: string) => boolean = () => true): Cast | undefined {
  if (mayAnswerAlone(ctx)) return undefined;
  const away = new Set(ctx.rows("quillpost.away_note").filter((row) => row["on"] === true).map((row) => row["owner"]));
  const people = ctx.random.shuffle(namedWriters(ctx)).map(({ email }) => principalOf(ctx, email))
    .filter((person): person is Principal => person !== undefined && !away.has(person.email) && fits(person.email));
  const subject = cycle(ctx, SUBJECTS);
  const taken = mailOf(ctx).some((one) => one.subject.includes(subject));
  return people.length < count || taken ? undefined : { people: people.slice(0, count), subject };
}

/** A start some weeks ago, early enough for a long conversation. */
function start(ctx: SetupContext, days: number): string {
  return `${daysAgo(ctx, days)}T09:12:00`;
}

function chat(ctx: SetupContext, talk: Talk, people: readonly Principal[], count: number): void {
  for (let i = 0; i < count; i++) talk.say(ctx.random.pick(people), ctx.random.pick(CHATTER));
}

function drawFact(ctx: SetupContext): BenchDraw<FactPub> | Reject {
  const cast = castOf(ctx, 4);
  if (cast === undefined) return reject("too few people, or the subject is taken");
  const { people, subject } = cast;
  const thing = cycle(ctx, ["door code", "room number", "bus line"]);
  const numbers = ctx.random.sample(Array.from({ length: 300 }, (_, i) => 1100 + i * 17), 5);
  const value = () => numbers.pop() ?? 1;
  const old = new Talk(ctx, people, start(ctx, 60));
  old.say(people[0] ?? ctx.user, "Hello all, we begin to plan.", `${subject} last year`);
  chat(ctx, old, people, 2);
  old.say(people[1] ?? ctx.user, `The ${thing} is ${value()}.`);
  const talk = new Talk(ctx, people, start(ctx, 24));
  talk.say(people[0] ?? ctx.user, "Hello all, shall we plan it together?", subject);
  chat(ctx, talk, people, 7);
  talk.say(people[1] ?? ctx.user, `Good news. The ${thing} is ${value()}.`);
  chat(ctx, talk, [...people, ctx.user], 6);
  talk.say(people[2] ?? ctx.user, `They have changed it, the ${thing} is ${value()} now.`);
  chat(ctx, talk, people, 4);
  const answer = value();
  talk.say(people[1] ?? ctx.user, `Sorry, once more: the ${thing} is ${answer}. This one holds.`);
  chat(ctx, talk, [...people, ctx.user], 7);
  const instruction = phrase(ctx, [
    `In the mail conversation "${subject}" the ${thing} was named more than once. Which one is right, by the last letter that gives it?`,
    `We wrote a lot of letters under "${subject}". I only need the ${thing}; it changed on the way, so take the latest.`,
    `What is the ${thing} according to the newest letter about it in my conversation "${subject}"? Older ones do not count.`,
  ]);
  return { instruction, pub: { subject, thing }, answer };
}

function drawCount(ctx: SetupContext): BenchDraw<CountPub> | Reject {
  const [tie] = tiesWith(ctx, 5, 20);
  if (tie === undefined) return reject("no tie of five account holders");
  const emails = emailsOf(ctx, tie);
  const inside = castOf(ctx, ctx.random.int(5, 7), (email) => emails.has(email));
  const outside = castOf(ctx, 4, (email) => !emails.has(email));
  if (inside === undefined || outside === undefined) return reject("too few people, or the subject is taken");
  const people = ctx.random.shuffle([...inside.people, ...outside.people]);
  const { subject } = inside;
  const talk = new Talk(ctx, people, start(ctx, 28));
  const [host] = outside.people;
  if (host === undefined) return reject("no host");
  talk.say(host, "Hello all, please tell me whether you come. You may change your mind.", subject);
  const yes = () => ctx.random.pick(["Count me in.", "I am coming. Count me in.", "Count me in, with cake."]);
  const no = () => ctx.random.pick(["Count me out.", "Count me out, I am sorry.", "I have to work. Count me out."]);
  const coming = new Map<string, boolean>();
  const speak = (person: Principal, comes: boolean) => {
    coming.set(person.email, comes);
    talk.say(person, comes ? yes() : no());
  };
  const guests = people.filter((person) => person !== host);
  guests.forEach((person, i) => speak(person, i % 3 !== 2));
  chat(ctx, talk, people, 5);
  for (const person of ctx.random.sample(guests, 5)) speak(person, coming.get(person.email) !== true);
  chat(ctx, talk, people, 3);
  const [again] = ctx.random.sample(inside.people, 1);
  if (again !== undefined) speak(again, coming.get(again.email) !== true);
  const answer = inside.people.filter(({ email }) => coming.get(email) === true).length;
  const all = [...coming.values()].filter(Boolean).length;
  if (answer < 1 || answer === all || answer === inside.people.length) return reject("everybody or nobody comes");
  const who = theTies(tie);
  const instruction = phrase(ctx, [
    `In the mail conversation "${subject}" people say "Count me in" or "Count me out", some of them several times. How many of ${who} are coming by their last word?`,
    `Under "${subject}" everybody wrote whether to count them in or out, and some changed their mind. By what they said last: how many of ${who} will be there?`,
    `How many of ${who} can I expect for "${subject}"? The answers ("Count me in", "Count me out") are in that conversation; only each one's latest counts.`,
  ]);
  return { instruction, pub: { subject, tie }, answer };
}

function drawBring(ctx: SetupContext): BenchDraw<BringPub> | Reject {
  const cast = castOf(ctx, 6);
  if (cast === undefined) return reject("too few people, or the subject is taken");
  const { people, subject } = cast;
  const title = cycle(ctx, ["Who brings what", "Things to bring", "Bring list"]);
  if (!isFreshTitle(ctx, title)) return reject("a note of that title");
  const things = ctx.random.shuffle(THINGS);
  const old = new Talk(ctx, people, start(ctx, 70));
  old.say(people[0] ?? ctx.user, "Hello all, what do you bring?", `${subject} last year`);
  old.say(people[1] ?? ctx.user, `I bring ${things.pop()}.`);
  const talk = new Talk(ctx, people, start(ctx, 24));
  const [host, ...guests] = people;
  if (host === undefined) return reject("no host");
  talk.say(host, "Hello all, please write what you bring: one thing each, in one line.", subject);
  const brought = new Map<Principal, string>();
  const offer = (person: Principal) => {
    const thing = things.pop() ?? "water";
    brought.set(person, thing);
    talk.say(person, `I bring ${thing}.\n${ctx.random.pick(CHATTER)}`);
  };
  for (const person of guests) {
    offer(person);
    chat(ctx, talk, [host, ctx.user], ctx.random.int(0, 1));
  }
  chat(ctx, talk, people, 3);
  for (const person of ctx.random.sample(guests, 2)) offer(person);
  chat(ctx, talk, [host], 2);
  const last = talk.letters.at(-1);
  if (last === undefined) return reject("no letter");
  const text = ctx.random.pick([
    "I have put everything into a shared note.",
    "The list is in our note now.",
    "See the note, and thank you all.",
  ]);
  const instruction = phrase(ctx, [
    `In the mail conversation "${subject}" people write "I bring …", sometimes twice; the last one counts. Make a note "${title}" with an entry "full name: thing" for each of them, as my contacts call them, share the note for reading with everybody who brings something, and reply to all on the newest letter of the conversation: "${text}"`,
    `Collect from "${subject}" (my mail) who brings what: lines like "I bring bread.", latest per person. I want a new note called "${title}" with checklist entries such as "Ada Birk: bread", names as in my contacts, shared read-only with those people. Then answer everybody on the newest letter there with "${text}"`,
    `From the letters in "${subject}" make the checklist note "${title}": one entry per person who brings something, contact's full name, colon, what comes after "I bring" (without the full stop), by their last letter that says so. Let each of these people read the note, and reply to all on the last letter of that conversation: "${text}"`,
  ]);
  return {
    instruction,
    pub: { subject, title, text },
    writes(client) {
      const note_id = idIn(client("foldnote", "add_note", { title, body: "" }), "note_id");
      for (const [{ name, email }, thing] of brought) {
        client("foldnote", "add_item", { note_id, text: `${name}: ${thing}` });
        client("foldnote", "share_note", { note_id, email });
      }
      client("quillpost", "reply_all", { letter_id: last.id, body: text });
    },
  };
}

function solveLastFact(apis: Apis, pub: FactPub) {
  const token = signIn(apis, "quillpost");
  const { conversation_id } = allPages(apis.quillpost.list_conversations, { token })
    .find((x) => x.subject === pub.subject);
  const letters = allPages(apis.quillpost.find_letters, { token, conversation_id });
  letters.sort((a, b) => (a.sent_at < b.sent_at ? 1 : -1));
  for (const { letter_id } of letters) {
    const { body } = apis.quillpost.get_letter({ token, letter_id });
    const found = new RegExp(`${pub.thing} is (\\d+)`).exec(body);
    if (found !== null) return Number(found[1]);
  }
}

function solveCountComing(apis: Apis, pub: CountPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const emails = contactsWith(apis, phone, pub.tie).map((x) => x.email);
  const { conversation_id } = allPages(apis.quillpost.list_conversations, { token })
    .find((x) => x.subject === pub.subject);
  const letters = allPages(apis.quillpost.find_letters, { token, conversation_id });
  letters.sort((a, b) => (a.sent_at < b.sent_at ? -1 : 1));
  const coming: Record<string, boolean> = {};
  for (const { letter_id, from } of letters) {
    if (!emails.includes(from)) continue;
    const { body } = apis.quillpost.get_letter({ token, letter_id });
    if (body.includes("Count me in")) coming[from] = true;
    if (body.includes("Count me out")) coming[from] = false;
  }
  return Object.values(coming).filter((comes) => comes).length;
}

function solveBringList(apis: Apis, pub: BringPub) {
  const phone = signIn(apis, "handset");
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "quillpost");
  const contacts = allPages(apis.handset.list_contacts, { token: phone });
  const { conversation_id } = allPages(apis.quillpost.list_conversations, { token })
    .find((x) => x.subject === pub.subject);
  const letters = allPages(apis.quillpost.find_letters, { token, conversation_id });
  letters.sort((a, b) => (a.sent_at < b.sent_at ? -1 : 1));
  const brought: Record<string, string> = {};
  for (const { letter_id, from } of letters) {
    const found = /I bring ([^.]+)\./.exec(apis.quillpost.get_letter({ token, letter_id }).body);
    if (found !== null) brought[from] = String(found[1]);
  }
  const { note_id } = apis.foldnote.add_note({ token: notes, title: pub.title, body: "" });
  for (const [email, thing] of Object.entries(brought)) {
    const { name } = contacts.find((x) => x.email === email);
    apis.foldnote.add_item({ token: notes, note_id, text: `${name}: ${thing}` });
    apis.foldnote.share_note({ token: notes, note_id, email });
  }
  apis.quillpost.reply_all({ token, letter_id: letters[letters.length - 1].letter_id, body: pub.text });
}

/** Scenarios of this generator. */
export const factInThread: readonly Scenario[] = [
  bench<FactPub, Record<string, never>>({
    family: "fact_in_thread/last_word",
    split: "test_challenge",
    difficulty: 1,
    apps: ["quillpost"],
    axis: {},
    draw: drawFact,
    solve: solveLastFact,
  }),
  bench<CountPub, Record<string, never>>({
    family: "fact_in_thread/count",
    split: "test_challenge",
    difficulty: 2,
    apps: ["handset", "quillpost"],
    axis: {},
    draw: drawCount,
    solve: solveCountComing,
  }),
  bench<BringPub, Record<string, never>>({
    family: "fact_in_thread/bring",
    split: "test_challenge",
    difficulty: 3,
    apps: ["foldnote", "handset", "quillpost"],
    axis: {},
    draw: drawBring,
    solve: solveBringList,
  }),
];
