import assert from "node:assert/strict";
import { answerMessage, OpenEnvEpisode } from "../../../../envs/apps/server/open_env.ts";
import { environment, solutionOf, taskAt, testServer } from "./_kit.ts";

const one = taskAt(0);
const newEpisode = () => new OpenEnvEpisode({ source: environment, language: "javascript" });

async function say(episode: OpenEnvEpisode, message: unknown) {
  const text = typeof message === "string" ? message : JSON.stringify(message);
  return JSON.parse(await answerMessage(episode, text) ?? "null");
}

Deno.test("OpenEnvEpisode pays nothing until the end, then the score", async () => {
  const episode = newEpisode();
  const reset = await episode.reset({ task_id: one.id, episode_id: "e" });
  assert.deepEqual([reset.reward, reset.done, reset.observation.task?.task_id], [null, false, one.id]);
  assert.ok(reset.observation.text.endsWith(one.instruction));
  const step = await episode.step({ code: "print(6 * 7)" });
  assert.deepEqual(step, { observation: { text: "42", ok: true, task: null }, reward: null, done: false });
  const last = await episode.step({ code: await solutionOf(one) });
  assert.deepEqual([last.reward, last.done, last.metadata?.["success"]], [1, true, true]);
  assert.deepEqual(episode.state(), {
    episode_id: "e",
    step_count: 2,
    task_id: one.id,
    language: "javascript",
    done: true,
  });
  await assert.rejects(episode.step({ code: "1" }), /The episode is over/);
  assert.equal((await episode.reset({ task_id: one.id })).done, false);
  await episode.close();
});

Deno.test("OpenEnvEpisode ends at the step cap with the score of the state as it stands", async () => {
  const episode = newEpisode();
  await episode.reset({ task_id: one.id, max_steps: 2 });
  assert.equal((await episode.step({ code: "throw 1" })).observation.ok, false);
  const { reward, done } = await episode.step({ code: "print(1)" });
  assert.deepEqual([reward, done], [0, true]);
  await episode.close();
});

Deno.test("reset() picks a task by seed, the same each time, and refuses what does not exist", async () => {
  const episode = newEpisode();
  const pick = async (data: object) => (await episode.reset(data)).observation.task?.task_id;
  const ids = environment.tasks("dev").map(({ id }) => id);
  assert.equal(await pick({ split: "dev", seed: 1 }), ids[1]);
  assert.equal(await pick({ split: "dev", seed: ids.length + 1 }), ids[1]);
  await assert.rejects(episode.reset({ split: "none" }), /There is no split none/);
  await assert.rejects(episode.reset({ task_id: "none" }), /There is no task none/);
  await episode.close();
});

Deno.test("answerMessage() speaks observation, state and error, and ends on close", async () => {
  const episode = newEpisode();
  assert.equal((await say(episode, "{")).data.code, "INVALID_JSON");
  assert.equal((await say(episode, { type: "jump" })).data.code, "UNKNOWN_TYPE");
  assert.equal((await say(episode, { type: "step", data: { code: "1" } })).data.code, "EXECUTION_ERROR");
  const reset = await say(episode, { type: "reset", data: { task_id: one.id } });
  assert.deepEqual([reset.type, reset.data.reward, reset.data.observation.ok], ["observation", null, true]);
  for (const data of [undefined, {}, { code: 1 }, { code: "1", more: 1 }]) {
    assert.equal((await say(episode, { type: "step", data })).data.code, "VALIDATION_ERROR");
  }
  assert.equal((await say(episode, { type: "step", data: { code: "print(1)" } })).data.observation.text, "1");
  const state = await say(episode, { type: "state" });
  assert.deepEqual([state.type, state.data.step_count], ["state", 1]);
  assert.equal(await answerMessage(episode, '{"type": "close"}'), undefined);
  await episode.close();
});

Deno.test("over HTTP a step follows its reset, by episode_id or the last one", async () => {
  const { get, post } = testServer();
  assert.equal((await post("/step", { action: { code: "1" } })).status, 400);
  assert.equal((await post("/reset", { task_id: one.id, episode_id: "a" })).status, 200);
  assert.equal((await post("/reset", { task_id: taskAt(1).id })).status, 200);
  await post("/step", { action: { code: "1" }, episode_id: "a" });
  await post("/step", { action: { code: "1" }, episode_id: "a" });
  await post("/step", { action: { code: "1" } });
  const count = async (path: string) => ((await get(path)).body as { step_count: number }).step_count;
  assert.deepEqual([await count("/state?episode_id=a"), await count("/state")], [2, 1]);
  assert.equal((await post("/step", {})).status, 422);
  assert.equal((await post("/step", { action: { run: "1" } })).status, 422);
  assert.deepEqual((await get("/health")).body, { status: "healthy" });
  const schema = (await get("/schema")).body as Record<string, { required: string[] }>;
  assert.deepEqual(schema["action"]?.required, ["code"]);
  assert.deepEqual(Object.keys(schema), ["action", "observation", "state"]);
});

Deno.test("a full server takes the place of an episode that is over", async () => {
  const { post } = testServer({ mostWorlds: 1 });
  const reset = async (episode_id: string) => (await post("/reset", { task_id: one.id, episode_id })).status;
  assert.equal(await reset("a"), 200);
  assert.equal(await reset("b"), 400);
  await post("/step", { action: { code: "apis.principal.finish_task()" }, episode_id: "a" });
  assert.equal(await reset("b"), 200);
});

Deno.test("a session over a WebSocket lasts as long as its socket", async () => {
  const { server } = testServer({ mostWorlds: 1 });
  const listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => server.fetch(request));
  const url = `ws://127.0.0.1:${listener.addr.port}/ws`;
  const open = async () => {
    const socket = new WebSocket(url);
    const answers: ((text: string) => void)[] = [];
    socket.onmessage = ({ data }) => answers.shift()?.(String(data));
    const closed = new Promise<void>((resolve) => socket.onclose = () => resolve());
    const next = () => new Promise<string>((resolve) => answers.push(resolve));
    const first = next();
    await new Promise<void>((resolve) => socket.onopen = () => resolve());
    return {
      socket,
      closed,
      first,
      ask: (message: object, answer = next()) => (socket.send(JSON.stringify(message)), answer),
    };
  };
  const session = await open();
  const reset = JSON.parse(await session.ask({ type: "reset", data: { task_id: one.id } }, session.first));
  assert.equal(reset.data.observation.task.task_id, one.id);
  assert.equal(JSON.parse(await session.ask({ type: "step", data: { code: "print(2)" } })).data.observation.text, "2");
  const refused = await open();
  assert.equal(JSON.parse(await refused.first).data.code, "CAPACITY_REACHED");
  await refused.closed;
  session.socket.send('{"type": "close"}');
  await session.closed;
  await listener.shutdown();
  await server.close();
});
