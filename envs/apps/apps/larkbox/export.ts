/**
 * Export of a mix as a file of the file store.
 *
 * @module
 */
import { flag, optional, path, rowId, withDefault } from "../../params.ts";
import { api, type Call } from "../../schema.ts";
import { saveStored } from "../effects/files.ts";
import { entriesOf, type Mix, performerById, trackById, visibleMix } from "./_target.ts";

/** `245` as `4:05`. */
function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Text of the file: the title, then one line a track. */
function listing(call: Call, { id, title }: Mix): string {
  const lines = entriesOf(call, id).map(({ track_id }, i) => {
    const track = trackById(call, track_id);
    return `${i + 1}. ${track.title} - ${performerById(call, track.performer_id).name} (${minutes(track.seconds)})`;
  });
  return [`Mix: ${title}`, ...lines].join("\n");
}

/** Name of the file where none is given. */
function fileName(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? ["mix"];
  return `${words.join("_")}.txt`;
}

/** The export group. */
export const exportApis = [
  api("export_mix", {
    about: "Save the track list of an own or open mix as a text file in the file store.",
    params: {
      mix_id: rowId("id of the mix"),
      path: optional(path("path of the file; by default its title under /inbox")),
      replace: withDefault(flag("whether a file that is there is overwritten"), false),
    },
    returns: { note: "text", path: "path" },
    files: true,
    effects: ["stowbox.file", "stowbox.folder", "stowbox.file_version"],
    handler(call, { mix_id, path, replace }) {
      const row = visibleMix(call, mix_id);
      const target = path ?? `/inbox/${fileName(row.title)}`;
      saveStored(call, target, listing(call, row), replace);
      return { note: "Mix exported.", path: target };
    },
  }),
] as const;
