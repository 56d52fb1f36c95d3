/**
 * Track lists of mixes in letters: written out, as an exported file, and after wishes that came by letter.
 *
 * Hurdles: tracks of other genres, mixes that are not open, wishes for what is in the mix already, not in the catalogue or by somebody
 * else, wishes for another occasion.
 *
 * @module
 */
import { isFreshSubject, mailWithFiles, receiveLetter } from "./_cross_a.ts";
import { isFreePlace } from "./_files.ts";
import { catalogueRow, genresOf, mixesOf, trackIdsOf } from "./_larkbox.ts";
import {
  type Apis,
  bench,
  type BenchDraw,
  cycle,
  firstName,
  numberOf,
  phrase,
  type Principal,
  type Reject,
  reject,
  type Row,
  sayTies,
  type Scenario,
  type SetupContext,
  textOf,
  tied,
  tiesWith,
} from "./_kit.ts";
import { holders } from "./_money_kit.ts";
import { pastTime } from "./_phone.ts";
import { allPages, contactNamed, contactsWith, lettersAbout, mailFiles, signIn } from "./_toolbox.ts";

type TitlesPub = { readonly name: string; readonly mix: string; readonly genre: string };
type FilePub = { readonly tie: string; readonly subject: string };
type WishesPub = { readonly occasion: string; readonly mix: string };

function tracksOf(ctx: SetupContext, mixId: number): Row[] {
  return trackIdsOf(ctx, mixId).map((id) => catalogueRow(ctx, "track", id));
}

function performerOf(ctx: SetupContext, track: Row): string {
  return textOf(catalogueRow(ctx, "performer", numberOf(track, "performer_id")), "name");
}

/** Mixes of the user whose title no other has, in random order. */
function namedMixes(ctx: SetupContext, least: number, most: number): Row[] {
  const mixes = mixesOf(ctx);
  return ctx.random.shuffle(mixes.filter((mix) => {
    const count = trackIdsOf(ctx, mix.id).length;
    return count >= least && count <= most && mixes.filter((other) => other["title"] === mix["title"]).length === 1;
  }));
}

function drawTitles(ctx: SetupContext): BenchDraw<TitlesPub> | Reject {
  const people = ctx.random.shuffle(holders(ctx)).map(({ person }) => person);
  const [person] = people;
  for (const mix of namedMixes(ctx, 12, 40)) {
    const tracks = tracksOf(ctx, mix.id);
    const genre = genresOf(ctx, tracks).find((name) => {
      const some = tracks.filter((row) => row["genre"] === name);
      return some.length >= 3 && some.length < tracks.length && tracks.slice(5).some((row) => row["genre"] === name);
    });
    if (genre === undefined || person === undefined) continue;
    const title = textOf(mix, "title");
    const body = tracks.filter((row) => row["genre"] === genre)
      .map((row, i) => `${i + 1}. ${row["title"]}, ${performerOf(ctx, row)}`).join("\n");
    return {
      instruction: phrase(ctx, [
        `Mail ${person.name} the ${genre} tracks of my larkbox mix "${title}", in the order in which they are in it. Subject: "${title}". The text is one line a track, counted from 1, with title and performer, like "1. Paper Lantern, Mill Street Trio".`,
        `${person.name} asked what ${genre} music is in my mix "${title}". Please send a letter with the subject "${title}" that lists just those tracks, one a line and in the mix's order, numbered afresh: "1. Paper Lantern, Mill Street Trio" and so on.`,
        `Write to ${person.name} (letter, subject "${title}") which ${genre} tracks there are in my larkbox mix "${title}": a numbered line for each with title, comma, performer, such as "1. Paper Lantern, Mill Street Trio"; keep the order of the mix and leave out other genres.`,
      ]),
      pub: { name: person.name, mix: title, genre },
      writes: [{ app: "quillpost", api: "send_letter", args: { to: [person.email], subject: title, body } }],
    };
  }
  return reject("no mix has a fair genre");
}

function solveMixTitles(apis: Apis, pub: TitlesPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "larkbox");
  const mail = signIn(apis, "quillpost");
  const { email } = contactNamed(apis, phone, pub.name);
  const { mix_id } = allPages(apis.larkbox.list_my_mixes, { token }).find((x) => x.title === pub.mix);
  const lines = [];
  for (const { track_id } of allPages(apis.larkbox.list_mix_entries, { token, mix_id })) {
    const { title, performer, genre } = apis.larkbox.get_track({ token, track_id });
    if (genre === pub.genre) lines.push(`${lines.length + 1}. ${title}, ${performer}`);
  }
  apis.quillpost.send_letter({ token: mail, to: [email], subject: pub.mix, body: lines.join("\n") });
}

const SUBJECTS = ["Music for the drive", "Something to listen to", "For your headphones", "My latest mix"] as const;

function drawFile(ctx: SetupContext): BenchDraw<FilePub> | Reject {
  const [tie] = tiesWith(ctx, 2, 9);
  const subject = cycle(ctx, ctx.random.shuffle(SUBJECTS));
  if (tie === undefined || !isFreshSubject(ctx, subject)) return reject("no tie, or the subject is taken");
  const mixes = mixesOf(ctx);
  const open = mixes.filter((mix) => mix["open"] === true);
  const [newest] = open;
  if (newest === undefined || mixes[0] === newest) return reject("the newest mix is open");
  const tracks = tracksOf(ctx, newest.id);
  const path = `/inbox/${(textOf(newest, "title").toLowerCase().match(/[a-z0-9]+/g) ?? []).join("_")}.txt`;
  if (tracks.length < 8 || tracks.length > 45 || !isFreePlace(ctx, path)) return reject("the newest open mix is unfit");
  const to = tied(ctx, tie).map((row) => textOf(row, "email")).filter((email) => email !== "");
  if (new Set(to).size !== to.length || to.includes(ctx.user.email)) return reject("an address comes twice");
  const seconds = tracks.reduce((sum, row) => sum + numberOf(row, "seconds"), 0);
  const body = `${tracks.length} tracks, ${Math.floor(seconds / 60)} minutes`;
  const who = sayTies(tie);
  return {
    instruction: phrase(ctx, [
      `Export the newest of those larkbox mixes of mine that are open, with its default file name, and send the file in one letter to all ${who} who have a mail address in my contacts. Subject "${subject}", text like "12 tracks, 47 minutes", counting full minutes of the whole length.`,
      `All ${who} should get my newest open mix from larkbox by mail: one letter to everyone of them with an e-mail address, subject "${subject}", the exported track list enclosed (leave the file where larkbox puts it). The text says how long it is, in the form "12 tracks, 47 minutes" with minutes rounded down.`,
      `Please mail the track list of the latest mix of mine that is open to everybody; receivers are all ${who} with a mail address, in a single letter. Use larkbox's export to its usual path and enclose that file. Subject: "${subject}". Text: number of tracks and full minutes in total, as in "12 tracks, 47 minutes".`,
    ]),
    pub: { tie, subject },
    writes: (client) => {
      client("larkbox", "export_mix", { mix_id: newest.id });
      mailWithFiles(client, { to, subject, body }, [path]);
    },
  };
}

function solveMixFile(apis: Apis, pub: FilePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "larkbox");
  const stow_token = signIn(apis, "stowbox");
  const mail = signIn(apis, "quillpost");
  const to = contactsWith(apis, phone, pub.tie).map((x) => x.email).filter((x) => x !== null);
  // The list has the newest first.
  const { mix_id } = allPages(apis.larkbox.list_my_mixes, { token })
    .find(({ mix_id }) => apis.larkbox.get_mix({ token, mix_id }).open);
  const entries = allPages(apis.larkbox.list_mix_entries, { token, mix_id });
  let seconds = 0;
  for (const { track_id } of entries) seconds += apis.larkbox.get_track({ token, track_id }).seconds;
  const { path } = apis.larkbox.export_mix({ token, mix_id, stow_token });
  const body = `${entries.length} tracks, ${Math.floor(seconds / 60)} minutes`;
  mailFiles(apis, mail, stow_token, { to, subject: pub.subject, body }, [path]);
}

const OCCASIONS = [
  "picnic",
  "house party",
  "bonfire",
  "boat trip",
  "garden party",
  "wedding",
  "bowling night",
] as const;
/** Letters with wishes. */
const WISHERS = 7;

/** Tracks that are not in a mix, in random order. */
function wishable(ctx: SetupContext, mixId: number, count: number): Row[] {
  const taken = new Set(trackIdsOf(ctx, mixId));
  return ctx.random.sample(ctx.rows("larkbox.track").filter(({ id }) => !taken.has(id)), count);
}

function drawWishes(ctx: SetupContext): BenchDraw<WishesPub> | Reject {
  const [mix] = namedMixes(ctx, 7, 16);
  const wishers = ctx.random.sample(holders(ctx), WISHERS).map(({ person }) => person);
  const occasion = cycle(ctx, ctx.random.shuffle(OCCASIONS));
  if (mix === undefined || wishers.length < WISHERS || !isFreshSubject(ctx, `Songs for the ${occasion}`)) {
    return reject("no fair mix or occasion");
  }
  const inMix = tracksOf(ctx, mix.id);
  const songs = wishable(ctx, mix.id, 16);
  const wrong = songs.pop();
  const line = (row: Row) => `- ${row["title"]} by ${performerOf(ctx, row)}`;
  const write = (from: Principal, topic: string, lines: readonly string[], days: number) =>
    receiveLetter(ctx, from, {
      subject: `Songs for the ${topic}`,
      body: ["Hello,", "these must be in it:", ...lines, "Best,", firstName(from)].join("\n"),
      at: pastTime(ctx, days),
    });
  const wanted: Row[] = [];
  wishers.forEach((person, i) => {
    const own = songs.splice(0, i % 3 === 0 ? 1 : 2);
    const lines = own.map(line);
    wanted.push(...own);
    const [first] = wanted;
    if (i === 2 && inMix[1] !== undefined) lines.push(line(inMix[1]));
    const [song] = own;
    if (i === 3 && wrong !== undefined && song !== undefined && song["performer_id"] !== wrong["performer_id"]) {
      lines.push(`- ${wrong["title"]} by ${performerOf(ctx, song)}`);
    }
    if (i === 4) lines.unshift("- Song of the Kettle by Nobody in Particular");
    if (i === 5 && first !== undefined) lines.push(line(first));
    write(person, occasion, lines, 20 - i * 2);
  });
  const other = OCCASIONS.find((name) => name !== occasion) ?? "funeral";
  const [outsider] = holders(ctx).map(({ person }) => person).filter(({ email }) =>
    wishers.every((one) => one.email !== email)
  );
  const [stray] = songs;
  if (outsider === undefined || stray === undefined || wanted.length < 10) return reject("too few songs or people");
  write(outsider, other, [line(stray)], 3);
  const title = textOf(mix, "title");
  const body = [...inMix, ...wanted].map((row, i) => `${i + 1}. ${row["title"]}`).join("\n");
  const subject = `Music for the ${occasion}`;
  return {
    instruction: phrase(ctx, [
      `People have mailed me "Songs for the ${occasion}". Add the songs they wish for to my mix "${title}", oldest letter first and in each letter's order; skip what is in the mix already and what larkbox does not have by that performer. Then send all who wrote one letter, subject "Music for the ${occasion}", with the new list: "1. Title" a line.`,
      `Go through the letters titled "Songs for the ${occasion}", beginning with the oldest, and put the wished songs (mind the performer) at the end of my larkbox mix "${title}", each once, none that is in it or that larkbox lacks. Afterwards one letter to everybody who wrote: "Music for the ${occasion}", text one line per track of the mix, like "1. Title".`,
      `My mix "${title}" needs the wishes from the "Songs for the ${occasion}" letters: title and performer must match, no song twice, order as the letters came. Ignore what cannot be found. When done, mail the whole mix to those who wrote, in one letter called "Music for the ${occasion}", lines "1. Title", "2. Title" and so on.`,
    ]),
    pub: { occasion, mix: title },
    writes: (client) => {
      for (const { id } of wanted) client("larkbox", "add_to_mix", { mix_id: mix.id, track_id: id });
      client("quillpost", "send_letter", { to: wishers.map(({ email }) => email), subject, body });
    },
  };
}

function solveMixWishes(apis: Apis, pub: WishesPub) {
  const token = signIn(apis, "larkbox");
  const mail = signIn(apis, "quillpost");
  const letters = lettersAbout(apis, mail, `Songs for the ${pub.occasion}`, {});
  const { mix_id } = allPages(apis.larkbox.list_my_mixes, { token }).find((x) => x.title === pub.mix);
  const entries = allPages(apis.larkbox.list_mix_entries, { token, mix_id });
  const ids = entries.map((x) => x.track_id);
  const titles = entries.map((x) => x.title);
  for (const line of letters.flatMap((x) => x.body.split("\n"))) {
    const [, title, performer] = /^- (.+) by (.+)$/.exec(line) ?? [];
    if (title === undefined) continue;
    const hits = apis.larkbox.find_tracks({ token, q: title, page: 0, size: 20 })
      .filter((x: { title: string }) => x.title === title)
      .map(({ track_id }: { track_id: number }) => apis.larkbox.get_track({ token, track_id }));
    const track = hits.find((x: { performer: string }) => x.performer === performer);
    if (track === undefined || ids.includes(track.track_id)) continue;
    apis.larkbox.add_to_mix({ token, mix_id, track_id: track.track_id });
    ids.push(track.track_id);
    titles.push(title);
  }
  const body = titles.map((title, i) => `${i + 1}. ${title}`).join("\n");
  const to = [...new Set(letters.map((x) => x.from))];
  apis.quillpost.send_letter({ token: mail, to, subject: `Music for the ${pub.occasion}`, body });
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const mixLetter: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "mix_letter/titles",
    difficulty: 2,
    apps: ["handset", "larkbox", "quillpost"],
    draw: drawTitles,
    solve: solveMixTitles,
  }),
  bench({
    ...COMMON,
    family: "mix_letter/file",
    difficulty: 3,
    apps: ["handset", "larkbox", "stowbox", "quillpost"],
    draw: drawFile,
    solve: solveMixFile,
  }),
  bench({
    ...COMMON,
    family: "mix_letter/wishes",
    difficulty: 3,
    apps: ["larkbox", "quillpost"],
    draw: drawWishes,
    solve: solveMixWishes,
  }),
];
