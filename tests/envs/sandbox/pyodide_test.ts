import assert from "node:assert/strict";
import type { Json } from "../../../data/canonical.ts";
import { openSandbox } from "../../../envs/sandbox/open_sandbox.ts";
import { PyodideSandbox } from "../../../envs/sandbox/pyodide.ts";
import { type Execution, SandboxError, type SandboxOptions } from "../../../envs/sandbox/sandbox.ts";

const APIS = { notes: ["get", "fail"], phone: ["now"] };
const FAILED = "Execution failed. Traceback:\n";
const HERE = '  File "<python-input>", line';

function options(overrides: Partial<SandboxOptions> = {}): SandboxOptions {
  return {
    call: (app, api, args) =>
      api === "fail" ? { status: 404, body: { message: "no such note" } } : { status: 200, body: { app, api, args } },
    apis: APIS,
    frozenAt: "2024-05-01T09:30:00",
    seedKey: ["test", 1],
    ...overrides,
  };
}

async function withSandbox(
  work: (sandbox: PyodideSandbox, see: (code: string) => Promise<string>) => Promise<void>,
  overrides: Partial<SandboxOptions> = {},
): Promise<void> {
  const sandbox = await PyodideSandbox.create(options(overrides));
  try {
    await work(sandbox, async (code) => (await sandbox.execute(code)).observation);
  } finally {
    sandbox.dispose();
    await sandbox.ended;
  }
}

Deno.test("execute() returns the strings of the execute contract", async () => {
  await withSandbox(async (_, see) => {
    assert.equal(await see("print(1)\nprint('a', [1, 2], None)"), "1\na [1, 2] None");
    assert.equal(await see("1 + 1"), "Execution successful.");
    assert.equal(await see(" \n "), "No code available to execute.");
    assert.equal(await see("# nothing"), "Execution successful.");
    assert.equal(
      await see("a = 1\nb = = 2"),
      `${FAILED}Syntax error in line:\nb = = 2\nMessage: invalid syntax`,
    );
    assert.equal(
      await see("print(1)\n\nNone.x"),
      `${FAILED}${HERE} 3, in <module>\n    None.x\nAttributeError: 'NoneType' object has no attribute 'x'`,
    );
    assert.equal(
      await see("id = 3\napis.notes.fail(id=id)"),
      `${FAILED}${HERE} 2, in <module>\n    apis.notes.fail(id=id)\n` +
        `Exception: Response status code is 404:\n{"message":"no such note"}`,
    );
    assert.equal(await see("while True: pass"), `${FAILED}Execution timed out after 20 seconds.`);
    assert.equal(
      await see("import os, json\nfrom js import fetch"),
      `${FAILED}Usage of the following module(s) is not allowed: os, js`,
    );
    assert.equal(await see("exec('1')"), `${FAILED}Usage of the following function(s) is not allowed: exec`);
    assert.equal(
      await see("while True: apis.phone.now()"),
      `${FAILED}${HERE} 1, in <module>\n    while True: apis.phone.now()\n` +
        "Exception: Number of requests exceeded the limit of 1000. " +
        "This potentially means that you have an infinite loop in your code.",
    );
    assert.equal(
      await see("input('name')"),
      `${FAILED}${HERE} 1, in <module>\n    input('name')\nException: input() is not available`,
    );
  });
});

Deno.test("execute() shows a frame for each function of the agent, of this step and former ones, and none of libraries", async () => {
  await withSandbox(async (_, see) => {
    await see("def f(x):\n    return json.loads(x)");
    assert.equal(
      await see("def g(x):\n    return f(x)\n\ng('{')"),
      `${FAILED}${HERE} 4, in <module>\n    g('{')\n${HERE} 2, in g\n    return f(x)\n${HERE} 2, in f\n    return json.loads(x)\n` +
        "json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    );
    assert.equal(
      await see("class Odd(Exception): pass\nraise Odd('m')"),
      `${FAILED}${HERE} 2, in <module>\n    raise Odd('m')\nOdd: m`,
    );
    assert.match(await see("raise ValueError"), /\nValueError$/);
  });
});

Deno.test("execute() reports ok, the calls that were served and their status, and keeps state", async () => {
  await withSandbox(async (sandbox, see) => {
    const good = await sandbox.execute("kept = apis.notes.get(id=1)");
    assert.deepEqual(good.calls, [{ app: "notes", api: "get", args: { id: 1 }, status: 200 }]);
    assert.equal(good.ok, true);
    const bad = await sandbox.execute("apis.notes.fail()");
    assert.deepEqual(bad.calls, [{ app: "notes", api: "fail", args: {}, status: 404 }]);
    assert.equal(bad.ok, false);
    assert.deepEqual((await sandbox.execute("apis.notes.get(1)")).calls, []);
    assert.equal(await see("print(kept)"), '{"app": "notes", "api": "get", "args": {"id": 1}}');
    assert.equal(
      await see("try: apis.notes.fail()\nexcept Exception as error: print(type(error).__name__, error)"),
      'Exception Response status code is 404:\n{"message":"no such note"}',
    );
    const large = await sandbox.execute("print(len(apis.notes.get(x='é' * 100000)['args']['x']))");
    assert.equal(large.observation, "100000");
  });
});

Deno.test("execute() says what is allowed when an app, an API or the form of the arguments is wrong", async () => {
  await withSandbox(async (_, see) => {
    assert.match(await see("apis.mail.get()"), /Exception: There is no app named mail\. Allowed: notes, phone\.$/);
    assert.match(await see("apis.notes.put()"), /There is no API named put in the app notes\. Allowed: get, fail\.$/);
    assert.match(
      await see("apis.notes.get(1)"),
      /Exception: notes\.get takes named arguments only, like apis\.notes\.get\(name=value\); positional arguments are not allowed$/,
    );
    assert.match(
      await see("apis.notes.get(at=datetime.date(2024, 1, 1))"),
      /takes JSON values only: Object of type date/,
    );
    assert.match(await see("apis.notes.get(x=math.nan)"), /takes JSON values only/);
    assert.match(await see("apis.notes.get(x='y' * 2000000)"), /The arguments of notes\.get are too long/);
    assert.equal(await see("print(dir(apis), dir(apis.notes))"), "['notes', 'phone'] ['fail', 'get']");
  });
});

Deno.test("execute() takes names of arguments that are words of Python with an underscore", async () => {
  await withSandbox(async (_, see) => {
    assert.equal(
      await see("print(apis.notes.get(from_='a', to='b', own_='c')['args'])"),
      '{"from": "a", "to": "b", "own_": "c"}',
    );
  });
});

Deno.test("execute() has the promised names at hand", async () => {
  await withSandbox(async (_, see) => {
    assert.equal(
      await see(
        "print(json.dumps([1]), re.sub('a', 'b', 'a'), math.floor(1.5), datetime.date(2024, 2, 29), calendar.monthrange(2024, 2), " +
          "list(itertools.chain([1], [2])), Counter('aab')['a'], defaultdict(int)[1], deepcopy([1]), reduce(lambda a, b: a + b, [1, 2]))",
      ),
      "[1] b 1 2024-02-29 (3, 29) [1, 2] 2 0 [1] 3".replace("(3, 29)", "(calendar.THURSDAY, 29)"),
    );
    assert.equal(
      await see(
        "from dataclasses import dataclass\nimport statistics, decimal, html, urllib.parse\n@dataclass\nclass P:\n    x: int\n" +
          "if __name__ == '__main__': print(P(1), statistics.mean([1, 2]), decimal.Decimal('0.1'), html.unescape('&lt;'))",
      ),
      "P(x=1) 1.5 0.1 <",
    );
  });
});

Deno.test("print() shows one dict or list as JSON, a long one indented, and else what Python shows", async () => {
  await withSandbox(async (_, see) => {
    assert.equal(await see("print({'a': [1, {'b': None}], 'ü': True})"), '{"a": [1, {"b": null}], "ü": true}');
    assert.equal(await see("print({'a': 'x' * 100})"), `{\n "a": "${"x".repeat(100)}"\n}`);
    assert.equal(await see("print([1], [2])"), "[1] [2]");
    assert.equal(await see("print((1, 2), {3})"), "(1, 2) {3}");
    assert.equal(await see("print([datetime.date(2024, 1, 1)])"), '["2024-01-01"]');
    assert.equal(await see("print('a', 'b', sep='-', end='!')\nprint()"), "a-b!");
    assert.equal(await see("import pprint\npprint.pprint({'a': 1})"), "{'a': 1}");
    assert.equal(await see("print()"), "Execution successful.");
  });
});

Deno.test("execute() cuts long output and says by how much", async () => {
  await withSandbox(async (_, see) => {
    assert.equal(await see("print('x' * 25)"), `${"x".repeat(10)}\n[cut 15 characters]`);
    assert.equal(await see("for i in range(10): print('abc')"), "abc\nabc\nab\n[cut 29 characters]");
    assert.match(await see("raise Exception('y' * 50)"), /Exception: y{10}\n\[cut 40 characters\]$/);
  }, { limits: { outputCharacters: 10 } });
});

Deno.test("The guest's clock is frozen, sleeping takes no time, and random numbers follow the seed key", async () => {
  const code =
    "import time, uuid\nprint(datetime.datetime.now(), datetime.date.today(), time.time(), time.strftime('%H:%M'))\n" +
    "time.sleep(1000)\nprint(time.time(), time.monotonic())\nprint(random.random(), uuid.uuid4(), list({'a', 'b', 'c'}))";
  const seen: string[] = [];
  for (const seed of [1, 1, 2]) {
    await withSandbox(async (_, see) => {
      seen.push(await see(code));
    }, { seedKey: ["test", seed] });
  }
  assert.equal(seen[0]?.split("\n")[0], "2024-05-01 09:30:00 2024-05-01 1714555800.0 09:30");
  assert.equal(seen[0]?.split("\n")[1], "1714555800.0 0.0");
  assert.equal(seen[0], seen[1]);
  assert.notEqual(seen[0]?.split("\n")[2], seen[2]?.split("\n")[2]);
});

Deno.test("preload() defines functions whose entry, return, failure and API calls are traced", async () => {
  await withSandbox(async (sandbox) => {
    const source = "def outer(n):\n    apis.phone.now()\n    return inner(n)\n\n" +
      "def inner(n):\n    apis.notes.get(n=n)\n    if n > 1: raise ValueError('big')\n    return n";
    assert.equal(await sandbox.preload(source, ["outer", "inner", "missing"]), true);
    assert.deepEqual((await sandbox.execute("print(outer(1), outer.__name__)")).traces, [
      { name: "outer", kind: "entered", apiCalls: 0 },
      { name: "inner", kind: "entered", apiCalls: 0 },
      { name: "inner", kind: "returned", apiCalls: 1 },
      { name: "outer", kind: "returned", apiCalls: 2 },
    ]);
    const failed = await sandbox.execute("outer(2)");
    assert.deepEqual(failed.traces.map(({ name, kind }) => `${name} ${kind}`), [
      "outer entered",
      "inner entered",
      "inner failed",
      "outer failed",
    ]);
    assert.equal(
      failed.observation,
      `${FAILED}${HERE} 1, in <module>\n    outer(2)\n${HERE} 3, in outer\n    return inner(n)\n` +
        `${HERE} 7, in inner\n    if n > 1: raise ValueError('big')\nValueError: big`,
    );
    const redefined = await sandbox.execute("def inner(n): return -n\nprint(outer(1), inner(4))");
    assert.equal(redefined.observation, "-1 -4");
    assert.deepEqual(redefined.traces.map(({ name }) => name), ["outer", "outer"]);
  });
});

Deno.test("preload() leaves nothing behind when the source fails", async () => {
  await withSandbox(async (sandbox) => {
    assert.equal(await sandbox.preload("def good(): return 1", ["good"]), true);
    for (
      const source of [
        "def a(): pass\nb = 1\ndef good(): return 2\nNone.x",
        "def a(",
        "def a(): pass\napis.phone.now()",
        "def a(): pass\nwhile True: pass",
        "import os",
      ]
    ) assert.equal(await sandbox.preload(source, ["a"]), false, source);
    const { observation, traces } = await sandbox.execute("print('a' in globals(), 'b' in globals(), good())");
    assert.equal(observation, "False False 1");
    assert.equal(traces.length, 2);
  });
});

Deno.test("A time-out keeps the state, reports library functions as failed, and comes at the same place each time", async () => {
  const lasts: string[] = [];
  for (let i = 0; i < 2; i++) {
    await withSandbox(async (sandbox, see) => {
      await sandbox.preload("def forever():\n    apis.phone.now()\n    while True: pass", ["forever"]);
      const stuck = await sandbox.execute("kept = 5\nforever()");
      assert.match(stuck.observation, /timed out/);
      assert.deepEqual(stuck.traces.at(-1), { name: "forever", kind: "failed", apiCalls: 1 });
      await see("n = 0\nwhile True: n += 1");
      lasts.push(await see("print(kept, n)"));
      assert.match(await see("while True:\n    try: apis.phone.now()\n    except Exception: pass"), /timed out/);
      assert.equal(await see("print(apis.phone.now()['api'])"), "now");
    }, { limits: { fuel: 50 } });
  }
  assert.match(lasts[0] ?? "", /^5 \d{5,}$/);
  assert.equal(lasts[0], lasts[1]);
});

Deno.test("A guest that resists the time limit ends, and every later step says so", async () => {
  await withSandbox(async (sandbox, see) => {
    await sandbox.preload("def stuck(): return sum(iter(int, 1))", ["stuck"]);
    const { observation, traces } = await sandbox.execute("stuck()");
    assert.equal(observation, `${FAILED}Execution timed out after 1 seconds.`);
    assert.deepEqual(traces.map(({ kind }) => kind), ["entered", "failed"]);
    await sandbox.ended;
    assert.equal(await see("print(1)"), `${FAILED}InternalError: the interpreter has stopped`);
    assert.equal(await sandbox.preload("x = 1", []), false);
  }, { limits: { wallClockMs: 1000, timeoutSeconds: 1 } });
});

Deno.test("Memory beyond the limit raises a MemoryError, and what was taken can be given back", async () => {
  await withSandbox(async (_, see) => {
    assert.match(await see("a = []\nwhile True: a.append('x' * 1000000)"), /\nMemoryError$/);
    assert.equal(await see("a = None\nprint(len('x' * 10000000))"), "10000000");
  }, { limits: { memoryMiB: 32 } });
});

Deno.test("execute() throws on what `call` throws, and only that", async () => {
  const sandbox = await PyodideSandbox.create(options({
    call: () => {
      throw new SandboxError("world is broken");
    },
  }));
  await assert.rejects(
    sandbox.execute("try: apis.phone.now()\nexcept Exception: pass\nwhile True: pass"),
    /world is broken/,
  );
  assert.equal((await sandbox.execute("print(2)")).observation, "2");
  const running = sandbox.execute("print(3)");
  await assert.rejects(sandbox.execute("print(4)"), /still running another block/);
  assert.equal((await running).observation, "3");
  sandbox.dispose();
  sandbox.dispose();
  await assert.rejects(sandbox.execute("1"), SandboxError);
  await sandbox.ended;
});

Deno.test("create() refuses a date with a zone and too little memory", async () => {
  await assert.rejects(PyodideSandbox.create(options({ frozenAt: "soon" })), SandboxError);
  await assert.rejects(
    PyodideSandbox.create(options({ limits: { memoryMiB: 8 } })),
    /memoryMiB must be an integer from 16/,
  );
});

Deno.test("create() says which permission it lacks", async () => {
  const script = `import { PyodideSandbox } from ${
    JSON.stringify(import.meta.resolve("../../../envs/sandbox/pyodide.ts"))
  };
    const options = { call: () => {}, apis: {}, frozenAt: "2024-05-01T09:30:00", seedKey: [] };
    await PyodideSandbox.create(options).catch((error) => console.log(error.name, error.message));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-read", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { stdout } = await child.output();
  assert.equal(
    new TextDecoder().decode(stdout),
    "SandboxError Cannot start Python: this program may not run deno; allow it with --allow-run=deno\n",
  );
});

Deno.test("Sandboxes are independent, whatever a guest does to its modules", async () => {
  const check = "print('secret' in globals(), json.dumps([1]), math.pi > 3, random.random() < 1)";
  await withSandbox(async (_, see) => {
    await see(
      "secret = 1\njson.dumps = math.pi = random.random = None\njson.codecs.builtins.len = None\njson.JSONEncoder.encode = None",
    );
    await withSandbox(async (_other, seeOther) => assert.equal(await seeOther(check), "False [1] True True"));
  });
});

Deno.test("Arguments and answers cross as copies, without prototypes", async () => {
  const seen: Json[] = [];
  const body = { list: [1] };
  await withSandbox(async (sandbox) => {
    const { ok } = await sandbox.execute(
      "answer = apis.notes.get(**{'__proto__': {'admin': True}, 'a': {'__proto__': {'b': 1}}})\nanswer['list'].append(2)",
    );
    assert.equal(ok, true);
  }, {
    call: (_app, _api, args) => {
      seen.push(args);
      return { status: 200, body };
    },
  });
  assert.deepEqual(JSON.stringify(seen), '[{"a":{}}]');
  assert.deepEqual(body, { list: [1] });
});

Deno.test("openSandbox() gives the sandbox of a language", async () => {
  const seen: Execution[] = [];
  for (const [language, code] of [["javascript", "print([1, 2].length)"], ["python", "print(len([1, 2]))"]] as const) {
    const sandbox = await openSandbox(language)(options());
    seen.push(await sandbox.execute(code));
    sandbox.dispose();
  }
  assert.deepEqual(seen.map(({ observation }) => observation), ["2", "2"]);
});
