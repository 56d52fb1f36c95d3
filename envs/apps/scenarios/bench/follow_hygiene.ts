/**
 * Performers to stop following: those of whom nothing is kept anywhere, those whose last record is old, those of a genre without a
 * hearted track.
 *
 * @module
 */
import {
  catalogueRow,
  followedPerformers,
  genresOf,
  heartedTracks,
  mixesOf,
  mixTrackIds,
  pagesMatter,
  ratingsOf,
  shelfOf,
} from "./_larkbox.ts";
import {
  type Apis,
  bench,
  type BenchDraw,
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

type KeepPub = { readonly keep: string };
type DayPub = { readonly day: string };
type GenrePub = { readonly genre: string };

const FEWEST = 3;

function unfollow(performers: readonly Row[]): Write[] {
  return performers.map(({ id }) => ({ app: "larkbox", api: "unfollow_performer", args: { performer_id: id } }));
}

/** Performers with a track among these. */
function performersOf(ctx: SetupContext, trackIds: Iterable<number>): Set<number> {
  return new Set([...trackIds].map((id) => numberOf(catalogueRow(ctx, "track", id), "performer_id")));
}

/** Track ids by where the user keeps them. */
function traces(ctx: SetupContext): readonly Set<number>[] {
  return [
    new Set(heartedTracks(ctx).map(({ id }) => id)),
    new Set(shelfOf(ctx, "track").map(({ id }) => id)),
    mixTrackIds(ctx),
    new Set(ratingsOf(ctx, "track").map((row) => numberOf(row, "target_id"))),
  ];
}

function drawUnloved(ctx: SetupContext): BenchDraw<KeepPub> | Reject {
  const past = ctx.as(ctx.user, `${daysAgo(ctx, 5)}T21:00:00`);
  const known = new Set(traces(ctx).flatMap((ids) => [...performersOf(ctx, ids)]));
  const followed = new Set(followedPerformers(ctx).map(({ id }) => id));
  const strangers = ctx.random.shuffle(
    ctx.rows("larkbox.performer").filter(({ id }) => !known.has(id) && !followed.has(id)),
  );
  if (strangers.length < 7) return reject("too few performers are strangers");
  for (const { id } of strangers.slice(0, 6)) past("larkbox", "follow_performer", { performer_id: id });
  // One is kept for a rating alone, one for a place in a mix alone.
  const [rated, mixed] = strangers.slice(0, 2).map(({ id }) =>
    ctx.rowsWhere("larkbox.track", "performer_id", id).at(-1)
  );
  const mix = mixesOf(ctx).at(-1);
  if (rated === undefined || mixed === undefined || mix === undefined) return reject("no mix");
  past("larkbox", "add_rating", { target_kind: "track", target_id: rated.id, stars: 4 });
  past("larkbox", "add_to_mix", { mix_id: mix.id, track_id: mixed.id });
  const kept = new Set(traces(ctx).flatMap((ids) => [...performersOf(ctx, ids)]));
  const listed = followedPerformers(ctx);
  const unloved = listed.filter(({ id }) => !kept.has(id));
  const keep = ctx.random.pick(unloved);
  const wanted = unloved.filter(({ id }) => id !== keep.id);
  if (wanted.length < FEWEST || !pagesMatter(listed, (row) => wanted.includes(row))) {
    return reject("the first page would do");
  }
  const name = textOf(keep, "name");
  return {
    instruction: phrase(ctx, [
      `I follow too many performers in larkbox. Unfollow everyone of whom I have no track anywhere: none with my heart, none on my shelf, none in a mix of mine and none that I have rated. Only keep ${name}, whom I will see live.`,
      `Please stop following performers in larkbox that left no trace with me, which means that no track of theirs has a heart or a rating from me, is on my shelf or is in one of my mixes. ${name} stays in any case.`,
      `Tidy the performers whom I follow in larkbox: drop those without a single track that I have hearted, rated, shelved or put into one of my own mixes. Make an exception for ${name}.`,
    ]),
    pub: { keep: name },
    writes: unfollow(wanted),
  };
}

function solveUnloved(apis: Apis, pub: KeepPub): void {
  const token = signIn(apis, "larkbox");
  const kept = new Set();
  for (const { track_id } of allPages(apis.larkbox.list_hearted_tracks, { token })) kept.add(track_id);
  for (const { track_id } of allPages(apis.larkbox.list_shelf_tracks, { token })) kept.add(track_id);
  for (const { target_id } of allPages(apis.larkbox.list_ratings, { token, target_kind: "track" })) kept.add(target_id);
  for (const { mix_id } of allPages(apis.larkbox.list_my_mixes, { token })) {
    for (const { track_id } of allPages(apis.larkbox.list_mix_entries, { token, mix_id })) kept.add(track_id);
  }
  for (const { performer_id, name } of allPages(apis.larkbox.list_followed_performers, { token })) {
    if (name === pub.keep) continue;
    const tracks = allPages(apis.larkbox.list_performer_tracks, { token, performer_id });
    if (!tracks.some((x) => kept.has(x.track_id))) apis.larkbox.unfollow_performer({ token, performer_id });
  }
}

function drawDormant(ctx: SetupContext): BenchDraw<DayPub> | Reject {
  const listed = followedPerformers(ctx);
  const last = (row: Row) =>
    ctx.rowsWhere("larkbox.record", "performer_id", row.id).map((record) => textOf(record, "released_on")).sort().at(
      -1,
    ) ??
      "";
  const days = listed.map(last).sort();
  const day = days[ctx.random.int(FEWEST, Math.max(FEWEST, Math.floor(days.length / 2)))];
  if (day === undefined) return reject("too few performers");
  const wanted = listed.filter((row) => last(row) < day);
  if (wanted.length < FEWEST || !pagesMatter(listed, (row) => wanted.includes(row))) {
    return reject("the first page would do");
  }
  return {
    instruction: phrase(ctx, [
      `Unfollow all performers in larkbox whose latest record came out before ${sayDate(day)}.`,
      `Some of the performers whom I follow in larkbox have stopped making records. Stop following everyone who has released none on or after ${
        sayDate(day)
      }.`,
      `Go through the performers that I follow in larkbox. If the newest record of one is older than ${
        sayDate(day)
      }, unfollow that performer; a record of that very day is new enough.`,
    ]),
    pub: { day },
    said: { day: sayDate(day) },
    writes: unfollow(wanted),
  };
}

function solveDormant(apis: Apis, pub: DayPub): void {
  const token = signIn(apis, "larkbox");
  for (const { performer_id } of allPages(apis.larkbox.list_followed_performers, { token })) {
    const days = allPages(apis.larkbox.list_performer_records, { token, performer_id })
      .map((x) => apis.larkbox.get_record({ token, record_id: x.record_id }).released_on);
    if (days.every((day) => day < pub.day)) apis.larkbox.unfollow_performer({ token, performer_id });
  }
}

function drawGenre(ctx: SetupContext): BenchDraw<GenrePub> | Reject {
  const past = ctx.as(ctx.user, `${daysAgo(ctx, 6)}T18:00:00`);
  const [genre] = genresOf(ctx, followedPerformers(ctx));
  if (genre === undefined) return reject("nobody is followed");
  const loved = performersOf(ctx, heartedTracks(ctx).map(({ id }) => id));
  const followed = new Set(followedPerformers(ctx).map(({ id }) => id));
  const ofGenre = ctx.rows("larkbox.performer").filter((row) =>
    textOf(row, "genre") === genre && !followed.has(row.id)
  );
  for (const { id } of ctx.random.sample(ofGenre.filter(({ id }) => !loved.has(id)), 2)) {
    past("larkbox", "follow_performer", { performer_id: id });
  }
  const listed = followedPerformers(ctx);
  const wanted = listed.filter((row) => textOf(row, "genre") === genre && !loved.has(row.id));
  const spared = listed.filter((row) => textOf(row, "genre") === genre && loved.has(row.id));
  if (wanted.length < FEWEST || spared.length < 1 || !pagesMatter(listed, (row) => wanted.includes(row))) {
    return reject("the first page would do");
  }
  return {
    instruction: phrase(ctx, [
      `I have lost interest in ${genre}. Unfollow every ${genre} performer in larkbox, but keep those of whom at least one track has my heart.`,
      `In larkbox, stop following the performers whose genre is ${genre}, except for those who made a track that I have hearted.`,
      `Please unfollow my ${genre} performers in larkbox. Whoever made one of my hearted tracks may stay.`,
    ]),
    pub: { genre },
    writes: unfollow(wanted),
  };
}

function solveGenre(apis: Apis, pub: GenrePub): void {
  const token = signIn(apis, "larkbox");
  const hearted = new Set(allPages(apis.larkbox.list_hearted_tracks, { token }).map((x) => x.track_id));
  for (const { performer_id } of allPages(apis.larkbox.list_followed_performers, { token })) {
    if (apis.larkbox.get_performer({ token, performer_id }).genre !== pub.genre) continue;
    const tracks = allPages(apis.larkbox.list_performer_tracks, { token, performer_id });
    if (!tracks.some((x) => hearted.has(x.track_id))) apis.larkbox.unfollow_performer({ token, performer_id });
  }
}

const COMMON = { split: "train", apps: ["larkbox"], axis: {} } as const;

/** The three families. */
export const follow_hygiene: readonly Scenario[] = [
  bench({ ...COMMON, family: "follow_hygiene/unloved", difficulty: 3, draw: drawUnloved, solve: solveUnloved }),
  bench({ ...COMMON, family: "follow_hygiene/dormant", difficulty: 2, draw: drawDormant, solve: solveDormant }),
  bench({ ...COMMON, family: "follow_hygiene/genre", difficulty: 2, draw: drawGenre, solve: solveGenre }),
];
