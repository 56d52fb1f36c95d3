/**
 * Environments by name.
 *
 * @module
 */
import { editDistance } from "../data/edit_distance.ts";
import { AppsEnvironment } from "./apps/environment.ts";
import type { Environment } from "./contract.ts";

/** Options of {@linkcode createEnvironment}. */
export interface CreateEnvironmentOptions {
  /**
   * Seed of the environment's worlds.
   *
   * @default {1}
   */
  seed?: number;
}

const FACTORIES: Readonly<Record<string, (options: CreateEnvironmentOptions) => Promise<Environment>>> = {
  apps: (options) => AppsEnvironment.create(options),
};

/** Names of all environments. */
export const ENVIRONMENT_IDS: readonly string[] = Object.keys(FACTORIES);

/** There is no environment of that name. */
export class UnknownEnvironmentError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "UnknownEnvironmentError";
}

/**
 * Makes an environment.
 *
 * @example The apps, with the world of seed 1
 * ```ts
 * import { createEnvironment } from "whetstone/envs/registry.ts";
 * import assert from "node:assert/strict";
 *
 * const environment = await createEnvironment("apps", { seed: 1 });
 * assert.ok(environment.splits.includes("train"));
 * ```
 *
 * @param id its name.
 * @throws {UnknownEnvironmentError} if there is none; names the closest one.
 */
export function createEnvironment(id: string, options: CreateEnvironmentOptions = {}): Promise<Environment> {
  const factory = Object.hasOwn(FACTORIES, id) ? FACTORIES[id] : undefined;
  if (factory !== undefined) return factory(options);
  const [closest = ""] = [...ENVIRONMENT_IDS].sort((a, b) => editDistance(id, a) - editDistance(id, b));
  throw new UnknownEnvironmentError(
    `Cannot make environment: id must be one of ${ENVIRONMENT_IDS.join(", ")}, got ${id}; did you mean ${closest}?`,
  );
}
