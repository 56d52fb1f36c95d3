import fc from "fast-check";
import assert from "node:assert/strict";
import * as distributions from "../../../eval/statistics/_distributions.ts";
import * as special from "../../../eval/statistics/_special.ts";
import { close, golden } from "./_golden.ts";

interface SpecialCase {
  function: keyof typeof FUNCTIONS;
  arguments: number[];
  value: number;
}

const FUNCTIONS = {
  logGamma: special.logGamma,
  logChoose: special.logChoose,
  erf: special.erf,
  erfc: special.erfc,
  normalCdf: distributions.normalCdf,
  normalQuantile: distributions.normalQuantile,
  regularisedBeta: special.regularisedBeta,
  betaQuantile: special.betaQuantile,
  studentTCdf: distributions.studentTCdf,
  studentTQuantile: distributions.studentTQuantile,
  binomialPmf: distributions.binomialPmf,
  binomialCdf: distributions.binomialCdf,
};

for (const [name, cases] of Map.groupBy(golden<SpecialCase>("special"), (entry) => entry.function)) {
  Deno.test(`${name}() agrees with mpmath to 1e-12, tails included`, () => {
    const apply = FUNCTIONS[name] as (...values: number[]) => number;
    const failures = cases.flatMap(({ arguments: values, value }) => {
      const actual = apply(...values);
      const error = Math.abs(actual - value) / (value === 0 ? 1 : Math.abs(value));
      return error <= 1e-12 ? [] : [`${name}(${values.join(", ")}) is ${actual}, not ${value}: ${error}`];
    });
    assert.deepEqual(failures, []);
  });
}

Deno.test("studentTQuantile() and betaQuantile() invert their distribution functions", () => {
  const p = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });
  const df = fc.double({ min: 0.5, max: 2000, noNaN: true });
  // Not below 2: there the density is infinite at an end, and the spacing of doubles around 1 is what one would measure.
  const shape = fc.double({ min: 2, max: 2000, noNaN: true });
  fc.assert(fc.property(p, df, (share, freedom) => {
    close(distributions.studentTCdf(distributions.studentTQuantile(share, freedom), freedom), share, 1e-11);
  }));
  fc.assert(fc.property(p, shape, shape, (share, a, b) => {
    close(special.regularisedBeta(a, b, special.betaQuantile(share, a, b)), share, 1e-9);
  }));
});

Deno.test("special functions refuse what is outside their domain, naming it", () => {
  assert.throws(() => special.logGamma(0), /log gamma: x must be above 0, got 0/);
  assert.throws(() => distributions.normalQuantile(1.5), /must be in \[0, 1\], got 1.5/);
  assert.throws(() => distributions.studentTQuantile(0.5, -1), /df must be above 0, got -1/);
  assert.throws(() => distributions.binomialCdf(3, 2, 0.5), /integers 0 <= k <= n, got k = 3, n = 2/);
  assert.equal(distributions.normalQuantile(0), -Infinity);
  assert.equal(distributions.studentTQuantile(1, 4), Infinity);
});
