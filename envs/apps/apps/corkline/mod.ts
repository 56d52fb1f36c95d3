/**
 * corkline: task boards with lanes and cards that people share.
 *
 * @module
 */
import type { App } from "../../schema.ts";
import { accountApis } from "../_common.ts";
import { boardApis, laneApis } from "./boards.ts";
import { cardApis } from "./cards.ts";
import { alertApis, pinApis, remarkApis, stepApis, tagApis } from "./parts.ts";
import { peopleApis } from "./people.ts";
import { CORKLINE_TABLES, corkMember } from "./tables.ts";

/** The task board. */
export const corkline: App = {
  name: "corkline",
  about: "Task boards with lanes, cards, steps, tags and remarks, shared with others.",
  tables: CORKLINE_TABLES,
  apis: [
    ...accountApis("corkline", corkMember, "owner"),
    ...boardApis,
    ...peopleApis,
    ...laneApis,
    ...cardApis,
    ...stepApis,
    ...tagApis,
    ...remarkApis,
    ...pinApis,
    ...alertApis,
  ],
};
