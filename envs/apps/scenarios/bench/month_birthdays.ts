/**
 * Birthdays of the current month: money to people of a tie, belated wishes by text with a call to follow, alarms and a shopping list
 * for those still to come.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  contactsOf,
  idIn,
  listOf,
  numberOf,
  phrase,
  principalOf,
  reject,
  type Row,
  type Scenario,
  type SetupContext,
  textOf,
  tied,
  tiesWith,
  today,
  weekdayOf,
  type Write,
} from "./_kit.ts";
import { isFreshTitle, pastTime, theTies, uniquelyNamed, writeChecklist, writeNote } from "./_phone.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const GIFT_NOTES = ["Presents given", "Birthday money", "Gifts of the year", "Who got what"] as const;
const WISHED_NOTES = ["Wished late", "Too late this year", "Better next year"] as const;
const SHOPPING_NOTES = ["Stationery shop", "To get in town", "Errands for parties"] as const;
const SKIP_NOTES = ["Not on speaking terms", "No wishes please", "Birthdays I skip", "Leave them in peace"] as const;

function firstName(row: Row): string {
  return textOf(row, "name").split(" ")[0] ?? "";
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** Last day of the month of a date. */
function lastDay(date: string): number {
  return Number(addDays(`${addDays(`${date.slice(0, 7)}-28`, 5).slice(0, 7)}-01`, -1).slice(8));
}

/** Gives a contact a birthday on a month and day, in the year of birth that it has. */
function giveBirthday(ctx: SetupContext, row: Row, monthDay: string): void {
  const year = textOf(row, "birthday").slice(0, 4) || String(ctx.random.int(1965, 2002));
  ctx.as()("handset", "edit_contact", { contact_id: row.id, birthday: `${year}-${monthDay}` });
}

/** The contacts of a tie and those of none, with all birthdays moved out of this month. */
function clearMonth(ctx: SetupContext, tie: string): { readonly inside: Row[]; readonly outside: Row[] } {
  const month = today(ctx).slice(5, 7);
  for (const row of contactsOf(ctx)) {
    if (textOf(row, "birthday").slice(5, 7) !== month) continue;
    // The 1st of the next month and the last day of the one before are near enough to matter.
    const other = ctx.random.int(0, 1) === 0
      ? addDays(`${today(ctx).slice(0, 7)}-01`, -1)
      : addDays(`${today(ctx).slice(0, 7)}-28`, 5).slice(0, 7) + "-01";
    giveBirthday(ctx, row, other.slice(5));
  }
  const named = new Set(uniquelyNamed(ctx).map(({ id }) => id));
  const inside = tied(ctx, tie).filter(({ id }) => named.has(id));
  const outside = contactsOf(ctx).filter((row) => named.has(row.id) && !listOf(row, "ties").includes(tie));
  return { inside: ctx.random.shuffle(inside), outside: ctx.random.shuffle(outside) };
}

/** Different days of this month, from a first to a last, in random order. */
function daysBetweenOf(ctx: SetupContext, first: number, last: number, count: number): string[] {
  const days = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
  return ctx.random.sample(days, Math.min(count, days.length)).map((day) => `${today(ctx).slice(5, 7)}-${two(day)}`);
}

/** A card of the wallet that the bank accepts for an amount and whose label no other card has. */
function usableCard(ctx: SetupContext, cents: number): Row | undefined {
  const cards = ctx.rows("tuppence.pay_card", ctx.user.email);
  return cards.find((card) => {
    const [bank] = ctx.rowsWhere("registry.bank_card", "number", textOf(card, "number"));
    return bank !== undefined && bank["expires"] === card["expires"] && bank["check_code"] === card["check_code"] &&
      textOf(bank, "expires") >= ctx.at.slice(0, 7) && numberOf(bank, "balance") >= cents &&
      cards.filter((other) => other["label"] === card["label"]).length === 1;
  });
}

function drawMoney(ctx: SetupContext) {
  const hasWallet = (row: Row) => principalOf(ctx, textOf(row, "email")) !== undefined;
  const tie = tiesWith(ctx, 5, 12).find((one) => tied(ctx, one).some((row) => !hasWallet(row)));
  if (tie === undefined) return reject("no tie with enough people, with and without wallets");
  const { inside, outside } = clearMonth(ctx, tie);
  const holders = inside.filter(hasWallet).slice(0, 7);
  const others = inside.filter((row) => !hasWallet(row)).slice(0, 2);
  const amount = ctx.random.int(9, 40);
  const memo = phrase(ctx, ["Happy birthday", "Birthday cake", "For your birthday"]);
  const title = ctx.random.pick(GIFT_NOTES);
  const card = usableCard(ctx, amount * 100 * holders.length);
  const [wallet] = ctx.rows("tuppence.member", ctx.user.email);
  if (holders.length < 5 || others.length === 0 || wallet === undefined) return reject("too few people");
  if (card === undefined || !isFreshTitle(ctx, title)) return reject("no card for it, or the title is taken");
  const month = today(ctx).slice(0, 7);
  const celebrants = [...holders, ...others];
  const days = daysBetweenOf(ctx, 1, lastDay(today(ctx)), celebrants.length + 3);
  celebrants.forEach((row, i) => giveBirthday(ctx, row, days[i] ?? ""));
  outside.slice(0, 3).forEach((row, i) => giveBirthday(ctx, row, days[celebrants.length + i] ?? ""));
  const [done, lastMonth, otherMemo] = holders;
  const send = (row: Row | undefined, words: string, at: string) => {
    const client = ctx.as(ctx.user, at);
    if (row !== undefined) {
      client("tuppence", "send_money", { to: textOf(row, "email"), amount, memo: words, card_id: card.id });
    }
  };
  send(done, memo, `${month}-01T00:30:00`);
  send(lastMonth, memo, `${addDays(`${month}-01`, -1)}T22:30:00`);
  send(otherMemo, "Train ticket", `${month}-01T08:30:00`);
  const noteId = writeNote(ctx, title, "so far:", pastTime(ctx, 20));
  const paid = holders.slice(1).sort((a, b) =>
    (days[celebrants.indexOf(a)] ?? "") < (days[celebrants.indexOf(b)] ?? "") ? -1 : 1
  );
  // So much is taken out of the wallet that some is missing.
  const kept = ctx.random.int(1, amount * paid.length * 100 - 500);
  const [{ balance } = { balance: 0 }] = ctx.rows("tuppence.member", ctx.user.email) as readonly {
    balance?: unknown;
  }[];
  const surplus = Number(balance) - kept;
  if (surplus > 0) {
    ctx.as(ctx.user, pastTime(ctx, 1))("tuppence", "cash_out", { card_id: card.id, amount: surplus / 100 });
  }
  const [after] = ctx.rows("tuppence.member", ctx.user.email);
  const missing = amount * paid.length * 100 - numberOf(after ?? wallet, "balance");
  if (missing <= 0) return reject("nothing is missing");
  const label = textOf(card, "label");
  const who = theTies(tie);
  const writes: Write[] = [
    { app: "tuppence", api: "top_up", args: { card_id: card.id, amount: missing / 100 } },
    ...paid.map((row): Write => ({
      app: "tuppence",
      api: "send_money",
      args: { to: textOf(row, "email"), amount, memo },
    })),
    ...others.map((row): Write => ({
      app: "handset",
      api: "send_text",
      args: { number: textOf(row, "number"), text: `Happy birthday, ${firstName(row)}!` },
    })),
    ...paid.map((row): Write => ({
      app: "foldnote",
      api: "append_to_note",
      args: { note_id: noteId, text: `${textOf(row, "name")}: ${amount}` },
    })),
  ];
  return {
    instruction: phrase(ctx, [
      `Send ${amount} with the memo "${memo}" to each of ${who} whose birthday is this month, except those who have had this memo from me this month. First top up my balance from my card "${label}" by exactly what is missing. Those without a wallet get the text "Happy birthday, NAME!" with their first name instead. Note each payment as a line "NAME: ${amount}" (full name, in the order of birthdays) at the end of my note "${title}".`,
      `This month's birthdays among ${who}: everyone gets ${amount} from my wallet, memo "${memo}", unless they had a transfer from me with that memo this month. What my balance lacks comes from my card "${label}", to the cent. Who has no wallet gets a text, "Happy birthday, NAME!" (first name). Append "NAME: ${amount}" with the full name to my note "${title}" for each payment, by day of birthday.`,
      `Please see to ${who} with a birthday this month. Transfer ${amount} each, memo "${memo}", leaving out whom I sent this memo this month already; before that move just the missing money from card "${label}" to my balance. People without a wallet are texted "Happy birthday, NAME!" with the first name. My note "${title}" gets a line "NAME: ${amount}" per transfer, full names, ordered by birthday.`,
    ]),
    pub: { tie, amount, memo, label, title },
    writes,
  };
}

function solveMoney(apis: Apis, pub: { tie: string; amount: number; memo: string; label: string; title: string }) {
  const token = signIn(apis, "handset");
  const wallet = signIn(apis, "tuppence");
  const notesToken = signIn(apis, "foldnote");
  const month = apis.handset.now({ token }).at.slice(0, 7);
  const people = contactsWith(apis, token, pub.tie)
    .filter((x) => x.birthday !== null && x.birthday.slice(5, 7) === month.slice(5))
    .sort((a, b) => (a.birthday.slice(5) < b.birthday.slice(5) ? -1 : 1));
  const members = allPages(apis.tuppence.find_members, { token: wallet }).map((x) => x.email);
  const sent = allPages(apis.tuppence.list_transfers, { token: wallet, direction: "sent" })
    .filter((x) => x.memo === pub.memo && x.at.slice(0, 7) === month)
    .map((x) => x.to);
  const payees = people.filter((x) => members.includes(x.email) && !sent.includes(x.email));
  const { balance } = apis.tuppence.get_balance({ token: wallet });
  const missing = Math.round(payees.length * pub.amount * 100 - balance * 100) / 100;
  if (missing > 0) {
    const card = allPages(apis.tuppence.list_cards, { token: wallet }).find((x) => x.label === pub.label);
    apis.tuppence.top_up({ token: wallet, card_id: card.card_id, amount: missing });
  }
  const note = allPages(apis.foldnote.list_notes, { token: notesToken }).find((x) => x.title === pub.title);
  for (const { name, email } of payees) {
    apis.tuppence.send_money({ token: wallet, to: email, amount: pub.amount, memo: pub.memo });
    const text = `${name}: ${pub.amount}`;
    apis.foldnote.append_to_note({ token: notesToken, note_id: note.note_id, text });
  }
  for (const { name, email, number } of people) {
    if (members.includes(email)) continue;
    apis.handset.send_text({ token, number, text: `Happy birthday, ${name.split(" ")[0]}!` });
  }
}

function drawText(ctx: SetupContext) {
  const now = Number(today(ctx).slice(8));
  const [tie] = tiesWith(ctx, 6, 14);
  if (tie === undefined || now < 10) return reject("no tie with enough people, or the month is young");
  const { inside, outside } = clearMonth(ctx, tie);
  const title = ctx.random.pick(SKIP_NOTES);
  const log = ctx.random.pick(WISHED_NOTES);
  const time = `${ctx.random.int(17, 21)}:${ctx.random.pick(["05", "20", "35", "50"])}`;
  if (inside.length < 7 || outside.length < 3 || !isFreshTitle(ctx, title) || !isFreshTitle(ctx, log)) {
    return reject("too few people, or the title is taken");
  }
  const past = daysBetweenOf(ctx, 2, now - 1, inside.length - 1);
  const [birthdayToday, ...celebrants] = inside.slice(0, past.length + 1);
  if (birthdayToday === undefined || celebrants.length < 6) return reject("too few days");
  celebrants.forEach((row, i) => giveBirthday(ctx, row, past[i] ?? ""));
  giveBirthday(ctx, birthdayToday, today(ctx).slice(5));
  outside.slice(0, 3).forEach((row, i) => giveBirthday(ctx, row, past[i] ?? ""));
  const year = today(ctx).slice(0, 4);
  const write = (row: Row | undefined, day: string, text: string) => {
    if (row !== undefined) {
      ctx.as(ctx.user, `${day}T09:40:00`)("handset", "send_text", { number: textOf(row, "number"), text });
    }
  };
  const [wished, wishedEarly, skipped, ...rest] = celebrants;
  const text = phrase(ctx, [
    "Belated happy birthday, NAME!",
    "Sorry I am late, NAME: all the best!",
    "Late but warm wishes, NAME!",
  ]);
  write(wished, `${year}-${past[0]}`, "All the best!");
  write(wishedEarly, addDays(`${year}-${past[1]}`, -1), "See you soon?");
  const named = [skipped, outside[4]].flatMap((row) => (row === undefined ? [] : [textOf(row, "name")]));
  writeNote(ctx, title, [...ctx.random.shuffle(named), "and the man from the ferry"].join("\n"), pastTime(ctx, 15));
  const logId = writeNote(ctx, log, "I have to be better at this", pastTime(ctx, 14));
  const dayOf = (row: Row) => past[celebrants.indexOf(row)] ?? "";
  const receivers = [wishedEarly, ...rest].filter((row) => row !== undefined)
    .sort((a, b) => (dayOf(a) < dayOf(b) ? -1 : 1));
  for (const { id, favourite } of receivers) {
    if (favourite === true) ctx.as()("handset", "mark_favourite", { contact_id: id, on: false });
  }
  const texted = (row: Row, day: string) =>
    ctx.rows("handset.text", ctx.user.email).some((one) =>
      one["direction"] === "out" && one["number"] === row["number"] && textOf(one, "at").startsWith(day)
    );
  if (receivers.some((row) => texted(row, `${year}-${dayOf(row)}`))) {
    return reject("a text on a birthday");
  }
  const who = theTies(tie);
  return {
    instruction: phrase(ctx, [
      `Some birthdays of ${who} slipped by me this month. To everyone whose day was before today and whom I sent no text on that very day, text "${text}" with the first name for NAME. Leave out people named in my note "${title}". Make each I text a favourite, set a one-time alarm "Call NAME" (full name) for ${time}, and append the full names to my note "${log}", line by line in order of birthdays.`,
      `Please send late wishes to ${who} whose birthday has already been this month, unless I texted them on the day itself: "${text}", where NAME is the first name. Nobody listed in "${title}" in my notes should get one. All who do become favourites and get an alarm, once at ${time}, labelled "Call" and the full name; add these full names to the note "${log}", one a line, earliest birthday first.`,
      `Who of ${who} had a birthday earlier this month (not today) and got no text from me on it? Text them "${text}", NAME being the first name, but not those who stand in my note "${title}". For each of them also set a one-time alarm at ${time}, "Call" plus full name, mark the contact as favourite and add the full name as a line to my note "${log}", in order of birthdays.`,
    ]),
    pub: { tie, text, title, log, time },
    writes: receivers.flatMap((row): Write[] => {
      const name = textOf(row, "name");
      const wish = { number: textOf(row, "number"), text: text.replace("NAME", firstName(row)) };
      return [
        { app: "handset", api: "send_text", args: wish },
        { app: "handset", api: "add_alarm", args: { time, label: `Call ${name}` } },
        { app: "handset", api: "mark_favourite", args: { contact_id: row.id, on: true } },
        { app: "foldnote", api: "append_to_note", args: { note_id: logId, text: name } },
      ];
    }),
  };
}

function solveText(apis: Apis, pub: { tie: string; text: string; title: string; log: string; time: string }) {
  const token = signIn(apis, "handset");
  const notesToken = signIn(apis, "foldnote");
  const today = apis.handset.now({ token }).at.slice(0, 10);
  const notes = allPages(apis.foldnote.list_notes, { token: notesToken });
  const note = notes.find((x) => x.title === pub.title);
  const log = notes.find((x) => x.title === pub.log);
  const skipped = apis.foldnote.get_note({ token: notesToken, note_id: note.note_id }).body.split("\n");
  const texts = allPages(apis.handset.list_texts, { token, direction: "out" });
  const people = contactsWith(apis, token, pub.tie).filter((x) => x.birthday !== null)
    .sort((a, b) => (a.birthday.slice(5) < b.birthday.slice(5) ? -1 : 1));
  for (const { contact_id, name, number, birthday } of people) {
    if (skipped.includes(name)) continue;
    const day = `${today.slice(0, 4)}${birthday.slice(4)}`;
    if (day.slice(0, 7) !== today.slice(0, 7) || day >= today) continue;
    if (texts.some((x) => x.to === number && x.at.slice(0, 10) === day)) continue;
    apis.handset.send_text({ token, number, text: pub.text.replace("NAME", name.split(" ")[0]) });
    apis.handset.add_alarm({ token, time: pub.time, label: `Call ${name}` });
    apis.handset.mark_favourite({ token, contact_id, on: true });
    apis.foldnote.append_to_note({ token: notesToken, note_id: log.note_id, text: name });
  }
}

function drawAlarm(ctx: SetupContext) {
  const now = Number(today(ctx).slice(8));
  const end = lastDay(today(ctx));
  const [tie] = tiesWith(ctx, 6, 14);
  if (tie === undefined || end - now < 9) return reject("no tie with enough people, or the month is nearly over");
  const { inside, outside } = clearMonth(ctx, tie);
  const title = ctx.random.pick(SHOPPING_NOTES);
  if (!isFreshTitle(ctx, title)) return reject("the title is taken");
  const coming = daysBetweenOf(ctx, now + 1, end, inside.length - 1);
  const [birthdayToday, ...celebrants] = inside.slice(0, coming.length + 1);
  if (birthdayToday === undefined || celebrants.length < 5 || outside.length < 2) return reject("too few people");
  giveBirthday(ctx, birthdayToday, today(ctx).slice(5));
  celebrants.forEach((row, i) => giveBirthday(ctx, row, coming[i] ?? ""));
  outside.slice(0, 2).forEach((row, i) => giveBirthday(ctx, row, coming[i] ?? ""));
  const time = `${two(ctx.random.int(7, 20))}:${ctx.random.pick(["05", "20", "35", "50"])}`;
  const start = phrase(ctx, ["Birthday", "Call", "Congratulate"]);
  const year = today(ctx).slice(0, 4);
  const things = celebrants.flatMap((row) => [`card for ${textOf(row, "name")}`, `present for ${textOf(row, "name")}`]);
  const others = [...outside, birthdayToday].slice(-2).map((row) => `card for ${textOf(row, "name")}`);
  const noted = [things[0] ?? "", "wrapping paper", things[3] ?? "", ...others];
  const { noteId } = writeChecklist(
    ctx,
    title,
    noted.map((text, i) => ({ text, done: i % 2 === 0 })),
    pastTime(ctx, 12),
  );
  const writes: Write[] = things.filter((text) => !noted.includes(text))
    .map((text) => ({ app: "foldnote", api: "add_item", args: { note_id: noteId, text } }));
  celebrants.forEach((row, i) => {
    const day = DAYS[weekdayOf(`${year}-${coming[i]}`)] ?? "mon";
    const label = `${start} ${textOf(row, "name")}`;
    if (i >= 3) {
      writes.push({ app: "handset", api: "add_alarm", args: { time, label, days: [day] } });
      return;
    }
    // There already: right but off, on but wrong, right and on.
    const days = i === 1 ? DAYS.filter((one) => one !== day).slice(0, 1) : [day];
    const id = idIn(ctx.as()("handset", "add_alarm", { time: i === 1 ? "23:45" : time, label, days }), "alarm_id");
    if (i === 0) {
      ctx.as()("handset", "turn_alarm_off", { alarm_id: id });
      writes.push({ app: "handset", api: "turn_alarm_on", args: { alarm_id: id } });
    } else if (i === 1) {
      writes.push({ app: "handset", api: "edit_alarm", args: { alarm_id: id, time, days: [day] } });
    }
  });
  const [namesake] = outside;
  if (namesake !== undefined) {
    ctx.as()("handset", "add_alarm", { time, label: `${start} ${firstName(namesake)}`, days: ["mon"] });
  }
  const who = theTies(tie);
  return {
    instruction: phrase(ctx, [
      `For each of ${who} whose birthday is still to come this month, from tomorrow on, I want an alarm at ${time} on that day of the week, labelled "${start} NAME" with the full name. If there is one with that label, put it right and turn it on rather than adding another. The checklist of my note "${title}" should have "card for NAME" and "present for NAME" for each of them.`,
      `Set alarms for the birthdays of ${who} between tomorrow and the end of this month: ${time}, on the weekday it falls on this year, label "${start} NAME" with the full name. Where such a label exists, correct time and day and make sure the alarm is on. Also complete the checklist "${title}" in my notes: "card for NAME" and "present for NAME" for each of these people.`,
      `${who.slice(0, 1).toUpperCase()}${
        who.slice(1)
      } with a birthday in the rest of this month (today not included) should each have an alarm "${start} NAME", full name, at ${time} on the weekday of this year's birthday. Reuse alarms of that label: fix what is wrong and switch them on. What my note "${title}" lacks in its checklist of "card for NAME" and "present for NAME" for them has to be added.`,
    ]),
    pub: { tie, time, start, title },
    writes,
  };
}

function solveAlarm(apis: Apis, pub: { tie: string; time: string; start: string; title: string }) {
  const token = signIn(apis, "handset");
  const notesToken = signIn(apis, "foldnote");
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notesToken }).find((x) => x.title === pub.title);
  const noted = allPages(apis.foldnote.list_items, { token: notesToken, note_id }).map((x) => x.text);
  const today = apis.handset.now({ token }).at.slice(0, 10);
  const alarms = allPages(apis.handset.list_alarms, { token });
  for (const { name, birthday } of contactsWith(apis, token, pub.tie)) {
    if (birthday === null) continue;
    const date = `${today.slice(0, 4)}${birthday.slice(4)}`;
    if (date.slice(0, 7) !== today.slice(0, 7) || date <= today) continue;
    const days = [["sun", "mon", "tue", "wed", "thu", "fri", "sat"][new Date(`${date}T00:00:00Z`).getUTCDay()]];
    for (const text of [`card for ${name}`, `present for ${name}`]) {
      if (!noted.includes(text)) apis.foldnote.add_item({ token: notesToken, note_id, text });
    }
    const label = `${pub.start} ${name}`;
    const alarm = alarms.find((x) => x.label === label);
    if (alarm === undefined) {
      apis.handset.add_alarm({ token, time: pub.time, label, days });
      continue;
    }
    const { alarm_id } = alarm;
    if (alarm.time !== pub.time || alarm.days.join() !== days.join()) {
      apis.handset.edit_alarm({ token, alarm_id, time: pub.time, days });
    }
    if (!alarm.on) apis.handset.turn_alarm_on({ token, alarm_id });
  }
}

/** Scenarios of this generator. */
export const monthBirthdays: readonly Scenario[] = [
  bench({
    family: "month_birthdays/money",
    split: "test_normal",
    difficulty: 3,
    apps: ["handset", "tuppence", "foldnote"],
    axis: {},
    draw: drawMoney,
    solve: solveMoney,
  }),
  bench({
    family: "month_birthdays/text",
    split: "test_normal",
    difficulty: 3,
    apps: ["handset", "foldnote"],
    axis: {},
    draw: drawText,
    solve: solveText,
  }),
  bench({
    family: "month_birthdays/alarm",
    split: "test_normal",
    difficulty: 3,
    apps: ["handset", "foldnote"],
    axis: {},
    draw: drawAlarm,
    solve: solveAlarm,
  }),
];
