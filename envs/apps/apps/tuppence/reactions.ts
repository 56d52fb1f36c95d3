/**
 * tuppence: cheers and remarks under transfers that one may see.
 *
 * @module
 */
import { conflict, notFound } from "../../errors.ts";
import { rowId, text } from "../../params.ts";
import { api, type Call, list } from "../../schema.ts";
import { ownMember } from "../_common.ts";
import { ownRemarkApis, REMARK_SHAPE, remarkView } from "../_remarks.ts";
import { tell, type Transfer, visibleTransfer } from "./_money.ts";
import { cheer, remark, wallet } from "./tables.ts";

const CHEER_SHAPE = { cheer_id: "integer", from: "e-mail", at: "datetime" } as const;

function ownCheer(call: Call, transferId: number) {
  return call.world.rows(cheer, call.member).find((row) => row.transfer_id === transferId);
}

/** Tells the two sides of a transfer, the caller left out. */
function tellSides(call: Call, { from, to }: Transfer, kind: string, what: string): void {
  const { name } = ownMember(call, wallet);
  for (const owner of [from, to]) if (owner !== call.member) tell(call, owner, kind, `${name} ${what}`);
}

/** The group of reactions. */
export const reactionApis = [
  list("list_cheers", {
    about: "Cheers for a transfer.",
    params: { transfer_id: rowId("id of the transfer") },
    returns: [CHEER_SHAPE],
    rows: (call, { transfer_id }) =>
      call.world.rowsWhere(cheer, "transfer_id", visibleTransfer(call, transfer_id, "read").id),
    view: ({ id, from, at }) => ({ cheer_id: id, from, at }),
  }),
  api("add_cheer", {
    about: "Cheer a transfer, once.",
    params: { transfer_id: rowId("id of the transfer") },
    returns: { note: "text", cheer_id: "integer" },
    handler(call, { transfer_id }) {
      const row = visibleTransfer(call, transfer_id, "cheer");
      if (ownCheer(call, transfer_id) !== undefined) {
        throw conflict(`cheer transfer ${transfer_id}`, "you have cheered it already");
      }
      tellSides(call, row, "cheer", "cheered a transfer of yours");
      const { id } = call.world.insert(cheer, { from: call.member, transfer_id, at: call.at });
      return { note: "Cheered.", cheer_id: id };
    },
  }),
  api("remove_cheer", {
    about: "Take back the own cheer for a transfer.",
    params: { transfer_id: rowId("id of the transfer") },
    returns: { note: "text" },
    handler(call, { transfer_id }) {
      const row = ownCheer(call, transfer_id);
      if (row === undefined) throw notFound("cheer of yours", "transfer_id", transfer_id);
      call.world.remove(cheer, row.id);
      return { note: "Cheer taken back." };
    },
  }),
  list("list_remarks", {
    about: "Remarks under a transfer.",
    params: { transfer_id: rowId("id of the transfer") },
    returns: [REMARK_SHAPE],
    rows: (call, { transfer_id }) =>
      call.world.rowsWhere(remark, "transfer_id", visibleTransfer(call, transfer_id, "read").id),
    view: remarkView,
  }),
  api("add_remark", {
    about: "Write a remark under a transfer.",
    params: { transfer_id: rowId("id of the transfer"), text: text("what to say") },
    returns: { note: "text", remark_id: "integer" },
    handler(call, { transfer_id, text }) {
      const row = visibleTransfer(call, transfer_id, "remark on");
      tellSides(call, row, "remark", "wrote a remark under a transfer of yours");
      const { id } = call.world.insert(remark, { from: call.member, transfer_id, text, at: call.at });
      return { note: "Remark added.", remark_id: id };
    },
  }),
  ...ownRemarkApis(remark),
];
