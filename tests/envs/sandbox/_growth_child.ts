/**
 * Child process of the growth test: opens and disposes sandboxes and prints by how many bytes the process grew.
 *
 * A process of its own, because tests that run side by side share their process and its memory.
 *
 * @module
 */
import { QuickJsSandbox } from "../../../envs/sandbox/quickjs.ts";

async function open(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const sandbox = await QuickJsSandbox.create({
      call: () => ({ status: 200, body: null }),
      apis: {},
      frozenAt: "2027-03-15T10:00:00",
      seedKey: ["growth"],
    });
    const { observation } = sandbox.execute("let x = [1, 2]; print(x)");
    if (observation !== "[1,2]") throw new Error(observation);
    sandbox.dispose();
  }
}

await open(200);
const before = Deno.memoryUsage().rss;
await open(3000);
console.log(Deno.memoryUsage().rss - before);
