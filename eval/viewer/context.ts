/**
 * What a page gets to answer with.
 *
 * @module
 */
import type { RecordSession } from "./record_session.ts";
import type { Page } from "./layout.ts";
import type { QueryRow } from "../query_rows.ts";
import type { TokenText } from "./token_text.ts";

/** A request, as pages see it. */
export interface PageRequest {
  /** The record, opened for this page. */
  readonly record: RecordSession;
  /** Path after the page's own name, decoded. */
  readonly rest: string;
  /** Query string. */
  readonly search: URLSearchParams;
  /** Record file, as the user would name it. */
  readonly database: string;
  /** Texts of ids of a run; undefined if its tokenizer is not there. */
  tokenText(runs: readonly string[]): Promise<TokenText | undefined>;
}

/** A page that reads the record. */
export type PageMaker = (request: PageRequest) => Promise<Page>;

/** What a page was asked for is not in the record. */
export class NotFoundError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "NotFoundError";
}

/** The first row. @throws {NotFoundError} with the message if there is none. */
export function found(rows: readonly QueryRow[], message: string): QueryRow {
  const [row] = rows;
  if (row === undefined) throw new NotFoundError(message);
  return row;
}
