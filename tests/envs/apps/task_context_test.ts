import assert from "node:assert/strict";
import { CATALOGUE } from "../../../envs/apps/catalogue.ts";
import { pythonLiteral, pythonReplay } from "../../../envs/apps/python_replay.ts";
import { taskContext } from "../../../envs/apps/task_context.ts";

const parts = {
  user: { name: "Ada Birk", email: "ada.birk@pine.test", number: "317-555-0101" },
  at: "2027-03-20T12:30:00",
  apps: ["handset"],
  catalogue: CATALOGUE,
};

Deno.test("taskContext() is one line unless more help is asked for", () => {
  assert.equal(taskContext(parts), "Ada Birk, 2027-03-20");
});

Deno.test("taskContext() tells the rules in a full prompt, and signatures of the task's apps inline", () => {
  const full = taskContext(parts, { prompt: "full" }).split("\n");
  assert.match(
    full[0] ?? "",
    /^The user is Ada Birk \(ada\.birk@pine\.test, 317-555-0101\)\. It is 2027-03-20, 12:30\.$/,
  );
  assert.ok(full.some((line) => line.includes("finish_task")));
  const inline = taskContext(parts, { docs: "inline" }).split("\n").slice(1);
  const apps = new Set(inline.map((line) => line.split(".")[0]));
  assert.deepEqual([...apps], ["handset", "principal"]);
  const apis = (CATALOGUE.get("handset")?.apis.length ?? 0) + (CATALOGUE.get("principal")?.apis.length ?? 0);
  assert.equal(inline.length, apis);
});

Deno.test("pythonReplay() writes literals of Python, and keywords with an underscore", () => {
  assert.equal(pythonLiteral({ a: [true, null, 1.5, 'x"y\n'] }), '{"a": [True, None, 1.5, "x\\"y\\n"]}');
  const source = pythonReplay([{ app: "handset", api: "set_quiet_hours", args: { token: "t", from: "22:00" } }]);
  assert.equal(source, 'apis.handset.set_quiet_hours(token="t", from_="22:00")');
});
