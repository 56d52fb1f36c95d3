/**
 * A host with a Python guest: with "leave" it ends without disposing it, else it starts a loop without end and tells the id of the guest's process.
 *
 * @module
 */
import { PyodideSandbox } from "../../../../envs/sandbox/pyodide.ts";

const sandbox = await PyodideSandbox.create({
  call: () => {
    for (const { name } of Deno.readDirSync("/proc")) {
      try {
        const [, parent] = Deno.readTextFileSync(`/proc/${name}/stat`).match(/\) \S (\d+) /) ?? [];
        if (Number(parent) === Deno.pid) console.log(name);
      } catch {
        // No process, or one that has just ended.
      }
    }
    return { status: 200, body: null };
  },
  apis: { a: ["b"] },
  frozenAt: "2024-05-01T09:30:00",
  seedKey: ["doomed"],
  limits: { fuel: 1e9, wallClockMs: 600_000 },
});
if (Deno.args[0] === "leave") {
  await sandbox.execute("x = 1");
  console.log("left");
} else await sandbox.execute("apis.a.b()\nsum(iter(int, 1))");
