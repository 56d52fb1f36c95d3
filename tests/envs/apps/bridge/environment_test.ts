import assert from "node:assert/strict";
import type { Json } from "../../../../data/canonical.ts";
import { InputError } from "../../../../data/parse_input.ts";
import { EnvFault } from "../../../../envs/contract.ts";
import { BridgeEnvironment, bridgeOptionsSchema } from "../../../../envs/apps/bridge/environment.ts";
import { privateFolder } from "../../../../envs/apps/bridge/private_folder.ts";
import { environment as apps, solutionOf, tasks, testServer } from "../server/_kit.ts";
import { mockServer } from "./_mock_server.ts";

/** A folder in a map. */
function mapFolder() {
  const values = new Map<string, Json>();
  return { values, write: (path: string, value: Json) => Promise.resolve(void values.set(path, value)) };
}

type Send = (request: Request) => Promise<Response>;

async function bridge(options: object, send: Send, folder = mapFolder()) {
  return { folder, environment: await BridgeEnvironment.create(bridgeOptionsSchema.parse(options), { send, folder }) };
}

async function openTask(environment: BridgeEnvironment, id: string) {
  return await environment.open(environment.task(id));
}

Deno.test("tasks() are those whose ids were given, with what the server says of them", async () => {
  const { environment } = await bridge({ taskIds: "b2_1, a1_2 a1_1" }, mockServer().send);
  assert.deepEqual(environment.splits, ["all"]);
  assert.deepEqual(environment.tasks("all").map(({ id }) => id), ["a1_1", "a1_2", "b2_1"]);
  const task = environment.task("a1_2");
  assert.deepEqual([task.scenario, task.variant, task.context], ["a1", 2, "Ada Moor, 2027-03-20"]);
  assert.match(task.instruction, /attic/);
  assert.throws(() => environment.tasks("dev"), RangeError);
  assert.throws(() => environment.task("c3_1"), RangeError);
});

Deno.test("without ids nothing is asked, and there are no tasks", async () => {
  const { environment } = await bridge({}, () => Promise.reject(new Error("asked")));
  assert.deepEqual([environment.id, environment.tasks("all")], ["apps-bridge", []]);
});

Deno.test("an id that the server does not know is an EnvFault", async () => {
  await assert.rejects(bridge({ taskIds: "zz_1" }, mockServer().send), EnvFault);
});

Deno.test("an episode passes Python on, and everything is closed before a task is opened", async () => {
  const mock = mockServer();
  const { environment } = await bridge({ taskIds: ["a1_1", "a1_2"], experiment: "try", maxSteps: 2 }, mock.send);
  for (const id of ["a1_1", "a1_2"]) {
    const episode = await openTask(environment, id);
    const step = await episode.step("print(x)");
    assert.deepEqual([step.observation, step.done, step.ok], ["x", false, true]);
    assert.equal((await episode.step("y = 1")).done, true);
    await assert.rejects(episode.step("y"), EnvFault);
    episode.close();
    await assert.rejects(episode.evaluate(), EnvFault);
  }
  await environment.settled();
  assert.equal(mock.overlaps, 0);
  assert.deepEqual(mock.log.slice(0, 5), ["tasks/a1_1", "tasks/a1_2", "close_all", "initialize", "execute"]);
  assert.deepEqual(mock.bodies[3], { experiment_name: "try", max_interactions: 2, task_id: "a1_1" });
});

Deno.test("calls are rendered as Python, and what is no call never reaches the server", async () => {
  const mock = mockServer();
  const { environment } = await bridge({ taskIds: "a1_1", language: "calls" }, mock.send);
  const episode = await openTask(environment, "a1_1");
  const { observation } = await episode.step('lamps.list_lamps room="the \\"hall\\"" page=0');
  assert.deepEqual(JSON.parse(observation), { app: "lamps", api: "list_lamps", args: { room: 'the "hall"', page: 0 } });
  const asked = mock.log.length;
  const refused = await episode.step("import os");
  assert.deepEqual([refused.ok, refused.done, mock.log.length], [false, false, asked]);
  assert.match(refused.observation, /^Execution failed\. Traceback:\nSyntax error in line:\nimport os\n/);
  assert.equal((await episode.step('{"app": "lamps", "api": "finish", "args": {"answer": 3}}')).done, true);
  assert.equal((await episode.evaluate()).score, 1);
  episode.close();
  await environment.settled();
});

for (const spelling of ["failures", "fails"] as const) {
  Deno.test(`evaluate() numbers requirements and keeps their words in the private folder (${spelling})`, async () => {
    const { environment, folder } = await bridge({ taskIds: "a1_1", experiment: "try" }, mockServer({ spelling }).send);
    const episode = await openTask(environment, "a1_1");
    await episode.step("print(1)");
    const evaluation = await episode.evaluate();
    assert.deepEqual([evaluation.score, evaluation.success, evaluation.passed, evaluation.total], [0, false, 1, 2]);
    assert.deepEqual(evaluation.tests.map(({ label, passed }) => [label, passed]), [["no_op_pass", true], [
      "no_op_fail",
      false,
    ]]);
    assert.doesNotMatch(JSON.stringify(evaluation), /secret/);
    assert.match(
      JSON.stringify(folder.values.get("try/a1_1.json")),
      /secret words two.*secret trace|secret trace.*secret words two/,
    );
    episode.close();
    await environment.settled();
  });
}

Deno.test("evaluate() pays all or nothing where the server does not label its tests", async () => {
  const { environment } = await bridge({ taskIds: "a1_1", language: "calls" }, mockServer({ labels: "missing" }).send);
  const episode = await openTask(environment, "a1_1");
  assert.equal((await episode.evaluate()).score, 0);
  await episode.step("lamps.finish answer=3");
  assert.equal((await episode.evaluate()).score, 1);
  episode.close();
  await environment.settled();
});

Deno.test("an output that tells of a closed database is an EnvFault, and the next episode starts afresh", async () => {
  const mock = mockServer();
  const { environment } = await bridge({ taskIds: "a1_1" }, mock.send);
  const broken = await openTask(environment, "a1_1");
  await broken.step("print(0)");
  await mock.send(new Request("http://127.0.0.1/close", { method: "POST", body: '{"task_id": "a1_1"}' }));
  await assert.rejects(broken.step("print(1)"), EnvFault);
  broken.close();
  const fresh = await openTask(environment, "a1_1");
  assert.equal((await fresh.step("print(1)")).observation, "1");
  fresh.close();
  await environment.settled();
});

Deno.test("a server that refuses, is not there or answers something else is an EnvFault", async () => {
  const sends: Send[] = [
    () => Promise.reject(new TypeError("connection refused")),
    () => Promise.resolve(Response.json({ detail: "no" }, { status: 500 })),
    () => Promise.resolve(new Response("<html>")),
    () => Promise.resolve(Response.json({ output: { task_id: "a1_1" } })),
  ];
  for (const send of sends) await assert.rejects(bridge({ taskIds: "a1_1" }, send), EnvFault);
});

Deno.test("episodes that are opened together and played one after the other do nothing twice", async () => {
  const mock = mockServer();
  const { environment } = await bridge({ taskIds: "a1_1 a1_2 b2_1", language: "calls" }, mock.send);
  const episodes = await Promise.all(["a1_1", "a1_2", "b2_1"].map((id) => openTask(environment, id)));
  for (const [i, episode] of episodes.entries()) {
    await episode.step("lamps.list_lamps");
    await episode.step(`lamps.finish answer=${i === 1 ? 3 : 4}`);
  }
  const scores: number[] = [];
  for (const episode of episodes) scores.push((await episode.evaluate()).score);
  assert.deepEqual(scores, [0, 1, 0]);
  const count = (path: string) => mock.log.filter((asked) => asked === path).length;
  assert.deepEqual([count("initialize"), count("execute"), count("evaluate"), mock.overlaps], [3, 6, 3, 0]);
  episodes.forEach((episode) => episode.close());
  await environment.settled();
});

Deno.test("episodes that take turns on one server end as if each had its own", async () => {
  const mock = mockServer();
  const { environment } = await bridge({ taskIds: "a1_1 a1_2", language: "calls" }, mock.send);
  const [one, two] = [await openTask(environment, "a1_1"), await openTask(environment, "a1_2")];
  await Promise.all([one.step("lamps.list_lamps"), two.step("lamps.list_lamps")]);
  await Promise.all([one.step("lamps.finish answer=3"), two.step("lamps.finish answer=4")]);
  assert.deepEqual([(await one.evaluate()).score, (await two.evaluate()).score, mock.overlaps], [1, 0, 0]);
  one.close();
  two.close();
  await environment.settled();
});

Deno.test("an episode that comes back and finds something else is an EnvFault", async () => {
  let shown = 0;
  const mock = mockServer();
  const send: Send = (request) =>
    request.url.endsWith("/execute") ? Promise.resolve(Response.json({ output: String(shown++) })) : mock.send(request);
  const { environment } = await bridge({ taskIds: "a1_1 a1_2" }, send);
  const [one, two] = [await openTask(environment, "a1_1"), await openTask(environment, "a1_2")];
  await one.step("x");
  await two.step("x");
  await assert.rejects(
    one.step("y"),
    (error) => error instanceof EnvFault && /shows something else/.test(error.message),
  );
  one.close();
  two.close();
  await environment.settled();
});

Deno.test("each of several servers has its own experiment, and episodes act side by side", async () => {
  const mocks = new Map(["127.0.0.1:1", "127.0.0.1:2"].map((host) => [host, mockServer()]));
  const send: Send = (request) => mocks.get(new URL(request.url).host)?.send(request) ?? Promise.reject(new Error());
  const url = [...mocks.keys()].map((host) => `http://${host}`);
  const { environment } = await bridge({ url, taskIds: "a1_1 a1_2", experiment: "e" }, send);
  const [one, two] = [await openTask(environment, "a1_1"), await openTask(environment, "a1_2")];
  for (let i = 0; i < 3; i++) await Promise.all([one.step("print(1)"), two.step("print(2)")]);
  one.close();
  two.close();
  await environment.settled();
  const all = [...mocks.values()];
  const experiments = all.map(({ bodies }) => bodies.flatMap((body) => body["experiment_name"] ?? []));
  assert.deepEqual(experiments.sort(), [["e-w0"], ["e-w1"]]);
  assert.deepEqual(all.map(({ log }) => log.filter((path) => path === "execute").length), [3, 3]);
});

Deno.test("against our own server, an episode scores what the environment itself does", async () => {
  const { server } = testServer({ token: "secret" });
  const tokenFile = await Deno.makeTempFile();
  await Deno.writeTextFile(tokenFile, "secret\n");
  const send: Send = async (request) => await server.fetch(request);
  const options = { taskIds: tasks.map(({ id }) => id), language: "javascript", tokenFile };
  const { environment } = await bridge(options, send);
  await Deno.remove(tokenFile);
  for (const task of tasks) {
    assert.deepEqual([environment.task(task.id).instruction, environment.task(task.id).context], [
      task.instruction,
      task.context,
    ]);
    const own = await apps.open(task);
    const far = await environment.open(environment.task(task.id));
    for (const code of ["print(Math.random()); var kept = 1;", "print(kept, nothing)", await solutionOf(task)]) {
      const [a, b] = [await own.step(code), await far.step(code)];
      assert.deepEqual([b.observation, b.done, b.ok], [a.observation, a.done, a.ok]);
    }
    const [expected, evaluation] = [await own.evaluate(), await far.evaluate()];
    assert.deepEqual([evaluation.score, evaluation.passed, evaluation.total], [
      expected.score,
      expected.passed,
      expected.total,
    ]);
    own.close();
    far.close();
  }
  await environment.settled();
  await server.close();
});

Deno.test("fetchDocs() keeps the documentation in the private folder and tells the names", async () => {
  const { environment, folder } = await bridge({ experiment: "try" }, mockServer().send);
  assert.deepEqual([...await environment.fetchDocs()], [["lamps", ["list_lamps", "finish"]]]);
  assert.deepEqual([...folder.values.keys()], ["try/api_docs.json"]);
});

Deno.test("privateFolder() tells git to ignore what it holds", async () => {
  const root = await Deno.makeTempDir();
  try {
    await privateFolder(`${root}/bridge`).write("e/a.json", { x: 1 });
    assert.equal(await Deno.readTextFile(`${root}/bridge/.gitignore`), "*\n");
    assert.deepEqual(JSON.parse(await Deno.readTextFile(`${root}/bridge/e/a.json`)), { x: 1 });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("ids can come from a file; a file that holds something else is an InputError", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, '{"dev": ["a1_1"], "test": ["b2_1"]}');
    const { environment } = await bridge({ idsFile: file }, mockServer().send);
    assert.deepEqual(environment.splits.map((split) => environment.tasks(split).map(({ id }) => id)), [["a1_1"], [
      "b2_1",
    ]]);
    await Deno.writeTextFile(file, "[dev]\na1\n");
    await assert.rejects(bridge({ idsFile: file }, mockServer().send), InputError);
  } finally {
    await Deno.remove(file);
  }
});
