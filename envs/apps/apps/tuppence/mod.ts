/**
 * tuppence: the wallet. Transfers, asks for money, savings pots, standing orders, and a feed to cheer.
 *
 * Choices: one signs in with the phone number, unlike in all other apps; no API adds anything up. Amounts are integer cents in rows.
 *
 * @module
 */
import type { App } from "../../schema.ts";
import { accountApis } from "../_common.ts";
import { askApis } from "./asks.ts";
import { bondApis } from "./bonds.ts";
import { bankApis, cardApis } from "./cards.ts";
import { potApis } from "./pots.ts";
import { reactionApis } from "./reactions.ts";
import { alertApis, standingApis } from "./standing.ts";
import { TUPPENCE_TABLES, wallet } from "./tables.ts";
import { transferApis } from "./transfers.ts";

/** The wallet. */
export const tuppence: App = {
  name: "tuppence",
  about: "Wallet: transfers, asks for money, savings pots, standing orders. Sign in with the phone number.",
  tables: TUPPENCE_TABLES,
  apis: [
    ...accountApis("tuppence", wallet, "number"),
    ...cardApis,
    ...bankApis,
    ...transferApis,
    ...askApis,
    ...bondApis,
    ...reactionApis,
    ...potApis,
    ...standingApis,
    ...alertApis,
  ],
};
