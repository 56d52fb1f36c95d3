/**
 * Mixes of larkbox: lists of tracks that a member made. Everybody can read, copy and follow an open one; only its owner changes it.
 *
 * Choices: a track may stand in a mix more than once. Following is for other people's open mixes.
 *
 * @module
 */
import { badArgument, conflict, notFound } from "../../errors.ts";
import { anyText, flag, integer, optional, rowId, text, withDefault } from "../../params.ts";
import { api, type Call, list } from "../../schema.ts";
import { needChange, newestFirst, ownRow } from "../_common.ts";
import { entriesOf, heartFor, type Mix, trackById, visibleMix } from "./_target.ts";
import { heart, mix, mixEntry } from "./tables.ts";

const MIX_SHAPE = { mix_id: "integer", title: "text" } as const;
const NOTE_SHAPE = { note: "text", mix_id: "integer" } as const;
const MIX_ID = { mix_id: rowId("id of the mix") };

function mixLine({ id, title }: Mix) {
  return { mix_id: id, title };
}

function refuseTaken(call: Call, title: string, verb: string, except?: number): void {
  if (call.world.rows(mix, call.member).some((row) => row.title === title && row.id !== except)) {
    throw conflict(verb, `you have a mix named ${title}`);
  }
}

function ownEntry(call: Call, mixId: number, entryId: number, verb: string) {
  ownRow(call, mix, mixId, "mix", verb);
  const entry = call.world.get(mixEntry, entryId);
  if (entry === undefined || entry.mix_id !== mixId) throw notFound("mix entry", "id", entryId);
  return entry;
}

/** Numbers the entries of a mix from 1 in the given order. */
function renumber(call: Call, ids: readonly number[]): void {
  ids.forEach((id, i) => {
    if (call.world.get(mixEntry, id)?.position !== i + 1) call.world.update(mixEntry, id, { position: i + 1 });
  });
}

/** The mixes group. */
export const mixApis = [
  list("list_my_mixes", {
    about: "Own mixes, newest first.",
    params: {},
    returns: [MIX_SHAPE],
    rows: ({ world, member }) => newestFirst(world.rows(mix, member), (row) => row.made_at),
    view: mixLine,
    search: ({ title, about }) => `${title} ${about}`,
    orders: { title: (row) => row.title, made_at: (row) => row.made_at },
  }),
  list("find_open_mixes", {
    about: "Open mixes of other members, best matches of a query first.",
    params: {},
    returns: [MIX_SHAPE],
    rows: ({ world, member }) => world.rows(mix).filter((row) => row.open && row.owner !== member),
    view: mixLine,
    search: ({ title, about, owner }) => `${title} ${about} ${owner}`,
    orders: { title: (row) => row.title, made_at: (row) => row.made_at },
  }),
  api("get_mix", {
    about: "One mix, own or open, with its owner and what it says about itself.",
    params: MIX_ID,
    returns: { ...MIX_SHAPE, about: "text", open: "flag", owner: "e-mail", made_on: "date", followed: "flag" },
    handler(call, { mix_id }) {
      const row = visibleMix(call, mix_id);
      const { about, open, owner, made_at } = row;
      const followed = heartFor(call, "mix", mix_id) !== undefined;
      return { ...mixLine(row), about, open, owner, made_on: made_at.slice(0, 10), followed };
    },
  }),
  api("add_mix", {
    about: "Make an empty mix.",
    params: {
      title: text("title, new among the own mixes"),
      open: withDefault(flag("whether everybody can see it"), false),
      about: withDefault(anyText("a few words about it"), ""),
    },
    returns: NOTE_SHAPE,
    handler(call, { title, open, about }) {
      refuseTaken(call, title, "make the mix");
      const { id } = call.world.insert(mix, { owner: call.member, title, open, about });
      return { note: "Mix made.", mix_id: id };
    },
  }),
  api("edit_mix", {
    about: "Change the title, the openness or the words about an own mix.",
    params: {
      ...MIX_ID,
      title: optional(text("new title")),
      open: optional(flag("whether everybody can see it")),
      about: optional(anyText("new words about it")),
    },
    returns: NOTE_SHAPE,
    handler(call, { mix_id, title, open, about }) {
      const row = ownRow(call, mix, mix_id, "mix", "change");
      needChange({ title, open, about });
      if (title !== undefined) refuseTaken(call, title, "rename the mix", mix_id);
      call.world.update(mix, mix_id, {
        title: title ?? row.title,
        open: open ?? row.open,
        about: about ?? row.about,
      });
      return { note: "Mix changed.", mix_id };
    },
  }),
  api("remove_mix", {
    about: "Remove an own mix with its entries; the tracks stay in the catalogue.",
    params: MIX_ID,
    returns: { note: "text" },
    handler(call, { mix_id }) {
      ownRow(call, mix, mix_id, "mix", "remove");
      for (const { id } of entriesOf(call, mix_id)) call.world.remove(mixEntry, id);
      for (const row of call.world.rowsWhere(heart, "target_id", mix_id)) {
        if (row.target_kind === "mix") call.world.remove(heart, row.id);
      }
      call.world.remove(mix, mix_id);
      return { note: "Mix removed." };
    },
  }),
  api("copy_mix", {
    about: "Copy an own or open mix into a new mix that nobody else sees.",
    params: { ...MIX_ID, title: text("title of the copy, new among the own mixes") },
    returns: NOTE_SHAPE,
    handler(call, { mix_id, title }) {
      const { about } = visibleMix(call, mix_id);
      refuseTaken(call, title, "copy the mix");
      const { id } = call.world.insert(mix, { owner: call.member, title, open: false, about });
      for (const { track_id, position } of entriesOf(call, mix_id)) {
        call.world.insert(mixEntry, { mix_id: id, track_id, position });
      }
      return { note: "Mix copied.", mix_id: id };
    },
  }),
  list("list_mix_entries", {
    about: "Tracks of an own or open mix in order.",
    params: MIX_ID,
    returns: [{ entry_id: "integer", track_id: "integer", title: "text" }],
    rows(call, { mix_id }) {
      visibleMix(call, mix_id);
      return entriesOf(call, mix_id);
    },
    view: ({ id, track_id }, call) => ({ entry_id: id, track_id, title: trackById(call, track_id).title }),
  }),
  api("add_to_mix", {
    about: "Put a track at the end of an own mix.",
    params: { ...MIX_ID, track_id: rowId("id of the track") },
    returns: { note: "text", entry_id: "integer" },
    handler(call, { mix_id, track_id }) {
      ownRow(call, mix, mix_id, "mix", "change");
      trackById(call, track_id);
      const position = (entriesOf(call, mix_id).at(-1)?.position ?? 0) + 1;
      const { id } = call.world.insert(mixEntry, { mix_id, track_id, position });
      return { note: "Track added.", entry_id: id };
    },
  }),
  api("move_in_mix", {
    about: "Move an entry of an own mix to another place.",
    params: {
      ...MIX_ID,
      entry_id: rowId("id of the entry"),
      position: integer("new place, from 1", 1, Number.MAX_SAFE_INTEGER),
    },
    returns: { note: "text", entry_id: "integer" },
    method: "PATCH",
    handler(call, { mix_id, entry_id, position }) {
      ownEntry(call, mix_id, entry_id, "change");
      const ids = entriesOf(call, mix_id).map(({ id }) => id);
      if (position > ids.length) {
        throw badArgument("position", `the mix has ${ids.length} entries`, `integer from 1 to ${ids.length}`);
      }
      const others = ids.filter((id) => id !== entry_id);
      renumber(call, [...others.slice(0, position - 1), entry_id, ...others.slice(position - 1)]);
      return { note: "Entry moved.", entry_id };
    },
  }),
  api("remove_from_mix", {
    about: "Take an entry out of an own mix.",
    params: { ...MIX_ID, entry_id: rowId("id of the entry") },
    returns: { note: "text" },
    handler(call, { mix_id, entry_id }) {
      ownEntry(call, mix_id, entry_id, "change");
      call.world.remove(mixEntry, entry_id);
      renumber(call, entriesOf(call, mix_id).map(({ id }) => id));
      return { note: "Entry removed." };
    },
  }),
  api("follow_mix", {
    about: "Follow somebody's open mix.",
    params: MIX_ID,
    returns: NOTE_SHAPE,
    handler(call, { mix_id }) {
      const { owner } = visibleMix(call, mix_id);
      if (owner === call.member) throw conflict("follow the mix", "it is your own");
      if (heartFor(call, "mix", mix_id) !== undefined) throw conflict("follow the mix", "you follow it already");
      call.world.insert(heart, { owner: call.member, target_kind: "mix", target_id: mix_id, kind: "follow" });
      return { note: "Mix followed.", mix_id };
    },
  }),
  api("unfollow_mix", {
    about: "Stop following a mix.",
    params: MIX_ID,
    returns: NOTE_SHAPE,
    handler(call, { mix_id }) {
      const followed = heartFor(call, "mix", mix_id);
      if (followed === undefined) throw conflict("unfollow the mix", "you do not follow it");
      call.world.remove(heart, followed.id);
      return { note: "Mix no longer followed.", mix_id };
    },
  }),
] as const;
