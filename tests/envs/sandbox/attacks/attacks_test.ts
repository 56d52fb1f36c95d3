/**
 * Runs every hostile program in a fresh episode and checks what must hold of it: nothing of the host is seen or changed, it ends within
 * its limits, and the host goes on.
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
const LIMITS = { fuel: 200, wallClockMs: 1000, timeoutSeconds: 1, memoryMiB: 32, apiCalls: 50, outputCharacters: 2000 };
/** Far above any limit, for slow machines; an endless program would not end at all. */
const LONGEST_MS = 20_000;
const CHILD_NAME = "_python_child.ts";

Deno.writeTextFileSync(`${FOLDER}/secret`, SECRET);
Deno.env.set(ENV_NAME, SECRET);
Reflect.set(globalThis, GLOBAL_NAME, SECRET);

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

/** Processes that this one, or nobody any more, has started to run Python; undefined where that cannot be seen. */
function pythonProcesses(): number[] | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    try {
      const [, parent] = Deno.readTextFileSync(`/proc/${name}/stat`).match(/\) \S (\d+) /) ?? [];
      const isChild = Deno.readTextFileSync(`/proc/${name}/cmdline`).includes(CHILD_NAME);
      if (isChild && (Number(parent) === Deno.pid || Number(parent) === 1)) found.push(Number(name));
    } catch {
      // No process, or one that has just ended.
    }
  }
  return found;
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
  if (attack.ends !== true || attack.traces === undefined) assert.deepEqual(shownTraces, attack.traces ?? []);
  const after = await sandbox.execute(language === "python" ? "2 + 2" : "2 + 2;");
  if (attack.ends !== true) assert.equal(after.observation, "Execution successful.", "the episode goes on");
  for (const text of [observation, after.observation, JSON.stringify(seenArguments)]) {
    assert.ok(!text.includes(SECRET), "the secret stays where it is");
  }
  seenArguments.length = 0;
  return observation;
}

const before = hostState();
const untouched = { polluted: ({} as Record<string, unknown>)["polluted"] };

for (
  const [language, attacks] of [["javascript", JAVASCRIPT_ATTACKS], ["python", PYTHON_ATTACKS]] as const
) {
  // The next sandbox starts while an attack runs.
  let next: Promise<Sandbox> | undefined;
  attacks.forEach((attack, index) => {
    Deno.test(`openSandbox("${language}") holds against ${attack.category}: ${attack.name}`, async () => {
      const sandbox = await (next ?? open(language));
      next = index + 1 < attacks.length ? open(language) : undefined;
      let shown: string;
      try {
        shown = await run(language, attack, sandbox);
      } finally {
        await close(sandbox);
      }
      assert.equal(hostState(), before, "nothing of the host has changed");
      assert.equal(({} as Record<string, unknown>)["polluted"], untouched.polluted);
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
    assert.deepEqual(pythonProcesses() ?? [], []);
  });
}

Deno.test("A guest ends with its host, however that ends and whatever the guest does", async () => {
  if (Deno.build.os !== "linux") return;
  const host = new Deno.Command(Deno.execPath(), {
    args: ["run", "-P=test", "--quiet", new URL("./_doomed_host.ts", import.meta.url).pathname],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  // The host tells its guest's process id once the guest is in its loop.
  const reader = host.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  const guest = Number(value);
  assert.ok(guest > 0, `no process id: ${value}`);
  host.kill("SIGKILL");
  await host.status;
  await reader.cancel();
  const startedAt = performance.now();
  const runs = () => {
    try {
      return Deno.readTextFileSync(`/proc/${guest}/cmdline`).includes(CHILD_NAME);
    } catch {
      return false;
    }
  };
  while (runs() && performance.now() - startedAt < LONGEST_MS) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(runs(), false);
});

Deno.test("A guest that nobody disposes does not keep its host from ending", async () => {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-P=test", "--quiet", new URL("./_doomed_host.ts", import.meta.url).pathname, "leave"],
  }).output();
  assert.ok(success);
  assert.equal(new TextDecoder().decode(stdout), "left\n");
  assert.deepEqual(pythonProcesses() ?? [], []);
});
