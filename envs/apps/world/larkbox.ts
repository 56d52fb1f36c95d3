/**
 * Writes larkbox: a catalogue of music and talk, and what each member listens to.
 *
 * Contract: titles of tracks, records and shows and names of performers are unique. A member's mixes draw on a pool of favourites,
 * so that tracks recur among them; most hearts go to performers whom the member follows, yet some of these have none; positions in
 * a mix are 1 to n. Nothing was released or aired after "now".
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import type { Pen } from "../_pen.ts";
import {
  episode,
  heart,
  larkMember,
  mix,
  mixEntry,
  performer,
  player,
  rating,
  record,
  shelfItem,
  show,
  track,
} from "../apps/larkbox/tables.ts";
import { addDays, dayNumber } from "../calendar.ts";
import {
  ADJECTIVES,
  EPISODE_PATTERNS,
  EPISODE_THINGS,
  GENRES,
  MIX_ABOUTS,
  MIX_KINDS,
  MIX_MOMENTS,
  NOUNS,
  PERFORMER_ABOUTS,
  PERFORMER_PATTERNS,
  PERFORMER_SURNAMES,
  RATING_TEXTS,
  RECORD_PATTERNS,
  SHOW_ABOUTS,
  SHOWS,
  TITLE_NAMES,
  TITLE_NUMBERS,
  TITLE_PATTERNS,
  TITLE_PLACES,
  TITLE_TIMES,
} from "../pools/larkbox.ts";
import type { Person } from "../world.ts";
import { writeAccounts } from "./accounts.ts";
import { fillTemplate, WORLD_NOW, type WorldContext, type Writer } from "./context.ts";

const TODAY = WORLD_NOW.slice(0, 10);
/** When the catalogue was filled: before anybody listened to it. */
const CATALOGUE_AT = "2025-01-02T09:00:00";
const FULL = { performers: 190, records: 260, tracks: 1800, shows: 40, episodes: 700 } as const;
const OLDEST_RELEASE = "2001-01-01";
const DAYS_OF_YEAR = 365;

/** Writes larkbox. */
export const writeLarkbox: Writer = (pen, context) => {
  writeCatalogue(pen, context);
  writeAccounts(pen, context, larkMember, (person) => drawPlan(context.random("larkbox", "plan", person.email)));
  const music = musicOf(pen);
  for (const person of context.principals) writeListener(pen, context, music, person);
};

/** A title from a pattern that has not been used yet. */
function freshTitle(random: KeyedRandom, patterns: readonly string[], taken: Set<string>): string {
  for (;;) {
    const [noun, noun2, noun3, adj, adj2] = [
      random.pick(NOUNS),
      random.pick(NOUNS),
      random.pick(NOUNS),
      random.pick(ADJECTIVES),
      random.pick(ADJECTIVES),
    ];
    if (noun === noun2 || noun === noun3 || noun2 === noun3 || adj === adj2) continue;
    const title = fillTemplate(random.pick(patterns), {
      noun,
      noun2,
      noun3,
      adj,
      adj2,
      place: random.pick(TITLE_PLACES),
      time: random.pick(TITLE_TIMES),
      name: random.pick(TITLE_NAMES),
      number: random.pick(TITLE_NUMBERS),
      surname: random.pick(PERFORMER_SURNAMES),
    });
    if (taken.has(title)) continue;
    taken.add(title);
    return title;
  }
}

/** `total` cut into `parts` of at least one, none more than three times as large as another is likely to be. */
function cut(random: KeyedRandom, total: number, parts: number): number[] {
  const weights = Array.from({ length: parts }, () => 2 + random.uniform() * 4);
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const sizes = weights.map((weight) => Math.max(1, Math.floor((total * weight) / sum)));
  for (let rest = total - sizes.reduce((all, size) => all + size, 0), i = 0; rest > 0; rest--, i++) {
    sizes[i % parts] = (sizes[i % parts] ?? 0) + 1;
  }
  return sizes;
}

function writeCatalogue(pen: Pen, context: WorldContext): void {
  const random = context.random("larkbox", "catalogue");
  const names = new Set<string>();
  const titles = new Set<string>();
  const performers = Array.from({ length: context.catalogueSize(FULL.performers) }, () => {
    const genre = random.pick(GENRES);
    const about = fillTemplate(random.pick(PERFORMER_ABOUTS), {
      genre,
      place: random.pick(TITLE_PLACES),
      noun: random.pick(NOUNS).toLowerCase(),
    });
    const id = pen.add(performer, { name: freshTitle(random, PERFORMER_PATTERNS, names), genre, about }, CATALOGUE_AT);
    // A third of the performers has not released anything for years.
    const last = addDays(TODAY, -(random.uniform() < 0.35 ? random.int(1500, 5000) : random.int(5, 900)));
    return { id, genre, last };
  });
  const counts = cut(random, Math.max(performers.length, context.catalogueSize(FULL.records)), performers.length);
  const records = performers.flatMap(({ id, genre, last }, i) => {
    const days = Array.from(
      { length: counts[i] ?? 1 },
      (_, n) => n === 0 ? last : addDays(last, -random.int(200, 2400)),
    );
    return days.sort().map((day) => ({
      performer_id: id,
      released_on: day < OLDEST_RELEASE ? OLDEST_RELEASE : day,
      genre: random.uniform() < 0.85 ? genre : random.pick(GENRES),
    }));
  });
  const tracks = cut(random, Math.max(records.length * 3, context.catalogueSize(FULL.tracks)), records.length);
  records.forEach((values, i) => {
    const recordTitle = freshTitle(random, RECORD_PATTERNS, titles);
    const recordId = pen.add(record, { title: recordTitle, ...values }, CATALOGUE_AT);
    for (let number = 1; number <= (tracks[i] ?? 1); number++) {
      pen.add(track, {
        record_id: recordId,
        performer_id: values.performer_id,
        number,
        title: freshTitle(random, TITLE_PATTERNS, titles),
        seconds: random.int(95, 510),
        // Spread over orders of magnitude, as plays are.
        plays: Math.floor(100 * 10 ** (random.uniform() * 4.3)) + random.int(0, 99),
        genre: random.uniform() < 0.85 ? values.genre : random.pick(GENRES),
      }, CATALOGUE_AT);
    }
  });
  writeShows(pen, context, random);
}

function writeShows(pen: Pen, context: WorldContext, random: KeyedRandom): void {
  const chosen = random.sample(SHOWS, context.catalogueSize(FULL.shows));
  const counts = cut(random, Math.max(chosen.length * 3, context.catalogueSize(FULL.episodes)), chosen.length);
  chosen.forEach(([topic, title], i) => {
    const host = `${random.pick(TITLE_NAMES)} ${random.pick(PERFORMER_SURNAMES)}`;
    const about = fillTemplate(random.pick(SHOW_ABOUTS), { topic });
    const showId = pen.add(show, {
      title,
      host,
      topic,
      about: `${about.charAt(0).toUpperCase()}${about.slice(1)}`,
    }, CATALOGUE_AT);
    const count = counts[i] ?? 1;
    const every = random.pick([7, 7, 14]);
    const last = dayNumber(TODAY) - random.int(1, every + 20);
    const taken = new Set<string>();
    for (let number = 1; number <= count; number++) {
      let episodeTitle = "";
      do {
        episodeTitle = fillTemplate(random.pick(EPISODE_PATTERNS), {
          thing: random.pick(EPISODE_THINGS[topic] ?? ["nothing"]),
          name: random.pick(TITLE_NAMES),
        });
      } while (taken.has(episodeTitle));
      taken.add(episodeTitle);
      pen.add(episode, {
        show_id: showId,
        number,
        title: episodeTitle,
        seconds: random.int(12, 70) * 60 + random.int(0, 59),
        aired_on: addDays(TODAY, last - (count - number) * every - dayNumber(TODAY)),
      }, CATALOGUE_AT);
    }
  });
}

function drawPlan(random: KeyedRandom) {
  const chance = random.uniform();
  if (chance < 0.3) return { plan: "free", plan_until: null, renews: false };
  const plan = random.pick(["solo", "solo", "duo", "home"]);
  // Tasks happen up to 60 days from now: a plan that runs now runs then.
  if (chance < 0.85) return { plan, plan_until: addDays(TODAY, random.int(70, 330)), renews: random.uniform() < 0.8 };
  return { plan, plan_until: addDays(TODAY, -random.int(10, 200)), renews: false };
}

/** What can be listened to, with what is needed to choose from it. */
interface Music {
  readonly tracks: readonly { readonly id: number; readonly performer: number; readonly seconds: number }[];
  readonly records: readonly { readonly id: number; readonly performer: number }[];
  readonly performers: readonly { readonly id: number; readonly genre: string }[];
  readonly episodes: readonly number[];
  readonly shows: readonly number[];
}

function musicOf(pen: Pen): Music {
  return {
    tracks: pen.rows(track).map(({ id, performer_id, seconds }) => ({ id, performer: performer_id, seconds })),
    records: pen.rows(record).map(({ id, performer_id }) => ({ id, performer: performer_id })),
    performers: pen.rows(performer).map(({ id, genre }) => ({ id, genre })),
    episodes: pen.rows(episode).map(({ id }) => id),
    shows: pen.rows(show).map(({ id }) => id),
  };
}

/** `count` different items, the liked ones three times as likely. */
function likely<T>(random: KeyedRandom, items: readonly T[], liked: (item: T) => boolean, count: number): T[] {
  const mine = random.shuffle(items.filter(liked));
  const others = random.shuffle(items.filter((item) => !liked(item)));
  const chosen: T[] = [];
  while (chosen.length < count && mine.length + others.length > 0) {
    const from = mine.length > 0 && (others.length === 0 || random.uniform() < 0.75) ? mine : others;
    const item = from.pop();
    if (item !== undefined) chosen.push(item);
  }
  return chosen;
}

function writeListener(pen: Pen, context: WorldContext, music: Music, person: Person): void {
  const owner = person.email;
  const random = context.random("larkbox", "listener", owner);
  const moment = () => context.moment(random);
  const put = (write: (at: string) => void) => {
    const at = moment();
    pen.at(at, () => write(at));
  };
  const genres = new Set(random.sample(GENRES, 3));
  const tasted = new Set(music.performers.filter(({ genre }) => genres.has(genre)).map(({ id }) => id));
  const followed = likely(random, music.performers, ({ id }) => tasted.has(id), context.count(random, 12, 28, 4));
  // Nobody gives hearts to everybody whom they follow.
  const loved = new Set(followed.slice(0, Math.ceil(followed.length * 0.6)).map(({ id }) => id));
  const favourite = ({ performer }: { readonly performer: number }) => loved.has(performer) || tasted.has(performer);
  const hearted = likely(
    random,
    music.tracks.filter((item) => loved.has(item.performer) || !followed.some(({ id }) => id === item.performer)),
    ({ performer }) => loved.has(performer),
    context.count(random, 30, 70, 8),
  );
  for (const { id } of followed) {
    put((at) => pen.add(heart, { owner, target_kind: "performer", target_id: id, kind: "follow" }, at));
  }
  for (const { id } of hearted) {
    put((at) => pen.add(heart, { owner, target_kind: "track", target_id: id, kind: "heart" }, at));
  }
  for (const { id } of likely(random, music.records, favourite, context.count(random, 5, 15, 2))) {
    put((at) => pen.add(heart, { owner, target_kind: "record", target_id: id, kind: "heart" }, at));
  }
  const tracks = likely(random, music.tracks, favourite, context.count(random, 40, 90, 8));
  const records = likely(random, music.records, favourite, context.count(random, 25, 65, 4));
  const shows = random.sample(music.shows, context.count(random, 10, 28, 3));
  const shelf = [
    ...tracks.map(({ id }) => ["track", id] as const),
    ...records.map(({ id }) => ["record", id] as const),
    ...shows.map((id) => ["show", id] as const),
  ];
  const offlineShare = context.random("larkbox", "offline", owner).uniform() * 0.25;
  const mayBeOffline = pen.rows(larkMember).some((row) => row.owner === owner && row.plan !== "free");
  for (const [target_kind, target_id] of shelf) {
    const offline = mayBeOffline && random.uniform() < offlineShare;
    put((at) => pen.add(shelfItem, { owner, target_kind, target_id, offline }, at));
  }
  const rate = (target_kind: string, target_id: number) => {
    const stars = random.pick([1, 2, 3, 3, 4, 4, 4, 5, 5]);
    const text = random.uniform() < 0.4 ? random.pick(RATING_TEXTS) : "";
    put((at) => pen.add(rating, { owner, target_kind, target_id, stars, text }, at));
  };
  const pool = random.sample(
    [...new Set([...tracks, ...hearted].map(({ id }) => id))],
    context.count(random, 40, 75, 12),
  );
  const heardOften = random.sample(pool, context.count(random, 12, 30, 4));
  for (const id of heardOften) rate("track", id);
  const heardElsewhere = music.tracks.filter(({ id }) => !pool.includes(id));
  for (const { id } of random.sample(heardElsewhere, context.count(random, 4, 12, 2))) rate("track", id);
  for (const { id } of random.sample(records, context.count(random, 5, 15, 2))) rate("record", id);
  for (const id of random.sample(shows, context.count(random, 2, 8, 1))) rate("show", id);
  writeMixes(pen, context, random, owner, pool);
  writePlayer(pen, random, owner, pool, music.episodes);
}

function writeMixes(
  pen: Pen,
  context: WorldContext,
  random: KeyedRandom,
  owner: string,
  pool: readonly number[],
): void {
  const titles = new Set<string>();
  const count = context.count(random, 10, 25, 3);
  while (titles.size < count) titles.add(`${random.pick(MIX_MOMENTS)} ${random.pick(MIX_KINDS)}`);
  for (const title of titles) {
    const chosen = random.sample(pool, random.int(4, 14));
    // Some have heard the same song twice without noticing.
    const again = random.uniform() < 0.15 ? chosen.slice(0, 1) : [];
    const open = random.uniform() < 0.4;
    const about = random.uniform() < 0.6 ? random.pick(MIX_ABOUTS) : "";
    const at = context.moment(random);
    pen.at(at, () => {
      const mixId = pen.add(mix, { owner, title, open, about }, at);
      [...chosen, ...again].forEach((trackId, i) =>
        pen.add(mixEntry, { mix_id: mixId, track_id: trackId, position: i + 1 }, at)
      );
    });
  }
  const follows = context.count(random, 2, 5);
  const at = addDays(TODAY, -random.int(1, 6)) + "T18:30:00";
  pen.at(at, () => {
    const others = pen.rows(mix).filter((row) => row.open && row.owner !== owner);
    for (const { id } of random.sample(others, follows)) {
      pen.add(heart, { owner, target_kind: "mix", target_id: id, kind: "follow" }, at);
    }
  });
}

function writePlayer(
  pen: Pen,
  random: KeyedRandom,
  owner: string,
  pool: readonly number[],
  episodes: readonly number[],
): void {
  if (random.uniform() < 0.15) return;
  const queue = [
    ...random.sample(pool, random.int(3, 22)).map((id) => ({ kind: "track", id })),
    ...random.sample(episodes, random.int(0, 2)).map((id) => ({ kind: "episode", id })),
  ];
  pen.add(player, {
    owner,
    queue,
    index: random.int(0, queue.length - 1),
    second: random.int(0, 90),
    state: random.pick(["playing", "paused", "paused", "stopped"]),
    volume: random.int(2, 19) * 5,
    repeat: random.pick(["off", "off", "one", "all"]),
    shuffle: random.uniform() < 0.3,
  }, `${addDays(TODAY, -random.int(30, DAYS_OF_YEAR))}T20:00:00`);
}
