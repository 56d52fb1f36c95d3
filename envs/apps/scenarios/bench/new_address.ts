/**
 * Open purchases are sent elsewhere: to a new flat, to where a contact lives, or to a summer house for some weeks.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type Client,
  idIn,
  phrase,
  reject,
  type Row,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import {
  addressesOf,
  addressOf,
  dayBefore,
  freshProducts,
  hasNote,
  homeId,
  labelledAddress,
  namedContact,
  plantNote,
  plantPurchase,
  purchasesInOrder,
} from "./_shop_kit.ts";
import { allPages, contactNamed, noteBody, purchaseLines, signIn } from "./_toolbox.ts";

const STREETS = [
  "Larch Hill",
  "Tanner Street",
  "Canal Side",
  "Old Brewery Yard",
  "Poplar Walk",
  "Station Row",
] as const;

const oneLine = (row: Row) => `${textOf(row, "street")}, ${textOf(row, "town")}`;

/** Purchases in all stages: most to the home, one to another address, the open ones reaching back beyond the first page. */
function plantOpen(ctx: SetupContext): void {
  const other = labelledAddress(ctx, "work");
  freshProducts(ctx).slice(0, 9).forEach((product, i) => {
    const progress = i === 2 || i === 6 ? "shipped" : "preparing";
    const address = i === 4 ? other.id : homeId(ctx);
    plantPurchase(ctx, dayBefore(ctx, 9 - i), [{ product, progress }], address);
  });
}

/** Purchases that nothing was shipped of and that go to the home. */
function openToHome(ctx: SetupContext): Row[] {
  const home = addressesOf(ctx)[0];
  return home === undefined
    ? []
    : purchasesInOrder(ctx).filter((row) => row["state"] === "placed" && row["address"] === oneLine(home));
}

function redirecting(client: Client, purchases: readonly Row[], address_id: number): void {
  for (const { id } of purchases) client("marlo", "change_delivery_address", { purchase_id: id, address_id });
}

function drawMoved(ctx: SetupContext) {
  plantOpen(ctx);
  const home = addressesOf(ctx)[0];
  const purchases = openToHome(ctx);
  if (home === undefined || purchases.length < 6) return reject("too few open purchases");
  const street = `${ctx.random.pick(STREETS)} ${ctx.random.int(2, 90)}`;
  const town = ctx.random.pick(["Pellham", "Orrow", "Castleby", "Stennick"]);
  const label = ctx.random.pick(["new flat", "new home", "our house", "second floor"]);
  return {
    instruction: phrase(ctx, [
      `I am moving to ${street} in ${town}. Save that in marlo as "${label}", make it my default address, and send there all purchases not shipped yet that were to go to my home address. Keep the old address.`,
      `Please add the address ${street}, ${town} to marlo under the label "${label}" and make it the default. Every purchase for "home" of which nothing is on its way should be redirected to it; leave the rest.`,
      `My new address is ${street}, ${town}: put it into marlo as "${label}", as my default one from now on, and change the delivery of those orders that would go to my home and have not been shipped.`,
    ]),
    pub: { street, town, label },
    writes: (client: Client) => {
      const address_id = idIn(client("marlo", "add_address", { label, street, town }), "address_id");
      client("marlo", "edit_account", { default_address_id: address_id });
      redirecting(client, purchases, address_id);
    },
  };
}

function solveMoved(apis: Apis, pub: { street: string; town: string; label: string }) {
  const token = signIn(apis, "marlo");
  const home = allPages(apis.marlo.list_addresses, { token }).find((x) => x.label === "home");
  const { address_id } = apis.marlo.add_address({ token, label: pub.label, street: pub.street, town: pub.town });
  apis.marlo.edit_account({ token, default_address_id: address_id });
  for (const { purchase_id } of allPages(apis.marlo.list_purchases, { token, state: "placed" })) {
    const { address } = apis.marlo.get_purchase({ token, purchase_id });
    if (address !== home.street + ", " + home.town) continue;
    apis.marlo.change_delivery_address({ token, purchase_id, address_id });
  }
}

function drawContact(ctx: SetupContext) {
  const contact = namedContact(ctx, { address: true });
  if (contact === undefined) return reject("nobody to move in with");
  plantOpen(ctx);
  const home = addressesOf(ctx)[0];
  const purchases = openToHome(ctx);
  const plans = ctx.rows("marlo.refill_plan", ctx.user.email).filter((row) => row["address_id"] === homeId(ctx));
  if (home === undefined || purchases.length < 6 || plans.length < 2) return reject("too little goes to the home");
  const name = textOf(contact, "name");
  const first = name.split(" ")[0] ?? name;
  const label = `with ${first}`;
  if (oneLine(home) === textOf(contact, "address")) return reject("they live together");
  return {
    instruction: phrase(ctx, [
      `I am moving in with ${name}. Save that address from my contacts in marlo as "${label}" (I am the receiver), make it the default, and let it replace my home address in all purchases that are not shipped and in all refill plans.`,
      `From now on I live where ${name} lives; my phone has the address. In marlo keep it as "${label}" in my own name, as default, redirect unshipped purchases that were bound for my home, and change refills that go home to the new place.`,
      `Please take the address of ${name} from my contacts into marlo under "${label}", receiver me, and use it as default. What has not been shipped of purchases to my home goes there instead, and so do the refills that were sent home.`,
    ]),
    pub: { name, label },
    writes: (client: Client) => {
      const address_id = idIn(client("marlo", "add_address", { label, ...addressOf(contact) }), "address_id");
      client("marlo", "edit_account", { default_address_id: address_id });
      redirecting(client, purchases, address_id);
      for (const { id } of plans) client("marlo", "edit_refill", { refill_id: id, address_id });
    },
  };
}

function solveContact(apis: Apis, pub: { name: string; label: string }) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const { contact_id } = contactNamed(apis, phone, pub.name);
  const [street, town] = apis.handset.get_contact({ token: phone, contact_id }).address.split(", ");
  const home = allPages(apis.marlo.list_addresses, { token }).find((x) => x.label === "home");
  const { address_id } = apis.marlo.add_address({ token, label: pub.label, street, town });
  apis.marlo.edit_account({ token, default_address_id: address_id });
  for (const { purchase_id } of allPages(apis.marlo.list_purchases, { token, state: "placed" })) {
    const { address } = apis.marlo.get_purchase({ token, purchase_id });
    if (address !== home.street + ", " + home.town) continue;
    apis.marlo.change_delivery_address({ token, purchase_id, address_id });
  }
  for (const x of allPages(apis.marlo.list_refills, { token })) {
    if (x.address_id === home.address_id) apis.marlo.edit_refill({ token, refill_id: x.refill_id, address_id });
  }
}

const TITLES = ["Summer house", "Lake weeks", "The cottage", "Working from the coast", "House sitting"] as const;

function drawWeeks(ctx: SetupContext) {
  const title = ctx.random.pick(TITLES);
  if (hasNote(ctx, title)) return reject("a note of that title is there");
  const first = addDays(ctx.at, ctx.random.int(4, 10));
  const last = addDays(first, ctx.random.int(12, 20));
  const days = [first, last, addDays(first, -1), addDays(last, 1), addDays(first, 5), addDays(first, 8)];
  const products = freshProducts(ctx);
  days.forEach((eta, i) => {
    const product = products[i];
    if (product !== undefined) plantPurchase(ctx, dayBefore(ctx, 9 - i), [{ product, eta }]);
  });
  const [moving, soon, late] = products.slice(6);
  if (!moving || !soon || !late) return reject("too few products");
  plantPurchase(ctx, dayBefore(ctx, 3), [{ product: moving, eta: addDays(first, 1), progress: "shipped" }]);
  plantPurchase(ctx, dayBefore(ctx, 2), [
    { product: soon, eta: addDays(first, -1) },
    { product: late, eta: addDays(first, 2) },
  ]);
  const street = `${ctx.random.pick(STREETS)} ${ctx.random.int(2, 90)}`;
  const town = ctx.random.pick(["Windrush", "Tolland", "Dunmere"]);
  const body = (from: string, to: string) =>
    [`street: ${street}`, `town: ${town}`, `from: ${from}`, `until: ${to}`, "key is with the baker"].join("\n");
  plantNote(ctx, title, body(first, last), body(addDays(first, -365), addDays(last, -365)));
  const placed = purchasesInOrder(ctx).filter((row) => row["state"] === "placed");
  const purchases = placed.filter(({ id }) =>
    ctx.rowsWhere("marlo.purchase_line", "purchase_id", id).some((line) =>
      line["parcel_state"] === "preparing" && textOf(line, "eta") >= first && textOf(line, "eta") <= last
    )
  );
  if (placed.length < 6) return reject("too few open purchases");
  const label = ctx.random.pick(["cottage", "lake", "summer", "coast"]);
  if (addressesOf(ctx).some((row) => row["label"] === label)) return reject("the label is taken");
  return {
    instruction: phrase(ctx, [
      `My note "${title}" has an address and the days I spend there. Save the address in marlo as "${label}" and redirect to it each purchase that is not shipped yet and of which anything is expected in those days, first and last included.`,
      `I will be where the note "${title}" says for the time it says. Add that address to marlo as "${label}", and let all purchases with something due to arrive on these days (both ends count) go there, unless something of them was shipped.`,
      `Please store the address in my note "${title}" under "${label}" in marlo. Unshipped purchases with at least one item expected from the first to the last day named there should be delivered to it.`,
    ]),
    pub: { title, label },
    writes: (client: Client) => {
      const address_id = idIn(client("marlo", "add_address", { label, street, town }), "address_id");
      redirecting(client, purchases, address_id);
    },
  };
}

function solveWeeks(apis: Apis, pub: { title: string; label: string }) {
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "marlo");
  const facts = Object.fromEntries(noteBody(apis, notes, pub.title).split("\n").map((line) => line.split(": ")));
  const { street, town } = facts;
  const { address_id } = apis.marlo.add_address({ token, label: pub.label, street, town });
  const due = purchaseLines(apis, token, { state: "placed" })
    .filter((x) => x.parcel_state === "preparing" && x.eta >= facts.from && x.eta <= facts.until);
  for (const purchase_id of new Set(due.map((x) => x.purchase_id))) {
    apis.marlo.change_delivery_address({ token, purchase_id, address_id });
  }
}

/** Scenarios of this generator. */
export const newAddress: readonly Scenario[] = [
  bench({
    family: "new_address/moved",
    split: "test_challenge",
    difficulty: 2,
    apps: ["marlo"],
    axis: {},
    draw: drawMoved,
    solve: solveMoved,
  }),
  bench({
    family: "new_address/contact",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "marlo"],
    axis: {},
    draw: drawContact,
    solve: solveContact,
  }),
  bench({
    family: "new_address/weeks",
    split: "test_challenge",
    difficulty: 2,
    apps: ["foldnote", "marlo"],
    axis: {},
    draw: drawWeeks,
    solve: solveWeeks,
  }),
];
