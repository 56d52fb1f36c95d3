/**
 * The folder that holds everything received through the bridge.
 *
 * Contract: texts of the user's server (tasks, documentation, outputs, requirements) may not be published, so they are written here
 * and nowhere else. The folder lies under `results/`, which git ignores, and tells git to ignore it itself, wherever that is.
 *
 * @module
 */
import type { Json } from "../../../data/canonical.ts";

/** Where the bridge writes. */
export const BRIDGE_FOLDER = "results/bridge";

/** Writes into the folder. */
export interface PrivateFolder {
  /** Writes a value as JSON; `path` is relative to the folder. */
  write(path: string, value: Json): Promise<void>;
}

/**
 * The folder.
 *
 * @param root where it lies.
 */
export function privateFolder(root: string = BRIDGE_FOLDER): PrivateFolder {
  return {
    async write(path, value) {
      const file = `${root}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(`${root}/.gitignore`, "*\n");
      await Deno.writeTextFile(file, `${JSON.stringify(value, null, 1)}\n`);
    },
  };
}
