import assert from "node:assert/strict";
import { serveApps, ServerPortError } from "../../../../eval/serve_environment.ts";
import { environment, taskAt } from "./_kit.ts";

Deno.test("serveApps() serves until it is stopped, and keeps outputs of open experiments", async () => {
  const outputs = await Deno.makeTempDir();
  const stop = new AbortController();
  const { promise: listening, resolve: onListening } = Promise.withResolvers<string>();
  const options = { hostname: "127.0.0.1", language: "javascript", environment, outputs } as const;
  const server = serveApps({ ...options, port: 0, signal: stop.signal, onListening });
  const url = await listening;
  const body = JSON.stringify({ task_id: taskAt(0).id, experiment_name: "e" });
  const response = await fetch(`${url}/initialize`, { method: "POST", body });
  assert.equal((await response.json()).output.task_id, taskAt(0).id);
  const port = Number(new URL(url).port);
  const taken = serveApps({ ...options, port, signal: stop.signal, onListening() {} });
  await assert.rejects(taken, (error) => error instanceof ServerPortError && error.message.includes(`:${port}`));
  stop.abort();
  await server;
  const names = (await Array.fromAsync(Deno.readDir(`${outputs}/e`))).map(({ name }) => name).sort();
  assert.deepEqual(names, [`${taskAt(0).id}.json`, `${taskAt(0).id}.log.json`]);
  await Deno.remove(outputs, { recursive: true });
});
