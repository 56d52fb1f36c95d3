import assert from "node:assert/strict";
import fc from "fast-check";
import { rewrite } from "../../../envs/sandbox/_rewrite.ts";

/** Scripts of a block that may run. */
function scripts(source: string): { hoisted: string; main: string } {
  const rewritten = rewrite(source);
  assert.equal(rewritten.kind, "code", JSON.stringify(rewritten));
  return rewritten.kind === "code" ? rewritten : { hoisted: "", main: "" };
}

Deno.test("rewrite() makes assignments of top-level declarations and leaves inner ones alone", () => {
  assert.equal(scripts("let a = 1, b;").main, ";;a = 1, b = void 0;");
  assert.equal(scripts("const { a, b: [c] } = f()").main, ";;({ a, b: [c] } = f());");
  assert.equal(scripts("class A {}").main, ";;A = class A {};");
  assert.equal(
    scripts("{ let a = 1; }\nfor (const b of c) { const d = b; }").main,
    ";{ let a = 1; }\nfor (const b of c) { const d = b; }",
  );
});

Deno.test("rewrite() makes assignments of var wherever it stands outside functions", () => {
  const guard = (name: string) => `typeof ${name}==="undefined"&&(${name}=void 0);`;
  assert.equal(
    scripts("for (var i = 0, n = 2; i < n; i++) var { x } = i;").main,
    `;${guard("x")}${guard("i")}${guard("n")}for (i = 0, n = 2; i < n; i++) ({ x } = i);`,
  );
  assert.equal(scripts("for (var { a } of b);").main, `;${guard("a")}for ({ a } of b);`);
  assert.equal(scripts("(() => { var inner = 1; })()").main, ";(() => { var inner = 1; })()");
});

Deno.test("rewrite() sets functions apart and keeps every line where it was", () => {
  const { hoisted, main } = scripts("one();\nasync function f(a) {\n  two();\n}\nthree();");
  assert.equal(hoisted, "\n;f = async function (a) {\n  two();\n};");
  assert.equal(main, ";one();\n;\n\n\nthree();");
});

Deno.test("rewrite() wraps only code that awaits at the top level", () => {
  assert.match(scripts("const a = await b;").main, /^;\(async\(\)=>\{;a = await b;\n\}\)\(\)$/);
  assert.match(scripts("for await (const x of y) z(x);").main, /^;\(async/);
  assert.equal(scripts("const f = async () => await b;").main, ";;f = async () => await b;");
});

Deno.test("rewrite() keeps the number of lines of any program made of statements", () => {
  const statement = fc.constantFrom(
    "let a = 1",
    "const { b,\n c } = d;",
    "var e = [\n1,\n2]",
    "function f(x) {\n  var y = x;\n  return y;\n}",
    "class G {\n  m() {}\n}",
    "if (a) var h = 1; else { let k = 2 }",
    "// comment",
    "[1, 2].forEach((x) => {\n  print(x);\n});",
    "switch (a) {\n  case 1: var l = 2\n}",
  );
  fc.assert(fc.property(fc.uniqueArray(statement, { maxLength: 6 }), (statements) => {
    const source = statements.join("\n;\n");
    const { hoisted, main } = scripts(source);
    const lines = (text: string) => text.split("\n").length;
    assert.equal(lines(main), lines(source));
    assert.ok(lines(hoisted) <= lines(source));
  }));
});

Deno.test("rewrite() refuses modules and code from text, and reports the line of a syntax error", () => {
  assert.deepEqual(rewrite("const fs = require('fs'); import('os')"), {
    kind: "unsafe",
    what: "module",
    names: ["os", "fs"],
  });
  assert.deepEqual(rewrite("new Function('1')"), { kind: "unsafe", what: "function", names: ["Function"] });
  assert.deepEqual(rewrite("ok();\n  return 1;"), {
    kind: "syntax",
    line: "  return 1;",
    message: "'return' outside of function",
  });
  assert.deepEqual(rewrite("x;\nexport const y = 1;").kind, "syntax");
  for (const depth of [300, 20_000]) {
    const deep = rewrite(`x;\n${"(".repeat(depth)}1${")".repeat(depth)}`);
    assert.equal(deep.kind === "syntax" && deep.message, "The code is nested too deeply");
  }
});
