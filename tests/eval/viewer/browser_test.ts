/**
 * The viewer in a real browser, see `_browser_suite.ts`; skipped where there is no Chromium, unless WHET_REQUIRE_BROWSER is 1.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CANDIDATES, findBrowser } from "./_find_browser.ts";

const isRequired = Deno.env.get("WHET_REQUIRE_BROWSER") === "1";
const isMissing = findBrowser() === undefined;

Deno.test({
  name: `serveViewer() serves pages that work in Chromium${isMissing ? " (skipped: there is no Chromium)" : ""}`,
  ignore: isMissing && !isRequired,
  async fn() {
    assert.ok(!isMissing, `WHET_REQUIRE_BROWSER is 1, and there is none of ${CANDIDATES.join(", ")}`);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", "--quiet", new URL("_browser_suite.ts", import.meta.url).pathname],
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder();
    assert.ok(success, text.decode(stdout) + text.decode(stderr));
    assert.match(text.decode(stdout), /ok \| 1 passed \(5 steps\)/);
  },
});
