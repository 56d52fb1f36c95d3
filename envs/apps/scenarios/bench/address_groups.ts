/**
 * Groups of addresses built from the phone's contacts: a tie, an old group brought up to date, or the people of a note.
 *
 * Hurdles: contacts without e-mail, people who left or joined a tie, namesakes, an outdated note.
 *
 * @module
 */
import {
  type Apis,
  bench,
  type BenchDraw,
  contactsOf,
  cycle,
  idIn,
  phrase,
  type Reject,
  reject,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import {
  emailsOf,
  hourAgo,
  isFreshTitle,
  mailCall,
  mailTies,
  namedWriters,
  partedBy,
  pastTime,
  writeNote,
} from "./_mail_kit.ts";
import { theTies } from "./_phone.ts";
import { addNamesake } from "../short/_setup.ts";
import { allPages, contactNamed, contactsWith, noteBody, signIn } from "./_toolbox.ts";

type TiePub = { readonly tie: string; readonly group: string; readonly name: string };
type UpdatePub = { readonly tie: string; readonly group: string; readonly subject: string; readonly text: string };
type NotePub = {
  readonly title: string;
  readonly old: string;
  readonly group: string;
  readonly subject: string;
  readonly text: string;
  readonly message: string;
};

const GROUPS = [
  "Saturday crew",
  "Long table",
  "Inner circle",
  "Harbour watch",
  "Potluck people",
  "Summer plans",
] as const;

function isFreshGroup(ctx: SetupContext, name: string): boolean {
  return ctx.rows("quillpost.address_group", ctx.user.email).every((row) => row["name"] !== name);
}

function drawTie(ctx: SetupContext): BenchDraw<TiePub> | Reject {
  const [tie] = mailTies(ctx, 5, 20);
  const group = ctx.random.pick(GROUPS);
  if (tie === undefined || !isFreshGroup(ctx, group)) return reject("no tie, or the group is there");
  const left = ctx.random.shuffle(namedWriters(ctx)).find(({ ties, place }) => ties.includes(tie) && place >= 5);
  if (left === undefined) return reject("nobody to leave out");
  addNamesake(ctx, left.name);
  ctx.as()("handset", "add_contact", { name: "Corin Ashdell", number: "402-555-0198", ties: [tie] });
  const members = [...emailsOf(ctx, tie)].filter((email) => email !== left.email).sort();
  if (!contactsOf(ctx).slice(5).some((row) => members.includes(textOf(row, "email")))) {
    return reject("all on the first page");
  }
  const who = theTies(tie);
  const instruction = phrase(ctx, [
    `Make a group of addresses "${group}" in my mail with the e-mails of ${who}, all that are in my contacts but ${left.name}.`,
    `I want to write to ${who} at once, only not to ${left.name}. Please set up the mail group "${group}" with the e-mails from my phone contacts.`,
    `Build the address group "${group}": everyone of ${who} who has an e-mail in my phone, leaving out ${left.name}.`,
  ]);
  return {
    instruction,
    pub: { tie, group, name: left.name },
    writes: [{ app: "quillpost", api: "add_group", args: { name: group, members } }],
  };
}

function drawUpdate(ctx: SetupContext): BenchDraw<UpdatePub> | Reject {
  const [tie] = mailTies(ctx, 5, 20);
  const group = ctx.random.pick(GROUPS);
  if (tie === undefined || !isFreshGroup(ctx, group)) return reject("no tie, or the group is there");
  const { inside, outside } = partedBy(ctx, tie);
  const stale = [...inside.slice(0, inside.length - 2), ...outside.slice(0, 2)].map(({ email }) => email);
  const at = hourAgo(ctx, 200);
  const groupId = idIn(
    mailCall(ctx, "add_group", { name: group, members: [...stale, "gone@elsewhere.test"] }, at),
    "group_id",
  );
  // Groups with other names, so that the right one is beyond the first page or at least not alone.
  for (const [i, name] of ["Old neighbours", "Exam class", "Ski week", "Allotment", "Film night"].entries()) {
    const members = outside.slice(i, i + 3).map(({ email }) => email);
    if (members.length >= 2 && isFreshGroup(ctx, name)) mailCall(ctx, "add_group", { name, members }, at);
  }
  const members = [...emailsOf(ctx, tie)].sort();
  const subject = cycle(ctx, ["News", "New addresses", "First letter to the new list"]);
  const text = ctx.random.pick([
    "This list is up to date again.",
    "From now on I write to all of you at once.",
    "Tell me if somebody is missing.",
  ]);
  const who = theTies(tie);
  const instruction = phrase(ctx, [
    `My mail group "${group}" is out of date. Its members should be exactly ${who} who have an e-mail in my contacts. Correct it, then send the group a letter with the subject "${subject}" and the text "${text}"`,
    `Please bring the address group "${group}" in line with my contacts: ${who} with an e-mail, nobody else. After that write to the group, subject "${subject}", text "${text}"`,
    `Update the group "${group}" in my mail so that it holds the e-mails of ${who} from my phone and no others; then let everybody in it have a letter "${subject}" saying "${text}"`,
  ]);
  return {
    instruction,
    pub: { tie, group, subject, text },
    writes: [
      { app: "quillpost", api: "edit_group", args: { group_id: groupId, members } },
      { app: "quillpost", api: "send_letter", args: { group_id: groupId, subject, body: text } },
    ],
  };
}

function drawNote(ctx: SetupContext): BenchDraw<NotePub> | Reject {
  const title = cycle(ctx, ["Who rows this season", "Stage crew", "Night shift at the fair"]);
  const group = ctx.random.pick(GROUPS);
  const old = `${group} (old)`;
  if (!isFreshTitle(ctx, title) || !isFreshGroup(ctx, group) || !isFreshGroup(ctx, old)) {
    return reject("names are taken");
  }
  const people = ctx.random.shuffle(namedWriters(ctx));
  const chosen = people.slice(0, 8);
  if (chosen.length < 8 || !chosen.some(({ place }) => place >= 5)) return reject("too few people");
  addNamesake(ctx, chosen[0]?.name ?? "");
  const mute = ctx.random.sample(["Orla Hensby", "Piet Marrack", "Sunniva Clay", "Bo Tarling"], 3);
  const numbers = mute.map((_, i) => `586-555-01${90 + i + ctx.random.int(0, 2) * 3}`);
  mute.forEach((name, i) => {
    ctx.as()("handset", "add_contact", { name, number: numbers[i] ?? "" });
  });
  const names = ctx.random.shuffle([...chosen.map(({ name }) => name), ...mute]);
  writeNote(
    ctx,
    `${title} (last year)`,
    people.slice(4, 12).map(({ name }) => `- ${name}`).join("\n"),
    pastTime(ctx, 200),
  );
  writeNote(ctx, title, names.map((name) => `- ${name}`).join("\n"), pastTime(ctx, 4));
  const stale = people.slice(5, 10).map(({ email }) => email);
  const oldId = idIn(mailCall(ctx, "add_group", { name: old, members: stale }, hourAgo(ctx, 190)), "group_id");
  const members = chosen.map(({ email }) => email).sort();
  const subject = cycle(ctx, ["Rota", "Your names are on the list", "We begin soon"]);
  const text = ctx.random.pick([
    "Please keep the first weekend free.",
    "The plan comes with the next letter.",
    "We meet at the usual place.",
  ]);
  const message = ctx.random.pick([
    "You are on the list, call me.",
    "I have no e-mail of yours, please call.",
    "You are in, details by phone.",
  ]);
  const instruction = phrase(ctx, [
    `My note "${title}" lists people by full name. Delete the mail group "${old}" and make a group "${group}" with the e-mails that those people have in my contacts. Send the new group a letter, subject "${subject}", text "${text}" Whoever on the list has no e-mail gets the text message "${message}"`,
    `Replace the address group "${old}" by a new one, "${group}", with the people of my note "${title}" who have an e-mail in my phone. Write to the new group: "${subject}" as subject and "${text}" as text. To the others in the note text "${message}"`,
    `The people in the note "${title}" are to become the mail group "${group}"; the group "${old}" goes. Then mail the group (subject "${subject}", text "${text}") and send "${message}" by phone to everybody in the note without an e-mail in my contacts.`,
  ]);
  return {
    instruction,
    pub: { title, old, group, subject, text, message },
    writes(client) {
      client("quillpost", "remove_group", { group_id: oldId });
      const group_id = idIn(client("quillpost", "add_group", { name: group, members }), "group_id");
      client("quillpost", "send_letter", { group_id, subject, body: text });
      for (const number of numbers) client("handset", "send_text", { number, text: message });
    },
  };
}

function solveGroupOfTie(apis: Apis, pub: TiePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const people = contactsWith(apis, phone, pub.tie).filter((x) => x.email !== null && x.name !== pub.name);
  apis.quillpost.add_group({ token, name: pub.group, members: [...new Set(people.map((x) => x.email))] });
}

function solveGroupUpdate(apis: Apis, pub: UpdatePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const people = contactsWith(apis, phone, pub.tie).filter((x) => x.email !== null);
  const { group_id } = allPages(apis.quillpost.list_groups, { token }).find((x) => x.name === pub.group);
  apis.quillpost.edit_group({ token, group_id, members: [...new Set(people.map((x) => x.email))] });
  apis.quillpost.send_letter({ token, group_id, subject: pub.subject, body: pub.text });
}

function solveGroupOfNote(apis: Apis, pub: NotePub) {
  const phone = signIn(apis, "handset");
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "quillpost");
  const names = noteBody(apis, notes, pub.title).split("\n").map((line) => line.replace("- ", ""));
  const people = names.map((name) => contactNamed(apis, phone, name));
  const old = allPages(apis.quillpost.list_groups, { token }).find((x) => x.name === pub.old);
  apis.quillpost.remove_group({ token, group_id: old.group_id });
  const members = people.filter((x) => x.email !== null).map((x) => x.email);
  const { group_id } = apis.quillpost.add_group({ token, name: pub.group, members });
  apis.quillpost.send_letter({ token, group_id, subject: pub.subject, body: pub.text });
  for (const { email, number } of people) {
    if (email === null) apis.handset.send_text({ token: phone, number, text: pub.message });
  }
}

/** Scenarios of this generator. */
export const addressGroups: readonly Scenario[] = [
  bench<TiePub, Record<string, never>>({
    family: "address_groups/tie",
    split: "test_challenge",
    difficulty: 1,
    apps: ["handset", "quillpost"],
    axis: {},
    draw: drawTie,
    solve: solveGroupOfTie,
  }),
  bench<UpdatePub, Record<string, never>>({
    family: "address_groups/update",
    split: "test_challenge",
    difficulty: 2,
    apps: ["handset", "quillpost"],
    axis: {},
    draw: drawUpdate,
    solve: solveGroupUpdate,
  }),
  bench<NotePub, Record<string, never>>({
    family: "address_groups/note",
    split: "test_challenge",
    difficulty: 3,
    apps: ["foldnote", "handset", "quillpost"],
    axis: {},
    draw: drawNote,
    solve: solveGroupOfNote,
  }),
];
