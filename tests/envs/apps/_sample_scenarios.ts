/**
 * Two scenarios for tests of what surrounds scenarios: one question, one action.
 *
 * @module
 */
import type { Scenario } from "../../../envs/apps/scenario.ts";

const signIn = (app: string) => [
  `const login = apis.principal.my_logins().find((x) => x.app === "${app}");`,
  `const token = apis.${app}.log_in({ user: login.user, password: login.password }).token;`,
];

/** How many contacts have a tie? */
export const countTie: Scenario = {
  family: "sample/count_tie",
  split: "train",
  difficulty: 1,
  apps: ["handset"],
  setup({ user, variant, rows }) {
    const tie = ["friend", "colleague", "neighbour"][variant % 3] ?? "friend";
    const contacts = rows("handset.contact", user.email);
    const answer = contacts.filter((row) => (row["ties"] as string[]).includes(tie)).length;
    if (answer < 2) return { reject: "too few" };
    return {
      instruction: `How many of my contacts are a ${tie}?`,
      answer,
      intend() {},
      solution: {
        kind: "procedure",
        name: "count_tie",
        params: ["tie"],
        args: [tie],
        body: [
          ...signIn("handset"),
          "let n = 0;",
          "for (let page = 0; ; page++) { const rows = apis.handset.list_contacts({ token, tie, page }); n += rows.length; if (rows.length < 5) break; }",
          "return n;",
        ].join("\n"),
        answers: true,
        lookups: [{ app: "handset", q: "list contacts" }],
      },
    };
  },
};

/** Add an alarm. */
export const addAlarm: Scenario = {
  family: "sample/add_alarm",
  split: "dev",
  difficulty: 1,
  apps: ["handset"],
  setup({ random, as }) {
    const time = `0${random.int(5, 9)}:${random.int(10, 59)}`;
    as()("handset", "add_alarm", { time: "04:00", label: "decoy" });
    return {
      instruction: `Wake me at ${time}, label "up".`,
      answer: null,
      intend: (client) => void client("handset", "add_alarm", { time, label: "up" }),
      solution: {
        kind: "procedure",
        name: "add_alarm",
        params: ["time"],
        args: [time],
        body: [...signIn("handset"), 'apis.handset.add_alarm({ token, time, label: "up" });'].join("\n"),
        answers: false,
        lookups: [{ app: "handset", q: "add alarm" }],
      },
    };
  },
};

export const samples: readonly Scenario[] = [countTie, addAlarm];
