import assert from "node:assert/strict";
import { inWorkspace, ROLLOUTS, RUN } from "./_viewer_fixture.ts";

/** Rollouts that a list shows, in order. */
function listed(html: string): string[] {
  return [...html.matchAll(/<a data-item href="\/rollout\/[^/]+\/([^"]+)"/g)].map(([, id]) => id ?? "");
}

/** Address of the page after or before. */
function neighbour(html: string, which: "next" | "previous"): string | undefined {
  return new RegExp(`data-${which}\\s+href="([^"]+)"`).exec(html)?.[1]?.replaceAll("&amp;", "&");
}

for (const sort of ["key", "score", "steps", "tokens", "reward"]) {
  Deno.test(`viewer's pages of rollouts hold each rollout once, forwards and backwards, by ${sort}`, async () => {
    await inWorkspace(async (asker) => {
      const pages: string[][] = [];
      let path: string | undefined = `/run/${RUN}/rollouts?phase=rl&sort=${sort}`;
      let last = "";
      while (path !== undefined && pages.length < 10) {
        last = await asker.page(path);
        pages.push(listed(last));
        path = neighbour(last, "next");
      }
      assert.deepEqual(pages.map((page) => page.length), [50, 50, 20]);
      assert.equal(new Set(pages.flat()).size, ROLLOUTS);
      const back = neighbour(last, "previous");
      assert.ok(back !== undefined);
      const middle = await asker.page(back);
      assert.deepEqual(listed(middle), pages[1]);
      const first = neighbour(middle, "previous");
      assert.ok(first !== undefined);
      const beginning = await asker.page(first);
      assert.deepEqual(listed(beginning), pages[0]);
      assert.equal(neighbour(beginning, "previous"), undefined);
    });
  });
}

Deno.test("viewer's list of rollouts shows those that fit the filter", async () => {
  await inWorkspace(async (asker) => {
    const of = async (filter: string) => listed(await asker.page(`/run/${RUN}/rollouts?${filter}`));
    assert.deepEqual(await of("phase=rl&scenario=sc3"), ["rl/0/3/0/1", "rl/0/3/0/2", "rl/0/3/1/1", "rl/0/3/1/2"]);
    assert.deepEqual(await of("phase=rl&scenario=sc3&skill=find_all"), ["rl/0/3/0/2"]);
    assert.deepEqual(await of("phase=rl&scenario=sc3&skill=find_all&use=offered"), ["rl/0/3/0/2", "rl/0/3/1/2"]);
    assert.deepEqual(await of("phase=rl&scenario=sc3&success=fault"), []);
    assert.deepEqual(await of("scenario=' OR 1=1 --"), []);
    assert.equal((await of("after=nonsense&phase=rl")).length, 50);
  });
});
