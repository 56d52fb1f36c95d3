import assert from "node:assert/strict";
import { CATALOGUE, TABLES } from "../../../envs/apps/catalogue.ts";
import { generateWorld, WORLD_NOW } from "../../../envs/apps/generate.ts";
import { AT, base, principals } from "./_fixtures.ts";

const world = base.open(AT);
const owned = (table: string) => principals.map(({ email }) => world.rowsByName(table, email).length);

Deno.test("generateWorld() gives equal hashes for equal seeds and others for others", () => {
  assert.equal(generateWorld(1).hash, base.hash);
  assert.notEqual(generateWorld(2).hash, base.hash);
});

Deno.test("generateWorld() makes about 40 people, of whom at least 24 have accounts in all apps", () => {
  for (const seed of [1, 2, 3]) {
    const { people } = generateWorld(seed);
    assert.equal(people.length, 40);
    assert.ok(people.filter((person) => person.hasAccounts).length >= 24);
    for (const field of ["name", "email", "number"] as const) {
      assert.equal(new Set(people.map((person) => person[field])).size, 40, `${field} of seed ${seed}`);
    }
    assert.ok(people.every(({ email, number }) => email.endsWith(".test") && /^\d{3}-555-01\d\d$/.test(number)));
    const givenNames = people.map(({ name }) => name.split(" ")[0]);
    assert.ok(new Set(givenNames).size < 38, "some people share a given name");
  }
  for (const app of ["handset", "tuppence", "foldnote", "marlo"]) {
    assert.equal(world.rowsByName(`${app}.member`).length, principals.length);
  }
});

Deno.test("generateWorld() gives every principal lists that are longer than a page", () => {
  for (
    const table of [
      "handset.contact",
      "handset.text",
      "handset.call_entry",
      "tuppence.transfer",
      "foldnote.note",
      "marlo.purchase",
    ]
  ) {
    const counts = owned(table);
    assert.ok(Math.min(...counts) > 5, `${table}: ${counts.join(" ")}`);
    assert.ok(Math.max(...counts) < 60, `${table}: ${counts.join(" ")}`);
  }
});

Deno.test("generateWorld() gives every principal friends and colleagues, and some contacts two ties", () => {
  const ties = (email: string) => world.rowsByName("handset.contact", email).map((row) => row["ties"] as string[]);
  for (const { email } of principals) {
    const own = ties(email);
    assert.ok(own.length >= 12 && own.length <= 27, `${own.length} contacts`);
    for (const tie of ["friend", "colleague"]) assert.ok(own.filter((kinds) => kinds.includes(tie)).length >= 3);
    assert.ok(own.some((kinds) => kinds.length === 0));
  }
  const all = principals.flatMap(({ email }) => ties(email));
  assert.ok(all.filter((kinds) => kinds.length > 1).length > 20);
  const kinds = new Set(all.flat());
  for (
    const tie of ["sister", "brother", "mother", "father", "cousin", "housemate", "manager", "neighbour", "partner"]
  ) {
    assert.ok(kinds.has(tie), tie);
  }
});

Deno.test("generateWorld() writes joint rows that agree, all before now", () => {
  const numberOf = new Map(principals.map(({ email, number }) => [email, number]));
  const emailOf = new Map(principals.map(({ email, number }) => [number, email]));
  const texts = world.rowsByName("handset.text");
  const copies = new Set(
    texts.map((row) => `${row["owner"]}|${row["number"]}|${row["direction"]}|${row["at"]}|${row["text"]}`),
  );
  for (const row of texts) {
    const other = emailOf.get(String(row["number"]));
    if (other === undefined || row["direction"] === "in" && !emailOf.has(String(row["number"]))) continue;
    const direction = row["direction"] === "in" ? "out" : "in";
    assert.ok(copies.has(`${other}|${numberOf.get(String(row["owner"]))}|${direction}|${row["at"]}|${row["text"]}`));
  }
  const transfers = world.rowsByName("tuppence.transfer");
  for (const ask of world.rowsByName("tuppence.ask").filter((row) => row["state"] === "accepted")) {
    assert.ok(
      transfers.some((row) =>
        row["from"] === ask["to"] && row["to"] === ask["from"] && row["amount"] === ask["amount"] &&
        row["memo"] === ask["memo"] &&
        String(row["at"]) >= String(ask["at"])
      ),
    );
  }
  for (const name of TABLES.keys()) {
    for (const row of world.rowsByName(name)) assert.ok(String(row["made_at"]) < WORLD_NOW, `${name} ${row.id}`);
  }
});

Deno.test("every row has the columns of its table", () => {
  for (const [name, spec] of TABLES) {
    const columns = [...Object.keys(spec.columns), "id", "made_at"].sort();
    for (const row of world.rowsByName(name)) assert.deepEqual(Object.keys(row).sort(), columns, name);
  }
  assert.equal([...CATALOGUE.values()].flatMap((app) => app.tables).length, TABLES.size);
});

Deno.test("every bank card number fails the Luhn check", () => {
  for (const { card } of base.people) {
    if (card === "") continue;
    assert.equal(card.length, 16);
    const sum = [...card].map(Number).reduce(
      (total, digit, i) => total + (i % 2 === 0 ? digit * 2 - (digit > 4 ? 9 : 0) : digit),
      0,
    );
    assert.notEqual(sum % 10, 0, card);
  }
});
