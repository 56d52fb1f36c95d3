import assert from "node:assert/strict";
import fc from "fast-check";
import { nanoConfig, parameterCount, parameterList } from "../../agents/model/config.ts";
import { BENCH_SHAPES } from "../../eval/engine_bench_rows.ts";
import { type EngineReport, figureOf, formatEngineFigure } from "../../eval/engine_figures.ts";
import { formatEngineReport, shortNumber, spreadOf, trainingOperations } from "../../eval/engine_figures.ts";

const AT_LEAST = { direction: "at least", value: 2 } as const;

Deno.test("trainingOperations() gives six per weight that multiplies and twelve T per attention channel when summed by hand", () => {
  const config = nanoConfig(50, { layers: 1, width: 8, heads: 2, keyValueHeads: 1, headSize: 4, hidden: 6 });
  // query 8x8, key and value 8x4, out 8x8, gate and up 8x6, down 6x8; the head is the embedding again, 50x8.
  const matrices = 64 + 2 * 32 + 64 + 3 * 48;
  assert.equal(trainingOperations(config, 10), 6 * (matrices + 400) + 12 * 10 * 8);
});

Deno.test("trainingOperations() counts every matrix of the parameter list but a look-up when T is 0", () => {
  for (const tiedHead of [true, false]) {
    for (const embedsPrevious of [true, false]) {
      const config = nanoConfig(77, { tiedHead, embedsPrevious });
      const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
      const vectors = parameterList(config).filter(({ shape }) => shape.length === 1)
        .reduce((sum, { shape }) => sum + size(shape), 0);
      // A tied head multiplies by the embedding; an untied one leaves it to look-ups.
      const lookedUp = 77 * config.width * (Number(embedsPrevious) + Number(!tiedHead));
      assert.equal(trainingOperations(config, 0), 6 * (parameterCount(config) - vectors - lookedUp));
    }
  }
});

Deno.test("BENCH_SHAPES have the parameters that their names say when counted", () => {
  const counts = BENCH_SHAPES.map(({ name, config }) => [name, (parameterCount(config) / 1e6).toFixed(0) + "M"]);
  assert.deepEqual(counts, [["1M", "1M"], ["3M", "3M"]]);
});

Deno.test("spreadOf() gives values that are there and in order when values are any numbers", () => {
  fc.assert(fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1 }), (values) => {
    const { median, low, high } = spreadOf(values);
    assert.ok(values.includes(median) && values.includes(low) && values.includes(high));
    assert.ok(values.every((value) => value >= low && value <= high));
    assert.ok(values.filter((value) => value <= median).length * 2 >= values.length);
  }));
});

Deno.test("spreadOf() throws when there is no value", () => {
  assert.throws(() => spreadOf([]), RangeError);
});

Deno.test("figureOf() takes the median of the repeats' own ratios when the machine slows down between repeats", () => {
  const figure = figureOf({
    id: "a",
    what: "a",
    unit: "x/s",
    ours: [30, 3, 300],
    rival: { name: "b", values: [10, 1, 100] },
    bar: AT_LEAST,
  });
  assert.deepEqual(figure.ratio, { median: 3, low: 3, high: 3 });
  assert.equal(figure.met, true);
});

Deno.test("figureOf() keeps a bar only when the ratio reaches it and both sides did the same work", () => {
  const of = (ours: number, equal: boolean, direction: "at least" | "at most") =>
    figureOf({
      id: "a",
      what: "a",
      unit: "",
      ours: [ours],
      rival: { name: "b", values: [1] },
      bar: { direction, value: 2 },
      equal,
    }).met;
  assert.deepEqual([of(2, true, "at least"), of(1.9, true, "at least"), of(3, false, "at least")], [
    true,
    false,
    false,
  ]);
  assert.deepEqual([of(2, true, "at most"), of(2.1, true, "at most")], [true, false]);
});

Deno.test("figureOf() neither keeps nor misses a bar when there is no rival", () => {
  const figure = figureOf({ id: "a", what: "a", unit: "", ours: [1], bar: AT_LEAST });
  assert.deepEqual([figure.met, figure.rival, figure.ratio], [null, null, null]);
});

Deno.test("figureOf() throws when the two sides have different numbers of repeats", () => {
  assert.throws(
    () => figureOf({ id: "a", what: "a", unit: "", ours: [1, 2], rival: { name: "b", values: [1] } }),
    /2 repeats of ours, 1 of the rival's/,
  );
});

Deno.test("shortNumber() gives three digits or more when numbers are of any size", () => {
  assert.deepEqual([0.123, 9.876, 45.67, 4567.8].map(shortNumber), ["0.12", "9.88", "45.7", "4568"]);
});

const REPORT: EngineReport = {
  version: 1,
  machine: { cores: 2, device: "cpu, 2 threads" },
  quick: true,
  figures: [
    figureOf({
      id: "decode-1M-1",
      what: "decoding",
      unit: "tokens/s",
      ours: [300, 200, 400],
      rival: { name: "Hugging Face generate", values: [100, 100, 100] },
      bar: AT_LEAST,
      note: "100.0 % of the greedy tokens equal",
    }),
    figureOf({ id: "train", what: "training", unit: "tokens/s", ours: [5000], bar: AT_LEAST }),
    figureOf({
      id: "slow",
      what: "slow",
      unit: "x/s",
      ours: [1],
      rival: { name: "fast", values: [1] },
      bar: AT_LEAST,
    }),
  ],
  left: ["No WebGPU step: none."],
};

Deno.test("formatEngineReport() shows both sides, ratio, bar and verdict when figures have them", () => {
  const lines = formatEngineReport(REPORT).split("\n");
  const cells = (word: string) => (lines.find((line) => line.startsWith(word)) ?? "").trim().split(/ {2,}/);
  assert.deepEqual(cells("decoding"), [
    "decoding",
    "300 (200 to 400)",
    "tokens/s",
    "Hugging Face generate",
    "100",
    "3.00 (2.00 to 4.00)",
    ">= 2.00",
    "yes",
  ]);
  assert.deepEqual(cells("training"), ["training", "5000", "tokens/s", "-", "-", "-", ">= 2.00", "-"]);
  assert.equal(cells("slow").at(-1), "NO");
  assert.ok(lines.includes("decoding: 100.0 % of the greedy tokens equal"));
  assert.ok(lines.includes("No WebGPU step: none."));
  assert.equal(lines[0], "cores: 2; device: cpu, 2 threads");
});

Deno.test("formatEngineFigure() names the verdict first when a bar is kept, missed or not asked for", () => {
  assert.deepEqual(REPORT.figures.map((figure) => formatEngineFigure(figure).split(/ +/)[0]), ["ok", "", "MISS"]);
});

Deno.test("an engine report has no value that JSON would lose when it is written and read again", () => {
  assert.deepEqual(JSON.parse(JSON.stringify(REPORT)), REPORT);
});
