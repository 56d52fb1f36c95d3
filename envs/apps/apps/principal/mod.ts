/**
 * principal: the person on whose behalf the agent acts, and the end of the task. No token.
 *
 * Contract: what is stored here does not follow the apps: a password that was changed in an app is still the old one here.
 *
 * @module
 */
import { answer, choice, withDefault } from "../../params.ts";
import { api, type App, type Call } from "../../schema.ts";
import { address, card, login, PRINCIPAL_TABLES } from "./tables.ts";

function person(call: Call) {
  const found = call.world.base.people.find(({ email }) => email === call.member);
  if (found === undefined) throw new RangeError(`There is no person ${call.member}`);
  return found;
}

/** The user. */
export const principal: App = {
  name: "principal",
  about: "The person you act for: profile, sign-in data, the task and its end; no token needed.",
  tables: PRINCIPAL_TABLES,
  apis: [
    api("who_am_i", {
      about: "Name, e-mail and phone number of the user.",
      auth: false,
      params: {},
      returns: { name: "text", email: "e-mail", number: "text" },
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
      handler: ({ world, member }) =>
        world.rows(address, member).map(({ label, street, town }) => ({ label, street, town })),
    }),
    api("my_cards", {
      about: "Bank cards of the user.",
      auth: false,
      params: {},
      returns: [{ card: "text", name: "text", expires: "month", check_code: "text" }],
      handler: ({ world, member }) =>
        world.rows(card, member).map(({ number, name, expires, check_code }) => ({
          card: number,
          name,
          expires,
          check_code,
        })),
    }),
    api("my_logins", {
      about: "User name and password of the user for each app.",
      auth: false,
      params: {},
      returns: [{ app: "text", user: "text", password: "text" }],
      handler: ({ world, member, session }) =>
        world.rows(login, member).filter(({ app }) => session.catalogue.has(app))
          .map(({ app, user, password }) => ({ app, user, password })),
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
