/**
 * The file of a library beside the checkpoint that it belongs to.
 *
 * Contract: written whole or not at all (temporary name, then rename), without clocks, so that equal states give equal files. The checkpoint's unit names the
 * file; what a killed run left under the name of a unit that it did not commit is overwritten.
 *
 * @module
 */
import { LibraryStateError, TwoTierLibrary } from "../../agents/skills/two_tier_library.ts";

/** File of the library that belongs to a checkpoint. */
export function libraryPath(checkpoint: string): string {
  return checkpoint.replace(/\.safetensors$/, ".library.json");
}

/** What was saved with a checkpoint, as it stands in the file. @throws {LibraryStateError} if the file is not there or holds no JSON. */
export async function readLibraryJson(checkpoint: string): Promise<unknown> {
  const path = libraryPath(checkpoint);
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LibraryStateError(`Cannot use the library in ${path}: ${reason}`, { cause: error });
  }
}

/** The library that was saved with a checkpoint. @throws {LibraryStateError} if the file is not there or holds none. */
export async function readLibrary(checkpoint: string): Promise<TwoTierLibrary> {
  return TwoTierLibrary.fromJson(await readLibraryJson(checkpoint), libraryPath(checkpoint));
}

/** Saves a library with a checkpoint, whose folder is made if it is missing. */
export async function writeLibrary(checkpoint: string, library: { toJson(): unknown }): Promise<void> {
  const path = libraryPath(checkpoint);
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(`${path}.part`, JSON.stringify(library.toJson(), null, 2));
  await Deno.rename(`${path}.part`, path);
}
