/**
 * Newsletters thrown away, with a sort rule for those to come: one sender, the senders of a note, or old issues out and new ones filed.
 *
 * Hurdles: issues in several folders, look-alike addresses, an outdated note, senders that a rule deals with already, issues of the very
 * day that parts old from new.
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
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  type Write,
} from "./_kit.ts";
import { hourAgo, hourOn, isFreshTitle, keptMail, mailCall, pastTime, receive, writeNote } from "./_mail_kit.ts";
import { NEWSLETTERS } from "../../pools/quillpost.ts";
import { allPages, noteBody, signIn } from "./_toolbox.ts";

type OnePub = { readonly sender: string };
type NotePub = { readonly title: string };
type SortPub = { readonly title: string; readonly day: string; readonly folder: string };

const TITLES = ["Unsubscribe", "Too much mail", "Newsletters to stop"] as const;
const KEPT_TITLES = ["Newsletters worth reading", "Reading pile", "Good newsletters"] as const;

/** Issues of a sender that come in addition to what there is; every one lies in another place. */
function plantIssues(ctx: SetupContext, address: string, count: number): void {
  const issues = NEWSLETTERS.find((one) => one.address === address)?.issues ?? [];
  for (let i = 0; i < count; i++) {
    const subject = `Special ${i + 1}: ${
      issues[i % issues.length]?.subject.replaceAll(/\{\w+\}/g, "spring") ?? "news"
    }`;
    const at = hourAgo(ctx, 4 + i * 8 + ctx.random.int(0, 5));
    const letter = receive(ctx, { from: address, subject, body: "A special issue for our readers.", at });
    if (i % 3 === 1) mailCall(ctx, "archive", { letter_id: letter.id });
    if (i % 5 === 2) mailCall(ctx, "move_to_folder", { letter_id: letter.id, folder: "Newsletters" });
  }
}

function rulesFor(ctx: SetupContext, address: string): Row[] {
  return ctx.rows("quillpost.sort_rule", ctx.user.email).filter((row) =>
    row["field"] === "from" && textOf(row, "contains") === address
  );
}

function binRule(address: string): Write {
  const args = { field: "from", contains: address, action: "move", value: "bin" };
  return { app: "quillpost", api: "add_rule", args };
}

function drawOne(ctx: SetupContext): BenchDraw<OnePub> | Reject {
  const { address: sender } = ctx.random.pick(NEWSLETTERS);
  if (rulesFor(ctx, sender).length > 0) return reject("a rule for that address");
  plantIssues(ctx, sender, 26);
  receive(ctx, {
    from: `re-${sender}`,
    subject: "Your order",
    body: "This is not the newsletter.",
    at: hourAgo(ctx, 2),
  });
  const letters = keptMail(ctx).filter(({ from }) => from === sender);
  const instruction = phrase(ctx, [
    `Throw every letter from ${sender} into the bin, wherever it lies, and make a sort rule that moves all new letters whose sender contains ${sender} to the bin as well.`,
    `I am done with ${sender}. Bin all of their letters, archived and filed ones too, and add a rule for the future: if the sender contains ${sender}, move to bin.`,
    `Clean out ${sender}: all letters from that address go to the bin. From now on a rule on the sender field, containing ${sender}, should move them to the bin.`,
  ]);
  const bins = letters.map((one): Write => ({ app: "quillpost", api: "move_to_bin", args: { letter_id: one.id } }));
  return { instruction, pub: { sender }, writes: [...bins, binRule(sender)] };
}

/** Three newsletters, as lines of a note. */
function listedSenders(ctx: SetupContext, count: number) {
  const listed = ctx.random.sample(NEWSLETTERS, count + 1);
  const line = ({ name, address }: (typeof NEWSLETTERS)[number]) => `- ${name}: ${address}`;
  return { senders: listed.slice(0, count), other: listed[count], line };
}

function drawNote(ctx: SetupContext): BenchDraw<NotePub> | Reject {
  const title = cycle(ctx, TITLES);
  if (!isFreshTitle(ctx, title)) return reject("a note of that title");
  const { senders, other, line } = listedSenders(ctx, 4);
  const [ruled] = senders;
  if (ruled === undefined || other === undefined) return reject("too few newsletters");
  if (rulesFor(ctx, ruled.address).some((row) => row["value"] === "bin")) return reject("a rule for that address");
  writeNote(ctx, `${title} (last year)`, [line(other), line(ruled)].join("\n"), pastTime(ctx, 90));
  writeNote(ctx, title, senders.map(line).join("\n"), pastTime(ctx, 6));
  for (const { address } of [...senders, other]) plantIssues(ctx, address, 5);
  mailCall(ctx, "add_rule", { field: "from", contains: ruled.address, action: "move", value: "bin" });
  // A rule that only stars does not count.
  const starred = senders[1]?.address ?? "";
  mailCall(ctx, "add_rule", { field: "from", contains: starred, action: "star", value: "" });
  const writes = senders.flatMap(({ address }): Write[] => {
    const letters = keptMail(ctx).filter(({ from }) => from === address);
    const bins = letters.map((one): Write => ({ app: "quillpost", api: "move_to_bin", args: { letter_id: one.id } }));
    const done = rulesFor(ctx, address).some((row) => row["action"] === "move" && row["value"] === "bin");
    return done ? bins : [...bins, binRule(address)];
  });
  const instruction = phrase(ctx, [
    `My note "${title}" lists newsletters with their addresses. Move all letters from these addresses to the bin, and for each address without a rule that moves its letters to the bin add one: sender contains the address, move to bin.`,
    `Please go through the addresses in my note "${title}". Bin every letter that came from them, from whatever folder. Then make sure that each has a sort rule on the sender with the address as text that moves to the bin; other rules stay.`,
    `Get rid of the newsletters in the note "${title}": their letters go to the bin, and a rule (sender contains the address, move to bin) is added for each address unless there is such a rule already.`,
  ]);
  return { instruction, pub: { title }, writes };
}

function drawSort(ctx: SetupContext): BenchDraw<SortPub> | Reject {
  const title = cycle(ctx, KEPT_TITLES);
  const folder = ctx.random.pick(["Reading room", "Sunday reading", "For the train"]);
  if (!isFreshTitle(ctx, title)) return reject("a note of that title");
  const { senders, other, line } = listedSenders(ctx, 3);
  const [first, second] = senders;
  if (first === undefined || second === undefined || other === undefined) return reject("too few newsletters");
  const day = daysAgo(ctx, ctx.random.int(25, 40));
  writeNote(ctx, title, senders.map(line).join("\n"), pastTime(ctx, 5));
  for (const { address } of [...senders, other]) plantIssues(ctx, address, 6);
  const edge = (address: string, at: string) =>
    receive(ctx, { from: address, subject: "Midweek issue", body: "A short one this time.", at });
  edge(first.address, hourOn(ctx, day));
  edge(second.address, hourOn(ctx, addDays(day, -1)));
  mailCall(ctx, "add_rule", { field: "from", contains: second.address, action: "star", value: "" });
  mailCall(ctx, "add_rule", { field: "from", contains: other.address, action: "star", value: "" });
  if (rulesFor(ctx, first.address).length === 0) {
    mailCall(ctx, "add_rule", { field: "from", contains: first.address, action: "move", value: "archive" });
  }
  const writes = senders.flatMap(({ address }): Write[] => {
    const letters = keptMail(ctx).filter(({ from }) => from === address);
    return [
      ...letters.map((one): Write =>
        one.day < day
          ? { app: "quillpost", api: "move_to_bin", args: { letter_id: one.id } }
          : { app: "quillpost", api: "move_to_folder", args: { letter_id: one.id, folder } }
      ),
      ...rulesFor(ctx, address).map((row): Write => ({
        app: "quillpost",
        api: "remove_rule",
        args: { rule_id: row.id },
      })),
      {
        app: "quillpost",
        api: "add_rule",
        args: { field: "from", contains: address, action: "move", value: folder },
      },
    ];
  });
  const said = sayDate(day);
  const instruction = phrase(ctx, [
    `For the newsletters in my note "${title}": bin their letters from before ${said}, move those of ${said} or later to the mail folder "${folder}", and replace whatever sort rules have one of these addresses as sender text by a single rule each that moves its letters to "${folder}".`,
    `The note "${title}" names newsletters I keep. Letters from these addresses sent on ${said} or later belong into my mail folder "${folder}", older ones into the bin. Remove all sort rules on the sender with such an address and give each address one rule instead: move to "${folder}".`,
    `Please tidy the newsletters of my note "${title}". Before ${said}: bin. From ${said} on: folder "${folder}". Each address should end up with exactly one rule on the sender, moving to "${folder}"; delete the sender rules that it has now.`,
  ]);
  return { instruction, pub: { title, day, folder }, said: { day: said }, writes };
}

function solveBinOne(apis: Apis, pub: OnePub) {
  const token = signIn(apis, "quillpost");
  const letters = allPages(apis.quillpost.find_letters, { token, from: pub.sender });
  for (const { letter_id } of letters) apis.quillpost.move_to_bin({ token, letter_id });
  apis.quillpost.add_rule({ token, field: "from", contains: pub.sender, action: "move", value: "bin" });
}

function solveBinListed(apis: Apis, pub: NotePub) {
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "quillpost");
  const addresses = noteBody(apis, notes, pub.title).split("\n").map((line) => line.slice(line.indexOf(": ") + 2));
  const rules = allPages(apis.quillpost.list_rules, { token });
  for (const address of addresses) {
    const letters = allPages(apis.quillpost.find_letters, { token, from: address });
    for (const { letter_id } of letters) apis.quillpost.move_to_bin({ token, letter_id });
    const done = rules.some((x) =>
      x.field === "from" && x.contains === address && x.action === "move" && x.value === "bin"
    );
    if (!done) apis.quillpost.add_rule({ token, field: "from", contains: address, action: "move", value: "bin" });
  }
}

function solveSortListed(apis: Apis, pub: SortPub) {
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "quillpost");
  const addresses = noteBody(apis, notes, pub.title).split("\n").map((line) => line.slice(line.indexOf(": ") + 2));
  const rules = allPages(apis.quillpost.list_rules, { token });
  for (const address of addresses) {
    // All letters first: those that go to the bin leave the list.
    for (const letter of allPages(apis.quillpost.find_letters, { token, from: address })) {
      const { letter_id } = letter;
      if (letter.sent_at.slice(0, 10) < pub.day) apis.quillpost.move_to_bin({ token, letter_id });
      else apis.quillpost.move_to_folder({ token, letter_id, folder: pub.folder });
    }
    for (const rule of rules) {
      if (rule.field === "from" && rule.contains === address) {
        apis.quillpost.remove_rule({ token, rule_id: rule.rule_id });
      }
    }
    apis.quillpost.add_rule({ token, field: "from", contains: address, action: "move", value: pub.folder });
  }
}

/** Scenarios of this generator. */
export const binNewsletters: readonly Scenario[] = [
  bench<OnePub, Record<string, never>>({
    family: "bin_newsletters/one",
    split: "test_challenge",
    difficulty: 1,
    apps: ["quillpost"],
    axis: {},
    draw: drawOne,
    solve: solveBinOne,
  }),
  bench<NotePub, Record<string, never>>({
    family: "bin_newsletters/note",
    split: "test_challenge",
    difficulty: 2,
    apps: ["foldnote", "quillpost"],
    axis: {},
    draw: drawNote,
    solve: solveBinListed,
  }),
  bench<SortPub, Record<string, never>>({
    family: "bin_newsletters/sort",
    split: "test_challenge",
    difficulty: 3,
    apps: ["foldnote", "quillpost"],
    axis: {},
    draw: drawSort,
    solve: solveSortListed,
  }),
];
