/**
 * A small world with all apps, for tests of mail: the profiles below `full` leave quillpost out.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Pen } from "../../../../envs/apps/_pen.ts";
import { quillpost } from "../../../../envs/apps/apps/quillpost/mod.ts";
import { WORLD_NOW } from "../../../../envs/apps/generate.ts";
import type { Principal } from "../../../../envs/apps/scenario.ts";
import { AppSession } from "../../../../envs/apps/session.ts";
import { BaseWorld } from "../../../../envs/apps/world.ts";
import { writeCommonpot } from "../../../../envs/apps/world/commonpot.ts";
import { WorldContext, type Writer } from "../../../../envs/apps/world/context.ts";
import { writeCorkline } from "../../../../envs/apps/world/corkline.ts";
import { writeFoldnote } from "../../../../envs/apps/world/foldnote.ts";
import { writeHandset } from "../../../../envs/apps/world/handset.ts";
import { writeLarkbox } from "../../../../envs/apps/world/larkbox.ts";
import { generateLife } from "../../../../envs/apps/world/make_life.ts";
import { writeMarlo } from "../../../../envs/apps/world/marlo.ts";
import { generateSociety } from "../../../../envs/apps/world/people.ts";
import { APP_NAMES, PROFILES } from "../../../../envs/apps/world/profiles.ts";
import { writeQuillpost } from "../../../../envs/apps/world/quillpost.ts";
import { writeRegistry } from "../../../../envs/apps/world/registry.ts";
import { writeStowbox } from "../../../../envs/apps/world/stowbox.ts";
import { writeTuppence } from "../../../../envs/apps/world/tuppence.ts";
import { appCalls } from "../_app_kit.ts";

const WRITERS: readonly Writer[] = [
  writeRegistry,
  writeHandset,
  writeFoldnote,
  writeCorkline,
  writeLarkbox,
  writeMarlo,
  writeTuppence,
  writeCommonpot,
  writeStowbox,
  writeQuillpost,
];

let made: BaseWorld | undefined;

/** The world, made once. */
export function mailWorld(): BaseWorld {
  if (made !== undefined) return made;
  const profile = { ...PROFILES.tiny, apps: APP_NAMES };
  const society = generateSociety(1, profile);
  const context = new WorldContext(1, profile, society, generateLife(1, profile, society));
  const pen = new Pen();
  for (const write of WRITERS) {
    write(pen, context);
    pen.writeEvents();
  }
  made = new BaseWorld(1, society.people, new Map([...pen.tables].map(([spec, rows]) => [spec.name, rows])));
  return made;
}

/** A fresh fork with calls to quillpost that check the shapes of results, and refusals. */
export function openMail() {
  const base = mailWorld();
  const people: readonly Principal[] = base.people.filter(({ hasAccounts }) => hasAccounts)
    .map(({ name, email, number }) => ({ name, email, number }));
  const [user, friend, third] = people;
  assert.ok(user !== undefined && friend !== undefined && third !== undefined);
  const world = base.open(WORLD_NOW).fork();
  const session = new AppSession(world, user, "");
  const callsOf = (person: Principal) => appCalls(session.client(person), quillpost);
  const { one: mail, rows, all, refused } = callsOf(user);
  return {
    world,
    session,
    user,
    friend,
    third,
    people,
    mail,
    rows,
    all,
    refused,
    as: (person: Principal) => callsOf(person).one,
  };
}
