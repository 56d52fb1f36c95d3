/**
 * principal: the person on whose behalf the agent acts, and the end of the task. No token.
 *
 * @module
 */
import { answer, choice, withDefault } from "../params.ts";
import { api, type App, type Call, type Table } from "../schema.ts";
import type { MemberColumns } from "./_common.ts";
import { foldnoteMember } from "./foldnote.ts";
import { handsetMember } from "./handset.ts";
import { marloMember } from "./marlo.ts";
import { wallet } from "./tuppence.ts";

const ACCOUNTS: readonly {
  readonly app: string;
  readonly members: Table<MemberColumns>;
  readonly byNumber: boolean;
}[] = [
  { app: "handset", members: handsetMember, byNumber: false },
  { app: "tuppence", members: wallet, byNumber: true },
  { app: "foldnote", members: foldnoteMember, byNumber: false },
  { app: "marlo", members: marloMember, byNumber: false },
];

function person(call: Call) {
  const found = call.world.base.people.find(({ email }) => email === call.member);
  if (found === undefined) throw new RangeError(`There is no person ${call.member}`);
  return found;
}

/** The user. */
export const principal: App = {
  name: "principal",
  about: "The person you act for: profile, sign-in data, the task and its end; no token needed.",
  tables: [],
  apis: [
    api("who_am_i", {
      about: "Name, e-mail and phone number of the user.",
      auth: false,
      params: {},
      returns: { name: "text", email: "text", number: "text" },
      handler(call) {
        const { name, email, number } = person(call);
        return { name, email, number };
      },
    }),
    api("my_addresses", {
      about: "Addresses of the user.",
      auth: false,
      params: {},
      returns: [{ label: "text", street: "text", town: "text" }],
      handler(call) {
        const { street, town } = person(call);
        return [{ label: "home", street, town }];
      },
    }),
    api("my_cards", {
      about: "Bank cards of the user.",
      auth: false,
      params: {},
      returns: [{ card: "text", expires: "YYYY-MM" }],
      handler(call) {
        const { card, cardExpiry } = person(call);
        return [{ card, expires: cardExpiry }];
      },
    }),
    api("my_logins", {
      about: "User name and password of the user for each app.",
      auth: false,
      params: {},
      returns: [{ app: "text", user: "text", password: "text" }],
      handler: ({ world, member }) =>
        ACCOUNTS.flatMap(({ app, members, byNumber }) =>
          world.rows(members, member).map(({ owner, number, password }) => ({
            app,
            user: byNumber ? number : owner,
            password,
          }))
        ),
    }),
    api("current_task", {
      about: "What the user asks for, and the time now.",
      auth: false,
      params: {},
      returns: { instruction: "text", at: "datetime" },
      handler: ({ session, at }) => ({ instruction: session.instruction, at }),
    }),
    api("finish_task", {
      about: "End the task, with the answer if the user asked a question.",
      auth: false,
      params: {
        answer: withDefault(answer("answer to the question; null if none was asked"), null),
        outcome: withDefault(choice("how it went", ["done", "impossible"]), "done"),
      },
      returns: { note: "text" },
      handler({ session }, { answer, outcome }) {
        session.finish(answer, outcome);
        return { note: "Task finished." };
      },
    }),
  ],
};
