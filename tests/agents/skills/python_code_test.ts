import assert from "node:assert/strict";
import { pythonCalls, pythonFunctions } from "../../../agents/skills/python_code.ts";

const names = (code: string) => pythonFunctions(code).map(({ name }) => name);

Deno.test("pythonFunctions() takes plain definitions at the margin and nothing else", () => {
  assert.deepEqual(names("def a():\n    pass\n\ndef b(x): return x\n"), ["a", "b"]);
  assert.deepEqual(names("async def a():\n    pass"), []);
  assert.deepEqual(names("@cache\ndef a():\n    pass"), []);
  assert.deepEqual(names("class A:\n    def a(self):\n        pass"), []);
  assert.deepEqual(names("if True:\n    def a():\n        pass"), []);
  assert.deepEqual(names("text = '''\ndef a():\n    pass\n'''\n# def b(): pass"), []);
});

Deno.test("pythonFunctions() ends a function where its block ends", () => {
  const source = [
    "def total(",
    "    rows,",
    '    key="amount",',
    "):",
    '    """Adds',
    "up (all).",
    '    """',
    "    wanted = [",
    "1,",
    "    ]",
    "",
    "    # the last word",
    "    return sum(r[key] for r in rows)",
  ].join("\n");
  const [found, ...more] = pythonFunctions(`x = 1\n${source}\n\n# later\ny = total([])\n`);
  assert.equal(more.length, 0);
  assert.equal(found?.source, source);
  assert.deepEqual(found?.params, ["rows", 'key="amount"']);
});

Deno.test("pythonFunctions() keeps the last of two definitions, and default values whole", () => {
  const [found, ...more] = pythonFunctions(
    "def a(x=(1, 2), *, y={'k, l': [3, 4]}):\n  return 1\ndef a(z):\n  return 2\n",
  );
  assert.equal(more.length, 0);
  assert.deepEqual(found?.params, ["z"]);
  const [first] = pythonFunctions("def a(x=(1, 2), *, y={'k, l': [3, 4]}):\n  return 1\n");
  assert.deepEqual(first?.params, ["x=(1, 2)", "*", "y={'k, l': [3, 4]}"]);
});

Deno.test("pythonCalls() finds calls by name, in order, that the block does not bind itself", () => {
  const library = ["total", "people", "send"];
  assert.deepEqual(pythonCalls("send(people('friend'))\nprint(total(1))", library), ["send", "people", "total"]);
  assert.deepEqual(pythonCalls("x.total(1)\n'total(1)'\n# total(1)\nsubtotal(2)", library), []);
  assert.deepEqual(pythonCalls("def total(x):\n    return x\ntotal(1)", library), []);
  assert.deepEqual(pythonCalls("total = 3\nprint(total(1))", library), []);
  assert.deepEqual(pythonCalls("for send in []:\n    send(1)\nif total(1) == 2:\n    pass", library), ["total"]);
});
