import assert from "node:assert/strict";
import { createEnvironment, ENVIRONMENT_IDS, UnknownEnvironmentError } from "../../envs/registry.ts";

Deno.test("createEnvironment() makes every listed environment", async () => {
  for (const id of ENVIRONMENT_IDS) assert.equal((await createEnvironment(id, { seed: 1 })).id, id);
});

Deno.test("createEnvironment() names the closest environment when there is none of that name", () => {
  for (const id of ["app", "toString", "math"]) {
    assert.throws(() => createEnvironment(id), (error: Error) => {
      assert.ok(error instanceof UnknownEnvironmentError);
      assert.match(error.message, new RegExp(`got ${id}; did you mean apps\\?`));
      return true;
    });
  }
});
