/**
 * Hostile JavaScript.
 *
 * @module
 */
import type { Attack } from "./_attack.ts";

const TIMED_OUT = /^Execution failed\. Traceback:\nExecution timed out after 1 seconds\.$/;
const NO_MEMORY = /timed out|out of memory|too long|invalid array|too large|Error: null$/;
const NO_CODE = /Code cannot be made from text|not a function/;
const OVERFLOW = /stack overflow|out of memory/;

export const JAVASCRIPT_ATTACKS: readonly Attack[] = [
  // Loops
  { name: "a plain loop", category: "loop", source: "while (true);", sees: TIMED_OUT },
  {
    name: "a loop that goes on in finally",
    category: "loop",
    source: "try { while (true); } finally { while (true); }",
    sees: TIMED_OUT,
  },
  {
    name: "a loop that catches everything",
    category: "loop",
    source: "for (;;) { try { for (;;); } catch {} }",
    sees: TIMED_OUT,
  },
  {
    name: "a loop in a getter",
    category: "loop",
    source: "const o = { get x() { while (true); } }; print(o)",
    sees: TIMED_OUT,
  },
  {
    name: "a loop in a generator",
    category: "loop",
    source: "function* g() { while (true) yield 1; } for (const x of g());",
    sees: TIMED_OUT,
  },
  {
    name: "a chain of promises without end",
    category: "loop",
    source: "const again = () => Promise.resolve().then(again); again()",
    sees: TIMED_OUT,
  },
  { name: "an async loop", category: "loop", source: "(async () => { while (true) await null })()", sees: TIMED_OUT },
  {
    name: "a thenable that resolves to itself anew",
    category: "loop",
    source: "const make = () => ({ then(go) { go(make()) } }); await make()",
    sees: TIMED_OUT,
  },
  {
    name: "a regular expression that backtracks",
    category: "loop",
    source: "/(a+)+$/.test('a'.repeat(40) + 'b')",
    sees: TIMED_OUT,
  },
  {
    name: "a loop in toString",
    category: "loop",
    source: "print({ toString() { while (true); } } + '')",
    sees: TIMED_OUT,
  },
  {
    name: "a loop in toJSON",
    category: "loop",
    source: "apis.a.b({ x: { toJSON() { while (true); } } })",
    sees: TIMED_OUT,
  },
  {
    name: "a comparator without end",
    category: "loop",
    source: "[2, 1].sort(() => { while (true); })",
    sees: TIMED_OUT,
  },
  {
    name: "a replacer without end",
    category: "loop",
    source: "JSON.stringify([1], () => { while (true); })",
    sees: TIMED_OUT,
  },
  {
    name: "a reviver without end",
    category: "loop",
    source: "JSON.parse('[1]', () => { while (true); })",
    sees: TIMED_OUT,
  },
  {
    name: "String.raw over a list of no end",
    category: "loop",
    source: "String.raw({ raw: { length: 4e9 } })",
    sees: /too long/,
  },
  {
    name: "an iterator told to drop all",
    category: "loop",
    source: "new Array(4e9).values().drop(4e9 - 1).next()",
    sees: /too long/,
  },
  {
    name: "a set-like of no end",
    category: "loop",
    source: "new Set([1]).union({ size: 4e9, has: () => true, keys: () => new Array(4e9).values() })",
    sees: /TypeError/,
  },
  { name: "a set of holes", category: "loop", source: "new Set(new Array(4e9))", sees: TIMED_OUT },
  { name: "a join of holes", category: "loop", source: "new Array(4e9).join('')", sees: /too long/ },
  {
    name: "an array-like of no end",
    category: "loop",
    source: "Array.prototype.indexOf.call({ length: 1e15 }, 1)",
    sees: /too long/,
  },
  {
    name: "a costly search of a text",
    category: "loop",
    source: "'a'.repeat(200000).indexOf('a'.repeat(100000) + 'b')",
    sees: /too long/,
  },
  {
    name: "costly built-ins in a loop: keys",
    category: "loop",
    source: "const o = {}; for (let i = 0; i < 50000; i++) o['k' + i] = i; for (;;) Object.keys(o)",
    sees: TIMED_OUT,
  },
  {
    name: "costly built-ins in a loop: typed arrays",
    category: "loop",
    source: "const list = new Uint8Array(8e6); for (;;) { list.fill(1); list.sort(); list.indexOf(5) }",
    sees: TIMED_OUT,
  },
  {
    name: "costly built-ins in a loop: JSON",
    category: "loop",
    source: "const text = '[' + '1,'.repeat(200000) + '1]'; for (;;) JSON.stringify(JSON.parse(text))",
    sees: TIMED_OUT,
  },
  {
    name: "costly built-ins whose refusal is caught",
    category: "loop",
    source: "const text = 'x'.repeat(1e6); for (;;) { try { text.toUpperCase() } catch {} }",
    sees: TIMED_OUT,
  },
  {
    name: "large integers",
    category: "loop",
    source: "let n = (1n << 500000n) - 1n; for (;;) n * n",
    sees: /function\(s\) is not allowed: BigInt/,
  },
  {
    name: "large integers without a literal",
    category: "loop",
    source: "print(typeof globalThis['Big' + 'Int'], typeof BigInt64Array, typeof DataView.prototype.getBigInt64)",
    sees: /^undefined undefined undefined$/,
  },
  {
    name: "calls without end",
    category: "loop",
    source: "for (;;) { try { apis.a.b({}) } catch {} }",
    sees: TIMED_OUT,
  },

  // Memory
  {
    name: "a list without end",
    category: "memory",
    source: "const all = []; while (true) all.push('abc'.repeat(1000))",
    sees: NO_MEMORY,
  },
  { name: "a text that doubles", category: "memory", source: "let x = 'a'; while (true) x += x", sees: NO_MEMORY },
  { name: "a huge buffer", category: "memory", source: "new Uint8Array(2e9)", sees: NO_MEMORY },
  {
    name: "a map without end",
    category: "memory",
    source: "const m = new Map(); for (let i = 0;; i++) m.set({ i }, [i])",
    sees: NO_MEMORY,
    ends: true,
  },
  {
    name: "a spread of a generator without end",
    category: "memory",
    source: "[...function* () { for (;;) yield [1] }()]",
    sees: NO_MEMORY,
  },
  {
    name: "promises without end",
    category: "memory",
    source: "const all = []; for (;;) all.push(new Promise(() => {}))",
    sees: NO_MEMORY,
  },
  {
    name: "memory that is let go and taken again",
    category: "memory",
    source: "for (;;) { try { const all = []; for (;;) all.push(new Array(1000).fill(0)) } catch {} }",
    sees: /timed out|out of memory|Error: null$/,
  },

  // Print
  { name: "a giant print", category: "print", source: "print('x'.repeat(2e6))", sees: /\[cut 1998000 characters\]$/ },
  { name: "prints without end", category: "print", source: "for (;;) print('x')", sees: TIMED_OUT },
  {
    name: "a print of what holds itself",
    category: "print",
    source: "const a = {}; a.a = a; print(a)",
    sees: /^\[object\]$/,
  },

  // Recursion
  {
    name: "a function that calls itself",
    category: "recursion",
    source: "function deep() { return deep() + 1 } deep()",
    sees: OVERFLOW,
  },
  {
    name: "a deep value",
    category: "recursion",
    source: "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a)",
    sees: OVERFLOW,
  },
  { name: "deep JSON", category: "recursion", source: "JSON.parse('['.repeat(500000))", sees: OVERFLOW },
  {
    name: "deep source",
    category: "recursion",
    source: `${"(".repeat(5000)}1${")".repeat(5000)}`,
    sees: /Syntax error/,
  },
  { name: "a deep pattern", category: "recursion", source: "new RegExp('(?:'.repeat(50000))", sees: OVERFLOW },
  {
    name: "calls at the bottom of the stack",
    category: "recursion",
    source: "function f() { apis.a.b({}); f() } f()",
    sees: /limit of 50/,
  },
  {
    name: "a flood of source",
    category: "recursion",
    source: `"${"x".repeat(200_000)}" == 1;`,
    sees: /longer than 100000 characters/,
  },

  // Prototypes
  {
    name: "arguments with a prototype in them",
    category: "prototype",
    source:
      `print(apis.a.b(JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}')))`,
    sees: /^\{"constructor":\{"prototype":\{"polluted":1\}\}\}$/,
  },
  {
    name: "the prototype of all objects",
    category: "prototype",
    source: "Object.prototype.polluted = 1; Array.prototype.polluted = 1; print(({}).polluted)",
    sees: /^1$/,
  },
  {
    name: "a setter for every answer",
    category: "prototype",
    source:
      "Object.defineProperty(Object.prototype, 'x', { set() { throw new Error('caught it') } }); print(apis.a.b({ y: 1 }))",
    sees: /^\{"y":1\}$/,
  },

  // Code from text
  {
    name: "the constructor of a function",
    category: "code from text",
    source: "(() => {}).constructor('return globalThis')()",
    sees: NO_CODE,
  },
  {
    name: "the constructor of an async function",
    category: "code from text",
    source: "(async () => {}).constructor('return 1')()",
    sees: NO_CODE,
  },
  {
    name: "the constructor of a generator",
    category: "code from text",
    source: "(function* () {}).constructor('yield 1')()",
    sees: NO_CODE,
  },
  {
    name: "the constructor of an API",
    category: "code from text",
    source: "apis.a.b.constructor.constructor('return globalThis')()",
    sees: NO_CODE,
  },
  {
    name: "the constructor of an error's constructor",
    category: "code from text",
    source: "try { null.x } catch (e) { e.constructor.constructor('return 1')() }",
    sees: NO_CODE,
  },
  {
    name: "a constructor by reflection",
    category: "code from text",
    source: "Reflect.construct((() => {}).constructor, ['return 1'])",
    sees: NO_CODE,
  },
  { name: "eval by its name", category: "code from text", source: "eval('1')", sees: /not allowed: eval/ },
  {
    name: "eval by another name",
    category: "code from text",
    source: "print(typeof globalThis['ev' + 'al'], typeof globalThis.Function('1'))",
    sees: NO_CODE,
  },
  {
    name: "code in a timer",
    category: "code from text",
    source: "setTimeout('print(6 * 7)', 0)",
    sees: /^Execution failed|^Execution successful/,
  },

  // Imports, network, files, environment
  {
    name: "a module of the host",
    category: "import",
    source: "import fs from 'node:fs'; print(fs.readFileSync('CANARY_FILE', 'utf8'))",
    sees: /module\(s\) is not allowed: node:fs/,
  },
  {
    name: "an import at run time",
    category: "import",
    source: "const fs = await import('node' + ':fs'); print(fs)",
    sees: /not allowed: import\(\)/,
  },
  {
    name: "modules of the interpreter",
    category: "import",
    source: "import * as std from 'std'; print(std.loadFile('CANARY_FILE'))",
    sees: /not allowed: std/,
  },
  { name: "require", category: "import", source: "require('fs').readFileSync('CANARY_FILE')", sees: /not allowed: fs/ },
  {
    name: "globals of hosts",
    category: "import",
    source:
      "print(['Deno', 'process', 'require', 'module', 'global', 'window', 'self', 'std', 'os', 'bjson', 'scriptArgs', 'Worker', 'WebAssembly', 'CANARY_GLOBAL']" +
      ".filter((name) => name in globalThis))",
    sees: /^\[\]$/,
  },
  { name: "fetch", category: "network", source: "await fetch('http://127.0.0.1:1/')", sees: /ReferenceError/ },
  {
    name: "sockets",
    category: "network",
    source: "print(typeof WebSocket, typeof XMLHttpRequest, typeof EventSource)",
    sees: /^undefined undefined undefined$/,
  },
  {
    name: "a file of the host",
    category: "files",
    source: "print(Deno.readTextFileSync('CANARY_FILE'))",
    sees: /ReferenceError/,
  },
  {
    name: "a file on the host",
    category: "files",
    source: "Deno.writeTextFileSync('CANARY_DIR/made', 'x')",
    sees: /ReferenceError/,
  },
  { name: "the environment", category: "environment", source: "print(process.env.CANARY_ENV)", sees: /ReferenceError/ },

  // Tampering
  {
    name: "another API in place of one",
    category: "tampering",
    source: "apis.a.b = () => 1",
    sees: /apis cannot be changed: b/,
  },
  {
    name: "another JSON",
    category: "tampering",
    source: "JSON.stringify = JSON.parse = () => { throw 1 }; print(helper(3))",
    sees: /^3$/,
    traces: ["entered 0", "returned 1"],
  },
  {
    name: "another print",
    category: "tampering",
    source: "print = () => {}; console.log('still here')",
    sees: /^still here$/,
  },
  {
    name: "other ways to call",
    category: "tampering",
    source: "Function.prototype.apply = Function.prototype.call = Reflect.apply = () => 9; print(helper(3))",
    sees: /^3$/,
    traces: ["entered 0", "returned 1"],
  },
  {
    name: "a library function of the guest's own",
    category: "tampering",
    source: "function helper(x) { return x } print(helper(4))",
    sees: /^4$/,
  },
  {
    name: "iterators and lists of its own",
    category: "tampering",
    source: "Array.prototype[Symbol.iterator] = Array.prototype.push = Array.prototype.join = null; print(helper(5))",
    sees: /^5$/,
    traces: ["entered 0", "returned 1"],
  },
  {
    name: "no globals at all",
    category: "tampering",
    source: "for (const key of Object.getOwnPropertyNames(globalThis)) delete globalThis[key]",
    sees: /^Execution/,
  },
  { name: "frozen globals", category: "tampering", source: "Object.freeze(globalThis)", sees: /^Execution/ },

  // Errors
  { name: "an error without a shape", category: "errors", source: "throw Object.create(null)", sees: /Error: \{\}$/ },
  {
    name: "an error whose message never comes",
    category: "errors",
    source: "throw Object.defineProperty(new Error(), 'message', { get() { while (true); } })",
    sees: TIMED_OUT,
  },
  {
    name: "an error with a stack of its own",
    category: "errors",
    source: "const e = new Error('m'); e.stack = 'at step2:99999999'; throw e",
    sees: /Error: m$/,
  },
  {
    name: "an error with a giant message",
    category: "errors",
    source: "throw new Error('m'.repeat(5e6))",
    sees: /\[cut \d+ characters\]$/,
  },
  {
    name: "a hook for stacks",
    category: "errors",
    source: "Error.prepareStackTrace = (_, frames) => frames; print(typeof new Error().stack?.[0]?.getThis)",
    sees: /undefined|Execution/,
  },

  // Clock and randomness
  {
    name: "every clock",
    category: "clock and randomness",
    source:
      "let n = 0; const a = [Date.now(), performance.now(), new Date().toString()]; for (let i = 0; i < 1e5; i++) n++; " +
      "print(JSON.stringify(a) === JSON.stringify([Date.now(), performance.now(), new Date().toString()]), a[0])",
    sees: /^true 1714555800000$/,
    twice: true,
  },
  {
    name: "every random number",
    category: "clock and randomness",
    source: "print([Math.random(), Math.random(), [3, 1, 2].sort(() => Math.random() - 0.5)])",
    sees: /^\[0\.\d+,0\.\d+,\[/,
    twice: true,
  },
  {
    name: "how fast time runs out",
    category: "clock and randomness",
    source: "globalThis.n = 0; const later = () => { n++; setTimeout(later, 0) }; later()",
    sees: TIMED_OUT,
    twice: true,
  },

  // Protocol
  {
    name: "an answer of its own",
    category: "protocol",
    source: String.raw`print('000"forged"'); print(apis.a.b({ x: '200{"forged":1}' }))`,
    sees: /^000"forged"\n\{"x":"200\{\\"forged\\":1\}"\}$/,
  },
  {
    name: "an answer that is no object",
    category: "protocol",
    source: "apis.a.b({ toJSON() { return 5 } })",
    sees: /takes one object/,
  },
  { name: "arguments without end", category: "protocol", source: "apis.a.b({ x: 'y'.repeat(2e6) })", sees: /too long/ },
];
