/**
 * Reading and writing of safetensors files and folders.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { HfFolderError } from "../../../agents/model/hf_error.ts";
import { BLOCK_NUMBERS, openSafetensors, SAFETENSORS_TYPES } from "../../../agents/model/safetensors.ts";
import { type SafetensorsType, writeSafetensors } from "../../../agents/model/safetensors.ts";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function tensor(name: string, type: SafetensorsType, shape: readonly number[], values: Float32Array) {
  return {
    name,
    type,
    shape,
    values: async function* () {
      const half = Math.floor(values.length / 2);
      yield await Promise.resolve(values.subarray(0, half));
      yield values.subarray(half);
    },
  };
}

/** A file with the given header and data. */
function bytesOf(header: unknown, data: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + head.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  bytes.set(data, 8 + head.length);
  return bytes;
}

Deno.test("openSafetensors() reads back what writeSafetensors() wrote when the type holds the numbers", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a.safetensors`;
    const values = Float32Array.of(0, -0, 1.5, -2, 0.25, Infinity);
    await writeSafetensors(path, SAFETENSORS_TYPES.map((type) => tensor(type, type, [2, 3], values)));
    using reader = await openSafetensors(path);
    for (const type of SAFETENSORS_TYPES) {
      assert.deepEqual(await reader.tensor(type), values, type);
      assert.deepEqual(reader.entries.get(type)?.shape, [2, 3]);
    }
    const blocks: unknown[] = [];
    for await (const { row, values } of reader.rows("F16", 1, 1)) blocks.push([row, ...values]);
    assert.deepEqual(blocks, [[1, -2, 0.25, Infinity]]);
  }));

Deno.test("writeSafetensors() rounds to the nearest number of the type when numbers lie between two", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a.safetensors`;
    await fc.assert(
      fc.asyncProperty(
        fc.float32Array({ minLength: 1, maxLength: 20, noNaN: true, noDefaultInfinity: true }),
        async (x) => {
          await writeSafetensors(path, [tensor("b", "BF16", [x.length], x), tensor("h", "F16", [x.length], x)]);
          using reader = await openSafetensors(path);
          const [b, h] = [await reader.tensor("b"), await reader.tensor("h")];
          for (const [i, value] of x.entries()) {
            assert.equal(h[i], Math.f16round(value));
            // Half a unit in the last of BF16's 8 binary digits, or half of its smallest subnormal number.
            const most = Math.max(2 ** -9 * 2 ** Math.ceil(Math.log2(Math.abs(value) || 1)), 2 ** -134);
            if (Math.abs(value) < 3.38e38) assert.ok(Math.abs(b[i]! - value) <= most, `${value} became ${b[i]}`);
          }
        },
      ),
      { numRuns: 25 },
    );
    // Ties go to the even number, and a NaN stays one.
    const ties = Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, NaN);
    await writeSafetensors(path, [tensor("b", "BF16", [3], ties)]);
    using reader = await openSafetensors(path);
    assert.deepEqual([...await reader.tensor("b")], [1, 1 + 2 ** -6, NaN]);
  }));

Deno.test("SafetensorsReader.rows() gives blocks of bounded size when a tensor is large", () =>
  inFolder(async (folder) => {
    const [rows, columns] = [7, BLOCK_NUMBERS / 3];
    const values = Float32Array.from({ length: rows * Math.floor(columns) }, (_, i) => i % 1000);
    await writeSafetensors(`${folder}/a.safetensors`, [tensor("w", "F32", [rows, Math.floor(columns)], values)]);
    using reader = await openSafetensors(`${folder}/a.safetensors`);
    const seen: number[] = [];
    for await (const { row, values: block } of reader.rows("w")) {
      assert.ok(block.length <= BLOCK_NUMBERS);
      assert.equal(block[0], values[row * Math.floor(columns)]);
      seen.push(row);
    }
    assert.deepEqual(seen, [0, 3, 6]);
    assert.deepEqual(await reader.tensor("w"), values);
  }));

Deno.test("openSafetensors() finds the tensors of several files when a folder has an index", () =>
  inFolder(async (folder) => {
    await writeSafetensors(`${folder}/a.safetensors`, [tensor("x", "F32", [1], Float32Array.of(1))]);
    await writeSafetensors(`${folder}/b.safetensors`, [tensor("y", "F16", [], Float32Array.of(2))]);
    const index = (map: unknown) => Deno.writeTextFile(`${folder}/model.safetensors.index.json`, JSON.stringify(map));
    await index({ metadata: {}, weight_map: { x: "a.safetensors", y: "b.safetensors" } });
    using reader = await openSafetensors(folder);
    assert.deepEqual([...await reader.tensor("x"), ...await reader.tensor("y")], [1, 2]);
    await index({ weight_map: { x: "a.safetensors", z: "b.safetensors" } });
    await assert.rejects(openSafetensors(folder), /tensor z of .*b\.safetensors: z must be in b\.safetensors/);
    await index({ weight_map: { x: "c.safetensors" } });
    await assert.rejects(openSafetensors(folder), /c\.safetensors: it must exist.*download is complete/);
    await index({ weight_map: 3 });
    await assert.rejects(openSafetensors(folder), /weight_map/);
  }));

Deno.test("openSafetensors() says what a folder holds when there are no safetensors in it", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/pytorch_model.bin`, "");
    await assert.rejects(openSafetensors(folder), /model\.safetensors.*got pytorch_model\.bin; .*save_pretrained/);
  }));

const DAMAGED: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
  "is too short": [Uint8Array.of(1, 2), /at least 8 bytes, got 2/],
  "has a header longer than itself": [new Uint8Array(8).fill(255), /header within its 8 bytes/],
  "has a header that is no object": [bytesOf([1], new Uint8Array()), /JSON object/],
  "has an entry without a shape": [bytesOf({ w: { dtype: "F32" } }, new Uint8Array()), /w of .*dtype, shape/],
  "has an entry of the wrong size": [
    bytesOf({ w: { dtype: "BF16", shape: [2, 3], data_offsets: [0, 8] } }, new Uint8Array(8)),
    /w of .*take 12 bytes \(BF16 \[2,3\]\), got 8/,
  ],
  "is cut off": [
    bytesOf({ w: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }, new Uint8Array(5)),
    /w of .*end within the file/,
  ],
};

for (const [damage, [bytes, message]] of Object.entries(DAMAGED)) {
  Deno.test(`openSafetensors() throws when a file ${damage}`, () =>
    inFolder(async (folder) => {
      await Deno.writeFile(`${folder}/a.safetensors`, bytes);
      await assert.rejects(openSafetensors(`${folder}/a.safetensors`), (error: Error) => {
        assert.ok(error instanceof HfFolderError);
        assert.match(error.message, message);
        return true;
      });
    }));
}

Deno.test("SafetensorsReader reads the others when one tensor has a type that cannot be read", () =>
  inFolder(async (folder) => {
    const data = new Uint8Array(12);
    new DataView(data.buffer).setFloat32(8, 7, true);
    const header = {
      q: { dtype: "I64", shape: [1], data_offsets: [0, 8] },
      w: { dtype: "F32", shape: [1], data_offsets: [8, 12] },
    };
    await Deno.writeFile(`${folder}/a.safetensors`, bytesOf(header, data));
    using reader = await openSafetensors(`${folder}/a.safetensors`);
    assert.deepEqual([...await reader.tensor("w")], [7]);
    await assert.rejects(reader.tensor("q"), /q of .*one of the types F32, F16, BF16, got I64/);
    await assert.rejects(reader.tensor("nothing"), /nothing/);
  }));

Deno.test("writeSafetensors() leaves no file when a tensor's pieces do not fill its shape", () =>
  inFolder(async (folder) => {
    const wrong = tensor("w", "F32", [3], Float32Array.of(1, 2));
    await assert.rejects(writeSafetensors(`${folder}/a.safetensors`, [wrong]), /tensor w: needs 12 bytes/);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }));
