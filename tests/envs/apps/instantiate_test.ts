import assert from "node:assert/strict";
import { EnvFault } from "../../../envs/contract.ts";
import { instantiate, type Prepared } from "../../../envs/apps/instantiate.ts";
import type { Scenario } from "../../../envs/apps/scenario.ts";
import { base } from "./_fixtures.ts";
import { addAlarm, countTie } from "./_sample_scenarios.ts";

function siblings(scenario: Scenario): Prepared[] {
  const made: Prepared[] = [];
  for (const variant of [1, 2, 3]) made.push(instantiate(base, scenario, variant, [...made]));
  return made;
}

Deno.test("instantiate() is a pure function of world, scenario and variant", () => {
  const [one, two] = [siblings(addAlarm), siblings(addAlarm)];
  assert.deepEqual(
    one.map(({ user, at, outcome, instance }) => [user, at, outcome, instance.instruction]),
    two.map(({ user, at, outcome, instance }) => [user, at, outcome, instance.instruction]),
  );
});

Deno.test("instantiate() gives three siblings different users, words and outcomes", () => {
  for (const scenario of [addAlarm, countTie]) {
    const made = siblings(scenario);
    assert.equal(new Set(made.map(({ user }) => user.email)).size, 3);
    assert.equal(new Set(made.map(({ instance }) => instance.instruction)).size, 3);
    assert.equal(new Set(made.map(({ outcome }) => outcome)).size, 3);
    assert.ok(made.every(({ at }) => at >= "2027-03-15T10:00:00" && at < "2027-05-15"));
  }
});

Deno.test("instantiate() never gives a later variant's user to an earlier one, in whatever order they are made", () => {
  const late = instantiate(base, addAlarm, 3, []);
  assert.equal(late.user.email, siblings(addAlarm)[2]?.user.email);
});

Deno.test("instantiate() tries again after a rejection and names the scenario and the reasons when it gives up", () => {
  let left = 3;
  const picky: Scenario = {
    ...addAlarm,
    family: "sample/picky",
    setup: (context) => (left-- > 0 ? { reject: "not yet" } : addAlarm.setup(context)),
  };
  assert.equal(instantiate(base, picky, 1, []).attempts, 4);
  const never: Scenario = { ...addAlarm, family: "sample/never", setup: () => ({ reject: "no user fits" }) };
  assert.throws(() => instantiate(base, never, 1, []), (error: Error) => {
    assert.ok(error instanceof EnvFault);
    assert.match(error.message, /variant 1 of scenario sample\/never.*no user fits \(200\)/);
    return true;
  });
});

Deno.test("instantiate() blames the scenario when its setup asks for what an app refuses", () => {
  const wrong: Scenario = {
    ...addAlarm,
    family: "sample/wrong",
    setup(context) {
      context.as()("handset", "add_alarm", { time: "25:00", label: "x" });
      return addAlarm.setup(context);
    },
  };
  assert.throws(() => instantiate(base, wrong, 1, []), /sample\/wrong: Bad argument time: got "25:00"/);
  const misread: Scenario = {
    ...addAlarm,
    family: "sample/misread",
    setup: ({ rows }) => ({ reject: String(rows("handset.alarms")) }),
  };
  assert.throws(() => instantiate(base, misread, 1, []), /There is no table handset\.alarms/);
});

Deno.test("instantiate() rejects instances that want neither an answer nor a change", () => {
  const idle: Scenario = {
    ...addAlarm,
    family: "sample/idle",
    setup(context) {
      const instance = addAlarm.setup(context);
      return "reject" in instance ? instance : { ...instance, intend() {} };
    },
  };
  assert.throws(() => instantiate(base, idle, 1, []), /neither an answer nor a change is wanted \(200\)/);
});
