/**
 * Letters scheduled for birthdays: to everybody of a tie in a period, without doubling those that wait already, or with a card enclosed.
 *
 * Hurdles: birthdays on and next to the first and last day, contacts without birthday or e-mail, letters that are scheduled for the wrong
 * day, people for whom there is no card.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  contactsOf,
  cycle,
  idIn,
  phrase,
  type Reject,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  tied,
  today,
  type Write,
} from "./_kit.ts";
import { draftsOf, hourAgo, isFreePath, mailCall, mailTies } from "./_mail_kit.ts";
import { theTies } from "./_phone.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

type PeriodPub = {
  readonly tie: string;
  readonly since: string;
  readonly until: string;
  readonly subject: string;
  readonly text: string;
  readonly hour: string;
};
type CardPub = PeriodPub & { readonly folder: string };

const SUBJECTS = ["Happy birthday!", "All the best!", "Many happy returns"] as const;
const WISHES = [
  "All the best, and cake for everybody!",
  "Have a wonderful day!",
  "Health, luck and a good year!",
] as const;

interface Period {
  readonly since: string;
  readonly until: string;
  /** Contacts of the tie with an e-mail whose birthday lies in the period, with the day. */
  readonly people: readonly { readonly row: Row; readonly day: string }[];
}

/** Birthday in a year that the period lies in. */
function dayIn(period: string, birthday: string): string {
  return `${period.slice(0, 4)}${birthday.slice(4)}`;
}

function within(period: { readonly since: string; readonly until: string }, row: Row): boolean {
  const birthday = textOf(row, "birthday");
  const day = dayIn(period.since, birthday);
  return birthday !== "" && day >= period.since && day <= period.until;
}

/** A period of some weeks ahead, on whose edges and inside of which people of a tie have their birthdays. */
function drawPeriod(ctx: SetupContext, tie: string, inside: number): Period | undefined {
  const since = addDays(today(ctx), ctx.random.int(2, 9));
  const until = addDays(since, ctx.random.int(45, 75));
  const place = (row: Row | undefined, day: string) => {
    if (row === undefined) return;
    const year = textOf(row, "birthday") === "" ? "1988" : textOf(row, "birthday").slice(0, 4);
    ctx.as(ctx.user, hourAgo(ctx, 30))("handset", "edit_contact", {
      contact_id: row.id,
      birthday: `${year}${day.slice(4)}`,
    });
  };
  const mine = ctx.random.shuffle(tied(ctx, tie).filter((row) => textOf(row, "email") !== ""));
  if (mine.length < inside + 2) return undefined;
  place(mine[0], since);
  place(mine[1], until);
  place(mine[2], addDays(since, -1));
  place(mine[3], addDays(until, 1));
  for (const row of mine.slice(4, 2 + inside)) place(row, addDays(since, ctx.random.int(1, 44)));
  const others = contactsOf(ctx).filter((row) => !mine.includes(row) && textOf(row, "email") !== "");
  for (const row of ctx.random.sample(others, 3)) place(row, addDays(since, ctx.random.int(1, 44)));
  const people = tied(ctx, tie).filter((row) => textOf(row, "email") !== "" && within({ since, until }, row))
    .map((row) => ({ row, day: dayIn(since, textOf(row, "birthday")) }));
  const leap = people.some(({ day }) => day.endsWith("02-29"));
  return people.length < 3 || leap || since.slice(0, 4) !== until.slice(0, 4) ? undefined : { since, until, people };
}

function drawWords(ctx: SetupContext) {
  return {
    subject: cycle(ctx, SUBJECTS),
    text: ctx.random.pick(WISHES),
    hour: ctx.random.pick(["07:30", "08:00", "09:15"]),
  };
}

function scheduled(email: string, day: string, { subject, text, hour }: ReturnType<typeof drawWords>) {
  return { to: [email], subject, body: text, send_at: `${day}T${hour}:00` };
}

function drawPlain(ctx: SetupContext): BenchDraw<PeriodPub> | Reject {
  const [tie] = mailTies(ctx, 6, 20);
  const period = tie === undefined ? undefined : drawPeriod(ctx, tie, 4);
  if (tie === undefined || period === undefined) return reject("too few people");
  const { since, until, people } = period;
  const words = drawWords(ctx);
  const { subject, text, hour } = words;
  const [who, from, to] = [theTies(tie), sayDate(since), sayDate(until)];
  const instruction = phrase(ctx, [
    `Schedule a letter to each of ${who} with an e-mail whose birthday, by my contacts, is between ${from} and ${to}, both days included: on the birthday at ${hour}, subject "${subject}", text "${text}"`,
    `For the birthdays of ${who} from ${from} until ${to} (inclusive) please prepare letters that go out by themselves on the day at ${hour}. Subject: "${subject}" Text: "${text}" One letter each, to those who have an e-mail.`,
    `I do not want to forget birthdays. Everyone of ${who} who has one from ${from} to ${to}, first and last day too, and an e-mail in my contacts gets a letter timed for that day, ${hour}, with the subject "${subject}" and the text "${text}"`,
  ]);
  const writes = people.map(({ row, day }): Write => ({
    app: "quillpost",
    api: "schedule_letter",
    args: scheduled(textOf(row, "email"), day, words),
  }));
  const pub = { tie, since, until, subject, text, hour };
  return { instruction, pub, said: { since: from, until: to }, writes };
}

function drawDoubles(ctx: SetupContext): BenchDraw<PeriodPub> | Reject {
  const [tie] = mailTies(ctx, 7, 20);
  const period = tie === undefined ? undefined : drawPeriod(ctx, tie, 5);
  if (tie === undefined || period === undefined || period.people.length < 5) return reject("too few people");
  const { since, until, people } = period;
  const words = drawWords(ctx);
  const { subject, text, hour } = words;
  if (draftsOf(ctx).some((row) => row["subject"] === subject)) return reject("drafts of that subject");
  const [right, early, late] = ctx.random.shuffle(people);
  const plant = (one: typeof right, shift: number) => {
    const args = scheduled(textOf(one?.row ?? { id: 0 }, "email"), addDays(one?.day ?? since, shift), words);
    return idIn(mailCall(ctx, "schedule_letter", args, hourAgo(ctx, 3)), "draft_id");
  };
  plant(right, 0);
  const wrong = new Map([[early, plant(early, 2)], [late, plant(late, 9)]]);
  // An unsent draft of the same subject is no scheduled letter, and one of another subject is no birthday letter.
  const fourth = people.find((one) => one !== right && !wrong.has(one));
  mailCall(ctx, "add_draft", { to: [textOf(fourth?.row ?? { id: 0 }, "email")], subject, body: text }, hourAgo(ctx, 4));
  mailCall(ctx, "schedule_letter", {
    to: [textOf(fourth?.row ?? { id: 0 }, "email")],
    subject: "Lawn mower",
    body: "Is it still with you?",
    send_at: `${addDays(today(ctx), 80)}T09:00:00`,
  }, hourAgo(ctx, 2));
  const [who, from, to] = [theTies(tie), sayDate(since), sayDate(until)];
  const instruction = phrase(ctx, [
    `Each of ${who} with an e-mail and a birthday from ${from} to ${to} (both included) should have a letter scheduled for the birthday at ${hour}, subject "${subject}", text "${text}" Some are scheduled under that subject already: re-time those that are set for a wrong moment, and schedule the missing ones.`,
    `Check the scheduled letters with the subject "${subject}" against the birthdays of ${who} between ${from} and ${to} inclusive. They should go out on the birthday at ${hour}. Correct wrong times, and where there is none schedule one with the text "${text}"`,
    `Birthday letters to ${who}, birthdays of ${from} to ${to} with both ends: subject "${subject}", text "${text}" sent on the day at ${hour}. A few wait already, not all for the right time; put those right and add the others for everybody with an e-mail.`,
  ]);
  const writes = people.flatMap((one): Write[] => {
    if (one === right) return [];
    const draftId = wrong.get(one);
    const args = scheduled(textOf(one.row, "email"), one.day, words);
    return draftId === undefined
      ? [{ app: "quillpost", api: "schedule_letter", args }]
      : [{ app: "quillpost", api: "edit_draft", args: { draft_id: draftId, send_at: args.send_at } }];
  });
  const pub = { tie, since, until, subject, text, hour };
  return { instruction, pub, said: { since: from, until: to }, writes };
}

/** `Ada Birk` as `ada-birk.txt`. */
function cardName(row: Row): string {
  return `${textOf(row, "name").toLowerCase().replaceAll(" ", "-")}.txt`;
}

function drawCards(ctx: SetupContext): BenchDraw<CardPub> | Reject {
  const [tie] = mailTies(ctx, 7, 20);
  const folder = cycle(ctx, ["/birthday cards", "/greetings", "/cards drawn"]);
  const period = tie === undefined ? undefined : drawPeriod(ctx, tie, 5);
  if (tie === undefined || period === undefined || period.people.length < 4 || !isFreePath(ctx, folder)) {
    return reject("too few people, or the folder is there");
  }
  const { since, until, people } = period;
  const words = drawWords(ctx);
  const { subject, text, hour } = words;
  if (new Set(people.map(({ row }) => cardName(row))).size < people.length) return reject("two of one name");
  const without = ctx.random.sample(people, 1)[0];
  const drawn = [...people.filter((one) => one !== without).map(({ row }) => row), ...tied(ctx, tie)];
  for (const name of new Set(drawn.map(cardName))) {
    if (without !== undefined && name === cardName(without.row)) continue;
    const card = { path: `${folder}/${name}`, text: `A card for ${name.replace(".txt", "")}.`, with_parents: true };
    ctx.as(ctx.user, hourAgo(ctx, 12))("stowbox", "write_file", card);
  }
  const [who, from, to] = [theTies(tie), sayDate(since), sayDate(until)];
  const instruction = phrase(ctx, [
    `Schedule birthday letters to ${who} whose birthday is from ${from} to ${to} (inclusive) and who have an e-mail: on the day at ${hour}, subject "${subject}", text "${text}" Enclose the card in ${folder} of my file store that is named after the person, like ada-birk.txt for Ada Birk; no card, then just the letter.`,
    `Letters for the birthdays of ${who} between ${from} and ${to}, both included, e-mail required: timed for the birthday, ${hour}, with the subject "${subject}" and the text "${text}" Put in the person's card from ${folder} (a file such as ada-birk.txt) if there is one.`,
    `Please prepare the birthday mail to ${who} with an e-mail and a birthday of ${from} to ${to}, ends included. Each letter waits until the day at ${hour}, is called "${subject}", says "${text}" and encloses the file in ${folder} with the person's name (ada-birk.txt belongs to Ada Birk) where it exists.`,
  ]);
  const pub = { tie, since, until, subject, text, hour, folder };
  return {
    instruction,
    pub,
    said: { since: from, until: to },
    writes(client) {
      for (const one of people) {
        const args = scheduled(textOf(one.row, "email"), one.day, words);
        const draft_id = idIn(client("quillpost", "schedule_letter", args), "draft_id");
        if (one === without) continue;
        client("quillpost", "enclose_file", { draft_id, path: `${folder}/${cardName(one.row)}` });
      }
    },
  };
}

function solveBirthdays(apis: Apis, pub: PeriodPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  for (const { email, birthday } of contactsWith(apis, phone, pub.tie)) {
    if (email === null || birthday === null) continue;
    const day = pub.since.slice(0, 4) + birthday.slice(4);
    if (day < pub.since || day > pub.until) continue;
    const send_at = `${day}T${pub.hour}:00`;
    apis.quillpost.schedule_letter({ token, to: [email], subject: pub.subject, body: pub.text, send_at });
  }
}

function solveBirthdaysOnce(apis: Apis, pub: PeriodPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const waiting = allPages(apis.quillpost.list_drafts, { token, scheduled: true })
    .filter((x) => x.subject === pub.subject);
  for (const { email, birthday } of contactsWith(apis, phone, pub.tie)) {
    if (email === null || birthday === null) continue;
    const day = pub.since.slice(0, 4) + birthday.slice(4);
    if (day < pub.since || day > pub.until) continue;
    const send_at = `${day}T${pub.hour}:00`;
    const found = waiting.find((x) => x.to.includes(email));
    if (found === undefined) {
      apis.quillpost.schedule_letter({ token, to: [email], subject: pub.subject, body: pub.text, send_at });
    } else if (found.send_at !== send_at) {
      apis.quillpost.edit_draft({ token, draft_id: found.draft_id, send_at });
    }
  }
}

function solveBirthdayCards(apis: Apis, pub: CardPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const stow = signIn(apis, "stowbox");
  for (const { name, email, birthday } of contactsWith(apis, phone, pub.tie)) {
    if (email === null || birthday === null) continue;
    const day = pub.since.slice(0, 4) + birthday.slice(4);
    if (day < pub.since || day > pub.until) continue;
    const letter = { to: [email], subject: pub.subject, body: pub.text, send_at: `${day}T${pub.hour}:00` };
    const { draft_id } = apis.quillpost.schedule_letter({ token, ...letter });
    const path = `${pub.folder}/${name.toLowerCase().replaceAll(" ", "-")}.txt`;
    if (apis.stowbox.path_exists({ token: stow, path }).exists) {
      apis.quillpost.enclose_file({ token, stow_token: stow, draft_id, path });
    }
  }
}

/** Scenarios of this generator. */
export const birthdayLetters: readonly Scenario[] = [
  bench<PeriodPub, Record<string, never>>({
    family: "birthday_letters/plain",
    split: "test_challenge",
    difficulty: 1,
    apps: ["handset", "quillpost"],
    axis: {},
    draw: drawPlain,
    solve: solveBirthdays,
  }),
  bench<PeriodPub, Record<string, never>>({
    family: "birthday_letters/once",
    split: "test_challenge",
    difficulty: 2,
    apps: ["handset", "quillpost"],
    axis: {},
    draw: drawDoubles,
    solve: solveBirthdaysOnce,
  }),
  bench<CardPub, Record<string, never>>({
    family: "birthday_letters/card",
    split: "test_challenge",
    difficulty: 2,
    apps: ["handset", "quillpost", "stowbox"],
    axis: {},
    draw: drawCards,
    solve: solveBirthdayCards,
  }),
];
