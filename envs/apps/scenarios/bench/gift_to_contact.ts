/**
 * Gifts ordered to the addresses of contacts: to one who is new to the shop, to those with birthdays ahead, to somebody who has moved.
 *
 * Hurdles: namesakes, birthdays a day outside, wishes noted for people who do not count, an address that was given too early.
 *
 * @module
 */
import { oneOfEachKind, order, titleOf } from "./_cross_b.ts";
import { farHolders, firstName, hasTie, type Known, letterFrom, onDay, reached, smallTalk } from "./_cross_kit.ts";
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  contactsOf,
  idIn,
  phrase,
  type Reject,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  tiesWith,
  today,
} from "./_kit.ts";
import { addNamesake } from "../short/_setup.ts";
import { addressesOf, addressOf, goodCardEnding, linesOn } from "./_shop_kit.ts";
import { allPages, contactNamed, signIn } from "./_toolbox.ts";

type AddressPub = {
  readonly name: string;
  readonly product: string;
  readonly label: string;
  readonly note: string;
  readonly ending: string;
};
type BirthdayPub = {
  readonly tie: string;
  readonly list: string;
  readonly from: string;
  readonly until: string;
  readonly greeting: string;
  readonly ending: string;
};
type MovedPub = AddressPub & { readonly reply: string };

const GIFT_NOTES = [
  "For the new start",
  "Just because",
  "With thanks for everything",
  "Get well soon",
  "For a job well done",
  "From all of us",
] as const;
const LABELS = ["gift one", "presents", "far friends", "surprise", "round the corner", "sunday visit"] as const;

/** A label that no address of the user has. */
function newLabel(ctx: SetupContext): string | undefined {
  const taken = new Set(addressesOf(ctx).map((row) => row["label"]));
  return ctx.random.shuffle(LABELS).find((label) => !taken.has(label));
}

const hasAddress = ({ contact }: Known) => /^[^,]+, [^,]+$/.test(textOf(contact, "address"));

/** Whether the shop has no address of this receiver. */
function isNewReceiver(ctx: SetupContext, name: string): boolean {
  return addressesOf(ctx).every((row) => row["receiver"] !== name);
}

function drawAddress(ctx: SetupContext): BenchDraw<AddressPub> | Reject {
  const receiver = farHolders(ctx).find((known) => hasAddress(known) && isNewReceiver(ctx, known.person.name));
  const label = newLabel(ctx);
  const [product] = oneOfEachKind(ctx, 1);
  if (receiver === undefined || label === undefined || product === undefined) return reject("nobody to give to");
  const { name } = receiver.person;
  addNamesake(ctx, name);
  const note = ctx.random.pick(GIFT_NOTES);
  const { id: cardId, ending } = goodCardEnding(ctx);
  const title = titleOf(product);
  return {
    instruction: phrase(ctx, [
      `Send ${name} one "${title}" from marlo as a gift with the note "${note}". Keep the address from my phone's contacts in marlo as "${label}", with ${name} as the receiver, and pay with the card ending in ${ending}.`,
      `I would like to surprise ${name} with a "${title}". Order one on marlo (card ${ending}, gift note "${note}") to the address that I have in my contacts; save it there under the label "${label}" and with the receiver ${name}.`,
      `Please have one "${title}" delivered to ${name} by marlo. My contacts know the address, marlo does not: add it as "${label}", receiver ${name}. The gift note is "${note}", the money comes from the card ending in ${ending}.`,
    ]),
    pub: { name, product: title, label, note, ending },
    writes(client) {
      const { street, town } = addressOf(receiver.contact);
      const address = { label, street, town, receiver: name };
      const addressId = idIn(client("marlo", "add_address", address), "address_id");
      order(client, { items: [{ product }], cardId, addressId, giftNote: note });
    },
  };
}

function solveAddress(apis: Apis, pub: AddressPub): void {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const { contact_id } = contactNamed(apis, phone, pub.name);
  const [street, town] = apis.handset.get_contact({ token: phone, contact_id }).address.split(", ");
  const { address_id } = apis.marlo.add_address({ token, label: pub.label, street, town, receiver: pub.name });
  const kind = pub.product.split(" ").at(-1);
  const { product_id } = allPages(apis.marlo.find_products, { token, kind }).find((x) => x.title === pub.product);
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const { line_id } = apis.marlo.add_to_basket({ token, product_id, qty: 1 });
  apis.marlo.place_order({ token, line_ids: [line_id], card_id, address_id, gift_note: pub.note });
}

/** A present that stands on the wish list. */
interface Present {
  readonly known: Known;
  readonly product: Row;
  readonly wishId: number;
  readonly wanted: boolean;
  /** Address that the shop has already. */
  readonly addressId: number | undefined;
}

const PRESENT_LISTS = ["for others", "birthday ideas", "gifts 2027", "surprises", "people to please"] as const;
const GREETINGS = ["Happy birthday", "Many happy returns", "All the best on your day"] as const;

/** Whether a day of any year lies in a period within this year. */
function isInYear(birthday: string, from: string, until: string): boolean {
  const day = birthday.slice(5);
  return day >= from.slice(5) && day <= until.slice(5);
}

function drawBirthday(ctx: SetupContext): BenchDraw<BirthdayPub> | Reject {
  const [tie] = tiesWith(ctx, 6, 20);
  if (tie === undefined) return reject("no tie");
  const people = farHolders(ctx).filter((known) => isNewReceiver(ctx, known.person.name));
  const inside = people.filter((known) => hasTie(known, tie));
  const [stranger] = people.filter((known) => !hasTie(known, tie));
  const list = PRESENT_LISTS.find((one) => linesOn(ctx, (on) => on === one).length === 0);
  const products = oneOfEachKind(ctx, 7);
  if (inside.length < 5 || stranger === undefined || list === undefined || products.length < 7) {
    return reject("too few people or products");
  }
  const from = addDays(today(ctx), ctx.random.int(1, 4));
  const until = addDays(from, ctx.random.int(14, 21));
  const days = [addDays(from, -1), addDays(from, 6), addDays(until, 1), from, until, addDays(from, 3)];
  const chosen = [...inside.slice(0, 5), stranger];
  const past = ctx.as(ctx.user, onDay(ctx, 20, 20));
  past("marlo", "add_wish_item", { product_id: products[6]?.id ?? 0, list, note: "somebody some day" });
  const presents = chosen.map((known, i): Present | undefined => {
    const product = products[i];
    const day = days[i];
    if (product === undefined || day === undefined) return undefined;
    const { contact, person } = known;
    const birthday = `${textOf(contact, "birthday").slice(0, 4) || "1990"}${day.slice(4)}`;
    const address = hasAddress(known) ? {} : { address: `Ferry Street ${ctx.random.int(2, 80)}, Harrowby` };
    past("handset", "edit_contact", { contact_id: contact.id, birthday, ...address });
    const row = ctx.row("handset.contact", contact.id) ?? contact;
    const note = person.name;
    const wishId = idIn(past("marlo", "add_wish_item", { product_id: product.id, list, note }), "wish_id");
    const kept = i !== 1 ? undefined : idIn(
      past("marlo", "add_address", { label: firstName(person), receiver: person.name, ...addressOf(row) }),
      "address_id",
    );
    const wanted = hasTie(known, tie) && isInYear(birthday, from, until);
    return { known: { person, contact: row }, product, wishId, wanted, addressId: kept };
  }).filter((present): present is Present => present !== undefined);
  const wanted = presents.filter((present) => present.wanted);
  const labels = new Set(addressesOf(ctx).map((row) => row["label"]));
  if (
    wanted.length < 3 || wanted.some(({ known, addressId }) => addressId === undefined && labels.has(known.person.name))
  ) return reject("too few presents, or labels that are taken");
  const greeting = ctx.random.pick(GREETINGS);
  const { id: cardId, ending } = goodCardEnding(ctx);
  const [first, last] = [sayDate(from), sayDate(until)];
  const people_ = `${tie}s`;
  if (/club|choir|group/.test(tie)) return reject("no word for one of them");
  return {
    instruction: phrase(ctx, [
      `My wish list "${list}" in marlo notes with each thing the full name of whom it is for. Order the things for those ${people_} of mine whose birthday is from ${first} to ${last}, each by itself to the address in my contacts, gift note "${greeting}", card ending in ${ending}. If marlo has no address with that receiver, add it, labelled with the full name.`,
      `Which of my ${people_} have birthday from ${first} to ${last}? Each of them gets what is noted for them (full name) on the marlo wish list "${list}": one order a person from that list, gift note "${greeting}", card ${ending}, to where they live by my contacts. Add addresses that marlo lacks, with the full name as label and receiver.`,
      `Please buy the birthday presents for ${people_} from ${first} to ${last}. They are on my wish list "${list}", the name is in the note; order each on its own off the list with the note "${greeting}" and card ${ending}. The address is the one with that receiver in marlo, or else that of my contacts, added with the full name as label and receiver.`,
    ]),
    pub: { tie, list, from, until, greeting, ending },
    said: { tie: people_, from: first, until: last },
    writes(client) {
      for (const { known: { person, contact }, wishId, addressId: kept } of wanted) {
        const { name } = person;
        const addressId = kept ??
          idIn(client("marlo", "add_address", { label: name, receiver: name, ...addressOf(contact) }), "address_id");
        client("marlo", "move_to_basket", { line_id: wishId });
        client("marlo", "place_order", {
          line_ids: [wishId],
          card_id: cardId,
          address_id: addressId,
          gift_note: greeting,
        });
      }
    },
  };
}

function solveBirthday(apis: Apis, pub: BirthdayPub): void {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const wishes = allPages(apis.marlo.list_wish_items, { token, list: pub.list });
  const addresses = allPages(apis.marlo.list_addresses, { token });
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const people = allPages(apis.handset.list_contacts, { token: phone }).filter((x) =>
    x.ties.includes(pub.tie) && x.birthday !== null && x.birthday.slice(5) >= pub.from.slice(5) &&
    x.birthday.slice(5) <= pub.until.slice(5)
  );
  for (const { contact_id, name } of people) {
    const wish = wishes.find((x) => x.note === name);
    if (wish === undefined) continue;
    let address_id = addresses.find((x) => x.receiver === name)?.address_id;
    if (address_id === undefined) {
      const [street, town] = apis.handset.get_contact({ token: phone, contact_id }).address.split(", ");
      address_id = apis.marlo.add_address({ token, label: name, receiver: name, street, town }).address_id;
    }
    const { line_id } = apis.marlo.move_to_basket({ token, line_id: wish.wish_id });
    apis.marlo.place_order({ token, line_ids: [line_id], card_id, address_id, gift_note: pub.greeting });
  }
}

const STREETS = ["Heron Lane", "Tanner Street", "Mill Bank", "Orchard Steps", "Cobble Yard", "Willow Close"] as const;

function drawMoved(ctx: SetupContext): BenchDraw<MovedPub> | Reject {
  const [mover, other] = farHolders(ctx).filter((known) => hasAddress(known) && isNewReceiver(ctx, known.person.name));
  const [product] = oneOfEachKind(ctx, 1);
  if (mover === undefined || other === undefined || product === undefined) return reject("nobody moves");
  const { person, contact } = mover;
  const { name } = person;
  const label = firstName(person);
  if (addressesOf(ctx).some((row) => row["label"] === label)) return reject("the label is taken");
  const sharing = contactsOf(ctx).filter((row) => row["name"] === name);
  if (sharing.length !== 1) return reject("two of that name");
  const past = ctx.as(ctx.user, onDay(ctx, 60, 20));
  const addressId = idIn(
    past("marlo", "add_address", { label, receiver: name, ...addressOf(contact) }),
    "address_id",
  );
  const streets = ctx.random.sample(STREETS, 3).map((street) => `${street} ${ctx.random.int(2, 90)}`);
  const body = (lines: readonly string[], from: string) =>
    [`Dear ${firstName(ctx.user)},`, ...lines, "Come and visit us!", from].join("\n");
  letterFrom(
    ctx,
    person,
    onDay(ctx, 34, 10),
    "We are moving",
    body(["in spring we leave the old flat.", `New address: ${streets[0]}, Harrowby`], firstName(person)),
  );
  const letterId = letterFrom(
    ctx,
    person,
    onDay(ctx, 15, 10),
    ctx.random.pick(["Moving after all", "Moved at last", "Change of plan"]),
    body(["it became another flat in the end.", `New address: ${streets[1]}, Harrowby`], firstName(person)),
  );
  letterFrom(
    ctx,
    other.person,
    onDay(ctx, 11, 10),
    "Moved",
    body([`New address: ${streets[2]}, Harrowby`], firstName(other.person)),
  );
  smallTalk(ctx, person);
  if (!reached(ctx, letterId)) return reject("a rule binned the letter");
  const note = ctx.random.pick(GIFT_NOTES);
  const reply = ctx.random.pick([
    "Noted, and something is on its way to you.",
    "Congratulations! Mind the parcel.",
    "How lovely, I will visit soon.",
  ]);
  const { id: cardId, ending } = goodCardEnding(ctx);
  const title = titleOf(product);
  return {
    instruction: phrase(ctx, [
      `${name} has moved and told me the new address by letter; the latest letter that gives one counts. Correct it in my contacts and in marlo's address "${label}", send one "${title}" there with the gift note "${note}" (card ending in ${ending}), and answer that letter with "${reply}"`,
      `There is a new address of ${name} in a letter to me, or in several, then the newest is right. Put it into the contact and into the address "${label}" of marlo, order a single "${title}" to it, gift note "${note}", card ${ending}. Then reply to that letter: "${reply}"`,
      `Please look up where ${name} lives by now; the last letter with an address says it. Change my contact and the marlo address "${label}", have one "${title}" sent there as a gift (note "${note}", paid by the card ending in ${ending}) and write back "${reply}" as an answer.`,
    ]),
    pub: { name, product: title, label, note, ending, reply },
    writes(client) {
      const street = streets[1] ?? "";
      client("handset", "edit_contact", { contact_id: contact.id, address: `${street}, Harrowby` });
      client("marlo", "edit_address", { address_id: addressId, street, town: "Harrowby" });
      order(client, { items: [{ product }], cardId, addressId, giftNote: note });
      client("quillpost", "reply", { letter_id: letterId, body: reply });
    },
  };
}

function solveMoved(apis: Apis, pub: MovedPub): void {
  const phone = signIn(apis, "handset");
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "marlo");
  const { contact_id, email } = contactNamed(apis, phone, pub.name);
  for (const { letter_id } of allPages(apis.quillpost.find_letters, { token: mail, from: email })) {
    const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
    const [, street, town] = body.match(/^New address: (.+), (.+)$/m) ?? [];
    if (street === undefined) continue;
    apis.handset.edit_contact({ token: phone, contact_id, address: `${street}, ${town}` });
    const { address_id } = allPages(apis.marlo.list_addresses, { token }).find((x) => x.label === pub.label);
    apis.marlo.edit_address({ token, address_id, street, town });
    const kind = pub.product.split(" ").at(-1);
    const { product_id } = allPages(apis.marlo.find_products, { token, kind }).find((x) => x.title === pub.product);
    const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
    const { line_id } = apis.marlo.add_to_basket({ token, product_id, qty: 1 });
    apis.marlo.place_order({ token, line_ids: [line_id], card_id, address_id, gift_note: pub.note });
    apis.quillpost.reply({ token: mail, letter_id, body: pub.reply });
    return;
  }
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const giftToContact: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "gift_to_contact/address",
    difficulty: 2,
    apps: ["handset", "marlo"],
    draw: drawAddress,
    solve: solveAddress,
  }),
  bench({
    ...COMMON,
    family: "gift_to_contact/birthday",
    difficulty: 3,
    apps: ["handset", "marlo"],
    draw: drawBirthday,
    solve: solveBirthday,
  }),
  bench({
    ...COMMON,
    family: "gift_to_contact/moved",
    difficulty: 3,
    apps: ["handset", "marlo", "quillpost"],
    draw: drawMoved,
    solve: solveMoved,
  }),
];
