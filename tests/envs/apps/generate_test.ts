import assert from "node:assert/strict";
import { CATALOGUE, TABLES } from "../../../envs/apps/catalogue.ts";
import { generateWorld, WORLD_NOW } from "../../../envs/apps/generate.ts";
import { PROFILE_NAMES, PROFILES } from "../../../envs/apps/world/profiles.ts";
import { AT, base, principals, rowsIn } from "./_fixtures.ts";

const world = base.open(AT);
const rows = (table: string, owner?: string) => rowsIn(world, table, owner);

Deno.test("generateWorld() gives equal hashes for equal seeds and profiles, and others for others", () => {
  const tiny = generateWorld(1, { profile: "tiny" });
  assert.equal(generateWorld(1, { profile: "tiny" }).hash, tiny.hash);
  assert.notEqual(generateWorld(2, { profile: "tiny" }).hash, tiny.hash);
  assert.notEqual(base.hash, tiny.hash);
});

Deno.test("generateWorld() makes 100 people in 43 homes, 60 of them with accounts in all nine apps", () => {
  assert.equal(base.people.length, 100);
  assert.equal(principals.length, 60);
  assert.equal(rows("registry.home").length, 43);
  assert.equal(new Set(base.people.map(({ email }) => email)).size, 100);
  assert.equal(new Set(base.people.map(({ number }) => number)).size, 100);
  assert.ok(base.people.every(({ email, number }) => email.endsWith(".test") && /^\d{3}-555-01\d\d$/.test(number)));
  for (const app of PROFILES.full.apps) {
    assert.equal(rows(`${app}.member`).length, 60, app);
    assert.equal(rows("principal.login").filter((row) => row["app"] === app).length, 60, app);
  }
  const passwords = rows("principal.login").map((row) => `${row["owner"]} ${row["password"]}`);
  assert.ok(new Set(passwords).size > 0.98 * passwords.length, "passwords differ by app");
});

Deno.test("generateWorld() lets at least 12 pairs share a given name and 4 pairs the full name", () => {
  const pairs = (names: readonly string[]) =>
    [...Map.groupBy(names, (name) => name).values()].reduce((sum, { length }) => sum + length * (length - 1) / 2, 0);
  assert.ok(pairs(base.people.map(({ name }) => name.split(" ")[0] ?? "")) >= 12);
  assert.ok(pairs(base.people.map(({ name }) => name)) >= 4);
});

Deno.test("generateWorld() gives every principal lists that are longer than a page", () => {
  const least: Readonly<Record<string, number>> = {
    "handset.contact": 20,
    "handset.text": 100,
    "handset.call_entry": 40,
    "tuppence.transfer": 40,
    "foldnote.note": 12,
    "stowbox.file": 50,
    "larkbox.shelf_item": 60,
    "quillpost.letter_copy": 80,
    "marlo.purchase": 10,
  };
  for (const [table, count] of Object.entries(least)) {
    const counts = principals.map(({ email }) => rows(table, email).length);
    assert.ok(Math.min(...counts) >= count, `${table}: ${Math.min(...counts)} to ${Math.max(...counts)}`);
  }
});

Deno.test("generateWorld() gives every principal friends and colleagues, and some contacts two ties", () => {
  const ties = (email: string) => rows("handset.contact", email).map((row) => row["ties"] as string[]);
  for (const { email } of principals) {
    const own = ties(email);
    for (const [tie, count] of [["friend", 4], ["colleague", 3]] as const) {
      assert.ok(own.filter((kinds) => kinds.includes(tie)).length >= count, `${email} ${tie}`);
    }
    assert.ok(own.some((kinds) => kinds.length === 0), "some contacts have no tie");
  }
  const all = principals.flatMap(({ email }) => ties(email));
  assert.ok(all.filter((kinds) => kinds.length > 1).length > 20);
  const found = new Set(all.flat());
  const kin = ["partner", "mother", "father", "sister", "brother", "daughter", "son", "cousin"];
  for (const tie of [...kin, "housemate", "neighbour", "manager", "book club", "choir", "running group"]) {
    assert.ok(found.has(tie), tie);
  }
});

Deno.test("generateWorld() writes every row before now, with the columns of its table and references that lead somewhere", () => {
  for (const [name, { columns, references }] of TABLES) {
    const wanted = [...Object.keys(columns), "id", "made_at"].sort();
    const own = rows(name);
    own.forEach((row, i) => {
      assert.equal(row.id, i + 1, name);
      assert.deepEqual(Object.keys(row).sort(), wanted, name);
      assert.ok(String(row["made_at"]) <= WORLD_NOW, `${name} ${row.id}: ${row["made_at"]}`);
      for (const [column, target] of Object.entries(references)) {
        const id = row[column];
        if (id === null || id === 0) continue;
        assert.ok(world.row(target, Number(id)) !== undefined, `${name} ${row.id}: ${column} ${id} is no ${target}`);
      }
    });
  }
});

Deno.test("generateWorld() writes over a hundred thousand rows", () => {
  const count = [...TABLES.keys()].reduce((sum, name) => sum + rows(name).length, 0);
  assert.ok(count >= 100_000, `${count}`);
});

Deno.test("every bank card fails the Luhn check, and every principal has one that works", () => {
  for (const { email } of principals) {
    const cards = rows("registry.bank_card", email);
    assert.ok(cards.some((card) => String(card["expires"]) >= "2028-01" && Number(card["balance"]) >= 100_000), email);
    assert.equal(rows("principal.card", email).length, cards.length);
  }
  for (const card of rows("registry.bank_card")) {
    const number = String(card["number"]);
    assert.equal(number.length, 16);
    const sum = [...number].map(Number).reduce(
      (total, digit, i) => total + (i % 2 === 0 ? digit * 2 - (digit > 4 ? 9 : 0) : digit),
      0,
    );
    assert.notEqual(sum % 10, 0, number);
  }
});

Deno.test("profiles grow from tiny to full in people, apps and rows", () => {
  const sizes = PROFILE_NAMES.map((profile) => {
    const made = profile === "full" ? base : generateWorld(1, { profile });
    return {
      people: made.people.length,
      apps: PROFILES[profile].apps.length,
      rows: made.tableNames.reduce((sum, name) => sum + made.table(name).rows.length, 0),
    };
  });
  for (const key of ["people", "apps", "rows"] as const) {
    const values = sizes.map((size) => size[key]);
    assert.deepEqual(values, [...values].sort((a, b) => a - b), key);
    assert.equal(new Set(values).size, 3, key);
  }
  assert.equal(CATALOGUE.size, 11);
});
