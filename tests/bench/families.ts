/**
 * Problems a second of every seeded family, worked solution included, on one core.
 *
 * Run: `deno run -P=test tests/bench/families.ts [level]`. Each family is timed in short slices that take turns with the others', so
 * that a busy moment of the machine hits all of them; the median slice is printed. Levels differ in cost; the default is 1.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";
import { workedSolution } from "../../envs/math/families/family.ts";
import { FAMILIES } from "../../envs/math/families/mod.ts";

const SLICES = 5;
const SLICE_MS = 20;

const level = Number(Deno.args[0] ?? 1);
const rates = new Map<string, number[]>(FAMILIES.map(({ id }) => [id, []]));
let characters = 0;
for (let slice = -1; slice < SLICES; slice++) {
  for (const family of FAMILIES) {
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < SLICE_MS) {
      for (let i = 0; i < 20; i++) {
        const random = keyedRandom("bench", family.id, slice, count + i);
        characters += workedSolution(family.generate(random, level)).length;
      }
      count += 20;
    }
    // The first slice warms up.
    if (slice >= 0) rates.get(family.id)?.push(1000 * count / (performance.now() - start));
  }
}
const medians = [...rates].map(([id, values]) => ({ id, rate: values.toSorted((a, b) => a - b)[SLICES >> 1] ?? 0 }));
medians.sort((a, b) => b.rate - a.rate);
for (const { id, rate } of medians) {
  console.log(`${id.padEnd(22)} ${Math.round(rate).toLocaleString("en-US").padStart(10)}/s`);
}
const middle = medians[medians.length >> 1]?.rate ?? 0;
console.log(
  `level ${level}: median ${Math.round(middle).toLocaleString("en-US")}/s, ${
    characters > 0 ? medians.length : 0
  } families`,
);
