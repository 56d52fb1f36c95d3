/**
 * What draws about larkbox share: rows of the catalogue in the order in which lists show them, and whether pages matter.
 *
 * @module
 */
import { newestFirst, numberOf, type Row, type SetupContext, textOf } from "./_kit.ts";

/** Rows in a page where the caller names no number, and the most that one can ask for. */
const [SMALL_PAGE, LARGE_PAGE] = [5, 20];

/** Row of the catalogue. */
export function catalogueRow(ctx: SetupContext, kind: string, id: number): Row {
  const row = ctx.row(`larkbox.${kind}`, id);
  if (row === undefined) throw new RangeError(`There is no ${kind} ${id}`);
  return row;
}

/** Rows of the user that point at things of a kind, latest first. */
function pointers(ctx: SetupContext, table: string, kind: string): Row[] {
  return ctx.rows(table, ctx.user.email).filter((row) => textOf(row, "target_kind") === kind).reverse();
}

/** Things of a kind on the user's shelf, as the list shows them. */
export function shelfOf(ctx: SetupContext, kind: "track" | "record" | "show"): Row[] {
  return pointers(ctx, "larkbox.shelf_item", kind).map((row) => catalogueRow(ctx, kind, numberOf(row, "target_id")));
}

/** Ids of things of a kind that the user keeps offline. */
export function offlineIds(ctx: SetupContext, kind: "track" | "record" | "show"): Set<number> {
  const items = pointers(ctx, "larkbox.shelf_item", kind).filter((row) => row["offline"] === true);
  return new Set(items.map((row) => numberOf(row, "target_id")));
}

/** Tracks with the user's heart, as the list shows them. */
export function heartedTracks(ctx: SetupContext): Row[] {
  return pointers(ctx, "larkbox.heart", "track").map((row) => catalogueRow(ctx, "track", numberOf(row, "target_id")));
}

/** Performers that the user follows, as the list shows them. */
export function followedPerformers(ctx: SetupContext): Row[] {
  return pointers(ctx, "larkbox.heart", "performer")
    .map((row) => catalogueRow(ctx, "performer", numberOf(row, "target_id")));
}

/** Ratings of the user, as the list shows them. */
export function ratingsOf(ctx: SetupContext, kind?: string): Row[] {
  const rows = ctx.rows("larkbox.rating", ctx.user.email);
  const latest = newestFirst(rows.map((row) => ({ ...row, at: textOf(row, "made_at") })));
  return latest.filter((row) => kind === undefined || textOf(row, "target_kind") === kind);
}

/** Mixes of the user, as the list shows them. */
export function mixesOf(ctx: SetupContext): Row[] {
  return newestFirst(
    ctx.rows("larkbox.mix", ctx.user.email).map((row) => ({ ...row, at: textOf(row, "made_at") })),
  );
}

/** Entries of a mix in order. */
export function entriesOf(ctx: SetupContext, mixId: number): Row[] {
  return [...ctx.rowsWhere("larkbox.mix_entry", "mix_id", mixId)]
    .sort((a, b) => numberOf(a, "position") - numberOf(b, "position"));
}

/** Ids of the tracks of a mix in order. */
export function trackIdsOf(ctx: SetupContext, mixId: number): number[] {
  return entriesOf(ctx, mixId).map((entry) => numberOf(entry, "track_id"));
}

/** Ids of all tracks that are in some mix of the user. */
export function mixTrackIds(ctx: SetupContext): Set<number> {
  return new Set(mixesOf(ctx).flatMap(({ id }) => trackIdsOf(ctx, id)));
}

/** What one sees of the user's mixes who reads first pages only. */
export function firstPageTrackIds(ctx: SetupContext): Set<number> {
  return new Set(mixesOf(ctx).slice(0, SMALL_PAGE).flatMap(({ id }) => trackIdsOf(ctx, id).slice(0, SMALL_PAGE)));
}

/** Whether wanted rows are missed by those who read a list's first page only, and by those who leave its last one out. */
export function pagesMatter(listed: readonly Row[], wanted: (row: Row) => boolean): boolean {
  const lastPage = Math.floor(listed.length / LARGE_PAGE) * LARGE_PAGE;
  const missesFirst = listed.slice(SMALL_PAGE).some(wanted);
  return missesFirst && (listed.length < LARGE_PAGE || listed.slice(lastPage).some(wanted)) && !listed.every(wanted);
}

/** Genres of tracks, each once, in random order. */
export function genresOf(ctx: SetupContext, tracks: readonly Row[]): string[] {
  return ctx.random.shuffle([...new Set(tracks.map((row) => textOf(row, "genre")))].sort());
}

/** Rows in the given order as long as their seconds fit into a budget; those that do not fit are left out. */
export function fitting(rows: readonly Row[], budgetSeconds: number): Row[] {
  let left = budgetSeconds;
  return rows.filter((row) => {
    const fits = numberOf(row, "seconds") <= left;
    if (fits) left -= numberOf(row, "seconds");
    return fits;
  });
}

/** Whether no two rows share a value. */
export function allDifferent(rows: readonly Row[], column: string): boolean {
  return new Set(rows.map((row) => numberOf(row, column))).size === rows.length;
}

/** A title that none of the user's mixes has. */
export function freshMixTitle(ctx: SetupContext): string {
  const taken = new Set(mixesOf(ctx).map((row) => textOf(row, "title")));
  const firsts = ["Harbour", "Lantern", "Ferry", "Cabin", "Rooftop", "Platform", "Terrace", "Workshop", "Hillside"];
  const seconds = ["Hours", "Set", "Reel", "Loop", "Album", "Evening", "Selection"];
  for (;;) {
    const title = `${ctx.random.pick(firsts)} ${ctx.random.pick(seconds)}`;
    if (!taken.has(title)) return title;
  }
}

/** Whether the user's plan can save so many more things offline on the day of the task. */
export function hasOfflineRoom(ctx: SetupContext, count: number): boolean {
  const [member] = ctx.rows("larkbox.member", ctx.user.email);
  if (member === undefined) return false;
  const limit = { solo: 60, duo: 120, home: 240 }[textOf(member, "plan")] ?? 0;
  const offline = ctx.rows("larkbox.shelf_item", ctx.user.email).filter((row) => row["offline"] === true).length;
  return textOf(member, "plan_until") >= ctx.at.slice(0, 10) && offline + count <= limit;
}
