/**
 * The base world: a pure function of (seed, profile), from people and the life they share to the rows of every app.
 *
 * Contract: equal seeds give equal rows, byte for byte; the world's hash says so. All apps tell one story: a text has a copy with
 * both sides, a call is in both logs, an accepted ask has its transfer, a receipt its purchase.
 *
 * @module
 */
import { Pen } from "./_pen.ts";
import { WorldContext, type Writer } from "./world/context.ts";
import { writeCommonpot } from "./world/commonpot.ts";
import { writeCorkline } from "./world/corkline.ts";
import { writeFoldnote } from "./world/foldnote.ts";
import { writeHandset } from "./world/handset.ts";
import { writeLarkbox } from "./world/larkbox.ts";
import { generateLife } from "./world/make_life.ts";
import { writeMarlo } from "./world/marlo.ts";
import { generateSociety } from "./world/people.ts";
import { type ProfileName, PROFILES } from "./world/profiles.ts";
import { writeQuillpost } from "./world/quillpost.ts";
import { writeRegistry } from "./world/registry.ts";
import { writeStowbox } from "./world/stowbox.ts";
import { writeTuppence } from "./world/tuppence.ts";
import { BaseWorld } from "./world.ts";

export { WORLD_NOW } from "./world/context.ts";

/** In this order; a later one may read what earlier ones wrote. */
const WRITERS: readonly (readonly [app: string, writer: Writer])[] = [
  ["registry", writeRegistry],
  ["handset", writeHandset],
  ["foldnote", writeFoldnote],
  ["corkline", writeCorkline],
  ["larkbox", writeLarkbox],
  ["marlo", writeMarlo],
  ["tuppence", writeTuppence],
  ["commonpot", writeCommonpot],
  ["stowbox", writeStowbox],
  ["quillpost", writeQuillpost],
];

/** Options of {@linkcode generateWorld}. */
export interface GenerateWorldOptions {
  /**
   * Size of the world.
   *
   * @default {"full"}
   */
  profile?: ProfileName;
}

/**
 * Base world of a seed.
 *
 * @example Equal seeds, equal worlds
 * ```ts
 * import { generateWorld } from "whetstone/envs/apps/generate.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(generateWorld(1, { profile: "tiny" }).hash, generateWorld(1, { profile: "tiny" }).hash);
 * ```
 *
 * @param seed any integer.
 * @param options see {@linkcode GenerateWorldOptions}.
 */
export function generateWorld(seed: number, options: GenerateWorldOptions = {}): BaseWorld {
  const profile = PROFILES[options.profile ?? "full"];
  const society = generateSociety(seed, profile);
  const context = new WorldContext(seed, profile, society, generateLife(seed, profile, society));
  const pen = new Pen();
  for (const [app, write] of WRITERS) {
    // Apps that a small profile leaves out have no rows, but effects of other apps may still write to them.
    if (app !== "registry" && !profile.apps.includes(app)) continue;
    write(pen, context);
    pen.writeEvents();
  }
  return new BaseWorld(seed, society.people, new Map([...pen.tables].map(([spec, rows]) => [spec.name, rows])));
}
