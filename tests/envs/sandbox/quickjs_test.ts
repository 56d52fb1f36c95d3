import assert from "node:assert/strict";
import type { Json } from "../../../data/canonical.ts";
import {
  type Execution,
  QuickJsSandbox,
  type QuickJsSandboxOptions,
  SandboxError,
} from "../../../envs/sandbox/quickjs.ts";

const APIS = { notes: ["get", "fail"], phone: ["now"] };

function options(overrides: Partial<QuickJsSandboxOptions> = {}): QuickJsSandboxOptions {
  return {
    call: (app, api, args) =>
      api === "fail" ? { status: 404, body: { message: "no such note" } } : { status: 200, body: { app, api, args } },
    apis: APIS,
    frozenAt: "2024-05-01T09:30:00",
    seedKey: ["test", 1],
    ...overrides,
  };
}

/** Runs blocks in one new sandbox. */
async function run(codes: readonly string[], overrides: Partial<QuickJsSandboxOptions> = {}): Promise<Execution[]> {
  const sandbox = await QuickJsSandbox.create(options(overrides));
  try {
    return codes.map((code) => sandbox.execute(code));
  } finally {
    sandbox.dispose();
  }
}

/** Observation of the last block. */
async function see(...codes: string[]): Promise<string> {
  return (await run(codes)).at(-1)!.observation;
}

const FAILED = "Execution failed. Traceback:\n";

Deno.test("execute() returns the strings of the execute contract", async () => {
  assert.equal(await see("print(1); print('a', [1, 2], null)"), "1\na [1,2] null");
  assert.equal(await see("1 + 1"), "Execution successful.");
  assert.equal(await see(" \n "), "No code available to execute.");
  assert.equal(
    await see("let a = 1;\nlet b = ;"),
    `${FAILED}Syntax error in line:\nlet b = ;\nMessage: Unexpected token`,
  );
  assert.equal(
    await see("print(1);\n\nnull.x;"),
    `${FAILED}  at line 3\n    null.x;\nTypeError: cannot read property 'x' of null`,
  );
  assert.equal(
    await see("const id = 3;\n  apis.notes.fail({ id });"),
    `${FAILED}  at line 2\n    apis.notes.fail({ id });\nException: Response status code is 404:\n{"message":"no such note"}`,
  );
  assert.equal(await see("while (true);"), `${FAILED}Execution timed out after 20 seconds.`);
  assert.equal(
    await see("while (true) apis.phone.now();"),
    `${FAILED}  at line 1\n    while (true) apis.phone.now();\nException: Number of requests exceeded the limit of 1000. ` +
      "This potentially means that you have an infinite loop in your code.",
  );
  assert.equal(
    await see("import fs from 'node:fs'"),
    `${FAILED}Usage of the following module(s) is not allowed: node:fs`,
  );
  assert.equal(await see("eval('1')"), `${FAILED}Usage of the following function(s) is not allowed: eval`);
});

Deno.test("execute() reports ok, the calls that were served and their status", async () => {
  const [good, bad, none] = await run(["apis.notes.get({ id: 1 })", "apis.notes.fail()", "apis.notes.get(1)"]);
  assert.deepEqual(good?.calls, [{ app: "notes", api: "get", args: { id: 1 }, status: 200 }]);
  assert.equal(good?.ok, true);
  assert.deepEqual(bad?.calls, [{ app: "notes", api: "fail", args: {}, status: 404 }]);
  assert.equal(bad?.ok, false);
  assert.deepEqual(none?.calls, []);
});

Deno.test("execute() lets a failed call be caught", async () => {
  const code =
    "try { apis.notes.fail() } catch (error) { print(error instanceof Exception, error.name, error.message) }";
  assert.equal(await see(code), 'true Exception Response status code is 404:\n{"message":"no such note"}');
});

Deno.test("execute() says what is allowed when an app, an API or the form of the arguments is wrong", async () => {
  assert.match(await see("apis.mail.get()"), /Exception: There is no app named mail\. Allowed: notes, phone\.$/);
  assert.match(await see("apis.notes.put({})"), /There is no API named put in the app notes\. Allowed: get, fail\.$/);
  assert.match(await see("apis.notes.get(1, 2)"), /takes one object with named arguments, like apis\.notes\.get\(/);
  assert.match(await see("apis.notes.get([1])"), /takes one object with named arguments/);
  assert.equal(await see("print(Object.keys(apis), Object.keys(apis.notes))"), '["notes","phone"] ["get","fail"]');
});

Deno.test("execute() keeps top-level names of every kind and lets them be declared again", async () => {
  const declare = "let a = 1, { b, c: [d = 4] } = { b: 2, c: [] };\nconst e = 5;\nvar f = 6;\n" +
    "class G { m() { return 7 } }\nfunction h() { return 8 }\nasync function k() { return 9 }\nfor (var i = 0; i < 3; i++);\n" +
    "if (a) { var j = 10 } else var l = 11;";
  const show = "print(a, b, d, e, f, new G().m(), h(), i, j, l, await k())";
  assert.equal(await see(declare, show), "1 2 4 5 6 7 8 3 10 undefined 9");
  assert.equal(
    await see(declare, declare, "const h = 1; let e; class a {}\nvar f;", "print(h, e, typeof a, f)"),
    "1 undefined function 6",
  );
});

Deno.test("execute() hoists functions, and a later declaration takes effect in earlier functions", async () => {
  assert.equal(await see("print(twice(2)); function twice(x) { return 2 * x }"), "4");
  assert.equal(
    await see("function a() { return b() } function b() { return 1 }", "function b() { return 2 }", "print(a())"),
    "2",
  );
  assert.equal(await see("const v = await 3; print(f(v)); function f(x) { return x + 1 }", "print(f(1))"), "2");
  assert.equal(await see("function f(n) { return n < 2 ? 1 : n * f(n - 1) } print(f.name, f(5))"), "f 120");
});

Deno.test("execute() does not join a rewritten line to the one above", async () => {
  assert.equal(
    await see("let n = 0;\n[1, 2].forEach((x) => n += x)\nlet { m } = { m: n }\nprint(m)"),
    "3",
  );
});

Deno.test("execute() keeps line numbers in functions and after them", async () => {
  const code = "function f() {\n  return missing;\n}\n\nprint(f());";
  assert.match(await see(code), /at line 2\n {4}return missing;\nReferenceError: 'missing' is not defined$/);
  assert.match(await see("function f() {\n  return missing;\n}", "\nf();"), /at line 2\n {4}f\(\);\nReferenceError/);
});

Deno.test("execute() settles promises: top-level await, a failing main(), an await without end", async () => {
  assert.equal(await see("print(await Promise.resolve(7))"), "7");
  assert.match(await see("async function main() {\n  null.x\n}\nmain()"), /at line 2\n {4}null\.x\nTypeError/);
  assert.match(await see("await new Promise(() => {})"), /Error: await never came to an end$/);
  assert.equal(await see("setTimeout(() => print('later'), 1000); print('now')"), "now\nlater");
});

Deno.test("print() shows objects as JSON, long ones indented, and odd values readably", async () => {
  assert.equal(await see("print({ a: [1, { b: null }] })"), '{"a":[1,{"b":null}]}');
  assert.equal(await see("print({ a: 'x'.repeat(100) })"), `{\n "a": "${"x".repeat(100)}"\n}`);
  assert.equal(
    await see("print([new Map([[1, 2]]), new Set([3]), print])"),
    '[[[1,2]],[3],"[function print]"]',
  );
  assert.equal(
    await see("const a = []; a[0] = a; print(a, new Error('no'), undefined, Symbol('s'))"),
    "[array] Error: no undefined Symbol(s)",
  );
  assert.equal(await see("print('a\\0b', '\\u20ac')"), "a\0b €");
});

Deno.test("execute() cuts long output and says by how much", async () => {
  const limits = { outputCharacters: 10 };
  const [one, many, error] = await run(
    ["print('x'.repeat(25))", "for (let i = 0; i < 10; i++) print('abc')", "throw new Error('y'.repeat(50))"],
    { limits },
  );
  assert.equal(one?.observation, `${"x".repeat(10)}\n[cut 15 characters]`);
  assert.equal(many?.observation, "abc\nabc\nab\n[cut 29 characters]");
  assert.match(error?.observation ?? "", /Error: y{10}\n\[cut 40 characters\]$/);
});

Deno.test("The guest's clock is frozen and in UTC", async () => {
  assert.equal(
    await see("print(new Date(), Date.now(), performance.now())"),
    "2024-05-01T09:30:00.000Z 1714555800000 0",
  );
  assert.equal(
    await see("const d = new Date(2024, 1, 29, 13); print(d.getHours(), d.getDay(), d.getTimezoneOffset(), d)"),
    "13 4 0 2024-02-29T13:00:00.000Z",
  );
  assert.equal(
    await see("print(new Date('2024-02-29T13:00:00'), new Date('2024-02-29'), new Date('Feb 29, 2024 13:00'))"),
    "2024-02-29T13:00:00.000Z 2024-02-29T00:00:00.000Z 2024-02-29T13:00:00.000Z",
  );
  assert.equal(
    await see("print(new Date('x').getTime(), new Date(new Date(5)).getTime(), new Date() instanceof Date)"),
    "NaN 5 true",
  );
});

Deno.test("Math.random() follows the seed key", async () => {
  const code = ["print([Math.random(), Math.random()])"];
  const [a, b, c] = [await run(code), await run(code), await run(code, { seedKey: ["test", 2] })];
  assert.equal(a[0]?.observation, b[0]?.observation);
  assert.notEqual(a[0]?.observation, c[0]?.observation);
});

Deno.test("preload() defines functions whose entry, return, failure and API calls are traced", async () => {
  const sandbox = await QuickJsSandbox.create(options());
  const source = "function outer(n) {\n  apis.phone.now();\n  return inner(n);\n}\n" +
    "function inner(n) {\n  apis.notes.get({ n });\n  if (n > 1) throw new Error('big');\n  return n;\n}";
  assert.equal(sandbox.preload(source, ["outer", "inner", "missing"]), true);
  assert.deepEqual(sandbox.execute("print(outer(1), outer.name)").traces, [
    { name: "outer", kind: "entered", apiCalls: 0 },
    { name: "inner", kind: "entered", apiCalls: 0 },
    { name: "inner", kind: "returned", apiCalls: 1 },
    { name: "outer", kind: "returned", apiCalls: 2 },
  ]);
  assert.deepEqual(sandbox.execute("try { outer(2) } catch {}").traces.map(({ name, kind }) => `${name} ${kind}`), [
    "outer entered",
    "inner entered",
    "inner failed",
    "outer failed",
  ]);
  const redefined = sandbox.execute("function inner(n) { return -n }\nprint(outer(1), inner(4))");
  assert.equal(redefined.observation, "-1 -4");
  assert.deepEqual(redefined.traces.map(({ name }) => name), ["outer", "outer"]);
  sandbox.dispose();
});

Deno.test("preload() leaves nothing behind when the source throws or does not parse", async () => {
  const sandbox = await QuickJsSandbox.create(options());
  assert.equal(sandbox.preload("function good() { return 1 }", ["good"]), true);
  for (
    const source of [
      "function a() {}\nlet b = 1; var c = 2; class D {}\nfunction good() { return 2 }\nnull.x",
      "function a() {",
      "function a() {}\napis.phone.now()",
      "function a() {}\nwhile (true);",
      "import x from 'y'",
    ]
  ) assert.equal(sandbox.preload(source, ["a"]), false);
  const { observation, traces } = sandbox.execute("print(typeof a, typeof b, typeof c, typeof D, good())");
  assert.equal(observation, "undefined undefined undefined undefined 1");
  assert.equal(traces.length, 2);
  sandbox.dispose();
});

Deno.test("A time-out inside a library function is reported as its failure and keeps the state", async () => {
  const sandbox = await QuickJsSandbox.create(options());
  sandbox.preload("function forever() { apis.phone.now(); while (true); }", ["forever"]);
  const stuck = sandbox.execute("const kept = 5; forever()");
  assert.match(stuck.observation, /timed out/);
  assert.deepEqual(stuck.traces.at(-1), { name: "forever", kind: "failed", apiCalls: 1 });
  assert.equal(sandbox.execute("print(kept)").observation, "5");
  sandbox.dispose();
});

Deno.test("The time-out does not depend on the machine: the same fuel, the same last number", async () => {
  const codes = ["let n = 0; while (true) n++;", "print(n)"];
  const limits = { fuel: 50 };
  const [a, b] = [await run(codes, { limits }), await run(codes, { limits })];
  assert.equal(a[1]?.observation, b[1]?.observation);
  assert.ok(Number(a[1]?.observation) > 10_000);
});

Deno.test("execute() throws on what `call` throws, and only that", async () => {
  const sandbox = await QuickJsSandbox.create(options({
    call: () => {
      throw new SandboxError("world is broken");
    },
  }));
  assert.throws(() => sandbox.execute("try { apis.phone.now() } catch {} print(1)"), /world is broken/);
  assert.equal(sandbox.execute("print(2)").observation, "2");
  sandbox.dispose();
  assert.throws(() => sandbox.execute("1"), SandboxError);
});

Deno.test("create() refuses a date with a zone and too little memory", async () => {
  await assert.rejects(QuickJsSandbox.create(options({ frozenAt: "soon" })), SandboxError);
  await assert.rejects(
    QuickJsSandbox.create(options({ limits: { memoryMiB: 8 } })),
    /memoryMiB must be an integer from 16/,
  );
});

Deno.test("Sandboxes are independent, and a reused interpreter shows nothing of its former guest", async () => {
  const [a, b] = [await QuickJsSandbox.create(options()), await QuickJsSandbox.create(options())];
  a.execute(
    "const secret = 1; Object.prototype.evil = 2; Array.prototype.map = () => 'mine'; print = null; Math.random = null",
  );
  const check = "print(typeof secret, {}.evil, [1].map(String), typeof Math.random)";
  assert.equal(b.execute(check).observation, 'undefined undefined ["1"] function');
  a.dispose();
  b.dispose();
  assert.equal(await see(check), 'undefined undefined ["1"] function');
  assert.equal(({} as Record<string, unknown>)["evil"], undefined);
});

Deno.test("Thousands of sandboxes can be opened and disposed without growth", async () => {
  const child = new URL("./_growth_child.ts", import.meta.url).pathname;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-P", "--quiet", child],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const grown = Number(new TextDecoder().decode(stdout));
  assert.ok(grown < 64 * 2 ** 20, `grew by ${grown} bytes`);
});

Deno.test("Several sandboxes alive at once keep their own state", async () => {
  const boxes = await Promise.all(Array.from({ length: 20 }, () => QuickJsSandbox.create(options())));
  boxes.forEach((box, i) => box.execute(`let mine = ${i};`));
  boxes.forEach((box, i) => assert.equal(box.execute("print(mine)").observation, String(i)));
  boxes.forEach((box) => box.dispose());
});

Deno.test("Arguments and answers cross as copies, without prototypes", async () => {
  const seen: Json[] = [];
  const body = { list: [1] };
  const [first] = await run([
    'const answer = apis.notes.get(JSON.parse(\'{"__proto__":{"admin":true},"a":{"\\u005f_proto__":{"b":1}}}\')); answer.list.push(2)',
  ], {
    call: (_app, _api, args) => {
      seen.push(args);
      return { status: 200, body };
    },
  });
  assert.equal(first?.ok, true);
  assert.deepEqual(JSON.stringify(seen), '[{"a":{}}]');
  assert.deepEqual(body, { list: [1] });
});
