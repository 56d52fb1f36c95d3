import assert from "node:assert/strict";
import { runSql } from "../../data/sql.ts";
import { Child, inFolder } from "./_record_fixture.ts";

Deno.test("Recorder survives garbage collection at every turn (denoland/deno#36538)", async () => {
  await inFolder(async (folder) => {
    const child = new Child("_gc_child.ts", [`${folder}/r.duckdb`], [
      "--v8-flags=--expose-gc,--max-old-space-size=256",
    ]);
    assert.equal(await child.line(), "survived");
    assert.equal((await child.end()).code, 0);
    assert.deepEqual((await runSql(`${folder}/r.duckdb`, "SELECT count(*) FROM turn")).rows, [[500]]);
  });
});
