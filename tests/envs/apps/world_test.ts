import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, type Json } from "../../../data/canonical.ts";
import { alarm } from "../../../envs/apps/apps/handset/tables.ts";
import { catalogueOf, TABLES } from "../../../envs/apps/catalogue.ts";
import { changesHash, changesOf } from "../../../envs/apps/grade.ts";
import { AppSession } from "../../../envs/apps/session.ts";
import { FrozenWorldError, type World } from "../../../envs/apps/world.ts";
import type { Principal } from "../../../envs/apps/scenario.ts";
import { PROFILES } from "../../../envs/apps/world/profiles.ts";
import { AT, rowsIn } from "./_fixtures.ts";
import { baseWorld } from "./_kit.ts";

const base = baseWorld("tiny");
const principals = base.people.filter(({ hasAccounts }) => hasAccounts);

function principal(index: number): Principal {
  const { name = "", email = "", number = "" } = principals[index] ?? {};
  return { name, email, number };
}

const writers = [...catalogueOf(PROFILES.tiny).values()].flatMap((app) =>
  app.apis.filter((spec) => spec.auth && spec.method !== "GET").map((spec) => ({ app: app.name, spec }))
);

/** Content of a whole world. */
function dump(world: World): string {
  return canonicalJson([...TABLES.keys()].map((name) => rowsIn(world, name) as unknown as Json));
}

/** Arguments that are often accepted: own ids, known people. */
function argumentFor(world: World, app: string, name: string, member: string, n: number): Json {
  const own = (table: string) => {
    const rows = rowsIn(world, table, TABLES.get(table)?.ownedBy.length ? member : undefined);
    return rows[n % Math.max(1, rows.length)]?.id ?? 1;
  };
  if (name.endsWith("_id")) {
    const entity = name.slice(0, -"_id".length).split("_").at(-1) ?? "";
    const table = [...TABLES.keys()].find((known) => known.startsWith(`${app}.`) && known.endsWith(entity));
    return table === undefined ? 1 : own(table);
  }
  const values: Record<string, Json> = {
    amount: (n % 50 + 1) / 2,
    goal: 100,
    to: principal(n % principals.length).email,
    email: "new@pine.test",
    number: principal(n % principals.length).number,
    birthday: "1990-01-01",
    days: n % 2 === 0 ? ["mon"] : [],
    time: "06:30",
    on: n % 2 === 0,
    qty: n % 3 + 1,
    stars: n % 5 + 1,
    visibility: n % 2 === 0 ? "public" : "private",
  };
  return values[name] ?? `${app} ${name} ${n}`;
}

interface Step {
  readonly api: number;
  readonly who: number;
  readonly n: number;
}

const steps = fc.array(
  fc.record({ api: fc.nat(writers.length - 1), who: fc.nat(5), n: fc.nat(500) }),
  { minLength: 1, maxLength: 25 },
);

/** Runs calls; refusals are part of the game. @returns how many were accepted. */
function play(world: World, list: readonly Step[]): number {
  const session = new AppSession(world, principal(0), "");
  let accepted = 0;
  for (const { api, who, n } of list) {
    const { app, spec } = writers[api]!;
    const member = principal(who);
    const args = Object.fromEntries(
      Object.keys(spec.params).filter((name) => name !== "token").map((
        name,
      ) => [name, argumentFor(world, app, name, member.email, n)]),
    );
    try {
      session.client(member)(app, spec.name, args);
      accepted++;
    } catch (error) {
      assert.equal((error as Error).name, "AgentError", String(error));
    }
  }
  return accepted;
}

Deno.test("calls on a fork change neither its parent nor its siblings nor the base", () => {
  const baseText = dump(base.open(AT));
  let accepted = 0;
  fc.assert(
    fc.property(steps, steps, steps, (first, mine, theirs) => {
      const start = base.open(AT);
      accepted += play(start, first);
      const startText = dump(start);
      const [a, b] = [start.fork(), start.fork()];
      accepted += play(a, mine);
      assert.equal(dump(b), startText);
      const aText = dump(a);
      const deeper = a.fork();
      accepted += play(b, theirs);
      accepted += play(deeper, theirs);
      assert.equal(dump(a), aText);
      assert.equal(dump(start), startText);
      assert.equal(dump(base.open(AT)), baseText);
    }),
    { numRuns: 8 },
  );
  assert.ok(accepted > 20, `only ${accepted} calls were accepted`);
});

Deno.test("equal calls on two forks give equal changes", () => {
  fc.assert(
    fc.property(steps, (list) => {
      const start = base.open(AT);
      const [a, b] = [start.fork(), start.fork()];
      play(a, list);
      play(b, list);
      assert.equal(changesHash(changesOf(a)), changesHash(changesOf(b)));
    }),
    { numRuns: 20 },
  );
});

Deno.test("a layer over a layer shows its parent's rows and continues its ids", () => {
  const values = { owner: principal(0).email, time: "07:00", days: [], label: "one", on: true };
  const start = base.open(AT);
  const one = start.insert(alarm, values);
  const fork = start.fork();
  const two = fork.insert(alarm, { ...values, label: "two" });
  assert.equal(two.id, one.id + 1);
  fork.update(alarm, one.id, { label: "changed" });
  assert.deepEqual(fork.rows(alarm, principal(0).email).slice(-2).map((row) => row.label), ["changed", "two"]);
  fork.remove(alarm, one.id);
  assert.equal(fork.get(alarm, one.id), undefined);
  assert.equal(start.get(alarm, one.id)?.label, "one");
  const diff = fork.diff().get("handset.alarm") ?? [];
  assert.deepEqual(
    diff.map(({ before, after }) => [before?.["label"], after?.["label"]]),
    [["one", undefined], [undefined, "two"]].reverse(),
  );
});

Deno.test("a world that has been forked cannot be written, and rows cannot be changed in place", () => {
  const start = base.open(AT);
  const row = start.rows(alarm)[0]!;
  start.fork();
  assert.throws(() => start.update(alarm, row.id, { on: false }), FrozenWorldError);
  assert.throws(() => {
    (row as { label: string }).label = "x";
  }, TypeError);
  assert.throws(() => {
    (row.days as string[]).push("mon");
  }, TypeError);
});
