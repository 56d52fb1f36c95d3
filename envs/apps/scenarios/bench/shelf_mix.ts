/**
 * A new mix from tracks of the shelf: all of a genre up to a length, a budget filled from the most played track down, or those of
 * records released in a span.
 *
 * @module
 */
import {
  allDifferent,
  catalogueRow,
  fitting,
  freshMixTitle,
  genresOf,
  heartedTracks,
  mixesOf,
  pagesMatter,
  shelfOf,
  trackIdsOf,
} from "./_larkbox.ts";
import {
  type Apis,
  bench,
  type BenchDraw,
  type Client,
  daysAgo,
  idIn,
  numberOf,
  phrase,
  type Reject,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { allPages, signIn } from "./_toolbox.ts";

type GenrePub = { readonly title: string; readonly genre: string; readonly minutes: number };
type BudgetPub = { readonly title: string; readonly other: string; readonly minutes: number; readonly path: string };
type ReleasePub = { readonly title: string; readonly from: string; readonly until: string };

/** Makes the mix with these tracks in order. @returns its id. */
function build(client: Client, title: string, tracks: readonly Row[]): number {
  const mix_id = idIn(client("larkbox", "add_mix", { title }), "mix_id");
  for (const { id } of tracks) client("larkbox", "add_to_mix", { mix_id, track_id: id });
  return mix_id;
}

function drawGenre(ctx: SetupContext): BenchDraw<GenrePub> | Reject {
  const minutes = ctx.random.int(4, 7);
  const listed = shelfOf(ctx, "track");
  const short = (row: Row) => numberOf(row, "seconds") <= minutes * 60;
  const genre = genresOf(ctx, listed).find((candidate) => {
    const some = listed.filter((row) => textOf(row, "genre") === candidate);
    return some.filter(short).length >= 3 && !some.every(short) &&
      pagesMatter(listed, (row) => some.includes(row) && short(row));
  });
  if (genre === undefined) return reject("no genre has enough tracks on the shelf");
  const wanted = listed.filter((row) => textOf(row, "genre") === genre && short(row));
  const title = freshMixTitle(ctx);
  return {
    instruction: phrase(ctx, [
      `Make me a mix named "${title}" in larkbox with every ${genre} track on my shelf that is no longer than ${minutes} minutes.`,
      `I would like a new larkbox mix, "${title}". Put all tracks of genre ${genre} from my shelf into it, but only those of at most ${minutes} minutes.`,
      `Please collect the ${genre} tracks from my larkbox shelf in a new mix with the title "${title}"; leave out whatever runs longer than ${minutes} minutes. The order does not matter.`,
    ]),
    pub: { title, genre, minutes },
    writes: (client) => void build(client, title, wanted),
  };
}

function solveGenreMix(apis: Apis, pub: GenrePub): void {
  const token = signIn(apis, "larkbox");
  const { mix_id } = apis.larkbox.add_mix({ token, title: pub.title });
  for (const { track_id } of allPages(apis.larkbox.list_shelf_tracks, { token })) {
    const track = apis.larkbox.get_track({ token, track_id });
    if (track.genre === pub.genre && track.seconds <= pub.minutes * 60) {
      apis.larkbox.add_to_mix({ token, mix_id, track_id });
    }
  }
}

function drawBudget(ctx: SetupContext): BenchDraw<BudgetPub> | Reject {
  const other = mixesOf(ctx)[ctx.random.int(5, 9)];
  if (other === undefined) return reject("too few mixes");
  const past = ctx.as(ctx.user, `${daysAgo(ctx, 7)}T20:30:00`);
  const hearted = () => new Set(heartedTracks(ctx).map(({ id }) => id));
  const before = hearted();
  const plain = ctx.random.shuffle(shelfOf(ctx, "track").filter(({ id }) => !before.has(id)));
  if (plain.length < 20) return reject("too few tracks on the shelf");
  for (const { id } of plain.slice(0, 8)) past("larkbox", "heart_track", { track_id: id });
  const listed = shelfOf(ctx, "track");
  const loved = listed.filter(({ id }) => hearted().has(id));
  // The most played one would be the first, were it not in the other mix.
  const [most] = [...loved].sort((a, b) => numberOf(b, "plays") - numberOf(a, "plays"));
  if (most === undefined) return reject("nothing is hearted");
  past("larkbox", "add_to_mix", { mix_id: other.id, track_id: most.id });
  const excluded = new Set(trackIdsOf(ctx, other.id));
  const candidates = loved.filter(({ id }) => !excluded.has(id))
    .sort((a, b) => numberOf(b, "plays") - numberOf(a, "plays"));
  const minutes = ctx.random.int(4, 7) * 5;
  const wanted = fitting(candidates, minutes * 60);
  const last = candidates.findIndex((row) => row === wanted.at(-1));
  if (wanted.length < 4 || last + 1 === wanted.length || !allDifferent(candidates, "plays")) {
    return reject("the budget is no hurdle");
  }
  if (
    !pagesMatter(listed, (row) => wanted.includes(row)) ||
    !heartedTracks(ctx).slice(20).some((row) => loved.includes(row))
  ) {
    return reject("the first page would do");
  }
  const title = freshMixTitle(ctx);
  const otherTitle = textOf(other, "title");
  const path = `/music/${title.toLowerCase().replace(" ", "_")}.txt`;
  return {
    instruction: phrase(ctx, [
      `Build a larkbox mix named "${title}" from the tracks on my shelf that have my heart and are not in my mix "${otherTitle}". Go from the most played to the least played and add each one that still fits into ${minutes} minutes altogether. Then save the track list of the new mix as ${path} in my file store.`,
      `I want ${minutes} minutes of music at most: take the hearted tracks of my larkbox shelf, without those in "${otherTitle}", start with the most played and add every further one that still fits. The mix is called "${title}"; export it as ${path} to my files when it is done.`,
      `New larkbox mix "${title}", please: from my shelf, only hearted tracks, none that "${otherTitle}" already has. In order of plays, highest first, add whatever still fits until nothing more goes into ${minutes} minutes. Afterwards export the mix to my file store as ${path}.`,
    ]),
    pub: { title, other: otherTitle, minutes, path },
    writes(client) {
      const mix_id = build(client, title, wanted);
      client("larkbox", "export_mix", { mix_id, path });
    },
  };
}

function solveBudgetMix(apis: Apis, pub: BudgetPub): void {
  const token = signIn(apis, "larkbox");
  const hearted = new Set(allPages(apis.larkbox.list_hearted_tracks, { token }).map((x) => x.track_id));
  const other = allPages(apis.larkbox.list_my_mixes, { token }).find((x) => x.title === pub.other);
  const excluded = new Set(
    allPages(apis.larkbox.list_mix_entries, { token, mix_id: other.mix_id }).map((x) => x.track_id),
  );
  const candidates = allPages(apis.larkbox.list_shelf_tracks, { token })
    .filter((x) => hearted.has(x.track_id) && !excluded.has(x.track_id))
    .map((x) => apis.larkbox.get_track({ token, track_id: x.track_id }));
  candidates.sort((a, b) => b.plays - a.plays);
  const { mix_id } = apis.larkbox.add_mix({ token, title: pub.title });
  let left = pub.minutes * 60;
  for (const { track_id, seconds } of candidates) {
    if (seconds > left) continue;
    left -= seconds;
    apis.larkbox.add_to_mix({ token, mix_id, track_id });
  }
  apis.larkbox.export_mix({ token, mix_id, path: pub.path, stow_token: signIn(apis, "stowbox") });
}

function drawRelease(ctx: SetupContext): BenchDraw<ReleasePub> | Reject {
  const listed = shelfOf(ctx, "track");
  const dayOf = (row: Row) => textOf(catalogueRow(ctx, "record", numberOf(row, "record_id")), "released_on");
  const days = [...new Set(listed.map(dayOf))].sort();
  const first = ctx.random.int(3, Math.max(3, days.length - 8));
  const [from, until] = [days[first], days[first + ctx.random.int(3, 6)]];
  if (from === undefined || until === undefined) return reject("too few records");
  const wanted = listed.filter((row) => dayOf(row) >= from && dayOf(row) <= until);
  if (wanted.length < 3 || !pagesMatter(listed, (row) => wanted.includes(row))) {
    return reject("the first page would do");
  }
  const title = freshMixTitle(ctx);
  return {
    instruction: phrase(ctx, [
      `Make a larkbox mix "${title}" with all tracks on my shelf whose record was released from ${sayDate(from)} to ${
        sayDate(until)
      }, both days included.`,
      `I would like the tracks from my larkbox shelf that came out on records between ${sayDate(from)} and ${
        sayDate(until)
      } (first and last day count) in a new mix named "${title}".`,
      `Put together a mix called "${title}" in larkbox. It gets each track of my shelf that is on a record from the time of ${
        sayDate(from)
      } up to and including ${sayDate(until)}, in any order.`,
    ]),
    pub: { title, from, until },
    said: { from: sayDate(from), until: sayDate(until) },
    writes: (client) => void build(client, title, wanted),
  };
}

function solveReleaseMix(apis: Apis, pub: ReleasePub): void {
  const token = signIn(apis, "larkbox");
  const { mix_id } = apis.larkbox.add_mix({ token, title: pub.title });
  const days = new Map();
  for (const { track_id } of allPages(apis.larkbox.list_shelf_tracks, { token })) {
    const { record_id } = apis.larkbox.get_track({ token, track_id });
    if (!days.has(record_id)) days.set(record_id, apis.larkbox.get_record({ token, record_id }).released_on);
    const day = days.get(record_id);
    if (day >= pub.from && day <= pub.until) apis.larkbox.add_to_mix({ token, mix_id, track_id });
  }
}

const COMMON = { split: "dev", axis: {} } as const;
const [LARKBOX, WITH_FILES] = [["larkbox"], ["larkbox", "stowbox"]];

/** The three families. */
export const shelf_mix: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "shelf_mix/genre",
    difficulty: 2,
    apps: LARKBOX,
    draw: drawGenre,
    solve: solveGenreMix,
  }),
  bench({
    ...COMMON,
    family: "shelf_mix/budget",
    difficulty: 3,
    apps: WITH_FILES,
    draw: drawBudget,
    solve: solveBudgetMix,
  }),
  bench({
    ...COMMON,
    family: "shelf_mix/release",
    difficulty: 2,
    apps: LARKBOX,
    draw: drawRelease,
    solve: solveReleaseMix,
  }),
];
