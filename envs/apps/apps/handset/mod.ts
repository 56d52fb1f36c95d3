/**
 * handset: the phone. Contacts with ties, texts, voice clips, calls, alarms, timers, blocked numbers and quiet hours.
 *
 * @module
 */
import { api, type App } from "../../schema.ts";
import { accountApis } from "../_common.ts";
import { alarmApis } from "./alarms.ts";
import { callApis } from "./calls.ts";
import { contactApis } from "./contacts.ts";
import { settingApis } from "./settings.ts";
import { HANDSET_TABLES, handsetMember } from "./tables.ts";
import { textApis } from "./texts.ts";
import { voiceApis } from "./voice.ts";

/** The phone. */
export const handset: App = {
  name: "handset",
  about: "Phone: contacts with ties, texts, voice clips, calls, alarms and timers.",
  tables: HANDSET_TABLES,
  apis: [
    ...accountApis("handset", handsetMember, "owner"),
    api("now", {
      about: "Date and time now.",
      params: {},
      returns: { at: "datetime" },
      handler: ({ at }) => ({ at }),
    }),
    ...contactApis,
    ...textApis,
    ...voiceApis,
    ...callApis,
    ...alarmApis,
    ...settingApis,
  ],
};
