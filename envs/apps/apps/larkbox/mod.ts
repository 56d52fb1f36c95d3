/**
 * larkbox: music and talk. Lists give ids and titles only; lengths, plays, genres and stars need a call for each thing.
 *
 * @module
 */
import type { App } from "../../schema.ts";
import { accountApis, lifecycleApis } from "../_common.ts";
import { catalogueApis } from "./catalogue.ts";
import { exportApis } from "./export.ts";
import { heartApis } from "./hearts.ts";
import { mixApis } from "./mixes.ts";
import { planApis } from "./plan.ts";
import { playerApis } from "./player.ts";
import { ratingApis } from "./ratings.ts";
import { shelfApis } from "./shelf.ts";
import { LARKBOX_TABLES, larkCode, larkMember } from "./tables.ts";

/** The player of music and talk. */
export const larkbox: App = {
  name: "larkbox",
  about: "Music and talk: tracks, records, shows, mixes, hearts, ratings, a shelf and a player.",
  tables: LARKBOX_TABLES,
  apis: [
    ...accountApis("larkbox", larkMember, "owner"),
    ...lifecycleApis("larkbox", larkMember, larkCode, { plan: "free", plan_until: null, renews: false }),
    ...catalogueApis,
    ...mixApis,
    ...heartApis,
    ...ratingApis,
    ...shelfApis,
    ...playerApis,
    ...planApis,
    ...exportApis,
  ],
};
