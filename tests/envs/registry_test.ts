import assert from "node:assert/strict";
import { InputError } from "../../data/parse_input.ts";
import {
  BUILT_IN_ENVIRONMENT_IDS,
  createEnvironment,
  environmentIds,
  EnvironmentModuleError,
  parseEnvironmentOptions,
  readWhetConfig,
  registeredEnvironments,
  UnknownEnvironmentError,
} from "../../envs/registry.ts";

const DEFINE = new URL("../../envs/define_environment.ts", import.meta.url).href;

/** A module that makes an environment of the given id, whose only task says which options it was made with. */
const moduleOf = (id: string) =>
  `import { defineEnvironment } from ${JSON.stringify(DEFINE)};
export const createEnvironment = (options) => defineEnvironment({
  id: ${JSON.stringify(id)},
  version: "1",
  splits: { test: [{ id: "t", instruction: JSON.stringify(options), data: null }] },
  check: () => true,
});`;

/** A folder with a `whet.json` and modules, for the time of a test. */
async function withConfig(
  config: unknown,
  modules: Readonly<Record<string, string>>,
  use: (config: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(modules)) await Deno.writeTextFile(`${folder}/${name}`, text);
    const file = `${folder}/whet.json`;
    await Deno.writeTextFile(file, typeof config === "string" ? config : JSON.stringify(config));
    await use(file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const register = (module: string, options?: object) => ({
  environments: { own: { module, ...(options === undefined ? {} : { options }) } },
});

Deno.test("createEnvironment() makes every environment that comes with Whetstone", async () => {
  for (const id of BUILT_IN_ENVIRONMENT_IDS) assert.equal((await createEnvironment(id, { seed: 1 })).id, id);
});

Deno.test("createEnvironment() names the closest environment when there is none of that name, or how to write one", async () => {
  await assert.rejects(createEnvironment("app"), (error: Error) => {
    assert.ok(error instanceof UnknownEnvironmentError);
    assert.match(error.message, /id must be one of apps, .*compose.*, got app; did you mean apps\?/);
    return true;
  });
  await assert.rejects(createEnvironment("toString"), /got toString; to write one of your own: whet env new NAME/);
  await assert.rejects(createEnvironment("hanoi"), /got hanoi; to write one of your own: whet env new hanoi/);
});

Deno.test("createEnvironment() loads a registered module with seed and options, those of the call before those of the file", async () => {
  const config = register("./own.mjs", { size: 3, kind: "a" });
  await withConfig(config, { "own.mjs": moduleOf("own") }, async (file) => {
    const environment = await createEnvironment("own", { config: file, seed: 5, options: { kind: "b" } });
    assert.deepEqual(JSON.parse(environment.task("t").instruction), { size: 3, kind: "b", seed: 5 });
    assert.deepEqual(environmentIds({ config: file }), [...BUILT_IN_ENVIRONMENT_IDS, "own"]);
    assert.deepEqual(registeredEnvironments({ config: file }).at(-1), { id: "own", module: "./own.mjs" });
    await assert.rejects(createEnvironment("onw", { config: file }), /got onw; did you mean own\?/);
  });
});

Deno.test("createEnvironment() loads no module but the one asked for", async () => {
  const environments = {
    own: { module: "./own.mjs" },
    broken: { module: "./broken.mjs" },
    lost: { module: "./lost.mjs" },
  };
  const modules = { "own.mjs": moduleOf("own"), "broken.mjs": "throw new Error('loaded');" };
  await withConfig({ environments }, modules, async (file) => {
    assert.deepEqual(environmentIds({ config: file }).slice(-3), ["broken", "lost", "own"]);
    assert.equal((await createEnvironment("own", { config: file })).id, "own");
    await assert.rejects(createEnvironment("broken", { config: file }), /does not load: Error: loaded/);
  });
});

Deno.test("createEnvironment() says which file, field, value and expectation a module fails", async () => {
  const made = (expression: string) => `export const createEnvironment = () => (${expression});`;
  const whole =
    '{ id: "own", version: "1", hash: "0", actions: "text", splits: ["test"], tasks() {}, task() {}, open() {} }';
  const wrong: [string, RegExp][] = [
    ["export const x = 1;", /export createEnvironment: expected a function, found only x$/],
    ["export function makeEnvironment() {}", /found only makeEnvironment; export makeEnvironment under that name\?/],
    ["export const createEnvironment = 3;", /export createEnvironment: expected a function, found number/],
    ["", /found no exports/],
    ["import './nowhere.mjs';", /the module does not load: /],
    [
      "export const createEnvironment = () => { throw new RangeError('no data'); };",
      /createEnvironment\(\) failed: RangeError: no data/,
    ],
    [made("undefined"), /returned something else than an Environment: \(top\): expected object, found nothing/],
    [made(whole.replace("open() {}", "")), /open: expected a function, found nothing/],
    [made(whole.replace('"text"', '"texts"')), /actions: .*found "texts"; did you mean text\?/],
    [made(whole.replace('["test"]', "[]")), /splits: /],
    [made(whole.replace('"own"', '"other"')), /id: expected own, the name under which it is registered, found other/],
  ];
  for (const [text, message] of wrong) {
    await withConfig(register("./own.mjs"), { "own.mjs": text }, async (file) => {
      await assert.rejects(createEnvironment("own", { config: file }), (error: Error) => {
        assert.ok(error instanceof EnvironmentModuleError, `${error}`);
        assert.match(error.message, message);
        assert.ok(
          error.message.startsWith(`Cannot make environment own from ./own.mjs (${file}, environments.own.module)`),
        );
        return true;
      });
    });
  }
  await withConfig(register("./none.mjs"), {}, async (file) => {
    await assert.rejects(createEnvironment("own", { config: file }), /there is no file .*none\.mjs/);
  });
  await withConfig(register("./own.mjs"), { "own.mjs": made(whole) }, async (file) => {
    assert.equal((await createEnvironment("own", { config: file })).id, "own");
  });
});

Deno.test("readWhetConfig() names unknown keys, wrong modules and names with what to write instead", async () => {
  const wrong: [unknown, RegExp][] = [
    ["{", /Cannot read .*whet\.json: it is not JSON/],
    [{ environment: {} }, /configuration in .*whet\.json: environment: unknown key; did you mean environments\?/],
    [{ environments: { own: { modul: "./a.ts" } } }, /environments\.own\.modul: unknown key; did you mean module\?/],
    [{ environments: { own: {} } }, /environments\.own\.module: expected string, found nothing/],
    [register("own.ts"), /environments\.own\.module: expected \.\/path\/to\/environment\.ts .*, found "own\.ts"/],
    [register("npm:pkg"), /or npm:package@1\.2\.3, found "npm:pkg"/],
    [register("https://a.test/x.ts"), /found "https:/],
    [{ environments: { Own: { module: "./a.ts" } } }, /Own: .*lower-case letters, digits and single hyphens/],
    [{ environments: { apps: { module: "./a.ts" } } }, /apps: .*comes with Whetstone/],
    [register("./a.ts", { seed: 3 }), /environments\.own\.options\.seed: .*the seed comes from the command/],
    [[], /expected object, found \[\]/],
  ];
  for (const [config, message] of wrong) {
    await withConfig(config, {}, (file) => {
      assert.throws(() => readWhetConfig(file), (error: Error) => {
        assert.ok(error instanceof InputError, `${error}`);
        assert.match(error.message, message);
        return true;
      });
      return Promise.resolve();
    });
  }
  assert.throws(() => readWhetConfig("/nowhere/whet.json"), /Cannot read \/nowhere\/whet\.json: there is no such file/);
  for (const module of ["npm:pkg@1.2.3", "npm:@a/pkg@1.2.3-rc.1/sub", "file:///a/b.ts", "../x/environment.ts"]) {
    await withConfig(register(module), {}, (file) => {
      assert.equal(readWhetConfig(file).environments.own?.module, module);
      return Promise.resolve();
    });
  }
});

Deno.test("createEnvironment() checks the options of environments that come with Whetstone", async () => {
  await assert.rejects(createEnvironment("compose", { options: { dpeths: 3 } }), {
    name: "InputError",
    message: "Cannot use the options of environment compose: dpeths: unknown key; did you mean depths?",
  });
  await assert.rejects(
    createEnvironment("apps", { options: { depth: 3 } }),
    /options of environment apps: depth: unknown key$/,
  );
  await assert.rejects(
    createEnvironment("math", { options: { level: 2 } }),
    /level: unknown key; did you mean levels\?/,
  );
  await assert.rejects(createEnvironment("math", { options: { levels: "2" } }), /levels: Invalid input, found "2"/);
  const math = await createEnvironment("math", { options: { levels: 1, perFamily: { train: 2 } } });
  const families = Map.groupBy(math.tasks("train"), ({ scenario }) => scenario);
  assert.deepEqual(new Set([...families.values()].map(({ length }) => length)), new Set([2]));
  const environment = await createEnvironment("compose", { options: { mode: "tool", depths: 1 } });
  assert.equal(environment.tasks("test_seen")[0]?.labels?.mode, "tool");
});

Deno.test("parseEnvironmentOptions() reads JSON where it can and text where not, and refuses what has no key or comes twice", () => {
  assert.deepEqual(parseEnvironmentOptions(["a=1", "b=x=y", 'c={"d":[true]}', "e=", "__proto__=1"]), {
    a: 1,
    b: "x=y",
    c: { d: [true] },
    e: "",
    ["__proto__"]: 1,
  });
  assert.throws(() => parseEnvironmentOptions(["depth"]), /environment option "depth": expected key=value/);
  assert.throws(() => parseEnvironmentOptions(["=3"]), InputError);
  assert.throws(() => parseEnvironmentOptions(["a=1", "a=2"]), /a is given twice/);
});
