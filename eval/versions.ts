/**
 * Versions of what computes the numbers: Deno, Whetstone and the packages, as pinned in `deno.json`.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };

/** Whetstone's own version. */
export const WHETSTONE_VERSION: string = config.version;

/** Version by name; packages by their npm name. */
export function packageVersions(): Record<string, string> {
  const versions: Record<string, string> = { deno: Deno.version.deno, v8: Deno.version.v8, whetstone: config.version };
  for (const specifier of Object.values(config.imports)) {
    const match = /^npm:(.+)@([^@]+)$/.exec(specifier);
    if (match?.[1] !== undefined && match[2] !== undefined) versions[match[1]] = match[2];
  }
  return versions;
}
