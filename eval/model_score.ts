/**
 * `whet model score`: log-probabilities of token ids, one JSON line in, one JSON line out.
 *
 *     {"ids":[5,17,3]}  →  {"logprobs":[-2.31…,-0.07…]}        log p(ids[t] | ids[..t]) for t ≥ 1, natural logarithm
 *
 * Contract: lines are answered in their order as they come, so that a pipe of any length needs little memory; numbers are printed in
 * full. A line of one id has no log-probability. Blank lines are skipped. A bad line stops the work after the lines before it were
 * answered.
 *
 * @module
 */
import { z } from "zod";
import { inputProblems } from "../data/parse_input.ts";
import type { Policy } from "../agents/policy.ts";

/** A line cannot be scored. */
export class ScoreLineError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ScoreLineError";
}

/** What gives log-probabilities; a local policy, or anything like it. */
export interface Scorer extends Pick<Policy, "contextTokens" | "score"> {
  /** Ids go from 0 to one less. */
  readonly vocabularySize: number;
}

/** Options of {@linkcode scoreLines}. */
export interface ScoreLinesOptions {
  /**
   * Most lines that are scored together; fewer where no more have come.
   *
   * @default {32}
   */
  readonly batchLines?: number;
  /** Most tokens that are scored together, a longer line alone. @default {4096} */
  readonly batchTokens?: number;
  /** Stops between two batches. */
  readonly signal?: AbortSignal | undefined;
}

const lineSchema = z.looseObject({ ids: z.array(z.int().min(0)) });

function parseLine(text: string, line: number, scorer: Scorer): readonly number[] {
  const refused = (problem: string) =>
    new ScoreLineError(`Cannot score line ${line}: ${problem}; a line is like {"ids":[1,2,3]}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refused(`it must be JSON, got ${text.slice(0, 60)} (${error instanceof Error ? error.message : error})`);
  }
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) throw refused(inputProblems(lineSchema, value, parsed.error).join("; "));
  const { ids } = parsed.data;
  const { vocabularySize } = scorer;
  const bad = ids.findIndex((id) => id >= vocabularySize);
  if (bad >= 0) {
    throw refused(`ids[${bad}] must be below ${vocabularySize}, the size of the vocabulary, got ${ids[bad]}`);
  }
  if (ids.length > scorer.contextTokens) {
    throw refused(`ids must be at most ${scorer.contextTokens}, the length of the context, got ${ids.length}`);
  }
  return ids;
}

/**
 * Scores lines as they come.
 *
 * @param chunks lines without their ends, those together that came together.
 * @param write gets each answer, without a line end.
 * @param scorer gives the log-probabilities.
 * @returns number of lines that were answered.
 * @throws {ScoreLineError} naming the line, the rule and what was found.
 */
export async function scoreLines(
  chunks: AsyncIterable<readonly string[]>,
  write: (line: string) => Promise<void> | void,
  scorer: Scorer,
  options: ScoreLinesOptions = {},
): Promise<number> {
  const { batchLines = 32, batchTokens = 4096, signal } = options;
  let line = 0;
  let answered = 0;
  let waiting: (readonly number[])[] = [];
  const answer = async () => {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    signal?.throwIfAborted();
    for (const scores of await scorer.score(batch)) {
      await write(JSON.stringify({ logprobs: scores.slice(1) }));
      answered++;
    }
  };
  for await (const chunk of chunks) {
    for (const text of chunk) {
      line++;
      if (text.trim() === "") continue;
      let ids: readonly number[];
      try {
        ids = parseLine(text, line, scorer);
      } catch (error) {
        await answer();
        throw error;
      }
      const tokens = waiting.reduce((sum, other) => sum + other.length, ids.length);
      if (waiting.length >= batchLines || tokens > batchTokens) await answer();
      waiting.push(ids);
    }
    // What came together is answered together; nothing waits for lines that may never come.
    await answer();
  }
  return answered;
}

/**
 * Lines of a stream of text, those of a piece together.
 *
 * @param stream pieces of bytes in UTF-8.
 */
export async function* lineChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<readonly string[]> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const piece of stream) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (lines.length > 0) yield lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield [rest];
}
