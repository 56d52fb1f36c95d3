/**
 * A queue that fills the time from now until a given hour: with tracks of the shelf, with the latest episodes of shows (which start
 * at once, at a given volume), or with a mix after what is left in the queue.
 *
 * @module
 */
import { allDifferent, catalogueRow, fitting, mixesOf, pagesMatter, shelfOf, trackIdsOf } from "./_larkbox.ts";
import {
  type Apis,
  bench,
  type BenchDraw,
  type Client,
  numberOf,
  phrase,
  type Reject,
  reject,
  type Row,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { allPages, signIn } from "./_toolbox.ts";

type UntilPub = { readonly until: string };
type EpisodesPub = { readonly until: string; readonly volume: number };
type MixPub = { readonly until: string; readonly title: string };

const QUARTER = 15;
const LAST_MINUTE = 23 * 60 + 45;

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

/** The first quarter of an hour that is at least so many minutes from now, with the seconds until then; undefined near midnight. */
function quarterAfter(
  ctx: SetupContext,
  minutes: number,
): { readonly until: string; readonly seconds: number } | undefined {
  const now = minuteOf(ctx.at.slice(11));
  const then = Math.ceil((now + minutes) / QUARTER) * QUARTER;
  if (then > LAST_MINUTE) return undefined;
  const two = (value: number) => String(value).padStart(2, "0");
  return { until: `${two(Math.floor(then / 60))}:${two(then % 60)}`, seconds: (then - now) * 60 };
}

function queueOf(ctx: SetupContext): readonly unknown[] {
  const [player] = ctx.rows("larkbox.player", ctx.user.email);
  const queue = player?.["queue"];
  return Array.isArray(queue) ? queue : [];
}

/** Makes sure that something is in the queue that has to go. */
function fillQueue(ctx: SetupContext, tracks: readonly Row[]): void {
  const [track] = tracks;
  if (queueOf(ctx).length === 0 && track !== undefined) {
    ctx.as()("larkbox", "add_to_queue", { target_kind: "track", target_id: track.id });
  }
}

function refill(kind: "track" | "episode", rows: readonly Row[]): (client: Client) => void {
  return (client) => {
    client("larkbox", "clear_queue");
    for (const { id } of rows) client("larkbox", "add_to_queue", { target_kind: kind, target_id: id });
  };
}

function drawTracks(ctx: SetupContext): BenchDraw<UntilPub> | Reject {
  const span = quarterAfter(ctx, ctx.random.int(30, 60));
  if (span === undefined) return reject("too late in the day");
  const listed = shelfOf(ctx, "track");
  fillQueue(ctx, listed);
  const candidates = [...listed].sort((a, b) => numberOf(b, "plays") - numberOf(a, "plays"));
  const wanted = fitting(candidates, span.seconds);
  if (!allDifferent(candidates, "plays") || !pagesMatter(listed, (row) => wanted.includes(row))) {
    return reject("the first page would do");
  }
  const { until } = span;
  return {
    instruction: phrase(ctx, [
      `Empty my larkbox queue and fill it with tracks from my shelf for the time from now until ${until}: the most played first, then each next one that would still end by then.`,
      `I have to leave at ${until}. Please replace what is in my larkbox queue with tracks of my shelf, in order of plays from the highest down, and leave out each one that would run beyond that time if I start now.`,
      `Between now and ${until} I want to hear the hits of my larkbox shelf. Clear the queue, then go through the shelf's tracks from most to least plays and queue every one that still fits into the time left.`,
    ]),
    pub: { until },
    writes: refill("track", wanted),
  };
}

function drawEpisodes(ctx: SetupContext): BenchDraw<EpisodesPub> | Reject {
  const span = quarterAfter(ctx, ctx.random.int(110, 200));
  if (span === undefined) return reject("too late in the day");
  fillQueue(ctx, shelfOf(ctx, "track"));
  const listed = shelfOf(ctx, "show");
  const latest = new Map(listed.map((row) => {
    const episodes = [...ctx.rowsWhere("larkbox.episode", "show_id", row.id)];
    return [row, episodes.sort((a, b) => (textOf(a, "aired_on") < textOf(b, "aired_on") ? 1 : -1))[0]] as const;
  }));
  const candidates = [...latest.values()].flatMap((row) => (row === undefined ? [] : [row]))
    .sort((a, b) => numberOf(a, "seconds") - numberOf(b, "seconds"));
  const wanted = fitting(candidates, span.seconds);
  const wantedIds = new Set(wanted.map(({ id }) => id));
  const isWanted = (row: Row) => wantedIds.has(latest.get(row)?.id ?? 0);
  if (wanted.length < 3 || !allDifferent(candidates, "seconds") || !pagesMatter(listed, isWanted)) {
    return reject("the first page would do");
  }
  const { until } = span;
  const volume = ctx.random.int(3, 13) * 5;
  ctx.as()("larkbox", "set_volume", { volume: volume + 20 });
  ctx.as()("larkbox", "set_shuffle", { on: true });
  const fill = refill("episode", wanted);
  return {
    instruction: phrase(ctx, [
      `Clear my larkbox queue and fill the time from now until ${until} with talk: take the latest episode of each show on my shelf and queue them from the shortest to the longest, as far as they end by then. Switch shuffle off, set the volume to ${volume} and start it.`,
      `I will be in the workshop until ${until}. Replace my larkbox queue with newest episodes, one of every show on my shelf, the shortest first, until the next one would not be over in time if I start right now. Then let it play in this order, without shuffle, at volume ${volume}.`,
      `Please put the most recent episode of each shelved show into my larkbox queue, in order of length with the shortest in front, but only as many as can be heard from now to ${until}. What is in the queue at present has to go first. Start playing at a volume of ${volume}, with shuffle turned off.`,
    ]),
    pub: { until, volume },
    writes(client) {
      fill(client);
      client("larkbox", "set_shuffle", { on: false });
      client("larkbox", "set_volume", { volume });
      client("larkbox", "play", { place: 0 });
    },
  };
}

function solveRefill(
  apis: Apis,
  pub: { readonly until: string; readonly volume?: number },
  axis: { readonly of: string },
): void {
  const token = signIn(apis, "larkbox");
  const now = apis.handset.now({ token: signIn(apis, "handset") }).at.slice(11, 16);
  const minuteOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  let left = (minuteOf(pub.until) - minuteOf(now)) * 60;
  let items = [];
  if (axis.of === "tracks") {
    items = allPages(apis.larkbox.list_shelf_tracks, { token })
      .map((x) => apis.larkbox.get_track({ token, track_id: x.track_id }));
    items.sort((a, b) => b.plays - a.plays);
  } else {
    for (const { show_id } of allPages(apis.larkbox.list_shelf_shows, { token })) {
      const [latest] = apis.larkbox.list_episodes({ token, show_id, order: "-aired_on", size: 1 });
      items.push(apis.larkbox.get_episode({ token, episode_id: latest.episode_id }));
    }
    items.sort((a, b) => a.seconds - b.seconds);
  }
  apis.larkbox.clear_queue({ token });
  for (const { track_id, episode_id, seconds } of items) {
    if (seconds > left) continue;
    left -= seconds;
    const target_kind = axis.of === "tracks" ? "track" : "episode";
    apis.larkbox.add_to_queue({ token, target_kind, target_id: track_id ?? episode_id });
  }
  if (axis.of === "tracks") return;
  apis.larkbox.set_shuffle({ token, on: false });
  apis.larkbox.set_volume({ token, volume: pub.volume });
  apis.larkbox.play({ token });
}

function drawMix(ctx: SetupContext): BenchDraw<MixPub> | Reject {
  const me = ctx.as();
  const mixes = mixesOf(ctx);
  const mix = ctx.random.pick(mixes.slice(5).length > 0 ? mixes.slice(5) : mixes);
  const inMix = [...new Set(trackIdsOf(ctx, mix.id))];
  if (inMix.length < 9) return reject("the mix is short");
  // The queue holds two tracks of the mix, one of them played already, and an episode near its end.
  const shelf = ctx.random.sample(shelfOf(ctx, "track").filter(({ id }) => !inMix.includes(id)), 5);
  const [episode] = ctx.random.sample(ctx.rows("larkbox.episode").filter((row) => numberOf(row, "seconds") < 1500), 1);
  const [played, waiting] = [inMix[1], inMix[3]];
  if (episode === undefined || shelf.length < 5 || played === undefined || waiting === undefined) {
    return reject("nothing to queue");
  }
  if (queueOf(ctx).length > 0) me("larkbox", "clear_queue");
  const track = (id: number) => ({ target_kind: "track", target_id: id });
  const queue = [
    track(played),
    ...shelf.slice(0, 3).map(({ id }) => track(id)),
    track(waiting),
    track(shelf[3]?.id ?? 0),
    { target_kind: "episode", target_id: episode.id },
    track(shelf[4]?.id ?? 0),
  ];
  for (const args of queue) me("larkbox", "add_to_queue", args);
  const place = ctx.random.int(1, 2);
  const second = ctx.random.int(20, 80);
  me("larkbox", "play", { place });
  me("larkbox", "seek", { second });
  me("larkbox", "set_shuffle", { on: true });
  me("larkbox", "set_repeat", { repeat: "all" });
  const rest = queue.slice(place)
    .map(({ target_kind, target_id }) => numberOf(catalogueRow(ctx, target_kind, target_id), "seconds"))
    .reduce((sum, seconds) => sum + seconds, -second);
  const span = quarterAfter(ctx, Math.ceil(rest / 60) + ctx.random.int(10, 18));
  if (span === undefined) return reject("too late in the day");
  const queued = new Set(queue.filter((item) => item.target_kind === "track").map((item) => item.target_id));
  const candidates = inMix.filter((id) => !queued.has(id)).map((id) => catalogueRow(ctx, "track", id));
  const wanted = fitting(candidates, span.seconds - rest);
  if (wanted.length < 2 || wanted.length === candidates.length) return reject("the time is no hurdle");
  const { until } = span;
  const title = textOf(mix, "title");
  return {
    instruction: phrase(ctx, [
      `My larkbox queue goes on from where it is now. Fill it up until ${until} with tracks of my mix "${title}": in the order of the mix, each one that still ends by then and is not in the queue anyway, played or not. Turn shuffle and repeat off, so that the order holds.`,
      `What is left in my larkbox queue does not last until ${until}. Append tracks from my mix "${title}" in their order, skip those that the queue has already (also those behind me) and any that would run over, and switch off both shuffle and repeat.`,
      `Please prolong what plays in larkbox to ${until}: after the rest of the present queue, add from "${title}", one of my mixes, track by track whatever still fits in time, except for tracks that stand anywhere in the queue. Neither shuffle nor repeat should be on.`,
    ]),
    pub: { until, title },
    writes(client) {
      for (const { id } of wanted) client("larkbox", "add_to_queue", track(id));
      client("larkbox", "set_shuffle", { on: false });
      client("larkbox", "set_repeat", { repeat: "off" });
    },
  };
}

function solveFillUp(apis: Apis, pub: MixPub): void {
  const token = signIn(apis, "larkbox");
  const now = apis.handset.now({ token: signIn(apis, "handset") }).at.slice(11, 16);
  const minuteOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  let left = (minuteOf(pub.until) - minuteOf(now)) * 60;
  const player = apis.larkbox.get_player({ token });
  const queue = allPages(apis.larkbox.list_queue, { token });
  const queued = new Set();
  for (const { place, kind, id } of queue) {
    if (kind === "track") queued.add(id);
    if (place < player.place) continue;
    const item = kind === "track"
      ? apis.larkbox.get_track({ token, track_id: id })
      : apis.larkbox.get_episode({ token, episode_id: id });
    left -= place === player.place ? item.seconds - player.second : item.seconds;
  }
  const mix = allPages(apis.larkbox.list_my_mixes, { token }).find((x) => x.title === pub.title);
  for (const { track_id } of allPages(apis.larkbox.list_mix_entries, { token, mix_id: mix.mix_id })) {
    if (queued.has(track_id)) continue;
    const { seconds } = apis.larkbox.get_track({ token, track_id });
    if (seconds > left) continue;
    left -= seconds;
    queued.add(track_id);
    apis.larkbox.add_to_queue({ token, target_kind: "track", target_id: track_id });
  }
  apis.larkbox.set_shuffle({ token, on: false });
  apis.larkbox.set_repeat({ token, repeat: "off" });
}

const COMMON = { split: "test_normal", apps: ["larkbox", "handset"] } as const;

/** The three families. */
export const queue_until: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "queue_until/tracks",
    difficulty: 2,
    axis: { of: "tracks" },
    draw: drawTracks,
    solve: solveRefill,
  }),
  bench({
    ...COMMON,
    family: "queue_until/episodes",
    difficulty: 3,
    axis: { of: "episodes" },
    draw: drawEpisodes,
    solve: solveRefill,
  }),
  bench({ ...COMMON, family: "queue_until/mix", difficulty: 3, axis: {}, draw: drawMix, solve: solveFillUp }),
];
