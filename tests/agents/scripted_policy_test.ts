/**
 * The scripted policy's turns.
 *
 * @module
 */
import assert from "node:assert/strict";
import { trainBpe } from "../../agents/model/tokenizer.ts";
import type { Turn } from "../../agents/policy.ts";
import { ScriptedPolicy } from "../../agents/scripted_policy.ts";

const TOKENIZER = trainBpe(["say stop now"], { vocabularySize: 280, specials: ["<|end|>"] });

async function turnOf(text: string, options: { stopTexts?: readonly string[]; maxTurnTokens?: number }): Promise<Turn> {
  const turns: Turn[] = [];
  await new ScriptedPolicy(TOKENIZER, () => text).converse([{
    key: ["scripted"],
    promptIds: [1],
    onTurn(turn) {
      turns.push(turn);
      return Promise.resolve(null);
    },
  }], { sampling: { temperature: 1 }, maxTurnTokens: 100, stopIds: [TOKENIZER.specials["<|end|>"]!], ...options });
  return turns[0]!;
}

Deno.test("ScriptedPolicy.converse() ends a turn with the token that completes a stop text", async () => {
  const whole = await turnOf("abc stop now", {});
  assert.deepEqual([whole.finish, whole.ids.at(-1)], ["stop", TOKENIZER.specials["<|end|>"]]);
  const stopped = await turnOf("abc stop now", { stopTexts: ["c s"] });
  assert.equal(stopped.stopText, "c s");
  assert.ok(TOKENIZER.decode(stopped.ids).includes("c s"));
  assert.ok(!TOKENIZER.decode(stopped.ids.slice(0, -1)).includes("c s"));
});

Deno.test("ScriptedPolicy.converse() cuts a turn at its limit when the completion is longer", async () => {
  const { ids, finish } = await turnOf("abc stop now", { maxTurnTokens: 2 });
  assert.deepEqual([ids.length, finish], [2, "length"]);
});
