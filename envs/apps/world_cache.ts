/**
 * Base worlds on disk, so that a second start takes no generation.
 *
 * Contract: a kept world is used only if seed, profile and the source of everything that makes worlds are the same; whatever is wrong
 * with a kept file, the world is made anew. Writing is atomic (a temporary file is renamed), so that processes may start side by
 * side. Where the sources cannot be read or the folder cannot be written, nothing is kept and nothing fails.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { deserialize, serialize } from "node:v8";
import { generateWorld } from "./generate.ts";
import type { Row } from "./scenario.ts";
import type { ProfileName } from "./world/profiles.ts";
import { BaseWorld, type Person } from "./world.ts";

/** What a file holds. */
interface Kept {
  readonly people: readonly Person[];
  readonly tables: ReadonlyMap<string, readonly Row[]>;
  readonly hash: string;
}

let sources: Promise<string | undefined> | undefined;

/** Hash of the source files of this folder and those below it; undefined where they cannot be read. */
function sourceHash(): Promise<string | undefined> {
  sources ??= hashSources();
  return sources;
}

async function hashSources(): Promise<string | undefined> {
  try {
    const folder = new URL(".", import.meta.url);
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".ts")).sort();
    const hash = createHash("sha256");
    for (const name of names) hash.update(name).update(await readFile(new URL(name.replaceAll("\\", "/"), folder)));
    return hash.digest("hex").slice(0, 16);
  } catch {
    return undefined;
  }
}

/**
 * Base world of a seed and profile, from the cache if it is there.
 *
 * @param cache folder of kept worlds; null keeps none.
 */
export async function openBaseWorld(seed: number, profile: ProfileName, cache: string | null): Promise<BaseWorld> {
  const source = cache === null ? undefined : await sourceHash();
  if (cache === null || source === undefined) return generateWorld(seed, { profile });
  const path = `${cache}/apps-world-${profile}-${seed}-${source}.bin`;
  try {
    const { people, tables, hash } = deserialize(await readFile(path)) as Kept;
    return new BaseWorld(seed, people, tables, hash);
  } catch {
    const world = generateWorld(seed, { profile });
    await keep(path, cache, world);
    return world;
  }
}

async function keep(path: string, cache: string, world: BaseWorld): Promise<void> {
  const tables = new Map(world.tableNames.map((name) => [name, world.table(name).rows]));
  const kept: Kept = { people: world.people, tables, hash: world.hash };
  const temporary = `${path}.${crypto.randomUUID()}`;
  try {
    await mkdir(cache, { recursive: true });
    await writeFile(temporary, serialize(kept));
    await rename(temporary, path);
  } catch {
    // A folder that cannot be written costs time at the next start, nothing else.
  }
}
