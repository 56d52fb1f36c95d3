import assert from "node:assert/strict";
import { file, fileVersion, folder, shareGrant } from "../../../../envs/apps/apps/stowbox/tables.ts";
import { pathOf, splitPath, usedBy } from "../../../../envs/apps/apps/stowbox/_store.ts";
import { FILE_TEMPLATES, receiptText, splitCents } from "../../../../envs/apps/pools/stowbox.ts";
import { fillTemplate } from "../../../../envs/apps/world/context.ts";
import { keyedRandom } from "../../../../data/keyed_random.ts";
import { openApps as open } from "../_kit.ts";

const { world, people } = open("mid");

Deno.test("writeStowbox() does give every path once and every file its folder", () => {
  for (const { email } of people) {
    const folders = new Set(world.rows(folder, email).map(({ path }) => path));
    const files = world.rows(file, email).map(pathOf);
    assert.equal(new Set(files).size, files.length, email);
    for (const path of [...files, ...folders]) {
      const above = splitPath(path).folder;
      assert.ok(above === "/" || folders.has(above), `${path} has no folder`);
    }
    assert.ok(files.every((path) => !folders.has(path)));
  }
});

Deno.test("writeStowbox() does keep sizes, kinds and times in order", () => {
  for (const row of world.rows(file)) {
    if (row.tree === null) assert.equal(row.size, row.text.length);
    assert.ok(row.edited_at >= row.made_at && row.edited_at <= world.at, pathOf(row));
  }
  for (const version of world.rows(fileVersion)) {
    const of = world.get(file, version.file_id);
    assert.ok(of !== undefined && of.owner === version.owner && version.saved_at < of.edited_at);
  }
});

Deno.test("writeStowbox() does stay below the quota and share only what is there", () => {
  for (const { email } of people) assert.ok(usedBy(world, email) < 100_000);
  for (const { owner, path, email } of world.rows(shareGrant)) {
    const isFolder = world.rows(folder, owner).some((row) => row.path === path);
    assert.ok(isFolder || world.rows(file, owner).some((row) => pathOf(row) === path), path);
    assert.notEqual(owner, email);
  }
  const pairs = world.rows(shareGrant).map(({ owner, path, email }) => `${owner} ${path} ${email}`);
  assert.equal(new Set(pairs).size, pairs.length);
});

Deno.test("receiptText() does have lines that add up to the total", () => {
  const random = keyedRandom("test", "receipts");
  for (const totalCents of [310, 1990, 8420, 60_000]) {
    const text = receiptText(random, { place: "the Inn", kind: "dinner", totalCents, date: "2027-01-02" });
    const prices = [...text.matchAll(/^- .* (\d+\.\d\d)$/gm)].map((found) => Math.round(Number(found[1]) * 100));
    assert.equal(prices.reduce((a, b) => a + b, 0), totalCents);
    assert.ok(prices.every((price) => price > 0));
    assert.match(text, new RegExp(`^Total: ${(totalCents / 100).toFixed(2)}$`, "m"));
  }
  assert.deepEqual(splitCents(random, 500, 1), [500]);
});

Deno.test("FILE_TEMPLATES does use known slots only", () => {
  const known = "me name place day date month year amount count number thing project street".split(" ");
  const values = Object.fromEntries(known.map((slot) => [slot, "x"]));
  for (const { folder, name, text } of FILE_TEMPLATES) fillTemplate(`${folder}${name}${text}`, values);
  assert.ok(FILE_TEMPLATES.length >= 80);
});
