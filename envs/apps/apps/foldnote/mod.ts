/**
 * foldnote: notes with checklists, in notebooks, with keywords, revisions and shares.
 *
 * @module
 */
import type { App } from "../../schema.ts";
import { accountApis } from "../_common.ts";
import { itemApis } from "./items.ts";
import { keywordApis, notebookApis } from "./notebooks.ts";
import { noteApis } from "./notes.ts";
import { sharingApis } from "./sharing.ts";
import { FOLDNOTE_TABLES, foldnoteMember } from "./tables.ts";

/** The notes. */
export const foldnote: App = {
  name: "foldnote",
  about: "Notes with checklists, notebooks, keywords, revisions and shares.",
  tables: FOLDNOTE_TABLES,
  apis: [
    ...accountApis("foldnote", foldnoteMember, "owner"),
    ...notebookApis,
    ...noteApis,
    ...itemApis,
    ...keywordApis,
    ...sharingApis,
  ],
};
