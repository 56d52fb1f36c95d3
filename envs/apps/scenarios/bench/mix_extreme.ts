/**
 * The extreme track over all the user's mixes: by plays (what it is called), by the user's own stars (its performer gets a mix), by
 * length (it leaves the mixes). Tracks recur among mixes, and what makes one extreme needs a call for each.
 *
 * @module
 */
import {
  catalogueRow,
  entriesOf,
  firstPageTrackIds,
  freshMixTitle,
  genresOf,
  mixesOf,
  mixTrackIds,
  ratingsOf,
  trackIdsOf,
} from "./_larkbox.ts";
import {
  type Apis,
  bench,
  type BenchDraw,
  cycle,
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
  uniqueMax,
  uniqueMin,
} from "./_kit.ts";
import { allPages, signIn } from "./_toolbox.ts";

type GenrePub = { readonly extreme: string; readonly genre: string };
type StarsPub = { readonly extreme: string; readonly since: string; readonly title: string };

/** Most tracks whose details a solution has to ask for. */
const MOST_TRACKS = 70;
/** Most tracks of a performer that go into a mix. */
const MOST_OF_ONE = 40;

/** A genre and its one extreme track that is not the extreme of all genres and is not seen on first pages. */
function extremeOfGenre(ctx: SetupContext, column: string, largest: boolean, fits: (track: Row) => boolean) {
  const tracks = [...mixTrackIds(ctx)].map((id) => catalogueRow(ctx, "track", id));
  if (tracks.length > MOST_TRACKS) return undefined;
  const pick = largest ? uniqueMax : uniqueMin;
  const overall = pick(tracks, (row) => numberOf(row, column));
  const seen = firstPageTrackIds(ctx);
  for (const genre of genresOf(ctx, tracks)) {
    const some = tracks.filter((row) => textOf(row, "genre") === genre);
    const track = pick(some, (row) => numberOf(row, column));
    if (some.length < 3 || track === undefined || track.id === overall?.id || seen.has(track.id)) continue;
    if (fits(track)) return { genre, track };
  }
  return undefined;
}

function drawPlays(ctx: SetupContext): BenchDraw<GenrePub> | Reject {
  const largest = cycle(ctx, [true, false, ctx.random.int(0, 1) === 0]);
  const extreme = largest ? "most played" : "least played";
  const found = extremeOfGenre(ctx, "plays", largest, () => true);
  if (found === undefined) return reject("no genre has a fair extreme");
  const { genre, track } = found;
  return {
    instruction: phrase(ctx, [
      `Look through all my own mixes in larkbox and tell me the title of the ${extreme} ${genre} track that is in any of them.`,
      `Which ${genre} track of my larkbox mixes is the ${extreme} one? I need its title.`,
      `Of all the ${genre} tracks in the mixes that I made in larkbox, what is the ${extreme} one called?`,
    ]),
    pub: { extreme, genre },
    answer: textOf(track, "title"),
  };
}

function drawLength(ctx: SetupContext): BenchDraw<GenrePub> | Reject {
  const largest = cycle(ctx, [true, false, ctx.random.int(0, 1) === 0]);
  const extreme = largest ? "longest" : "shortest";
  const places = (track: Row) =>
    mixesOf(ctx).flatMap(({ id }) => entriesOf(ctx, id).filter((entry) => numberOf(entry, "track_id") === track.id));
  const found = extremeOfGenre(
    ctx,
    "seconds",
    largest,
    (track) => new Set(places(track).map((e) => e["mix_id"])).size > 1,
  );
  if (found === undefined) return reject("no genre has a fair extreme in several mixes");
  const { genre, track } = found;
  const mixIds = new Set(places(track).map((entry) => numberOf(entry, "mix_id")));
  const other = mixesOf(ctx).find(({ id }) => mixIds.has(id));
  // In one mix it stands twice.
  if (other !== undefined) ctx.as()("larkbox", "add_to_mix", { mix_id: other.id, track_id: track.id });
  return {
    instruction: phrase(ctx, [
      `I am tired of the ${extreme} ${genre} track in my larkbox mixes. Find out which one it is and take it out of every mix of mine, however often it is in there.`,
      `Among all ${genre} tracks in my own larkbox mixes, find the ${extreme} and remove it from all of those mixes, each time it occurs.`,
      `Please clean up my mixes in larkbox: whatever ${genre} track is the ${extreme} in all of them together has to go, from each mix and each place where it stands.`,
    ]),
    pub: { extreme, genre },
    writes: places(track).map((entry) => ({
      app: "larkbox",
      api: "remove_from_mix",
      args: { mix_id: numberOf(entry, "mix_id"), entry_id: entry.id },
    })),
  };
}

function solveMixExtreme(apis: Apis, pub: GenrePub, axis: { readonly by: string }): string | void {
  const token = signIn(apis, "larkbox");
  const places = [];
  for (const { mix_id } of allPages(apis.larkbox.list_my_mixes, { token })) {
    for (const entry of allPages(apis.larkbox.list_mix_entries, { token, mix_id })) places.push({ ...entry, mix_id });
  }
  const tracks = [...new Set(places.map((x) => x.track_id))]
    .map((track_id) => apis.larkbox.get_track({ token, track_id }))
    .filter((x) => x.genre === pub.genre);
  const measure = axis.by === "plays" ? "plays" : "seconds";
  tracks.sort((a, b) => b[measure] - a[measure]);
  const largest = pub.extreme === "most played" || pub.extreme === "longest";
  const track = largest ? tracks[0] : tracks[tracks.length - 1];
  if (axis.by === "plays") return track.title;
  for (const { mix_id, entry_id, track_id } of places) {
    if (track_id === track.track_id) apis.larkbox.remove_from_mix({ token, mix_id, entry_id });
  }
}

function drawStars(ctx: SetupContext): BenchDraw<StarsPub> | Reject {
  const best = cycle(ctx, [true, false, ctx.random.int(0, 1) === 0]);
  const extreme = best ? "best" : "worst";
  const [top, next] = best ? [5, 4] : [1, 2];
  const mixes = mixesOf(ctx);
  if (mixes.length < 9) return reject("too few mixes");
  const boundary = mixes[ctx.random.int(5, mixes.length - 3)];
  if (boundary === undefined) return reject("too few mixes");
  const since = textOf(boundary, "made_at").slice(0, 10);
  const newer = mixes.filter((row) => textOf(row, "made_at").slice(0, 10) >= since);
  const inNewer = new Set(newer.filter(({ id }) => id !== boundary.id).flatMap(({ id }) => trackIdsOf(ctx, id)));
  const target = trackIdsOf(ctx, boundary.id).slice(5).find((id) => !inNewer.has(id));
  if (target === undefined) return reject("the boundary mix has nothing of its own");
  for (const id of trackIdsOf(ctx, boundary.id)) inNewer.add(id);
  const stray = [...mixTrackIds(ctx)].find((id) => !inNewer.has(id));
  if (stray === undefined) return reject("older mixes have nothing of their own");
  const past = ctx.as(ctx.user, `${daysAgo(ctx, 4)}T20:00:00`);
  const ratings = ratingsOf(ctx, "track");
  const rate = (track: number, stars: number) => {
    const row = ratings.find((rating) => numberOf(rating, "target_id") === track);
    if (row === undefined) past("larkbox", "add_rating", { target_kind: "track", target_id: track, stars });
    else if (numberOf(row, "stars") !== stars) past("larkbox", "edit_rating", { rating_id: row.id, stars });
  };
  // One track alone has the most (or fewest) stars, but for one that is in older mixes only.
  for (const rating of ratings) {
    const track = numberOf(rating, "target_id");
    if (track !== target && inNewer.has(track) && numberOf(rating, "stars") === top) rate(track, next);
  }
  rate(target, top);
  rate(stray, top);
  if (ratings.filter((rating) => inNewer.has(numberOf(rating, "target_id"))).length < 4) return reject("few ratings");
  const performerOf = (track: number) => numberOf(catalogueRow(ctx, "track", track), "performer_id");
  if (performerOf(target) === performerOf(stray)) return reject("both are by one performer");
  const word = best ? "most" : "fewest";
  const performed = ctx.rowsWhere("larkbox.track", "performer_id", performerOf(target));
  if (performed.length < 7 || performed.length > MOST_OF_ONE) return reject("the performer has too few or many tracks");
  const title = freshMixTitle(ctx);
  return {
    instruction: phrase(ctx, [
      `Which performer made the track that I rated ${extreme} among all tracks in the larkbox mixes that I have made since ${
        sayDate(since)
      }, mixes of that very day included? Leave out tracks that I have not rated. Tell me the name, and make a new mix "${title}" of everything by this performer.`,
      `Go through my own larkbox mixes from ${
        sayDate(since)
      } on. Of the tracks in them that I have rated, one got the ${word} stars and is so the ${extreme}. Tell me its performer and put every track of theirs into a new mix called "${title}".`,
      `I need a name: the performer of the ${extreme} rated track, by my own stars, in any mix that I made in larkbox on or after ${
        sayDate(since)
      }. Unrated tracks do not matter. Also create the mix "${title}" and fill it with all tracks of that performer.`,
    ]),
    pub: { extreme, since, title },
    said: { since: sayDate(since) },
    answer: textOf(catalogueRow(ctx, "performer", performerOf(target)), "name"),
    writes(client) {
      const mix_id = idIn(client("larkbox", "add_mix", { title }), "mix_id");
      for (const { id } of performed) client("larkbox", "add_to_mix", { mix_id, track_id: id });
    },
  };
}

function solveMixStars(apis: Apis, pub: StarsPub): string {
  const token = signIn(apis, "larkbox");
  const inMixes = new Set();
  for (const { mix_id } of allPages(apis.larkbox.list_my_mixes, { token })) {
    if (apis.larkbox.get_mix({ token, mix_id }).made_on < pub.since) continue;
    for (const { track_id } of allPages(apis.larkbox.list_mix_entries, { token, mix_id })) inMixes.add(track_id);
  }
  const rated = allPages(apis.larkbox.list_ratings, { token, target_kind: "track" })
    .filter((x) => inMixes.has(x.target_id))
    .map((x) => apis.larkbox.get_my_rating({ token, target_kind: "track", target_id: x.target_id }));
  rated.sort((a, b) => b.stars - a.stars);
  const found = pub.extreme === "best" ? rated[0] : rated[rated.length - 1];
  const { performer_id, performer } = apis.larkbox.get_track({ token, track_id: found.target_id });
  const { mix_id } = apis.larkbox.add_mix({ token, title: pub.title });
  for (const { track_id } of allPages(apis.larkbox.list_performer_tracks, { token, performer_id })) {
    apis.larkbox.add_to_mix({ token, mix_id, track_id });
  }
  return performer;
}

const COMMON = { split: "train", apps: ["larkbox"] } as const;

/** The three families. */
export const mix_extreme: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "mix_extreme/plays",
    difficulty: 1,
    axis: { by: "plays" },
    draw: drawPlays,
    solve: solveMixExtreme,
  }),
  bench({ ...COMMON, family: "mix_extreme/stars", difficulty: 3, axis: {}, draw: drawStars, solve: solveMixStars }),
  bench({
    ...COMMON,
    family: "mix_extreme/length",
    difficulty: 2,
    axis: { by: "length" },
    draw: drawLength,
    solve: solveMixExtreme,
  }),
];
