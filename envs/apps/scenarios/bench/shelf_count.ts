/**
 * How many things on the user's shelf pass a filter: tracks by genre and length, records by day of release, shows by their latest
 * episode.
 *
 * @module
 */
import { genresOf, pagesMatter, shelfOf } from "./_larkbox.ts";
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
} from "./_kit.ts";
import { allPages, signIn } from "./_toolbox.ts";

type TrackPub = { readonly genre: string; readonly minutes: number };
type RecordPub = { readonly from: string; readonly until: string };
type ShowPub = { readonly since: string };

function drawTracks(ctx: SetupContext): BenchDraw<TrackPub> | Reject {
  const minutes = ctx.random.pick([3, 4, 5]);
  const long = (row: Row) => numberOf(row, "seconds") > minutes * 60;
  const genre = genresOf(ctx, shelfOf(ctx, "track")).find((candidate) => {
    const ofGenre = shelfOf(ctx, "track").filter((row) => textOf(row, "genre") === candidate);
    const count = ofGenre.filter(long).length;
    return count >= 3 && count < ofGenre.length;
  });
  if (genre === undefined) return reject("no genre has enough tracks on the shelf");
  // One that is just too short comes to the shelf, one that would count has a heart but no place there.
  const shelved = new Set(shelfOf(ctx, "track").map(({ id }) => id));
  const others = ctx.rows("larkbox.track").filter((row) => !shelved.has(row.id) && textOf(row, "genre") === genre);
  const short = others.find((row) => !long(row) && numberOf(row, "seconds") > minutes * 60 - 60);
  if (short === undefined) return reject("no track is just too short");
  const past = ctx.as(ctx.user, `${daysAgo(ctx, 3)}T19:00:00`);
  past("larkbox", "add_to_shelf", { target_kind: "track", target_id: short.id });
  const hearted = new Set(ctx.rows("larkbox.heart", ctx.user.email).map((row) => numberOf(row, "target_id")));
  const near = others.find((row) => long(row) && !hearted.has(row.id));
  if (near !== undefined) past("larkbox", "heart_track", { track_id: near.id });
  const listed = shelfOf(ctx, "track");
  const wanted = (row: Row) => textOf(row, "genre") === genre && long(row);
  if (!pagesMatter(listed, wanted)) return reject("the first page would do");
  return {
    instruction: phrase(ctx, [
      `How many ${genre} tracks longer than ${minutes} minutes do I have on my larkbox shelf?`,
      `I want to know how much long ${genre} is on my larkbox shelf: count the tracks of that genre that run for more than ${minutes} minutes.`,
      `Please count the tracks on my shelf in larkbox whose genre is ${genre} and that are longer than ${minutes} minutes. I only need the number.`,
    ]),
    pub: { genre, minutes },
    answer: listed.filter(wanted).length,
  };
}

function solveTrackCount(apis: Apis, pub: TrackPub): number {
  const token = signIn(apis, "larkbox");
  let count = 0;
  for (const { track_id } of allPages(apis.larkbox.list_shelf_tracks, { token })) {
    const track = apis.larkbox.get_track({ token, track_id });
    if (track.genre === pub.genre && track.seconds > pub.minutes * 60) count++;
  }
  return count;
}

function drawRecords(ctx: SetupContext): BenchDraw<RecordPub> | Reject {
  const listed = shelfOf(ctx, "record");
  const days = listed.map((row) => textOf(row, "released_on")).sort();
  // Both ends are days on which something on the shelf came out.
  const from = days[ctx.random.int(4, Math.max(4, Math.floor(days.length / 2)))];
  const until = days[days.length - ctx.random.int(3, Math.max(3, Math.floor(days.length / 3)))];
  if (from === undefined || until === undefined || from >= until) return reject("too few records");
  const wanted = (row: Row) => textOf(row, "released_on") >= from && textOf(row, "released_on") <= until;
  if (!pagesMatter(listed, wanted)) return reject("the first page would do");
  return {
    instruction: phrase(ctx, [
      `How many of the records on my larkbox shelf came out from ${sayDate(from)} to ${
        sayDate(until)
      }, both days included?`,
      `Count the records on my shelf in larkbox that were released between ${sayDate(from)} and ${
        sayDate(until)
      }. Those of the first and of the last day count, too.`,
      `I am curious about my record shelf in larkbox. What number of its records was released no earlier than ${
        sayDate(from)
      } and no later than ${sayDate(until)}?`,
    ]),
    pub: { from, until },
    said: { from: sayDate(from), until: sayDate(until) },
    answer: listed.filter(wanted).length,
  };
}

function solveRecordCount(apis: Apis, pub: RecordPub): number {
  const token = signIn(apis, "larkbox");
  let count = 0;
  for (const { record_id } of allPages(apis.larkbox.list_shelf_records, { token })) {
    const day = apis.larkbox.get_record({ token, record_id }).released_on;
    if (day >= pub.from && day <= pub.until) count++;
  }
  return count;
}

function drawShows(ctx: SetupContext): BenchDraw<ShowPub> | Reject {
  const listed = shelfOf(ctx, "show");
  const latest = (row: Row) =>
    ctx.rowsWhere("larkbox.episode", "show_id", row.id).map((episode) => textOf(episode, "aired_on")).sort().at(-1) ??
      "";
  const days = [...new Set(listed.map(latest))].sort();
  if (listed.length < 8 || days.length < 5) return reject("too few shows");
  const since = days[ctx.random.int(2, days.length - 3)] ?? "";
  const wanted = (row: Row) => latest(row) >= since;
  if (!pagesMatter(listed, wanted)) return reject("the first page would do");
  return {
    instruction: phrase(ctx, [
      `How many shows on my larkbox shelf have had a new episode on ${sayDate(since)} or later?`,
      `Tell me for how many of the shows on my shelf in larkbox the latest episode aired no earlier than ${
        sayDate(since)
      }.`,
      `Some shows on my larkbox shelf have gone quiet. How many of them still had an episode since ${
        sayDate(since)
      }, that day included?`,
    ]),
    pub: { since },
    said: { since: sayDate(since) },
    answer: listed.filter(wanted).length,
  };
}

function solveShowCount(apis: Apis, pub: ShowPub): number {
  const token = signIn(apis, "larkbox");
  let count = 0;
  for (const { show_id } of allPages(apis.larkbox.list_shelf_shows, { token })) {
    const [latest] = apis.larkbox.list_episodes({ token, show_id, order: "-aired_on", size: 1 });
    const { aired_on } = apis.larkbox.get_episode({ token, episode_id: latest.episode_id });
    if (aired_on >= pub.since) count++;
  }
  return count;
}

const COMMON = { split: "train", difficulty: 1, apps: ["larkbox"], axis: {} } as const;

/** The three families. */
export const shelf_count: readonly Scenario[] = [
  bench({ ...COMMON, family: "shelf_count/track", draw: drawTracks, solve: solveTrackCount }),
  bench({ ...COMMON, family: "shelf_count/record", draw: drawRecords, solve: solveRecordCount }),
  bench({ ...COMMON, family: "shelf_count/show", draw: drawShows, solve: solveShowCount }),
];
