/**
 * Contacts from the signatures below letters: numbers brought up to date, a group of people who wrote about something, new addresses.
 *
 * Hurdles: numbers within the text, older signatures, letters without one, letters from before, people who are not among the contacts.
 *
 * @module
 */
import { isFreshSubject, mailOf, receiveLetter } from "./_cross_a.ts";
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  contactsOf,
  cycle,
  daysAgo,
  firstName,
  idIn,
  phrase,
  type Principal,
  type Reject,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  type Write,
} from "./_kit.ts";
import { holders } from "./_money_kit.ts";
import { strangers } from "./_phone.ts";
import { allPages, lettersAbout, signIn } from "./_toolbox.ts";

type NumbersPub = { readonly since: string };
type GroupPub = { readonly topic: string };
type AddressPub = { readonly subject: string };

const STREETS = ["Heron Lane", "Tanner Street", "Mill Bank", "Orchard Steps", "Cobble Yard", "Willow Close"] as const;
const TOWNS = ["Harrowby", "Port Selwick", "Lower Marl", "Tolland"] as const;
const AREAS = ["531", "547", "568"] as const;
const LINES = [
  "can you send me the list of last year?",
  "the keys are at the bakery, as always.",
  "the meeting is moved to the small room.",
  "I have found your umbrella.",
  "thank you for the photos!",
  "who brings the projector this time?",
] as const;

function newNumber(ctx: SetupContext): string {
  return `${ctx.random.pick(AREAS)}-555-0${ctx.random.int(100, 199)}`;
}

function newAddress(ctx: SetupContext): string {
  return `${ctx.random.pick(STREETS)} ${ctx.random.int(1, 90)}, ${ctx.random.pick(TOWNS)}`;
}

/** A letter below which the sender puts a new signature from then on; none if it is empty. */
function signedLetter(
  ctx: SetupContext,
  from: Principal,
  signature: string,
  letter: { readonly subject: string; readonly day: string; readonly text?: string },
): number {
  const { subject, day, text = ctx.random.pick(LINES) } = letter;
  const at = `${day}T${String(ctx.random.int(7, 9)).padStart(2, "0")}:${ctx.random.int(10, 59)}:${
    ctx.random.int(10, 59)
  }`;
  ctx.as(from, at)("quillpost", "edit_account", { signature });
  return receiveLetter(ctx, from, { subject, body: `Hello,\n${text}\n${firstName(from)}`, at });
}

/** Lines of the signature below a letter; none if it has no signature. */
function signatureOf(letter: Row): string[] {
  const [, below] = textOf(letter, "body").split("\n\n--\n");
  return below === undefined ? [] : below.split("\n");
}

const NUMBER = /^\d{3}-555-\d{4}$/;

function drawNumbers(ctx: SetupContext): BenchDraw<NumbersPub> | Reject {
  const people = ctx.random.sample(holders(ctx), 13);
  const [unknown] = strangers(ctx);
  if (people.length < 13 || unknown === undefined) return reject("too few contacts");
  const since = daysAgo(ctx, ctx.random.int(18, 26));
  const dayAfter = (least: number) => daysAgo(ctx, ctx.random.int(least, least + 7));
  people.forEach(({ person, contact }, i) => {
    const sign = (number: string) =>
      [person.name, ...(i % 3 === 0 ? ["Treasurer"] : []), number, newAddress(ctx)].join("\n");
    const subject = `Re: ${ctx.random.pick(["the list", "Saturday", "keys", "projector"])}`;
    if (i === 0) return signedLetter(ctx, person, sign(newNumber(ctx)), { subject, day: since });
    if (i === 1) return signedLetter(ctx, person, sign(newNumber(ctx)), { subject, day: addDays(since, -1) });
    if (i === 2) return signedLetter(ctx, person, sign(textOf(contact, "number")), { subject, day: dayAfter(1) });
    // Some write twice with different numbers, some without a signature the second time.
    if (i < 6) signedLetter(ctx, person, sign(newNumber(ctx)), { subject, day: dayAfter(10) });
    const text = i % 2 === 0 ? `you can reach the caretaker at ${newNumber(ctx)}.` : ctx.random.pick(LINES);
    signedLetter(ctx, person, sign(newNumber(ctx)), { subject, day: dayAfter(2), text });
    if (i > 10) signedLetter(ctx, person, "", { subject, day: daysAgo(ctx, 1) });
  });
  signedLetter(ctx, unknown, [unknown.name, newNumber(ctx)].join("\n"), { subject: "Hello", day: daysAgo(ctx, 3) });
  // From rows: the newest letter with a number below it counts, whoever planted it.
  const newest = new Map<string, string>();
  for (const letter of mailOf(ctx)) {
    const [from, number] = [textOf(letter, "from"), signatureOf(letter).find((line) => NUMBER.test(line))];
    if (number === undefined || newest.has(from) || textOf(letter, "sent_at").slice(0, 10) < since) continue;
    newest.set(from, number);
  }
  const writes = contactsOf(ctx).flatMap((row): Write[] => {
    const number = newest.get(textOf(row, "email"));
    return number === undefined || number === row["number"]
      ? []
      : [{ app: "handset", api: "edit_contact", args: { contact_id: row.id, number } }];
  });
  const letters = mailOf(ctx).filter((row) => textOf(row, "sent_at").slice(0, 10) >= since).length;
  if (writes.length < 8 || letters > 60) return reject("too few numbers or too many letters");
  const day = sayDate(since);
  return {
    instruction: phrase(ctx, [
      `Several of my contacts seem to have new phone numbers. Look at the signatures (below the "--" line) of the letters that I have got since ${day} and correct the numbers in my contacts. If somebody signed with different numbers, the newest letter with a number below it counts.`,
      `Please compare my contacts with the signatures of the letters I received on or after ${day}. The phone number that stands under "--" in a person's latest letter that has one is right; change it in the contacts where it differs. Numbers in the text itself are something else.`,
      `Update phone numbers in my contacts from mail signatures, that is what comes after the "--" line. Use letters from ${day} until now, and for each sender the most recent one with a number in its signature. Do not add anybody.`,
    ]),
    pub: { since },
    said: { since: day },
    writes,
  };
}

function solveSignatureNumbers(apis: Apis, pub: NumbersPub) {
  const token = signIn(apis, "handset");
  const mail = signIn(apis, "quillpost");
  const contacts = allPages(apis.handset.list_contacts, { token });
  const seen: string[] = [];
  // The newest letter comes first.
  for (const { letter_id, from } of allPages(apis.quillpost.find_letters, { token: mail, since: pub.since })) {
    const contact = contacts.find((x) => x.email === from);
    if (contact === undefined || seen.includes(from)) continue;
    const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
    const [, below] = body.split("\n\n--\n");
    const number = (below ?? "").split("\n").find((line: string) => /^\d{3}-555-\d{4}$/.test(line));
    if (number === undefined) continue;
    seen.push(from);
    const { contact_id } = contact;
    if (contact.number !== number) apis.handset.edit_contact({ token, contact_id, number });
  }
}

const TOPICS = ["Street party", "Allotment fence", "Car pool", "Lost cat", "Playground roof", "Bike cellar"] as const;

function drawGroup(ctx: SetupContext): BenchDraw<GroupPub> | Reject {
  const topic = cycle(ctx, ctx.random.shuffle(TOPICS));
  const groups = ctx.rows("quillpost.address_group", ctx.user.email);
  const known = ctx.random.sample(holders(ctx), 8);
  const names = new Set(contactsOf(ctx).map((row) => textOf(row, "name")));
  const added = strangers(ctx).filter(({ name, email }) =>
    !names.has(name) && contactsOf(ctx).every((row) => row["email"] !== email)
  ).slice(0, 4);
  if (known.length < 8 || added.length < 4 || !isFreshSubject(ctx, topic)) return reject("too few people");
  if (groups.some((row) => row["name"] === topic)) return reject("the group exists");
  const writes: Write[] = [];
  const day = (i: number) => daysAgo(ctx, 2 + i * 2);
  known.forEach(({ person, contact }, i) => {
    const [oldNumber, oldAddress] = [textOf(contact, "number"), textOf(contact, "address")];
    const number = i % 3 === 0 ? newNumber(ctx) : oldNumber;
    const address = i % 3 === 1 || oldAddress === "" ? newAddress(ctx) : oldAddress;
    signedLetter(ctx, person, [person.name, number, address].join("\n"), { subject: topic, day: day(i) });
    const changes = { ...(number === oldNumber ? {} : { number }), ...(address === oldAddress ? {} : { address }) };
    if (Object.keys(changes).length > 0) {
      writes.push({ app: "handset", api: "edit_contact", args: { contact_id: contact.id, ...changes } });
    }
  });
  added.forEach((person, i) => {
    const [number, address] = [newNumber(ctx), newAddress(ctx)];
    signedLetter(ctx, person, [person.name, number, address].join("\n"), { subject: topic, day: day(i + 1) });
    const { name, email } = person;
    writes.push({ app: "handset", api: "add_contact", args: { name, email, number, address } });
  });
  const [stray] = holders(ctx).filter(({ person }) => known.every((one) => one.person !== person));
  const other = TOPICS.find((one) => one !== topic) ?? "Other";
  if (stray !== undefined) {
    const signature = [stray.person.name, newNumber(ctx), newAddress(ctx)].join("\n");
    signedLetter(ctx, stray.person, signature, { subject: other, day: daysAgo(ctx, 2) });
  }
  const members = [...known.map(({ person }) => person.email), ...added.map(({ email }) => email)];
  const [subject, body] = [`${topic}: all of us`, "This letter goes to everybody who wrote."];
  return {
    instruction: phrase(ctx, [
      `Everybody who mailed me about "${topic}" (that is the subject) signs with name, number and address. Add those whom I do not have as contacts, with e-mail, and correct number or address of the others where it differs. Then make a mail group "${topic}" of all of them and write to it: subject "${topic}: all of us", text "This letter goes to everybody who wrote."`,
      `From the signatures of the letters with the subject "${topic}": new people become contacts with name, e-mail, number and address, and known ones get their number and address corrected if need be. Put all senders into a new address group in quillpost called "${topic}" and mail them all "${topic}: all of us" with the text "This letter goes to everybody who wrote."`,
      `Please go through the letters titled "${topic}". Name, phone number and address stand below each: create the contacts that are missing (with mail address) and update the rest where something changed. All senders form a new group "${topic}" in my mail, which gets a letter: "${topic}: all of us", text "This letter goes to everybody who wrote."`,
    ]),
    pub: { topic },
    writes: [
      ...writes,
      { app: "quillpost", api: "add_group", args: { name: topic, members } },
      { app: "quillpost", api: "send_letter", args: { to: members, subject, body } },
    ],
  };
}

function solveSignatureGroup(apis: Apis, pub: GroupPub) {
  const token = signIn(apis, "handset");
  const mail = signIn(apis, "quillpost");
  const contacts = allPages(apis.handset.list_contacts, { token });
  const members = [];
  for (const { from: email, body } of lettersAbout(apis, mail, pub.topic, {})) {
    const [name, number, address] = body.split("\n\n--\n")[1].split("\n");
    members.push(email);
    const contact = contacts.find((x) => x.email === email);
    if (contact === undefined) {
      apis.handset.add_contact({ token, name, email, number, address });
      continue;
    }
    const { contact_id } = contact;
    const old = apis.handset.get_contact({ token, contact_id });
    if (old.number !== number) apis.handset.edit_contact({ token, contact_id, number });
    if (old.address !== address) apis.handset.edit_contact({ token, contact_id, address });
  }
  const { group_id } = apis.quillpost.add_group({ token: mail, name: pub.topic, members });
  const body = "This letter goes to everybody who wrote.";
  apis.quillpost.send_letter({ token: mail, group_id, subject: `${pub.topic}: all of us`, body });
}

const MOVES = ["We have moved", "New address", "A new front door", "Change of address"] as const;

function drawAddresses(ctx: SetupContext): BenchDraw<AddressPub> | Reject {
  const subject = cycle(ctx, ctx.random.shuffle(MOVES));
  const people = ctx.random.sample(holders(ctx), 9);
  if (people.length < 9 || !isFreshSubject(ctx, subject)) return reject("too few contacts");
  const writes: Write[] = [];
  const last: number[] = [];
  people.forEach(({ person, contact }, i) => {
    const sign = (address: string) => [person.name, person.number, address].join("\n");
    const address = i === 3 ? textOf(contact, "address") || newAddress(ctx) : newAddress(ctx);
    if (i % 4 === 1) signedLetter(ctx, person, sign(newAddress(ctx)), { subject, day: daysAgo(ctx, 14 + i) });
    last.push(signedLetter(ctx, person, sign(address), { subject, day: daysAgo(ctx, 1 + i) }));
    if (address !== contact["address"]) {
      writes.push({ app: "handset", api: "edit_contact", args: { contact_id: contact.id, address } });
    }
    const [street = "", town = ""] = address.split(", ");
    if (i % 2 === 0 && i !== 2) {
      const [oldStreet = "", oldTown = ""] = newAddress(ctx).split(", ");
      const receiver = person.name;
      const args = { label: person.name, street: oldStreet, town: oldTown, receiver };
      const address_id = idIn(
        ctx.as(ctx.user, `${daysAgo(ctx, 60)}T12:00:00`)("marlo", "add_address", args),
        "address_id",
      );
      writes.push({ app: "marlo", api: "edit_address", args: { address_id, street, town } });
    }
  });
  for (const letter_id of last) {
    writes.push({ app: "quillpost", api: "reply", args: { letter_id, body: "Thank you, I have noted it." } });
  }
  const stray = holders(ctx).find(({ person }) => people.every((one) => one.person !== person));
  if (stray !== undefined) {
    const signature = [stray.person.name, stray.person.number, newAddress(ctx)].join("\n");
    signedLetter(ctx, stray.person, signature, { subject: "Old photos", day: daysAgo(ctx, 2) });
  }
  return {
    instruction: phrase(ctx, [
      `Some people have written "${subject}" to me; the address is the last line of their signature. Correct it in my contacts where it differs, and street and town in marlo if I have a delivery address labelled with that person's full name. Reply "Thank you, I have noted it." to each person once, and if somebody wrote twice, take the later letter for everything.`,
      `Please work off the letters with the subject "${subject}". The last line of each signature is where the sender lives now: update the contact, unless that is what it says already, and the marlo address that carries the person's full name as its label, if there is one. Answer the latest letter of each with "Thank you, I have noted it."; earlier ones are out of date.`,
      `For every sender of a letter "${subject}": the newest such letter has the right address in the last line of its signature. Put it into my contacts (if changed) and into the delivery address in marlo labelled with their full name (where there is one), and reply to that letter "Thank you, I have noted it."`,
    ]),
    pub: { subject },
    writes,
  };
}

function solveSignatureAddresses(apis: Apis, pub: AddressPub) {
  const token = signIn(apis, "handset");
  const shop = signIn(apis, "marlo");
  const mail = signIn(apis, "quillpost");
  const letters = lettersAbout(apis, mail, pub.subject, {});
  const contacts = allPages(apis.handset.list_contacts, { token });
  const places = allPages(apis.marlo.list_addresses, { token: shop });
  // Later letters replace earlier ones.
  const latest = new Map(letters.map((x) => [x.from, x]));
  for (const [email, { letter_id, body }] of latest) {
    const address = body.split("\n").pop();
    const [street, town] = address.split(", ");
    const { contact_id, name } = contacts.find((x) => x.email === email);
    if (apis.handset.get_contact({ token, contact_id }).address !== address) {
      apis.handset.edit_contact({ token, contact_id, address });
    }
    const place = places.find((x) => x.label === name);
    if (place !== undefined) {
      apis.marlo.edit_address({ token: shop, address_id: place.address_id, street, town });
    }
    apis.quillpost.reply({ token: mail, letter_id, body: "Thank you, I have noted it." });
  }
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const signatureContacts: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "signature_contacts/numbers",
    difficulty: 2,
    apps: ["handset", "quillpost"],
    draw: drawNumbers,
    solve: solveSignatureNumbers,
  }),
  bench({
    ...COMMON,
    family: "signature_contacts/group",
    difficulty: 3,
    apps: ["handset", "quillpost"],
    draw: drawGroup,
    solve: solveSignatureGroup,
  }),
  bench({
    ...COMMON,
    family: "signature_contacts/addresses",
    difficulty: 3,
    apps: ["handset", "marlo", "quillpost"],
    draw: drawAddresses,
    solve: solveSignatureAddresses,
  }),
];
