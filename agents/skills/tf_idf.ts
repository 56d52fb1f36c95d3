/**
 * TF-IDF similarity between a question and documents: the keyword retriever that skill selection by log-probability is compared with.
 *
 *     w(t, d) = tf(t, d) · (ln((1 + N) / (1 + df(t))) + 1),   similarity = cosine of w
 *
 * Contract: a pure function of its texts. Terms are runs of letters or digits in lower case, of two characters or more; N and df come from the
 * documents alone; a question without a term of any document scores 0 everywhere.
 * Source: the smoothed form of the textbook weight, as common libraries have it.
 *
 * @module
 */

/** Terms of a text with their counts. */
export function termCounts(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []) {
    counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  return counts;
}

function norm(weights: ReadonlyMap<string, number>): number {
  return Math.sqrt(weights.values().reduce((sum, weight) => sum + weight * weight, 0));
}

/**
 * Cosine of each document with the question.
 *
 * @example The document that shares the rarer word wins
 * ```ts
 * import { tfIdfScores } from "whetstone/agents/skills/tf_idf.ts";
 * import assert from "node:assert/strict";
 *
 * const [first = 0, second = 0] = tfIdfScores("the remainder of a sum", ["the sum of angles", "the remainder of the sum"]);
 * assert.ok(second > first && first > 0);
 * ```
 *
 * @param documents texts, [N].
 * @returns similarities in [0, 1], [N].
 */
export function tfIdfScores(question: string, documents: readonly string[]): number[] {
  const counts = documents.map(termCounts);
  const frequency = new Map<string, number>();
  for (const terms of counts) for (const term of terms.keys()) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  const idf = (term: string) => Math.log((1 + documents.length) / (1 + (frequency.get(term) ?? 0))) + 1;
  const weigh = (terms: ReadonlyMap<string, number>) =>
    new Map([...terms].filter(([term]) => frequency.has(term)).map(([term, count]) => [term, count * idf(term)]));
  const query = weigh(termCounts(question));
  const queryNorm = norm(query);
  return counts.map((terms) => {
    const document = weigh(terms);
    const product = document.entries().reduce((sum, [term, weight]) => sum + weight * (query.get(term) ?? 0), 0);
    const scale = queryNorm * norm(document);
    return scale === 0 ? 0 : Math.min(1, product / scale);
  });
}
