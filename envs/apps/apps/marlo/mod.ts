/**
 * marlo: the shop. Products, basket and wish lists, purchases, returns, vouchers, refills, reviews and questions. Held out: no task
 * of a seen split may need it.
 *
 * @module
 */
import type { App } from "../../schema.ts";
import { accountGroup, addressApis, cardApis } from "./account.ts";
import { catalogueApis } from "./catalogue.ts";
import { basketApis, wishApis } from "./lists.ts";
import { purchaseApis } from "./purchases.ts";
import { questionApis } from "./questions.ts";
import { refillApis } from "./refills.ts";
import { returnApis } from "./returns.ts";
import { reviewApis } from "./reviews.ts";
import { MARLO_TABLES } from "./tables.ts";
import { voucherApis } from "./vouchers.ts";

/** The shop. */
export const marlo: App = {
  name: "marlo",
  about: "Shop: products, basket, wish lists, purchases, returns, vouchers, refills, reviews and questions.",
  tables: MARLO_TABLES,
  apis: [
    ...accountGroup,
    ...cardApis,
    ...addressApis,
    ...catalogueApis,
    ...reviewApis,
    ...questionApis,
    ...basketApis,
    ...wishApis,
    ...purchaseApis,
    ...returnApis,
    ...voucherApis,
    ...refillApis,
  ],
};
