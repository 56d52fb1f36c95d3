import assert from "node:assert/strict";
import { InputError } from "../../../../data/parse_input.ts";
import { listedTaskIds, taskIdsOfText } from "../../../../envs/apps/bridge/task_ids.ts";

Deno.test("taskIdsOfText() reads lists and splits, as JSON and as lines", () => {
  const both = [["dev", ["a_1", "b_2"]], ["test", ["c_1"]]];
  assert.deepEqual([...taskIdsOfText('{"dev": ["b_2", "a_1"], "test": ["c_1"]}', "f")], both);
  assert.deepEqual([...taskIdsOfText("# mine\n[dev]\nb_2\na_1\na_1\n\n[test]\nc_1", "f")], both);
  assert.deepEqual([...taskIdsOfText('["a_1"]', "f")], [["all", ["a_1"]]]);
  assert.deepEqual([...taskIdsOfText("a_1\n", "f")], [["all", ["a_1"]]]);
  assert.deepEqual([...listedTaskIds("b_1,a_1\nb_1")], [["all", ["a_1", "b_1"]]]);
});

Deno.test("taskIdsOfText() names the file and what is wrong in it", () => {
  assert.throws(() => taskIdsOfText('{"dev": [', "f.json"), /Cannot read f\.json: it is not JSON/);
  assert.throws(() => taskIdsOfText('{"dev": "a_1"}', "f.json"), InputError);
  assert.throws(
    () => taskIdsOfText("../a_1", "f.txt"),
    /Cannot use f\.txt: expected ids like 0a1b2c3_1, got "\.\.\/a_1"/,
  );
  assert.throws(() => taskIdsOfText("[a]\nx_1\n[b]\nx_1", "f.txt"), /x_1 is in a and in b/);
});
