/**
 * Every command of the README runs: those of `sh` blocks on a workspace made at the tiny scale, the two task commands by what they call.
 *
 * @module
 */
import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };

const ROOT = new URL("../", import.meta.url).pathname;
const README = await Deno.readTextFile(`${ROOT}README.md`);

/** Lines of the README's `sh` blocks, without comments. */
function commands(): string[] {
  return [...README.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap((block) => (block[1] ?? "").split("\n"))
    .map((line) => line.replace(/\s+#.*$/, "").trim()).filter((line) => line !== "");
}

/** Words of a command line; double quotes keep words together. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
}

async function whet(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-P", "--quiet", "cli.ts", ...args],
    cwd: ROOT,
  }).output();
  assert.ok(success, `whet ${args.join(" ")}\n${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

Deno.test("README opens with two commands that are tasks of deno.json", () => {
  assert.deepEqual(commands().slice(0, 2), [
    "npx -y deno@2.9.6 task reproduce",
    "npx -y deno@2.9.6 task test",
  ]);
  assert.match(config.tasks.reproduce.command, /cli\.ts reproduce sage --scale smoke$/);
  assert.match(config.tasks.test.command, /deno test/);
});

Deno.test("README names tasks without permission to do everything", () => {
  for (const { command } of Object.values(config.tasks)) assert.doesNotMatch(command, / (-A|--allow-all)\b/);
});

Deno.test("README's commands run", async (t) => {
  const workspace = `results/readme-test-${crypto.randomUUID()}`;
  try {
    await whet(["reproduce", "sage", "--scale", "ci", "--workspace", workspace]);
    for (const line of commands().filter((command) => command.startsWith("whet "))) {
      await t.step(line, async () => {
        const args = words(line).slice(1);
        const reads = ["sql", "table", "record"].includes(args[0] ?? "");
        assert.notEqual(await whet(reads ? [...args, "--workspace", workspace] : args), "");
      });
    }
    for (const line of ["whet --help", "whet doctor", "whet completion bash", "whet table sage", "whet record hash"]) {
      assert.ok(README.includes(`\`${line}\``), `the README no longer mentions ${line}`);
      await t.step(line, async () => {
        const args = words(line).slice(1);
        const reads = ["table", "record"].includes(args[0] ?? "");
        assert.notEqual(await whet(reads ? [...args, "--workspace", workspace] : args), "");
      });
    }
  } finally {
    await Deno.remove(`${ROOT}${workspace}`, { recursive: true }).catch(() => {});
  }
});
