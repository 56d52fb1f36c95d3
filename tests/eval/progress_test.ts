import fc from "fast-check";
import assert from "node:assert/strict";
import { formatDuration, Progress, type ProgressMode } from "../../eval/progress.ts";

/** A display with a clock that a test sets, and what it wrote. */
function display(mode: ProgressMode, columns = 200) {
  const clock = { ms: 1_000_000 };
  const written: string[] = [];
  const progress = new Progress({
    mode,
    write: (text) => written.push(text),
    now: () => clock.ms,
    columns: () => columns,
  });
  return { clock, written, progress };
}

Deno.test("formatDuration() uses two units at most", () => {
  assert.deepEqual(
    [0, 59.4, 60, 3599, 3600, 172_799, 200_000].map(formatDuration),
    ["0 s", "59 s", "1 min 00 s", "59 min 59 s", "1 h 00 min", "2 d 00 h", "2 d 07 h"],
  );
  fc.assert(fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), (seconds) => {
    assert.doesNotMatch(formatDuration(seconds), /\b60 (s|min)|NaN/);
  }));
});

Deno.test("Progress prints at most one plain line in five seconds beside the first and last of a phase", () => {
  const { clock, written, progress } = display("lines");
  const phase = progress.phase("SFT", "updates");
  for (let done = 1; done <= 120; done++) {
    clock.ms += 100;
    phase.update({ done, total: 120, tokens: 50, loss: 2 });
  }
  progress.finish();
  assert.deepEqual(written, [
    "SFT …\n",
    "SFT: 50/120 updates (41 %), 10.0 updates/s, 500 tok/s, loss 2.000, 7 s left\n",
    "SFT: 100/120 updates (83 %), 10.0 updates/s, 500 tok/s, loss 2.000, 2 s left\n",
    "SFT: 120/120 updates in 12 s, loss 2.000\n",
  ]);
});

Deno.test("Progress rewrites one line on a terminal, cut to its width, and leaves the result of each phase", () => {
  const { clock, written, progress } = display("terminal", 20);
  const phase = progress.phase("SFT", "updates");
  clock.ms += 1000;
  phase.update({ done: 1, total: 4 });
  clock.ms += 50;
  phase.update({ done: 2, total: 4 });
  progress.message("a note");
  progress.finish();
  assert.deepEqual(written, [
    "\r\x1b[2KSFT",
    "\r\x1b[2KSFT: 1/4 updates (…",
    "\r\x1b[2Ka note\n",
    "SFT: 2/4 updates in 1 s\n",
  ]);
});

Deno.test("Progress writes one JSON object a line", () => {
  const { clock, written, progress } = display("json");
  const phase = progress.phase("SAGE", "steps");
  clock.ms += 20_000;
  phase.update({ done: 1, total: 3, tokens: 8000, reward: 0.5, success: 0.25 });
  progress.finish();
  const events = written.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.ok(written.every((line) => line.endsWith("\n") && line.split("\n").length === 2));
  assert.deepEqual(events, [
    { event: "phase", phase: "SAGE", unit: "steps" },
    {
      event: "progress",
      phase: "SAGE",
      unit: "steps",
      done: 1,
      total: 3,
      rate: 0.05,
      tokensPerSecond: 400,
      etaSeconds: 40,
      overallShare: null,
      overallEtaSeconds: null,
      reward: 0.5,
      success: 0.25,
      loss: null,
    },
    { event: "phase_end", phase: "SAGE", done: 1, seconds: 20 },
  ]);
});

Deno.test("Progress says time per unit where a unit takes longer than two seconds", () => {
  const { clock, written, progress } = display("lines");
  const phase = progress.phase("SAGE", "steps");
  clock.ms += 90_000;
  phase.update({ done: 1, total: 3, reward: 0.25, success: 0.5 });
  assert.equal(
    written.at(-1),
    "SAGE: 1/3 steps (33 %), 1 min 30 s each, reward 0.250, success 50 %, 3 min 00 s left\n",
  );
});

Deno.test("Progress measures a resumed phase from its first report", () => {
  const { clock, progress } = display("silent");
  const phase = progress.phase("SAGE", "steps");
  clock.ms += 60_000;
  phase.update({ done: 10, total: 16 });
  assert.equal(progress.snapshot()?.rate, null);
  clock.ms += 10_000;
  phase.update({ done: 11, total: 16 });
  assert.equal(progress.snapshot()?.rate, 0.1);
  assert.equal(progress.snapshot()?.etaSeconds, 50);
});

Deno.test("Progress predicts the whole from weights, corrected by what phases took", () => {
  const { clock, progress } = display("silent");
  progress.plan([{ name: "a", weight: 10 }, { name: "b", weight: 20, kind: "slow" }, {
    name: "c",
    weight: 10,
    kind: "slow",
  }]);
  let phase = progress.phase("a", "units");
  clock.ms += 5000;
  phase.update({ done: 1, total: 2 });
  // Half of a weight of 10 took 5 s: 5 s left in it, 30 s after it.
  assert.equal(progress.snapshot()?.overallEtaSeconds, 35);
  assert.equal(progress.snapshot()?.overallShare, 5 / 40);
  clock.ms += 5000;
  phase.update({ done: 2, total: 2 });
  phase = progress.phase("b", "units");
  assert.equal(progress.snapshot()?.overallEtaSeconds, 30);
  clock.ms += 40_000;
  phase.update({ done: 1, total: 2 });
  // `b` is four times slower than its weight says, and so will `c` be, which is of its kind.
  assert.equal(progress.snapshot()?.overallEtaSeconds, 40 + 40);
  clock.ms += 10_000;
  assert.equal(progress.snapshot()?.overallEtaSeconds, 30 + 40);
});

Deno.test("Progress drops planned phases that never began", () => {
  const { clock, progress } = display("silent");
  progress.plan([{ name: "done before", weight: 100 }, { name: "now", weight: 10 }, { name: "then", weight: 20 }]);
  const phase = progress.phase("now", "units");
  assert.equal(progress.snapshot()?.overallEtaSeconds, null);
  clock.ms += 1000;
  phase.update({ done: 1, total: 10 });
  assert.equal(progress.snapshot()?.overallEtaSeconds, 9 + 20);
});

Deno.test("Progress ignores reports of a phase that has ended, and rejects weights that are no durations", () => {
  const { written, progress } = display("lines");
  const old = progress.phase("a", "units");
  progress.phase("b", "units");
  old.update({ done: 1, total: 1 });
  progress.finish();
  progress.finish();
  assert.deepEqual(written, ["a …\n", "a: in 0 s\n", "b …\n", "b: in 0 s\n"]);
  assert.throws(() => progress.plan([{ name: "a", weight: -1 }]), /weight of a must be 0 or more, got -1/);
});

Deno.test("Progress never predicts a negative or undefined time", () => {
  const reports = fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.nat(3)), { maxLength: 30 });
  fc.assert(fc.property(reports, (steps) => {
    const { clock, progress } = display("silent");
    progress.plan([{ name: "a", weight: 3 }, { name: "b", weight: 0 }, { name: "c", weight: 5 }]);
    const phase = progress.phase("a", "units");
    let done = 0;
    for (const [ms, more] of steps) {
      clock.ms += ms;
      done += more;
      phase.update({ done, total: 90 });
      const snapshot = progress.snapshot();
      for (const value of [snapshot?.etaSeconds, snapshot?.overallEtaSeconds, snapshot?.rate, snapshot?.overallShare]) {
        assert.ok(value === null || (value !== undefined && Number.isFinite(value) && value >= 0), String(value));
      }
    }
  }));
});
