/**
 * What one small ARISE run leaves in the record, held against itself and against the library that it ended with.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TwoTierLibrary } from "../../agents/skills/two_tier_library.ts";
import { TOKENIZER } from "../agents/_arise_kit.ts";
import { runSmall, SMALL_CONFIG } from "./_arise_small.ts";
import { rowsOf, withFolder } from "./_workbench.ts";

const IDENTITY = "phase, step, grp, sample, position";

async function withRun(use: (workspace: string, library: TwoTierLibrary) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => await use(folder, await runSmall(folder)));
}

Deno.test("the record of an ARISE run agrees with itself", async (t) => {
  await withRun(async (workspace, library) => {
    const one = async (sql: string) => Number((await rowsOf(workspace, sql))[0]?.[0]);

    await t.step("scores, probabilities and flags of every choice", async () => {
      const { sigma, delta, unaidedPerGroup } = SMALL_CONFIG;
      const choices = await rowsOf(
        workspace,
        `SELECT list(s.score ORDER BY rank), list(probability ORDER BY rank), list(chosen ORDER BY rank), list(selector), any_value(gated),
          any_value(explored), any_value(reserved), any_value(r.used_skill), any_value(r.sample)
        FROM selection s JOIN rollout r USING (run_id, ${IDENTITY}) WHERE phase = 'rl' GROUP BY ${IDENTITY} ORDER BY ALL`,
      ) as [number[], number[], boolean[], string[], boolean, boolean, boolean, boolean, number][];
      assert.equal(choices.length, 3 * 2 * 4);
      for (const [scores, probabilities, chosen, selectors, gated, explored, reserved, used, sample] of choices) {
        assert.deepEqual(scores, scores.toSorted((a, b) => b - a));
        assert.ok(selectors.every((selector) => selector === "manager"));
        const weights = scores.map((score) => Math.exp((score - scores[0]!) / sigma));
        const sum = weights.reduce((total, weight) => total + weight, 0);
        probabilities.forEach((probability, k) => assert.ok(Math.abs(probability - weights[k]! / sum) < 1e-12));
        assert.equal(reserved, sample < unaidedPerGroup);
        const closed = probabilities[0]! < delta;
        assert.equal(gated, !reserved && closed);
        assert.equal(used, !reserved && !closed);
        assert.equal(chosen.filter(Boolean).length, used ? 1 : 0);
        if (explored) assert.ok(used);
      }
      assert.ok(choices.some(([, , , , gated]) => gated) && choices.some(([, , , , , , , used]) => used));
    });

    await t.step("evaluation takes the best document where the gate is open, and explores nothing", async () => {
      const wrong = await one(
        `SELECT count(*) FROM selection WHERE (phase = 'eval/test' OR phase = 'curve/test')
          AND (explored OR reserved OR chosen <> (NOT gated AND rank = 1))`,
      );
      assert.equal(wrong, 0);
      assert.ok(await one("SELECT count(*) FROM selection WHERE phase = 'eval/test'") > 0);
      assert.equal(await one("SELECT count(*) FROM selection WHERE phase = 'plain/test'"), 0);
      assert.equal(await one("SELECT count(*) FROM rollout WHERE phase = 'plain/test' AND used_skill"), 0);
    });

    await t.step("conclusions are verbatim, and their grades follow from the rollouts", async () => {
      const conclusions = await rowsOf(
        workspace,
        `SELECT prompt, prompt_ids, output, output_ids, unaided_right, verified_right, level, quality,
          (SELECT success FROM rollout v WHERE v.phase = 'verify' AND v.step = c.step AND v.grp = c.grp),
          (SELECT bool_or(success) FROM rollout u WHERE u.phase IN ('rl', 'baseline') AND NOT u.used_skill AND u.step = c.step AND u.grp = c.grp),
          (SELECT any_value(utility_after) FROM library_change l WHERE l.operation = 'add' AND l.step = c.step AND l.grp = c.grp AND l.name = c.name)
        FROM conclusion c ORDER BY step, grp`,
      ) as [string, number[], string, number[], boolean, boolean, string, number, boolean, boolean, number | null][];
      assert.ok(conclusions.length >= 4);
      for (const [prompt, promptIds, output, outputIds, unaided, verified, level, quality, ...seen] of conclusions) {
        assert.equal(TOKENIZER.decode(promptIds), prompt);
        assert.equal(TOKENIZER.decode(outputIds), output);
        assert.match(prompt, /^conclude\nWrite .*\n1: /);
        assert.deepEqual([verified, unaided, quality], seen);
        assert.equal(level, verified ? (unaided ? "R3" : "R4") : unaided ? "R1" : "R2");
      }
    });

    await t.step("rewards are r_task + r_skill, with skills only where one was shown", async () => {
      const wrong = await one(
        `SELECT count(*) FROM advantage a JOIN rollout r USING (run_id, ${IDENTITY})
        WHERE a.reward <> r.success::INTEGER * (1 + (r.used_skill AND a.phase = 'rl')::INTEGER)`,
      );
      assert.equal(wrong, 0);
      assert.equal(await one("SELECT count(DISTINCT reward) FROM advantage"), 3);
      assert.equal(await one("SELECT count(*) FROM rollout WHERE phase = 'rl' AND step = 0 AND used_skill"), 0);
      const off = await one(
        `SELECT count(*) FROM (SELECT any_value(a.reward) - sum(t.value) AS off FROM advantage a
        JOIN reward_term t USING (run_id, ${IDENTITY}) GROUP BY run_id, ${IDENTITY}) WHERE off <> 0`,
      );
      assert.equal(off, 0);
    });

    await t.step("changes of the library lead from its seeds to its end", async () => {
      const cache = new Map<string, number>();
      const reservoir = new Map<string, number>();
      const tiers = { cache, reservoir };
      const first = await rowsOf(
        workspace,
        "SELECT DISTINCT name FROM selection WHERE phase = 'curve/test' AND step = 0",
      );
      for (const [name] of first) cache.set(String(name), 0);
      assert.equal(cache.size, 3);
      const changes = await rowsOf(
        workspace,
        "SELECT step, operation, name, tier, utility_before, utility_after FROM library_change ORDER BY step, seq",
      ) as [number, string, string, "cache" | "reservoir" | null, number | null, number | null][];
      const states = await rowsOf(
        workspace,
        "SELECT cache_size, reservoir_size, cache_utility FROM library_state ORDER BY step",
      );
      for (const [step, [cacheSize, reservoirSize, utility]] of states.entries()) {
        for (const [, operation, name, tier, before, after] of changes.filter(([at]) => at === step)) {
          if (operation === "reject") continue;
          assert.equal(cache.get(name) ?? reservoir.get(name) ?? null, before);
          cache.delete(name);
          reservoir.delete(name);
          if (tier !== null) tiers[tier].set(name, after!);
        }
        assert.deepEqual([cache.size, reservoir.size], [cacheSize, reservoirSize]);
        const mean: number = [...cache.values()].reduce((sum, value) => sum + value, 0) / cache.size;
        assert.ok(Math.abs(mean - Number(utility)) < 1e-12);
      }
      for (const tier of ["cache", "reservoir"] as const) {
        const end = library.entries(tier).map(({ document, utility }) => [document.skill_name, utility] as const);
        assert.deepEqual(new Map([...tiers[tier]].sort()), new Map(end.toSorted()));
      }
      assert.ok(changes.some(([, operation]) => operation === "evict"));
    });

    await t.step("tokens of components are those of the rollouts, conclusions and candidates", async () => {
      const wrong = await one(
        `WITH played AS (
          SELECT step, CASE phase WHEN 'rl' THEN 'solve' WHEN 'verify' THEN 'verify' ELSE 'baseline' END AS component, count(*) AS sequences,
            sum(prompt_tokens + observation_tokens) AS prompt_tokens, sum(generated_tokens) AS generated_tokens
          FROM rollout WHERE phase IN ('rl', 'verify', 'baseline') GROUP BY ALL
          UNION ALL SELECT step, 'conclude', count(*), sum(len(prompt_ids)), sum(len(output_ids)) FROM conclusion GROUP BY ALL
        )
        SELECT count(*) FROM component_tokens t FULL JOIN played p USING (step, component) WHERE component <> 'select'
          AND (t.sequences, t.prompt_tokens, t.generated_tokens) IS DISTINCT FROM (p.sequences, p.prompt_tokens, p.generated_tokens)`,
      );
      assert.equal(wrong, 0);
      const select = await rowsOf(
        workspace,
        "SELECT sequences, generated_tokens FROM component_tokens WHERE component = 'select' ORDER BY step",
      );
      // Two problems, three documents, twelve tokens.
      assert.deepEqual(select, [[0, 0], ...[1, 2, 3].map(() => [6, 72])]);
    });
  });
});
