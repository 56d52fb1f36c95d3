/**
 * Voice clips of handset. Lists give no transcripts, so that what a clip says needs the detail call.
 *
 * @module
 */
import { conflict, notFound } from "../../errors.ts";
import { choice, flag, optional, rowId, text } from "../../params.ts";
import { type Api, api, type Call, list, type RowOf } from "../../schema.ts";
import type { World } from "../../world.ts";
import { newestFirst, ownMember, ownRow } from "../_common.ts";
import { blockedNumber, handsetMember, voiceClip, voiceCopy } from "./tables.ts";
import { checkReceiver, DIRECTIONS } from "./texts.ts";

const SHAPE = {
  clip_id: "integer",
  from: "text",
  to: "text",
  seconds: "integer",
  at: "datetime",
  heard: "flag",
} as const;

interface Clip {
  readonly id: number;
  readonly at: string;
  readonly copy: RowOf<typeof voiceCopy.columns>;
  readonly content: RowOf<typeof voiceClip.columns>;
}

function clipOf(world: World, copy: RowOf<typeof voiceCopy.columns>): Clip {
  const content = world.get(voiceClip, copy.clip_id);
  if (content === undefined) throw new RangeError(`The voice copy ${copy.id} has no clip`);
  return { id: copy.id, at: content.at, copy, content };
}

function view({ copy, content: { from, to, seconds, at } }: Clip) {
  return { clip_id: copy.id, from, to, seconds, at, heard: copy.heard };
}

function ownClip(call: Call, id: number, verb: string): Clip {
  const copy = ownRow(call, voiceCopy, id, "voice clip", verb);
  if (copy.hidden) throw notFound("voice clip", "id", id);
  return clipOf(call.world, copy);
}

/** Seconds that it takes to say a text: two words a second. */
export function spokenSeconds(transcript: string): number {
  return Math.max(1, Math.ceil(transcript.trim().split(/\s+/).length / 2));
}

/** Their APIs. */
export const voiceApis: readonly Api[] = [
  list("list_voice_clips", {
    about:
      "Voice clips, newest first, optionally with one number or in one direction; what they say needs get_voice_clip.",
    params: {
      number: optional(text("only clips with this number")),
      direction: optional(choice("received or sent", DIRECTIONS)),
      heard: optional(flag("only heard, or only unheard ones")),
    },
    returns: [SHAPE],
    rows: ({ world, member }, { number, direction, heard }) =>
      newestFirst(
        world.rows(voiceCopy, member)
          .filter((row) => !row.hidden)
          .filter((row) => number === undefined || row.number === number)
          .filter((row) => direction === undefined || row.direction === direction)
          .filter((row) => heard === undefined || row.heard === heard)
          .map((row) => clipOf(world, row)),
      ),
    view,
    orders: { at: ({ at }) => at, seconds: ({ content }) => content.seconds },
  }),
  api("get_voice_clip", {
    about: "One voice clip with its transcript.",
    params: { clip_id: rowId("id of the clip") },
    returns: { ...SHAPE, transcript: "text" },
    handler(call, { clip_id }) {
      const clip = ownClip(call, clip_id, "hear");
      return { ...view(clip), transcript: clip.content.transcript };
    },
  }),
  api("send_voice_clip", {
    about: "Send a voice clip, given as what it says, to a number.",
    params: { number: text("phone number of the receiver"), transcript: text("what it says") },
    returns: { note: "text", clip_id: "integer" },
    handler(call, { number, transcript }) {
      const { world, member, at } = call;
      checkReceiver(call, "send a clip to", number);
      const own = ownMember(call, handsetMember).number;
      const [receiver] = world.rowsWhere(handsetMember, "number", number);
      if (receiver !== undefined && world.rows(blockedNumber, receiver.owner).some((row) => row.number === own)) {
        throw conflict(`send a clip to ${number}`, "you are blocked there");
      }
      const clip = { from: own, to: number, transcript, seconds: spokenSeconds(transcript), at };
      const clipId = world.insert(voiceClip, clip).id;
      const copy = { clip_id: clipId, hidden: false };
      const { id } = world.insert(voiceCopy, { owner: member, number, direction: "out", heard: true, ...copy });
      if (receiver !== undefined) {
        world.insert(voiceCopy, { owner: receiver.owner, number: own, direction: "in", heard: false, ...copy });
      }
      return { note: "Clip sent.", clip_id: id };
    },
  }),
  api("hide_voice_clip", {
    about: "Delete one's own copy of a voice clip.",
    params: { clip_id: rowId("id of the clip") },
    returns: { note: "text" },
    handler(call, { clip_id }) {
      ownClip(call, clip_id, "hide");
      call.world.update(voiceCopy, clip_id, { hidden: true });
      return { note: "Clip hidden." };
    },
  }),
  api("mark_clip_heard", {
    about: "Mark a received voice clip as heard.",
    params: { clip_id: rowId("id of the clip") },
    returns: { note: "text", clip_id: "integer" },
    handler(call, { clip_id }) {
      const { copy } = ownClip(call, clip_id, "change");
      if (copy.heard) throw conflict(`mark clip ${clip_id}`, "it is already heard");
      call.world.update(voiceCopy, clip_id, { heard: true });
      return { note: "Clip marked as heard.", clip_id };
    },
  }),
];
