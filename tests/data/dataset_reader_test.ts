import { DuckDBInstance } from "@duckdb/node-api";
import assert from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { z } from "zod";
import { BadRowsError, badRowText, DatasetFileError, datasetFormat, readDataset } from "../../data/dataset_reader.ts";
import type { ReadDatasetOptions } from "../../data/dataset_reader.ts";
import { ExactNumber, parseExactJson } from "../../data/exact_json.ts";

const ANY = z.record(z.string(), z.unknown());

/** Runs with a folder that is removed afterwards. */
async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Numbers and values of the rows of a file with the given content, and what was bad. */
async function read(name: string, content: string | Uint8Array, options: ReadDatasetOptions = {}) {
  const rows: [number, unknown][] = [];
  let bad: string[] = [];
  await withFolder(async (folder) => {
    const path = `${folder}/${name}`;
    await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
    const reading = readDataset(path, ANY, { onBadRow: "report", ...options });
    for await (const { number, value } of reading) rows.push([number, value]);
    bad = reading.bad.map((row) => badRowText(row).replace(`${folder}/`, ""));
  });
  return { rows, bad };
}

Deno.test("readDataset() numbers JSONL rows by their lines when some are empty, with CR LF, and in the last line without an end", async () => {
  const { rows } = await read("a.jsonl", '{"a":1}\r\n\r\n   \n{"a":2}\n\n{"a":3}');
  assert.deepEqual(rows, [[1, { a: 1 }], [4, { a: 2 }], [6, { a: 3 }]]);
});

Deno.test("readDataset() counts lines exactly whatever their ends and wherever chunks of a file end", async () => {
  const ends = fc.constantFrom("\n", "\r\n");
  const line = fc.tuple(fc.constantFrom("", "{}", "é".repeat(700_000)), ends);
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
      const text = lines.map(([kind, end], index) => (kind === "" ? end : `{"n":${index + 1},"p":"${kind}"}${end}`));
      const { rows, bad } = await read("a.jsonl", text.join(""));
      assert.deepEqual(bad, []);
      const expected = lines.flatMap(([kind], index) => (kind === "" ? [] : [index + 1]));
      assert.deepEqual(
        rows.map(([number, value]) => [number, (value as { n: number }).n]),
        expected.map((n) => [n, n]),
      );
    }),
    { numRuns: 20 },
  );
});

Deno.test("readDataset() loses nothing at a lone CR, and passes over a byte order mark", async () => {
  assert.deepEqual((await read("a.csv", "\uFEFFa,b\nx\ry,1\n")).rows, [[2, { a: "x\ry", b: "1" }]]);
  const { rows, bad } = await read("a.jsonl", '\uFEFF{"a":\r1}\n{"a":2}\r{"a":3}\n');
  assert.deepEqual([rows, bad.length], [[[1, { a: 1 }]], 1]);
});

Deno.test("readDataset() keeps digits, escapes and nested lists when numbers are exact", async () => {
  const line =
    '{"a": 27.0, "b": 12345678901234567890123, "c": "27.0", "d": [["x,\\"y\\""], [1.50]], "e": 0.5, "f": "\\u0001é"}';
  const { rows } = await read("a.jsonl", line, { numbers: "exact" });
  const [a, b] = [new ExactNumber("27.0"), new ExactNumber("12345678901234567890123")];
  assert.deepEqual(rows, [[1, { a, b, c: "27.0", d: [['x,"y"'], [new ExactNumber("1.50")]], e: 0.5, f: "\u0001é" }]]);
});

Deno.test("readDataset() gives integers beyond 2^53 as bigint by default, so that a schema of numbers refuses them", async () => {
  const { rows } = await read("a.jsonl", '{"a": 9007199254740993, "b": 9007199254740992.5, "c": 27.0}');
  assert.deepEqual(rows, [[1, { a: 9007199254740993n, b: 9007199254740992, c: 27 }]]);
  assert.equal(z.number().safeParse(9007199254740993n).success, false);
});

Deno.test("readDataset() reads JSON arrays, and objects one after the other, in .json", async () => {
  assert.deepEqual((await read("a.json", '[\n {"a": [1, [2]]},\n {"a": 3}\n]')).rows, [[1, { a: [1, [2]] }], [2, {
    a: 3,
  }]]);
  assert.deepEqual((await read("a.json", '{"a": 1}\n{"a": 2}\n')).rows, [[1, { a: 1 }], [2, { a: 2 }]]);
});

Deno.test("readDataset() reads CSV as text only, with quotes, line breaks in quotes and exact line numbers", async () => {
  const { rows, bad } = await read("a.csv", 'id,q\n1,"two\nlines, ""quoted"""\n\n007,\n3\n4,b,c\n5,"x"y\n6,27.0\n');
  assert.deepEqual(rows, [
    [2, { id: "1", q: 'two\nlines, "quoted"' }],
    [5, { id: "007", q: "" }],
    [9, { id: "6", q: "27.0" }],
  ]);
  assert.deepEqual(bad, [
    "a.csv, line 6: found 1 field, expected 2, as in line 1",
    "a.csv, line 7: found 3 fields, expected 2, as in line 1",
    'a.csv, line 8: found "y" after a closing quote, expected "," or the end of the line',
  ]);
});

Deno.test("readDataset() tells an open quote at the end of a CSV file, and two columns of one name", async () => {
  const { bad } = await read("a.csv", 'a\n"x\ny\n');
  assert.deepEqual(bad, ['a.csv, line 2: found the end of the file, expected a closing quote (")']);
  await assert.rejects(read("a.csv", "a,b,a\n1,2,3\n"), /two columns are named "a"/);
});

Deno.test("readDataset() keeps control characters of CSV, and reports those that JSON forbids", async () => {
  assert.deepEqual((await read("a.csv", "a,b\n\u0001x,\u0001\u0002\u0003\n")).rows, [[2, {
    a: "\u0001x",
    b: "\u0001\u0002\u0003",
  }]]);
  const { rows, bad } = await read("a.jsonl", '{"a":"\u0001"}\n{"a":1}\u0001\n{"a":2}\n');
  assert.deepEqual([rows, bad.length], [[[3, { a: 2 }]], 2]);
});

Deno.test("readDataset() reads back what was written as CSV, whatever the texts", async () => {
  const cell = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", " ", "é", "#") });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }), async (records) => {
      const quoted = records.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(","));
      const { rows, bad } = await read("a.csv", `x,y\n${quoted.join("\n")}\n`);
      assert.deepEqual(bad, []);
      assert.deepEqual(rows.map(([, value]) => value), records.map(([x, y]) => ({ x, y })));
    }),
    { numRuns: 25 },
  );
});

Deno.test("readDataset() reads TSV, and compressed text", async () => {
  assert.deepEqual((await read("a.tsv", "a\tb\n1,5\t2\n")).rows, [[2, { a: "1,5", b: "2" }]]);
  for (const [name, pack] of [["a.jsonl.gz", gzipSync], ["a.jsonl.zst", zstdCompressSync]] as const) {
    assert.deepEqual((await read(name, pack('{"a":1}\n\n{"a":2}\n'))).rows, [[1, { a: 1 }], [3, { a: 2 }]]);
  }
  await assert.rejects(read("a.jsonl", Uint8Array.of(10, 123, 125, 10, 255, 10)), /line 3 is not UTF-8/);
});

Deno.test("readDataset() reads Parquet by rows: lists nested, decimals exact, NaN missing", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.parquet`;
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run(
      `COPY (SELECT i AS i, 27.0::DOUBLE AS d, 0.1::FLOAT AS f, 'nan'::DOUBLE AS n, [['a'], []] AS l,
        1234567890123456789.25::DECIMAL(38, 2) AS c, MAP {'k': 'v'} AS m FROM range(1, 3) t(i)) TO '${path}' (FORMAT parquet)`,
    );
    connection.closeSync();
    instance.closeSync();
    const rows = await Array.fromAsync(readDataset(path, ANY, { numbers: "exact" }));
    assert.deepEqual(rows.map(({ unit, number, value }) => [unit, number, value.i]), [["row", 1, 1], ["row", 2, 2]]);
    const { i: _, ...rest } = rows[0]!.value;
    const exact = (text: string) => new ExactNumber(text);
    const c = exact("1234567890123456789.25");
    assert.deepEqual(rest, { d: exact("27.0"), f: 0.1, n: null, l: [["a"], []], c, m: { k: "v" } });
  });
});

Deno.test("readDataset() keeps the order of the file over many chunks", async () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `{"a":${index}}`);
  const { rows } = await read("a.jsonl", lines.join("\n"));
  assert.deepEqual(
    rows.map(([number, value]) => [number, (value as { a: number }).a]),
    lines.map((_, i) => [i + 1, i]),
  );
});

Deno.test("readDataset() takes a path with signs of patterns literally", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a1.jsonl`, '{"a":1}\n');
    await Deno.writeTextFile(`${folder}/a[1]*.jsonl`, '{"a":2}\n');
    await Deno.mkdir(`${folder}/year=2031`);
    await Deno.writeTextFile(`${folder}/year=2031/it's.jsonl`, '{"a":3}\n');
    for (const [name, a] of [["a[1]*.jsonl", 2], ["year=2031/it's.jsonl", 3]] as const) {
      const rows = await Array.fromAsync(readDataset(`${folder}/${name}`, ANY));
      assert.deepEqual(rows.map(({ value }) => value), [{ a }]);
    }
  });
});

Deno.test("readDataset() reports each bad field with its place, what was found and what was expected", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.jsonl`;
    await Deno.writeTextFile(path, '{"a":1,"l":["x"]}\n{"a":"1","l":["x",2]}\n{"a":null}\n[1]\n{oops\n');
    const schema = z.object({ a: z.number(), l: z.array(z.string()) });
    const reading = readDataset(path, schema, { onBadRow: "report" });
    const rows = await Array.fromAsync(reading);
    assert.deepEqual(rows.map(({ number, place }) => [number, place]), [[1, 1]]);
    assert.deepEqual(
      reading.bad.slice(0, 5).map(({ number, field, found, expected }) => [number, field, found, expected]),
      [
        [2, "a", '"1"', "number"],
        [2, "l.1", "2", "string"],
        [3, "a", "null", "number"],
        [3, "l", "nothing", "array"],
        [4, "", "[1]", "object"],
      ],
    );
    assert.match(badRowText(reading.bad[5]!), /line 5: found "\{oops", expected JSON/);
  });
});

Deno.test("readDataset() ends with an error that lists bad rows, as many as asked for", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.jsonl`;
    await Deno.writeTextFile(path, '{"a":1}\n{"a":"x"}\n{"a":2}\n{"a":"y"}\n{"a":"z"}\n');
    const schema = z.object({ a: z.number() });
    const seen: number[] = [];
    let failure: unknown;
    try {
      for await (const { number } of readDataset(path, schema)) seen.push(number);
    } catch (error) {
      failure = error;
    }
    assert.ok(failure instanceof BadRowsError);
    assert.deepEqual(seen, [1]);
    assert.deepEqual(failure.bad.map(({ number }) => number), [2, 4, 5]);
    assert.match(failure.message, /3 rows do not fit\n.*line 2, field a: found "x", expected number\n.*line 4/);
    await assert.rejects(Array.fromAsync(readDataset(path, schema, { listed: 2 })), /at least 2 rows do not fit/);
  });
});

/** The error of reading a file; undefined if there is none. */
async function readAll<T>(path: string, schema: z.ZodType<T>): Promise<unknown> {
  try {
    await Array.fromAsync(readDataset(path, schema));
  } catch (error) {
    return error;
  }
}

Deno.test("readDataset() stops at the limit without looking at the rest", async () => {
  const { rows } = await read("a.jsonl", '{"a":1}\n{"a":2}\n{broken', { limit: 2, onBadRow: "fail" });
  assert.equal(rows.length, 2);
});

Deno.test("readDataset() says which file cannot be read and why", async () => {
  const rows = (path: string) => Array.fromAsync(readDataset(path, ANY));
  await assert.rejects(rows("no/such.jsonl"), /Cannot read no\/such\.jsonl: there is no such file/);
  await assert.rejects(rows("a.txt"), /its name must end in \.jsonl/);
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/a.jsonl`);
    await assert.rejects(rows(`${folder}/a.jsonl`), /it is no file/);
    for (
      const [name, bytes] of [["b.parquet", "hello"], ["b.json", '[{"a":'], ["b.jsonl", '{"a":"\xff"}\n']] as const
    ) {
      await Deno.writeFile(`${folder}/${name}`, Uint8Array.from(bytes, (sign) => sign.charCodeAt(0)));
      const failure = await readAll(`${folder}/${name}`, ANY);
      assert.ok(failure instanceof DatasetFileError, name);
      assert.ok(failure.message.length < 500 && failure.message.includes(name), failure.message);
    }
  });
  assert.deepEqual((await read("a.jsonl", "")).rows, []);
});

Deno.test("datasetFormat() follows the end of the name", () => {
  const formats = ["x.JSONL", "x.ndjson.zst", "a.b.json", "x.parquet", "x.csv.gz", "x.tsv"].map(datasetFormat);
  assert.deepEqual(formats, ["jsonl", "jsonl", "json", "parquet", "csv", "tsv"]);
});

Deno.test("parseExactJson() loses no digit of any number", () => {
  const number = fc.oneof(
    fc.bigInt().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: -400, max: 400 })).map(([a, b, e]) => `${a}.${b}0e${e}`),
  );
  fc.assert(fc.property(fc.array(number), (numbers) => {
    const parsed = parseExactJson(`{"a": [${numbers.join(", ")}]}`, "exact") as { a: unknown[] };
    assert.deepEqual(parsed.a.map((value) => (Object.is(value, -0) ? "-0" : String(value))), numbers);
  }));
});
