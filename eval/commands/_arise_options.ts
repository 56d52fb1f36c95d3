/**
 * What `whet reproduce arise` and `whet ablate arise` do with `--option`.
 *
 * @module
 */
import type { AriseOptions } from "../arise_options.ts";
import { printed, usageError } from "../terminal.ts";

/** Prints what options there are. */
export async function printedAriseOptions(): Promise<number> {
  const { ariseOptionsListing } = await import("../arise_options.ts");
  return printed(ariseOptionsListing());
}

/** Errors that say that an option cannot be used. */
const REFUSALS: readonly string[] = ["ConfigError", "InputError", "DocumentFileError"];

/**
 * Options from the words of the command line, checked against what they are for.
 *
 * @param check throws if they do not fit.
 * @returns the options; the exit status where they cannot be used, which is then said.
 */
export async function usableAriseOptions(
  words: readonly string[],
  check: (options: AriseOptions) => void,
): Promise<AriseOptions | number> {
  const { readAriseOptions } = await import("../arise_options.ts");
  try {
    const options = await readAriseOptions(words);
    check(options);
    return options;
  } catch (error) {
    if (error instanceof Error && REFUSALS.includes(error.name)) return usageError(error.message);
    throw error;
  }
}
