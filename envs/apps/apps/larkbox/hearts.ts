/**
 * Hearts for tracks and records, and performers that a member follows.
 *
 * @module
 */
import { conflict } from "../../errors.ts";
import { rowId } from "../../params.ts";
import { api, type Call, list } from "../../schema.ts";
import { heartFor, performerById, recordById, trackById } from "./_target.ts";
import { heart } from "./tables.ts";

const TRACK_ID = { track_id: rowId("id of the track") };
const RECORD_ID = { record_id: rowId("id of the record") };
const PERFORMER_ID = { performer_id: rowId("id of the performer") };

function put(call: Call, target_kind: string, target_id: number, kind: "heart" | "follow", verb: string): void {
  if (heartFor(call, target_kind, target_id) !== undefined) {
    throw conflict(verb, kind === "heart" ? "it has your heart already" : "you follow them already");
  }
  call.world.insert(heart, { owner: call.member, target_kind, target_id, kind });
}

function take(call: Call, target_kind: string, target_id: number, verb: string): void {
  const found = heartFor(call, target_kind, target_id);
  if (found === undefined) throw conflict(verb, "there is nothing to take back");
  call.world.remove(heart, found.id);
}

function mine(call: Call, target_kind: string) {
  return call.world.rows(heart, call.member).filter((row) => row.target_kind === target_kind).reverse();
}

/** The hearts group. */
export const heartApis = [
  api("heart_track", {
    about: "Give a track a heart.",
    params: TRACK_ID,
    returns: { note: "text", track_id: "integer" },
    handler(call, { track_id }) {
      trackById(call, track_id);
      put(call, "track", track_id, "heart", "heart the track");
      return { note: "Track hearted.", track_id };
    },
  }),
  api("unheart_track", {
    about: "Take the heart of a track back.",
    params: TRACK_ID,
    returns: { note: "text", track_id: "integer" },
    handler(call, { track_id }) {
      take(call, "track", track_id, "unheart the track");
      return { note: "Heart taken back.", track_id };
    },
  }),
  list("list_hearted_tracks", {
    about: "Tracks with the own heart, latest heart first.",
    params: {},
    returns: [{ track_id: "integer", title: "text" }],
    rows: (call) => mine(call, "track").map(({ target_id }) => trackById(call, target_id)),
    view: ({ id, title }) => ({ track_id: id, title }),
    search: ({ title }) => title,
    orders: { title: (row) => row.title },
  }),
  api("heart_record", {
    about: "Give a record a heart.",
    params: RECORD_ID,
    returns: { note: "text", record_id: "integer" },
    handler(call, { record_id }) {
      recordById(call, record_id);
      put(call, "record", record_id, "heart", "heart the record");
      return { note: "Record hearted.", record_id };
    },
  }),
  api("unheart_record", {
    about: "Take the heart of a record back.",
    params: RECORD_ID,
    returns: { note: "text", record_id: "integer" },
    handler(call, { record_id }) {
      take(call, "record", record_id, "unheart the record");
      return { note: "Heart taken back.", record_id };
    },
  }),
  api("follow_performer", {
    about: "Follow a performer.",
    params: PERFORMER_ID,
    returns: { note: "text", performer_id: "integer" },
    handler(call, { performer_id }) {
      performerById(call, performer_id);
      put(call, "performer", performer_id, "follow", "follow the performer");
      return { note: "Performer followed.", performer_id };
    },
  }),
  api("unfollow_performer", {
    about: "Stop following a performer.",
    params: PERFORMER_ID,
    returns: { note: "text", performer_id: "integer" },
    handler(call, { performer_id }) {
      take(call, "performer", performer_id, "unfollow the performer");
      return { note: "Performer no longer followed.", performer_id };
    },
  }),
  list("list_followed_performers", {
    about: "Performers that one follows, latest first.",
    params: {},
    returns: [{ performer_id: "integer", name: "text" }],
    rows: (call) => mine(call, "performer").map(({ target_id }) => performerById(call, target_id)),
    view: ({ id, name }) => ({ performer_id: id, name }),
    search: ({ name }) => name,
    orders: { name: (row) => row.name },
  }),
] as const;
