import assert from "node:assert/strict";
import { catalogueOf } from "../../../../../envs/apps/catalogue.ts";
import { checkBenchmark } from "../../../../../envs/apps/gates/check_benchmark.ts";
import type { Scenario } from "../../../../../envs/apps/scenario.ts";
import { answerQuestions } from "../../../../../envs/apps/scenarios/bench/answer_questions.ts";
import { bestVoucher } from "../../../../../envs/apps/scenarios/bench/best_voucher.ts";
import { cancelUnshipped } from "../../../../../envs/apps/scenarios/bench/cancel_unshipped.ts";
import { cheapestMatch } from "../../../../../envs/apps/scenarios/bench/cheapest_match.ts";
import { fitDimensions } from "../../../../../envs/apps/scenarios/bench/fit_dimensions.ts";
import { listTidy } from "../../../../../envs/apps/scenarios/bench/list_tidy.ts";
import { newAddress } from "../../../../../envs/apps/scenarios/bench/new_address.ts";
import { refillChange } from "../../../../../envs/apps/scenarios/bench/refill_change.ts";
import { reorderLast } from "../../../../../envs/apps/scenarios/bench/reorder_last.ts";
import { replaceCard } from "../../../../../envs/apps/scenarios/bench/replace_card.ts";
import { returnWindow } from "../../../../../envs/apps/scenarios/bench/return_window.ts";
import { reviewDelivered } from "../../../../../envs/apps/scenarios/bench/review_delivered.ts";
import { spendReport } from "../../../../../envs/apps/scenarios/bench/spend_report.ts";
import { wishBest } from "../../../../../envs/apps/scenarios/bench/wish_best.ts";
import { PROFILES } from "../../../../../envs/apps/world/profiles.ts";
import { baseWorld } from "../../_kit.ts";

const GENERATORS: readonly (readonly Scenario[])[] = [
  cheapestMatch,
  reorderLast,
  cancelUnshipped,
  returnWindow,
  listTidy,
  spendReport,
  wishBest,
  reviewDelivered,
  answerQuestions,
  refillChange,
  bestVoucher,
  newAddress,
  fitDimensions,
  replaceCard,
];
const scenarios = GENERATORS.flat();

Deno.test("the shop's 14 generators have three families each: 12 of level 1, 16 of level 2, 14 of level 3", () => {
  assert.ok(GENERATORS.every(({ length }) => length === 3));
  assert.ok(scenarios.every(({ split, apps }) => split === "test_challenge" && apps.includes("marlo")));
  const levels = [1, 2, 3].map((level) => scenarios.filter(({ difficulty }) => difficulty === level).length);
  assert.deepEqual(levels, [12, 16, 14]);
  assert.ok(scenarios.filter(({ apps }) => apps.length > 1).length >= 20);
  assert.ok(catalogueOf(PROFILES.full).has("marlo"));
});

Deno.test("checkBenchmark() passes the shop's tasks when their mistakes are tried, too", async () => {
  const report = await checkBenchmark(baseWorld("full"), PROFILES.full, scenarios, { whole: false });
  assert.deepEqual(report.problems, []);
  assert.deepEqual(
    report.tasks.flatMap(({ family, problems }) => problems.map((problem) => `${family}: ${problem}`)),
    [],
  );
  const survivors = report.tasks.flatMap(({ family, mutations }) =>
    mutations.filter(({ fate }) => fate === "survived").map(({ mutation }) => `${family}: ${mutation}`)
  );
  assert.deepEqual(survivors, []);
});
