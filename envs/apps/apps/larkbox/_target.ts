/**
 * What the groups of larkbox share: rows of the catalogue by kind and id, and mixes that a member may see or change.
 *
 * @module
 */
import { notFound, notYours } from "../../errors.ts";
import type { Call, RowOf } from "../../schema.ts";
import { episode, heart, mix, mixEntry, performer, record, show, track } from "./tables.ts";

/** A track. */
export type Track = RowOf<typeof track.columns>;
/** A record. */
export type RecordRow = RowOf<typeof record.columns>;
/** A mix. */
export type Mix = RowOf<typeof mix.columns>;
/** A track's place in a mix. */
export type MixEntry = RowOf<typeof mixEntry.columns>;

/** Kinds of things that can be rated or kept on the shelf. */
export const SHELF_KINDS = ["track", "record", "show"] as const;
/** Kinds of things that can be played. */
export const PLAYABLE_KINDS = ["track", "record", "episode", "mix"] as const;

/** Row of the catalogue. @throws {AgentError} 404. */
export function trackById(call: Call, id: number): Track {
  const row = call.world.get(track, id);
  if (row === undefined) throw notFound("track", "id", id);
  return row;
}

/** Row of the catalogue. @throws {AgentError} 404. */
export function recordById(call: Call, id: number): RecordRow {
  const row = call.world.get(record, id);
  if (row === undefined) throw notFound("record", "id", id);
  return row;
}

/** Row of the catalogue. @throws {AgentError} 404. */
export function performerById(call: Call, id: number): RowOf<typeof performer.columns> {
  const row = call.world.get(performer, id);
  if (row === undefined) throw notFound("performer", "id", id);
  return row;
}

/** Row of the catalogue. @throws {AgentError} 404. */
export function showById(call: Call, id: number): RowOf<typeof show.columns> {
  const row = call.world.get(show, id);
  if (row === undefined) throw notFound("show", "id", id);
  return row;
}

/** Row of the catalogue. @throws {AgentError} 404. */
export function episodeById(call: Call, id: number): RowOf<typeof episode.columns> {
  const row = call.world.get(episode, id);
  if (row === undefined) throw notFound("episode", "id", id);
  return row;
}

/** Title of a track, record, show or episode. @throws {AgentError} 404. */
export function titleOf(call: Call, kind: string, id: number): string {
  if (kind === "track") return trackById(call, id).title;
  if (kind === "record") return recordById(call, id).title;
  if (kind === "show") return showById(call, id).title;
  return episodeById(call, id).title;
}

/** A mix of the member, or an open one. @throws {AgentError} 404 if there is none, 403 if it is somebody else's and not open. */
export function visibleMix(call: Call, id: number): Mix {
  const row = call.world.get(mix, id);
  if (row === undefined) throw notFound("mix", "id", id);
  if (row.owner !== call.member && !row.open) throw notYours("mix", "read");
  return row;
}

/** Entries of a mix in order. */
export function entriesOf(call: Call, mixId: number): readonly MixEntry[] {
  return [...call.world.rowsWhere(mixEntry, "mix_id", mixId)].sort((a, b) => a.position - b.position || a.id - b.id);
}

/** Tracks of a record in order. */
export function tracksOf(call: Call, recordId: number): readonly Track[] {
  return [...call.world.rowsWhere(track, "record_id", recordId)].sort((a, b) => a.number - b.number);
}

/** The member's heart for a thing, or the member's follow of it. */
export function heartFor(call: Call, kind: string, id: number): RowOf<typeof heart.columns> | undefined {
  return call.world.rows(heart, call.member).find((row) => row.target_kind === kind && row.target_id === id);
}
