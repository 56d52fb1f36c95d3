/**
 * Alerts of apps that only say what happened: their table, how one is written, and the group of APIs.
 *
 * Omitted: corkline's alerts, which point to boards and cards and are cleared otherwise.
 *
 * @module
 */
import { flag, rowId, withDefault } from "../params.ts";
import { type Api, api, type Call, list, type Table, table } from "../schema.ts";
import { newestFirst, ownRow } from "./_common.ts";

const ALERT_COLUMNS = {
  owner: "text",
  kind: "text",
  text: "text",
  seen: "flag",
  at: "text",
} as const;

/** Table of what members of an app are told of. */
export type AlertTable = Table<typeof ALERT_COLUMNS>;

/** Table of what members of an app are told of. */
export function alertTable(app: string): AlertTable {
  return table(`${app}.alert`, ALERT_COLUMNS, { ownedBy: ["owner"] });
}

/** Tells a member of something. */
export function addAlert({ world, at }: Call, alerts: AlertTable, owner: string, kind: string, text: string): void {
  world.insert(alerts, { owner, kind, text, seen: false, at });
}

/**
 * The alert group: `list_alerts`, `mark_alert_seen` and `clear_alerts`.
 *
 * @param alerts see {@linkcode alertTable}.
 * @param what what the list shows, as its documentation begins.
 */
export function alertApis(alerts: AlertTable, what: string): readonly Api[] {
  return [
    list("list_alerts", {
      about: `${what}, newest first, optionally only what is unseen.`,
      params: { unseen_only: withDefault(flag("only what is unseen"), false) },
      returns: [{ alert_id: "integer", kind: "text", text: "text", seen: "flag", at: "datetime" }],
      rows: ({ world, member }, { unseen_only }) =>
        newestFirst(world.rows(alerts, member).filter((row) => !(unseen_only && row.seen))),
      view: ({ id, kind, text, seen, at }) => ({ alert_id: id, kind, text, seen, at }),
    }),
    api("mark_alert_seen", {
      about: "Mark one alert as seen.",
      params: { alert_id: rowId("id of the alert") },
      returns: { note: "text", alert_id: "integer" },
      handler(call, { alert_id }) {
        ownRow(call, alerts, alert_id, "alert", "mark");
        call.world.update(alerts, alert_id, { seen: true });
        return { note: "Alert marked as seen.", alert_id };
      },
    }),
    api("clear_alerts", {
      about: "Remove the alerts that were seen, or all of them.",
      params: { unseen_too: withDefault(flag("whether those not seen go as well"), false) },
      returns: { note: "text" },
      handler({ world, member }, { unseen_too }) {
        for (const row of world.rows(alerts, member)) if (row.seen || unseen_too) world.remove(alerts, row.id);
        return { note: "Alerts removed." };
      },
    }),
  ];
}
