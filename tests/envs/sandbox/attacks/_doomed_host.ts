/**
 * A host with a Python guest: with "leave" it ends without disposing it, else it starts a loop without end and says so.
 *
 * @module
 */
import { PyodideSandbox } from "../../../../envs/sandbox/pyodide.ts";

const sandbox = await PyodideSandbox.create({
  call: () => {
    console.log("looping");
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
