/**
 * Account, cards and addresses of marlo's members.
 *
 * Choices: a card's number never changes (a new card is added, the old one removed); a card or address that a refill plan uses cannot
 * be removed before the plan is changed.
 *
 * @module
 */
import { conflict } from "../../errors.ts";
import { flag, month, optional, rowId, text, withDefault } from "../../params.ts";
import { type Api, api, type Call, list, type RowOf } from "../../schema.ts";
import { accountApis, amountOf, needChange, ownMember, ownRow } from "../_common.ts";
import { checkPayCard } from "./_shop.ts";
import { marloMember, payCard, refillPlan, shipAddress } from "./tables.ts";

const NOTE_CARD = { note: "text", card_id: "integer" } as const;
const NOTE_ADDRESS = { note: "text", address_id: "integer" } as const;

/** The two account APIs that show and change more than in other apps. */
const ownAccountApis: readonly Api[] = [
  api("get_account", {
    about: "Own marlo account with its credit, default card and default address.",
    params: {},
    returns: {
      name: "text",
      email: "text",
      number: "text",
      since: "date",
      credit: "money",
      default_card_id: "integer|null",
      default_address_id: "integer|null",
    },
    handler(call) {
      const { name, owner, number, since, credit, default_card, default_address } = ownMember(call, marloMember);
      return {
        name,
        email: owner,
        number,
        since,
        credit: amountOf(credit),
        default_card_id: default_card,
        default_address_id: default_address,
      };
    },
  }),
  api("edit_account", {
    about: "Change the name, number, default card or default address of the own marlo account.",
    params: {
      name: optional(text("new name")),
      number: optional(text("new phone number")),
      default_card_id: optional(rowId("id of the card that pays where none is named")),
      default_address_id: optional(rowId("id of the address that parcels go to where none is named")),
    },
    returns: { note: "text" },
    handler(call, { name, number, default_card_id, default_address_id }) {
      const member = ownMember(call, marloMember);
      needChange({ name, number, default_card_id, default_address_id });
      if (default_card_id !== undefined) ownRow(call, payCard, default_card_id, "card", "use");
      if (default_address_id !== undefined) ownRow(call, shipAddress, default_address_id, "address", "use");
      call.world.update(marloMember, member.id, {
        name: name ?? member.name,
        number: number ?? member.number,
        default_card: default_card_id ?? member.default_card,
        default_address: default_address_id ?? member.default_address,
      });
      return { note: "Account changed." };
    },
  }),
];

/** The account group, with marlo's own views. */
export const accountGroup: readonly Api[] = accountApis("marlo", marloMember, "owner")
  .map((spec) => ownAccountApis.find(({ name }) => name === spec.name) ?? spec);

const CARD_SHAPE = {
  card_id: "integer",
  label: "text",
  last_four: "text",
  expires: "month",
  is_default: "flag",
} as const;

function cardView({ id, label, number, expires }: RowOf<typeof payCard.columns>, call: Call) {
  const is_default = ownMember(call, marloMember).default_card === id;
  return { card_id: id, label, last_four: number.slice(-4), expires, is_default };
}

/** Cards. */
export const cardApis: readonly Api[] = [
  list("list_cards", {
    about: "Bank cards kept for paying; of the number only the last four digits are shown.",
    params: {},
    returns: [CARD_SHAPE],
    rows: ({ world, member }) => world.rows(payCard, member),
    view: cardView,
    search: ({ label }) => label,
    orders: { expires: ({ expires }) => expires, label: ({ label }) => label },
  }),
  api("get_card", {
    about: "One card with its whole number.",
    params: { card_id: rowId("id of the card") },
    returns: { ...CARD_SHAPE, number: "text" },
    handler(call, { card_id }) {
      const row = ownRow(call, payCard, card_id, "card", "read");
      return { ...cardView(row, call), number: row.number };
    },
  }),
  api("add_card", {
    about: "Keep another bank card for paying; the bank checks it.",
    params: {
      label: text("what to call it"),
      number: text("16 digits"),
      expires: month("month of expiry"),
      check_code: text("three digits on the back"),
      make_default: withDefault(flag("whether it pays where no card is named"), false),
    },
    returns: NOTE_CARD,
    handler(call, { label, number, expires, check_code, make_default }) {
      const { world, member } = call;
      const same = world.rows(payCard, member).find((row) => row.number === number);
      if (same !== undefined) throw conflict("add card", `it is kept as card ${same.id}`);
      checkPayCard(call, { number, expires, check_code });
      const { id } = world.insert(payCard, { owner: member, label, number, expires, check_code });
      if (make_default) world.update(marloMember, ownMember(call, marloMember).id, { default_card: id });
      return { note: "Card added.", card_id: id };
    },
  }),
  api("edit_card", {
    about: "Change the label, expiry or check code of a card.",
    params: {
      card_id: rowId("id of the card"),
      label: optional(text("what to call it")),
      expires: optional(month("month of expiry")),
      check_code: optional(text("three digits on the back")),
    },
    returns: NOTE_CARD,
    handler(call, { card_id, label, expires, check_code }) {
      const row = ownRow(call, payCard, card_id, "card", "change");
      needChange({ label, expires, check_code });
      const changed = { expires: expires ?? row.expires, check_code: check_code ?? row.check_code };
      if (expires !== undefined || check_code !== undefined) checkPayCard(call, { number: row.number, ...changed });
      call.world.update(payCard, card_id, { label: label ?? row.label, ...changed });
      return { note: "Card changed.", card_id };
    },
  }),
  api("remove_card", {
    about: "Forget a card; one that a refill plan charges has to stay.",
    params: { card_id: rowId("id of the card") },
    returns: { note: "text" },
    handler(call, { card_id }) {
      ownRow(call, payCard, card_id, "card", "remove");
      const plan = call.world.rows(refillPlan, call.member).find((row) => row.card_id === card_id);
      if (plan !== undefined) throw conflict(`remove card ${card_id}`, `refill plan ${plan.id} charges it`);
      const member = ownMember(call, marloMember);
      if (member.default_card === card_id) call.world.update(marloMember, member.id, { default_card: null });
      call.world.remove(payCard, card_id);
      return { note: "Card removed." };
    },
  }),
];

const ADDRESS_SHAPE = {
  address_id: "integer",
  label: "text",
  receiver: "text",
  street: "text",
  town: "text",
  is_default: "flag",
} as const;

function addressView({ id, label, receiver, street, town }: RowOf<typeof shipAddress.columns>, call: Call) {
  const is_default = ownMember(call, marloMember).default_address === id;
  return { address_id: id, label, receiver, street, town, is_default };
}

/** Addresses. */
export const addressApis: readonly Api[] = [
  list("list_addresses", {
    about: "Addresses that parcels can go to.",
    params: {},
    returns: [ADDRESS_SHAPE],
    rows: ({ world, member }) => world.rows(shipAddress, member),
    view: addressView,
    search: ({ label, receiver, street, town }) => `${label} ${receiver} ${street} ${town}`,
    orders: { label: ({ label }) => label, town: ({ town }) => town },
  }),
  api("get_address", {
    about: "One address.",
    params: { address_id: rowId("id of the address") },
    returns: ADDRESS_SHAPE,
    handler: (call, { address_id }) => addressView(ownRow(call, shipAddress, address_id, "address", "read"), call),
  }),
  api("add_address", {
    about: "Keep another address; parcels go to the member unless another receiver is named.",
    params: {
      label: text("what to call it"),
      street: text("street and number"),
      town: text("town"),
      receiver: optional(text("name on the door, the own one if left out")),
    },
    returns: NOTE_ADDRESS,
    handler(call, { label, street, town, receiver }) {
      const { world, member } = call;
      const same = world.rows(shipAddress, member).find((row) => row.label === label);
      if (same !== undefined) throw conflict("add address", `the label is taken by address ${same.id}`);
      const name = receiver ?? ownMember(call, marloMember).name;
      const { id } = world.insert(shipAddress, { owner: member, label, receiver: name, street, town });
      return { note: "Address added.", address_id: id };
    },
  }),
  api("edit_address", {
    about: "Change an address; purchases that were placed keep the old one.",
    params: {
      address_id: rowId("id of the address"),
      label: optional(text("what to call it")),
      street: optional(text("street and number")),
      town: optional(text("town")),
      receiver: optional(text("name on the door")),
    },
    returns: NOTE_ADDRESS,
    handler(call, { address_id, label, street, town, receiver }) {
      const row = ownRow(call, shipAddress, address_id, "address", "change");
      needChange({ label, street, town, receiver });
      const taken = call.world.rows(shipAddress, call.member).find((other) => other.label === label);
      if (taken !== undefined && taken.id !== address_id) {
        throw conflict(`change address ${address_id}`, `the label is taken by address ${taken.id}`);
      }
      call.world.update(shipAddress, address_id, {
        label: label ?? row.label,
        street: street ?? row.street,
        town: town ?? row.town,
        receiver: receiver ?? row.receiver,
      });
      return { note: "Address changed.", address_id };
    },
  }),
  api("remove_address", {
    about: "Forget an address; one that a refill plan ships to has to stay.",
    params: { address_id: rowId("id of the address") },
    returns: { note: "text" },
    handler(call, { address_id }) {
      ownRow(call, shipAddress, address_id, "address", "remove");
      const plan = call.world.rows(refillPlan, call.member).find((row) => row.address_id === address_id);
      if (plan !== undefined) throw conflict(`remove address ${address_id}`, `refill plan ${plan.id} ships to it`);
      const member = ownMember(call, marloMember);
      if (member.default_address === address_id) call.world.update(marloMember, member.id, { default_address: null });
      call.world.remove(shipAddress, address_id);
      return { note: "Address removed." };
    },
  }),
];
