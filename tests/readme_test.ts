/**
 * Every command of the README runs: those of `sh` blocks on a workspace made at the tiny scale, the two task commands by what they call.
 * The section on adding an environment has a test of its own, which follows it literally.
 *
 * @module
 */
import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };
import { serveHub } from "./_hub.ts";
import { writeCheckpoint } from "./eval/_checkpoint.ts";

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

/** Commands that know `--workspace`. */
const IN_WORKSPACE =
  /^(reproduce|train|eval|ablate|table|plot|report|sql|runs|rollout|rescore|export|import|record hash|env add-data|env stats|model export)\b/;
/** Commands that train, which a test does at the tiny scale. */
const TRAINS = /^(reproduce|train|ablate)\b/;

/** A line of the README as it is run here: in a workspace of its own, small, and with files written there. */
function adapted(line: string, { workspace, hub }: Place): { readonly args: string[]; readonly input: string | null } {
  const [, command = "", input = null] = /^whet (.*?)(?:\s<\s([^"\s]+))?$/.exec(line) ?? [];
  const args = words(command).map((word) => word.replace(/^results\//, `${workspace}/`));
  const option = (name: string) => args.indexOf(name);
  if (TRAINS.test(command)) {
    if (option("--scale") >= 0) args.splice(option("--scale"), 2);
    if (option("--seeds") >= 0) args.splice(option("--seeds"), 2);
    args.push("--scale", "ci");
  }
  // A tiny checkpoint, from a hub on this machine.
  if (command.startsWith("model fetch")) args.push("--endpoint", hub);
  if (/^model (generate|export)\b/.test(command) || /^eval .*--policy results\/models/.test(command)) {
    args.push("--device", "cpu");
  }
  return { args: IN_WORKSPACE.test(command) ? [...args, "--workspace", workspace] : args, input };
}

/** Where commands are run. */
interface Place {
  readonly workspace: string;
  /** Address of a hub. */
  readonly hub: string;
}

/** Starts a server, asks it whether it is well, and stops it as Ctrl-C does. */
async function served(args: readonly string[]): Promise<string> {
  const port = args.indexOf("--port");
  const free = args.map((arg, i) => (i === port + 1 ? "0" : arg));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-P", "--quiet", "--no-check", "cli.ts", ...free, "--json"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("}")) {
    const { done, value = "" } = await reader.read();
    assert.ok(!done, `the server ended: ${text}`);
    text += value;
  }
  const answer = await (await fetch(JSON.parse(text).url)).text();
  child.kill("SIGINT");
  await reader.cancel();
  assert.ok((await child.status).success);
  return answer;
}

async function whet(line: string, place: Place): Promise<string> {
  const { args, input } = adapted(line, place);
  if (args[0] === "env" && args[1] === "serve") return await served(args);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-P", "--quiet", "--no-check", "cli.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: input === null ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== null) {
    const writer = child.stdin.getWriter();
    await writer.write(await Deno.readFile(ROOT + input));
    await writer.close();
  }
  const { success, stdout, stderr } = await child.output();
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
  const checkpoint = await Deno.makeTempDir();
  await Deno.remove(checkpoint);
  await writeCheckpoint(checkpoint);
  const hub = await serveHub(checkpoint);
  const place = { workspace, hub: hub.endpoint };
  try {
    await whet("whet reproduce sage", place);
    for (const line of commands().filter((command) => command.startsWith("whet "))) {
      await t.step(line, async () => assert.notEqual(await whet(line, place), ""));
    }
    for (
      const line of [
        "whet --help",
        "whet doctor",
        "whet completion bash",
        "whet table sage",
        "whet record hash",
        "whet record schema",
        "whet runs list",
      ]
    ) {
      assert.ok(README.includes(`\`${line}\``), `the README no longer mentions ${line}`);
      await t.step(line, async () => assert.notEqual(await whet(line, place), ""));
    }
  } finally {
    await hub.stop();
    await Deno.remove(checkpoint, { recursive: true });
    await Deno.remove(`${ROOT}${workspace}`, { recursive: true }).catch(() => {});
  }
});
