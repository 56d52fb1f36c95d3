/**
 * stowbox: the file store. Paths name files and folders; other apps put their exports here.
 *
 * @module
 */
import type { App } from "../../schema.ts";
import { accountApis } from "../_common.ts";
import { bundleApis } from "./bundles.ts";
import { fileApis } from "./files.ts";
import { folderApis } from "./folders.ts";
import { binApis, quotaApis, versionApis } from "./history.ts";
import { sharingApis } from "./sharing.ts";
import { STOWBOX_TABLES, stowMember } from "./tables.ts";

/** The file store. */
export const stowbox: App = {
  name: "stowbox",
  about: "Files in folders, with earlier versions, bundles, shares and a bin.",
  tables: STOWBOX_TABLES,
  apis: [
    ...accountApis("stowbox", stowMember, "owner"),
    ...folderApis,
    ...fileApis,
    ...bundleApis,
    ...versionApis,
    ...sharingApis,
    ...binApis,
    ...quotaApis,
  ],
};
