import assert from "node:assert/strict";
import { generateWorld } from "../../../envs/apps/generate.ts";
import { openBaseWorld } from "../../../envs/apps/world_cache.ts";

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openBaseWorld() gives the same world from the cache as without one", () =>
  inFolder(async (folder) => {
    const made = generateWorld(1, { profile: "tiny" });
    const first = await openBaseWorld(1, "tiny", folder);
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert.equal(files.length, 1);
    const second = await openBaseWorld(1, "tiny", folder);
    for (const world of [first, second]) {
      assert.equal(world.hash, made.hash);
      assert.deepEqual(world.people, made.people);
      for (const name of made.tableNames) assert.deepEqual(world.table(name).rows, made.table(name).rows, name);
    }
    assert.ok(Object.isFrozen(second.table("handset.contact").rows[0]));
  }));

Deno.test("openBaseWorld() makes the world anew where the kept file is broken, and keeps nothing where it may not", () =>
  inFolder(async (folder) => {
    const { hash } = await openBaseWorld(1, "tiny", folder);
    const [file] = [...Deno.readDirSync(folder)];
    await Deno.writeTextFile(`${folder}/${file?.name}`, "not a world");
    assert.equal((await openBaseWorld(1, "tiny", folder)).hash, hash);
    assert.equal((await openBaseWorld(1, "tiny", `${folder}/${file?.name}/below`)).hash, hash);
    assert.equal((await openBaseWorld(1, "tiny", null)).hash, hash);
  }));

Deno.test("openBaseWorld() takes what is kept and makes nothing anew", () =>
  inFolder(async (folder) => {
    const other = await openBaseWorld(2, "tiny", folder);
    const [file] = [...Deno.readDirSync(folder)];
    // The world of another seed under this seed's name: only who reads the file can come upon it.
    await Deno.rename(`${folder}/${file?.name}`, `${folder}/${file?.name.replace("tiny-2-", "tiny-1-")}`);
    assert.equal((await openBaseWorld(1, "tiny", folder)).hash, other.hash);
  }));
