/**
 * Remarks of which each is its writer's alone: how they are shown, and the APIs that change and remove one.
 *
 * Omitted: listing and adding, which depend on what the remarks are under; and corkline's remarks, where leads may remove any.
 *
 * @module
 */
import { notFound, notYours } from "../errors.ts";
import { rowId, text } from "../params.ts";
import { type Api, api, type Call, type Columns, type RowOf, type Table } from "../schema.ts";

/** Columns that every table of remarks has, whatever else it keeps. */
interface RemarkColumns extends Columns {
  readonly from: "text";
  readonly text: "text";
  readonly at: "text";
}

/** A remark as lists show it. */
export const REMARK_SHAPE = { remark_id: "integer", from: "e-mail", text: "text", at: "datetime" } as const;

/** A remark in its {@linkcode REMARK_SHAPE}. */
export function remarkView({ id, from, text, at }: Pick<RowOf<RemarkColumns>, "id" | "from" | "text" | "at">) {
  return { remark_id: id, from, text, at };
}

/** @throws {AgentError} 404 if there is no such remark, 403 if it is somebody else's. */
function needOwn(call: Call, remarks: Table<RemarkColumns>, id: number, verb: string): void {
  const row = call.world.get(remarks, id);
  if (row === undefined) throw notFound("remark", "id", id);
  if (row.from !== call.member) throw notYours("remark", verb);
}

/**
 * `edit_remark` and `remove_remark`.
 *
 * @param remarkSpec table of the remarks.
 */
export function ownRemarkApis<C extends RemarkColumns>(remarkSpec: Table<C>): readonly Api[] {
  const remarks = remarkSpec as unknown as Table<RemarkColumns>;
  return [
    api("edit_remark", {
      about: "Change the text of an own remark.",
      params: { remark_id: rowId("id of the remark"), text: text("new text") },
      returns: { note: "text", remark_id: "integer" },
      handler(call, { remark_id, text }) {
        needOwn(call, remarks, remark_id, "change");
        call.world.update(remarks, remark_id, { text });
        return { note: "Remark changed.", remark_id };
      },
    }),
    api("remove_remark", {
      about: "Remove an own remark.",
      params: { remark_id: rowId("id of the remark") },
      returns: { note: "text" },
      handler(call, { remark_id }) {
        needOwn(call, remarks, remark_id, "remove");
        call.world.remove(remarks, remark_id);
        return { note: "Remark removed." };
      },
    }),
  ];
}
