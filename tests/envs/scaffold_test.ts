import assert from "node:assert/strict";
import { LONGEST_NAME, scaffoldEnvironment, ScaffoldError } from "../../envs/scaffold.ts";
import { createEnvironment } from "../../envs/registry.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** All paths below a folder, in order, with the texts of files. */
async function tree(folder: string, prefix = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) Object.assign(found, await tree(`${folder}/${name}`, `${prefix}${name}/`));
    else found[prefix + name] = await Deno.readTextFile(`${folder}/${name}`);
  }
  return Object.fromEntries(Object.entries(found).sort());
}

/** Runs Deno with this tree's configuration. */
async function deno(folder: string, ...args: string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: folder }).output();
  const text = new TextDecoder();
  assert.ok(success, `deno ${args.join(" ")}\n${text.decode(stdout)}${text.decode(stderr)}`);
}

Deno.test("scaffoldEnvironment() writes three files and registers the environment, beside what is there", async () => {
  await withFolder(async (folder) => {
    const { files, config } = await scaffoldEnvironment({ name: "one", folder });
    assert.deepEqual(
      files,
      ["environment.ts", "environment_test.ts", "README.md"].map((file) => `${folder}/environments/one/${file}`),
    );
    assert.equal(config, `${folder}/whet.json`);
    await Deno.writeTextFile(config, '{"environments":{"own":{"module":"./own.ts","options":{"a":1}}}}');
    await scaffoldEnvironment({ name: "two", folder });
    const after = await tree(folder);
    assert.deepEqual(Object.keys(after), [
      ...["one", "two"].flatMap((name) =>
        ["README.md", "environment.ts", "environment_test.ts"].map((file) => `environments/${name}/${file}`)
      ),
      "whet.json",
    ]);
    assert.deepEqual(JSON.parse(after["whet.json"] ?? ""), {
      environments: {
        own: { module: "./own.ts", options: { a: 1 } },
        two: { module: "./environments/two/environment.ts" },
      },
    });
    assert.ok(Object.values(after).every((text) => !text.includes("my-environment")));
  });
});

Deno.test("scaffoldEnvironment() writes an environment that the registry makes, with partial scores", async () => {
  await withFolder(async (folder) => {
    const { config } = await scaffoldEnvironment({ name: "paying", folder });
    const environment = await createEnvironment("paying", { config, seed: 3 });
    assert.deepEqual(environment.splits, ["train", "test"]);
    assert.ok(environment.splits.every((split) => environment.tasks(split).length >= 6));
    const [task] = environment.tasks("test");
    assert.ok(task !== undefined);
    const episode = await environment.open(task);
    const amount = Number(/exactly (\d+)/.exec(task.instruction)?.[1]);
    for (let paid = 0; paid < amount; paid++) await episode.step("pay 1");
    assert.equal((await episode.evaluate()).score, 0.5);
  });
});

Deno.test("scaffoldEnvironment() writes what deno fmt, lint, check and test accept, whatever the length of the name", async () => {
  const names = ["a", "n".repeat(LONGEST_NAME)];
  await withFolder(async (folder) => {
    for (const name of names) await scaffoldEnvironment({ name, folder });
    const config = `--config=${ROOT}deno.json`;
    await deno(folder, "fmt", "--check", config, "environments", "whet.json");
    await deno(folder, "lint", config, "environments");
    await deno(folder, "test", "-A", "--quiet", "--no-lock", config, "environments");
  });
});

Deno.test("scaffoldEnvironment() overwrites nothing, and leaves everything as it was when it fails", async () => {
  await withFolder(async (folder) => {
    await scaffoldEnvironment({ name: "one", folder });
    await Deno.mkdir(`${folder}/environments/empty`);
    const before = await tree(folder);
    const refuse = async (name: string, message: RegExp) => {
      await assert.rejects(scaffoldEnvironment({ name, folder }), (error: Error) => {
        assert.match(error.message, message);
        return true;
      });
    };
    await refuse(
      "one",
      /environments\/one is already there and is never overwritten; take another name, such as one-2/,
    );
    await refuse("empty", /environments\/empty is already there/);
    await Deno.remove(`${folder}/environments/one`, { recursive: true });
    await refuse("one", /whet\.json already registers one \(\.\/environments\/one\/environment\.ts\)/);
    await Deno.writeTextFile(`${folder}/whet.json`, '{ "enviroments": {} }');
    await refuse("new", /enviroments: unknown key; did you mean environments\?/);
    const after = await tree(folder);
    assert.deepEqual(Object.keys(after), Object.keys(before).filter((path) => !path.startsWith("environments/one/")));
    assert.equal(after["whet.json"], '{ "enviroments": {} }');
  });
});

Deno.test("scaffoldEnvironment() removes what it began when whet.json cannot be put in place", async () => {
  await withFolder(async (folder) => {
    // A folder in its place is found only when the file is read, or moved.
    await Deno.mkdir(`${folder}/whet.json`);
    await assert.rejects(scaffoldEnvironment({ name: "one", folder }));
    assert.deepEqual(await tree(folder), {});
  });
});

Deno.test("scaffoldEnvironment() names the rule and a name that keeps it", async () => {
  const wrong: [string, RegExp][] = [
    ["My Env", /name must be lower-case .*, got "My Env"; for example my-env$/],
    ["a_b", /for example a-b$/],
    ["3d", /for example d$/],
    ["-", /for example my-environment$/],
    ["", /got ""/],
    ["../up", /for example up$/],
    ["a--b", /for example a-b$/],
    ["x".repeat(41), /at most 40 characters/],
    ["apps", /is that of an environment that comes with Whetstone, got "apps"; for example my-apps$/],
  ];
  for (const [name, message] of wrong) {
    await assert.rejects(scaffoldEnvironment({ name, folder: "/nowhere" }), (error: Error) => {
      assert.ok(error instanceof ScaffoldError, `${error}`);
      assert.match(error.message, message);
      return true;
    });
  }
});
