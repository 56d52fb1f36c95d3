/**
 * The player: what plays, how, and what comes next. Playing changes nothing by itself, since the clock stands still.
 *
 * Choices: an account has a player row from its first use on; until then it is shown as stopped and empty. A record or a mix in the
 * queue is its tracks, one place each; places count from 0.
 *
 * @module
 */
import { badArgument, conflict } from "../../errors.ts";
import { choice, flag, integer, optional, rowId, withDefault } from "../../params.ts";
import { api, type Call, list, type Values } from "../../schema.ts";
import {
  entriesOf,
  episodeById,
  PLAYABLE_KINDS,
  recordById,
  titleOf,
  trackById,
  tracksOf,
  visibleMix,
} from "./_target.ts";
import { player } from "./tables.ts";

/** Something in the queue. */
type Item = { readonly kind: "track" | "episode"; readonly id: number };
type Player = Omit<Values<typeof player.columns>, "queue" | "owner"> & { readonly queue: readonly Item[] };

const REPEATS = ["off", "one", "all"] as const;
const NOTE_SHAPE = { note: "text" } as const;
const EMPTY: Player = { queue: [], index: 0, second: 0, state: "stopped", volume: 50, repeat: "off", shuffle: false };

function playerOf(call: Call): Player {
  const [row] = call.world.rows(player, call.member);
  if (row === undefined) return EMPTY;
  // Only this file and the world's writer fill the column.
  return { ...row, queue: row.queue as readonly Item[] };
}

function change(call: Call, patch: Partial<Player>): void {
  const [row] = call.world.rows(player, call.member);
  if (row === undefined) call.world.insert(player, { owner: call.member, ...EMPTY, ...patch });
  else call.world.update(player, row.id, patch);
}

/** What a thing is in the queue. */
function itemsOf(call: Call, kind: typeof PLAYABLE_KINDS[number], id: number): readonly Item[] {
  const track = (found: number): Item => ({ kind: "track", id: found });
  if (kind === "track") return [track(trackById(call, id).id)];
  if (kind === "episode") return [{ kind, id: episodeById(call, id).id }];
  if (kind === "record") return tracksOf(call, recordById(call, id).id).map((row) => track(row.id));
  return entriesOf(call, visibleMix(call, id).id).map((row) => track(row.track_id));
}

function lengthOf(call: Call, { kind, id }: Item): number {
  return kind === "track" ? trackById(call, id).seconds : episodeById(call, id).seconds;
}

function current(call: Call, verb: string): { readonly now: Player; readonly item: Item } {
  const now = playerOf(call);
  const item = now.queue[now.index];
  if (item === undefined) throw conflict(verb, "the queue is empty");
  return { now, item };
}

/** The player group. */
export const playerApis = [
  api("get_player", {
    about: "What the player does now.",
    params: {},
    returns: {
      state: "playing|paused|stopped",
      place: "integer|null",
      kind: "track|episode|null",
      id: "integer|null",
      title: "text|null",
      second: "integer",
      volume: "integer",
      repeat: "off|one|all",
      shuffle: "flag",
    },
    handler(call) {
      const { queue, index, second, state, volume, repeat, shuffle } = playerOf(call);
      const item = queue[index];
      const shown = item === undefined
        ? { place: null, kind: null, id: null, title: null }
        : { place: index, kind: item.kind, id: item.id, title: titleOf(call, item.kind, item.id) };
      return { state, ...shown, second, volume, repeat, shuffle };
    },
  }),
  api("play", {
    about: "Play a thing in place of the queue, or a place of the queue, or go on with what was paused.",
    params: {
      target_kind: optional(choice("kind of thing", PLAYABLE_KINDS)),
      target_id: optional(rowId("id of the track, record, episode or mix")),
      place: optional(integer("place in the queue, from 0", 0, Number.MAX_SAFE_INTEGER)),
    },
    returns: NOTE_SHAPE,
    handler(call, { target_kind, target_id, place }) {
      if ((target_kind === undefined) !== (target_id === undefined)) {
        throw badArgument("target_id", "kind and id go together", "target_kind and target_id, or neither");
      }
      if (target_kind !== undefined && target_id !== undefined) {
        const queue = itemsOf(call, target_kind, target_id);
        if (queue.length === 0) throw conflict(`play the ${target_kind}`, "it is empty");
        change(call, { queue, index: 0, second: 0, state: "playing" });
        return { note: "Playing." };
      }
      const { now } = current(call, "play");
      if (place === undefined) {
        if (now.state === "playing") throw conflict("play", "it plays already");
        change(call, { state: "playing" });
        return { note: "Playing." };
      }
      if (place >= now.queue.length) {
        throw badArgument(
          "place",
          `the queue has ${now.queue.length} places`,
          `integer from 0 to ${now.queue.length - 1}`,
        );
      }
      change(call, { index: place, second: 0, state: "playing" });
      return { note: "Playing." };
    },
  }),
  api("pause", {
    about: "Pause what plays.",
    params: {},
    returns: NOTE_SHAPE,
    handler(call) {
      if (playerOf(call).state !== "playing") throw conflict("pause", "nothing plays");
      change(call, { state: "paused" });
      return { note: "Paused." };
    },
  }),
  api("skip_next", {
    about: "Go to the next place of the queue.",
    params: {},
    returns: NOTE_SHAPE,
    handler(call) {
      const { now } = current(call, "skip");
      const last = now.index === now.queue.length - 1;
      if (last && now.repeat !== "all") throw conflict("skip", "this is the last place of the queue");
      change(call, { index: last ? 0 : now.index + 1, second: 0 });
      return { note: "Skipped." };
    },
  }),
  api("skip_back", {
    about: "Go to the place before, or to the beginning of the first one.",
    params: {},
    returns: NOTE_SHAPE,
    handler(call) {
      const { now } = current(call, "skip");
      change(call, { index: Math.max(0, now.index - 1), second: 0 });
      return { note: "Skipped back." };
    },
  }),
  api("seek", {
    about: "Go to a second of what plays.",
    params: { second: integer("second, from 0", 0, Number.MAX_SAFE_INTEGER) },
    returns: NOTE_SHAPE,
    handler(call, { second }) {
      const { item } = current(call, "seek");
      const length = lengthOf(call, item);
      if (second >= length) {
        throw badArgument("second", `it is ${length} seconds long`, `integer from 0 to ${length - 1}`);
      }
      change(call, { second });
      return { note: "Moved." };
    },
  }),
  api("set_volume", {
    about: "Set the volume.",
    params: { volume: integer("volume", 0, 100) },
    returns: NOTE_SHAPE,
    handler(call, { volume }) {
      change(call, { volume });
      return { note: "Volume set." };
    },
  }),
  api("set_repeat", {
    about: "Repeat nothing, the one that plays, or the whole queue.",
    params: { repeat: choice("what is repeated", REPEATS) },
    returns: NOTE_SHAPE,
    handler(call, { repeat }) {
      change(call, { repeat });
      return { note: "Repeat set." };
    },
  }),
  api("set_shuffle", {
    about: "Play the queue in random order, or in its own.",
    params: { on: flag("whether the order is random") },
    returns: NOTE_SHAPE,
    handler(call, { on }) {
      change(call, { shuffle: on });
      return { note: on ? "Shuffle is on." : "Shuffle is off." };
    },
  }),
  list("list_queue", {
    about: "The queue in order, what has been played included.",
    params: {},
    returns: [{ place: "integer", kind: "track|episode", id: "integer", title: "text" }],
    rows: (call) => playerOf(call).queue.map((item, place) => ({ ...item, place })),
    view: ({ place, kind, id }, call) => ({ place, kind, id, title: titleOf(call, kind, id) }),
  }),
  api("add_to_queue", {
    about: "Put a track, episode, record or mix at the end of the queue, or right after what plays.",
    params: {
      target_kind: choice("kind of thing", PLAYABLE_KINDS),
      target_id: rowId("id of the track, record, episode or mix"),
      next: withDefault(flag("right after what plays"), false),
    },
    returns: NOTE_SHAPE,
    handler(call, { target_kind, target_id, next }) {
      const { queue, index } = playerOf(call);
      const items = itemsOf(call, target_kind, target_id);
      if (items.length === 0) throw conflict(`queue the ${target_kind}`, "it is empty");
      const at = next && queue.length > 0 ? index + 1 : queue.length;
      change(call, { queue: [...queue.slice(0, at), ...items, ...queue.slice(at)] });
      return { note: "Put in the queue." };
    },
  }),
  api("remove_from_queue", {
    about: "Take a place out of the queue; later places move up.",
    params: { place: integer("place, from 0", 0, Number.MAX_SAFE_INTEGER) },
    returns: NOTE_SHAPE,
    handler(call, { place }) {
      const { queue, index, second, state } = playerOf(call);
      if (place >= queue.length) {
        throw badArgument("place", `the queue has ${queue.length} places`, "a place of list_queue");
      }
      const left = queue.filter((_, i) => i !== place);
      const before = place < index;
      const now = before ? index - 1 : Math.min(index, Math.max(0, left.length - 1));
      change(call, {
        queue: left,
        index: now,
        second: place === index ? 0 : second,
        state: left.length === 0 ? "stopped" : state,
      });
      return { note: "Taken out of the queue." };
    },
  }),
  api("clear_queue", {
    about: "Empty the queue; the player stops.",
    params: {},
    returns: NOTE_SHAPE,
    handler(call) {
      if (playerOf(call).queue.length === 0) throw conflict("clear the queue", "it is empty");
      change(call, { queue: [], index: 0, second: 0, state: "stopped" });
      return { note: "Queue emptied." };
    },
  }),
] as const;
