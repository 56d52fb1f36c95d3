import fc from "fast-check";
import assert from "node:assert/strict";
import { displayWidth, markdownTable, printable, textTable, truncate } from "../../eval/text_table.ts";

const table = {
  columns: [{ heading: "arm" }, { heading: "TGC", align: "right" as const }],
  rows: [["SAGE", "72.0"], ["漢字", "5"], ["a\nb\u001b[31m", "1|2"]],
};

Deno.test("textTable() lines columns up by terminal cells and shows control characters as spaces", () => {
  const lines = ["arm        TGC", "--------  ----", "SAGE      72.0", "漢字         5", "a b [31m   1|2"];
  assert.equal(textTable(table), lines.map((line) => `${line}\n`).join(""));
});

Deno.test("markdownTable() escapes bars and aligns numbers to the right", () => {
  assert.equal(
    markdownTable(table),
    "| arm | TGC |\n| :-- | --: |\n| SAGE | 72.0 |\n| 漢字 | 5 |\n| a b [31m | 1\\|2 |\n",
  );
});

Deno.test("displayWidth() counts emoji and wide characters as two cells, joiners and marks as none", () => {
  assert.equal(displayWidth("−±…—"), 4);
  assert.equal(displayWidth("👩‍🔬"), 2);
  assert.equal(displayWidth("한a"), 3);
  assert.equal(displayWidth("\u200b"), 0);
});

Deno.test("truncate() never exceeds the width and keeps what fits", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.nat(20), (text, width) => {
    const cut = truncate(text, width);
    assert.ok(displayWidth(cut) <= width);
    if (displayWidth(text) <= width) assert.equal(cut, text);
  }));
  assert.equal(truncate("漢字漢字", 4), "漢…");
});

Deno.test("every line of a text table has the same width before trailing spaces are cut", () => {
  const cell = fc.string({ unit: "grapheme", maxLength: 12 });
  fc.assert(fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }), (rows) => {
    const lines = textTable({ columns: [{ heading: "a" }, { heading: "b", align: "right" }], rows }).split("\n").slice(
      0,
      -1,
    );
    assert.equal(lines.length, rows.length + 2);
    const widest = displayWidth(lines[1] ?? "");
    for (const line of lines) assert.ok(displayWidth(line) <= widest, JSON.stringify(line));
  }));
});

Deno.test("printable() leaves text without control characters alone", () => {
  assert.equal(printable("TGC ± 1,5 — ✓"), "TGC ± 1,5 — ✓");
  assert.equal(printable("a\tb\u0007\u2028c"), "a b  c");
});
