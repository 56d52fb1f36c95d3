/**
 * Earlier versions brought back: of notes that were changed on a day, of files likewise, and the last one with certain words.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  cycle,
  daysAgo,
  numberOf,
  phrase,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  type Write,
} from "./_kit.ts";
import { isFreePlace, plantFile } from "./_files.ts";
import { isFreshTitle, writeNote } from "./_phone.ts";
import { allPages, signIn } from "./_toolbox.ts";

const HEADS = ["Workshop", "Lesson plan", "Route", "Stall", "Rehearsal", "Inventory"] as const;
const NAMES = [
  "north room",
  "south room",
  "attic",
  "cellar",
  "yard",
  "kitchen",
  "hall",
  "shed",
  "balcony",
  "gate",
  "loft",
  "porch",
] as const;
const LINES = ["tables", "lamps", "keys", "water", "posters", "tape", "chairs", "tea", "cables", "paint"] as const;

function time(ctx: SetupContext, day: string, hour: number): string {
  return `${day}T${String(hour).padStart(2, "0")}:${ctx.random.int(10, 59)}:00`;
}

function lines(ctx: SetupContext): string {
  return ctx.random.sample(LINES, 4).map((line) => `${ctx.random.int(2, 40)} ${line}`).join("\n");
}

function drawNote(ctx: SetupContext) {
  const head = ctx.random.pick(HEADS);
  if (!isFreshTitle(ctx, head)) return reject("such notes exist");
  const day = daysAgo(ctx, ctx.random.int(9, 18));
  const ids = ctx.random.shuffle(NAMES).map((name, i) => {
    const note_id = writeNote(ctx, `${head}: ${name}`, lines(ctx), time(ctx, daysAgo(ctx, 60), 9));
    const edit = (at: string) => ctx.as(ctx.user, at)("foldnote", "edit_note", { note_id, body: lines(ctx) });
    edit(time(ctx, addDays(day, -1), 22));
    if (i % 3 !== 2) edit(time(ctx, day, 11));
    if (i % 4 === 1) edit(time(ctx, day, 15));
    if (i % 2 === 0) edit(time(ctx, addDays(day, 1), 8));
    return note_id;
  });
  const outside = writeNote(ctx, `Old ${head.toLowerCase()}: attic`, lines(ctx), time(ctx, daysAgo(ctx, 50), 9));
  ctx.as(ctx.user, time(ctx, day, 12))("foldnote", "edit_note", { note_id: outside, body: lines(ctx) });
  const writes = ids.flatMap((note_id): Write[] => {
    const saved = ctx.rowsWhere("foldnote.revision", "note_id", note_id)
      .filter((row) => textOf(row, "saved_at").startsWith(day))
      .sort((a, b) => (textOf(a, "saved_at") < textOf(b, "saved_at") ? -1 : 1));
    const [first] = saved;
    return first === undefined ? [] : [{ app: "foldnote", api: "restore_revision", args: { revision_id: first.id } }];
  });
  return {
    instruction: phrase(ctx, [
      `On ${
        sayDate(day)
      } I messed up my notes whose titles start with "${head}:". Bring back the revision that was saved on that day in each of them, the earliest one where there are several; notes without one from that day stay.`,
      `Please go through the notes named "${head}: …". If a note has revisions saved on ${
        sayDate(day)
      }, restore the first of that day. Leave the others.`,
      `Undo what I did on ${
        sayDate(day)
      } in the notes that begin with "${head}:" by restoring, note by note, the earliest revision saved on that day, if there is any.`,
    ]),
    pub: { head, day },
    said: { day: sayDate(day) },
    writes,
  };
}

function solveNote(apis: Apis, pub: { head: string; day: string }) {
  const token = signIn(apis, "foldnote");
  const notes = allPages(apis.foldnote.list_notes, { token }).filter((x) => x.title.startsWith(`${pub.head}:`));
  for (const { note_id } of notes) {
    const saved = allPages(apis.foldnote.list_revisions, { token, note_id })
      .filter((x) => x.saved_at.slice(0, 10) === pub.day)
      .sort((a, b) => (a.saved_at < b.saved_at ? -1 : 1));
    if (saved.length > 0) apis.foldnote.restore_revision({ token, revision_id: saved[0].revision_id });
  }
}

const FOLDERS = ["/ledgers", "/score-sheets", "/field-lists", "/rosters", "/timetables", "/drafts-2"] as const;

function versionsOf(ctx: SetupContext, path: string): Row[] {
  const slash = path.lastIndexOf("/");
  const file = ctx.rows("stowbox.file", ctx.user.email)
    .find((row) => row["folder"] === path.slice(0, slash) && row["name"] === path.slice(slash + 1));
  return file === undefined ? [] : [...ctx.rowsWhere("stowbox.file_version", "file_id", file.id)]
    .sort((a, b) => (textOf(a, "saved_at") > textOf(b, "saved_at") ? -1 : 1));
}

function rewriteFile(ctx: SetupContext, path: string, text: string, at: string): void {
  ctx.as(ctx.user, at)("stowbox", "write_file", { path, text, replace: true });
}

function drawFile(ctx: SetupContext) {
  const folder = cycle(ctx, FOLDERS.slice(ctx.random.int(0, 3)));
  if (!isFreePlace(ctx, folder)) return reject("the folder exists");
  const day = daysAgo(ctx, ctx.random.int(6, 15));
  const writes: Write[] = [];
  ctx.random.shuffle(NAMES).forEach((name, i) => {
    const path = `${folder}${i % 3 === 0 ? "/more" : ""}/${name.replace(" ", "-")}.txt`;
    plantFile(ctx, path, lines(ctx), time(ctx, daysAgo(ctx, 70), 9));
    for (let n = ctx.random.int(1, 6); n > 0; n--) {
      rewriteFile(ctx, path, lines(ctx), time(ctx, addDays(day, -2 * n), 10));
    }
    const last = i % 4 === 3 ? addDays(day, i === 3 ? 1 : -1) : day;
    rewriteFile(ctx, path, lines(ctx), time(ctx, last, 16));
    if (last !== day) return;
    const [newest] = versionsOf(ctx, path);
    writes.push({ app: "stowbox", api: "restore_version", args: { version_id: newest?.id ?? 0 } });
  });
  // It was made on that day and has nothing to go back to.
  plantFile(ctx, `${folder}/made-new.txt`, lines(ctx), time(ctx, day, 13));
  return {
    instruction: phrase(ctx, [
      `A script of mine overwrote files in ${folder} on ${
        sayDate(day)
      }. Give every file in there, at any depth, whose last change is of that day the text of its latest earlier version; files without earlier versions stay.`,
      `Please undo the last change of all files somewhere in ${folder} that were last changed on ${
        sayDate(day)
      }: restore the most recent version of each. A file without versions cannot be helped.`,
      `Whatever in ${folder} or its subfolders was last changed on ${
        sayDate(day)
      } should go back to the version before that, the newest that is kept. Leave files that have no versions or were last changed on another day.`,
    ]),
    pub: { folder, day },
    said: { day: sayDate(day) },
    writes,
  };
}

function solveFile(apis: Apis, pub: { folder: string; day: string }) {
  const token = signIn(apis, "stowbox");
  const files = allPages(apis.stowbox.list_folder, { token, path: pub.folder, deep: true, type: "file" });
  for (const { path } of files.filter((x) => x.edited_at.slice(0, 10) === pub.day)) {
    const [newest] = allPages(apis.stowbox.list_versions, { token, path, order: "-saved_at" });
    if (newest !== undefined) apis.stowbox.restore_version({ token, version_id: newest.version_id });
  }
}

const PHRASES = ["blue ladder", "second gate", "paper moon", "spare anchor", "white gravel", "long table"] as const;

function drawPhrase(ctx: SetupContext) {
  const folder = cycle(ctx, FOLDERS.slice(ctx.random.int(0, 3)));
  const name = cycle(ctx, ctx.random.sample(["plan", "story", "speech", "script", "letter"], 3));
  const path = `${folder}/${name}.md`;
  const words = cycle(ctx, ctx.random.shuffle(PHRASES));
  if (!isFreePlace(ctx, folder)) return reject("the folder exists");
  const count = ctx.random.int(24, 34);
  const last = ctx.random.int(6, 15);
  const [first = "", second = ""] = words.split(" ");
  const text = (i: number) => {
    const body = lines(ctx);
    // Before the last text with the words, some have them and some only have both words apart.
    if (i === last || (i < last && i % 3 === 0)) return `${body}\nand the ${words}`;
    return i % 4 === 1 ? `${body}\na ${second}, then something ${first}` : body;
  };
  plantFile(ctx, path, text(0), time(ctx, daysAgo(ctx, count + 3), 9));
  for (let i = 1; i <= count; i++) rewriteFile(ctx, path, text(i), time(ctx, daysAgo(ctx, count + 3 - i), 9 + (i % 9)));
  const found = versionsOf(ctx, path).find((row) => textOf(row, "text").includes(words));
  if (found === undefined || numberOf(found, "id") === 0) return reject("no such version");
  return {
    instruction: phrase(ctx, [
      `At some point I deleted the ${words} from ${path}. Please restore the latest version of the file that still has the words "${words}" in it.`,
      `The file ${path} used to mention "${words}". Bring back the newest of its versions that contains exactly these words, one after the other.`,
      `Go back through the versions of ${path} until you find the last one with "${words}" in the text, and restore that one.`,
    ]),
    pub: { path, words },
    writes: [{ app: "stowbox", api: "restore_version", args: { version_id: found.id } }] as Write[],
  };
}

function solvePhrase(apis: Apis, pub: { path: string; words: string }) {
  const token = signIn(apis, "stowbox");
  const versions = allPages(apis.stowbox.list_versions, { token, path: pub.path });
  for (const { version_id } of versions.sort((a, b) => (a.saved_at > b.saved_at ? -1 : 1))) {
    if (!apis.stowbox.read_version({ token, version_id }).text.includes(pub.words)) continue;
    apis.stowbox.restore_version({ token, version_id });
    return;
  }
}

/** Scenarios of this generator. */
export const restoreVersion: readonly Scenario[] = [
  bench({
    family: "restore_version/note",
    split: "test_normal",
    difficulty: 1,
    apps: ["foldnote"],
    axis: {},
    draw: drawNote,
    solve: solveNote,
  }),
  bench({
    family: "restore_version/file",
    split: "test_normal",
    difficulty: 1,
    apps: ["stowbox"],
    axis: {},
    draw: drawFile,
    solve: solveFile,
  }),
  bench({
    family: "restore_version/phrase",
    split: "test_normal",
    difficulty: 1,
    apps: ["stowbox"],
    axis: {},
    draw: drawPhrase,
    solve: solvePhrase,
  }),
];
