import assert from "node:assert/strict";
import { formatCsv, formatJsonLines, formatTable } from "../../data/format_result.ts";
import type { QueryResult } from "../../data/read_only_query.ts";

const result: QueryResult = {
  columns: [{ name: "name", type: "VARCHAR" }, { name: "n", type: "DOUBLE" }, { name: "list", type: "INTEGER[]" }],
  rows: [["a,b", 1 / 3, [1, 2]], ['say "hi"\nthere', null, []], ["日本", 1200000, null], ["", -1, null]],
};

Deno.test("formatTable() aligns columns, numbers on the right, one line a row", () => {
  assert.equal(
    formatTable(result),
    [
      "name                   n  list",
      "--------------  --------  -----",
      "a,b             0.333333  [1,2]",
      'say "hi" there      NULL  []',
      "日本               1200000  NULL",
      "                      -1  NULL",
      "",
    ].join("\n"),
  );
});

Deno.test("formatTable() shortens long cells and shows the header of an empty result", () => {
  const long = { columns: [{ name: "t", type: "VARCHAR" }], rows: [["x".repeat(100)]] };
  assert.equal(formatTable(long, { maxCellChars: 5 }), "t\n-----\nxxxx…\n");
  assert.equal(formatTable({ columns: long.columns, rows: [] }), "t\n-\n");
});

Deno.test("formatJsonLines() gives one exact object per row", () => {
  const lines = formatJsonLines(result).split("\n");
  assert.equal(lines.length, 5);
  assert.deepEqual(JSON.parse(lines[0] ?? ""), { name: "a,b", n: 1 / 3, list: [1, 2] });
  assert.equal(formatJsonLines({ columns: result.columns, rows: [] }), "");
});

Deno.test("formatCsv() quotes what needs it and keeps empty text apart from null", () => {
  assert.equal(
    formatCsv(result),
    'name,n,list\r\n"a,b",0.3333333333333333,"[1,2]"\r\n"say ""hi""\nthere",,[]\r\n日本,1200000,\r\n"",-1,\r\n',
  );
});
