import assert from "node:assert/strict";
import { AppsEnvironment } from "../../../envs/apps/environment.ts";
import { agentById } from "../../../agents/agent.ts";

const environment = await AppsEnvironment.create({ language: "python", cache: null });

/** Tasks that together use every seen app, questions and actions. */
const tasks = environment.tasks("dev").filter((_, i) => i % 12 === 0);

Deno.test("reference calls written in Python solve tasks in the Python sandbox", async () => {
  for (const task of tasks) {
    const episode = await environment.open(task);
    const solution = episode.solution();
    assert.ok(solution?.kind === "actions");
    for (const action of solution.actions) {
      const { observation, done } = await episode.step(action);
      assert.ok(done, `${task.id}: ${observation}`);
    }
    assert.equal((await episode.evaluate()).success, true, task.id);
    episode.close();
  }
});

Deno.test("a Python agent keeps its state from turn to turn and is told the language", async () => {
  const [task] = tasks;
  assert.ok(task !== undefined);
  assert.equal(task.language, "python");
  assert.match(agentById("codeact", { promptStyle: "instruct" }).prompt(task, []), /by Python .*```python/s);
  const episode = await environment.open(task);
  const first = await episode.step(
    "def token_of(app):\n" +
      "    login = next(x for x in apis.principal.my_logins() if x['app'] == app)\n" +
      "    return apis[app].log_in(user=login['user'], password=login['password'])['token']\n" +
      "token = token_of('handset')",
  );
  assert.equal(first.observation, "Execution successful.");
  const second = await episode.step("rows = apis.handset.list_contacts(token=token)\nprint(len(rows))");
  assert.equal(second.observation, "5");
  assert.deepEqual(second.calls?.map(({ api }) => api), ["list_contacts"]);
  episode.close();
});
