/**
 * The viewer in a real browser: Chromium of the system, driven by playwright-core.
 *
 * Contract: run by `browser_test.ts` in a process of its own, since the driver looks at files under `/proc`, which Deno grants only
 * together with everything else. Pictures of the pages are written where WHET_SCREENSHOTS names a folder.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Browser, chromium, type Page } from "playwright-core";
import { serveLive } from "../../../data/live.ts";
import { serveViewer } from "../../../eval/viewer/serve_viewer.ts";
import { CANDIDATES, findBrowser } from "./_find_browser.ts";
import { HOSTILE, OTHER, RUN, writeRecord } from "./_viewer_fixture.ts";

const executablePath = findBrowser();
const pictures = Deno.env.get("WHET_SCREENSHOTS");

const PAGES: Readonly<Record<string, string>> = {
  runs: "/",
  run: `/run/${RUN}`,
  rollouts: `/run/${RUN}/rollouts`,
  rollout: `/rollout/${RUN}/rl/0/0/0/1`,
  chain: `/chain/${RUN}/rl/0/0/0`,
  skills: `/run/${RUN}/skills`,
  skill: `/skill?run=${RUN}&scenario=sc0&name=find_all`,
  compare: `/compare?run=${RUN}&run=${OTHER}`,
  sql: "/sql?q=SELECT%20*%20FROM%20update_step",
  schema: "/schema",
};

/** Pages that are also looked at on a narrow screen. */
const NARROW = ["runs", "run", "rollouts", "rollout", "chain", "compare", "sql"];

/** Least contrast of texts against what is behind them, and the worst text, for each page's own colours. */
function worstContrast(page: Page): Promise<{ readonly ratio: number; readonly text: string }> {
  return page.evaluate(`(() => {
    const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
    const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const colour = channels(getComputedStyle(at).backgroundColor);
        if (colour.length === 3 || colour[3] === 1) return colour;
      }
      return [255, 255, 255];
    };
    let worst = { ratio: 21, text: "" };
    for (const element of document.querySelectorAll("main *, header *")) {
      const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent.trim()).join("");
      if (text === "" || element.closest("[disabled], .off, .unseen") || element.getClientRects().length === 0) continue;
      const style = getComputedStyle(element);
      const ink = luminance(channels(element instanceof SVGElement ? style.fill : style.color));
      const paper = luminance(ground(element));
      const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
      if (ratio < worst.ratio) worst = { ratio, text: element.outerHTML.slice(0, 120) };
    }
    return worst;
  })()`);
}

async function noFaults(browser: Browser, address: string, scheme: "light" | "dark"): Promise<void> {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width: 1280, height: 850 } });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`${page.url()}: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`${page.url()}: a script of the record ran`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(address).origin) faults.push(`${page.url()} loads ${request.url()}`);
  });
  await page.goto(address);
  const { origin } = new URL(address);
  await page.waitForURL(`${origin}/`);
  for (const [name, path] of Object.entries(PAGES)) {
    const response = await page.goto(origin + path);
    assert.equal(response?.status(), 200, path);
    assert.equal(await page.locator("h1").count(), 1, path);
    const { ratio, text } = await worstContrast(page);
    assert.ok(ratio >= 4.5, `${scheme} ${path}: contrast ${ratio.toFixed(2)} of ${text}`);
    const unnamed = await page.evaluate(
      `[...document.querySelectorAll("main input:not([type=hidden]), main select, main textarea, main button, main a")]
        .filter((element) => !(element.labels?.length > 0 || element.getAttribute("aria-label") || element.textContent.trim()))
        .map((element) => element.outerHTML)`,
    );
    assert.deepEqual(unnamed, [], path);
    if (pictures !== undefined) await page.screenshot({ path: `${pictures}/${name}-${scheme}.png` });
  }
  // On a narrow screen lists scroll in themselves and pages do not, whatever the colours.
  if (scheme === "light") await page.setViewportSize({ width: 390, height: 800 });
  for (
    const [name, path] of scheme === "light" ? Object.entries(PAGES).filter(([name]) => NARROW.includes(name)) : []
  ) {
    await page.goto(origin + path);
    const width = Number(await page.evaluate("document.documentElement.scrollWidth"));
    assert.ok(width <= 390, `${path} is ${width} px wide`);
    if (pictures !== undefined) await page.screenshot({ path: `${pictures}/${name}-${scheme}-narrow.png` });
  }
  assert.deepEqual(faults, []);
  await context.close();
}

async function keys(browser: Browser, address: string): Promise<void> {
  const context = await browser.newContext({ colorScheme: "light" });
  const page = await context.newPage();
  const { origin } = new URL(address);
  await page.goto(address);
  await page.waitForURL(`${origin}/`);
  const press = async (...names: readonly string[]) => {
    for (const name of names) await page.keyboard.press(name);
  };
  const focused = () => page.evaluate("document.activeElement.textContent.trim()");

  await press("j");
  const first = await focused();
  await press("ArrowDown");
  assert.notEqual(await focused(), first);
  await press("k", "x");
  assert.equal(await page.locator('input[name="run"]:checked').count(), 1);
  await press("j", "x");
  assert.equal(await page.locator("[data-compare]").innerText(), "Compare 2 runs");
  await press("/");
  assert.equal(await page.evaluate("document.activeElement.name"), "q");
  await press("j", "Escape", "?");
  assert.equal(await page.locator("#help").evaluate((dialog) => dialog.hasAttribute("open")), true);
  await press("Escape", "t", "t");
  assert.equal(await page.evaluate("document.documentElement.dataset.theme"), "dark");
  await page.goto(`${origin}/run/${RUN}/rollouts`);
  assert.equal(await page.evaluate("document.documentElement.dataset.theme"), "dark");
  await press("n");
  await page.waitForURL(/after=/);
  await press("p");
  await page.waitForURL(/before=/);
  await press("j", "Enter");
  await page.waitForURL(/\/rollout\//);

  await page.goto(`${origin}/rollout/${RUN}/rl/0/0/0/1`);
  await page.locator(".policy .tokens").focus();
  await press("ArrowRight", "ArrowRight");
  assert.match(await page.locator("#token").innerText(), /^id 130 at 4: .* log-probability -0\.2 nats · p = 0\.819$/);
  await page.locator('[data-n="7"]').hover();
  assert.match(await page.locator("#token").innerText(), /^id 258 at 7/);

  await press("g", "s");
  await page.waitForURL(`${origin}/sql`);
  await press("/");
  await page.keyboard.type("SELECT count(*) AS n FROM");
  await page.locator(".schema-help summary", { hasText: "run" }).first().locator("button").click();
  assert.equal(await page.locator("#statement").inputValue(), "SELECT count(*) AS n FROM run");
  await press("Control+Enter");
  await page.waitForURL(/\/sql\?q=/);
  assert.equal(await page.locator("#result td").innerText(), "2");
  await page.locator("#history summary").click();
  assert.equal(await page.locator("#history li button").innerText(), "SELECT count(*) AS n FROM run");
  await press("Escape", "g", "r");
  await page.waitForURL(`${origin}/`);
  await context.close();
}

async function strangers(browser: Browser, address: string): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const { origin } = new URL(address);
  assert.equal((await page.goto(`${origin}/`))?.status(), 401);
  await page.goto(address);
  await page.waitForURL(`${origin}/`);
  const [cookie] = await context.cookies();
  assert.equal(cookie?.httpOnly, true);
  assert.equal(cookie?.sameSite, "Strict");
  assert.equal(await page.evaluate("document.cookie"), "");
  await context.close();
}

async function following(browser: Browser, address: string, commit: () => Promise<void>): Promise<void> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.clock.install();
  const { origin } = new URL(address);
  await page.goto(address);
  await page.waitForURL(`${origin}/`);
  await page.goto(`${origin}/run/${RUN}`);
  const before = await page.locator(".facts").innerText();
  assert.match(before, /1 \/ 2/);
  await commit();
  await page.clock.fastForward(2500);
  await page.locator(".facts", { hasText: "2 / 2" }).waitFor();
  await context.close();
}

Deno.test({
  name: "serveViewer() serves pages that work in Chromium",
  // The driver of the browser keeps handles of its own.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    assert.ok(executablePath !== undefined, `there is none of ${CANDIDATES.join(", ")}`);
    const workspace = await Deno.makeTempDir({ prefix: "viewer_test_" });
    const recorder = await writeRecord(`${workspace}/whet.duckdb`);
    const live = await serveLive(recorder);
    const stop = new AbortController();
    const listening = Promise.withResolvers<string>();
    const server = serveViewer({ workspace, port: 0, signal: stop.signal, onListening: listening.resolve });
    // Chromium's own sandbox does not start as root.
    const browser = await chromium.launch({ executablePath, args: Deno.uid() === 0 ? ["--no-sandbox"] : [] });
    try {
      const address = await listening.promise;
      assert.ok(HOSTILE.markup.includes("alert"));
      await t.step("to nobody without the token", () => strangers(browser, address));
      await t.step("in light colours without a fault", () => noFaults(browser, address, "light"));
      await t.step("in dark colours without a fault", () => noFaults(browser, address, "dark"));
      await t.step("by keys alone", () => keys(browser, address));
      await t.step("that follow a run", () =>
        following(browser, address, async () => {
          await recorder.commit(RUN, "rl/1", { wallMs: 1500 });
        }));
    } finally {
      await browser.close();
      stop.abort();
      await server;
      await live.close();
      await recorder.close();
      await Deno.remove(workspace, { recursive: true });
    }
  },
});
