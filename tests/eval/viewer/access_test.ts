import assert from "node:assert/strict";
import { Recorder } from "../../../data/recorder.ts";
import { Asker, inWorkspace, KEYS, PORT, RUN } from "./_viewer_fixture.ts";

const PAGES = ["/", `/run/${RUN}`, `/rollout/${RUN}/rl/0/0/0/1`, "/sql?q=SELECT%201", "/schema"];

Deno.test("viewer answers nobody without the cookie, and gives it for the token only", async () => {
  await inWorkspace(async (asker) => {
    for (const path of [...PAGES, "/live.json", "/sql.csv?q=SELECT%201", "/static/viewer.js", "/nowhere"]) {
      assert.equal((await asker.raw(path, { cookie: undefined })).status, 401, path);
      assert.equal((await asker.raw(path, { cookie: `whet_viewer_${PORT}=${"x".repeat(64)}` })).status, 401, path);
    }
    assert.equal((await asker.raw("/?token=wrong", { cookie: undefined })).status, 403);
    assert.equal((await asker.raw(`/sql?token=${KEYS.token}`, { cookie: undefined })).status, 401);
    const entry = await asker.raw(`/?token=${KEYS.token}`, { cookie: undefined });
    assert.equal(entry.status, 200);
    assert.equal(
      entry.headers.get("set-cookie"),
      `whet_viewer_${PORT}=${KEYS.session}; Path=/; HttpOnly; SameSite=Strict`,
    );
    assert.ok(!(await entry.text()).includes(KEYS.token));
  });
});

Deno.test("viewer refuses other hosts, other sites and other methods", async () => {
  await inWorkspace(async (asker) => {
    for (const host of ["evil.example", `evil.example:${PORT}`, "127.0.0.1", `127.0.0.1:${PORT + 1}`, undefined]) {
      assert.equal((await asker.raw("/", { host })).status, 403, String(host));
    }
    assert.equal((await asker.raw("/", { host: `localhost:${PORT}` })).status, 200);
    for (const site of ["cross-site", "same-site"]) {
      assert.equal((await asker.raw("/", { "sec-fetch-site": site })).status, 403, site);
    }
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      assert.equal((await asker.raw("/", {}, method)).status, 405, method);
    }
  });
});

Deno.test("viewer lets pages load their own files only, and lets no other origin read", async () => {
  await inWorkspace(async (asker) => {
    for (const path of ["/", "/nowhere", "/static/viewer.css"]) {
      const { headers } = await asker.raw(path);
      const policy = headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'/);
      assert.match(policy, /script-src 'self'(;|$)/);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
      assert.equal(headers.get("access-control-allow-origin"), null);
      assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
      assert.equal(headers.get("cache-control"), "no-store");
    }
  });
});

Deno.test("viewer says what is missing with 404", async () => {
  await inWorkspace(async (asker) => {
    for (
      const path of [
        "/nowhere",
        "/run/none",
        "/run/none/rollouts",
        "/run/none/skills",
        "/rollout/x",
        "/rollout/%ff",
        `/rollout/${RUN}/rl/0/0/0/9`,
        `/rollout/${RUN}/rl/0/0/0/-1`,
        "/chain/a/b",
        `/chain/${RUN}/rl/9/0/0`,
        "/skill",
        "/static/../viewer_app.ts",
        "/static/%2e%2e%2fviewer_app.ts",
        "/run/..%2f..%2fetc",
      ]
    ) assert.match(await asker.page(path, 404), /Not found/, path);
  });
});

Deno.test("viewer says what to run when there is no record or no run", async () => {
  const workspace = await Deno.makeTempDir();
  try {
    const asker = new Asker(workspace);
    assert.match(await asker.page("/"), /whet reproduce sage/);
    assert.match(await asker.page(`/run/${RUN}`, 404), /whet reproduce sage/);
    await (await Recorder.open(`${workspace}/whet.duckdb`)).close();
    assert.match(await asker.page("/"), /no runs/);
  } finally {
    await Deno.remove(workspace, { recursive: true });
  }
});
