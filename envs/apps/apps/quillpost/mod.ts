/**
 * quillpost: the mail client. Letters are shared between sender and receivers; folders, flags and tags are each member's own.
 *
 * @module
 */
import type { App } from "../../schema.ts";
import { mailAccountApis } from "./account.ts";
import { draftApis } from "./drafts.ts";
import { enclosureApis } from "./enclosures.ts";
import { filingApis } from "./filing.ts";
import { readingApis } from "./reading.ts";
import { awayApis, groupApis, ruleApis } from "./rules.ts";
import { QUILLPOST_TABLES } from "./tables.ts";
import { mailTagApis } from "./tags.ts";
import { writingApis } from "./writing.ts";

/** The mail client. */
export const quillpost: App = {
  name: "quillpost",
  about: "Mail: letters in conversations, drafts, folders, tags, enclosed files, sort rules, groups and an away note.",
  tables: QUILLPOST_TABLES,
  apis: [
    ...mailAccountApis,
    ...readingApis,
    ...writingApis,
    ...draftApis,
    ...filingApis,
    ...mailTagApis,
    ...enclosureApis,
    ...ruleApis,
    ...groupApis,
    ...awayApis,
  ],
};
