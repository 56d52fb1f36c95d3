/**
 * Vouchers and gift codes.
 *
 * Choices: a gift can be used for one purchase like any voucher (what is left of it is lost), or be turned into credit.
 *
 * @module
 */
import { conflict } from "../../errors.ts";
import { flag, text, withDefault } from "../../params.ts";
import { type Api, api, list } from "../../schema.ts";
import { amountOf, ownMember } from "../_common.ts";
import { voucherOf } from "./_shop.ts";
import { voucherProblem } from "./prices.ts";
import { marloMember, type Voucher, voucher } from "./tables.ts";

const VOUCHER_SHAPE = {
  code: "text",
  kind: "percent|gift",
  value: "number",
  min_total: "money",
  valid_until: "date",
  used_at: "datetime|null",
} as const;

function voucherView({ code, kind, value, min_total, valid_until, used_at }: Voucher) {
  const shown = kind === "percent" ? value : amountOf(value);
  return { code, kind, value: shown, min_total: amountOf(min_total), valid_until, used_at };
}

/** Vouchers. */
export const voucherApis: readonly Api[] = [
  list("list_vouchers", {
    about: "Own vouchers, used and expired ones too; a value is a percentage or, for gifts, an amount.",
    params: { unused: withDefault(flag("only those that were not used"), false) },
    returns: [VOUCHER_SHAPE],
    rows: ({ world, member }, { unused }) =>
      world.rows(voucher, member).filter((row) => !unused || row.used_at === null),
    view: voucherView,
    search: ({ code, kind }) => `${code} ${kind}`,
    orders: { valid_until: ({ valid_until }) => valid_until, min_total: ({ min_total }) => min_total },
  }),
  api("check_voucher", {
    about: "What a voucher or gift code is worth and whether it can be used today.",
    params: { code: text("code of the voucher") },
    returns: { ...VOUCHER_SHAPE, usable: "flag", why_not: "text" },
    handler(call, { code }) {
      const row = voucherOf(call, code);
      const problem = voucherProblem(row, row.min_total, call.at.slice(0, 10));
      return { ...voucherView(row), usable: problem === undefined, why_not: problem ?? "" };
    },
  }),
  api("redeem_gift_code", {
    about: "Turn a gift code into credit of the own account.",
    params: { code: text("the gift code") },
    returns: { note: "text" },
    handler(call, { code }) {
      const { world, member, at } = call;
      const row = voucherOf(call, code);
      const verb = `redeem ${code}`;
      if (row.kind !== "gift") throw conflict(verb, "it is no gift code");
      const problem = voucherProblem(row, row.min_total, at.slice(0, 10));
      if (problem !== undefined) throw conflict(verb, problem);
      const account = ownMember(call, marloMember);
      world.update(voucher, row.id, { used_at: at, used_by: member });
      world.update(marloMember, account.id, { credit: account.credit + row.value });
      return { note: "Gift code redeemed." };
    },
  }),
];
