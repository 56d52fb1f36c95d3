/**
 * Makes the instances of generators in the full world and runs their gates: `deno run -P=test tests/envs/apps/_try.ts GENERATOR…`.
 * A generator is a file of envs/apps/scenarios/bench without its ending; `--profile mid`, `--seed 2` and `--verbose` go before.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { catalogueOf } from "../../../envs/apps/catalogue.ts";
import { checkInstance, levelOf } from "../../../envs/apps/gates/check_instance.ts";
import { generateWorld } from "../../../envs/apps/generate.ts";
import { instantiate, type Prepared, SIBLINGS } from "../../../envs/apps/instantiate.ts";
import type { Scenario } from "../../../envs/apps/scenario.ts";
import { type ProfileName, PROFILES } from "../../../envs/apps/world/profiles.ts";

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    profile: { type: "string", default: "full" },
    seed: { type: "string", default: "1" },
    verbose: { type: "boolean", default: false },
  },
});
const profile = values.profile as ProfileName;
let started = performance.now();
const base = generateWorld(Number(values.seed), { profile });
console.log(`world ${base.hash}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
const catalogue = catalogueOf(PROFILES[profile]);
let bad = 0;
for (const generator of positionals) {
  const loaded: Record<string, unknown> = await import(`../../../envs/apps/scenarios/bench/${generator}.ts`);
  const scenarios = Object.values(loaded).flatMap((value) => (Array.isArray(value) ? value as Scenario[] : []));
  for (const scenario of scenarios) {
    const siblings: Prepared[] = [];
    console.log(`\n${scenario.family} (${scenario.split}, level ${scenario.difficulty}, ${scenario.apps.join(" ")})`);
    const levels: number[] = [];
    for (let variant = 1; variant <= SIBLINGS; variant++) {
      started = performance.now();
      try {
        const prepared = instantiate(base, scenario, variant, siblings);
        siblings.push(prepared);
        const setupMs = performance.now() - started;
        const { problems, mutations, statistics } = checkInstance(prepared, catalogue, scenario);
        levels.push(levelOf(statistics.uniqueSteps));
        const fates = (fate: string) => mutations.filter((one) => one.fate === fate).map(({ mutation }) => mutation);
        const { calls, uniqueApis, uniqueSteps, apps, lines, tests } = statistics;
        console.log(`  ${variant}. ${prepared.instance.instruction}`);
        console.log(
          `     answer ${JSON.stringify(prepared.instance.answer)}; attempts ${prepared.attempts}, setup ${
            setupMs.toFixed(0)
          } ms; calls ${calls}, unique ${uniqueApis} (steps ${uniqueSteps}), apps ${
            apps.join(" ")
          }, lines ${lines}, tests ${tests}; killed ${fates("killed").length}, equivalent: ${
            fates("equivalent").join(" ")
          }`,
        );
        for (const { fate, mutation, why } of mutations) {
          if (fate === "survived") console.log(`     SURVIVED ${mutation}: ${why}`);
        }
        for (const problem of problems) console.log(`     PROBLEM ${problem}`);
        bad += problems.length;
        if (values.verbose) {
          console.log(prepared.instance.solution.kind === "actions" ? prepared.instance.solution.actions[0] : "");
        }
      } catch (error) {
        bad++;
        console.log(
          `     PROBLEM ${
            error instanceof Error ? `${error.message}${values.verbose ? `\n${error.stack}` : ""}` : error
          }`,
        );
        if (error instanceof Error && error.cause instanceof Error) console.log(`     ${error.cause.stack}`);
      }
    }
    const most = Math.max(...levels);
    if (levels.length > 0 && most !== scenario.difficulty) {
      bad++;
      console.log(`  PROBLEM declared level ${scenario.difficulty}, steps say ${levels.join(" ")}`);
    }
  }
}
console.log(`\n${bad} problems`);
Deno.exit(bad === 0 ? 0 : 1);
