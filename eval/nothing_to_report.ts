/**
 * The error of a report or table that finds no rows.
 *
 * @module
 */

/** The record holds nothing to report on. */
export class NothingToReportError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "NothingToReportError";
}
