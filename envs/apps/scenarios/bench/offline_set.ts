/**
 * Tracks to save for offline listening within a budget of minutes: hearted ones from the shortest up, well rated ones from the
 * longest down (they become a mix, too), those of a mix in order, in place of others. Some are offline already, some are not on the
 * shelf yet.
 *
 * @module
 */
import {
  catalogueRow,
  fitting,
  freshMixTitle,
  hasOfflineRoom,
  heartedTracks,
  mixesOf,
  offlineIds,
  pagesMatter,
  ratingsOf,
  shelfOf,
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
  type Scenario,
  type SetupContext,
  textOf,
  type Write,
} from "./_kit.ts";
import { allPages, signIn } from "./_toolbox.ts";

/** Tracks that are offline and have to go. */
const OTHERS = 9;

type HeartsPub = { readonly minutes: number };
type StarsPub = { readonly minutes: number; readonly stars: number; readonly mix: string };
type MixPub = { readonly minutes: number; readonly title: string };

/** Writes that save tracks, those that are not on the shelf after being put there. */
function save(ctx: SetupContext, tracks: readonly Row[]): Write[] {
  const shelved = new Set(shelfOf(ctx, "track").map(({ id }) => id));
  return tracks.flatMap(({ id }) => {
    const args = { target_kind: "track", target_id: id };
    const saving = { app: "larkbox", api: "save_offline", args };
    return shelved.has(id) ? [saving] : [{ app: "larkbox", api: "add_to_shelf", args }, saving];
  });
}

/** Puts two of these tracks on the shelf and saves one of them, so that some are done, some half done and some not. */
function prepare(ctx: SetupContext, tracks: readonly Row[]): void {
  const past = ctx.as(ctx.user, `${daysAgo(ctx, 8)}T08:00:00`);
  const shelved = new Set(shelfOf(ctx, "track").map(({ id }) => id));
  const offline = offlineIds(ctx, "track");
  const some = ctx.random.shuffle(tracks.filter(({ id }) => !offline.has(id))).slice(0, 2);
  for (const [i, { id }] of some.entries()) {
    const target = { target_kind: "track", target_id: id };
    if (!shelved.has(id)) past("larkbox", "add_to_shelf", target);
    if (i === 0) past("larkbox", "save_offline", target);
  }
}

/** Whether these make a fair set: several, on the shelf and not, and not all of those that could be taken. */
function fair(ctx: SetupContext, wanted: readonly Row[], candidates: readonly Row[]): boolean {
  const shelved = new Set(shelfOf(ctx, "track").map(({ id }) => id));
  const lengths = new Set(wanted.map((row) => numberOf(row, "seconds")));
  // Of two tracks of one length, both are taken or none, or the order of the list would decide.
  const tied = candidates.some((row) => !wanted.includes(row) && lengths.has(numberOf(row, "seconds")));
  return wanted.length >= 3 && wanted.length < candidates.length && !tied &&
    wanted.some(({ id }) => shelved.has(id)) && wanted.some(({ id }) => !shelved.has(id)) &&
    hasOfflineRoom(ctx, wanted.length);
}

function drawHearts(ctx: SetupContext): BenchDraw<HeartsPub> | Reject {
  if (!hasOfflineRoom(ctx, 20)) return reject("no plan with room");
  const bySeconds = (rows: readonly Row[]) => [...rows].sort((a, b) => numberOf(a, "seconds") - numberOf(b, "seconds"));
  prepare(ctx, bySeconds(heartedTracks(ctx)).slice(0, 5));
  const listed = heartedTracks(ctx);
  const offline = offlineIds(ctx, "track");
  const candidates = bySeconds(listed).filter(({ id }) => !offline.has(id));
  const minutes = ctx.random.int(4, 8) * 5;
  const wanted = fitting(candidates, minutes * 60);
  if (!fair(ctx, wanted, candidates)) return reject("no fair set");
  if (!pagesMatter(listed, (row) => wanted.includes(row))) return reject("the first page would do");
  return {
    instruction: phrase(ctx, [
      `I am off to the mountains. Save my hearted larkbox tracks for offline listening, the shortest first, as many as fit into ${minutes} minutes. Tracks that are offline already stay and do not count; put a track on my shelf first if it is not there.`,
      `Please take as many of my hearted tracks in larkbox offline as go into ${minutes} minutes, beginning with the shortest. Ignore those that are saved already. What is missing on my shelf has to be put there before.`,
      `Fill ${minutes} minutes of offline listening in larkbox with tracks that have my heart: shortest first until the next one would be too much. Skip what is offline by now (it takes up none of the time), and shelve tracks where needed.`,
    ]),
    pub: { minutes },
    writes: save(ctx, wanted),
  };
}

function drawStars(ctx: SetupContext): BenchDraw<StarsPub> | Reject {
  if (!hasOfflineRoom(ctx, 20)) return reject("no plan with room");
  const stars = ctx.random.pick([3, 4]);
  const rated = () =>
    ratingsOf(ctx, "track").filter((row) => numberOf(row, "stars") >= stars)
      .map((row) => catalogueRow(ctx, "track", numberOf(row, "target_id")));
  prepare(ctx, rated());
  const offline = offlineIds(ctx, "track");
  const candidates = rated().filter(({ id }) => !offline.has(id))
    .sort((a, b) => numberOf(b, "seconds") - numberOf(a, "seconds"));
  const minutes = ctx.random.int(5, 10) * 5;
  const wanted = fitting(candidates, minutes * 60);
  if (!fair(ctx, wanted, candidates)) return reject("no fair set");
  const wantedIds = new Set(wanted.map(({ id }) => id));
  if (!pagesMatter(ratingsOf(ctx, "track"), (row) => wantedIds.has(numberOf(row, "target_id")))) {
    return reject("the first page would do");
  }
  const mix = freshMixTitle(ctx);
  const writes = save(ctx, wanted);
  return {
    instruction: phrase(ctx, [
      `Save the tracks that I gave ${stars} or more stars in larkbox for offline listening: the longest first, and each further one that still fits into ${minutes} minutes altogether. Leave alone what is offline already (it does not count); put tracks on my shelf where that is needed. Make a new mix "${mix}" of the ones you saved.`,
      `For a train ride of ${minutes} minutes I want my best tracks offline in larkbox, those with at least ${stars} stars from me. Go from the longest to the shortest and save every one that still fits in. Ones that are offline already do not count; shelve the others first if necessary. What you save goes into a new mix, too, called "${mix}".`,
      `Please prepare ${minutes} minutes of offline music in larkbox. Only tracks count that I rated with ${stars} stars or better and that are not offline yet. Start with the longest, skip any that would be too much, and add missing ones to my shelf before saving them. The same tracks make up the mix "${mix}", which you create.`,
    ]),
    pub: { minutes, stars, mix },
    writes(client) {
      for (const { app, api, args } of writes) client(app, api, args);
      const mix_id = idIn(client("larkbox", "add_mix", { title: mix }), "mix_id");
      for (const { id } of wanted) client("larkbox", "add_to_mix", { mix_id, track_id: id });
    },
  };
}

/** Saves some tracks that are not in a mix, and a record. */
function saveOthers(ctx: SetupContext, mixId: number): void {
  const past = ctx.as(ctx.user, `${daysAgo(ctx, 7)}T19:00:00`);
  const inMix = new Set(trackIdsOf(ctx, mixId));
  for (const [kind, count] of [["track", OTHERS], ["record", 1]] as const) {
    const offline = offlineIds(ctx, kind);
    const free = shelfOf(ctx, kind).filter(({ id }) => !offline.has(id) && !(kind === "track" && inMix.has(id)));
    for (const { id } of ctx.random.sample(free, Math.min(count, free.length))) {
      past("larkbox", "save_offline", { target_kind: kind, target_id: id });
    }
  }
}

function drawMix(ctx: SetupContext): BenchDraw<MixPub> | Reject {
  if (!hasOfflineRoom(ctx, 20 + OTHERS)) return reject("no plan with room");
  const mixes = mixesOf(ctx);
  const mix = ctx.random.pick(mixes.slice(5).length > 0 ? mixes.slice(5) : mixes);
  const tracks = () => [...new Set(trackIdsOf(ctx, mix.id))].map((id) => catalogueRow(ctx, "track", id));
  if (tracks().length < 9) return reject("the mix is short");
  prepare(ctx, tracks().slice(1, 5));
  saveOthers(ctx, mix.id);
  const offline = offlineIds(ctx, "track");
  const inMix = new Set(trackIdsOf(ctx, mix.id));
  const dropped = [...offline].filter((id) => !inMix.has(id));
  if (dropped.length === 0) return reject("nothing else is offline");
  const candidates = tracks().filter(({ id }) => !offline.has(id));
  const minutes = cycle(ctx, [25, 35, 30]);
  const wanted = fitting(candidates, minutes * 60);
  if (!fair(ctx, wanted, candidates)) return reject("no fair set");
  if (!pagesMatter(tracks(), (row) => wanted.includes(row))) return reject("the first page would do");
  const title = textOf(mix, "title");
  return {
    instruction: phrase(ctx, [
      `Save my larkbox mix "${title}" for offline listening as far as it goes into ${minutes} minutes: in the order of the mix, each track that still fits. Tracks that are offline already stay as they are and do not count. Put tracks on my shelf first where they are not there. Before that, drop the tracks that the mix lacks from offline (not records or shows).`,
      `I want ${minutes} minutes of "${title}", a mix of mine in larkbox, offline. Take its tracks in order, skip those that are offline by now and any that would go beyond the time, and shelve each before you save it unless it is on my shelf. Offline tracks that are not in this mix should no longer be offline; records and shows may.`,
      `From my mix "${title}" in larkbox, get tracks offline until ${minutes} minutes are full: follow the order of the mix and take whatever still fits. What has been saved before does not count. A track has to be on my shelf for that, so add it if need be. To make room, stop keeping tracks offline that the mix does not have, but leave records and shows.`,
    ]),
    pub: { minutes, title },
    writes: [
      ...dropped.map((id): Write => ({
        app: "larkbox",
        api: "drop_offline",
        args: { target_kind: "track", target_id: id },
      })),
      ...save(ctx, wanted),
    ],
  };
}

function solveOfflineSet(
  apis: Apis,
  pub: { readonly minutes: number; readonly stars?: number; readonly mix?: string; readonly title?: string },
  axis: { readonly from: string },
): void {
  const token = signIn(apis, "larkbox");
  let ids = [];
  if (axis.from === "hearts") {
    ids = allPages(apis.larkbox.list_hearted_tracks, { token }).map((x) => x.track_id);
  } else if (axis.from === "stars") {
    for (const { target_id } of allPages(apis.larkbox.list_ratings, { token, target_kind: "track" })) {
      const { stars } = apis.larkbox.get_my_rating({ token, target_kind: "track", target_id });
      if (stars >= (pub.stars ?? 5)) ids.push(target_id);
    }
  } else {
    const mix = allPages(apis.larkbox.list_my_mixes, { token }).find((x) => x.title === pub.title);
    const entries = allPages(apis.larkbox.list_mix_entries, { token, mix_id: mix.mix_id });
    ids = [...new Set(entries.map((x) => x.track_id))];
  }
  const offline = new Set(
    allPages(apis.larkbox.list_offline, { token, target_kind: "track" }).map((x) => x.target_id),
  );
  const shelf = new Set(allPages(apis.larkbox.list_shelf_tracks, { token }).map((x) => x.track_id));
  const tracks = ids.filter((id) => !offline.has(id)).map((track_id) => apis.larkbox.get_track({ token, track_id }));
  if (axis.from === "hearts") tracks.sort((a, b) => a.seconds - b.seconds);
  if (axis.from === "stars") tracks.sort((a, b) => b.seconds - a.seconds);
  if (axis.from === "mix") {
    for (const target_id of offline) {
      if (!ids.includes(target_id)) apis.larkbox.drop_offline({ token, target_kind: "track", target_id });
    }
  }
  const mix_id = axis.from === "stars" ? apis.larkbox.add_mix({ token, title: pub.mix }).mix_id : null;
  let left = pub.minutes * 60;
  for (const { track_id, seconds } of tracks) {
    if (seconds > left) continue;
    left -= seconds;
    const target = { token, target_kind: "track", target_id: track_id };
    if (!shelf.has(track_id)) apis.larkbox.add_to_shelf(target);
    apis.larkbox.save_offline(target);
    if (mix_id !== null) apis.larkbox.add_to_mix({ token, mix_id, track_id });
  }
}

const COMMON = { split: "test_normal", apps: ["larkbox"], solve: solveOfflineSet } as const;

/** The three families. */
export const offline_set: readonly Scenario[] = [
  bench({ ...COMMON, family: "offline_set/hearts", difficulty: 2, axis: { from: "hearts" }, draw: drawHearts }),
  bench({ ...COMMON, family: "offline_set/stars", difficulty: 3, axis: { from: "stars" }, draw: drawStars }),
  bench({ ...COMMON, family: "offline_set/mix", difficulty: 3, axis: { from: "mix" }, draw: drawMix }),
];
