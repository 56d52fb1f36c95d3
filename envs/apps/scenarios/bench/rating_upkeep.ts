/**
 * Upkeep of the user's ratings: raise old ones by a star, remove low ones without words, give all hearted tracks of a performer the
 * same stars and the others none.
 *
 * @module
 */
import { catalogueRow, heartedTracks, pagesMatter, ratingsOf } from "./_larkbox.ts";
import {
  type Apis,
  bench,
  type BenchDraw,
  cycle,
  daysAgo,
  numberOf,
  phrase,
  type Reject,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  type Write,
} from "./_kit.ts";
import { allPages, signIn } from "./_toolbox.ts";

type RaisePub = { readonly stars: number; readonly day: string };
type RemovePub = { readonly kind: string; readonly stars: number };
type PerformerPub = { readonly performer: string; readonly stars: number };

const dayOf = (row: Row) => textOf(row, "made_at").slice(0, 10);

function drawRaise(ctx: SetupContext): BenchDraw<RaisePub> | Reject {
  const stars = ctx.random.pick([2, 3, 4]);
  const listed = ratingsOf(ctx, "track");
  const days = listed.filter((row) => numberOf(row, "stars") === stars).map(dayOf).sort();
  // The day itself is one on which such a rating was given, and is left out.
  const day = days[Math.min(days.length - 1, ctx.random.int(4, 6))];
  if (day === undefined) return reject("too few ratings");
  const wanted = listed.filter((row) => numberOf(row, "stars") === stars && dayOf(row) < day);
  if (wanted.length < 3 || !pagesMatter(listed, (row) => wanted.includes(row))) {
    return reject("the first page would do");
  }
  return {
    instruction: phrase(ctx, [
      `I was too strict with music in the past. In larkbox, give one star more to every track that I rated with exactly ${stars} stars before ${
        sayDate(day)
      }.`,
      `Raise my larkbox track ratings of ${stars} stars by one star each, but only those that I gave before ${
        sayDate(day)
      }. Keep the words under them.`,
      `All tracks that got precisely ${stars} stars from me in larkbox earlier than ${
        sayDate(day)
      } deserve one more. Please change those ratings; records and shows stay as they are.`,
    ]),
    pub: { stars, day },
    said: { day: sayDate(day) },
    writes: wanted.map(({ id }) => ({ app: "larkbox", api: "edit_rating", args: { rating_id: id, stars: stars + 1 } })),
  };
}

function solveRaise(apis: Apis, pub: RaisePub): void {
  const token = signIn(apis, "larkbox");
  for (const { target_kind, target_id } of allPages(apis.larkbox.list_ratings, { token, target_kind: "track" })) {
    const { rating_id, stars, rated_at } = apis.larkbox.get_my_rating({ token, target_kind, target_id });
    if (stars === pub.stars && rated_at.slice(0, 10) < pub.day) {
      apis.larkbox.edit_rating({ token, rating_id, stars: stars + 1 });
    }
  }
}

function drawRemove(ctx: SetupContext): BenchDraw<RemovePub> | Reject {
  const kind = cycle(ctx, ["track", "record", "track"]);
  const stars = cycle(ctx, [2, 3, 3]);
  const listed = ratingsOf(ctx, kind);
  const low = listed.filter((row) => numberOf(row, "stars") <= stars);
  const wanted = low.filter((row) => textOf(row, "text") === "");
  if (wanted.length < 3 || wanted.length === low.length) return reject("too few low ratings");
  if (!pagesMatter(listed, (row) => wanted.includes(row))) return reject("the first page would do");
  return {
    instruction: phrase(ctx, [
      `Remove my larkbox ratings of any ${kind} that got ${stars} stars or fewer, unless I wrote some words with the rating.`,
      `Please clear my low ratings in larkbox: for each ${kind} that I rated with no more than ${stars} stars, take the rating away, but leave those where I have added a comment.`,
      `I do not want to be remembered for bad marks without a reason. In larkbox, delete each rating of a ${kind} with at most ${stars} stars that has no text.`,
    ]),
    pub: { kind, stars },
    writes: wanted.map(({ id }) => ({ app: "larkbox", api: "remove_rating", args: { rating_id: id } })),
  };
}

function solveRemove(apis: Apis, pub: RemovePub): void {
  const token = signIn(apis, "larkbox");
  for (const { target_id } of allPages(apis.larkbox.list_ratings, { token, target_kind: pub.kind })) {
    const rating = apis.larkbox.get_my_rating({ token, target_kind: pub.kind, target_id });
    if (rating.stars <= pub.stars && rating.text === "") {
      apis.larkbox.remove_rating({ token, rating_id: rating.rating_id });
    }
  }
}

function drawPerformer(ctx: SetupContext): BenchDraw<PerformerPub> | Reject {
  const stars = cycle(ctx, [5, 4, 5]);
  const past = ctx.as(ctx.user, `${daysAgo(ctx, 9)}T17:00:00`);
  const byPerformer = new Map<number, Row[]>();
  for (const track of heartedTracks(ctx)) {
    const id = numberOf(track, "performer_id");
    byPerformer.set(id, [...byPerformer.get(id) ?? [], track]);
  }
  const [found] = ctx.random.shuffle([...byPerformer].filter(([, tracks]) => tracks.length >= 3));
  if (found === undefined) return reject("no performer has enough hearted tracks");
  const [performerId, liked] = found;
  const likedIds = new Set(liked.map(({ id }) => id));
  const all = ctx.random.shuffle(ctx.rowsWhere("larkbox.track", "performer_id", performerId));
  const unliked = all.filter(({ id }) => !likedIds.has(id));
  const more = unliked.slice(0, Math.min(8, unliked.length - 5));
  for (const { id } of more) past("larkbox", "heart_track", { track_id: id });
  const hearted = [...liked, ...more];
  const ratings = ratingsOf(ctx, "track");
  const ratingFor = (track: Row) => ratings.find((row) => numberOf(row, "target_id") === track.id);
  // One has the right stars already, one the wrong ones, the others none or whatever they have.
  const unrated = hearted.filter((track) => ratingFor(track) === undefined);
  const [right, wrong] = unrated;
  if (right === undefined || wrong === undefined || unrated.length < 3) return reject("nearly all are rated");
  past("larkbox", "add_rating", { target_kind: "track", target_id: right.id, stars });
  past("larkbox", "add_rating", { target_kind: "track", target_id: wrong.id, stars: stars - 2, text: "Hm." });
  const heartedIds = new Set(hearted.map(({ id }) => id));
  const others = all.filter(({ id }) => !heartedIds.has(id));
  if (others.length < 5) return reject("nearly all tracks are hearted");
  for (const [i, track] of others.slice(0, 4).entries()) {
    if (ratingFor(track) !== undefined) continue;
    past("larkbox", "add_rating", { target_kind: "track", target_id: track.id, stars: 2 + i % 3 });
  }
  if (!heartedTracks(ctx).slice(20).some(({ id }) => heartedIds.has(id))) return reject("the first page would do");
  const now = ratingsOf(ctx, "track");
  const name = textOf(catalogueRow(ctx, "performer", performerId), "name");
  return {
    instruction: phrase(ctx, [
      `Every track by ${name} that has my heart in larkbox should have ${stars} stars from me. Rate those that I have not rated and correct the ratings that differ; their words stay. Take back my ratings of the performer's other tracks.`,
      `I decided that my hearted ${name} tracks in larkbox are worth ${stars} stars each, no more and no less. Please bring my ratings in line, whether I have rated the track before or not, and do not touch the comments. Tracks of theirs without a heart should have no rating from me.`,
      `In larkbox, see to it that each track of ${name} with a heart from me carries my rating of ${stars} stars: add it where there is none, change it where it is another. Comments are to be kept. Delete my ratings of the performer's tracks that have no heart.`,
    ]),
    pub: { performer: name, stars },
    writes: all.flatMap((track): Write[] => {
      const row = now.find((rating) => numberOf(rating, "target_id") === track.id);
      if (!heartedIds.has(track.id)) {
        return row === undefined ? [] : [{ app: "larkbox", api: "remove_rating", args: { rating_id: row.id } }];
      }
      if (row === undefined) {
        return [{ app: "larkbox", api: "add_rating", args: { target_kind: "track", target_id: track.id, stars } }];
      }
      if (numberOf(row, "stars") === stars) return [];
      return [{ app: "larkbox", api: "edit_rating", args: { rating_id: row.id, stars } }];
    }),
  };
}

function solvePerformer(apis: Apis, pub: PerformerPub): void {
  const token = signIn(apis, "larkbox");
  const performer = allPages(apis.larkbox.find_performers, { token, q: pub.performer })
    .find((x) => x.name === pub.performer);
  const hearted = new Set(allPages(apis.larkbox.list_hearted_tracks, { token }).map((x) => x.track_id));
  const rated = new Map(
    allPages(apis.larkbox.list_ratings, { token, target_kind: "track" }).map((x) => [x.target_id, x.rating_id]),
  );
  const tracks = allPages(apis.larkbox.list_performer_tracks, { token, performer_id: performer.performer_id });
  for (const { track_id } of tracks) {
    if (!hearted.has(track_id)) {
      if (rated.has(track_id)) apis.larkbox.remove_rating({ token, rating_id: rated.get(track_id) });
      continue;
    }
    const target = { token, target_kind: "track", target_id: track_id };
    if (!rated.has(track_id)) {
      apis.larkbox.add_rating({ ...target, stars: pub.stars });
      continue;
    }
    const { rating_id, stars } = apis.larkbox.get_my_rating(target);
    if (stars !== pub.stars) apis.larkbox.edit_rating({ token, rating_id, stars: pub.stars });
  }
}

const COMMON = { split: "test_normal", apps: ["larkbox"], axis: {} } as const;

/** The three families. */
export const rating_upkeep: readonly Scenario[] = [
  bench({ ...COMMON, family: "rating_upkeep/raise", difficulty: 1, draw: drawRaise, solve: solveRaise }),
  bench({ ...COMMON, family: "rating_upkeep/remove", difficulty: 1, draw: drawRemove, solve: solveRemove }),
  bench({ ...COMMON, family: "rating_upkeep/performer", difficulty: 3, draw: drawPerformer, solve: solvePerformer }),
];
