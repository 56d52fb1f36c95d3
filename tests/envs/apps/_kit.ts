/**
 * Worlds and sessions for tests of apps: each call of {@linkcode openApps} gives a fresh fork of one shared world of a profile.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Json } from "../../../data/canonical.ts";
import { generateWorld, WORLD_NOW } from "../../../envs/apps/generate.ts";
import type { Client, Principal } from "../../../envs/apps/scenario.ts";
import { AppSession, type Reply } from "../../../envs/apps/session.ts";
import type { ProfileName } from "../../../envs/apps/world/profiles.ts";
import type { BaseWorld, World } from "../../../envs/apps/world.ts";

const bases = new Map<string, BaseWorld>();

/** The world of a profile and seed, made once. */
export function baseWorld(profile: ProfileName = "tiny", seed = 1): BaseWorld {
  const key = `${profile} ${seed}`;
  const base = bases.get(key) ?? generateWorld(seed, { profile });
  bases.set(key, base);
  return base;
}

/** What tests of an app need. */
export interface OpenApps {
  readonly world: World;
  readonly user: Principal;
  /** Everybody with accounts; the user is the first. */
  readonly people: readonly Principal[];
  readonly session: AppSession;
  /** Calls as the user with a token filled in; throws what the API refuses. */
  readonly me: Client;
  /** Calls as somebody else. */
  as(person: Pick<Principal, "email">): Client;
  /** Calls as an agent does: no token is filled in, refusals are replies. */
  call(app: string, api: string, args?: Json): Reply;
}

/** A fresh world with a session of its first (or another) person with accounts. */
export function openApps(profile: ProfileName = "tiny", userIndex = 0): OpenApps {
  const base = baseWorld(profile);
  const people = base.people.filter(({ hasAccounts }) => hasAccounts)
    .map(({ name, email, number }) => ({ name, email, number }));
  const user = people[userIndex];
  assert.ok(user !== undefined);
  const world = base.open(WORLD_NOW).fork();
  const session = new AppSession(world, user, "");
  return {
    world,
    user,
    people: [user, ...people.filter((person) => person !== user)],
    session,
    me: session.client(user),
    as: (person) => session.client(person),
    call: (app, api, args = {}) => session.call(app, api, args),
  };
}

/** Status and message with which a call is refused; fails if it is not. */
export function refusal(run: () => unknown): { readonly status: number; readonly message: string } {
  try {
    run();
  } catch (error) {
    const { status, message } = error as { status?: unknown; message?: unknown };
    if (typeof status === "number") return { status, message: String(message) };
    throw error;
  }
  assert.fail("the call was not refused");
}

/** Status with which a call is refused; fails if it is not. */
export function status(run: () => unknown): number {
  return refusal(run).status;
}

/** Values that stand in a list more than once. */
export function repeated(values: readonly string[]): string[] {
  return values.filter((value, i) => values.indexOf(value) !== i);
}
