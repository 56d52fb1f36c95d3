/**
 * Folders packed into bundles: those that rest, those that nobody shares (and then removed), those whose bundle is out of date.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  cycle,
  daysAgo,
  phrase,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  type Write,
} from "./_kit.ts";
import { isFreePlace, plantFile } from "./_files.ts";
import { holders } from "./_money_kit.ts";
import { pastTime } from "./_phone.ts";
import { allPages, signIn } from "./_toolbox.ts";

const PARENTS = ["/jobs", "/commissions", "/cases", "/campaigns", "/seasons", "/rehearsals"] as const;
const DEPOTS = ["/depot", "/bundles", "/long-term", "/attic", "/cold-store", "/vault"] as const;
const NAMES = [
  "amber-line",
  "brook-house",
  "cinder-lane",
  "dune-walk",
  "elm-yard",
  "fox-hill",
  "glass-roof",
  "hay-loft",
  "ivy-wall",
  "juniper-bay",
  "kite-field",
  "lark-rise",
] as const;
const PAPERS = ["brief.md", "sketch.txt", "costs.csv", "notes.txt", "contract.pdf"] as const;

function places(ctx: SetupContext) {
  const parent = cycle(ctx, PARENTS.slice(ctx.random.int(0, 3)));
  const depot = cycle(ctx, DEPOTS.slice(ctx.random.int(0, 3)));
  return isFreePlace(ctx, parent, depot) ? { parent, depot } : undefined;
}

/** A folder with a few files, one of them below; the last was changed at the time given, the others before. */
function plantFolder(ctx: SetupContext, path: string, last: string): void {
  const papers = ctx.random.sample(PAPERS, ctx.random.int(2, 4));
  const newest = ctx.random.int(0, papers.length - 1);
  papers.forEach((name, i) => {
    const at = i === newest ? last : `${addDays(last, -ctx.random.int(1, 90))}T10:${ctx.random.int(10, 59)}:00`;
    plantFile(
      ctx,
      `${path}${i === 1 ? "/drafts" : ""}/${name}`,
      `${name} for ${path.slice(1)}, ${ctx.random.int(100, 999)}`,
      at,
    );
  });
}

function pack(path: string, to: string, replace = false): Write {
  return { app: "stowbox", api: "pack_bundle", args: { path, to, replace, with_parents: true } };
}

function drawDestination(ctx: SetupContext) {
  const found = places(ctx);
  if (found === undefined) return reject("the places are taken");
  const { parent, depot } = found;
  const day = daysAgo(ctx, ctx.random.int(25, 45));
  const writes: Write[] = [];
  ctx.random.shuffle(NAMES).forEach((name, i) => {
    const path = `${parent}/${name}`;
    const last = i === 0
      ? `${day}T00:10:00`
      : i === 1
      ? `${addDays(day, -1)}T23:30:00`
      : `${addDays(day, i % 2 === 0 ? -ctx.random.int(3, 80) : ctx.random.int(1, 20))}T12:30:00`;
    plantFolder(ctx, path, last);
    if (last.slice(0, 10) < day) writes.push(pack(path, `${depot}/${name}.bundle`));
  });
  plantFile(ctx, `${parent}/read-me.txt`, "One folder per job.", pastTime(ctx, 200));
  return {
    instruction: phrase(ctx, [
      `Pack each folder in ${parent} in which nothing was changed on ${
        sayDate(day)
      } or later into a bundle of its own in ${depot}, such as ${depot}/elm-yard.bundle for ${parent}/elm-yard. Look at everything in a folder, also further down. The folders themselves stay.`,
      `I want bundles of the folders in ${parent} that have been at rest since ${
        sayDate(day)
      }, so with no file, at any depth, last changed on that day or after. Put them into ${depot}, named after the folder with ".bundle" at the end, and keep the originals.`,
      `For every folder directly in ${parent} whose files, including those in its own subfolders, were all last changed before ${
        sayDate(day)
      }: make a bundle of it in ${depot}, called like the folder (elm-yard.bundle and so on). Do not remove anything.`,
    ]),
    pub: { parent, depot, day },
    said: { day: sayDate(day) },
    writes,
  };
}

function solveDestination(apis: Apis, pub: { parent: string; depot: string; day: string }) {
  const token = signIn(apis, "stowbox");
  for (const { path, name } of allPages(apis.stowbox.list_folder, { token, path: pub.parent, type: "folder" })) {
    const files = allPages(apis.stowbox.list_folder, { token, path, deep: true, type: "file" });
    if (files.some((x) => x.edited_at.slice(0, 10) >= pub.day)) continue;
    apis.stowbox.pack_bundle({ token, path, to: `${pub.depot}/${name}.bundle`, with_parents: true });
  }
}

function drawOriginals(ctx: SetupContext) {
  const found = places(ctx);
  const people = ctx.random.sample(holders(ctx), 3).map(({ person }) => person);
  if (found === undefined || people.length < 3) return reject("the places are taken");
  const { parent, depot } = found;
  const names = ctx.random.shuffle(NAMES);
  const least = ctx.random.int(3, 4);
  const writes: Write[] = [];
  names.forEach((name, i) => {
    const path = `${parent}/${name}`;
    const count = i % 3 === 0 ? least - 1 : ctx.random.int(least, least + 2);
    for (let n = 1; n <= count; n++) {
      plantFile(
        ctx,
        `${path}/page-${n}.txt`,
        `Page ${n} of ${name}, ${ctx.random.int(100, 999)}`,
        pastTime(ctx, 20 + n),
      );
    }
    const isShared = i % 4 === 1;
    if (isShared) {
      for (const { email } of people.slice(0, ctx.random.int(1, 3))) {
        ctx.as(ctx.user, pastTime(ctx, 5))("stowbox", "share_path", { path, email });
      }
    }
    if (isShared || count < least) return;
    writes.push(pack(path, `${depot}/${name}.bundle`), {
      app: "stowbox",
      api: "remove_folder",
      args: { path, with_content: true },
    });
  });
  return {
    instruction: phrase(ctx, [
      `Each folder in ${parent} that has at least ${least} files and is not shared with anybody should become a bundle in ${depot}, named like the folder (elm-yard.bundle and so on); after that, remove the folder itself.`,
      `Replace folders in ${parent} by bundles: pack those that I share with nobody and that hold ${least} files or more into ${depot}/NAME.bundle, where NAME is the folder's, then throw away the original folder. Leave the others alone.`,
      `To tidy up ${parent}: take every folder there that no one else has access to and with ${least} or more files in it, pack it into ${depot} under its own name with .bundle at the end, and delete the folder.`,
    ]),
    pub: { parent, depot, least },
    writes,
  };
}

function solveOriginals(apis: Apis, pub: { parent: string; depot: string; least: number }) {
  const token = signIn(apis, "stowbox");
  for (const { path, name } of allPages(apis.stowbox.list_folder, { token, path: pub.parent, type: "folder" })) {
    if (apis.stowbox.get_folder({ token, path }).shared_with > 0) continue;
    const files = allPages(apis.stowbox.list_folder, { token, path, deep: true, type: "file" });
    if (files.length < pub.least) continue;
    apis.stowbox.pack_bundle({ token, path, to: `${pub.depot}/${name}.bundle`, with_parents: true });
    apis.stowbox.remove_folder({ token, path, with_content: true });
  }
}

function drawSkip(ctx: SetupContext) {
  const found = places(ctx);
  if (found === undefined) return reject("the places are taken");
  const { parent, depot } = found;
  const writes: Write[] = [];
  ctx.random.shuffle(NAMES).forEach((name, i) => {
    const path = `${parent}/${name}`;
    const to = `${depot}/${name}.bundle`;
    const age = ctx.random.int(12, 60);
    plantFolder(ctx, path, `${daysAgo(ctx, age)}T11:45:00`);
    const state = (["new", "packed", "outdated", "outdated by minutes"] as const)[i % 4];
    if (state === "new") {
      writes.push(pack(path, to));
      return;
    }
    const packedAt = `${daysAgo(ctx, age - ctx.random.int(1, 9))}T15:20:00`;
    ctx.as(ctx.user, packedAt)("stowbox", "pack_bundle", { path, to, with_parents: true });
    if (state === "packed") return;
    const changedAt = state === "outdated" ? pastTime(ctx, 2) : `${packedAt.slice(0, 14)}55:00`;
    plantFile(ctx, `${path}/late-${ctx.random.int(10, 99)}.txt`, `Added later to ${name}.`, changedAt);
    writes.push(pack(path, to, true));
  });
  return {
    instruction: phrase(ctx, [
      `Bring the bundles in ${depot} up to date: each folder in ${parent} has, or should have, one there, like ${depot}/elm-yard.bundle for ${parent}/elm-yard. Pack what has none yet, and pack anew, replacing the old bundle, where some file in the folder was changed after its bundle was. Leave good bundles as they are.`,
      `Every folder in ${parent} needs a current bundle of the same name in ${depot} (elm-yard.bundle and so on). Make those that are missing, and replace a bundle if a file in the folder, at any depth, has been changed since the bundle was made. Touch nothing else.`,
      `Please pack the folders of ${parent} into ${depot}, each as NAME.bundle with the folder's name. Skip those that are packed already, unless something in the folder is newer than the bundle; then replace it.`,
    ]),
    pub: { parent, depot },
    writes,
  };
}

function solveSkip(apis: Apis, pub: { parent: string; depot: string }) {
  const token = signIn(apis, "stowbox");
  for (const { path, name } of allPages(apis.stowbox.list_folder, { token, path: pub.parent, type: "folder" })) {
    const to = `${pub.depot}/${name}.bundle`;
    if (apis.stowbox.path_exists({ token, path: to }).exists) {
      const packed = apis.stowbox.get_file_info({ token, path: to }).edited_at;
      const files = allPages(apis.stowbox.list_folder, { token, path, deep: true, type: "file" });
      if (files.every((x) => x.edited_at <= packed)) continue;
    }
    apis.stowbox.pack_bundle({ token, path, to, replace: true, with_parents: true });
  }
}

/** Scenarios of this generator. */
export const packFolders: readonly Scenario[] = [
  bench({
    family: "pack_folders/destination",
    split: "test_normal",
    difficulty: 1,
    apps: ["stowbox"],
    axis: {},
    draw: drawDestination,
    solve: solveDestination,
  }),
  bench({
    family: "pack_folders/originals",
    split: "test_normal",
    difficulty: 2,
    apps: ["stowbox"],
    axis: {},
    draw: drawOriginals,
    solve: solveOriginals,
  }),
  bench({
    family: "pack_folders/skip",
    split: "test_normal",
    difficulty: 2,
    apps: ["stowbox"],
    axis: {},
    draw: drawSkip,
    solve: solveSkip,
  }),
];
