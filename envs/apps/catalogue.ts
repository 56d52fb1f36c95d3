/**
 * All apps and tables of the world, by name.
 *
 * @module
 */
import { commonpot } from "./apps/commonpot/mod.ts";
import { corkline } from "./apps/corkline/mod.ts";
import { foldnote } from "./apps/foldnote/mod.ts";
import { guide } from "./apps/guide/mod.ts";
import { handset } from "./apps/handset/mod.ts";
import { larkbox } from "./apps/larkbox/mod.ts";
import { marlo } from "./apps/marlo/mod.ts";
import { principal } from "./apps/principal/mod.ts";
import { quillpost } from "./apps/quillpost/mod.ts";
import { REGISTRY_TABLES } from "./apps/registry/tables.ts";
import { stowbox } from "./apps/stowbox/mod.ts";
import { tuppence } from "./apps/tuppence/mod.ts";
import type { App, Catalogue, Table } from "./schema.ts";
import type { WorldProfile } from "./world/profiles.ts";

const APPS: readonly App[] = [
  handset,
  tuppence,
  foldnote,
  stowbox,
  corkline,
  larkbox,
  commonpot,
  marlo,
  quillpost,
  guide,
  principal,
];

/** Apps that every profile has: the documentation, and the user's profile. */
export const UTILITY_APPS: readonly string[] = ["guide", "principal"];

/** Every app, in the order of the documentation; the utilities come last. */
export const CATALOGUE: Catalogue = new Map(APPS.map((app) => [app.name, app]));

/** Apps of a profile. */
export function catalogueOf(profile: WorldProfile): Catalogue {
  return new Map([...CATALOGUE].filter(([name]) => profile.apps.includes(name) || UTILITY_APPS.includes(name)));
}

/** Every table by name, those of the hidden registry too. */
export const TABLES: ReadonlyMap<string, Table> = new Map(
  [...APPS.flatMap((app) => app.tables), ...REGISTRY_TABLES].map((table) => [table.name, table]),
);

/** Names of APIs by app, for the proxy in the sandbox. */
export function apiNames(catalogue: Catalogue = CATALOGUE): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries([...catalogue.values()].map((app) => [app.name, app.apis.map((api) => api.name)]));
}
