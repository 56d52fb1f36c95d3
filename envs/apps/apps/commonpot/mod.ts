/**
 * commonpot: shared expenses. Circles, bills with shares, balances and settlements.
 *
 * Contract: the shares of a bill add up to its total in cents; the remainder of an equal split goes to the payer. A bill belongs to a
 * circle, whose members see it, or to the people of its shares alone.
 *
 * @module
 */
import type { App } from "../../schema.ts";
import { accountApis, lifecycleApis } from "../_common.ts";
import { alertApis, exportApis, receiptApis, remarkApis, repeatApis } from "./around.ts";
import { balanceApis, settlementApis } from "./balances.ts";
import { billApis } from "./bills.ts";
import { categoryApis, circleApis } from "./circles.ts";
import { COMMONPOT_TABLES, potCode, potMember } from "./tables.ts";

/** Shared expenses. */
export const commonpot: App = {
  name: "commonpot",
  about: "Shared expenses: circles of people, bills with shares, balances and settlements.",
  tables: COMMONPOT_TABLES,
  apis: [
    ...accountApis("commonpot", potMember, "owner"),
    ...lifecycleApis("commonpot", potMember, potCode, {}),
    ...circleApis,
    ...billApis,
    ...balanceApis,
    ...settlementApis,
    ...remarkApis,
    ...repeatApis,
    ...receiptApis,
    ...categoryApis,
    ...alertApis,
    ...exportApis,
  ],
};
