/**
 * The word that describes an adapter on the command line: `RANK[:ALPHA[:TARGETS]]`, such as `16`, `16:32` or `8:16:query,value`.
 *
 * Contract: pure. Alpha is twice the rank if left out; targets are names of projections, those of published checkpoints too (`q_proj`),
 * or `attention`, `feed` or `all`, which is meant if they are left out.
 *
 * @module
 */
import { nearestWord } from "../data/parse_input.ts";
import { type AdapterSpec, type Projection, PROJECTIONS } from "../agents/model/adapter.ts";

const NAMES: Readonly<Record<string, readonly Projection[]>> = {
  ...Object.fromEntries(PROJECTIONS.map((name) => [name, [name]])),
  q_proj: ["query"],
  k_proj: ["key"],
  v_proj: ["value"],
  o_proj: ["attention_out"],
  gate_proj: ["gate"],
  up_proj: ["up"],
  down_proj: ["down"],
  attention: ["query", "key", "value", "attention_out"],
  feed: ["gate", "up", "down"],
  all: PROJECTIONS,
};

/** The word describes no adapter. */
export class LoraOptionError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "LoraOptionError";
}

/**
 * Reads the word.
 *
 * @example Rank, alpha and targets
 * ```ts
 * import { parseLora } from "whetstone/eval/lora_option.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseLora("8:16:q_proj,v_proj"), { rank: 8, alpha: 16, targets: ["query", "value"] });
 * ```
 *
 * @throws {LoraOptionError} naming the part, its rule and what was found.
 */
export function parseLora(word: string): AdapterSpec {
  const refused = (problem: string) =>
    new LoraOptionError(
      `Cannot use --lora ${word}: ${problem}; write RANK[:ALPHA[:TARGETS]], such as 16:32:query,value`,
    );
  const [rankText = "", alphaText, targetsText = "all", ...more] = word.split(":");
  if (more.length > 0) throw refused("it has more than three parts");
  const rank = Number(rankText);
  if (!/^\d+$/.test(rankText) || rank < 1) {
    throw refused(`the rank must be a positive integer, got ${rankText || "nothing"}`);
  }
  const alpha = alphaText === undefined || alphaText === "" ? 2 * rank : Number(alphaText);
  if (!(alpha > 0 && Number.isFinite(alpha))) throw refused(`alpha must be a positive number, got ${alphaText}`);
  const chosen = new Set<Projection>();
  for (const name of targetsText.split(",")) {
    const projections = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
    if (projections === undefined) {
      const meant = nearestWord(name, Object.keys(NAMES));
      throw refused(
        `there is no projection ${JSON.stringify(name)}${meant === undefined ? "" : `, did you mean ${meant}?`} (${
          Object.keys(NAMES).join(", ")
        })`,
      );
    }
    for (const projection of projections) chosen.add(projection);
  }
  // In the order of the model, so that the same adapter is the same configuration however it was written.
  return { rank, alpha, targets: PROJECTIONS.filter((name) => chosen.has(name)) };
}
