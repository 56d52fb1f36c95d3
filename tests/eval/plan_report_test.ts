import assert from "node:assert/strict";
import { planReport } from "../../eval/plan_report.ts";
import type { ComparisonRow } from "../../eval/statistics/pair_rows.ts";
import { pilotVariance } from "../../eval/statistics/pilot_variance.ts";

Deno.test("planReport() shows the same plan as text and as JSON, with what was assumed", () => {
  const { text, json } = planReport({ effect: 3, power: 0.8, seeds: [1, 3], tasks: 300 });
  const plan = json as unknown as { rows: { tasks: number; scenarios: number }[]; available: { detectable: number }[] };
  assert.match(text, /^To see a difference of 3 points with power 0.8 \(two-sided, alpha 0.05\):/);
  for (const { tasks, scenarios } of plan.rows) assert.match(text, new RegExp(`\\s${tasks}\\s+${scenarios}\\s`));
  assert.match(text, /With the 300 tasks there are:/);
  assert.ok(text.includes(plan.available[0]!.detectable.toFixed(2)));
  assert.match(text, /assumed: baseline 50 %, correlation 0.5 between the arms/);
  assert.deepEqual(planReport({ effect: 3, power: 0.8, seeds: [1, 3], tasks: 300 }), { text, json });
});

Deno.test("planReport() says where no number of tasks is enough", () => {
  const { text } = planReport({ effect: 3, seeds: [2], correlations: { seeds: 0.05 } });
  assert.match(text, /not reachable/);
  assert.match(text, /The claim is about other scenarios and other training seeds/);
});

Deno.test("planReport() takes variance, siblings and tasks from a pilot", () => {
  const rows: ComparisonRow[] = Array.from({ length: 60 }, (_, index) => {
    const place = index >> 1;
    const scenario = `s${place % 5}`;
    const task = `${scenario}_${Math.floor(place / 5) % 3}`;
    const value = (place * 7 + index % 2) % 3 === 0;
    return { arm: index % 2 === 0 ? "new" : "old", scenario, task, seed: Math.floor(place / 15), sample: 0, value };
  });
  const pilot = pilotVariance(rows, "new", "old");
  const { text } = planReport({ effect: 10, pilot, seeds: [1, 2] });
  assert.match(text, /With the 15 tasks there are:/);
  assert.match(text, /from a pilot of 15 tasks in 5 scenarios under 2 seeds/);
  assert.match(text, /3.00 tasks per scenario/);
});
