import assert from "node:assert/strict";
import type { Evaluation } from "../../../envs/contract.ts";
import { changesOf, type Expectation, grade } from "../../../envs/apps/grade.ts";
import type { Client } from "../../../envs/apps/scenario.ts";
import { AppSession } from "../../../envs/apps/session.ts";
import { AT, base, principal, principals, rowsIn } from "./_fixtures.ts";

const me = principal(0);
const friend = principal(1);
const start = base.open(AT);

function run(writes: (client: Client) => void): AppSession {
  const session = new AppSession(start.fork(), me, "");
  writes(session.client(me));
  return session;
}

function expecting(answer: null | number | string, intend: (client: Client) => void): Expectation {
  return { answer, changes: changesOf(run(intend).world) };
}

function evaluate(
  expectation: Expectation,
  writes: (client: Client) => void,
  answer: null | number | string = null,
  finish = true,
): Evaluation {
  const { world } = run(writes);
  return grade(expectation, { finished: finish ? { answer, outcome: "done" } : undefined, changes: changesOf(world) });
}

const failed = (evaluation: Evaluation) =>
  evaluation.tests.filter((test) => !test.passed).map((test) => test.requirement);
const pay = (to: string, amount: number, memo: string) => (client: Client) =>
  void client("tuppence", "send_money", { to, amount, memo });
const nothing = () => {};

const payment = expecting(null, pay(friend.email, 12, "cake"));
const FINISH = "The task is finished, and the changed tables are tuppence.alert, tuppence.member, tuppence.transfer";
const question = expecting(42.5, nothing);

Deno.test("grade() gives full marks to the intended writes, and 0 to doing nothing", () => {
  const done = evaluate(payment, pay(friend.email, 12, "cake"));
  assert.deepEqual([done.score, done.success, done.passed], [1, true, done.total]);
  const idle = evaluate(payment, nothing, null, false);
  assert.deepEqual([idle.score, idle.success], [0, false]);
  const asked = evaluate(question, nothing, "42.50");
  assert.deepEqual([asked.score, asked.success], [1, true]);
  assert.equal(evaluate(question, nothing, null, false).score, 0);
});

Deno.test("grade() wants the task to be finished", () => {
  const evaluation = evaluate(payment, pay(friend.email, 12, "cake"), null, false);
  assert.deepEqual(failed(evaluation), [FINISH]);
  assert.equal(evaluation.tests.find((test) => !test.passed)?.trace, "finish_task was never called");
  assert.ok(evaluation.score > 0 && evaluation.score < 1);
  assert.deepEqual(failed(evaluate(question, nothing, 42.5, false)), ["The task is finished with the right answer"]);
});

Deno.test("grade() pays nothing for finishing at once", () => {
  assert.equal(evaluate(payment, nothing).score, 0);
  assert.equal(evaluate(question, nothing).score, 0);
  const both = expecting(3, pay(friend.email, 12, "cake"));
  assert.equal(evaluate(both, nothing).score, 0);
  assert.equal(evaluate(both, pay(friend.email, 12, "cake"), 3).score, 1);
});

Deno.test("grade() refuses any answer where none was asked, and a wrong or missing one where one was", () => {
  assert.equal(evaluate(payment, pay(friend.email, 12, "cake"), "done").score, 0);
  assert.equal(evaluate(payment, pay(friend.email, 12, "cake"), " ").score, 1);
  for (const answer of [null, 42, "$42.50"]) {
    assert.deepEqual(failed(evaluate(question, nothing, answer)), ["The task is finished with the right answer"]);
  }
});

Deno.test("grade() counts one extra write as damage, in the same table or another", () => {
  const twice = (client: Client) => {
    pay(friend.email, 12, "cake")(client);
    pay(friend.email, 12, "cake")(client);
  };
  const other = (client: Client) => {
    pay(friend.email, 12, "cake")(client);
    client("handset", "send_text", { number: friend.number, text: "Paid." });
  };
  for (const writes of [twice, other]) {
    const evaluation = evaluate(payment, writes);
    assert.equal(evaluation.score, 0);
    assert.ok(failed(evaluation).includes("Nothing else is changed"));
  }
  const paid = failed(evaluate(question, pay(friend.email, 1, ""), 42.5));
  assert.deepEqual(paid, ["Nothing is changed"]);
});

Deno.test("grade() tells wrong content from wrong rows", () => {
  const wrongMemo = evaluate(payment, pay(friend.email, 12, "pie"));
  assert.deepEqual(failed(wrongMemo), ["In tuppence.transfer the new content is right"]);
  assert.ok(wrongMemo.score > 0.5 && wrongMemo.score < 1);
  const wrongPerson = evaluate(payment, pay(principal(2).email, 12, "cake"));
  assert.ok(failed(wrongPerson).includes("Nothing else is changed"));
  assert.equal(wrongPerson.score, 0);
});

Deno.test("grade() says how many of the expected rows were touched", () => {
  const ids = rowsIn(start, "handset.alarm", me.email).slice(0, 6).map((row) => row.id);
  const remove = (some: readonly number[]) => (client: Client) => {
    for (const alarm_id of some) client("handset", "remove_alarm", { alarm_id });
  };
  const expectation = expecting(null, remove(ids));
  const half = evaluate(expectation, remove(ids.slice(0, 3)));
  assert.deepEqual(failed(half), ["In handset.alarm the right rows are touched (6 removed)"]);
  assert.match(half.tests.find((test) => !test.passed)?.trace ?? "", /^3 of 6 expected rows touched/);
  assert.equal(evaluate(expectation, remove([...ids].reverse())).score, 1);
});

Deno.test("changesOf() ignores ids and order, and rows that were removed and added again", () => {
  const add = (labels: readonly string[]) => (client: Client) => {
    for (const label of labels) client("handset", "add_alarm", { time: "06:00", label });
  };
  assert.equal(evaluate(expecting(null, add(["a", "b"])), add(["b", "a"])).score, 1);
  const world = start.fork();
  const client = new AppSession(world, me, "").client(me);
  const { alarm_id } = client("handset", "add_alarm", { time: "06:00", label: "x" }) as { alarm_id: number };
  const next = world.fork();
  const again = new AppSession(next, me, "").client(me);
  again("handset", "remove_alarm", { alarm_id });
  again("handset", "add_alarm", { time: "06:00", label: "x" });
  assert.equal(changesOf(next).size, 0);
});

Deno.test("changesOf() takes a reference to a new row for that row's content", () => {
  const write = (titles: readonly string[]) => (client: Client) => {
    for (const title of titles) {
      const { note_id } = client("foldnote", "add_note", { title, body: "" }) as { note_id: number };
      client("foldnote", "add_item", { note_id, text: `item of ${title}` });
    }
  };
  const expectation = expecting(null, write(["one", "two"]));
  assert.equal(evaluate(expectation, write(["two", "one"])).score, 1);
  const crossed = (client: Client) => {
    const ids = ["one", "two"].map((title) =>
      (client("foldnote", "add_note", { title, body: "" }) as { note_id: number }).note_id
    );
    client("foldnote", "add_item", { note_id: ids[0] ?? 0, text: "item of two" });
    client("foldnote", "add_item", { note_id: ids[1] ?? 0, text: "item of one" });
  };
  assert.deepEqual(failed(evaluate(expectation, crossed)), ["In foldnote.check_item the new content is right"]);
});

Deno.test("grade() labels each test by what the untouched world does", () => {
  const labels = Object.fromEntries(evaluate(payment, nothing).tests.map((test) => [test.requirement, test.label]));
  assert.equal(labels[FINISH], "no_op_fail");
  assert.equal(labels["No answer is given, since none was asked"], "no_op_pass");
  assert.equal(labels["Nothing else is changed"], "no_op_pass");
  assert.ok(principals.length > 2);
});
