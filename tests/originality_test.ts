/**
 * The apps world is Whetstone's own: no marker of another benchmark, no real brand, no address that could be somebody's.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TABLES } from "../envs/apps/catalogue.ts";
import { baseWorld } from "./envs/apps/_kit.ts";

const ROOT = new URL("../", import.meta.url);
/** Folders with text of the project; the lock file's checksums are no text. */
const FOLDERS = ["envs", "agents", "train", "eval", "data", "tests", "results/reference"];
const MARKER = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/i;
const BRANDS = new RegExp(
  "\\b(amazon|spotify|venmo|gmail|google|facebook|paypal|netflix|uber|airbnb|splitwise|todoist|dropbox|whatsapp|instagram|" +
    "twitter|tiktok|youtube|ikea|nike|adidas|samsung|sony|microsoft|starbucks|mastercard|walmart|ebay|lego|tesla|slack|trello|evernote)\\b",
  "i",
);

async function* files(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    const path = new URL(`${entry.name}${entry.isDirectory ? "/" : ""}`, folder);
    if (entry.isDirectory) yield* files(path);
    else if (/\.(ts|md|txt|json|jsonl|js|css|py)$/.test(entry.name)) yield path;
  }
}

Deno.test("no file holds a marker of another benchmark", async () => {
  const found: string[] = [];
  for (const folder of FOLDERS) {
    for await (const path of files(new URL(`${folder}/`, ROOT))) {
      if (MARKER.test(await Deno.readTextFile(path))) found.push(path.pathname.slice(ROOT.pathname.length));
    }
  }
  assert.deepEqual(found, []);
});

Deno.test("the world's rows name no real brand, and its addresses are those of nobody", () => {
  const base = baseWorld("full");
  for (const name of TABLES.keys()) {
    for (const row of base.table(name).rows) {
      const text = JSON.stringify(row);
      assert.doesNotMatch(text, BRANDS, name);
      for (const [, domain] of text.matchAll(/[\w.+-]+@([\w.-]+\w)/g)) {
        assert.match(domain ?? "", /\.test$/, `${name}: ${domain}`);
      }
      for (const [, end] of text.matchAll(/\b\d{3}-555-(\d{4})\b/g)) {
        assert.match(end ?? "", /^01\d\d$/, `${name}: ${end}`);
      }
    }
  }
});
