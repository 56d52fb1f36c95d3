/**
 * Gifts sent to contacts' addresses: things noted for them on a wish list, one kind of thing for birthdays, something for people who
 * wrote that they have moved.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type Client,
  daysAgo,
  idIn,
  listOf,
  numberOf,
  phrase,
  reject,
  type Row,
  sayDate,
  sayTies,
  type Scenario,
  type SetupContext,
  textOf,
  today,
} from "./_kit.ts";
import { isFreshSubject, receiveLetter } from "./_cross_a.ts";
import { farHolders } from "./_cross_kit.ts";
import { fill, order, paying, timeOn } from "./_orders.ts";
import { addressesOf, addressOf, freshProducts, KINDS, productsOf } from "./_shop_kit.ts";
import { allPages, contactNamed, dayPlus, productNamed, signIn, todayOf } from "./_toolbox.ts";

const hasAddress = (contact: Row) => /^[^,]+, [^,]+$/.test(textOf(contact, "address"));
const GREETINGS = ["With love!", "Thinking of you.", "Enjoy it!", "For you, from me."] as const;

/** Keeps an address of somebody else, called like the person. @returns its id. */
function keepAddress(
  client: Client,
  name: string,
  address: { readonly street: string; readonly town: string },
): number {
  return idIn(client("marlo", "add_address", { label: name, receiver: name, ...address }), "address_id");
}

function drawWish(ctx: SetupContext) {
  const pay = paying(ctx);
  const labels = new Set(addressesOf(ctx).map((row) => textOf(row, "label")));
  const people = farHolders(ctx).filter(({ contact, person }) => hasAddress(contact) && !labels.has(person.name)).slice(
    0,
    4,
  );
  const [a, b, c, d] = people;
  if (pay === undefined || a === undefined || b === undefined || c === undefined || d === undefined) {
    return reject("too few people with addresses");
  }
  const list = ctx.random.pick(["gift shelf", "for others", "giving", "parcels out"]);
  if (ctx.rows("marlo.list_line", ctx.user.email).some((row) => row["list"] === list)) return reject("the list exists");
  const products = freshProducts(ctx, (row) => numberOf(row, "price") < 9000);
  const me = ctx.as(ctx.user, timeOn(ctx, daysAgo(ctx, 9)));
  const notes = [d, undefined, a, undefined, d, b, undefined, undefined, c].map((one) =>
    one === undefined ? "maybe" : `for ${one.person.name}`
  );
  const wishes = notes.map((note, i) => {
    const product = products[i];
    const id = idIn(me("marlo", "add_wish_item", { product_id: product?.id ?? 0, note, list }), "wish_id");
    return { id, note };
  });
  const greeting = ctx.random.pick(GREETINGS);
  const chosen = [a, b, c];
  const writes = (client: Client) => {
    for (const { person, contact } of chosen) {
      const wish = wishes.find(({ note }) => note === `for ${person.name}`);
      const line_id = idIn(client("marlo", "move_to_basket", { line_id: wish?.id ?? 0 }), "line_id");
      const addressId = keepAddress(client, person.name, addressOf(contact));
      order(client, [line_id], { cardId: pay.cardId, addressId }, greeting);
    }
  };
  const names = chosen.map(({ person }) => person.name);
  const said = `${names.slice(0, 2).join(", ")} and ${names[2]}`;
  return {
    instruction: phrase(ctx, [
      `On my marlo wish list "${list}" it is noted whom things are for. Order those for ${said}, one order per person, sent to the postal address in my contacts with the gift note "${greeting}" and paid with the card ending in ${pay.ending}. Keep each address on marlo under the person's full name, also as receiver.`,
      `Please send ${said} what the wish list "${list}" on marlo has for them (see the notes there), each in an order of its own to their home as in my phone. Save the addresses with their full name as label and receiver, add the gift note "${greeting}", and use the card ending in ${pay.ending}.`,
      `Time for presents: for each of ${said}, buy the item that is meant for them on my wish list "${list}" at marlo, delivered to their address from my contacts (label and receiver: their full name), with "${greeting}" as gift note. Separate orders, card ending in ${pay.ending}.`,
    ]),
    pub: { list, people: names, greeting, ending: pay.ending },
    writes,
  };
}

function solveWish(apis: Apis, pub: { list: string; people: string[]; greeting: string; ending: string }) {
  const phoneToken = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const wishes = allPages(apis.marlo.list_wish_items, { token, list: pub.list });
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  for (const name of pub.people) {
    const { contact_id } = contactNamed(apis, phoneToken, name);
    const [street, town] = apis.handset.get_contact({ token: phoneToken, contact_id }).address.split(", ");
    const { address_id } = apis.marlo.add_address({ token, label: name, receiver: name, street, town });
    const wish = wishes.find((x) => x.note === `for ${name}`);
    const { line_id } = apis.marlo.move_to_basket({ token, line_id: wish.wish_id });
    apis.marlo.place_order({ token, line_ids: [line_id], card_id, address_id, gift_note: pub.greeting });
  }
}

/** The cheapest product of a kind that has stars and stock enough, where that is clear and not on the first page. */
function cheapestOf(ctx: SetupContext, kind: string, stars: number): Row | undefined {
  const rows = productsOf(ctx, kind);
  const fitting = rows.filter((row) => numberOf(row, "stars") >= stars && numberOf(row, "stock") >= 8)
    .sort((a, b) => numberOf(a, "price") - numberOf(b, "price"));
  const [best, next] = fitting;
  const low = rows.filter((row) => numberOf(row, "stock") < 8 && numberOf(row, "stars") >= stars);
  if (best === undefined || next === undefined || best["price"] === next["price"]) return undefined;
  // Those that are nearly sold out would only blur what "in stock" means.
  for (const row of low) {
    if (numberOf(row, "price") <= numberOf(best, "price")) ctx.patch("marlo.product", row.id, { stock: 0 });
  }
  const cheaper = rows.some((row) =>
    numberOf(row, "price") < numberOf(best, "price") && numberOf(row, "stars") < stars
  );
  const isLate = rows.findIndex(({ id }) => id === best.id) >= 5;
  const taken = ctx.rows("marlo.list_line", ctx.user.email).some((row) => row["product_id"] === best.id);
  return cheaper && isLate && !taken ? best : undefined;
}

const GIFT_KINDS = ["mug", "bowl", "candle", "notebook", "flask", "scarf", "torch", "umbrella", "coffee", "tea"];

function nextBirthday(birthday: string, day: string): string {
  const own = `${day.slice(0, 4)}${birthday.slice(4)}`;
  return own >= day ? own : `${Number(day.slice(0, 4)) + 1}${birthday.slice(4)}`;
}

function drawBirthday(ctx: SetupContext) {
  const pay = paying(ctx);
  const kind = ctx.random.pick(GIFT_KINDS.filter((one) => KINDS.includes(one)));
  const stars = ctx.random.pick([3.5, 4, 4.2]);
  const best = cheapestOf(ctx, kind, stars);
  if (pay === undefined || best === undefined) return reject("no card or no clear product");
  const days = ctx.random.int(10, 20);
  const labels = new Set(addressesOf(ctx).map((row) => textOf(row, "label")));
  const known = farHolders(ctx);
  const ties = ctx.random.shuffle([...new Set(known.flatMap(({ contact }) => listOf(contact, "ties")))].sort());
  const tie = ties.find((one) => {
    const group = ctx.rows("handset.contact", ctx.user.email).filter((row) => listOf(row, "ties").includes(one));
    return group.length >= 5 && group.filter(hasAddress).length >= 3 && group.length <= 12 &&
      group.every((row) => !labels.has(textOf(row, "name"))) &&
      new Set(group.map((row) => row["name"])).size === group.length;
  });
  if (tie === undefined) return reject("no group of people");
  const group = ctx.rows("handset.contact", ctx.user.email).filter((row) => listOf(row, "ties").includes(tie));
  const lucky = ctx.random.sample(group.filter(hasAddress), 3);
  const now = today(ctx);
  const shifts = [0, days, ctx.random.int(2, days - 2)];
  lucky.forEach((row, i) => {
    const day = addDays(now, shifts[i] ?? 1);
    if (day.endsWith("02-29")) return;
    ctx.as()("handset", "edit_contact", { contact_id: row.id, birthday: `19${ctx.random.int(70, 99)}${day.slice(4)}` });
  });
  const near = group.find((row) => !lucky.includes(row));
  if (near !== undefined) {
    const day = addDays(now, ctx.random.pick([-1, days + 1]));
    ctx.as()("handset", "edit_contact", { contact_id: near.id, birthday: `1985${day.slice(4)}` });
  }
  const outside = known.find(({ contact }) => !listOf(contact, "ties").includes(tie));
  if (outside !== undefined) {
    ctx.as()("handset", "edit_contact", {
      contact_id: outside.contact.id,
      birthday: `1990${addDays(now, 1).slice(4)}`,
    });
  }
  const last = addDays(now, days);
  const wanted = ctx.rows("handset.contact", ctx.user.email).filter((row) =>
    listOf(row, "ties").includes(tie) && textOf(row, "birthday") !== "" &&
    nextBirthday(textOf(row, "birthday"), now) <= last && hasAddress(row)
  );
  if (wanted.length < 3 || wanted.length > 6) return reject("too few or too many birthdays");
  const [kept] = wanted;
  if (kept !== undefined) {
    const { street, town } = addressOf(kept);
    const name = textOf(kept, "name");
    ctx.as(ctx.user, timeOn(ctx, daysAgo(ctx, 60)))("marlo", "add_address", {
      label: name,
      receiver: name,
      street,
      town,
    });
  }
  const keptId = addressesOf(ctx).find((row) => row["label"] === kept?.["name"])?.id;
  const writes = (client: Client) => {
    for (const row of wanted) {
      const name = textOf(row, "name");
      const addressId = row === kept && keptId !== undefined ? keptId : keepAddress(client, name, addressOf(row));
      const lines = fill(client, [{ product: best, qty: 1 }]);
      order(client, lines, { cardId: pay.cardId, addressId }, `Happy birthday, ${name.split(" ")[0]}!`);
    }
  };
  return {
    instruction: phrase(ctx, [
      `For birthdays: ${
        sayTies(tie)
      } who have one within the next ${days} days, today included, and a postal address in my contacts each get the cheapest ${kind} on marlo that has at least ${stars} stars and is in stock. One order per person, card ending in ${pay.ending}, gift note like "Happy birthday, Ada!" with their first name. Their address may be kept on marlo under their full name; otherwise add it with that name as label and receiver.`,
      `Please order birthday presents on marlo for ${
        sayTies(tie)
      } whose birthday is today or in the next ${days} days, as far as my phone has an address: one each of the cheapest ${kind} in stock with ${stars} stars or more, separately, to their home, with "Happy birthday, Ada!" (their first name) as gift note and the card ending in ${pay.ending}. Use the address saved under their full name, or save it so (label and receiver).`,
      `Look up which of ${
        sayTies(tie)
      } have their birthday from today until ${days} days from now. To those with an address in my phone, send from marlo, in separate orders, the cheapest ${kind} in stock that has ${stars} stars or more, with the gift note "Happy birthday, Ada!" (first name of each) and the card ending in ${pay.ending}. If the address is not on marlo under the full name, save it that way, receiver the same.`,
    ]),
    pub: { tie, days, kind, stars, ending: pay.ending },
    said: { tie: sayTies(tie) },
    writes,
  };
}

function solveBirthday(apis: Apis, pub: { tie: string; days: number; kind: string; stars: number; ending: string }) {
  const phoneToken = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const today = todayOf(apis);
  const last = dayPlus(today, pub.days);
  const filters = { token, kind: pub.kind, min_stars: pub.stars, in_stock: true };
  const [best] = allPages(apis.marlo.find_products, filters).sort((a, b) => a.price - b.price);
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const addresses = allPages(apis.marlo.list_addresses, { token });
  for (const contact of allPages(apis.handset.list_contacts, { token: phoneToken })) {
    if (!contact.ties.includes(pub.tie) || contact.birthday === null) continue;
    const { contact_id, name } = contact;
    let day = today.slice(0, 4) + contact.birthday.slice(4);
    if (day < today) day = String(Number(today.slice(0, 4)) + 1) + contact.birthday.slice(4);
    if (day > last) continue;
    const { address } = apis.handset.get_contact({ token: phoneToken, contact_id });
    if (address === null) continue;
    const [street, town] = address.split(", ");
    const known = addresses.find((x) => x.label === name);
    const address_id = known?.address_id ??
      apis.marlo.add_address({ token, label: name, receiver: name, street, town }).address_id;
    const { line_id } = apis.marlo.add_to_basket({ token, product_id: best.product_id, qty: 1 });
    const gift_note = `Happy birthday, ${name.split(" ")[0]}!`;
    apis.marlo.place_order({ token, line_ids: [line_id], card_id, address_id, gift_note });
  }
}

const STREETS = ["Heron Lane", "Tanner Street", "Mill Bank", "Orchard Steps", "Cobble Yard", "Willow Close"] as const;
const SUBJECTS = ["We have moved", "New address", "Change of address", "New front door"] as const;

function drawMoved(ctx: SetupContext) {
  const pay = paying(ctx);
  const subject = ctx.random.pick(SUBJECTS);
  const labels = new Set(addressesOf(ctx).map((row) => textOf(row, "label")));
  const people = farHolders(ctx).filter(({ person }) => !labels.has(person.name)).slice(0, 7);
  if (pay === undefined || people.length < 7 || !isFreshSubject(ctx, subject)) return reject("too few people");
  const since = daysAgo(ctx, ctx.random.int(15, 25));
  const [product] = freshProducts(ctx, (row) => numberOf(row, "price") < 6000 && numberOf(row, "stock") >= 9);
  if (product === undefined) return reject("no product");
  const address = () => ({ street: `${ctx.random.pick(STREETS)} ${ctx.random.int(1, 80)}`, town: "Harrowby" });
  const places = people.map(() => address());
  people.forEach(({ person }, i) => {
    const place = places[i] ?? address();
    const days = i === 5 ? -1 : 2 * i;
    const hour = i === 5 ? 22 : i === 0 ? 7 : 13;
    // The second letter of somebody is the one that counts.
    if (i === 3) {
      const wrong = address();
      const body = `Dear all,\nwe live here now:\n${wrong.street}, ${wrong.town}\nCome and see us!`;
      receiveLetter(ctx, person, { subject, body, at: timeOn(ctx, since, 1, 9) });
    }
    const body = `Dear all,\nwe live here now:\n${place.street}, ${place.town}\nCome and see us!`;
    receiveLetter(ctx, person, {
      subject: i === 6 ? "About the weather" : subject,
      body,
      at: timeOn(ctx, since, days, hour),
    });
  });
  const moved = people.map((one, i) => ({ ...one, place: places[i] ?? address() })).filter((_, i) => i < 5);
  const note = ctx.random.pick(["Good luck in the new place!", "Happy new home!", "For the new kitchen."]);
  const title = textOf(product, "title");
  const writes = (client: Client) => {
    for (const { person, contact, place } of moved) {
      client("handset", "edit_contact", { contact_id: contact.id, address: `${place.street}, ${place.town}` });
      const addressId = keepAddress(client, person.name, place);
      order(client, fill(client, [{ product, qty: 1 }]), { cardId: pay.cardId, addressId }, note);
    }
  };
  return {
    instruction: phrase(ctx, [
      `Some of my contacts have written me since ${
        sayDate(since)
      } that they moved, in letters called "${subject}"; the new address stands alone on the third line. Put it into their contact (the later letter counts if there are two), and send each of them one "${title}" from marlo, in an order of its own, with the gift note "${note}", paid by the card ending in ${pay.ending}. On marlo the address gets their full name as label and receiver.`,
      `Please go through my letters with the subject "${subject}" from ${
        sayDate(since)
      } on: enter each sender's new address (third line, newest letter) in my contacts and add it on marlo under the sender's full name, label and receiver alike. Then order one "${title}" for each there, separately, gift note "${note}", card ending in ${pay.ending}.`,
      `People wrote me "${subject}" (that is the letters' subject) with their new address on the third line. For everyone who did so on ${
        sayDate(since)
      } or later, take the newest letter, correct the address in my phone, save it on marlo with the full name as label and receiver, and order one "${title}" to it, one order each, gift note "${note}", card ending in ${pay.ending}.`,
    ]),
    pub: { subject, since, title, note, ending: pay.ending },
    said: { since: sayDate(since) },
    writes,
  };
}

function solveMoved(apis: Apis, pub: { subject: string; since: string; title: string; note: string; ending: string }) {
  const phoneToken = signIn(apis, "handset");
  const mailToken = signIn(apis, "quillpost");
  const token = signIn(apis, "marlo");
  const contacts = allPages(apis.handset.list_contacts, { token: phoneToken });
  const newest = new Map<string, string>();
  for (const letter of allPages(apis.quillpost.find_letters, { token: mailToken, since: pub.since })) {
    if (letter.subject !== pub.subject || newest.has(letter.from)) continue;
    const { body } = apis.quillpost.get_letter({ token: mailToken, letter_id: letter.letter_id });
    newest.set(letter.from, body.split("\n")[2]);
  }
  const { product_id } = productNamed(apis, token, pub.title);
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  for (const [email, address] of newest) {
    const { contact_id, name } = contacts.find((x) => x.email === email);
    apis.handset.edit_contact({ token: phoneToken, contact_id, address });
    const [street, town] = address.split(", ");
    const { address_id } = apis.marlo.add_address({ token, label: name, receiver: name, street, town });
    const { line_id } = apis.marlo.add_to_basket({ token, product_id, qty: 1 });
    apis.marlo.place_order({ token, line_ids: [line_id], card_id, address_id, gift_note: pub.note });
  }
}

/** Scenarios of this generator. */
export const giftAddress: readonly Scenario[] = [
  bench({
    family: "gift_address/wish",
    split: "test_challenge",
    difficulty: 2,
    apps: ["handset", "marlo"],
    axis: {},
    draw: drawWish,
    solve: solveWish,
  }),
  bench({
    family: "gift_address/birthday",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "marlo"],
    axis: {},
    draw: drawBirthday,
    solve: solveBirthday,
  }),
  bench({
    family: "gift_address/moved",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "quillpost", "marlo"],
    axis: {},
    draw: drawMoved,
    solve: solveMoved,
  }),
];
