import assert from "node:assert/strict";
import { CATALOGUE } from "../../../../../envs/apps/catalogue.ts";
import { checkInstance, levelOf } from "../../../../../envs/apps/gates/check_instance.ts";
import { instantiate, type Prepared } from "../../../../../envs/apps/instantiate.ts";
import type { Scenario } from "../../../../../envs/apps/scenario.ts";
import { askFollowup } from "../../../../../envs/apps/scenarios/bench/ask_followup.ts";
import { askTriage } from "../../../../../envs/apps/scenarios/bench/ask_triage.ts";
import { cheerWindow } from "../../../../../envs/apps/scenarios/bench/cheer_window.ts";
import { circleFigures } from "../../../../../envs/apps/scenarios/bench/circle_figures.ts";
import { dinnerSplit } from "../../../../../envs/apps/scenarios/bench/dinner_split.ts";
import { ledgerMismatch } from "../../../../../envs/apps/scenarios/bench/ledger_mismatch.ts";
import { potUpkeep } from "../../../../../envs/apps/scenarios/bench/pot_upkeep.ts";
import { repeatBills } from "../../../../../envs/apps/scenarios/bench/repeat_bills.ts";
import { settleUp } from "../../../../../envs/apps/scenarios/bench/settle_up.ts";
import { standingChange } from "../../../../../envs/apps/scenarios/bench/standing_change.ts";
import { transferVisibility } from "../../../../../envs/apps/scenarios/bench/transfer_visibility.ts";
import { walletTotal } from "../../../../../envs/apps/scenarios/bench/wallet_total.ts";
import { baseWorld } from "../../_kit.ts";

const GENERATORS: Readonly<Record<string, readonly Scenario[]>> = {
  ask_followup: askFollowup,
  ask_triage: askTriage,
  cheer_window: cheerWindow,
  circle_figures: circleFigures,
  dinner_split: dinnerSplit,
  ledger_mismatch: ledgerMismatch,
  pot_upkeep: potUpkeep,
  repeat_bills: repeatBills,
  settle_up: settleUp,
  standing_change: standingChange,
  transfer_visibility: transferVisibility,
  wallet_total: walletTotal,
};

for (const [generator, scenarios] of Object.entries(GENERATORS)) {
  Deno.test(`${generator} does make three different tasks of each family, whose gates hold`, () => {
    for (const scenario of scenarios) {
      assert.equal(scenario.family.split("/")[0], generator);
      const siblings: Prepared[] = [];
      const levels: number[] = [];
      for (const variant of [1, 2, 3]) {
        const prepared = instantiate(baseWorld("full"), scenario, variant, siblings);
        siblings.push(prepared);
        const { problems, mutations, statistics } = checkInstance(prepared, CATALOGUE, scenario);
        assert.deepEqual(problems, [], `${scenario.family} ${variant}`);
        const survivors = mutations.filter(({ fate }) => fate === "survived").map(({ mutation }) => mutation);
        assert.deepEqual(survivors, [], `${scenario.family} ${variant}`);
        levels.push(levelOf(statistics.uniqueSteps));
      }
      assert.equal(Math.max(...levels), scenario.difficulty, scenario.family);
      assert.equal(new Set(siblings.map(({ outcome }) => outcome)).size, 3, scenario.family);
      assert.equal(new Set(siblings.map(({ user }) => user.email)).size, 3, scenario.family);
    }
  });
}
