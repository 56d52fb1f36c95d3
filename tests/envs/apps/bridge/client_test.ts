import assert from "node:assert/strict";
import { EnvFault } from "../../../../envs/contract.ts";
import { BridgeClient } from "../../../../envs/apps/bridge/client.ts";
import { mockServer } from "./_mock_server.ts";

for (const spelling of ["failures", "fails"] as const) {
  Deno.test(`evaluateAll() reads shares and verdicts (${spelling}), and never leaves details out`, async () => {
    const client = new BridgeClient("http://127.0.0.1:8000/", { send: mockServer({ spelling }).send });
    const report = await client.evaluateAll(["a1_1", "b2_1"], "e");
    assert.deepEqual([report.taskGoalCompletion, report.scenarioGoalCompletion], [0, 0]);
    assert.deepEqual(Object.keys(report.individual), ["a1_1", "b2_1"]);
    assert.equal(report.individual["a1_1"]?.failures.length, 1);
  });
}

Deno.test("a request that is not answered in time is an EnvFault", async () => {
  const send = (request: Request) =>
    new Promise<Response>((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
  const client = new BridgeClient("http://127.0.0.1:8000", { send, timeoutMs: 1 });
  await assert.rejects(client.docs(), (error) => error instanceof EnvFault && /no answer in 1 ms/.test(error.message));
});
