import assert from "node:assert/strict";
import fc from "fast-check";
import { CallTextError, parseCallText } from "../../../../envs/apps/server/call_text.ts";

const call = (args: object, app = "handset", api = "find_texts") => ({ app, api, args });

Deno.test("parseCallText() reads named arguments with and without quotes", () => {
  const read = (text: string) => parseCallText(`handset.find_texts ${text}`);
  assert.deepEqual(parseCallText("handset.find_texts"), call({}));
  assert.deepEqual(parseCallText(" apis.handset.find_texts(); "), call({}));
  assert.deepEqual(read("page=0 q=milk on=true none=null"), call({ page: 0, q: "milk", on: true, none: null }));
  assert.deepEqual(
    read("from=2027-03-01, at=08:30 who=a@b.test"),
    call({ from: "2027-03-01", at: "08:30", who: "a@b.test" }),
  );
  assert.deepEqual(
    read(`q="it's here" r='say "no"' amount=-2.50`),
    call({ q: "it's here", r: 'say "no"', amount: -2.5 }),
  );
  assert.deepEqual(
    read('days=["mon", "tue"] more={a: [1, {b: null}]}'),
    call({ days: ["mon", "tue"], more: { a: [1, { b: null }] } }),
  );
  assert.deepEqual(parseCallText("handset.find_texts(q='x, y', page=1)"), call({ q: "x, y", page: 1 }));
  assert.deepEqual(read("on=True none=None number=0123"), call({ on: true, none: null, number: "0123" }));
});

Deno.test("parseCallText() reads calls as JSON, in both spellings", () => {
  assert.deepEqual(parseCallText('{"app": "a", "api": "b"}'), call({}, "a", "b"));
  assert.deepEqual(parseCallText('{"app": "a", "api": "b", "arguments": {"x": 1}}'), call({ x: 1 }, "a", "b"));
  assert.deepEqual(parseCallText('{"name": "a__b_c", "arguments": {"x": 1}}'), call({ x: 1 }, "a", "b_c"));
  assert.deepEqual(parseCallText('{"name": "a__b", "arguments": "{\\"x\\": 1}"}'), call({ x: 1 }, "a", "b"));
});

Deno.test("parseCallText() refuses what is no call, and never runs anything", () => {
  const wrong = [
    "",
    "handset",
    "1 + 1",
    "handset.now(",
    "handset.now() + 1",
    "handset.now 5",
    "handset.now x",
    "handset.now x=",
    'handset.now x="',
    "handset.now x=1 x=2",
    "handset.now({x: 1}, {y: 2})",
    "handset.now({x: y})",
    "handset.now({x: f()})",
    "handset.now({x: 1 + 1})",
    "handset.now({[x]: 1})",
    "handset.now({...x})",
    "handset.now({__proto__: {}})",
    "handset.now({get x() { return 1; }})",
    `handset.now({x: ${"[".repeat(50_000)}})`,
    "{}",
    "{",
    '{"app": "a"}',
    '{"name": "a"}',
    '{"app": "a", "api": "b", "args": []}',
    '{"name": "a__b", "arguments": "["}',
  ];
  for (const text of wrong) assert.throws(() => parseCallText(text), CallTextError, text.slice(0, 60));
});

Deno.test("parseCallText() reads back every object that was written as JSON", () => {
  const json = fc.dictionary(fc.stringMatching(/^[a-z]\w{0,8}$/), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(fc.property(json, (args) => {
    const plain = JSON.parse(JSON.stringify(args), (key, value) => (key === "__proto__" ? undefined : value));
    assert.deepEqual(parseCallText(`a.b ${JSON.stringify(plain)}`).args, plain);
    assert.deepEqual(parseCallText(`a.b(${JSON.stringify(plain)})`).args, plain);
  }));
});
