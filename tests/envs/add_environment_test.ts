/**
 * The README's section "Add an environment", followed literally in a copy of this tree, with the permissions that users have.
 *
 * @module
 */
import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url).pathname;
const README = await Deno.readTextFile(`${ROOT}README.md`);
const SECTION = /^## Add an environment\n(.*?)(?=^## |$(?![^]))/ms.exec(README)?.[1] ?? "";
/** Written by following the section, so not taken over. */
const WRITTEN = ["environments", "results", "whet.json"];

/** Command lines of the section's `sh` blocks, in order, without comments. */
function commands(): string[] {
  return [...SECTION.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap((block) => (block[1] ?? "").split("\n"))
    .map((line) => line.replace(/\s+#.*$/, "").trim()).filter((line) => line !== "");
}

/** A folder that looks like this tree: links to what is there, but a `deno.json` of its own, from which permissions are measured. */
async function copyOfTree(): Promise<string> {
  const folder = await Deno.makeTempDir();
  for await (const { name } of Deno.readDir(ROOT)) {
    if (name.startsWith(".") || WRITTEN.includes(name)) continue;
    // Copies of what must not lead back to the tree: the main module, what permissions start from, and what Deno may write.
    if (["cli.ts", "deno.json", "deno.lock"].includes(name)) await Deno.copyFile(ROOT + name, `${folder}/${name}`);
    else await Deno.symlink(ROOT + name, `${folder}/${name}`);
  }
  return folder;
}

/** Runs a line such as `npx -y deno@2.9.6 task whet env list`, with this Deno in place of the one that npx would fetch. */
async function follow(line: string, folder: string): Promise<string> {
  const [npx, yes, version, ...args] = line.split(/\s+/);
  assert.deepEqual(
    [npx, yes, version],
    ["npx", "-y", "deno@2.9.6"],
    `${line} does not begin like the README's other commands`,
  );
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  assert.ok(success, `${line}\n${text.decode(stdout)}${text.decode(stderr)}`);
  return text.decode(stdout);
}

Deno.test({
  name: "README's section on adding an environment runs as it stands, and shows the file that it writes",
  ignore: !SECTION.includes("whet env new"),
  fn: async () => {
    const lines = commands();
    assert.ok(lines.length >= 4 && lines[0]?.endsWith(" task whet env new coins"));
    const folder = await copyOfTree();
    try {
      const outputs = new Map<string, string>();
      for (const line of lines) outputs.set(line, await follow(line, folder));
      const output = (end: string) => [...outputs].find(([line]) => line.endsWith(end))?.[1] ?? "";
      assert.match(output("env check coins"), /coins 1 \(hash [0-9a-f]{12}\) keeps the contract of environments/);
      assert.match(output("env list"), /^coins +1 +[0-9a-f]{12} +train +3 +9$/m);
      assert.match(output("test -P=test environments/coins"), /ok \| 3 passed \| 0 failed/);
      const written = await Deno.readTextFile(`${folder}/environments/coins/environment.ts`);
      assert.equal(/^```ts\n(.*?)^```$/ms.exec(SECTION)?.[1], written);
      const config = JSON.parse(await Deno.readTextFile(`${folder}/whet.json`));
      assert.deepEqual(config, { environments: { coins: { module: "./environments/coins/environment.ts" } } });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
