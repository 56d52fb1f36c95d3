import assert from "node:assert/strict";
import { EnvFault } from "../../../envs/contract.ts";
import { AppsEnvironment } from "../../../envs/apps/environment.ts";
import { oracleActions } from "../../../envs/conformance.ts";
import { fakeSandbox } from "./_fixtures.ts";
import { samples } from "./_sample_scenarios.ts";

const make = (maxSteps?: number) =>
  AppsEnvironment.create({ scenarios: samples, sandbox: fakeSandbox, ...(maxSteps === undefined ? {} : { maxSteps }) });

Deno.test("tasks() lists the variants asked for, sorted, with ids that task() understands", async () => {
  const environment = await make();
  const [first, second, third] = environment.tasks("train");
  assert.match(first?.id ?? "", /^[0-9a-f]{7}_1$/);
  assert.deepEqual([first, second, third].map((task) => task?.variant), [1, 2, 3]);
  assert.equal(environment.tasks("train").length, 3);
  assert.deepEqual(environment.tasks("train", { variants: [4, 5] }).map((task) => task.variant), [4, 5]);
  assert.deepEqual(environment.task(first?.id ?? ""), first);
  assert.equal(first?.id, `${first?.scenario}_1`);
  assert.equal(environment.tasks("test_normal").length, 0);
});

Deno.test("tasks() and task() refuse what does not exist", async () => {
  const environment = await make();
  assert.throws(
    () => environment.tasks("validation"),
    /split must be one of train, dev, test_normal, test_challenge, got validation/,
  );
  for (const id of ["", "abcdefg_1", "0000000_1", `${environment.tasks("train")[0]?.scenario}_0`]) {
    assert.throws(() => environment.task(id), RangeError, id);
  }
  assert.throws(() => environment.tasks("train", { variants: [0, 3] }), RangeError);
});

Deno.test("two environments of one seed have equal hashes, another seed has another", async () => {
  const [a, b] = [await make(), await make()];
  assert.equal(a.hash, b.hash);
  assert.notEqual((await AppsEnvironment.create({ seed: 2, scenarios: samples, sandbox: fakeSandbox })).hash, a.hash);
  assert.notEqual((await AppsEnvironment.create({ scenarios: samples.slice(1), sandbox: fakeSandbox })).hash, a.hash);
});

Deno.test("an episode is solved by the reference solution and done when the task is finished", async () => {
  const environment = await make();
  for (const task of [...environment.tasks("train"), ...environment.tasks("dev")]) {
    const episode = await environment.open(task);
    const solution = episode.solution();
    assert.ok(solution !== undefined);
    const idle = await episode.step("print(1)");
    assert.deepEqual([idle.observation, idle.done, idle.ok], ["1", false, true]);
    const result = await episode.step(oracleActions(solution).join("\n"));
    assert.equal(result.done, true, result.observation);
    assert.equal(result.calls?.at(-1)?.api, "finish_task");
    const evaluation = await episode.evaluate();
    assert.deepEqual([evaluation.score, evaluation.success], [1, true], JSON.stringify(evaluation.tests));
    episode.close();
  }
});

Deno.test("an episode is done at the step cap, and stepping on is a fault", async () => {
  const environment = await make(2);
  const [task] = environment.tasks("train");
  assert.ok(task !== undefined);
  const episode = await environment.open(task);
  assert.equal((await episode.step("")).done, false);
  assert.equal((await episode.step("")).done, true);
  await assert.rejects(episode.step(""), EnvFault);
  assert.equal((await episode.evaluate()).score, 0);
  episode.close();
  await assert.rejects(episode.evaluate(), EnvFault);
});

Deno.test("what an agent does wrong is an observation, what an app does wrong is a fault", async () => {
  const environment = await make();
  const [task] = environment.tasks("dev");
  assert.ok(task !== undefined);
  const episode = await environment.open(task);
  const wrong = await episode.step("apis.handset.list_contacts({ page: 0 });");
  assert.deepEqual([wrong.ok, wrong.calls?.at(-1)?.status], [false, 401]);
  assert.match(wrong.observation, /Response status code is 401/);
  episode.close();
  const broken = await AppsEnvironment.create({
    scenarios: samples,
    sandbox: ({ call }) =>
      fakeSandbox({
        call: (app, api, args) =>
          call(
            app,
            api,
            new Proxy(args as object, {
              ownKeys: () => {
                throw new Error("broken");
              },
            }) as never,
          ),
      }),
  });
  const other = await broken.open(task);
  await assert.rejects(other.step("apis.guide.list_apps();"), /An app failed in .*broken/);
  other.close();
});

Deno.test("interleaved episodes of one task do not see each other", async () => {
  const environment = await make();
  const [task] = environment.tasks("dev");
  assert.ok(task !== undefined);
  const [a, b] = [await environment.open(task), await environment.open(task)];
  const signIn =
    'const l = apis.principal.my_logins().find((x) => x.app === "handset"); const { token } = apis.handset.log_in({ user: l.user, password: l.password });';
  const list = `${signIn} print(apis.handset.list_alarms({ token, size: 20 }));`;
  const before = (await b.step(list)).observation;
  await a.step(`${signIn} apis.handset.add_alarm({ token, time: "01:00", label: "other" });`);
  assert.equal((await b.step(list)).observation, before);
  assert.notEqual((await a.step(list)).observation, before);
  const nothingElse = (await b.evaluate()).tests.find((test) => test.requirement === "Nothing else is changed");
  assert.equal(nothingElse?.passed, true);
  a.close();
  b.close();
});

Deno.test("preload() defines functions that steps can call, and cannot touch the world", async () => {
  const environment = await make();
  const [task] = environment.tasks("train");
  assert.ok(task !== undefined);
  const episode = await environment.open(task);
  assert.equal(await episode.preload?.("globals.twice = (x) => 2 * x;", ["twice"]), true);
  assert.equal(await episode.preload?.("apis.principal.finish_task({ answer: 1 });", []), false);
  const { observation, done } = await episode.step("print(globals.twice(21));");
  assert.deepEqual([observation, done], ["42", false]);
  episode.close();
});

Deno.test("a small world leaves out the scenarios that fit nobody in it, and those of apps that it lacks", async () => {
  const tiny = await AppsEnvironment.create({ profile: "tiny", suite: "short", cache: null });
  const full = await AppsEnvironment.create({ suite: "short", cache: null });
  for (const split of tiny.splits) {
    const [few, all] = [tiny.tasks(split), full.tasks(split)];
    assert.ok(few.length <= all.length && few.length % 3 === 0, split);
    const ids = new Set(all.map(({ id }) => id));
    assert.ok(few.every(({ id }) => ids.has(id)));
  }
  assert.ok(tiny.tasks("train").length >= 100);
  assert.equal(tiny.tasks("test_challenge").length, 0, "the shop is not there");
});

Deno.test("hash tells apart what agents are told and write, since tasks are recorded by it", async () => {
  const options = [{}, { docs: "inline" }, { prompt: "full" }, { language: "python" }] as const;
  const hashes = [];
  for (const option of options) {
    hashes.push((await AppsEnvironment.create({ scenarios: samples, sandbox: fakeSandbox, ...option })).hash);
  }
  assert.equal(new Set(hashes).size, options.length);
  const said = { docs: "lookup", prompt: "compact", language: "javascript" } as const;
  assert.equal((await AppsEnvironment.create({ scenarios: samples, sandbox: fakeSandbox, ...said })).hash, hashes[0]);
});
