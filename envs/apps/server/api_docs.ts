/**
 * Documentation of all APIs as `/api_docs` gives it.
 *
 * @module
 */
import type { Json } from "../../../data/canonical.ts";
import { type Catalogue, documentation, signature } from "../schema.ts";

/** A small value as YAML: maps, lists and plain texts, which is all that result shapes hold. */
function yaml(value: Json, indent = ""): string {
  if (Array.isArray(value)) {
    return value.map((item: Json) => `${indent}- ${yaml(item, `${indent}  `).trimStart()}`).join("\n");
  }
  if (typeof value !== "object" || value === null) return `${indent}${JSON.stringify(value)}`;
  return Object.entries(value as Readonly<Record<string, Json>>).map(([key, item]) =>
    typeof item === "object" && item !== null
      ? `${indent}${key}:\n${yaml(item, `${indent}  `)}`
      : `${indent}${key}: ${JSON.stringify(item)}`
  ).join("\n");
}

/** `{app: {api: page}}`; the shape of a result is fenced YAML, as clients of the protocol expect. */
export function apiDocs(catalogue: Catalogue): Json {
  return Object.fromEntries([...catalogue.values()].map((app) => [
    app.name,
    Object.fromEntries(app.apis.map((spec): [string, Json] => {
      const { returns, ...page } = documentation(spec, app.name) as { readonly [key: string]: Json };
      const response_schemas = `\`\`\`yaml\n${yaml(returns ?? null)}\n\`\`\``;
      return [spec.name, { ...page, signature: signature(spec, app.name), response_schemas }];
    })),
  ]));
}
