/**
 * Filing of quillpost: where one's copies of letters lie.
 *
 * Choices: a folder of one's own is there as long as a letter lies in it. A letter that leaves the inbox is no longer snoozed. What is
 * taken out of the bin or the archive goes back to the inbox, or to `sent` if one wrote it.
 *
 * @module
 */
import { badArgument, conflict } from "../../errors.ts";
import { dateTimeText, text } from "../../params.ts";
import { type Api, api, type Call } from "../../schema.ts";
import { FOLDERS, LETTER_ID, LETTER_NOTE, type OwnLetter, ownLetter } from "./_mail.ts";
import { letterCopy } from "./tables.ts";

/** Folder that a letter lies in before anybody files it. */
function homeOf({ member }: Call, { row }: OwnLetter): string {
  return row.from === member && !row.to.includes(member) && !row.cc.includes(member) ? "sent" : "inbox";
}

function move(call: Call, { copy }: OwnLetter, folder: string): void {
  call.world.update(letterCopy, copy.id, { folder, snoozed_until: null });
}

function needElsewhere({ copy }: OwnLetter, folder: string, verb: string): void {
  if (copy.folder === folder) throw conflict(`${verb} letter ${copy.letter_id}`, `it is in ${folder} already`);
}

/** The filing group. */
export const filingApis: readonly Api[] = [
  api("move_to_folder", {
    about: "Move a letter to the inbox, the archive or a folder of your own, which is made if it is new.",
    params: { ...LETTER_ID, folder: text("name of the folder") },
    returns: LETTER_NOTE,
    handler(call, { letter_id, folder }) {
      const own = ownLetter(call, letter_id, "move");
      if (folder === "bin" || folder === "snoozed" || (folder === "sent" && homeOf(call, own) !== "sent")) {
        const others = FOLDERS.filter((name) => name !== "bin" && name !== "snoozed" && name !== "sent");
        throw badArgument(
          "folder",
          `letters are not moved to ${folder}`,
          `${others.join(", ")} or a folder of your own`,
        );
      }
      needElsewhere(own, folder, "move");
      move(call, own, folder);
      return { note: "Letter moved.", letter_id };
    },
  }),
  api("archive", {
    about: "Put a letter into the archive.",
    params: LETTER_ID,
    returns: LETTER_NOTE,
    handler(call, { letter_id }) {
      const own = ownLetter(call, letter_id, "archive");
      needElsewhere(own, "archive", "archive");
      move(call, own, "archive");
      return { note: "Letter archived.", letter_id };
    },
  }),
  api("unarchive", {
    about: "Take a letter out of the archive.",
    params: LETTER_ID,
    returns: LETTER_NOTE,
    handler(call, { letter_id }) {
      const own = ownLetter(call, letter_id, "move");
      if (own.copy.folder !== "archive") throw conflict(`unarchive letter ${letter_id}`, "it is not in the archive");
      move(call, own, homeOf(call, own));
      return { note: "Letter taken out of the archive.", letter_id };
    },
  }),
  api("move_to_bin", {
    about: "Throw a letter into the bin.",
    params: LETTER_ID,
    returns: LETTER_NOTE,
    handler(call, { letter_id }) {
      const own = ownLetter(call, letter_id, "remove");
      needElsewhere(own, "bin", "bin");
      move(call, own, "bin");
      return { note: "Letter is in the bin.", letter_id };
    },
  }),
  api("restore", {
    about: "Take a letter out of the bin.",
    params: LETTER_ID,
    returns: LETTER_NOTE,
    handler(call, { letter_id }) {
      const own = ownLetter(call, letter_id, "move");
      if (own.copy.folder !== "bin") throw conflict(`restore letter ${letter_id}`, "it is not in the bin");
      move(call, own, homeOf(call, own));
      return { note: "Letter restored.", letter_id };
    },
  }),
  api("purge", {
    about: "Delete one's own copy of a letter of the bin for good.",
    params: LETTER_ID,
    returns: { note: "text" },
    handler(call, { letter_id }) {
      const { copy } = ownLetter(call, letter_id, "remove");
      if (copy.folder !== "bin") throw conflict(`purge letter ${letter_id}`, "it is not in the bin");
      call.world.remove(letterCopy, copy.id);
      return { note: "Letter deleted." };
    },
  }),
  api("snooze", {
    about: "Keep a letter of the inbox out of sight until a time.",
    params: { ...LETTER_ID, until: dateTimeText("when it comes back") },
    returns: LETTER_NOTE,
    handler(call, { letter_id, until }) {
      const { copy } = ownLetter(call, letter_id, "snooze");
      if (copy.folder !== "inbox") throw conflict(`snooze letter ${letter_id}`, "it is not in the inbox");
      if (until <= call.at) throw badArgument("until", "that time is over", `date and time after ${call.at}`);
      if (copy.snoozed_until === until) {
        throw conflict(`snooze letter ${letter_id}`, "it is snoozed until then already");
      }
      call.world.update(letterCopy, copy.id, { snoozed_until: until });
      return { note: "Letter snoozed.", letter_id };
    },
  }),
  api("unsnooze", {
    about: "Bring a snoozed letter back at once.",
    params: LETTER_ID,
    returns: LETTER_NOTE,
    handler(call, { letter_id }) {
      const { copy } = ownLetter(call, letter_id, "change");
      if (copy.snoozed_until === null || copy.snoozed_until <= call.at) {
        throw conflict(`bring back letter ${letter_id}`, "it is not snoozed");
      }
      call.world.update(letterCopy, copy.id, { snoozed_until: null });
      return { note: "Letter is back.", letter_id };
    },
  }),
];
