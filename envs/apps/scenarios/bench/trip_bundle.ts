/**
 * What belongs to a trip goes to those who take part: files of a folder enclosed, the folder packed and shared, notes and ledger exported.
 *
 * Hurdles: files of other kinds and in folders below, removed bills, archived notes, notes of another trip, the user's own address.
 *
 * @module
 */
import { mailWithFiles } from "./_cross_a.ts";
import { isFreePlace, pathOfRow, plantFile } from "./_files.ts";
import {
  type Apis,
  bench,
  type BenchDraw,
  centsText,
  cycle,
  daysAgo,
  numberOf,
  phrase,
  principalOf,
  type Reject,
  reject,
  type Scenario,
  type SetupContext,
  sumOf,
  textOf,
} from "./_kit.ts";
import { addBillOn, billsIn, circlesOf, type CircleView } from "./_money_kit.ts";
import { pastTime, writeNote } from "./_phone.ts";
import { allPages, mailFiles, signIn, sumMoney } from "./_toolbox.ts";

type FilesPub = { readonly circle: string; readonly folder: string; readonly kind: string; readonly subject: string };
type PackPub = { readonly circle: string; readonly folder: string; readonly subject: string };
type NotesPub = { readonly circle: string; readonly folder: string; readonly word: string };

const ROOTS = ["/journeys", "/getaways", "/outings"] as const;
const SPOTS = ["lake", "island", "mountain", "coast", "canal", "forest"] as const;
const KINDS = ["pdf", "txt", "csv"] as const;
const PAPERS = [
  "tickets",
  "map",
  "packing",
  "rooms",
  "route",
  "times",
  "menu",
  "ferry",
  "hut",
  "insurance",
  "weather",
] as const;
const COSTS = ["Ferry", "Hut", "Groceries", "Petrol", "Boat", "Museum", "Pancakes", "Firewood", "Bus"] as const;
const SUBJECTS = ["Papers for the trip", "All you need to bring", "Before we go", "Travel papers"] as const;

/** A circle whose members all have accounts; trips before others. */
function tripCircle(ctx: SetupContext, least: number, most: number): CircleView | undefined {
  const fair = circlesOf(ctx, least, most).filter(({ members }) =>
    members.every((email) => principalOf(ctx, email) !== undefined)
  );
  return fair.find(({ kind }) => kind === "trip") ?? fair[0];
}

function othersIn(ctx: SetupContext, { members }: CircleView): string[] {
  return members.filter((email) => email !== ctx.user.email);
}

function someFolder(ctx: SetupContext): string {
  return `${cycle(ctx, ROOTS)}/${ctx.random.pick(SPOTS)}-${ctx.random.int(2, 9)}`;
}

/** Papers of a trip in a folder: different kinds, some in a folder below. */
function plantPapers(ctx: SetupContext, folder: string): void {
  ctx.random.shuffle(PAPERS).forEach((name, i) => {
    const kind = i < 7 ? KINDS[ctx.variant - 1] ?? "pdf" : KINDS[(ctx.variant + i) % KINDS.length] ?? "txt";
    const text = `${name} for the trip\nref ${ctx.random.int(1000, 9999)}`;
    plantFile(ctx, `${folder}/${name}-${ctx.random.int(10, 99)}.${kind}`, text, pastTime(ctx, 4 + i));
  });
  for (const kind of KINDS) {
    plantFile(ctx, `${folder}/old/draft-${ctx.random.int(10, 99)}.${kind}`, "an old one", pastTime(ctx, 60));
  }
}

function drawFiles(ctx: SetupContext): BenchDraw<FilesPub> | Reject {
  const circle = tripCircle(ctx, 3, 9);
  const folder = someFolder(ctx);
  if (circle === undefined || !isFreePlace(ctx, folder)) return reject("no circle, or the folder exists");
  plantPapers(ctx, folder);
  const kind = KINDS[ctx.variant - 1] ?? "pdf";
  const subject = cycle(ctx, ctx.random.shuffle(SUBJECTS));
  const files = ctx.rows("stowbox.file", ctx.user.email).filter((row) => row["folder"] === folder);
  const wanted = files.filter((row) => row["kind"] === kind).map(pathOfRow);
  if (wanted.length < 6 || wanted.length === files.length) return reject("the folder is not fair");
  const others = othersIn(ctx, circle);
  const { name } = circle;
  const body = `${wanted.length} files for ${others.length} of you.`;
  return {
    instruction: phrase(ctx, [
      `Send the other members of my commonpot circle "${name}" one letter with all ${kind} files that lie directly in ${folder} enclosed. Subject "${subject}", text like "4 files for 3 of you." with the number of files and of receivers.`,
      `Everybody in "${name}" but me should get the ${kind} files from ${folder} in stowbox by mail (not those in folders below it): a single letter, "${subject}", and as text for example "4 files for 3 of you.", counting files and the people who get it.`,
      `Please mail what is right in ${folder} and is a ${kind} file to all the others of the commonpot circle "${name}", all in one letter called "${subject}". The text says how many files and how many receivers there are, in the form "4 files for 3 of you."`,
    ]),
    pub: { circle: name, folder, kind, subject },
    writes: (client) => mailWithFiles(client, { to: others, subject, body }, wanted),
  };
}

function solveTripFiles(apis: Apis, pub: FilesPub) {
  const token = signIn(apis, "commonpot");
  const stow_token = signIn(apis, "stowbox");
  const mail = signIn(apis, "quillpost");
  const me = apis.principal.who_am_i().email;
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const to = allPages(apis.commonpot.list_circle_members, { token, circle_id })
    .map((x) => x.email).filter((x) => x !== me);
  const paths = allPages(apis.stowbox.list_folder, { token: stow_token, path: pub.folder, type: "file" })
    .filter((x) => x.kind === pub.kind).map((x) => x.path);
  const body = `${paths.length} files for ${to.length} of you.`;
  mailFiles(apis, mail, stow_token, { to, subject: pub.subject, body }, paths);
}

/** Bills of a circle with different titles, one of them removed. */
function plantCosts(ctx: SetupContext, { id, members }: CircleView): void {
  ctx.random.shuffle(COSTS).forEach((title, i) => {
    const bill_id = addBillOn(ctx, {
      circle: id,
      by: members[i % members.length] ?? ctx.user.email,
      title: `${title} ${ctx.random.int(10, 99)}`,
      cents: ctx.random.int(20, 200) * 60,
      day: daysAgo(ctx, 3 + i * 2),
    });
    if (i === 4) ctx.as()("commonpot", "remove_bill", { bill_id });
  });
}

function drawPack(ctx: SetupContext): BenchDraw<PackPub> | Reject {
  const circle = tripCircle(ctx, 3, 6);
  const folder = someFolder(ctx);
  const bundle = `${folder}.bundle`;
  if (circle === undefined || !isFreePlace(ctx, folder, bundle)) return reject("no circle, or the folder exists");
  plantPapers(ctx, folder);
  plantCosts(ctx, circle);
  const bills = billsIn(ctx, circle.id);
  const lines = bills.map((row) => `${row["title"]}: ${centsText(numberOf(row, "total"))}`);
  const folded = [...lines].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  if (bills.length > 40 || [...lines].sort().join("\n") !== folded.join("\n")) return reject("bills are hard to sort");
  const subject = cycle(ctx, ctx.random.shuffle(SUBJECTS));
  const others = othersIn(ctx, circle);
  const { name } = circle;
  const body = `Everything is in ${bundle}. In all: ${centsText(sumOf(bills, "total"))}`;
  return {
    instruction: phrase(ctx, [
      `Write the bills of my commonpot circle "${name}" to ${folder}/costs.txt, one line each in alphabetical order like "Ferry: 84.20". Then pack ${folder} into ${folder}.bundle and share that bundle with every other member for reading. One letter to all of them, "${subject}", text "Everything is in ${folder}.bundle. In all: 84.20" with the sum of the bills.`,
      `For the others in "${name}": put a file costs.txt into ${folder} with a line for each bill of the circle (alphabetical, "Ferry: 84.20"), then make a bundle of the folder at ${folder}.bundle and let each of them read it. Tell them in one letter, subject "${subject}": "Everything is in ${folder}.bundle. In all: 84.20", where the amount is the total of those bills.`,
      `Please bundle the trip folder ${folder} as ${folder}.bundle, but first add costs.txt to it: all bills of "${name}" in commonpot as lines "Ferry: 84.20", sorted alphabetically. The bundle is to be shared (read only) with each other member, and one letter goes to all of them: "${subject}", "Everything is in ${folder}.bundle. In all: 84.20" with the bills added up.`,
    ]),
    pub: { circle: name, folder, subject },
    writes: (client) => {
      client("stowbox", "write_file", { path: `${folder}/costs.txt`, text: lines.sort().join("\n") });
      client("stowbox", "pack_bundle", { path: folder, to: bundle });
      for (const email of others) client("stowbox", "share_path", { path: bundle, email });
      client("quillpost", "send_letter", { to: others, subject, body });
    },
  };
}

function solveTripPack(apis: Apis, pub: PackPub) {
  const token = signIn(apis, "commonpot");
  const stow = signIn(apis, "stowbox");
  const mail = signIn(apis, "quillpost");
  const me = apis.principal.who_am_i().email;
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const to = allPages(apis.commonpot.list_circle_members, { token, circle_id })
    .map((x) => x.email).filter((x) => x !== me);
  const bills = allPages(apis.commonpot.list_bills, { token, circle_id });
  const text = bills.map(({ title, total }) => `${title}: ${total.toFixed(2)}`).sort().join("\n");
  const path = `${pub.folder}.bundle`;
  apis.stowbox.write_file({ token: stow, path: `${pub.folder}/costs.txt`, text });
  apis.stowbox.pack_bundle({ token: stow, path: pub.folder, to: path });
  for (const email of to) apis.stowbox.share_path({ token: stow, path, email });
  const body = `Everything is in ${path}. In all: ${sumMoney(bills.map((x) => x.total)).toFixed(2)}`;
  apis.quillpost.send_letter({ token: mail, to, subject: pub.subject, body });
}

function drawNotes(ctx: SetupContext): BenchDraw<NotesPub> | Reject {
  const circle = tripCircle(ctx, 3, 9);
  const folder = someFolder(ctx);
  const word = `${ctx.random.pick(SPOTS)} ${cycle(ctx, ["week", "days", "tour"])}`;
  const [near] = SPOTS.filter((spot) => !word.startsWith(spot)).map((spot) => `${spot} ${word.split(" ")[1]}`);
  const known = ctx.rows("foldnote.keyword", ctx.user.email).map((row) => textOf(row, "name"));
  if (
    circle === undefined || near === undefined || !isFreePlace(ctx, folder) || known.includes(word) ||
    known.includes(near)
  ) {
    return reject("no circle, or the folder or keyword exists");
  }
  plantCosts(ctx, circle);
  const first = ctx.as(ctx.user, `${daysAgo(ctx, 90)}T09:00:00`);
  for (const keyword of [word, near]) first("foldnote", "add_keyword", { name: keyword });
  const titles = ctx.random.shuffle(PAPERS);
  const taken = new Set(ctx.rows("foldnote.note", ctx.user.email).map((row) => textOf(row, "title")));
  const exported: { readonly id: number; readonly path: string }[] = [];
  titles.forEach((name, i) => {
    const title = `${name[0]?.toUpperCase()}${name.slice(1)} ${ctx.random.int(10, 99)}`;
    if (taken.has(title)) return;
    const at = pastTime(ctx, 5 + i * 2);
    const id = writeNote(ctx, title, `All about ${name}:\nask ${ctx.random.int(100, 999)}`, at);
    const client = ctx.as(ctx.user, `${at.slice(0, 10)}T22:30:00`);
    client("foldnote", "tag_note", { note_id: id, keyword: i === 8 ? near : word });
    if (i === 9) client("foldnote", "archive_note", { note_id: id, on: true });
    if (i < 8 || i > 9) exported.push({ id, path: `${folder}/${title}.txt` });
  });
  const others = othersIn(ctx, circle);
  const { name } = circle;
  const ledger = `${folder}/ledger.csv`;
  const paths = [ledger, ...exported.map(({ path }) => path)];
  const subject = `All about ${name}`;
  const body = `${exported.length} notes and the costs: ${centsText(sumOf(billsIn(ctx, circle.id), "total"))}`;
  return {
    instruction: phrase(ctx, [
      `Export my notes with the keyword "${word}", archived ones aside, to ${folder} in stowbox, each as its title with .txt, and the whole ledger of the commonpot circle "${name}" as ledger.csv beside them. Mail all these files to the other members in one letter: subject "All about ${name}", text like "4 notes and the costs: 84.20" with the sum of the bills.`,
      `The others in "${name}" (commonpot) should get one letter "All about ${name}" with the circle's full ledger and every note of mine that has the keyword "${word}" and is not archived, as files. Keep the files in ${folder}: ledger.csv, and for each note its title plus .txt. The text counts notes and adds up the circle's bills, as in "4 notes and the costs: 84.20".`,
      `Please gather the papers of "${name}" in ${folder}: the complete ledger of that commonpot circle as ledger.csv, and my unarchived notes under the keyword "${word}" exported as title plus .txt. Then enclose everything in one letter to all other members, "All about ${name}", with a text such as "4 notes and the costs: 84.20" (number of notes, total of the bills).`,
    ]),
    pub: { circle: name, folder, word },
    writes: (client) => {
      client("commonpot", "export_ledger", { circle_id: circle.id, path: ledger });
      for (const { id, path } of exported) client("foldnote", "export_note", { note_id: id, path });
      mailWithFiles(client, { to: others, subject, body }, paths);
    },
  };
}

function solveTripNotes(apis: Apis, pub: NotesPub) {
  const token = signIn(apis, "commonpot");
  const notes = signIn(apis, "foldnote");
  const stow_token = signIn(apis, "stowbox");
  const mail = signIn(apis, "quillpost");
  const me = apis.principal.who_am_i().email;
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const to = allPages(apis.commonpot.list_circle_members, { token, circle_id })
    .map((x) => x.email).filter((x) => x !== me);
  const costs = allPages(apis.commonpot.list_bills, { token, circle_id }).map((x) => x.total);
  const paths = [`${pub.folder}/ledger.csv`];
  apis.commonpot.export_ledger({ token, circle_id, path: paths[0], stow_token });
  const found = allPages(apis.foldnote.list_notes, { token: notes, keyword: pub.word, archived: false });
  for (const { note_id, title } of found) {
    const path = `${pub.folder}/${title}.txt`;
    apis.foldnote.export_note({ token: notes, note_id, path, stow_token });
    paths.push(path);
  }
  const body = `${found.length} notes and the costs: ${sumMoney(costs).toFixed(2)}`;
  mailFiles(apis, mail, stow_token, { to, subject: `All about ${pub.circle}`, body }, paths);
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const tripBundle: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "trip_bundle/files",
    difficulty: 2,
    apps: ["commonpot", "stowbox", "quillpost"],
    draw: drawFiles,
    solve: solveTripFiles,
  }),
  bench({
    ...COMMON,
    family: "trip_bundle/pack",
    difficulty: 3,
    apps: ["commonpot", "stowbox", "quillpost"],
    draw: drawPack,
    solve: solveTripPack,
  }),
  bench({
    ...COMMON,
    family: "trip_bundle/notes",
    difficulty: 3,
    apps: ["commonpot", "foldnote", "stowbox", "quillpost"],
    draw: drawNotes,
    solve: solveTripNotes,
  }),
];
