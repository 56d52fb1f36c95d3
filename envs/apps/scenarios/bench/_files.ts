/**
 * What draws about the file store share: fresh places, and files planted through the app.
 *
 * @module
 */
import type { Principal, Row, SetupContext } from "./_kit.ts";
import { textOf } from "./_kit.ts";

/** Whole path of a file's row. */
export function pathOfRow(row: Row): string {
  const folder = textOf(row, "folder");
  return `${folder === "/" ? "" : folder}/${textOf(row, "name")}`;
}

/** Whether the user has neither file nor folder at any of the paths. */
export function isFreePlace(ctx: SetupContext, ...paths: readonly string[]): boolean {
  const { email } = ctx.user;
  const taken = new Set([
    ...ctx.rows("stowbox.folder", email).map((row) => textOf(row, "path")),
    ...ctx.rows("stowbox.file", email).map(pathOfRow),
  ]);
  return paths.every((path) => !taken.has(path));
}

/** A file that the user wrote at a time; missing folders are made. */
export function plantFile(
  ctx: SetupContext,
  path: string,
  text: string,
  at: string,
  owner: Principal = ctx.user,
): void {
  ctx.as(owner, at)("stowbox", "write_file", { path, text, with_parents: true });
}

/** Different numbers of five digits, such as those of scans. */
export function differentNumbers(ctx: SetupContext, count: number): number[] {
  const numbers = new Set<number>();
  while (numbers.size < count) numbers.add(ctx.random.int(10000, 99999));
  return [...numbers];
}
