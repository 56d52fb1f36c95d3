/**
 * Files of stowbox: receipts of outings, statements of homes, files of projects, and what people collect besides.
 *
 * Contract: paths are unique per owner and every folder above a file exists; a receipt says the outing's total on its day and its
 * lines add up; the payer of an outing or a home's item has its paper. Sizes are lengths of texts.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import type { Json } from "../../../data/canonical.ts";
import type { Pen } from "../_pen.ts";
import { pinnedFile } from "../apps/corkline/tables.ts";
import { isWithin, kindOf, pathOf, splitPath } from "../apps/stowbox/_store.ts";
import { binEntry, file, fileVersion, folder, shareGrant, stowMember } from "../apps/stowbox/tables.ts";
import { addDays, DAY_NAMES } from "../calendar.ts";
import { TRIPS } from "../pools/life.ts";
import { ADDED_LINES, FILE_TEMPLATES, type FileTemplate, receiptText, statementText } from "../pools/stowbox.ts";
import { THINGS } from "../pools/words.ts";
import type { Person } from "../world.ts";
import { writeAccounts } from "./accounts.ts";
import { fillTemplate, firstName, WORLD_NOW, type WorldContext, type Writer } from "./context.ts";

/** Room for some hundreds of files; in characters. */
const QUOTA = 400_000;

/** A file to write. */
interface Planned {
  readonly path: string;
  readonly text: string;
  readonly madeAt: string;
  readonly editedAt: string;
  readonly tree: Json;
  readonly size: number;
  readonly starred: boolean;
  readonly versions: readonly { readonly text: string; readonly savedAt: string }[];
}

/** Writes stowbox. */
export const writeStowbox: Writer = (pen, context) => {
  writeAccounts(pen, context, stowMember, () => ({ quota: QUOTA }));
  context.society.principals.forEach((index) => {
    const desk = new Desk(context, index);
    addReceipts(desk);
    addStatements(desk);
    addProjectFiles(desk, pen);
    addTemplates(desk);
    addCopies(desk);
    addBundle(desk);
    write(pen, desk);
    writeShares(pen, desk);
    writeBin(pen, desk);
  });
};

/** The planned files of one person. */
class Desk {
  readonly context: WorldContext;
  readonly index: number;
  readonly me: Person;
  readonly random: KeyedRandom;
  readonly files: Planned[] = [];
  readonly #paths = new Set<string>();

  constructor(context: WorldContext, index: number) {
    this.context = context;
    this.index = index;
    this.me = context.person(index);
    this.random = context.random("stowbox", "files", index);
  }

  /** Plans a file; false if the path is taken. */
  add(path: string, text: string, madeAt: string, more: Partial<Planned> = {}): boolean {
    if (this.#paths.has(path)) return false;
    this.#paths.add(path);
    const starred = this.random.uniform() < 0.06;
    const { editedAt = madeAt, tree = null, size = text.length, versions = [] } = more;
    this.files.push({ path, text, madeAt, editedAt, tree, size, starred, versions });
    return true;
  }

  /** Values for the slots of templates. */
  slots(at: string): Readonly<Record<string, string | number>> {
    const { random, context } = this;
    const known = [...context.known(this.index).keys()];
    const projects = context.life.projects.filter(({ people }) => people.includes(this.index));
    const name = known.length === 0 ? "Ada" : firstName(context.person(random.pick(known)));
    return {
      me: this.me.name,
      name,
      place: random.pick(TRIPS),
      day: random.pick(DAY_NAMES),
      date: at.slice(0, 10),
      month: at.slice(0, 7),
      year: at.slice(0, 4),
      amount: `${random.int(6, 180)}.${random.pick(["00", "20", "50", "90"])}`,
      count: random.int(2, 9),
      number: random.int(10000, 99999),
      thing: random.pick(THINGS),
      project: projects.length === 0 ? "general" : slug(random.pick(projects).name),
      street: this.me.street,
    };
  }
}

/** `the Copper Pan` as `copper-pan`. */
function slug(name: string): string {
  return name.toLowerCase().replace(/^the /, "").replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
}

/** Receipts of what the person paid; some still lie in the inbox. */
function addReceipts(desk: Desk): void {
  const { context, index, random } = desk;
  for (const { kind, place, at, payer, totalCents, title } of context.life.outings) {
    if (payer !== index || (kind === "gift" && random.uniform() < 0.3)) continue;
    const date = at.slice(0, 10);
    const name = `${date}-${slug(kind === "gift" ? title : place)}.txt`;
    const folder = random.uniform() < 0.3 ? "/inbox" : `/receipts/${at.slice(0, 4)}`;
    desk.add(`${folder}/${name}`, receiptText(random, { place, kind, totalCents, date }), at);
  }
}

function addStatements(desk: Desk): void {
  const { context, index, random } = desk;
  const account = random.int(10000, 99999);
  for (const { people, month, items } of context.life.homes) {
    if (!people.includes(index)) continue;
    for (const { name, cents, payer, at } of items) {
      if (payer !== index) continue;
      const folder = `/home/statements/${month.slice(0, 4)}`;
      desk.add(`${folder}/${month}-${name}.pdf`, statementText(name, month, cents, account), at);
    }
  }
}

/** What was pinned to cards, as whoever pinned it has it. */
function addProjectFiles(desk: Desk, pen: Pen): void {
  for (const { by, name, text, made_at } of pen.rows(pinnedFile)) {
    if (by !== desk.me.email) continue;
    desk.add(`/work/pinned/${made_at.slice(0, 10)}-${name}`, text, made_at);
  }
}

function addTemplates(desk: Desk): void {
  const { context, random } = desk;
  const wanted = context.count(random, 85, 180, 20);
  // Everybody has some folders that others do not have.
  const folders = [...new Set(FILE_TEMPLATES.map(({ folder }) => folder))];
  const mine = new Set(random.sample(folders, Math.ceil(folders.length * 0.75)));
  const templates = FILE_TEMPLATES.filter(({ folder }) => mine.has(folder));
  for (let tries = 0; desk.files.length < wanted && tries < wanted * 3; tries++) {
    addTemplate(desk, random.pick(templates));
  }
}

function addTemplate(desk: Desk, { folder, name, text, living = false }: FileTemplate): void {
  const { random, context } = desk;
  const madeAt = context.moment(random, 2);
  const values = desk.slots(madeAt);
  const inPath = Object.fromEntries(Object.entries(values).map(([slot, value]) => [slot, slug(String(value))]));
  const where = fillTemplate(folder, { ...inPath, project: values["project"] ?? "" });
  const path = pathOf({ folder: where, name: fillTemplate(name, { ...inPath, project: values["project"] ?? "" }) });
  if (!living || random.uniform() < 0.45) {
    desk.add(path, fillTemplate(text, values), madeAt);
    return;
  }
  const versions: { text: string; savedAt: string }[] = [];
  let present = fillTemplate(text, values);
  let savedAt = madeAt;
  for (let i = random.int(1, 3); i > 0; i--) {
    const editedAt = context.later(random, savedAt, 12);
    if (editedAt <= savedAt) break;
    versions.push({ text: present, savedAt });
    const line = fillTemplate(random.pick(ADDED_LINES), desk.slots(editedAt));
    present = `${present}\n${line}`;
    savedAt = editedAt;
  }
  desk.add(path, present, madeAt, { editedAt: savedAt, versions });
}

/** Second copies of files that somebody saved twice. */
function addCopies(desk: Desk): void {
  const { context, random } = desk;
  for (const planned of random.sample(desk.files.filter(({ tree }) => tree === null), random.int(2, 5))) {
    const { folder, name } = splitPath(planned.path);
    const copy = random.uniform() < 0.5 ? `copy-of-${name}` : name;
    const place = copy === name || random.uniform() < 0.4 ? "/inbox" : folder;
    const madeAt = context.later(random, planned.editedAt, 20);
    desk.add(pathOf({ folder: place, name: copy }), planned.text, madeAt);
  }
}

/** An old folder that was packed. */
function addBundle(desk: Desk): void {
  const { random, context } = desk;
  if (random.uniform() < 0.35) return;
  const pictures = desk.files.filter(({ path }) => isWithin(path, "/pictures") || isWithin(path, "/letters")).slice(
    0,
    6,
  );
  if (pictures.length < 2) return;
  const files = pictures.map(({ path, text, editedAt }) => {
    const { name } = splitPath(path);
    return { path: name, kind: kindOf(name), size: text.length, text, edited_at: editedAt };
  });
  const unique = files.filter(({ path }, i) => files.findIndex((other) => other.path === path) === i)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const size = unique.reduce((sum, file) => sum + file.size, 0);
  const madeAt = context.moment(random, 2, 60);
  desk.add("/archive/older-things.bundle", "", madeAt, { tree: { folders: [], files: unique }, size });
}

/** Folders above a path, the highest first. */
function foldersAbove(path: string): string[] {
  const { folder } = splitPath(path);
  return folder === "/" ? [] : [...foldersAbove(folder), folder];
}

function write(pen: Pen, desk: Desk): void {
  const owner = desk.me.email;
  const first = new Map<string, string>([[
    "/inbox",
    addDays(WORLD_NOW, -desk.context.profile.historyDays) + "T08:00:00",
  ]]);
  for (const { path, madeAt } of desk.files) {
    for (const above of foldersAbove(path)) {
      const known = first.get(above);
      if (known === undefined || madeAt < known) first.set(above, madeAt);
    }
  }
  for (const [path, at] of first) pen.at(at, () => pen.add(folder, { owner, path }, at));
  for (const { path, text, madeAt, editedAt, tree, size, starred, versions } of desk.files) {
    const { folder, name } = splitPath(path);
    const kind = tree === null ? kindOf(name) : "bundle";
    pen.at(madeAt, () => {
      const values = { owner, folder, name, kind, size, text, tree, edited_at: editedAt, starred };
      const id = pen.add(file, values, madeAt);
      versions.forEach(({ text, savedAt }, i) => {
        const replacedAt = versions[i + 1]?.savedAt ?? editedAt;
        pen.add(fileVersion, { owner, file_id: id, text, saved_at: savedAt }, replacedAt);
      });
    });
  }
}

function writeShares(pen: Pen, desk: Desk): void {
  const { context, random, me, index } = desk;
  const withAccounts = new Set(context.society.principals);
  const known = [...context.known(index).keys()].filter((other) => withAccounts.has(other));
  if (known.length === 0) return;
  const folders = [...new Set(desk.files.flatMap(({ path }) => foldersAbove(path)))].sort()
    .filter((path) => path !== "/inbox" && !isWithin(path, "/money") && !isWithin(path, "/health"));
  const paths = [...random.sample(folders, 4), ...random.sample(desk.files, 3).map(({ path }) => path)];
  const close = random.sample(known, 4);
  for (const path of paths) {
    for (const other of random.sample(close, random.int(1, 2))) {
      const rights = random.uniform() < 0.65 ? "read" : "edit";
      const at = context.moment(random, 1, 90);
      const values = { owner: me.email, path, email: context.person(other).email, rights };
      pen.at(at, () => pen.add(shareGrant, values, at));
    }
  }
}

function writeBin(pen: Pen, desk: Desk): void {
  const { context, random, me } = desk;
  const taken = new Set(desk.files.map(({ path }) => path));
  for (let i = random.int(2, 5); i > 0; i--) {
    const madeAt = context.moment(random, 10);
    const { folder, name, text } = random.pick(
      FILE_TEMPLATES.filter(({ folder }) => folder === "/inbox" || folder === "/old"),
    );
    const values = desk.slots(madeAt);
    const inPath = Object.fromEntries(Object.entries(values).map(([slot, value]) => [slot, slug(String(value))]));
    const path = pathOf({ folder, name: fillTemplate(name, inPath) });
    if (taken.has(path)) continue;
    taken.add(path);
    const filled = fillTemplate(text, values);
    const at = context.later(random, madeAt, 8);
    const kept = {
      ...splitPath(path),
      kind: kindOf(path),
      size: filled.length,
      text: filled,
      tree: null,
      edited_at: madeAt,
      starred: false,
      versions: [],
    };
    const content = { folders: [], files: [kept] };
    pen.at(at, () => pen.add(binEntry, { owner: me.email, path, kind: "file", content, removed_at: at }, at));
  }
}
