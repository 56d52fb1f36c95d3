/**
 * Documentation for a person at the prompt, made from the declarations of the APIs.
 *
 * @module
 */
import { type Catalogue, signature } from "../schema.ts";

function table(rows: readonly (readonly string[])[], indent = ""): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) => `${indent}${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd()}`)
    .join("\n");
}

/** All apps. */
export function appsPage(catalogue: Catalogue): string {
  return table([...catalogue.values()].map(({ name, apis, about }) => [name, `${apis.length} APIs`, about]));
}

/** APIs of an app; undefined if there is none of that name. */
export function appPage(catalogue: Catalogue, name: string): string | undefined {
  const app = catalogue.get(name);
  if (app === undefined) return undefined;
  return [`${name}: ${app.about}`, "", ...app.apis.flatMap((spec) => [signature(spec), `    ${spec.about}`])].join(
    "\n",
  );
}

/** One API; undefined if there is none of that name. */
export function apiPage(catalogue: Catalogue, name: string, api: string): string | undefined {
  const spec = catalogue.get(name)?.apis.find((candidate) => candidate.name === api);
  if (spec === undefined) return undefined;
  const params = Object.entries(spec.params).map(([param, { type, required, about }]) => [
    param,
    required ? "required" : "optional",
    type,
    about,
  ]);
  return [
    `${spec.method} ${name}.${api}`,
    spec.about,
    "",
    params.length === 0 ? "  no arguments" : table(params, "  "),
    "",
    `returns ${JSON.stringify(spec.returns, null, 2)}`,
  ].join("\n");
}
