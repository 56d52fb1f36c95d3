/**
 * Runs every hostile program in a fresh episode and checks what must hold of it: nothing of the host is seen or changed,
 * it ends within its limits, and the host goes on.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Json } from "../../../../data/canonical.ts";
import { openSandbox, type SandboxLanguage } from "../../../../envs/sandbox/open_sandbox.ts";
import { PyodideSandbox } from "../../../../envs/sandbox/pyodide.ts";
import type { Sandbox } from "../../../../envs/sandbox/sandbox.ts";
import { type Attack, LIBRARY } from "./_attack.ts";
import { JAVASCRIPT_ATTACKS } from "./_javascript.ts";
import { PYTHON_ATTACKS } from "./_python.ts";

const SECRET = `secret-${crypto.randomUUID()}`;
const ENV_NAME = "WHET_CANARY";
const GLOBAL_NAME = "whetCanary";
const FOLDER = Deno.makeTempDirSync({ prefix: "canary" });
const LIMITS = { fuel: 100, wallClockMs: 1500, timeoutSeconds: 1, memoryMiB: 32, apiCalls: 50, outputCharacters: 2000 };
/** Far above any limit, for slow machines; an endless program would not end at all. */
const LONGEST_MS = 20_000;
const CHILD_NAME = "_python_child.ts";

Deno.writeTextFileSync(`${FOLDER}/secret`, SECRET);
Deno.env.set(ENV_NAME, SECRET);
Reflect.set(globalThis, GLOBAL_NAME, SECRET);

Deno.test.afterAll(() => {
  Deno.removeSync(FOLDER, { recursive: true });
  Deno.env.delete(ENV_NAME);
});

const PLACES: Readonly<Record<string, string>> = {
  CANARY_FILE: `${FOLDER}/secret`,
  CANARY_DIR: FOLDER,
  CANARY_ENV: ENV_NAME,
  CANARY_GLOBAL: GLOBAL_NAME,
  SANDBOX_DIR: new URL("../../../../envs/sandbox", import.meta.url).pathname,
};

function withPlaces(source: string): string {
  return Object.entries(PLACES).reduce((text, [name, place]) => text.replaceAll(name, place), source);
}

/** What of the host a guest could have changed. */
function hostState(): string {
  const holders = [
    globalThis,
    Object.prototype,
    Array.prototype,
    Function.prototype,
    String.prototype,
    Promise.prototype,
  ];
  const names = holders.map((holder) => Object.getOwnPropertyNames(holder).sort());
  const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
  return JSON.stringify([names, files, Reflect.get(globalThis, GLOBAL_NAME), Deno.env.get(ENV_NAME), Deno.cwd()]);
}

/** Processes of guests that a process has started; undefined where that cannot be seen. */
async function guestsOf(parent: number): Promise<number[] | undefined> {
  try {
    const { stdout } = await new Deno.Command("ps", { args: ["-eo", "pid=,ppid=,args="], stdout: "piped" }).output();
    return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes(CHILD_NAME))
      .map((line) => line.trim().split(/\s+/).map(Number))
      .flatMap(([pid = 0, of]) => of === parent ? [pid] : []);
  } catch {
    return undefined;
  }
}

/** Whether a guest's process is there. */
async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-p", String(pid), "-o", "args="], stdout: "piped" })
    .output();
  return new TextDecoder().decode(stdout).includes(CHILD_NAME);
}

const seenArguments: Json[] = [];

async function open(language: SandboxLanguage): Promise<Sandbox> {
  return await openSandbox(language)({
    call: (_app, _api, args) => {
      seenArguments.push(args);
      return { status: 200, body: args };
    },
    apis: { a: ["b"] },
    frozenAt: "2024-05-01T09:30:00",
    seedKey: ["attack"],
    limits: LIMITS,
  });
}

async function close(sandbox: Sandbox): Promise<void> {
  sandbox.dispose();
  if (sandbox instanceof PyodideSandbox) await sandbox.ended;
}

/** Runs an attack; the sandbox is fresh, which shows that the attack before left the host able to work. */
async function run(language: SandboxLanguage, attack: Attack, sandbox: Sandbox): Promise<string> {
  assert.equal((await sandbox.execute("print(6 * 7)")).observation, "42", "a fresh episode works");
  assert.equal(await sandbox.preload(LIBRARY[language], ["helper"]), true);
  const startedAt = performance.now();
  const { observation, traces } = await sandbox.execute(withPlaces(attack.source));
  assert.ok(performance.now() - startedAt < LONGEST_MS, "it ends within its limits");
  assert.match(observation, attack.sees);
  assert.ok(observation.length < 3 * LIMITS.outputCharacters, "what it shows is bounded");
  const shownTraces = traces.map(({ name, kind, apiCalls }) => `${name === "helper" ? "" : name}${kind} ${apiCalls}`);
  assert.deepEqual(shownTraces, attack.traces ?? []);
  const after = await sandbox.execute(language === "python" ? "2 + 2" : "2 + 2;");
  if (attack.ends !== true) assert.equal(after.observation, "Execution successful.", "the episode goes on");
  for (const text of [observation, after.observation, JSON.stringify(seenArguments)]) {
    assert.ok(!text.includes(SECRET), "the secret stays where it is");
  }
  seenArguments.length = 0;
  return observation;
}

/** Taken when the first sandbox is open, since loading an interpreter may add names of its own. */
let before: string | undefined;

for (
  const [language, attacks] of [["javascript", JAVASCRIPT_ATTACKS], ["python", PYTHON_ATTACKS]] as const
) {
  // The next sandbox starts while an attack runs.
  let next: Promise<Sandbox> | undefined;
  attacks.forEach((attack, index) => {
    Deno.test(`openSandbox("${language}") holds against ${attack.category}: ${attack.name}`, async () => {
      const sandbox = await (next ?? open(language));
      next = index + 1 < attacks.length ? open(language) : undefined;
      before ??= hostState();
      let shown: string;
      try {
        shown = await run(language, attack, sandbox);
      } finally {
        await close(sandbox);
      }
      assert.equal(hostState(), before, "nothing of the host has changed");
      if (attack.twice !== true) return;
      const again = await open(language);
      try {
        assert.equal(await run(language, attack, again), shown, "the same code shows the same");
      } finally {
        await close(again);
      }
    });
  });
  Deno.test(`openSandbox("${language}") works, and leaves no process, after all attacks`, async () => {
    const sandbox = await (next ?? open(language));
    assert.equal((await sandbox.execute("print(apis)")).ok, true);
    await close(sandbox);
    assert.deepEqual(await guestsOf(Deno.pid) ?? [], []);
  });
}

Deno.test("A guest ends with its host, however that ends, and does not keep it from ending", async () => {
  const script = ["run", "-P=test", "--quiet", new URL("./_doomed_host.ts", import.meta.url).pathname];
  const leaving = new Deno.Command(Deno.execPath(), { args: [...script, "leave"] }).output();
  if (await guestsOf(Deno.pid) !== undefined) {
    const host = new Deno.Command(Deno.execPath(), { args: script, stdout: "piped", stderr: "null" }).spawn();
    // The host says so when the guest is about to enter its loop.
    const reader = host.stdout.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader.read()).value, "looping\n");
    const [guest = 0] = await guestsOf(host.pid) ?? [];
    assert.ok(guest > 0 && await isRunning(guest));
    host.kill("SIGKILL");
    await host.status;
    await reader.cancel();
    const startedAt = performance.now();
    while (await isRunning(guest) && performance.now() - startedAt < LONGEST_MS);
    assert.equal(await isRunning(guest), false);
  }
  const { success, stdout } = await leaving;
  assert.ok(success);
  assert.equal(new TextDecoder().decode(stdout), "left\n");
});
