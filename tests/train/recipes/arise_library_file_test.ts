import assert from "node:assert/strict";
import { LibraryStateError, TwoTierLibrary } from "../../../agents/skills/two_tier_library.ts";
import { libraryPath, readLibrary, writeLibrary } from "../../../train/recipes/arise_library_file.ts";
import { DOCUMENTS } from "../../agents/_arise_kit.ts";

Deno.test("writeLibrary() puts the library beside its checkpoint, and readLibrary() brings it back", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const checkpoint = `${folder}/run/rl-3.safetensors`;
    const library = new TwoTierLibrary(DOCUMENTS, { cacheCapacity: 2, onDuplicate: "version" });
    library.maintain({ step: 1, updates: [{ name: "good", reward: 2 }] });
    await writeLibrary(checkpoint, library);
    assert.equal(libraryPath(checkpoint), `${folder}/run/rl-3.library.json`);
    assert.deepEqual((await Array.fromAsync(Deno.readDir(`${folder}/run`))).map(({ name }) => name), [
      "rl-3.library.json",
    ]);
    assert.deepEqual((await readLibrary(checkpoint)).toJson(), library.toJson());
    const once = await Deno.readTextFile(libraryPath(checkpoint));
    await writeLibrary(checkpoint, await readLibrary(checkpoint));
    assert.equal(await Deno.readTextFile(libraryPath(checkpoint)), once);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readLibrary() names the file that is missing, is no JSON, or holds no library", async () => {
  const folder = await Deno.makeTempDir();
  const failure = async (name: string, text?: string) => {
    const checkpoint = `${folder}/${name}.safetensors`;
    if (text !== undefined) await Deno.writeTextFile(libraryPath(checkpoint), text);
    const error = await readLibrary(checkpoint).then(() => undefined, (error: unknown) => error);
    assert.ok(error instanceof LibraryStateError, name);
    assert.ok(error.message.includes(libraryPath(checkpoint)), error.message);
    return error.message;
  };
  try {
    assert.match(await failure("missing"), /No such file/i);
    assert.match(await failure("broken", '{"cache": ['), /JSON/);
    assert.match(await failure("other", '{"cache": []}'), /cacheCapacity/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
