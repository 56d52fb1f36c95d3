/**
 * All scenarios of the apps environment.
 *
 * Contract: each family is in one split, declared beside it; no split but `test_challenge` needs the app `marlo`; the families of
 * `dev` and `test_normal` are unseen combinations of axis values that `train` shows in other combinations.
 *
 * @module
 */
import type { Scenario } from "../../scenario.ts";
import { alarms } from "./alarms.ts";
import { asks } from "./asks.ts";
import { contacts } from "./contacts.ts";
import { items } from "./items.ts";
import { notes } from "./notes.ts";
import { phoneLog } from "./phone_log.ts";
import { pots } from "./pots.ts";
import { reach } from "./reach.ts";
import { shop } from "./shop.ts";
import { shopMix } from "./shop_mix.ts";
import { transferEdits } from "./transfer_edits.ts";
import { transfers } from "./transfers.ts";

/** All scenarios, sorted by family. */
export const scenarios: readonly Scenario[] = [
  ...alarms,
  ...asks,
  ...contacts,
  ...items,
  ...notes,
  ...phoneLog,
  ...pots,
  ...reach,
  ...shop,
  ...shopMix,
  ...transferEdits,
  ...transfers,
].sort((a, b) => (a.family < b.family ? -1 : a.family > b.family ? 1 : 0));
