/**
 * Tensor files: exact round trips, and typed errors for damaged files.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readTensorFile, TensorFileError, writeTensorFile } from "../../../agents/model/tensor_file.ts";

async function withFile(body: (path: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await body(`${directory}/file.safetensors`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("readTensorFile() gives back every bit when writeTensorFile() wrote it", async () => {
  await withFile(async (path) => {
    const tensor = fc.float32Array({ minLength: 1, maxLength: 9 }).map((values) => ({
      shape: [values.length],
      values,
    }));
    const file = fc.record({
      metadata: fc.dictionary(fc.string(), fc.string()),
      // An object's own prototype setter is no tensor name.
      tensors: fc.dictionary(fc.string().filter((name) => !name.startsWith("__")), tensor),
    });
    await fc.assert(
      fc.asyncProperty(file, async ({ metadata, tensors }) => {
        await writeTensorFile(path, { metadata: { ...metadata }, tensors: new Map(Object.entries(tensors)) });
        const back = await readTensorFile(path);
        assert.deepEqual({ ...back.metadata }, { ...metadata });
        assert.deepEqual(new Map(back.tensors), new Map(Object.entries(tensors)));
      }),
      { numRuns: 20 },
    );
  });
});

Deno.test("writeTensorFile() leaves no temporary file beside the file when it is done", async () => {
  await withFile(async (path) => {
    await writeTensorFile(path, { metadata: {}, tensors: new Map() });
    const names = [...Deno.readDirSync(path.slice(0, path.lastIndexOf("/")))].map(({ name }) => name);
    assert.deepEqual(names, ["file.safetensors"]);
  });
});

Deno.test("readTensorFile() throws when the file is too short, has no JSON header, or holds other types", async () => {
  await withFile(async (path) => {
    const header = (text: string) => {
      const bytes = new Uint8Array(8 + text.length);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
      bytes.set(new TextEncoder().encode(text), 8);
      return bytes;
    };
    const damaged: [Uint8Array, RegExp][] = [
      [new Uint8Array(3), /needs at least 8 bytes, got 3/],
      [header("{}").slice(0, 9), /the file ends before/],
      [header("{"), /is not a JSON object/],
      [header('{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}'), /must describe float32 data/],
      [header('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}'), /needs 8 bytes, got 4/],
    ];
    for (const [bytes, message] of damaged) {
      await Deno.writeFile(path, bytes);
      await assert.rejects(
        readTensorFile(path),
        (error) => error instanceof TensorFileError && message.test(error.message),
      );
    }
  });
});
