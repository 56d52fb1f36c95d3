/**
 * All scenarios of the benchmark.
 *
 * @module
 */
import type { Scenario } from "../../scenario.ts";

/** All scenarios, sorted by family. */
export const benchmarkScenarios: readonly Scenario[] = [];
