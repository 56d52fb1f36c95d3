/**
 * The shelf: tracks, records and shows that a member keeps at hand, some of them offline.
 *
 * Choices: only a paid plan that still runs saves things offline, each plan so many of them.
 *
 * @module
 */
import { conflict } from "../../errors.ts";
import { choice, optional, rowId } from "../../params.ts";
import { api, type Call, list, type RowOf } from "../../schema.ts";
import { ownMember } from "../_common.ts";
import { recordById, SHELF_KINDS, showById, titleOf, trackById } from "./_target.ts";
import { offlineLimit } from "./plan.ts";
import { larkMember, shelfItem } from "./tables.ts";

const TARGET = {
  target_kind: choice("kind of thing", SHELF_KINDS),
  target_id: rowId("id of the track, record or show"),
};
const NOTE_SHAPE = { note: "text", target_id: "integer" } as const;

type ShelfItem = RowOf<typeof shelfItem.columns>;

/** Own shelf, latest first. */
function shelfOf(call: Call, kind?: string): ShelfItem[] {
  return call.world.rows(shelfItem, call.member).filter((row) => kind === undefined || row.target_kind === kind)
    .reverse();
}

function onShelf(call: Call, kind: string, id: number): ShelfItem | undefined {
  return shelfOf(call, kind).find((row) => row.target_id === id);
}

function needed(call: Call, kind: string, id: number, verb: string): ShelfItem {
  titleOf(call, kind, id);
  const item = onShelf(call, kind, id);
  if (item === undefined) throw conflict(`${verb} the ${kind}`, "it is not on your shelf");
  return item;
}

/** The shelf group. */
export const shelfApis = [
  list("list_shelf_tracks", {
    about: "Tracks on the own shelf, latest first.",
    params: {},
    returns: [{ track_id: "integer", title: "text" }],
    rows: (call) => shelfOf(call, "track").map(({ target_id }) => trackById(call, target_id)),
    view: ({ id, title }) => ({ track_id: id, title }),
    search: ({ title }) => title,
    orders: { title: (row) => row.title },
  }),
  list("list_shelf_records", {
    about: "Records on the own shelf, latest first.",
    params: {},
    returns: [{ record_id: "integer", title: "text" }],
    rows: (call) => shelfOf(call, "record").map(({ target_id }) => recordById(call, target_id)),
    view: ({ id, title }) => ({ record_id: id, title }),
    search: ({ title }) => title,
    orders: { title: (row) => row.title },
  }),
  list("list_shelf_shows", {
    about: "Shows on the own shelf, latest first.",
    params: {},
    returns: [{ show_id: "integer", title: "text" }],
    rows: (call) => shelfOf(call, "show").map(({ target_id }) => showById(call, target_id)),
    view: ({ id, title }) => ({ show_id: id, title }),
    search: ({ title }) => title,
    orders: { title: (row) => row.title },
  }),
  api("add_to_shelf", {
    about: "Put a track, record or show on the own shelf.",
    params: TARGET,
    returns: NOTE_SHAPE,
    handler(call, { target_kind, target_id }) {
      titleOf(call, target_kind, target_id);
      if (onShelf(call, target_kind, target_id) !== undefined) {
        throw conflict(`shelve the ${target_kind}`, "it is on your shelf already");
      }
      call.world.insert(shelfItem, { owner: call.member, target_kind, target_id, offline: false });
      return { note: "Put on the shelf.", target_id };
    },
  }),
  api("remove_from_shelf", {
    about: "Take a track, record or show off the own shelf; it is no longer offline then.",
    params: TARGET,
    returns: NOTE_SHAPE,
    handler(call, { target_kind, target_id }) {
      call.world.remove(shelfItem, needed(call, target_kind, target_id, "take off").id);
      return { note: "Taken off the shelf.", target_id };
    },
  }),
  api("save_offline", {
    about: "Save something on the own shelf for listening without a net; needs a paid plan.",
    params: TARGET,
    returns: NOTE_SHAPE,
    method: "PATCH",
    handler(call, { target_kind, target_id }) {
      const item = needed(call, target_kind, target_id, "save");
      if (item.offline) throw conflict(`save the ${target_kind}`, "it is offline already");
      const limit = offlineLimit(ownMember(call, larkMember), call.at);
      if (limit === 0) throw conflict(`save the ${target_kind}`, "your plan has no offline listening");
      if (shelfOf(call).filter((row) => row.offline).length >= limit) {
        throw conflict(`save the ${target_kind}`, `your plan saves no more than ${limit} things`);
      }
      call.world.update(shelfItem, item.id, { offline: true });
      return { note: "Saved for offline listening.", target_id };
    },
  }),
  api("drop_offline", {
    about: "No longer keep something offline; it stays on the shelf.",
    params: TARGET,
    returns: NOTE_SHAPE,
    method: "PATCH",
    handler(call, { target_kind, target_id }) {
      const item = needed(call, target_kind, target_id, "drop");
      if (!item.offline) throw conflict(`drop the ${target_kind}`, "it is not offline");
      call.world.update(shelfItem, item.id, { offline: false });
      return { note: "No longer offline.", target_id };
    },
  }),
  list("list_offline", {
    about: "What is saved for offline listening, latest on the shelf first.",
    params: { target_kind: optional(choice("only things of this kind", SHELF_KINDS)) },
    returns: [{ target_kind: "track|record|show", target_id: "integer", title: "text" }],
    rows: (call, { target_kind }) => shelfOf(call, target_kind).filter((row) => row.offline),
    view: ({ target_kind, target_id }, call) => ({
      target_kind,
      target_id,
      title: titleOf(call, target_kind, target_id),
    }),
  }),
] as const;
