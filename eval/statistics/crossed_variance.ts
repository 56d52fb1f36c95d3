/**
 * Variance of a grand mean over two crossed random factors: scenarios and training seeds.
 *
 * Formula (two-way random effects, Scheffé 1959, chapter 7): with cell means d_cs over C scenarios and S seeds,
 * V = (MS_scenario + MS_seed - MS_rest) / (C S), whose expectation is the variance of the grand mean; degrees of freedom after
 * Satterthwaite (1946), 1/df weighting the squares of the three parts. V may come out below what one factor alone shows; it is
 * then raised to the larger of MS_scenario/(C S) and MS_seed/(C S), with that factor's degrees of freedom.
 * Choices: exact for balanced data; with missing cells the row and column means stand in for the effects and C S is the number of
 * cells there are.
 *
 * @module
 */

/** A variance with its degrees of freedom. */
export interface CrossedVariance {
  /** Variance of the grand mean. */
  readonly variance: number;
  /** Satterthwaite degrees of freedom. */
  readonly df: number;
  /** Number of scenarios. */
  readonly scenarios: number;
  /** Number of seeds. */
  readonly seeds: number;
}

/** Three variance parts of a grand mean put together: two factors plus, minus their common rest. */
export function satterthwaite(
  scenarioPart: number,
  seedPart: number,
  restPart: number,
  scenarios: number,
  seeds: number,
): { variance: number; df: number } {
  const [dfScenario, dfSeed] = [scenarios - 1, seeds - 1];
  const variance = scenarioPart + seedPart - restPart;
  if (variance <= scenarioPart) return { variance: scenarioPart, df: dfScenario };
  if (variance <= seedPart) return { variance: seedPart, df: dfSeed };
  const spread = scenarioPart ** 2 / dfScenario + seedPart ** 2 / dfSeed + restPart ** 2 / (dfScenario * dfSeed);
  return { variance, df: variance ** 2 / spread };
}

/**
 * Variance of the mean of crossed values.
 *
 * @param values_N values, [N]; those of one scenario and seed are averaged first.
 * @param scenarios_N scenario of each value, [N].
 * @param seeds_N seed of each value, [N].
 * @returns null with fewer than two scenarios or seeds.
 */
export function crossedVariance(
  values_N: readonly number[],
  scenarios_N: readonly string[],
  seeds_N: readonly string[],
): CrossedVariance | null {
  const cells = [
    ...Map.groupBy(values_N.keys(), (index) => JSON.stringify([scenarios_N[index], seeds_N[index]])).values(),
  ]
    .map((group) => ({
      scenario: scenarios_N[group[0] ?? 0] ?? "",
      seed: seeds_N[group[0] ?? 0] ?? "",
      value: group.reduce((sum, index) => sum + (values_N[index] ?? 0), 0) / group.length,
    }));
  const meanOf = (list: readonly { value: number }[]) => list.reduce((sum, { value }) => sum + value, 0) / list.length;
  const byScenario = Map.groupBy(cells, (cell) => cell.scenario);
  const bySeed = Map.groupBy(cells, (cell) => cell.seed);
  const [scenarios, seeds] = [byScenario.size, bySeed.size];
  if (scenarios < 2 || seeds < 2) return null;
  const grand = meanOf(cells);
  const scenarioMeans = new Map([...byScenario].map(([key, list]) => [key, meanOf(list)]));
  const seedMeans = new Map([...bySeed].map(([key, list]) => [key, meanOf(list)]));
  const between = (groups: ReadonlyMap<string, readonly { value: number }[]>) => {
    let squares = 0;
    for (const list of groups.values()) squares += list.length * (meanOf(list) - grand) ** 2;
    return squares / (groups.size - 1);
  };
  let restSquares = 0;
  for (const { scenario, seed, value } of cells) {
    restSquares += (value - (scenarioMeans.get(scenario) ?? 0) - (seedMeans.get(seed) ?? 0) + grand) ** 2;
  }
  const rest = restSquares / ((scenarios - 1) * (seeds - 1));
  const count = cells.length;
  const parts = satterthwaite(between(byScenario) / count, between(bySeed) / count, rest / count, scenarios, seeds);
  return { ...parts, scenarios, seeds };
}
