/**
 * The oldest letter of the inbox that was not seen yet: of an app, of people with a tie, of a group of addresses.
 *
 * Hurdles: older ones that were seen, lie in the archive or come from others; the oldest is on the last page.
 *
 * @module
 */
import {
  type Apis,
  bench,
  type BenchDraw,
  cycle,
  idIn,
  phrase,
  type Reject,
  reject,
  type Scenario,
  type SetupContext,
} from "./_kit.ts";
import {
  gotten,
  hourAgo,
  inboxOf,
  type Mail,
  mailCall,
  mailOf,
  mailTies,
  mayAnswerAlone,
  namedWriters,
  partedBy,
  receive,
  SMALL_LETTERS,
} from "./_mail_kit.ts";
import { theTies } from "./_phone.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

type AppPub = { readonly sender: string };
type TiePub = { readonly tie: string; readonly text: string };
type GroupPub = { readonly group: string };

const LEAST_UNSEEN = 8;
const SENDERS = [["marlo", "tuppence"], ["tuppence", "marlo"], ["foldnote", "stowbox", "marlo"]] as const;

/** Oldest of the letters that were not seen; undefined if two were sent at once. */
function oldestOf(letters: readonly Mail[]): Mail | undefined {
  const [first, second] = letters.filter(({ seen }) => !seen).sort((a, b) => (a.at < b.at ? -1 : 1));
  return first === undefined || first.at === second?.at ? undefined : first;
}

function drawApp(ctx: SetupContext): BenchDraw<AppPub> | Reject {
  const sender = `post@${ctx.random.pick(cycle(ctx, SENDERS))}.test`;
  const letters = ctx.random.shuffle(gotten(ctx, mailOf(ctx)).filter(({ from }) => from === sender));
  const inbox = letters.filter(({ folder }) => folder === "inbox").sort((a, b) => (a.at < b.at ? -1 : 1));
  if (inbox.length < LEAST_UNSEEN + 4) return reject("too few letters of that app");
  // The very oldest was seen; among the next ones some become unseen.
  const unseen = [inbox[ctx.random.int(1, 3)], ...ctx.random.sample(inbox.slice(4), LEAST_UNSEEN)];
  for (const letter of unseen) {
    if (letter?.seen === true) mailCall(ctx, "mark_unseen", { letter_id: letter.id });
  }
  const [first] = inbox;
  if (first?.seen === false) mailCall(ctx, "mark_seen", { letter_id: first.id });
  const archived = letters.find((one) => one.folder === "archive" && one.at < (unseen[0]?.at ?? ""));
  if (archived?.seen === true) mailCall(ctx, "mark_unseen", { letter_id: archived.id });
  const answer = oldestOf(inboxOf(ctx).filter(({ from }) => from === sender));
  if (answer === undefined) return reject("two oldest letters");
  const instruction = phrase(ctx, [
    `On which date was the oldest letter from ${sender} sent that still lies unseen in my inbox? Write it like 2027-01-31.`,
    `I have let mail from ${sender} pile up. Tell me the date of the oldest one in my inbox that I have not seen yet, in the form 2027-01-31.`,
    `Among the unseen letters from ${sender} in my inbox, which date does the oldest have? The form 2027-01-31 will do.`,
  ]);
  return { instruction, pub: { sender }, answer: answer.day };
}

function drawTie(ctx: SetupContext): BenchDraw<TiePub> | Reject {
  if (mayAnswerAlone(ctx)) return reject("an away note is on");
  const [tie] = mailTies(ctx, 3, 12);
  if (tie === undefined) return reject("no tie");
  const { inside, outside } = partedBy(ctx, tie);
  const small = ctx.random.shuffle(SMALL_LETTERS);
  const plant = (from: string, days: number, seen: boolean) => {
    const [subject, body] = small.pop() ?? ["", ""];
    const letter = receive(ctx, { from, subject, body, at: hourAgo(ctx, days) });
    if (seen) mailCall(ctx, "mark_seen", { letter_id: letter.id });
    return letter;
  };
  const [first] = inside;
  const [other] = outside;
  if (first === undefined || other === undefined) return reject("too few people");
  const emails = new Set(inside.map(({ email }) => email));
  plant(other.email, 70, false);
  plant(first.email, 65, true);
  for (let i = 0; i < 18; i++) plant(inside[i % inside.length]?.email ?? "", 58 - i * 3, i % 7 === 2);
  const inbox = inboxOf(ctx);
  const answers: Mail[] = [];
  for (const email of emails) {
    const mine = inbox.filter(({ from, seen }) => from === email && !seen);
    const oldest = oldestOf(mine);
    if (mine.length > 0 && oldest === undefined) return reject("two oldest letters");
    if (oldest !== undefined) answers.push(oldest);
  }
  if (answers.length < 3) return reject("too few people with unseen letters");
  const text = cycle(ctx, [
    "Sorry that I write so late, I will call you this week.",
    "I have only just found your letter, more soon.",
    "Better late than never: thank you, I have read it now.",
  ]);
  const who = theTies(tie);
  const instruction = phrase(ctx, [
    `For each of ${who} who has letters in my inbox that I have not seen: answer the oldest of that person's unseen letters with "${text}" and mark it as seen. The newer ones can wait.`,
    `Everybody among ${who} should hear from me. Take, person by person, the oldest letter that lies unseen in my inbox, reply "${text}" and mark that one letter as seen.`,
    `Please deal with the unseen inbox letters of ${who}, one for each sender: the one that has waited longest gets the reply "${text}" and is marked as seen.`,
  ]);
  return {
    instruction,
    pub: { tie, text },
    writes: answers.flatMap(({ id }) => [
      { app: "quillpost", api: "reply", args: { letter_id: id, body: text } },
      { app: "quillpost", api: "mark_seen", args: { letter_id: id } },
    ]),
  };
}

function drawGroup(ctx: SetupContext): BenchDraw<GroupPub> | Reject {
  const people = ctx.random.sample(namedWriters(ctx), 9);
  const [outsider, ...rest] = people;
  const members = rest.slice(0, 4).map(({ email }) => email);
  const group = cycle(ctx, ["Climbing hall", "Tool library", "Night swimmers"]);
  if (outsider === undefined || members.length < 4) return reject("too few people");
  for (const row of ctx.rows("quillpost.address_group", ctx.user.email)) {
    if (row["name"] === group) return reject("a group of that name");
  }
  idIn(mailCall(ctx, "add_group", { name: group, members }), "group_id");
  const codes = ctx.random.sample(Array.from({ length: 900 }, (_, i) => 1000 + i * 10), 9);
  const plant = (from: string, days: number, seen: boolean) => {
    const code = codes.pop() ?? 1000;
    const body = `Hello,\nyour new locker number is ${code}. It holds until further notice.`;
    const letter = receive(ctx, { from, subject: "Locker", body, at: hourAgo(ctx, days) });
    if (seen) mailCall(ctx, "mark_seen", { letter_id: letter.id });
    return { ...letter, code };
  };
  for (const letter of inboxOf(ctx)) {
    if (!letter.seen && members.includes(letter.from)) mailCall(ctx, "mark_seen", { letter_id: letter.id });
  }
  plant(outsider.email, 60, false);
  plant(members[0] ?? "", 55, true);
  const planted = [48, 41, 33, 25, 18, 9].map((days, i) =>
    plant(members[(i + 1) % members.length] ?? "", days, i === 3)
  );
  const answer = oldestOf(inboxOf(ctx).filter(({ from }) => members.includes(from)));
  const found = planted.find(({ id }) => id === answer?.id);
  if (found === undefined) return reject("the oldest is another letter");
  const instruction = phrase(ctx, [
    `Which locker number stands in the oldest unseen letter in my inbox that comes from a member of my address group "${group}"?`,
    `People of my mail group "${group}" sent me locker numbers. I need the one from the oldest of their letters that is still unseen in my inbox.`,
    `Look at the unseen letters in my inbox from members of the address group "${group}": what locker number does the oldest one give?`,
  ]);
  return { instruction, pub: { group }, answer: found.code };
}

function solveOldestUnseenOfApp(apis: Apis, pub: AppPub) {
  const token = signIn(apis, "quillpost");
  const letters = allPages(apis.quillpost.find_letters, { token, folder: "inbox", from: pub.sender, seen: false });
  const days = letters.map((x) => x.sent_at).sort();
  return days[0].slice(0, 10);
}

function solveOldestUnseenOfTie(apis: Apis, pub: TiePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const emails = contactsWith(apis, phone, pub.tie).map((x) => x.email);
  const letters = allPages(apis.quillpost.find_letters, { token, folder: "inbox", seen: false })
    .filter((x) => emails.includes(x.from));
  const answered: string[] = [];
  letters.sort((a, b) => (a.sent_at < b.sent_at ? -1 : 1));
  for (const { letter_id, from } of letters) {
    if (answered.includes(from)) continue;
    answered.push(from);
    apis.quillpost.reply({ token, letter_id, body: pub.text });
    apis.quillpost.mark_seen({ token, letter_id });
  }
}

function solveOldestUnseenOfGroup(apis: Apis, pub: GroupPub) {
  const token = signIn(apis, "quillpost");
  const group = allPages(apis.quillpost.list_groups, { token }).find((x) => x.name === pub.group);
  const letters = allPages(apis.quillpost.find_letters, { token, folder: "inbox" })
    .filter((x) => !x.seen && group.members.includes(x.from));
  const oldest = letters.reduce((a, b) => (b.sent_at < a.sent_at ? b : a));
  const { body } = apis.quillpost.get_letter({ token, letter_id: oldest.letter_id });
  return Number(/locker number is (\d+)/.exec(body)?.[1]);
}

/** Scenarios of this generator. */
export const oldestUnseen: readonly Scenario[] = [
  bench<AppPub, Record<string, never>>({
    family: "oldest_unseen/app",
    split: "test_challenge",
    difficulty: 1,
    apps: ["quillpost"],
    axis: {},
    draw: drawApp,
    solve: solveOldestUnseenOfApp,
  }),
  bench<TiePub, Record<string, never>>({
    family: "oldest_unseen/tie",
    split: "test_challenge",
    difficulty: 2,
    apps: ["handset", "quillpost"],
    axis: {},
    draw: drawTie,
    solve: solveOldestUnseenOfTie,
  }),
  bench<GroupPub, Record<string, never>>({
    family: "oldest_unseen/group",
    split: "test_challenge",
    difficulty: 1,
    apps: ["quillpost"],
    axis: {},
    draw: drawGroup,
    solve: solveOldestUnseenOfGroup,
  }),
];
