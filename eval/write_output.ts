/**
 * Writes a file that a command was asked for.
 *
 * Contract: folders on the way are made; a file that is there is replaced. Whetstone may write below `results` only (`deno.json`); a path
 * elsewhere is an error that says so, before anything is written.
 *
 * @module
 */

/** A file that cannot be written. */
export class OutputError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "OutputError";
}

/** Ending of a path's last part, in lower case, without the dot; empty if it has none. */
export function outputEnding(path: string): string {
  return /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
}

/**
 * Writes a file.
 *
 * @param path where.
 * @param content text or bytes.
 * @throws {OutputError} if the path may not or cannot be written.
 */
export async function writeOutput(path: string, content: string | Uint8Array): Promise<void> {
  const folder = path.replace(/[/\\][^/\\]*$/, "");
  try {
    if (folder !== path && folder !== "") await Deno.mkdir(folder, { recursive: true });
    await (typeof content === "string" ? Deno.writeTextFile(path, content) : Deno.writeFile(path, content));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable || cause instanceof Deno.errors.PermissionDenied) {
      throw new OutputError(
        `Cannot write ${path}: Whetstone may write below ./results only (permissions in deno.json); ` +
          `give a path such as results/${path.replace(/^.*[/\\]/, "") || "plot.svg"}`,
        { cause },
      );
    }
    throw new OutputError(`Cannot write ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
