/**
 * The catalogue of larkbox: tracks, records, performers, shows and episodes. Lists give ids and titles; the rest needs a call for each.
 *
 * @module
 */
import { date, FIRST_DAY, LAST_DAY, optional, rowId, text, withDefault } from "../../params.ts";
import { api, list } from "../../schema.ts";
import { newestFirst } from "../_common.ts";
import {
  episodeById,
  heartFor,
  performerById,
  recordById,
  type RecordRow,
  showById,
  type Track,
  trackById,
  tracksOf,
} from "./_target.ts";
import { episode, performer, record, show, track } from "./tables.ts";

const TRACK_SHAPE = { track_id: "integer", title: "text" } as const;
const RECORD_SHAPE = { record_id: "integer", title: "text" } as const;

function trackLine({ id, title }: Track) {
  return { track_id: id, title };
}

function recordLine({ id, title }: RecordRow) {
  return { record_id: id, title };
}

const TRACK_ORDERS = {
  title: (row: Track) => row.title,
  plays: (row: Track) => row.plays,
  seconds: (row: Track) => row.seconds,
};

/** The catalogue group. */
export const catalogueApis = [
  list("find_tracks", {
    about: "Tracks of the catalogue, best matches of a query first.",
    params: { performer_id: optional(rowId("only tracks of this performer")) },
    returns: [TRACK_SHAPE],
    rows: ({ world }, { performer_id }) =>
      performer_id === undefined ? world.rows(track) : world.rowsWhere(track, "performer_id", performer_id),
    view: trackLine,
    search: ({ title, genre }) => `${title} ${genre}`,
    orders: TRACK_ORDERS,
  }),
  api("get_track", {
    about: "One track with its length, plays, genre, record and performer.",
    params: { track_id: rowId("id of the track") },
    returns: {
      ...TRACK_SHAPE,
      record_id: "integer",
      record: "text",
      performer_id: "integer",
      performer: "text",
      number: "integer",
      seconds: "integer",
      plays: "integer",
      genre: "text",
      hearted: "flag",
    },
    handler(call, { track_id }) {
      const row = trackById(call, track_id);
      const { record_id, performer_id, number, seconds, plays, genre } = row;
      return {
        ...trackLine(row),
        record_id,
        record: recordById(call, record_id).title,
        performer_id,
        performer: performerById(call, performer_id).name,
        number,
        seconds,
        plays,
        genre,
        hearted: heartFor(call, "track", track_id) !== undefined,
      };
    },
  }),
  list("find_records", {
    about: "Records of the catalogue, optionally of one genre or released in a period, best matches of a query first.",
    params: {
      genre: optional(text("only this genre")),
      released_from: withDefault(date("first day of release"), FIRST_DAY),
      released_until: withDefault(date("last day of release"), LAST_DAY),
    },
    returns: [RECORD_SHAPE],
    rows: ({ world }, { genre, released_from, released_until }) =>
      world.rows(record).filter((row) =>
        (genre === undefined || row.genre === genre) && row.released_on >= released_from &&
        row.released_on <= released_until
      ),
    view: recordLine,
    search: ({ title, genre }) => `${title} ${genre}`,
    orders: { title: (row) => row.title, released_on: (row) => row.released_on },
  }),
  api("get_record", {
    about: "One record with its performer, day of release and genre.",
    params: { record_id: rowId("id of the record") },
    returns: {
      ...RECORD_SHAPE,
      performer_id: "integer",
      performer: "text",
      released_on: "date",
      genre: "text",
      hearted: "flag",
    },
    handler(call, { record_id }) {
      const row = recordById(call, record_id);
      return {
        ...recordLine(row),
        performer_id: row.performer_id,
        performer: performerById(call, row.performer_id).name,
        released_on: row.released_on,
        genre: row.genre,
        hearted: heartFor(call, "record", record_id) !== undefined,
      };
    },
  }),
  list("list_record_tracks", {
    about: "Tracks of a record in order.",
    params: { record_id: rowId("id of the record") },
    returns: [TRACK_SHAPE],
    rows(call, { record_id }) {
      recordById(call, record_id);
      return tracksOf(call, record_id);
    },
    view: trackLine,
    orders: { ...TRACK_ORDERS, number: (row) => row.number },
  }),
  list("find_performers", {
    about: "Performers, best matches of a query first.",
    params: {},
    returns: [{ performer_id: "integer", name: "text" }],
    rows: ({ world }) => world.rows(performer),
    view: ({ id, name }) => ({ performer_id: id, name }),
    search: ({ name, genre, about }) => `${name} ${name} ${genre} ${about}`,
    orders: { name: (row) => row.name },
  }),
  api("get_performer", {
    about: "One performer with genre and a few words about them.",
    params: { performer_id: rowId("id of the performer") },
    returns: { performer_id: "integer", name: "text", genre: "text", about: "text", followed: "flag" },
    handler(call, { performer_id }) {
      const { name, genre, about } = performerById(call, performer_id);
      return { performer_id, name, genre, about, followed: heartFor(call, "performer", performer_id) !== undefined };
    },
  }),
  list("list_performer_records", {
    about: "Records of a performer, newest release first.",
    params: { performer_id: rowId("id of the performer") },
    returns: [RECORD_SHAPE],
    rows(call, { performer_id }) {
      performerById(call, performer_id);
      return newestFirst(call.world.rowsWhere(record, "performer_id", performer_id), (row) => row.released_on);
    },
    view: recordLine,
    orders: { title: (row) => row.title, released_on: (row) => row.released_on },
  }),
  list("list_performer_tracks", {
    about: "All tracks of a performer.",
    params: { performer_id: rowId("id of the performer") },
    returns: [TRACK_SHAPE],
    rows(call, { performer_id }) {
      performerById(call, performer_id);
      return call.world.rowsWhere(track, "performer_id", performer_id);
    },
    view: trackLine,
    search: ({ title, genre }) => `${title} ${genre}`,
    orders: TRACK_ORDERS,
  }),
  list("find_shows", {
    about: "Talk shows, optionally on one topic, best matches of a query first.",
    params: { topic: optional(text("only this topic")) },
    returns: [{ show_id: "integer", title: "text" }],
    rows: ({ world }, { topic }) => world.rows(show).filter((row) => topic === undefined || row.topic === topic),
    view: ({ id, title }) => ({ show_id: id, title }),
    search: ({ title, host, topic, about }) => `${title} ${title} ${host} ${topic} ${about}`,
    orders: { title: (row) => row.title },
  }),
  api("get_show", {
    about: "One show with host, topic and a few words about it.",
    params: { show_id: rowId("id of the show") },
    returns: { show_id: "integer", title: "text", host: "text", topic: "text", about: "text" },
    handler(call, { show_id }) {
      const { title, host, topic, about } = showById(call, show_id);
      return { show_id, title, host, topic, about };
    },
  }),
  list("list_episodes", {
    about: "Episodes of a show, newest first.",
    params: { show_id: rowId("id of the show") },
    returns: [{ episode_id: "integer", title: "text" }],
    rows(call, { show_id }) {
      showById(call, show_id);
      return newestFirst(call.world.rowsWhere(episode, "show_id", show_id), (row) => row.aired_on);
    },
    view: ({ id, title }) => ({ episode_id: id, title }),
    search: ({ title }) => title,
    orders: {
      number: (row) => row.number,
      aired_on: (row) => row.aired_on,
      seconds: (row) => row.seconds,
    },
  }),
  api("get_episode", {
    about: "One episode with its show, number, length and day of airing.",
    params: { episode_id: rowId("id of the episode") },
    returns: {
      episode_id: "integer",
      title: "text",
      show_id: "integer",
      show: "text",
      number: "integer",
      seconds: "integer",
      aired_on: "date",
    },
    handler(call, { episode_id }) {
      const { title, show_id, number, seconds, aired_on } = episodeById(call, episode_id);
      return { episode_id, title, show_id, show: showById(call, show_id).title, number, seconds, aired_on };
    },
  }),
  list("list_genres", {
    about: "Genres of the catalogue's records.",
    params: {},
    returns: [{ genre: "text" }],
    rows: ({ world }) =>
      [...new Set(world.rows(record).map((row) => row.genre))].sort().map((genre, i) => ({ id: i + 1, genre })),
    view: ({ genre }) => ({ genre }),
  }),
] as const;
