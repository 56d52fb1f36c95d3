import fc from "fast-check";
import assert from "node:assert/strict";
import { keyedRandom } from "../../../data/keyed_random.ts";
import { ablationBars, ablationDifferences, UnknownArmError } from "../../../eval/plots/ablation_bars.ts";
import { armLabels } from "../../../eval/plots/arm_labels.ts";
import { curveSql } from "../../../eval/plots/curve_metrics.ts";
import { curvePoints, learningCurve } from "../../../eval/plots/learning_curve.ts";
import { axisScale, NothingToPlotError, type Plot, spreadLabels } from "../../../eval/plots/plot.ts";
import { PlotSpecError, renderSvg } from "../../../eval/plots/render_svg.ts";
import { rewardTerms } from "../../../eval/plots/reward_terms.ts";
import { parseChainAddress, skillLifeLines } from "../../../eval/plots/skill_life_lines.ts";
import { clipText, textWidth, wrapText } from "../../../eval/plots/text_width.ts";
import type { QueryRow } from "../../../eval/query_rows.ts";

const HOSTILE = `</text><script>alert("x")</script>&'\u0000\u202e`;

/** Evaluations of 20 tasks in 10 scenarios after 0, 8 and 16 updates; `share` of the samples succeed at the end. */
function curveRows(series: string, share: number, arm = "GRPO", seed = 1): QueryRow[] {
  return [0, 8, 16].flatMap((step) =>
    Array.from({ length: 20 }, (_, task) => {
      const random = keyedRandom("curve", arm, series, seed, step, task);
      const hits = Array.from({ length: 4 }, () => Number(random.uniform() < share * (1 + step) / 17));
      return {
        arm,
        config_hash: "aa",
        seed,
        series,
        step,
        cluster: `scenario-${task % 10}`,
        task: `task-${task}`,
        samples: 4,
        value: hits.reduce((sum, hit) => sum + hit, 0) / 4,
      };
    })
  );
}

function evaluationRows(arm: string, solved: (scenario: number) => boolean, config = "aa"): QueryRow[] {
  return Array.from({ length: 12 }, (_, scenario) => ({
    arm,
    config_hash: config,
    seed: 1,
    sample: 0,
    scenario: `s${scenario}`,
    task_id: `s${scenario}_1`,
    position: 1,
    success: solved(scenario),
    steps: 2,
    generated_tokens: 50,
    skills_offered: 0,
    used_skill: false,
  }));
}

const draw = (plot: Plot) => renderSvg(plot.spec, plot.data, { label: plot.title });

Deno.test("curvePoints() averages samples within tasks, tasks within seeds, and seeds", () => {
  const row = { arm: "GRPO", config_hash: "0", series: "test", step: 8 };
  const rows = [
    { ...row, seed: 1, cluster: "a", task: "a1", samples: 4, value: 1 },
    // More samples of a task must not give it more weight.
    { ...row, seed: 1, cluster: "b", task: "b1", samples: 400, value: 0 },
    { ...row, seed: 2, cluster: "a", task: "a1", samples: 4, value: 1 },
    { ...row, seed: 2, cluster: "b", task: "b1", samples: 4, value: 0.5 },
  ];
  const [point, ...others] = curvePoints(rows, "pass1");
  assert.equal(others.length, 0);
  assert.equal(point?.value, 100 * (0.5 + 0.75) / 2);
  assert.deepEqual([point?.seeds, point?.clusters, point?.tasks, point?.samples], [2, 2, 2, 412]);
  // Two scenarios: resamples are (a,a), (a,b), (b,b); the ends of the band are the two pure ones.
  assert.deepEqual(point?.band, { low: 25, high: 100 });
});

Deno.test("curvePoints() weights training rollouts equally and spans seeds in figures of updates", () => {
  const row = { arm: "SAGE", config_hash: "0", series: "training", step: 0 };
  const [reward] = curvePoints([
    { ...row, seed: 1, cluster: "1/0", task: "0", samples: 3, value: 1 },
    { ...row, seed: 1, cluster: "1/1", task: "1", samples: 1, value: 0 },
  ], "reward");
  assert.equal(reward?.value, 0.75);
  const loss = [1, 2, 6].map((value, seed) => ({ ...row, seed, cluster: "run", task: "run", samples: 1, value }));
  assert.deepEqual(curvePoints(loss, "loss")[0]?.band, { low: 1, high: 6 });
  assert.equal(curvePoints(loss.slice(0, 1), "loss")[0]?.band, null);
});

Deno.test("learningCurve() draws one line per split with a band, the same bytes each time", async () => {
  const rows = [...curveRows("in-distribution", 0.8), ...curveRows("out-of-distribution", 0.4)];
  const plot = learningCurve(rows, "pass1");
  assert.deepEqual(plot.data.labels?.map(({ line }) => line), ["in-distribution", "out-of-distribution"]);
  assert.match(plot.caption, /80 rollouts of 20 tasks in 10 scenarios, 1 training seed/);
  const [first, second] = await Promise.all([draw(plot), draw(learningCurve([...rows].reverse(), "pass1"))]);
  assert.equal(first, second);
  assert.match(first, /Pass@1 \(%\)/);
  assert.match(first, /updates done/);
  assert.equal(
    (first.match(/<path aria-label="updates done:[^"]*" role="graphics-symbol" aria-roledescription="line mark"/g) ??
      []).length,
    2,
  );
  assert.equal((first.match(/aria-roledescription="area mark"/g) ?? []).length, 2);
});

Deno.test("learningCurve() keeps configurations of one arm apart and says when there is nothing", () => {
  const other = curveRows("test", 0.5).map((row) => ({ ...row, config_hash: "bb" }));
  const plot = learningCurve([...curveRows("test", 0.5), ...other], "pass1");
  assert.deepEqual(plot.data.labels?.map(({ line }) => line), ["GRPO (aa)", "GRPO (bb)"]);
  assert.throws(() => learningCurve([], "pass1"), NothingToPlotError);
  assert.deepEqual([{ arm: "A", configHash: "1" }].map(armLabels([{ arm: "A", configHash: "1" }])), ["A"]);
});

Deno.test("plots show texts of the record as text", async () => {
  const life = ["saved", "shown", "invoked", "failed", "evicted"].map((kind, place) => ({
    arm: HOSTILE,
    name: HOSTILE,
    kind,
    place,
    events: 1 + place,
  }));
  const plots = [
    learningCurve([...curveRows(HOSTILE, 0.5), ...curveRows("test", 0.5)], "pass1"),
    ablationBars([...evaluationRows("base", (s) => s < 3), ...evaluationRows(HOSTILE, (s) => s < 9)], {
      reference: "base",
      split: HOSTILE,
      paper: () => ({ value: 4, spread: null, source: HOSTILE, confidence: "paper" }),
    }),
    rewardTerms([{ arm: HOSTILE, config_hash: "0", step: 0, term: HOSTILE, value: 0.5, rollouts: 2 }]),
    skillLifeLines(life),
  ];
  for (const plot of plots) {
    const svg = await draw(plot);
    assert.doesNotMatch(svg, /<script/);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(svg, /\u0000/);
    assert.match(svg, /&lt;script/);
    assert.doesNotMatch(svg, /NaN|undefined/);
  }
});

Deno.test("ablationDifferences() pairs arms by scenario and ranks them", () => {
  const rows = [
    ...evaluationRows("base", (s) => s < 3),
    ...evaluationRows("better", () => true),
    ...evaluationRows("same", (s) => s < 3),
  ];
  const found = ablationDifferences(rows, { reference: "base", split: "test" });
  assert.deepEqual(found.map(({ label, difference }) => [label, difference.value, difference.resolved]), [
    ["better", 75, true],
    ["same", 0, false],
  ]);
  assert.throws(
    () => ablationDifferences(rows, { reference: "bse", split: "test" }),
    (error: Error) => error instanceof UnknownArmError && /base, better, same/.test(error.message),
  );
  assert.throws(
    () => ablationBars(evaluationRows("base", () => true), { reference: "base", split: "test" }),
    NothingToPlotError,
  );
});

Deno.test("ablationBars() draws the published difference beside ours and names its source", async () => {
  const rows = [...evaluationRows("base", (s) => s < 3), ...evaluationRows("better", (s) => s !== 5)];
  const plot = ablationBars(rows, {
    reference: "base",
    split: "test",
    paper: (arm) => arm === "better" ? { value: 5.9, spread: null, source: "table 2", confidence: "paper" } : null,
  });
  assert.deepEqual(plot.data.paper, [{ arm: "better", value: 5.9 }]);
  assert.match(plot.caption, /published difference \(table 2\), not a target/);
  assert.match(await draw(plot), /\+66\.7 \[/);
});

Deno.test("rewardTerms() leaves out terms that are 0 everywhere and says so", () => {
  const row = { arm: "SAGE", config_hash: "0", rollouts: 8 };
  const rows = [0, 1].flatMap((step) => [
    { ...row, step, term: "outcome", value: 0.5 },
    { ...row, step, term: "usage", value: 0 },
    { ...row, step, term: "total", value: 0.5 },
  ]);
  const plot = rewardTerms(rows);
  assert.match(plot.caption, /mean of 8 rollouts.*not drawn: usage/);
  assert.deepEqual(plot.data.labels0?.map(({ term }) => term), ["outcome", "total"]);
  assert.throws(() => rewardTerms([]), NothingToPlotError);
});

Deno.test("skillLifeLines() draws the names with most events and counts the rest", () => {
  const rows = Array.from({ length: 30 }, (_, index) => ({
    arm: "SAGE",
    name: `skill-${index}`,
    kind: index % 2 === 0 ? "saved" : "retrieved",
    place: index,
    events: index + 1,
  }));
  const plot = skillLifeLines(rows, { names: 4 });
  assert.deepEqual(plot.data.names?.map(({ label }) => label), ["skill-22", "skill-24", "skill-26", "skill-28"]);
  assert.match(plot.caption, /104 events of 4 skills, those with most events; 11 more left out/);
  assert.throws(() => skillLifeLines([]), NothingToPlotError);
});

Deno.test("parseChainAddress() takes phases with slashes and shows the form of an address", () => {
  assert.deepEqual(parseChainAddress("rl/3/0/1"), { phase: "rl", step: 3, group: 0, sample: 1 });
  assert.throws(() => parseChainAddress("rl/3"), /expected <phase>\/<step>\/<group>\/<sample>/);
});

Deno.test("renderSvg() keeps drawings apart, refuses to load data, and names what is wrong", async () => {
  const plot = learningCurve(curveRows("test", 0.5), "pass1");
  const [a, b] = await Promise.all([
    renderSvg(plot.spec, plot.data, { theme: "page", idPrefix: "one-", label: `a "plot" <1>` }),
    renderSvg(plot.spec, plot.data, { theme: "page", idPrefix: "two-" }),
  ]);
  const ids = (svg: string) => [...svg.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1] ?? "");
  assert.equal(ids(a).filter((id) => ids(b).includes(id)).length, 0);
  assert.match(a, /aria-label="a &quot;plot&quot; &lt;1>"/);
  assert.match(a, /currentColor/);
  assert.doesNotMatch(a, /https?:\/\/(?!www\.w3\.org)/);
  const remote = { data: { url: "https://example.org/x.json" }, mark: "point" };
  await assert.rejects(renderSvg(remote, {}), PlotSpecError);
  await assert.rejects(renderSvg({ mark: "no such mark", data: { name: "rows" } }, { rows: [] }), PlotSpecError);
});

Deno.test("curveSql() quotes run ids and never merges SFT with reinforcement learning", () => {
  assert.match(curveSql("pass1", { runs: ["a'b"] }), /run\.run_id IN \('a''b'\)/);
  assert.match(curveSql("pass1", { runs: [] }), / AND false /);
  assert.match(curveSql("loss"), /u\.phase = 'rl'/);
  assert.match(curveSql("sft"), /u\.phase = 'sft'/);
  assert.doesNotMatch(curveSql("reward"), /\n/);
});

Deno.test("axisScale() covers all values between round ticks", () => {
  const number = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  fc.assert(fc.property(fc.array(number, { minLength: 1 }), (values) => {
    const { domain: [low, high], ticks } = axisScale(values);
    const dust = 1e-9 * Math.max(...values.map(Math.abs));
    assert.ok(low < high);
    assert.ok(values.every((value) => value >= low - dust && value <= high + dust));
    assert.ok(ticks.length >= 2 && ticks.length <= 12, String(ticks));
  }));
  assert.deepEqual(axisScale([3], { integers: true }).ticks.every(Number.isInteger), true);
  assert.deepEqual(axisScale([98, 99], { limits: [0, 100] }).domain[1] <= 100, true);
  assert.deepEqual(axisScale([NaN]).domain, [0, 1]);
});

Deno.test("spreadLabels() keeps order and distance", () => {
  fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 8 }), (wanted) => {
    const places = spreadLabels(wanted, 10, [0, 100]);
    const sorted = [...places].sort((a, b) => a - b);
    sorted.forEach((place, index) => assert.ok(index === 0 || place - (sorted[index - 1] ?? 0) >= 10 - 1e-6));
    assert.ok(sorted.every((place) => place >= -1e-6 && place <= 100 + 1e-6));
  }));
  assert.deepEqual(spreadLabels([10, 50], 10, [0, 100]), [10, 50]);
});

Deno.test("textWidth() grows with the text; wrapText() and clipText() keep to the width", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.nat(200), (text, width) => {
    assert.ok(textWidth(`${text}a`, 12) > textWidth(text, 12));
    assert.ok(wrapText(text, width, 12).every((line) => textWidth(line, 12) <= width || !/\s/.test(line)));
    const clipped = clipText(text, width, 12);
    assert.ok(clipped === "…" || textWidth(clipped, 12) <= width);
  }));
  assert.equal(wrapText("a b c", 1000, 12).join("|"), "a b c");
});
