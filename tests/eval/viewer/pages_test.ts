import assert from "node:assert/strict";
import { trainBpe } from "../../../agents/model/tokenizer.ts";
import { serveLive } from "../../../data/live.ts";
import { Recorder } from "../../../data/recorder.ts";
import { identity, rolloutRow, runRow } from "../../data/_record_fixture.ts";
import { Asker, inWorkspace, OTHER, RUN, writeRecord } from "./_viewer_fixture.ts";

const PAGES = [
  "/",
  "/?q=sage",
  `/run/${RUN}`,
  `/run/${RUN}/rollouts`,
  `/run/${RUN}/rollouts?phase=rl&step=0&success=no&scenario=sc0&finish=finished&sort=score`,
  `/run/${RUN}/skills`,
  `/rollout/${RUN}/rl/0/0/0/1`,
  `/rollout/${RUN}/eval/test_normal/0/0/0/1`,
  `/chain/${RUN}/rl/0/0/0`,
  `/skill?run=${RUN}&scenario=sc0&name=find_all`,
  "/compare",
  `/compare?run=${RUN}`,
  `/compare?run=${RUN}&run=${OTHER}`,
  "/sql",
  "/sql?q=SELECT%20*%20FROM%20run",
  "/sql?q=SELECT%20instruction%20FROM%20task",
  "/schema",
];

/** Links of a page, to other pages. */
function links(html: string): string[] {
  return [...html.matchAll(/href="([^"#]+)"/g)].map(([, href]) => (href ?? "").replaceAll("&amp;", "&"));
}

Deno.test("viewer answers every page with 200 and every link on it leads somewhere", async () => {
  await inWorkspace(async (asker) => {
    const seen = new Set(PAGES);
    for (const path of PAGES) {
      for (const link of links(await asker.page(path))) {
        const base = link.startsWith("?") ? `${path.split("?")[0]}${link}` : link;
        if (base.startsWith("/") && seen.size < 50) seen.add(base);
      }
    }
    for (const path of seen) {
      const response = await asker.raw(path);
      await response.body?.cancel();
      // The skill with the hostile name was never saved.
      const isMissing = path.startsWith("/skill?") && path.includes("script");
      assert.equal(response.status, isMissing ? 404 : 200, path);
    }
  });
});

Deno.test("viewer escapes hostile texts of the record on every page", async () => {
  await inWorkspace(async (asker) => {
    for (const path of PAGES) {
      const html = await asker.page(path);
      assert.ok(!html.includes("<script>alert"), path);
      assert.ok(!html.includes("<img src=x"), path);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(html, /[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/, path);
      assert.doesNotMatch(html, / on[a-z]+="| style="|<script>|javascript:/, path);
    }
    const rollout = await asker.page(`/rollout/${RUN}/rl/0/0/0/1`);
    assert.ok(rollout.includes("&lt;script&gt;alert"));
    assert.ok(rollout.includes("\\x1b[31mred"));
    assert.ok(rollout.includes("abc\\u202egpj.exe"));
    assert.ok(rollout.length < 100_000, `a very long text is cut: ${rollout.length}`);
  });
});

Deno.test("viewer shows the texts of tokens where the run's tokenizer is there, with masks and log-probabilities", async () => {
  await inWorkspace(async (asker, workspace) => {
    const path = `/rollout/${RUN}/rl/0/0/0/1`;
    assert.match(await asker.page(path), /<span class="c" data-n="0" data-id="65">65 <\/span>/);
    await Deno.mkdir(`${workspace}/checkpoints/${RUN}`, { recursive: true });
    const tokenizer = trainBpe(["abc"], { vocabularySize: 259, specials: ["<|end|>"] });
    const end = tokenizer.specials["<|end|>"];
    await Deno.writeTextFile(
      `${workspace}/checkpoints/${RUN}/tokenizer.json`,
      JSON.stringify(tokenizer.toJson()).replaceAll(String(end), "258"),
    );
    const html = await asker.page(path);
    assert.match(html, /<span class="c" data-n="0" data-id="65">A<\/span>/);
    // The bytes of the euro sign: the last one shows it.
    assert.match(html, /<span class="g h0" data-n="3" data-id="226" data-l="-0.01"[^>]*>·<\/span>/);
    assert.match(
      html,
      /<span class="g h2" data-n="5" data-id="172" data-l="-0.7" title="-0.700 nats, p = 0.497, id 172">€<\/span>/,
    );
    assert.match(html, /<span class="g h3" data-n="6" data-id="60" data-l="-2"[^>]*>&lt;<\/span>/);
    assert.match(html, /<span class="g h5 special" data-n="7"[^>]*>&lt;\|end\|&gt;<\/span>/);
    assert.match(await asker.page(`${path}?tokens=ids`), /data-id="65">65 </);
  });
});

Deno.test("viewer compares runs by scenario, the first one being the reference", async () => {
  await inWorkspace(async (asker) => {
    const html = await asker.page(`/compare?run=${OTHER}&run=${RUN}`);
    // 15 of 30 scenarios are solved by both; of the others the run solves the first position: TGC 50 and 75 %.
    assert.match(html, />\s*50\.0\s*</);
    assert.match(html, />\s*75\.0\s*</);
    assert.match(html, /\+25\.0/);
    const alone = await asker.page(`/compare?run=${RUN}`);
    assert.match(alone, /Choose another one/);
  });
});

Deno.test("viewer follows a run that is being written", async () => {
  const workspace = await Deno.makeTempDir();
  const recorder = await writeRecord(`${workspace}/whet.duckdb`);
  const server = await serveLive(recorder);
  try {
    const asker = new Asker(workspace);
    const page = await asker.page(`/run/${RUN}`);
    assert.match(page, /badge running/);
    const watch = /data-watch="([^"]+)"/.exec(page)?.[1] ?? "";
    const shownState = /data-state="([^"]+)"/.exec(page)?.[1]?.replaceAll("&quot;", '"');
    const before = JSON.parse(await asker.page(watch));
    assert.deepEqual(before, { live: true, state: shownState });
    await recorder.commit(RUN, "rl/1", { wallMs: 1500 });
    const after = JSON.parse(await asker.page(watch));
    assert.equal(after.live, true);
    assert.notEqual(after.state, before.state);
    assert.match(await asker.page("/"), /being written now/);
  } finally {
    await server.close();
    await recorder.close();
    await Deno.remove(workspace, { recursive: true });
  }
});

Deno.test("viewer does not watch a run that nobody writes", async () => {
  await inWorkspace(async (asker) => {
    for (const path of ["/", `/run/${RUN}`]) assert.doesNotMatch(await asker.page(path), /data-watch/);
    assert.equal(JSON.parse(await asker.page("/live.json")).live, false);
  });
});

Deno.test("viewer's comparison shows the rates of metrics_by_run where passes differ in size and faults happened", async () => {
  const workspace = await Deno.makeTempDir();
  try {
    const path = `${workspace}/whet.duckdb`;
    const recorder = await Recorder.open(path);
    for (const run of ["a", "b"]) {
      recorder.insert("run", [runRow({ run_id: run, arm: run })]);
      for (
        const [sample, grp, position, success] of [
          [0, 0, 1, true],
          [0, 0, 2, true],
          [0, 1, 1, true],
          [0, 1, 2, run === "a"],
          [0, 2, 1, false],
          [1, 0, 1, true],
          [1, 0, 2, null],
          [1, 1, 1, false],
          [1, 1, 2, true],
        ] as const
      ) {
        recorder.insert("rollout", [rolloutRow({
          ...identity({ run_id: run, phase: "eval/dev", grp, sample, position }),
          task_id: `s${grp}_${position}`,
          scenario: `s${grp}`,
          split: "dev",
          success,
          score: success === null ? null : Number(success),
        })]);
      }
      await recorder.commit(run, "eval/dev");
    }
    const rates = await recorder.query("SELECT run_id, 100 * tgc, 100 * sgc FROM metrics_by_run ORDER BY run_id");
    await recorder.close();
    const html = await new Asker(workspace).page("/compare?run=a&run=b");
    assert.equal(rates.rows.length, 2);
    for (const [run, tgc, sgc] of rates.rows) {
      const row = new RegExp(`data-item[^>]*>${run} · seed 1</a>[\\s\\S]*?</tr>`).exec(html)?.[0] ?? "";
      const cells = [...row.matchAll(/<td[^>]*>\s*([\d.]+)\s*<\/td>/g)].map(([, value]) => value);
      assert.deepEqual(cells.slice(0, 2), [Number(tgc).toFixed(1), Number(sgc).toFixed(1)], String(run));
    }
  } finally {
    await Deno.remove(workspace, { recursive: true });
  }
});
