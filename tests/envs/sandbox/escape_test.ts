import assert from "node:assert/strict";
import { QuickJsSandbox } from "../../../envs/sandbox/quickjs.ts";

/** Runs hostile code, checks that the sandbox still works, and returns what the agent sees. */
async function attack(code: string): Promise<string> {
  const sandbox = await QuickJsSandbox.create({
    call: (_app, _api, args) => ({ status: 200, body: args }),
    apis: { a: ["b"] },
    frozenAt: "2024-05-01T09:00:00",
    seedKey: ["escape"],
  });
  try {
    const { observation } = sandbox.execute(code);
    assert.match(sandbox.execute("1").observation, /^Execution successful\.$/, "the sandbox is still usable");
    return observation;
  } finally {
    sandbox.dispose();
  }
}

Deno.test("Code cannot be made from text by any constructor", async () => {
  for (
    const value of [
      "(() => {})",
      "(async () => {})",
      "(function* () {})",
      "(async function* () {})",
      "print",
      "apis.a.b",
      "Math.max",
    ]
  ) {
    assert.match(
      await attack(`${value}.constructor("return 1")()`),
      /Code cannot be made from text|not a function/,
      value,
    );
  }
  assert.match(await attack("const make = Function; make('return 1')"), /Code cannot be made from text/);
  assert.equal(
    await attack("print(typeof globalThis.eval, typeof Proxy, typeof WeakRef)"),
    "undefined undefined undefined",
  );
  assert.match(
    await attack("Reflect.construct((() => {}).constructor, ['return 1'])"),
    /Code cannot be made from text/,
  );
});

Deno.test("The guest finds nothing of the host", async () => {
  assert.equal(
    await attack(
      "print(['Deno', 'process', 'require', 'fetch', 'XMLHttpRequest', 'WebAssembly', 'Worker'].filter((name) => name in globalThis))",
    ),
    "[]",
  );
  assert.match(await attack("const load = 'fs'; import(load)"), /not allowed: import\(\)/);
  assert.equal(await attack("print(Object.keys(apis.a.b), apis.a.b.name, Object.getPrototypeOf(apis))"), "[] b null");
});

Deno.test("Bombs end in an error or a time-out", async () => {
  const bombs: Record<string, RegExp> = {
    "while (true);": /timed out/,
    "try { while (true); } finally { while (true); }": /timed out/,
    "for (;;) { try { apis.a.b() } catch {} }": /timed out/,
    "for (;;) print('x')": /timed out/,
    "const again = () => Promise.resolve().then(again); again()": /timed out/,
    "(async () => { while (true) await null })()": /timed out/,
    "/(a+)+$/.test('a'.repeat(40) + 'b')": /timed out/,
    "const all = []; while (true) all.push('abc'.repeat(1000))": /InternalError: out of memory/,
    "new Uint8Array(1e9)": /out of memory|invalid array/,
    "let x = 'a'; while (true) x += x": /string too long|out of memory/,
    "function deep() { return deep() + 1 } deep()": /stack overflow/,
    "let a = []; for (let i = 0; i < 100000; i++) a = [a]; JSON.stringify(a)": /stack overflow/,
    "JSON.parse('['.repeat(500000))": /stack overflow/,
    "new RegExp('(?:'.repeat(50000))": /stack overflow/,
    "let a = {}; for (let i = 0; i < 100000; i++) a = { a }; apis.a.b(a)": /stack overflow/,
    "function f() { apis.a.b(); f() } f()": /stack overflow/,
    "let f = () => 1; for (let i = 0; i < 100000; i++) f = f.bind(null); f()": /out of memory|stack overflow/,
    "new Array(4e9).join('')": /too long/,
    "Array.prototype.indexOf.call({ length: 1e15 }, 1)": /too long/,
    "Array.prototype.forEach.call({ get length() { return 1e15 } }, () => {})": /too long/,
    "'a'.repeat(200000).indexOf('a'.repeat(100000) + 'b')": /too long/,
    "apis.a.b({ x: 'y'.repeat(2e6) })": /too long/,
    "print('x'.repeat(2e7))": /\[cut 19988000 characters\]$/,
  };
  for (const [code, expected] of Object.entries(bombs)) assert.match(await attack(code), expected, code);
});

Deno.test("Deeply nested source is refused as a syntax error", async () => {
  for (
    const code of [
      "(".repeat(300) + ")".repeat(300),
      "[".repeat(1e5),
      "!".repeat(5000) + "1",
      "1?".repeat(500) + "1" + ":1".repeat(500),
    ]
  ) {
    assert.match(await attack(code), /Syntax error in line:/);
  }
  assert.equal(await attack(`print(1${"\n+ 1".repeat(999)})`), "1000");
});

Deno.test("Odd things can be thrown", async () => {
  assert.match(await attack("throw null"), /\nError: null$/);
  assert.match(await attack("throw Symbol('s')"), /Error: Symbol\(s\)$/);
  assert.match(await attack("throw Object.create(null)"), /Error: \{\}$/);
  assert.match(
    await attack("const e = new Error(); Object.defineProperty(e, 'message', { get() { throw 1 } }); throw e"),
    /Error: \[object\]$/,
  );
  assert.match(
    await attack("const e = new Error(); Object.defineProperty(e, 'message', { get() { while (true); } }); throw e"),
    /timed out/,
  );
  assert.match(
    await attack("const e = new Error('m'); e.name = { toString: () => 'N' }; e.stack = 5; throw e"),
    /\nN: m$/,
  );
  assert.match(
    await attack("class Odd extends Error { get name() { return 'x'.repeat(1e6) } } throw new Odd('m')"),
    /x{200}: m$/,
  );
});

Deno.test("Tampering with the guest's own world does not fool the host", async () => {
  assert.match(await attack("apis.a.b = () => 1"), /apis cannot be changed: b/);
  assert.match(await attack("delete apis.a"), /apis cannot be changed: a/);
  assert.equal(await attack("JSON.stringify = JSON.parse = () => { throw 1 }; print(apis.a.b({ x: 1 }))"), '{"x":1}');
  assert.equal(
    await attack(
      "String.prototype.slice = Array.prototype.push = Reflect.apply = Function.prototype.apply = null; print(apis.a.b({ x: 1 }))",
    ),
    '{"x":1}',
  );
  assert.match(await attack("Object.prototype.toJSON = () => 5; apis.a.b({ x: 1 })"), /takes one object/);
  assert.equal(
    await attack("Array.prototype[Symbol.iterator] = null; Map.prototype.entries = null; print(apis.a.b({ x: 1 }))"),
    '{"x":1}',
  );
  assert.match(
    await attack("globalThis.apis = print = Exception = undefined; Error.prototype.name = 'Mine'; null.x"),
    /TypeError/,
  );
  assert.match(await attack("Object.freeze(globalThis); let later = 1"), /Execution/);
});
