import assert from "node:assert/strict";
import { CATALOGUE } from "../../../envs/apps/catalogue.ts";
import { signature } from "../../../envs/apps/schema.ts";
import { newSession, ok, principal, refused, type Rows, rowsOf, signIn } from "./_fixtures.ts";

const apis = [...CATALOGUE.values()].flatMap((app) => app.apis.map((spec) => ({ app: app.name, spec })));

Deno.test("signature() shows required, optional and paging arguments and the shape in one line", () => {
  const line = (app: string, api: string) => {
    const spec = CATALOGUE.get(app)?.apis.find(({ name }) => name === api);
    assert.ok(spec !== undefined);
    return signature(spec, app);
  };
  assert.equal(
    line("tuppence", "list_transfers"),
    "tuppence.list_transfers({token, direction?, since?, until?, page?, size?}) -> " +
      "[{transfer_id, from, to, amount, memo, visibility, at}]",
  );
  assert.equal(line("handset", "log_in"), "handset.log_in({user, password}) -> {token}");
  assert.equal(line("handset", "list_ties"), "handset.list_ties({token}) -> [text]");
  assert.equal(line("principal", "my_logins"), "principal.my_logins() -> [{app, user, password}]");
  assert.equal(line("principal", "finish_task"), "principal.finish_task({answer?, outcome?}) -> {note}");
});

Deno.test("every API refuses an unknown argument with the list of those allowed", () => {
  const session = newSession();
  for (const { app, spec } of apis) {
    const message = refused(session, 422, app, spec.name, { colour: "red" });
    const allowed = Object.keys(spec.params).join(", ") || "none";
    assert.equal(message, `Bad argument colour: there is no such argument. Allowed: ${allowed}`);
  }
});

Deno.test("every private API refuses a missing token, an unknown one, and another app's", () => {
  const session = newSession();
  const tokens = { handset: signIn(session, "handset"), tuppence: signIn(session, "tuppence") };
  for (const { app, spec } of apis) {
    if (!spec.auth) continue;
    const text = `Sign-in needed for ${app}: token missing, unknown or out of date.`;
    const foreign = app === "handset" ? tokens.tuppence : tokens.handset;
    assert.equal(refused(session, 401, app, spec.name), text);
    assert.equal(refused(session, 401, app, spec.name, { token: "0123" }), text);
    assert.equal(refused(session, 401, app, spec.name, { token: foreign }), text);
  }
});

Deno.test("at least three quarters of the APIs of the apps need a token, and there are about ninety", () => {
  assert.ok(apis.length >= 87, `${apis.length}`);
  assert.ok(apis.filter(({ spec }) => spec.auth).length / apis.length >= 0.75);
});

Deno.test("a call with a wrong value is refused with what is allowed", () => {
  const session = newSession();
  const token = signIn(session, "tuppence");
  const cases: [string, Record<string, string | number | null>, string][] = [
    ["list_transfers", { direction: "out" }, 'Bad argument direction: got "out". Allowed: "sent"|"received"'],
    ["list_transfers", { size: 21 }, "Bad argument size: got 21. Allowed: integer from 1 to 20, default 5"],
    [
      "list_transfers",
      { since: "2027-02-30" },
      'Bad argument since: got "2027-02-30". Allowed: date YYYY-MM-DD, default "1900-01-01"',
    ],
    ["get_transfer", {}, "Bad argument transfer_id: it is missing. Allowed: integer from 1"],
    ["get_transfer", { transfer_id: "5" }, 'Bad argument transfer_id: got "5". Allowed: integer from 1'],
    [
      "send_money",
      { to: principal(1).email, amount: 1.005 },
      "Bad argument amount: got 1.005. Allowed: amount above 0 with at most 2 decimals",
    ],
    [
      "send_money",
      { to: principal(1).email, amount: 0 },
      "Bad argument amount: got 0. Allowed: amount above 0 with at most 2 decimals",
    ],
    [
      "send_money",
      { to: principal(0).email, amount: 1 },
      "Bad argument to: it is your own account. Allowed: e-mail of another member",
    ],
  ];
  for (const [api, args, message] of cases) {
    assert.equal(refused(session, 422, "tuppence", api, { token, ...args }), message);
  }
});

Deno.test("unknown apps and APIs and arguments that are no object are refused", () => {
  const session = newSession();
  assert.equal(refused(session, 404, "mailbox", "list"), "No app with name mailbox.");
  assert.equal(refused(session, 404, "handset", "toString"), "No API of handset with name toString.");
  assert.match(refused(session, 422, "handset", "log_in", ["me"]), /one object with named arguments/);
});

Deno.test("every reading API answers in its declared shape", () => {
  const session = newSession();
  const token = Object.fromEntries(
    ["handset", "tuppence", "foldnote", "marlo"].map((app) => [app, signIn(session, app)]),
  );
  const first = (app: string, api: string, field: string) =>
    rowsOf(session, app, api, { token: token[app] ?? null, size: 1 })[0]?.[field] ?? null;
  const ids: Record<string, Record<string, string | number | boolean | null>> = {
    get_contact: { contact_id: first("handset", "list_contacts", "contact_id") as number },
    get_call: { call_id: first("handset", "list_calls", "call_id") as number },
    get_alarm: { alarm_id: first("handset", "list_alarms", "alarm_id") as number },
    get_transfer: { transfer_id: first("tuppence", "list_transfers", "transfer_id") as number },
    list_remarks: { transfer_id: first("tuppence", "list_transfers", "transfer_id") as number },
    get_pot: { pot_id: first("tuppence", "list_pots", "pot_id") as number },
    get_note: { note_id: first("foldnote", "list_notes", "note_id") as number },
    list_items: { note_id: first("foldnote", "list_notes", "note_id") as number },
    get_purchase: { purchase_id: first("marlo", "list_purchases", "purchase_id") as number },
    get_product: { product_id: 1 },
    list_reviews: { product_id: 1 },
    list_apis: { app: "handset" },
    read_api: { app: "handset", api: "now" },
    search_apis: { q: "send money" },
  };
  let checked = 0;
  for (const { app, spec } of apis) {
    if (spec.method !== "GET") continue;
    const args = {
      ...(spec.auth ? { token: token[app] ?? null } : {}),
      ...(ids[spec.name] ?? {}),
      ...("q" in spec.params ? { q: "a" } : {}),
    };
    const body = ok(session, app, spec.name, args);
    const shape = spec.returns;
    if (!Array.isArray(shape)) {
      assert.deepEqual(Object.keys(body as object), Object.keys(shape), `${app}.${spec.name}`);
    } else {
      assert.ok(Array.isArray(body), `${app}.${spec.name}`);
      const item: unknown = shape[0];
      for (const row of body as Rows) {
        if (typeof item === "string") assert.equal(typeof row, "string");
        else assert.deepEqual(Object.keys(row), Object.keys(item as object), `${app}.${spec.name}`);
      }
    }
    checked++;
  }
  assert.ok(checked >= 35, `${checked}`);
});
