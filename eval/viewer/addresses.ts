/**
 * Addresses of the viewer's pages.
 *
 * Contract: every part of a path is encoded, so that a name may hold any character (one of dots only is no name); {@linkcode pathParts} is
 * the inverse.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";

/** Encodes the parts of a path; a slash inside a phase stays one, as identities are written. */
function encoded(parts: readonly (string | number)[]): string {
  return parts.map((part) => String(part).split("/").map(encodeURIComponent).join("/")).join("/");
}

/** A query string of the values that are there, with its question mark; empty if there are none. */
export function search(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)]]
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

/** Page of a run. */
export function runPath(run: string): string {
  return `/run/${encodeURIComponent(run)}`;
}

/** Page of a rollout. */
export function rolloutPath(...identity: readonly (string | number)[]): string {
  return `/rollout/${encoded(identity)}`;
}

/** Page of a chain. */
export function chainPath(...identity: readonly (string | number)[]): string {
  return `/chain/${encoded(identity)}`;
}

/** Page of a skill. */
export function skillPath(run: string, scenario: string, name: string): string {
  return `/skill${search({ run, scenario, name })}`;
}

/** The SQL page with a statement. */
export function sqlPath(sql: string): string {
  return `/sql${search({ q: sql })}`;
}

/** A text of a row, for addresses. */
export function part(value: Json | undefined): string {
  return typeof value === "string" ? value : String(value ?? "");
}

/** Parts of a path after its first, decoded and joined by slashes; undefined if it is not well-formed. */
export function pathParts(path: string): string | undefined {
  try {
    return path.split("/").slice(2).map(decodeURIComponent).join("/");
  } catch {
    return undefined;
  }
}
