/**
 * Names of the formats of `api_formats.ts`, apart from it so that a command line can name them without loading the apps.
 *
 * @module
 */

/** Formats by name. */
export const API_FORMATS = [
  "list",
  "brief",
  "full",
  "openapi",
  "functions",
  "mcp",
  "typescript",
  "python",
] as const;
/** Name of a format. */
export type ApiFormat = typeof API_FORMATS[number];
