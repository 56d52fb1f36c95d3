/**
 * All apps and tables of the world, by name.
 *
 * @module
 */
import { foldnote } from "./apps/foldnote.ts";
import { guide } from "./apps/guide.ts";
import { handset } from "./apps/handset.ts";
import { marlo } from "./apps/marlo.ts";
import { principal } from "./apps/principal.ts";
import { tuppence } from "./apps/tuppence.ts";
import type { App, Catalogue, Table } from "./schema.ts";

const APPS: readonly App[] = [handset, tuppence, foldnote, marlo, guide, principal];

/** Every app, in the order of the documentation; the utilities come last. */
export const CATALOGUE: Catalogue = new Map(APPS.map((app) => [app.name, app]));

/** Every table by name. */
export const TABLES: ReadonlyMap<string, Table> = new Map(
  APPS.flatMap((app) => app.tables).map((table) => [table.name, table]),
);

/** Names of APIs by app, for the proxy in the sandbox. */
export function apiNames(): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(APPS.map((app) => [app.name, app.apis.map((api) => api.name)]));
}
