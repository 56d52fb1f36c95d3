import assert from "node:assert/strict";
import { keyedRandom } from "../../../../data/keyed_random.ts";
import { combinedFamilies } from "../../../../envs/math/families/combined.ts";
import type { Family } from "../../../../envs/math/families/family.ts";
import { FAMILIES } from "../../../../envs/math/families/mod.ts";

const COMBINED = FAMILIES.flatMap((family) => {
  const [, base = "", operation = ""] = /^(.+)-(more|less|times)$/.exec(family.id) ?? [];
  return base === "" ? [] : [{ family, base, operation }];
});

Deno.test("combinedFamilies() puts each base and each operation into train, and no pair of them into both splits", () => {
  const trained = COMBINED.filter(({ family }) => family.split === "train");
  const unseen = COMBINED.filter(({ family }) => family.split === "ood");
  assert.ok(trained.length > 10 && unseen.length > 10, `${trained.length} and ${unseen.length}`);
  const pairs = new Set(trained.map(({ base, operation }) => `${base} ${operation}`));
  for (const { family, base, operation } of unseen) {
    assert.ok(!pairs.has(`${base} ${operation}`), family.id);
    assert.ok(trained.some((other) => other.operation === operation), family.id);
    assert.equal(family.near, true);
    const alone = FAMILIES.find(({ id }) => id === base);
    assert.equal(alone?.split, "train", family.id);
    assert.deepEqual([family.method, family.domain], [alone?.method, alone?.domain]);
  }
});

Deno.test("combined families work the base out and then do one operation with its result", () => {
  const signs = { more: "+", less: "-", times: "*" } as const;
  for (const { family, operation } of COMBINED) {
    for (let i = 0; i < 40; i++) {
      const { statement, answer, steps } = family.generate(keyedRandom("combined-test", family.id, i), 1);
      const [, operand = ""] = /What is (\d+) (?:more than|less than|times) (?:the|its) [^?]*\?$/.exec(statement) ?? [];
      assert.ok(operand !== "", statement);
      const sign = signs[operation as keyof typeof signs];
      assert.match(steps.at(-1) ?? "", new RegExp(`^-?\\d+ \\${sign} ${operand} = ${answer}$`));
    }
  }
});

Deno.test("combinedFamilies() names a base that is missing", () => {
  assert.throws(() => combinedFamilies(FAMILIES.filter(({ id }) => id !== "gcd")), {
    name: "RangeError",
    message: "Cannot combine families: there is no family gcd",
  });
});

/** What happens in which order, how the story begins, and what is asked. */
function plot(statement: string): string {
  const turns = [...statement.matchAll(/then (gets|finds|buys|gives|loses|sells|becomes|keeps)/g)]
    .map(([, verb = ""]) => ({ gets: "G", finds: "G", buys: "G", becomes: "T", keeps: "S" })[verb] ?? "L").join("");
  const start = statement.includes(" with ") ? "groups" : statement.includes("has a number") ? "unknown" : "number";
  return `${start} ${turns}`;
}

Deno.test("families of turns in test_ood tell no story in an order that a train family has at its level", () => {
  const told = (family: Family) => {
    const statements = Array.from(
      { length: 200 },
      (_, i) => family.generate(keyedRandom("turns-test", family.id, i), 1).statement,
    );
    return statements.filter((statement) => / then /.test(statement) && / has /.test(statement)).map(plot);
  };
  const trained = new Set(FAMILIES.filter(({ split }) => split === "train").flatMap(told));
  const ids = ["grow-then-lose", "part-then-gain", "three-turns-anew", "groups-gain-loss", "groups-part-gain"];
  for (const family of FAMILIES.filter(({ id }) => [...ids, "start-of-loss", "start-of-part"].includes(id))) {
    for (const order of told(family)) assert.ok(!trained.has(order), `${family.id}: ${order}`);
  }
  // Turns themselves are all known.
  for (const turn of ["G", "L", "T", "S"]) assert.ok([...trained].some((order) => order.includes(turn)), turn);
});
