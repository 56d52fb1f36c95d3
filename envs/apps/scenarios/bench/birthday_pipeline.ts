/**
 * Birthdays with a letter and with money: those of the next days, those of next month ahead of time, and a present that many pay for.
 *
 * Hurdles: birthdays a day outside the period, presents that were sent already, letters that are scheduled already, answers that somebody
 * takes back, asks that are open.
 *
 * @module
 */
import { isFreshSubject, sentLetter } from "./_cross_a.ts";
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  centsText,
  contactsOf,
  cycle,
  daysAgo,
  firstName,
  idIn,
  listOf,
  phrase,
  principalOf,
  type Reject,
  reject,
  type Row,
  sayDate,
  sayMonth,
  sayTies,
  type Scenario,
  type SetupContext,
  textOf,
  tied,
  tiesWith,
  today,
  type Write,
} from "./_kit.ts";
import { holders, momentOn, outside, sendOn, walletCents } from "./_money_kit.ts";
import { allPages, contactsWith, lettersAbout, signIn, sumMoney } from "./_toolbox.ts";

type SoonPub = { readonly tie: string; readonly from: string; readonly until: string; readonly amount: number };
type MonthPub = { readonly tie: string; readonly month: string; readonly pot: string; readonly amount: number };
type PresentPub = { readonly name: string; readonly pot: string };

/** Gives a contact another birthday; the year of birth stays or is made up. */
function setBirthday(ctx: SetupContext, contact: Row, day: string): void {
  const year = textOf(contact, "birthday").slice(0, 4) || String(ctx.random.int(1950, 2004));
  const birthday = `${year}-${day.slice(5) === "02-29" ? "02-28" : day.slice(5)}`;
  if (contact["birthday"] !== birthday) {
    ctx.as(ctx.user, `${daysAgo(ctx, 90)}T12:00:00`)("handset", "edit_contact", { contact_id: contact.id, birthday });
  }
}

/** Day and month of a contact's birthday; empty if it is unknown. */
function dayOf(contact: Row): string {
  return textOf(contact, "birthday").slice(5);
}

function drawSoon(ctx: SetupContext): BenchDraw<SoonPub> | Reject {
  const [tie] = tiesWith(ctx, 8, 16);
  if (tie === undefined) return reject("no tie with eight account holders");
  const people = ctx.random.shuffle(holders(ctx).filter(({ contact }) => listOf(contact, "ties").includes(tie)));
  const [from, until] = [addDays(today(ctx), 1), addDays(today(ctx), ctx.random.int(12, 20))];
  const amount = cycle(ctx, [12, 15, 18]);
  if (people.length < 8 || walletCents(ctx) < amount * 1300) return reject("too few people or too little money");
  const inside = () => addDays(from, ctx.random.int(1, 10));
  const days = [from, until, addDays(from, -1), addDays(until, 1), inside(), inside(), inside(), inside()];
  people.slice(0, days.length).forEach(({ contact }, i) => setBirthday(ctx, contact, days[i] ?? from));
  const [stranger] = outside(ctx, tie);
  const outsider = contactsOf(ctx).find((row) => row["email"] === stranger?.email);
  if (outsider !== undefined) setBirthday(ctx, outsider, inside());
  const year = from.slice(0, 4);
  const given = (i: number, day: string) => {
    const person = people[i]?.person;
    if (person !== undefined) sendOn(ctx, ctx.user, person, day, 1000, `Birthday ${day.slice(0, 4)}`);
  };
  given(4, `${year}-01-20`);
  given(5, `${Number(year) - 1}-12-30`);
  given(3, `${year}-02-10`);
  const has = new Set(
    ctx.rows("tuppence.transfer", ctx.user.email)
      .filter((row) => row["from"] === ctx.user.email && textOf(row, "memo").includes(`Birthday ${year}`))
      .map((row) => textOf(row, "to")),
  );
  const due = tied(ctx, tie).filter((row) =>
    dayOf(row) >= from.slice(5) && dayOf(row) <= until.slice(5) && !has.has(textOf(row, "email"))
  );
  if (due.some((row) => principalOf(ctx, textOf(row, "email")) === undefined) || due.length > 10) {
    return reject("somebody has no account, or there are many");
  }
  const writes = due.flatMap((row): Write[] => {
    const to = textOf(row, "email");
    const body = `All the best for your birthday, ${textOf(row, "name").split(" ")[0]}!`;
    return [
      { app: "quillpost", api: "send_letter", args: { to: [to], subject: "Happy birthday", body } },
      { app: "tuppence", api: "send_money", args: { to, amount, memo: `Birthday ${year}` } },
    ];
  });
  const [first, last] = [sayDate(from), sayDate(until)];
  const who = sayTies(tie);
  return {
    instruction: phrase(ctx, [
      `I will be offline for a while, so please do the birthdays now: ${who} whose birthday falls between ${first} and ${last} (both included) each get a letter "Happy birthday" with the text "All the best for your birthday, Mara!" (their first name) and ${amount} by tuppence, memo "Birthday ${year}". Leave out whoever I have already sent money with that memo.`,
      `Which of ${who} have their birthday from ${first} to ${last}? Send every one of them ${amount} in tuppence with the memo "Birthday ${year}", and a letter: subject "Happy birthday", text like "All the best for your birthday, Mara!" with the right first name. Those who have such a transfer from me already get neither.`,
      `For the birthdays of ${who} in the days from ${first} until ${last}: a letter to each ("Happy birthday", text "All the best for your birthday, Mara!", but with their own first name) plus ${amount} through tuppence with "Birthday ${year}" as memo. If I have sent somebody money under that memo before, skip the person.`,
    ]),
    pub: { tie, from, until, amount },
    said: { from: first, until: last },
    writes,
  };
}

function solveBirthdaysSoon(apis: Apis, pub: SoonPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "tuppence");
  const mail = signIn(apis, "quillpost");
  const memo = `Birthday ${pub.from.slice(0, 4)}`;
  const given = allPages(apis.tuppence.list_transfers, { token, direction: "sent" })
    .filter((x) => x.memo === memo).map((x) => x.to);
  for (const { name, email: to, birthday } of contactsWith(apis, phone, pub.tie)) {
    const day = (birthday ?? "").slice(5);
    if (day < pub.from.slice(5) || day > pub.until.slice(5) || given.includes(to)) continue;
    const body = `All the best for your birthday, ${name.split(" ")[0]}!`;
    apis.quillpost.send_letter({ token: mail, to: [to], subject: "Happy birthday", body });
    apis.tuppence.send_money({ token, to, amount: pub.amount, memo });
  }
}

/** `2027-04` for a day in March 2027. */
function monthAfter(day: string): string {
  return addDays(`${day.slice(0, 7)}-28`, 6).slice(0, 7);
}

function drawMonth(ctx: SetupContext): BenchDraw<MonthPub> | Reject {
  const [tie] = tiesWith(ctx, 7, 16);
  if (tie === undefined) return reject("no tie with seven account holders");
  const month = monthAfter(today(ctx));
  const pot = cycle(ctx, ctx.random.shuffle(["Presents", "Cakes and cards", "Birthday money"]));
  const title = `Birthdays in ${sayMonth(month)}`;
  const amount = cycle(ctx, [8, 10, 12]);
  if (ctx.rows("tuppence.pot", ctx.user.email).some((row) => row["name"] === pot)) return reject("the pot exists");
  if (ctx.rows("foldnote.note", ctx.user.email).some((row) => row["title"] === title)) return reject("the note exists");
  if (walletCents(ctx) < 25000) return reject("too little money");
  const people = ctx.random.shuffle(tied(ctx, tie).filter((row) => textOf(row, "email") !== ""));
  const days = ctx.random.sample(Array.from({ length: 26 }, (_, i) => addDays(`${month}-02`, i)), 4);
  const dates = [`${month}-01`, addDays(`${monthAfter(`${month}-01`)}-01`, -1), ...days];
  people.slice(0, dates.length).forEach((row, i) => setBirthday(ctx, row, dates[i] ?? dates[0] ?? ""));
  const [stranger] = outside(ctx, tie);
  const outsider = contactsOf(ctx).find((row) => row["email"] === stranger?.email);
  if (outsider !== undefined) setBirthday(ctx, outsider, days[0] ?? "");
  const due = tied(ctx, tie).filter((row) => dayOf(row).slice(0, 2) === month.slice(5))
    .sort((a, b) => (dayOf(a) < dayOf(b) ? -1 : 1));
  const unfit = due.some((row) => textOf(row, "email") === "") || new Set(due.map(dayOf)).size < due.length;
  if (unfit || due.length > 12) return reject("birthdays on one day, or somebody without an address");
  const past = ctx.as(ctx.user, `${daysAgo(ctx, 9)}T19:00:00`);
  const potId = idIn(past("tuppence", "add_pot", { name: pot, goal: 400 }), "pot_id");
  const name = (row: Row) => textOf(row, "name").split(" ")[0] ?? "";
  const letter = (row: Row) => ({
    to: [textOf(row, "email")],
    subject: "Happy birthday",
    body: `Happy birthday, ${name(row)}!`,
  });
  const writes: Write[] = [];
  const mail = (api: string, args: Write["args"]) => writes.push({ app: "quillpost", api, args });
  due.forEach((row, i) => {
    const send_at = `${month}-${dayOf(row).slice(3)}T08:00:00`;
    if (i % 4 === 1) past("quillpost", "schedule_letter", { ...letter(row), send_at });
    else if (i % 4 === 3) {
      const draft_id = idIn(
        past("quillpost", "schedule_letter", { ...letter(row), send_at: `${send_at.slice(0, 10)}T19:30:00` }),
        "draft_id",
      );
      mail("edit_draft", { draft_id, send_at });
    } else mail("schedule_letter", { ...letter(row), send_at });
  });
  const body = due.map((row) => `${Number(dayOf(row).slice(3))}: ${row["name"]}`).join("\n");
  const who = sayTies(tie);
  const said = sayMonth(month);
  return {
    instruction: phrase(ctx, [
      `Prepare the birthdays of ${who} in ${said}: schedule a letter to each for 8:00 on the day, "Happy birthday", text "Happy birthday, Mara!" (first name). Where such a letter is scheduled already, only move it to 8:00 if it is not. Put ${amount} a head into my pot "${pot}" in one go. A pinned note "${title}" lists them by day, lines like "7: Mara Quill".`,
      `Birthdays of ${who} in ${said}: each should get a scheduled letter at 8:00 that day, subject "Happy birthday", text "Happy birthday, Mara!" with their first name. Some have one already; correct its time if need be. Then move ${amount} per birthday into the pot "${pot}", all at once, and pin a new note "${title}" with lines like "7: Mara Quill", by day.`,
      `For ${who} who have their birthday in ${said}, schedule letters (8:00 on the day, "Happy birthday", text such as "Happy birthday, Mara!"). If one is waiting for somebody, just make sure that it goes at 8:00. In one move, ${amount} for each of the birthdays goes into my pot "${pot}". Finally a pinned note "${title}", ordered by day: "7: Mara Quill".`,
    ]),
    pub: { tie, month, pot, amount },
    said: { month: said },
    writes: (client) => {
      for (const { app, api, args } of writes) client(app, api, args);
      client("tuppence", "move_into_pot", { pot_id: potId, amount: amount * due.length });
      const note_id = idIn(client("foldnote", "add_note", { title, body }), "note_id");
      client("foldnote", "pin_note", { note_id, on: true });
    },
  };
}

function solveBirthdayMonth(apis: Apis, pub: MonthPub) {
  const phone = signIn(apis, "handset");
  const wallet = signIn(apis, "tuppence");
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "quillpost");
  const months = "January February March April May June July August September October November December".split(" ");
  const due = contactsWith(apis, phone, pub.tie)
    .filter((x) => x.birthday !== null && x.birthday.slice(5, 7) === pub.month.slice(5))
    .sort((a, b) => (a.birthday.slice(5) < b.birthday.slice(5) ? -1 : 1));
  const waiting = allPages(apis.quillpost.list_drafts, { token, scheduled: true })
    .filter((x) => x.subject === "Happy birthday");
  for (const { name, email, birthday } of due) {
    const send_at = `${pub.month}-${birthday.slice(8)}T08:00:00`;
    const draft = waiting.find((x) => x.to.includes(email));
    const body = `Happy birthday, ${name.split(" ")[0]}!`;
    if (draft === undefined) {
      apis.quillpost.schedule_letter({ token, to: [email], subject: "Happy birthday", body, send_at });
    } else if (draft.send_at !== send_at) {
      apis.quillpost.edit_draft({ token, draft_id: draft.draft_id, send_at });
    }
  }
  const { pot_id } = allPages(apis.tuppence.list_pots, { token: wallet }).find((x) => x.name === pub.pot);
  apis.tuppence.move_into_pot({ token: wallet, pot_id, amount: pub.amount * due.length });
  const title = `Birthdays in ${months[Number(pub.month.slice(5)) - 1]} ${pub.month.slice(0, 4)}`;
  const body = due.map((x) => `${Number(x.birthday.slice(8))}: ${x.name}`).join("\n");
  const { note_id } = apis.foldnote.add_note({ token: notes, title, body });
  apis.foldnote.pin_note({ token: notes, note_id, on: true });
}

function drawPresent(ctx: SetupContext): BenchDraw<PresentPub> | Reject {
  const [subject_, ...people] = ctx.random.sample(holders(ctx), 11).map(({ person }) => person);
  if (subject_ === undefined || people.length < 10) return reject("too few people");
  const { name } = subject_;
  const memo = `Present for ${name}`;
  const pot = cycle(ctx, ctx.random.shuffle(["Surprises", "Together", "Big presents"]));
  if (!isFreshSubject(ctx, memo) || ctx.rows("tuppence.pot", ctx.user.email).some((row) => row["name"] === pot)) {
    return reject("there is such a letter or pot");
  }
  const start = daysAgo(ctx, 20);
  const [one, ...others] = people;
  if (one === undefined) return reject("too few people");
  const letter_id = sentLetter(ctx, one, {
    subject: memo,
    body: `Dear all,\n${firstName(subject_)} has a birthday soon. Who joins in, and with how much?`,
    at: momentOn(ctx, start),
    others: others.map(({ email }) => email),
  });
  const answer = (person: typeof one, text: string, days: number) =>
    ctx.as(person, momentOn(ctx, daysAgo(ctx, days)))("quillpost", "reply", {
      letter_id,
      body: `${ctx.random.pick(["Hello,", "Good idea!", "Nice of you to ask."])}\n${text}\n${firstName(person)}`,
    });
  const pledge = () => ctx.random.int(8, 30) * 50;
  const inWith = (cents: number) => `Count me in with ${centsText(cents)}`;
  const pledges = new Map<typeof one, number>();
  people.forEach((person, i) => {
    if (i === 8) return answer(person, "I am out this time, sorry.", 12);
    const cents = pledge();
    // Some change their minds.
    if (i === 1 || i === 5) answer(person, inWith(cents + 150), 17);
    if (i === 9) answer(person, inWith(cents), 16);
    if (i === 9) return answer(person, "I am out after all, sorry.", 8);
    answer(person, inWith(cents), i === 1 || i === 5 ? 9 : 15 - i);
    return void pledges.set(person, cents);
  });
  const client = ctx.as(ctx.user, `${daysAgo(ctx, 3)}T18:30:00`);
  const potId = idIn(client("tuppence", "add_pot", { name: pot, goal: 300 }), "pot_id");
  let received = 0;
  const writes: Write[] = [];
  [...pledges].forEach(([person, cents], i) => {
    if (i === 0 || i === 4) {
      sendOn(ctx, person, ctx.user, daysAgo(ctx, 4 + i), cents, memo);
      received += cents;
    } else if (i === 2 || i === 6) {
      const ask_id = idIn(client("tuppence", "ask_money", { to: person.email, amount: cents / 100, memo }), "ask_id");
      writes.push({ app: "tuppence", api: "remind_ask", args: { ask_id } });
    } else {
      writes.push({ app: "tuppence", api: "ask_money", args: { to: person.email, amount: cents / 100, memo } });
    }
  });
  // Who is out sent something else; and somebody in sent money for another occasion.
  const [lunch, third] = [people[8], people[3]];
  if (lunch !== undefined) sendOn(ctx, lunch, ctx.user, daysAgo(ctx, 5), 700, "Lunch");
  if (third !== undefined) sendOn(ctx, third, ctx.user, daysAgo(ctx, 6), pledges.get(third) ?? 900, "Cinema");
  const total = [...pledges.values()].reduce((sum, cents) => sum + cents, 0);
  const to = [...pledges.keys()].map(({ email }) => email);
  const body = `We are ${to.length} and have ${centsText(total)} for it.`;
  writes.push(
    { app: "tuppence", api: "move_into_pot", args: { pot_id: potId, amount: received / 100 } },
    { app: "quillpost", api: "send_letter", args: { to, subject: `${memo}: who is in`, body } },
  );
  return {
    instruction: phrase(ctx, [
      `I mailed "${memo}". Whoever answered "Count me in with" an amount (their last answer counts) should be asked for it in tuppence with the memo "${memo}"; remind those with such an ask still open, and leave those who have paid under it. Move what has come in with it into my pot "${pot}", once. Then one letter to all who are in, "${memo}: who is in", text "We are 5 and have 62.50 for it."`,
      `Answers to my letter "${memo}" say "Count me in with" so much, or not; only a person's latest answer is valid. Ask everybody who is in for that amount (tuppence, memo "${memo}"), but just remind where an ask is open, and nothing if they paid. Put all that was paid under it into the pot "${pot}" at once. Mail all who are in: "${memo}: who is in", "We are 5 and have 62.50 for it."`,
      `Please collect for "${memo}": see the replies to my letter, latest per person, "Count me in with" an amount. No payment with the memo "${memo}" yet? Then ask in tuppence for that amount under this memo, or remind if the ask is open. Payments so far go into my pot "${pot}" in one move. Everybody who is in gets one letter "${memo}: who is in": "We are 5 and have 62.50 for it."`,
    ]),
    pub: { name, pot },
    writes,
  };
}

function solveBirthdayPresent(apis: Apis, pub: PresentPub) {
  const token = signIn(apis, "tuppence");
  const mail = signIn(apis, "quillpost");
  const memo = `Present for ${pub.name}`;
  const pledges = new Map();
  for (const { from, body } of lettersAbout(apis, mail, `Re: ${memo}`, {})) {
    const [, amount] = /Count me in with ([\d.]+)$/m.exec(body) ?? [];
    if (amount === undefined) pledges.delete(from);
    else pledges.set(from, Number(amount));
  }
  const paid = allPages(apis.tuppence.list_transfers, { token, direction: "received" }).filter((x) => x.memo === memo);
  const asks = allPages(apis.tuppence.list_asks_out, { token, state: "open" }).filter((x) => x.memo === memo);
  for (const [to, amount] of pledges) {
    if (paid.some((x) => x.from === to)) continue;
    const ask = asks.find((x) => x.to === to);
    if (ask === undefined) apis.tuppence.ask_money({ token, to, amount, memo });
    else apis.tuppence.remind_ask({ token, ask_id: ask.ask_id });
  }
  const { pot_id } = allPages(apis.tuppence.list_pots, { token }).find((x) => x.name === pub.pot);
  apis.tuppence.move_into_pot({ token, pot_id, amount: sumMoney(paid.map((x) => x.amount)) });
  const total = sumMoney([...pledges.values()]).toFixed(2);
  const body = `We are ${pledges.size} and have ${total} for it.`;
  apis.quillpost.send_letter({ token: mail, to: [...pledges.keys()], subject: `${memo}: who is in`, body });
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const birthdayPipeline: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "birthday_pipeline/soon",
    difficulty: 2,
    apps: ["handset", "tuppence", "quillpost"],
    draw: drawSoon,
    solve: solveBirthdaysSoon,
  }),
  bench({
    ...COMMON,
    family: "birthday_pipeline/month",
    difficulty: 3,
    apps: ["handset", "tuppence", "foldnote", "quillpost"],
    draw: drawMonth,
    solve: solveBirthdayMonth,
  }),
  bench({
    ...COMMON,
    family: "birthday_pipeline/present",
    difficulty: 3,
    apps: ["tuppence", "quillpost"],
    draw: drawPresent,
    solve: solveBirthdayPresent,
  }),
];
