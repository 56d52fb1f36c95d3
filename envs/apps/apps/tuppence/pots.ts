/**
 * tuppence: savings pots. What a pot holds is not part of the balance.
 *
 * @module
 */
import { conflict, paymentRefused } from "../../errors.ts";
import { date, money, optional, rowId, text } from "../../params.ts";
import { api, type Call, list, type RowOf } from "../../schema.ts";
import { amountOf, needChange, newestFirst, ownMember, ownRow } from "../_common.ts";
import { pot, potMove, wallet } from "./tables.ts";

const POT_SHAPE = {
  pot_id: "integer",
  name: "text",
  goal: "money",
  saved: "money",
  due_on: "date|null",
} as const;
const MOVE_SHAPE = { move_id: "integer", direction: "in|out", amount: "money", at: "datetime" } as const;
const NOTED = { note: "text", pot_id: "integer" } as const;

function potView({ id, name, goal, saved, due_on }: RowOf<typeof pot.columns>) {
  return { pot_id: id, name, goal: amountOf(goal), saved: amountOf(saved), due_on };
}

function checkName(call: Call, name: string, verb: string, own?: number): void {
  if (call.world.rows(pot, call.member).some((row) => row.name === name && row.id !== own)) {
    throw conflict(verb, `there is a pot named ${name}`);
  }
}

/** Moves money between the balance and a pot; negative amounts go out of it. */
function movePotMoney(call: Call, id: number, cents: number): void {
  const row = ownRow(call, pot, id, "pot", "change");
  const member = ownMember(call, wallet);
  if (cents > member.balance) throw paymentRefused("balance too low");
  if (-cents > row.saved) throw paymentRefused("too little in the pot");
  call.world.update(wallet, member.id, { balance: member.balance - cents });
  call.world.update(pot, id, { saved: row.saved + cents });
  const direction = cents > 0 ? "in" : "out";
  const values = { owner: call.member, pot_id: id, direction, amount: Math.abs(cents), at: call.at };
  call.world.insert(potMove, values);
}

/** The group of pots. */
export const potApis = [
  list("list_pots", {
    about: "Savings pots.",
    params: {},
    returns: [POT_SHAPE],
    rows: ({ world, member }) => world.rows(pot, member),
    view: potView,
    orders: { name: (row) => row.name, goal: (row) => row.goal, saved: (row) => row.saved },
  }),
  api("get_pot", {
    about: "One savings pot.",
    params: { pot_id: rowId("id of the pot") },
    returns: POT_SHAPE,
    handler: (call, { pot_id }) => potView(ownRow(call, pot, pot_id, "pot", "read")),
  }),
  api("add_pot", {
    about: "Add an empty savings pot.",
    params: {
      name: text("name, unlike those of the other pots"),
      goal: money("how much to save"),
      due_on: optional(date("day by which to save it")),
    },
    returns: NOTED,
    handler(call, { name, goal, due_on = null }) {
      checkName(call, name, "add the pot");
      const values = { owner: call.member, name, goal, saved: 0, due_on };
      return { note: "Pot added.", pot_id: call.world.insert(pot, values).id };
    },
  }),
  api("edit_pot", {
    about: "Change the name, goal or day of a savings pot.",
    params: {
      pot_id: rowId("id of the pot"),
      name: optional(text("new name")),
      goal: optional(money("new goal")),
      due_on: optional(date("new day")),
    },
    returns: NOTED,
    handler(call, { pot_id, name, goal, due_on }) {
      const row = ownRow(call, pot, pot_id, "pot", "change");
      needChange({ name, goal, due_on });
      if (name !== undefined) checkName(call, name, "rename the pot", pot_id);
      call.world.update(pot, pot_id, {
        name: name ?? row.name,
        goal: goal ?? row.goal,
        due_on: due_on ?? row.due_on,
      });
      return { note: "Pot changed.", pot_id };
    },
  }),
  api("remove_pot", {
    about: "Remove a savings pot; what it holds goes back to the balance.",
    params: { pot_id: rowId("id of the pot") },
    returns: { note: "text" },
    handler(call, { pot_id }) {
      const { saved } = ownRow(call, pot, pot_id, "pot", "remove");
      if (saved > 0) movePotMoney(call, pot_id, -saved);
      for (const move of call.world.rowsWhere(potMove, "pot_id", pot_id)) call.world.remove(potMove, move.id);
      call.world.remove(pot, pot_id);
      return { note: "Pot removed." };
    },
  }),
  api("move_into_pot", {
    about: "Move money from the balance into a pot.",
    params: { pot_id: rowId("id of the pot"), amount: money("how much") },
    returns: NOTED,
    handler(call, { pot_id, amount }) {
      movePotMoney(call, pot_id, amount);
      return { note: "Money moved into the pot.", pot_id };
    },
  }),
  api("move_out_of_pot", {
    about: "Move money from a pot back to the balance.",
    params: { pot_id: rowId("id of the pot"), amount: money("how much") },
    returns: NOTED,
    handler(call, { pot_id, amount }) {
      movePotMoney(call, pot_id, -amount);
      return { note: "Money moved out of the pot.", pot_id };
    },
  }),
  list("list_pot_moves", {
    about: "Money moved into and out of a pot, newest first.",
    params: { pot_id: rowId("id of the pot") },
    returns: [MOVE_SHAPE],
    rows: (call, { pot_id }) =>
      newestFirst(call.world.rowsWhere(potMove, "pot_id", ownRow(call, pot, pot_id, "pot", "read").id)),
    view: ({ id, direction, amount, at }) => ({ move_id: id, direction, amount: amountOf(amount), at }),
    orders: { amount: (row) => row.amount, at: (row) => row.at },
  }),
];
