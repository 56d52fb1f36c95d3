import assert from "node:assert/strict";
import fc from "fast-check";
import { klEstimate } from "../../../train/losses/kl_estimate.ts";
import { logSoftmax } from "../../../train/losses/temperature_softmax.ts";

const logits = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 4, maxLength: 4 });
const ESTIMATORS = ["k1", "k2", "k3"] as const;

Deno.test("klEstimate() has the slope of its value, and only k1 is ever negative", () => {
  fc.assert(fc.property(fc.double({ min: -3, max: 3, noNaN: true }), fc.constantFrom(...ESTIMATORS), (d, estimator) => {
    const { value, slope } = klEstimate(estimator, d);
    const difference = (klEstimate(estimator, d + 1e-5).value - klEstimate(estimator, d - 1e-5).value) / 2e-5;
    assert.ok(Math.abs(slope - difference) < 1e-7 * (1 + Math.abs(slope)));
    assert.ok(estimator === "k1" || value >= 0);
  }));
});

Deno.test("klEstimate() keeps its digits when the policies hardly differ", () => {
  // k3 = d²/2 - d³/6 + …; exp(-d) - 1 + d as written loses all its digits here.
  const { value } = klEstimate("k3", 1e-8);
  assert.ok(Math.abs(value / 5e-17 - 1) < 1e-6, `k3 of 1e-8 is ${value}`);
  assert.equal(klEstimate("k3", 1e-8).slope, -Math.expm1(-1e-8));
});

Deno.test("klEstimate() k1 and k3 average to the divergence over the policy's own samples", () => {
  fc.assert(fc.property(logits, logits, (a, b) => {
    const [p, q] = [logSoftmax(a, 1), logSoftmax(b, 1)];
    const expected = p.reduce((sum, logprob, v) => sum + Math.exp(logprob) * (logprob - q[v]!), 0);
    for (const estimator of ["k1", "k3"] as const) {
      const mean = p.reduce(
        (sum, logprob, v) => sum + Math.exp(logprob) * klEstimate(estimator, logprob - q[v]!).value,
        0,
      );
      assert.ok(Math.abs(mean - expected) < 1e-12);
    }
  }));
});

Deno.test("klEstimate() as a penalty pulls towards nothing, KL(p || q) and KL(q || p) for k1, k2 and k3 in expectation", () => {
  const divergence = (p: readonly number[], q: readonly number[]) => {
    return p.reduce((sum, logprob, v) => sum + Math.exp(logprob) * (logprob - q[v]!), 0);
  };
  fc.assert(fc.property(logits, logits, fc.nat(3), (a, b, u) => {
    const [p, q] = [logSoftmax(a, 1), logSoftmax(b, 1)];
    // E[slope · d log p(v) / d z_u] with d log p(v) / d z_u = [u = v] - p(u)
    const pull = (estimator: typeof ESTIMATORS[number]) =>
      p.reduce((sum, logprob, v) => {
        const { slope } = klEstimate(estimator, logprob - q[v]!);
        return sum + Math.exp(logprob) * slope * (Number(u === v) - Math.exp(p[u]!));
      }, 0);
    const moved = (by: number) => logSoftmax(a.with(u, a[u]! + by), 1);
    const towardsQ = (divergence(moved(1e-5), q) - divergence(moved(-1e-5), q)) / 2e-5;
    const fromQ = (divergence(q, moved(1e-5)) - divergence(q, moved(-1e-5))) / 2e-5;
    assert.ok(Math.abs(pull("k1")) < 1e-12);
    assert.ok(Math.abs(pull("k2") - towardsQ) < 1e-7 && Math.abs(pull("k3") - fromQ) < 1e-7);
  }));
});
