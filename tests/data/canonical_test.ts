import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, contentHash, type Json } from "../../data/canonical.ts";

function reversed(value: Json): Json {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: Json) => reversed(item));
  return Object.fromEntries(Object.entries(value).reverse().map(([key, item]) => [key, reversed(item ?? null)]));
}

// `__proto__` as a key is a setter, not a field, in Object.fromEntries' inverse; JSON.parse keeps it, object literals do not.
const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes("__proto__")) as fc.Arbitrary<Json>;

Deno.test("canonicalJson() gives the same text when keys come in another order", () => {
  fc.assert(fc.property(json, (value) => {
    assert.equal(canonicalJson(reversed(value)), canonicalJson(value));
  }));
});

Deno.test("canonicalJson() gives text that parses to the value", () => {
  fc.assert(fc.property(json, (value) => {
    assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
  }));
});

Deno.test("canonicalJson() sorts keys by code unit and leaves undefined fields out", () => {
  assert.equal(canonicalJson({ b: 1, B: 2, a: undefined, "é": 3, "": 4 }), '{"":4,"B":2,"b":1,"é":3}');
});

Deno.test("canonicalJson() keeps the order of lists", () => {
  assert.equal(canonicalJson([3, 1, [2, { b: null, a: true }]]), '[3,1,[2,{"a":true,"b":null}]]');
});

Deno.test("contentHash() is the start of SHA-256", () => {
  // FIPS 180-2, example B.1.
  assert.equal(contentHash("abc", 64), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(contentHash("abc"), "ba7816bf8f01");
});
