/**
 * Files of letters saved in dated folders: by year, by month where they are missing with the folder shared afterwards, or by sender with
 * the letters filed afterwards.
 *
 * Hurdles: letters at the turn of a year or month, letters in the bin, look-alike senders, files that were saved before, contacts with
 * the same first name.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  cycle,
  daysAgo,
  phrase,
  type Reject,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  today,
  type Write,
} from "./_kit.ts";
import {
  addTag,
  emailsOf,
  filesOf,
  hasFreshTag,
  hourAgo,
  hourBetween,
  hourOn,
  isFreePath,
  keptMail,
  type Mail,
  mailCall,
  mailTies,
  mayAnswerAlone,
  partedBy,
  receive,
} from "./_mail_kit.ts";
import { addNamesake } from "../short/_setup.ts";
import { textable, theTies } from "./_phone.ts";
import { allPages, contactNamed, contactsWith, signIn } from "./_toolbox.ts";

type YearPub = { readonly sender: string; readonly folder: string };
type MonthPub = { readonly sender: string; readonly folder: string; readonly name: string; readonly words: string };
type TiePub = { readonly tie: string; readonly day: string; readonly folder: string; readonly tag: string };

const SENDERS = [
  "billing@canalpower.test",
  "accounts@ferrynet.test",
  "policies@mooringinsurance.test",
  "meter@harrowbywater.test",
  "office@harrowbyhomes.test",
] as const;

const WORDS = [
  "The papers are complete, have a look.",
  "You can read all the papers now.",
  "The folder with the papers is yours to read.",
] as const;

/** Letters of a sender with one file each, named after a number, at moments of which some lie at the turn of years. */
function plantStatements(ctx: SetupContext, sender: string, moments: readonly string[]): Mail[] {
  const numbers = ctx.random.sample(Array.from({ length: 300 }, (_, i) => 5001 + i * 13), moments.length + 2);
  return moments.map((at, i) =>
    receive(ctx, {
      from: sender,
      subject: ctx.random.pick(["Your statement", "Statement enclosed", "New statement"]),
      body: "Dear customer,\nyour statement is enclosed.",
      at,
      files: [{
        name: `account-${numbers[i]}.pdf`,
        text: `Statement ${numbers[i]}\nAmount: ${ctx.random.int(9, 99)}.50`,
      }],
    })
  );
}

/** Whether the files of letters have different paths. */
function saved(ctx: SetupContext, letters: readonly Mail[], folderOf: (letter: Mail) => string) {
  const files = letters.flatMap((one) =>
    filesOf(ctx, one.id).map((row) => ({ row, folder: folderOf(one), path: `${folderOf(one)}/${textOf(row, "name")}` }))
  );
  return { files, clear: new Set(files.map(({ path }) => path)).size === files.length };
}

function drawYear(ctx: SetupContext): BenchDraw<YearPub> | Reject {
  const sender = ctx.random.pick(SENDERS);
  const folder = cycle(ctx, ["/statements by year", "/household/mailed", "/paper archive"]);
  if (!isFreePath(ctx, folder)) return reject("the folder is there");
  const moments = [
    "2026-12-31T23:20:00",
    "2027-01-01T00:15:00",
    ...Array.from({ length: 8 }, () => hourBetween(ctx, "2026-08-01", "2026-12-30")),
    ...Array.from({ length: 7 }, () => hourBetween(ctx, "2027-01-02", daysAgo(ctx, 2))),
  ];
  const planted = plantStatements(ctx, sender, moments);
  mailCall(ctx, "move_to_bin", { letter_id: planted[4]?.id ?? 0 });
  mailCall(ctx, "archive", { letter_id: planted[6]?.id ?? 0 });
  plantStatements(ctx, `news.${sender}`, [hourAgo(ctx, 20)]);
  const letters = keptMail(ctx).filter(({ from }) => from === sender);
  const { files, clear } = saved(ctx, letters, ({ day }) => `${folder}/${day.slice(0, 4)}`);
  if (!clear || files.length > 40) return reject("two files of one path, or too many");
  const instruction = phrase(ctx, [
    `Save every file that came with a letter from ${sender} in my file store, in a folder per year under ${folder} (such as ${folder}/2026), by the year in which the letter was sent. Leave out the bin.`,
    `Please file the enclosures of all letters from ${sender}, bin excluded: into ${folder}, one subfolder for each year of sending, named like 2026, under their own names.`,
    `I want the files that ${sender} mailed me in my file store, sorted by year: ${folder} and below it the four digits of the year the letter was sent. What lies in the bin is not wanted.`,
  ]);
  return {
    instruction,
    pub: { sender, folder },
    writes: files.map((file) => ({
      app: "quillpost",
      api: "save_enclosure",
      args: { enclosure_id: file.row.id, folder: file.folder },
    })),
  };
}

function drawMonth(ctx: SetupContext): BenchDraw<MonthPub> | Reject {
  const sender = ctx.random.pick(SENDERS);
  const folder = cycle(ctx, ["/monthly papers", "/accounts", "/house papers"]);
  if (!isFreePath(ctx, folder)) return reject("the folder is there");
  const month = today(ctx).slice(0, 7);
  const first = `${month}-01`;
  const moments = [
    `${addDays(first, -1)}T23:15:00`,
    ...(first < today(ctx) ? [`${first}T00:20:00`] : []),
    ...Array.from({ length: 13 }, () => hourBetween(ctx, daysAgo(ctx, 150), addDays(first, -2))),
  ];
  const planted = plantStatements(ctx, sender, moments);
  mailCall(ctx, "move_to_bin", { letter_id: planted[5]?.id ?? 0 });
  mailCall(ctx, "archive", { letter_id: planted[7]?.id ?? 0 });
  const place = ({ day }: Mail) => `${folder}/${day.slice(0, 7)}`;
  for (const one of planted.slice(8, 11)) {
    const [file] = filesOf(ctx, one.id);
    mailCall(ctx, "save_enclosure", { enclosure_id: file?.id ?? 0, folder: place(one) }, hourAgo(ctx, 1));
  }
  const letters = keptMail(ctx).filter(({ from }) => from === sender);
  const { files, clear } = saved(ctx, letters, place);
  if (!clear || files.length > 40) return reject("two files of one path, or too many");
  const [person] = textable(ctx);
  if (person === undefined) return reject("nobody to share with");
  const [name, words] = [textOf(person, "name"), ctx.random.pick(WORDS)];
  addNamesake(ctx, name);
  const there = new Set(
    ctx.rows("stowbox.file", ctx.user.email).map((row) => `${textOf(row, "folder")}/${textOf(row, "name")}`),
  );
  const missing = files.filter(({ path }) => !there.has(path));
  const fresh = letters.filter((one) =>
    one.folder !== "archive" && missing.some(({ row }) => row["letter_id"] === one.id)
  );
  const instruction = phrase(ctx, [
    `Complete ${folder} in my file store: each file that ${sender} sent me (bin left out) belongs into the subfolder of the month of its letter, like ${folder}/2027-01, under its own name. Save those that are not there yet and archive their letters, unless archived. Then let ${name} read ${folder}, and text ${name} "${words}"`,
    `Some of the files from ${sender} are already saved under ${folder}, in folders by month of sending such as 2027-01. Please save the missing ones in the same way and put just their letters into the archive, if they are not in it; the bin does not count. At the end share ${folder} with ${name} for reading and text: "${words}"`,
    `Put the enclosures of all letters from ${sender} outside the bin into ${folder}/ plus the month of sending (2027-01 and so on). Skip whatever is in its place already. A letter with something newly saved goes to the archive if it lies elsewhere. Share ${folder} with ${name} (read only) and send ${name} this text: "${words}"`,
  ]);
  return {
    instruction,
    pub: { sender, folder, name, words },
    writes: [
      ...missing.map((file) => ({
        app: "quillpost",
        api: "save_enclosure",
        args: { enclosure_id: file.row.id, folder: file.folder },
      })),
      ...fresh.map((one) => ({ app: "quillpost", api: "archive", args: { letter_id: one.id } })),
      { app: "stowbox", api: "share_path", args: { path: folder, email: textOf(person, "email"), rights: "read" } },
      { app: "handset", api: "send_text", args: { number: textOf(person, "number"), text: words } },
    ],
  };
}

function drawTie(ctx: SetupContext): BenchDraw<TiePub> | Reject {
  if (mayAnswerAlone(ctx)) return reject("an away note is on");
  const [tie] = mailTies(ctx, 3, 12);
  const folder = cycle(ctx, ["/from people", "/mail files", "/received"]);
  const tag = ctx.random.pick(["files saved", "enclosures kept", "stored"]);
  if (tie === undefined || !isFreePath(ctx, folder) || !hasFreshTag(ctx, tag)) return reject("no tie or folder");
  const { inside, outside } = partedBy(ctx, tie);
  const day = daysAgo(ctx, ctx.random.int(20, 35));
  const numbers = ctx.random.sample(Array.from({ length: 300 }, (_, i) => 201 + i * 3), 20);
  const plant = (from: string | undefined, at: string, count = 1) => {
    const files = Array.from({ length: count }, () => {
      const number = numbers.pop() ?? 1;
      return { name: `page-${number}.txt`, text: `Page ${number}` };
    });
    return receive(ctx, { from: from ?? "", subject: `Pages for you`, body: "Have a look.", at, files });
  };
  const [first] = inside;
  if (first === undefined || outside.length < 3) return reject("too few people");
  const until = daysAgo(ctx, 1);
  plant(first.email, `${day}T00:30:00`);
  const planted = Array.from(
    { length: 8 },
    (_, i) => plant(inside[i % inside.length]?.email, hourBetween(ctx, day, until), i === 2 ? 2 : 1),
  );
  plant(inside[0]?.email, hourBetween(ctx, day, until), 0);
  plant(first.email, hourOn(ctx, addDays(day, -1)));
  for (const { email } of outside.slice(0, 3)) plant(email, hourBetween(ctx, day, until));
  mailCall(ctx, "archive", { letter_id: planted[1]?.id ?? 0 });
  mailCall(ctx, "move_to_bin", { letter_id: planted[3]?.id ?? 0 });
  const tagId = addTag(ctx, tag);
  const emails = emailsOf(ctx, tie);
  const letters = keptMail(ctx).filter((one) =>
    emails.has(one.from) && one.day >= day && filesOf(ctx, one.id).length > 0
  );
  const { files, clear } = saved(ctx, letters, ({ from }) => `${folder}/${from}`);
  const conversations = new Set(letters.map((one) => one.conversationId));
  if (!clear || files.length > 30 || conversations.size < letters.length) {
    return reject("two of one path or conversation");
  }
  const [done] = files;
  mailCall(ctx, "save_enclosure", { enclosure_id: done?.row.id ?? 0, folder: done?.folder ?? "" }, hourAgo(ctx, 1));
  const [who, said] = [theTies(tie), sayDate(day)];
  const instruction = phrase(ctx, [
    `Take the letters from ${who} since ${said}, that day included, that have files and are not in the bin. Save the files in ${folder}, in a subfolder named by the sender's e-mail, unless they are there already; then tag the conversations "${tag}" and archive those letters that are not in the archive.`,
    `Files that ${who} mailed me on ${said} or later go to ${folder}/ plus the e-mail of the sender; some may be there. Put the tag "${tag}" on the conversation of each such letter and move the letter to the archive if it lies elsewhere. The bin is left alone.`,
    `Please store what ${who} enclosed since ${said} (inclusive, bin excluded): one folder per sender's e-mail address under ${folder}, skipping what is saved. Every letter with a file gets archived, if it is not, and its conversation tagged "${tag}".`,
  ]);
  const writes: Write[] = [
    ...files.slice(1).map((file) => ({
      app: "quillpost",
      api: "save_enclosure",
      args: { enclosure_id: file.row.id, folder: file.folder },
    })),
    ...letters.map((one) => ({
      app: "quillpost",
      api: "tag_conversation",
      args: { conversation_id: one.conversationId, tag_id: tagId },
    })),
    ...letters.filter((one) => one.folder !== "archive").map((one) => ({
      app: "quillpost",
      api: "archive",
      args: { letter_id: one.id },
    })),
  ];
  return { instruction, pub: { tie, day, folder, tag }, said: { day: said }, writes };
}

function solveSaveByYear(apis: Apis, pub: YearPub) {
  const token = signIn(apis, "quillpost");
  const stow_token = signIn(apis, "stowbox");
  for (const letter of allPages(apis.quillpost.find_letters, { token, from: pub.sender, enclosed: true })) {
    const folder = `${pub.folder}/${letter.sent_at.slice(0, 4)}`;
    for (const file of allPages(apis.quillpost.list_enclosures, { token, letter_id: letter.letter_id })) {
      apis.quillpost.save_enclosure({ token, stow_token, enclosure_id: file.enclosure_id, folder });
    }
  }
}

function solveSaveByMonth(apis: Apis, pub: MonthPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const stow = signIn(apis, "stowbox");
  for (const letter of allPages(apis.quillpost.find_letters, { token, from: pub.sender, enclosed: true })) {
    const { letter_id, sent_at } = letter;
    const folder = `${pub.folder}/${sent_at.slice(0, 7)}`;
    const missing = apis.quillpost.get_letter({ token, letter_id }).enclosures
      .filter(({ name }: { name: string }) =>
        !apis.stowbox.path_exists({ token: stow, path: `${folder}/${name}` }).exists
      );
    for (const { enclosure_id } of missing) {
      apis.quillpost.save_enclosure({ token, stow_token: stow, enclosure_id, folder });
    }
    if (missing.length > 0 && letter.folder !== "archive") apis.quillpost.archive({ token, letter_id });
  }
  const { email, number } = contactNamed(apis, phone, pub.name);
  apis.stowbox.share_path({ token: stow, path: pub.folder, email, rights: "read" });
  apis.handset.send_text({ token: phone, number, text: pub.words });
}

function solveSaveBySender(apis: Apis, pub: TiePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const stow = signIn(apis, "stowbox");
  const emails = contactsWith(apis, phone, pub.tie).map((x) => x.email);
  const { tag_id } = allPages(apis.quillpost.list_tags, { token }).find((x) => x.name === pub.tag);
  const letters = allPages(apis.quillpost.find_letters, { token, since: pub.day, enclosed: true });
  for (const { letter_id, conversation_id, from, folder } of letters.filter((x) => emails.includes(x.from))) {
    for (const { enclosure_id, name } of apis.quillpost.get_letter({ token, letter_id }).enclosures) {
      const target = `${pub.folder}/${from}`;
      if (apis.stowbox.path_exists({ token: stow, path: `${target}/${name}` }).exists) continue;
      apis.quillpost.save_enclosure({ token, stow_token: stow, enclosure_id, folder: target });
    }
    apis.quillpost.tag_conversation({ token, conversation_id, tag_id });
    if (folder !== "archive") apis.quillpost.archive({ token, letter_id });
  }
}

/** Scenarios of this generator. */
export const saveEnclosures: readonly Scenario[] = [
  bench<YearPub, Record<string, never>>({
    family: "save_enclosures/year",
    split: "test_challenge",
    difficulty: 1,
    apps: ["quillpost", "stowbox"],
    axis: {},
    draw: drawYear,
    solve: solveSaveByYear,
  }),
  bench<MonthPub, Record<string, never>>({
    family: "save_enclosures/month",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "quillpost", "stowbox"],
    axis: {},
    draw: drawMonth,
    solve: solveSaveByMonth,
  }),
  bench<TiePub, Record<string, never>>({
    family: "save_enclosures/sender",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "quillpost", "stowbox"],
    axis: {},
    draw: drawTie,
    solve: solveSaveBySender,
  }),
];
