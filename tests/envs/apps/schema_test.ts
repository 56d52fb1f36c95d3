import assert from "node:assert/strict";
import { CATALOGUE } from "../../../envs/apps/catalogue.ts";
import { signature } from "../../../envs/apps/schema.ts";
import { newSession, principal, refused, signIn } from "./_fixtures.ts";

Deno.test("signature() shows required, optional and paging arguments and the shape in one line", () => {
  const line = (app: string, api: string) => {
    const spec = CATALOGUE.get(app)?.apis.find(({ name }) => name === api);
    assert.ok(spec !== undefined);
    return signature(spec, app);
  };
  assert.equal(
    line("tuppence", "list_transfers"),
    "tuppence.list_transfers({token, direction?, since?, until?, q?, page?, size?, order?}) -> " +
      "[{transfer_id, from, to, amount, memo, visibility, funding, at}]",
  );
  assert.equal(line("handset", "log_in"), "handset.log_in({user, password}) -> {token}");
  assert.equal(line("handset", "list_ties"), "handset.list_ties({token}) -> [text]");
  assert.equal(line("principal", "my_logins"), "principal.my_logins() -> [{app, user, password}]");
  assert.equal(line("principal", "finish_task"), "principal.finish_task({answer?, outcome?}) -> {note}");
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
