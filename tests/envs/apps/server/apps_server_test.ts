import assert from "node:assert/strict";
import type { Json } from "../../../../data/canonical.ts";
import { createAppsServer } from "../../../../envs/apps/server/apps_server.ts";
import { environment, mapFiles, solutionOf, taskAt, testServer } from "./_kit.ts";

const [one, two] = [taskAt(0), taskAt(1)];

interface Shown {
  readonly success: boolean;
  readonly difficulty: number;
  readonly num_tests: number;
  readonly passes: readonly { readonly requirement: string; readonly label: string }[];
  readonly failures: readonly { readonly requirement: string; readonly label: string; readonly trace: string }[];
}

Deno.test("the server shows a task alike before and when its world is opened", async () => {
  const { get, output } = testServer();
  const brief = await output("/initialize", { task_id: one.id }) as Record<string, Json>;
  assert.deepEqual(Object.keys(brief).sort(), ["datetime", "instruction", "supervisor", "task_id"]);
  assert.deepEqual((await get(`/tasks/${one.id}`)).body, { output: brief });
  assert.equal(brief["instruction"], one.instruction);
  const { user, at } = environment.prepared(one.id);
  const [first_name, last_name] = user.name.split(" ");
  assert.deepEqual(brief["supervisor"], { first_name, last_name, email: user.email, phone_number: user.number });
  assert.equal(brief["datetime"], at);
});

Deno.test("a solved task is completed, and its verdict holds every requirement", async () => {
  const { output } = testServer();
  await output("/initialize", { task_id: one.id });
  assert.equal(await output("/task_completed", { task_id: one.id }), false);
  const before = await output("/evaluate", { task_id: one.id }) as unknown as Shown;
  assert.equal(before.success, false);
  assert.ok(before.failures.every(({ label, trace }) => label === "no_op_fail" && trace !== ""));
  await output("/execute", { task_id: one.id, code: await solutionOf(one) });
  assert.equal(await output("/task_completed", { task_id: one.id }), true);
  const after = await output("/evaluate", { task_id: one.id }) as unknown as Shown;
  assert.deepEqual([after.success, after.difficulty, after.failures], [true, one.difficulty, []]);
  assert.equal(after.passes.length, after.num_tests);
  assert.match(
    String(await output("/evaluate", { task_id: one.id, report: true })),
    /^Solved: (\d+) of \1 requirements/,
  );
});

Deno.test("code keeps its variables, prints, and fails in the words of the execute contract", async () => {
  const { output } = testServer();
  await output("/initialize", { task_id: one.id, max_interactions: 5, max_api_calls_per_interaction: 2 });
  const run = (code: string) => output("/execute", { task_id: one.id, code });
  assert.equal(await run("const n = 41;"), "Execution successful.");
  assert.equal(await run("print(n + 1)"), "42");
  assert.match(String(await run("apis.handset.now({})")), /Exception: Response status code is 401:/);
  const calls = "for (let i = 0; i < 3; i++) apis.guide.list_apps();";
  assert.match(String(await run(calls)), /Number of requests exceeded the limit of 2\./);
  assert.deepEqual(await output("/batch_execute", { task_id: one.id, codes: ["print(1)", "print(2)"] }), ["1", "2"]);
  assert.match(String(await run("print(1)")), /Maximum number of executions \(5\) reached\.$/);
});

Deno.test("with raise_on_failure=false a refused call gives its body", async () => {
  const { output } = testServer();
  await output("/initialize", { task_id: one.id, raise_on_failure: false });
  const shown = await output("/execute", { task_id: one.id, code: "print(apis.handset.now({}).message)" });
  assert.match(String(shown), /^Sign-in needed for handset/);
});

Deno.test("calls act without code, and read only what is a call", async () => {
  const { output } = testServer({ language: "calls" });
  await output("/initialize", { task_id: one.id });
  const run = (code: string) => output("/execute", { task_id: one.id, code });
  assert.match(String(await run("guide.list_apps")), /^\[\n \{/);
  assert.match(
    String(await run('{"app": "guide", "api": "read_api", "args": {"app": "x", "api": "y"}}')),
    /code is 404:/,
  );
  assert.match(String(await run("1 + 1")), /^Execution failed\. Traceback:\nSyntax error in line:\n1 \+ 1\nMessage: /);
  await run("principal.finish_task(answer=12)");
  assert.equal(await output("/task_completed", { task_id: one.id }), true);
});

Deno.test("a world that is not open, or another task's, is a 400", async () => {
  const { post, output } = testServer();
  const ask = (task_id: string) => post("/execute", { task_id, code: "1" });
  assert.deepEqual([(await ask(one.id)).status, (await post("/initialize", { task_id: "nope" })).status], [400, 400]);
  await output("/initialize", { task_id: one.id });
  const other = await ask(two.id);
  assert.equal(other.status, 400);
  assert.match(JSON.stringify(other.body), new RegExp(`"detail":"The active task world is ${one.id}, not ${two.id}`));
  // A request that cannot be met leaves the open world as it is.
  assert.equal((await post("/initialize", { task_id: "nope" })).status, 400);
  assert.equal((await ask(one.id)).status, 200);
  await output("/close", { task_id: one.id });
  assert.equal((await ask(one.id)).status, 400);
});

Deno.test("a wrong body is a 422 that lists each field; unknown fields are ignored", async () => {
  const { server, post } = testServer();
  const { status, body } = await post("/initialize", { task_id: 5, max_interactions: 0 });
  assert.equal(status, 422);
  const { detail } = body as unknown as { detail: { loc: string[] }[] };
  assert.deepEqual(detail.map(({ loc }) => loc), [["body", "task_id"], ["body", "max_interactions"]]);
  const broken = await server.fetch(new Request("http://localhost/execute", { method: "POST", body: "{" }));
  assert.equal(broken.status, 422);
  assert.match(await broken.text(), /"type":"json_invalid"/);
  const ignored = { ground_truth_mode: "full", include_direct_functions: true, later: 1 };
  assert.equal((await post("/initialize", { task_id: one.id, ...ignored })).status, 200);
  assert.equal((await post("/playground")).status, 404);
});

Deno.test("a failing sandbox is a 500, not an output", async () => {
  const { output, post } = testServer({ openLanguage: () => Promise.reject(new Error("no sandbox")) });
  await output("/initialize", { task_id: one.id });
  const { status, body } = await post("/execute", { task_id: one.id, code: "1" });
  assert.deepEqual([status, JSON.stringify(body).includes("no sandbox")], [500, true]);
});

Deno.test("worlds of different ids do not see or wait for each other, one world is served in order", async () => {
  const started: string[] = [];
  const release = Promise.withResolvers<void>();
  const { output } = testServer({
    openLanguage: (_, { seedKey }) =>
      Promise.resolve({
        preload: () => false,
        dispose() {},
        async execute(code: string) {
          started.push(code);
          if (code === "slow") await release.promise;
          return { observation: `${seedKey[2]} ${code}`, ok: true, calls: [], traces: [] };
        },
      }),
  });
  await output("/initialize", { task_id: one.id, world_id: "a" });
  await output("/initialize", { task_id: two.id, world_id: "b" });
  const slow = output("/execute", { task_id: one.id, world_id: "a", code: "slow" });
  const behind = output("/execute", { task_id: one.id, world_id: "a", code: "behind" });
  assert.equal(await output("/execute", { task_id: two.id, world_id: "b", code: "beside" }), `${two.id} beside`);
  assert.deepEqual(started, ["slow", "beside"]);
  release.resolve();
  assert.deepEqual([await slow, await behind], [`${one.id} slow`, `${one.id} behind`]);
});

Deno.test("close_all closes every world, or the named one", async () => {
  const { output, post } = testServer();
  const ask = async (world_id: string) => (await post("/task_completed", { task_id: one.id, world_id })).status;
  for (const world_id of ["a", "b", "c"]) await output("/initialize", { task_id: one.id, world_id });
  await output("/close_all", { world_id: "a" });
  assert.deepEqual([await ask("a"), await ask("b")], [400, 200]);
  await output("/close_all");
  assert.deepEqual([await ask("b"), await ask("c")], [400, 400]);
});

Deno.test("no more worlds open than allowed, and a replaced one gives its place", async () => {
  const { output, post } = testServer({ mostWorlds: 1 });
  await output("/initialize", { task_id: one.id, world_id: "a" });
  await output("/initialize", { task_id: two.id, world_id: "a" });
  assert.equal((await post("/initialize", { task_id: one.id, world_id: "b" })).status, 400);
  await output("/close_all", { world_id: "a" });
  await output("/initialize", { task_id: one.id, world_id: "b" });
});

Deno.test("outputs of an experiment are scored after their worlds are gone, by a later server too", async () => {
  const { output, files, post } = testServer();
  const experiment_name = "runs/first";
  await output("/initialize", { task_id: one.id, experiment_name });
  await output("/execute", { task_id: one.id, code: await solutionOf(one) });
  await output("/initialize", { task_id: two.id, experiment_name });
  await output("/execute", { task_id: two.id, code: "print(1)" });
  await output("/close_all");
  assert.deepEqual(
    [...files.texts.keys()].sort(),
    [
      `runs/first/${one.id}.json`,
      `runs/first/${one.id}.log.json`,
      `runs/first/${two.id}.json`,
      `runs/first/${two.id}.log.json`,
    ].sort(),
  );
  const later = createAppsServer({ source: environment, files });
  const ask = async (path: string, body: Json) => {
    const response = await later.fetch(
      new Request(`http://localhost${path}`, { method: "POST", body: JSON.stringify(body) }),
    );
    return (await response.json() as { output: Json }).output;
  };
  assert.equal((await ask("/evaluate", { task_id: one.id, experiment_name }) as unknown as Shown).success, true);
  const third = taskAt(2);
  const report = await ask("/evaluate_all", { task_ids: [one.id, two.id, third.id], experiment_name }) as unknown as {
    aggregate: Json;
    individual: Record<string, Shown>;
  };
  assert.deepEqual(report.aggregate, { task_goal_completion: 33.3, scenario_goal_completion: 0 });
  assert.deepEqual(Object.values(report.individual).map(({ success }) => success), [true, false, false]);
  assert.equal((await post("/evaluate", { task_id: third.id, experiment_name })).status, 400);
});

Deno.test("experiment names cannot lead out of the folder", async () => {
  const { post } = testServer();
  for (const experiment_name of ["../up", "/root", "a//b", "a/.hidden", "a b"]) {
    assert.equal((await post("/initialize", { task_id: one.id, experiment_name })).status, 400, experiment_name);
    assert.equal((await post("/evaluate_all", { task_ids: [one.id], experiment_name })).status, 400, experiment_name);
  }
});

Deno.test("outputs of another world, or a file that holds something else, are not scored", async () => {
  const { files, output, post } = testServer();
  await output("/initialize", { task_id: one.id, experiment_name: "x" });
  await output("/save", { task_id: one.id });
  const stored = JSON.parse(files.texts.get(`x/${one.id}.json`) ?? "") as Record<string, Json>;
  await output("/close_all");
  files.texts.set(`x/${one.id}.json`, JSON.stringify({ ...stored, world: "0" }));
  assert.match(
    JSON.stringify((await post("/evaluate", { task_id: one.id, experiment_name: "x" })).body),
    /are of world 0/,
  );
  files.texts.set(`x/${one.id}.json`, "{}");
  assert.equal((await post("/evaluate", { task_id: one.id, experiment_name: "x" })).status, 400);
});

Deno.test("a loaded state has the variables and the rows that it was saved with, and is marked", async () => {
  const { files, output, post } = testServer();
  await output("/initialize", { task_id: one.id, experiment_name: "x" });
  const run = (code: string) => output("/execute", { task_id: one.id, code });
  await run("let n = 1; print(Math.random())");
  assert.equal(await output("/save_state", { task_id: one.id, state_id: "early" }), "early");
  await run(await solutionOf(one));
  await run("n = 2");
  assert.equal(await output("/load_state", { task_id: one.id, state_id: "early" }), null);
  assert.equal(await output("/task_completed", { task_id: one.id }), false);
  assert.equal(await run("print(n)"), "1");
  assert.equal((await post("/load_state", { task_id: one.id, state_id: "none" })).status, 400);
  await output("/save", { task_id: one.id });
  const { comparable, interactions } = JSON.parse(files.texts.get(`x/${one.id}.json`) ?? "");
  assert.deepEqual([comparable, interactions], [false, 2]);
});

Deno.test("the same actions in the same task store the same bytes", async () => {
  const play = async () => {
    const { output, files } = testServer();
    await output("/initialize", { task_id: one.id, experiment_name: "x" });
    await output("/execute", { task_id: one.id, code: await solutionOf(one) });
    await output("/close_all");
    return [...files.texts];
  };
  assert.deepEqual(await play(), await play());
});

Deno.test("api_docs has a page for every API, unwrapped", async () => {
  const { get } = testServer();
  const docs = (await get("/api_docs")).body as Record<string, Record<string, Record<string, string>>>;
  assert.ok(Object.hasOwn(docs, "principal") && Object.hasOwn(docs["guide"] ?? {}, "list_apps"));
  for (const [app, apis] of Object.entries(docs)) {
    for (const [api, page] of Object.entries(apis)) {
      assert.ok(page["signature"]?.startsWith(`${app}.${api}(`));
      assert.match(page["response_schemas"] ?? "", /^```yaml\n[\s\S]+\n```$/);
    }
  }
});

Deno.test("a foreign host, a page of another site and a wrong token are refused", async () => {
  const files = mapFiles();
  const server = createAppsServer({ source: environment, files, token: "secret" });
  const status = async (path: string, headers: Record<string, string>) => {
    const response = await server.fetch(new Request(`http://127.0.0.1:8000${path}`, { headers }));
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await status("/", { host: "evil.test" }), 403);
  assert.equal(await status("/", { origin: "http://evil.test" }), 403);
  assert.equal(await status("/", {}), 200);
  assert.equal(await status(`/tasks/${one.id}`, {}), 401);
  assert.equal(await status(`/tasks/${one.id}`, { authorization: "Bearer secre" }), 401);
  assert.equal(await status(`/tasks/${one.id}`, { authorization: "Bearer secret" }), 200);
});

Deno.test("a body larger than allowed is a 413", async () => {
  const { post } = testServer();
  const { status } = await post("/execute", { task_id: one.id, code: "x".repeat(17 * 1024 * 1024) });
  assert.equal(status, 413);
});
