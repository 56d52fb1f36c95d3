/**
 * Plans: what larkbox costs, and what one gets for it. A plan is paid for with a card whose details are given in the call.
 *
 * @module
 */
import { conflict } from "../../errors.ts";
import { choice, integer, month, text, withDefault } from "../../params.ts";
import { api, list, type RowOf } from "../../schema.ts";
import { amountOf, centsText, ownMember } from "../_common.ts";
import { debitCard } from "../effects/bank.ts";
import { LETTER_EFFECTS, sendAppLetter } from "../effects/letters.ts";
import { larkMember } from "./tables.ts";

/** Plans in order of price; the price is for a month. */
export const PLANS = [
  { plan: "free", cents: 0, seats: 1, offline: 0 },
  { plan: "solo", cents: 790, seats: 1, offline: 60 },
  { plan: "duo", cents: 1190, seats: 2, offline: 120 },
  { plan: "home", cents: 1690, seats: 6, offline: 240 },
] as const;

const PAID = ["solo", "duo", "home"] as const;

type Member = Pick<RowOf<typeof larkMember.columns>, "plan" | "plan_until">;

/** Whether a paid plan still runs. */
function runs({ plan, plan_until }: Member, at: string): boolean {
  return plan !== "free" && plan_until !== null && plan_until >= at.slice(0, 10);
}

/** How many things a member may keep offline. */
export function offlineLimit(member: Member, at: string): number {
  return runs(member, at) ? PLANS.find(({ plan }) => plan === member.plan)?.offline ?? 0 : 0;
}

/** Same day some months later, the month's last day where it has no such day. */
function monthsLater(date: string, months: number): string {
  const count = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + months;
  const [year, index] = [Math.floor(count / 12), count % 12];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][index] ?? 28;
  const two = (value: number) => String(value).padStart(2, "0");
  return `${year}-${two(index + 1)}-${two(Math.min(days, Number(date.slice(8, 10))))}`;
}

/** The plan group. */
export const planApis = [
  list("list_plans", {
    about: "Plans with their price for a month, seats and how many things can be kept offline.",
    params: {},
    returns: [{ plan: "text", price: "money", seats: "integer", offline: "integer" }],
    rows: () => PLANS,
    view: ({ plan, cents, seats, offline }) => ({ plan, price: amountOf(cents), seats, offline }),
    orders: { price: ({ cents }) => cents, seats: ({ seats }) => seats },
  }),
  api("get_plan", {
    about: "Own plan, until when it is paid and whether it renews itself.",
    params: {},
    returns: { plan: "text", until: "date|null", renews: "flag", running: "flag" },
    handler(call) {
      const member = ownMember(call, larkMember);
      return {
        plan: member.plan,
        until: member.plan_until,
        renews: member.renews,
        running: member.plan === "free" || runs(member, call.at),
      };
    },
  }),
  api("buy_plan", {
    about: "Buy a plan, or prolong the one that runs, with the details of a bank card; a receipt comes by letter.",
    params: {
      plan: choice("plan", PAID),
      months: withDefault(integer("months", 1, 12), 1),
      card_number: text("16 digits of the card"),
      expires: month("expiry of the card"),
      check_code: text("check code of the card"),
    },
    returns: { note: "text", until: "date" },
    effects: ["registry.bank_card", ...LETTER_EFFECTS],
    handler(call, { plan, months, card_number, expires, check_code }) {
      const member = ownMember(call, larkMember);
      const running = runs(member, call.at);
      if (running && member.plan !== plan) throw conflict("buy the plan", `the plan ${member.plan} still runs`);
      const cents = (PLANS.find((known) => known.plan === plan)?.cents ?? 0) * months;
      debitCard(call.world, { number: card_number, expires, check_code }, cents);
      const from = running && member.plan_until !== null ? member.plan_until : call.at.slice(0, 10);
      const until = monthsLater(from, months);
      call.world.update(larkMember, member.id, { plan, plan_until: until, renews: true });
      const total = centsText(cents);
      sendAppLetter(
        call.world,
        "larkbox",
        call.member,
        `larkbox receipt: plan ${plan}`,
        `Plan: ${plan}\nMonths: ${months}\nTotal: ${total}\nCard: ends in ${
          card_number.slice(-4)
        }\nPaid until: ${until}`,
      );
      return { note: "Plan bought.", until };
    },
  }),
  api("stop_plan", {
    about: "Stop the own plan from renewing itself; it runs until the day it is paid for.",
    params: {},
    returns: { note: "text" },
    method: "PATCH",
    handler(call) {
      const member = ownMember(call, larkMember);
      if (!runs(member, call.at)) throw conflict("stop the plan", "no paid plan runs");
      if (!member.renews) throw conflict("stop the plan", "it is stopped already");
      call.world.update(larkMember, member.id, { renews: false });
      return { note: "Plan will not renew itself." };
    },
  }),
] as const;
