import assert from "node:assert/strict";
import type { AppSession } from "../../../envs/apps/session.ts";
import {
  AT,
  base,
  newSession,
  ok,
  principal,
  principals,
  refused,
  type Rows,
  rowsIn,
  rowsOf,
  signIn,
} from "./_fixtures.ts";

function allPages(
  session: AppSession,
  app: string,
  api: string,
  args: Record<string, string | number | boolean>,
): Rows {
  const rows: Rows = [];
  for (let page = 0;; page++) {
    const some = rowsOf(session, app, api, { ...args, page });
    rows.push(...some);
    if (some.length < 5) return rows;
  }
}

Deno.test("lists come in pages of 5 without a total, and are empty past the end", () => {
  const session = newSession();
  const token = signIn(session, "handset");
  const world = base.open(AT);
  const expected = rowsIn(world, "handset.contact", principal(0).email).map((row) => row["name"]);
  assert.ok(expected.length > 10);
  assert.equal(rowsOf(session, "handset", "list_contacts", { token }).length, 5);
  assert.deepEqual(allPages(session, "handset", "list_contacts", { token }).map((row) => row["name"]), expected);
  assert.deepEqual(rowsOf(session, "handset", "list_contacts", { token, page: 99 }), []);
  assert.equal(
    rowsOf(session, "handset", "list_contacts", { token, size: 20, page: 0 }).length,
    Math.min(20, expected.length),
  );
});

Deno.test("pages shift when rows are removed while one reads them", () => {
  const session = newSession();
  const token = signIn(session, "handset");
  const before = allPages(session, "handset", "list_alarms", { token }).map((row) => row["alarm_id"]);
  ok(session, "handset", "remove_alarm", { token, alarm_id: before[0] ?? null });
  assert.equal(rowsOf(session, "handset", "list_alarms", { token, page: 1 })[0]?.["alarm_id"], before[6]);
});

Deno.test("a query ranks and never filters; a filter filters", () => {
  const session = newSession();
  const token = signIn(session, "handset");
  const all = allPages(session, "handset", "list_contacts", { token });
  const last = all.at(-3) ?? {};
  const found = allPages(session, "handset", "find_contacts", { token, q: String(last["name"]) });
  assert.equal(found[0]?.["contact_id"], last["contact_id"]);
  assert.equal(found.length, all.length);
  const friends = allPages(session, "handset", "list_contacts", { token, tie: "friend" });
  assert.ok(friends.length > 0 && friends.length < all.length);
  assert.ok(friends.every((row) => (row["ties"] as string[]).includes("friend")));
});

Deno.test("log_in wants the phone number in tuppence and the e-mail elsewhere", () => {
  const session = newSession();
  const { email, number } = principal(0);
  const password = Object.fromEntries(
    rowsOf(session, "principal", "my_logins").map((row) => [row["app"], row["password"] ?? null]),
  );
  ok(session, "tuppence", "log_in", { user: number, password: password["tuppence"] ?? null });
  assert.equal(
    refused(session, 401, "tuppence", "log_in", { user: email, password: password["tuppence"] ?? null }),
    "Sign-in refused for tuppence.",
  );
  refused(session, 401, "handset", "log_in", { user: email, password: password["tuppence"] ?? null });
  refused(session, 401, "handset", "log_in", { user: number, password: password["handset"] ?? null });
});

Deno.test("log_out makes the token worthless", () => {
  const session = newSession();
  const token = signIn(session, "foldnote");
  ok(session, "foldnote", "list_notes", { token });
  ok(session, "foldnote", "log_out", { token });
  refused(session, 401, "foldnote", "list_notes", { token });
});

Deno.test("search_apis() finds every API by the words of its name", () => {
  const session = newSession();
  for (const { name: app, apis } of session.catalogue.values()) {
    for (const { name } of apis) {
      const lines = ok(session, "guide", "search_apis", { app, q: name.replaceAll("_", " ") }) as string[];
      assert.ok(lines[0]?.startsWith(`${app}.${name}(`), `${app}.${name}: ${lines[0]}`);
      assert.equal(lines.length, Math.min(3, apis.length));
    }
  }
});

Deno.test("finish_task keeps the last answer and changes no table", () => {
  const session = newSession();
  assert.equal(session.finished, undefined);
  ok(session, "principal", "finish_task", { answer: 3 });
  ok(session, "principal", "finish_task", { answer: "four", outcome: "done" });
  assert.deepEqual(session.finished, { answer: "four", outcome: "done" });
  ok(session, "principal", "finish_task");
  assert.deepEqual(session.finished, { answer: null, outcome: "done" });
  refused(session, 422, "principal", "finish_task", { answer: ["a"] });
  assert.equal(session.world.diff().size, 0);
});

Deno.test("reading and signing in change nothing", () => {
  const session = newSession();
  for (const app of ["handset", "tuppence", "foldnote", "marlo"]) signIn(session, app);
  const token = signIn(session, "handset");
  allPages(session, "handset", "list_texts", { token });
  assert.equal(session.world.diff().size, 0);
  assert.ok(principals.length >= 24);
});
