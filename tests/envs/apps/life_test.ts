import assert from "node:assert/strict";
import { WORLD_NOW } from "../../../envs/apps/generate.ts";
import { generateLife } from "../../../envs/apps/world/make_life.ts";
import { generateSociety } from "../../../envs/apps/world/people.ts";
import { PROFILES } from "../../../envs/apps/world/profiles.ts";

const society = generateSociety(3, PROFILES.mid);
const life = generateLife(3, PROFILES.mid, society);
const principals = new Set(society.principals);

Deno.test("generateLife() tells of people with accounts only, before now, in order of time", () => {
  for (const list of [life.outings, life.loans]) {
    const times = list.map(({ at }) => at);
    assert.ok(times.length > 20);
    assert.deepEqual(times, [...times].sort());
    assert.ok(times.every((at) => at < WORLD_NOW));
  }
  const people = [
    ...life.outings.flatMap(({ people }) => people),
    ...life.loans.flatMap(({ lender, borrower }) => [lender, borrower]),
    ...life.homes.flatMap(({ people }) => people),
    ...life.projects.flatMap(({ people, cards }) => [...people, ...cards.flatMap(({ assignee }) => assignee ?? [])]),
  ];
  assert.ok(people.every((person) => principals.has(person)));
});

Deno.test("generateLife() splits every outing to the cent, and the payer owes nothing", () => {
  for (const { people, payer, totalCents, shares, repayments } of life.outings) {
    assert.deepEqual([...shares.keys()].sort((a, b) => a - b), [...people].sort((a, b) => a - b));
    assert.equal([...shares.values()].reduce((sum, cents) => sum + cents, 0), totalCents);
    assert.deepEqual(repayments.map(({ from }) => from), people.filter((person) => person !== payer));
    for (const { from, cents } of repayments) assert.equal(cents, shares.get(from));
  }
});

Deno.test("generateLife() ends loans only where they are repaid or refused", () => {
  for (const { state, at, endedAt, remindedAt, lender, borrower } of life.loans) {
    assert.equal(endedAt === null, state === "open");
    assert.ok(endedAt === null || endedAt > at);
    assert.ok(remindedAt === null || remindedAt > at);
    assert.notEqual(lender, borrower);
  }
});

Deno.test("generateLife() finishes the cards of the last lane and no others", () => {
  for (const { cards, people, lead } of life.projects) {
    assert.ok(cards.length >= 8 && people.includes(lead));
    assert.equal(new Set(cards.map(({ title }) => title)).size, cards.length);
    for (const { lane, doneAt } of cards) assert.equal(doneAt !== null, lane === "Done");
  }
});

Deno.test("generateSociety() ties both sides of a friendship and one side of a parent", () => {
  for (const from of society.principals) {
    for (const [to, kinds] of society.ties(from)) {
      const back = society.ties(to).get(from) ?? [];
      for (const tie of ["friend", "housemate", "neighbour", "cousin", "partner"]) {
        assert.equal(kinds.includes(tie), back.includes(tie), `${from} ${to} ${tie}`);
      }
      if (kinds.includes("mother")) assert.ok(back.includes("son") || back.includes("daughter"));
      if (kinds.includes("manager")) assert.ok(back.includes("colleague"));
    }
  }
});
