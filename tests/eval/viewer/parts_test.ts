import assert from "node:assert/strict";
import fc from "fast-check";
import { lineChart } from "../../../eval/viewer/line_chart.ts";
import { lineDiff } from "../../../eval/viewer/line_diff.ts";
import { libraryAfter } from "../../../eval/viewer/pages/chain_page.ts";
import { chainPath, pathParts, rolloutPath } from "../../../eval/viewer/addresses.ts";
import { clipped, duration, figure, percent, shown, signed } from "../../../eval/viewer/text.ts";
import { tokenTextOf } from "../../../eval/viewer/token_text.ts";

Deno.test("lineDiff() keeps and removes the old lines and keeps and adds the new ones", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", ""), { minLength: 1, maxLength: 12 }).map((lines) =>
    lines.join("\n")
  );
  fc.assert(fc.property(text, text, (before, after) => {
    const lines = lineDiff(before, after);
    const side = (left: string) => lines.filter(({ kind }) => kind !== left).map((line) => line.text).join("\n");
    assert.equal(side("added"), before);
    assert.equal(side("removed"), after);
    if (before === after) assert.ok(lines.every(({ kind }) => kind === "kept"));
  }));
});

Deno.test("pathParts() reads what rolloutPath() and chainPath() write", () => {
  // A part that is only dots is a step through folders to every URL; ids have a hash, phases a word.
  const part = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) =>
    !text.includes("/") && !/^\.+$/.test(text)
  );
  fc.assert(
    fc.property(part, fc.nat(), (name, step) => {
      const { pathname } = new URL(rolloutPath(name, `eval/${name}`, step, 1, 0, 2), "http://localhost");
      assert.equal(pathParts(pathname), `${name}/eval/${name}/${step}/1/0/2`);
    }),
    { examples: [["%2f?#&<>", 0]] },
  );
  assert.equal(chainPath("a b", "rl", 1, 2, 3), "/chain/a%20b/rl/1/2/3");
  assert.equal(pathParts("/rollout/%ff"), undefined);
});

Deno.test("shown() leaves no character that moves the cursor or turns the direction", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(shown(text), /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200e\u200f]/);
  }));
  assert.equal(shown("tab\tand\nline"), "tab\tand\nline");
});

Deno.test("clipped() cuts between characters and says so", () => {
  assert.equal(clipped("abc", 3), "abc");
  assert.equal(clipped("abcd", 3), "abc…");
  assert.equal(clipped("😀😀😀", 2), "😀😀…");
  assert.equal(clipped("😀😀", 2), "😀😀");
  assert.ok(clipped("😀".repeat(100), 10).isWellFormed());
});

Deno.test("figure(), percent(), duration() and signed() show units, dashes and signs", () => {
  assert.equal(figure(null), "—");
  assert.equal(figure(NaN), "—");
  assert.equal(figure(0.123456), "0.1235");
  assert.equal(figure(-12345), "−12\u202f345");
  assert.equal(figure(1234567.5), "1\u202f234\u202f568");
  assert.equal(figure(0.00001234), "1.23e−5");
  assert.equal(percent(0.5), "50.0 %");
  assert.equal(percent(null), "—");
  assert.equal(duration(999), "999 ms");
  assert.equal(duration(61_000), "1 min");
  assert.equal(duration(3_700_000), "1 h 2 min");
  assert.equal(signed(-0.04, 1), "0.0");
  assert.equal(signed(2, 1), "+2.0");
});

Deno.test("libraryAfter() holds the newest versions saved so far, less what was removed since", () => {
  const saved = [
    { name: "a", version: 1, source: "1", savedAt: 1 },
    { name: "a", version: 2, source: "2", savedAt: 2 },
    { name: "b", version: 1, source: "3", savedAt: 1 },
  ];
  const removed = [{ name: "b", position: 3 }];
  const at = (position: number) =>
    libraryAfter(saved, removed, position).map(({ name, version }) => `${name}${version}`);
  assert.deepEqual(at(1), ["a1", "b1"]);
  assert.deepEqual(at(2), ["a2", "b1"]);
  assert.deepEqual(at(3), ["a2"]);
});

Deno.test("tokenTextOf() gives texts whose join is the text, whole characters at their last id", () => {
  const tokenizer = {
    specials: { "<|end|>": 256 },
    decode: (ids: readonly number[]) => new TextDecoder().decode(new Uint8Array(ids.filter((id) => id < 256))),
  };
  const texts = tokenTextOf(tokenizer);
  fc.assert(fc.property(fc.string({ unit: "grapheme" }).filter((text) => text.isWellFormed()), (text) => {
    const ids = [...new TextEncoder().encode(text)];
    assert.equal(texts(ids).map((token) => token.text).join(""), text.replace(/^\ufeff/, ""));
  }));
  assert.deepEqual(texts([226, 130, 256]).map((token) => token.text), ["", "\ufffd", "<|end|>"]);
});

Deno.test("lineChart() draws nothing without a value and escapes names", () => {
  const options = { title: "Reward", unit: "", xLabel: "update" };
  assert.equal(lineChart([{ name: "a", points: [[0, null]] }], options), undefined);
  const drawing = String(lineChart([
    { name: "<b>", points: [[0, 1], [1, null], [2, 3]] },
    { name: "c", points: [[0, 2]] },
  ], options));
  assert.ok(!drawing.includes("<b>"));
  assert.match(drawing, /role="img"/);
  assert.doesNotMatch(drawing, /NaN|Infinity|undefined/);
});
