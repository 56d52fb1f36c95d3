/**
 * All seeded families.
 *
 * @module
 */
import { AVERAGE_FAMILIES } from "./averages.ts";
import { CHANCE_FAMILIES } from "./chance.ts";
import { combinedFamilies } from "./combined.ts";
import { COUNTING_FAMILIES } from "./counting.ts";
import { DIVISOR_FAMILIES } from "./divisors.ts";
import { EQUATION_FAMILIES } from "./equations.ts";
import type { Family } from "./family.ts";
import { FIGURE_FAMILIES } from "./figures.ts";
import { NEAR_ALGEBRA_FAMILIES } from "./near_algebra.ts";
import { NEAR_COUNTING_FAMILIES } from "./near_counting.ts";
import { NEAR_FIGURE_FAMILIES } from "./near_figures.ts";
import { NEAR_NUMBER_FAMILIES } from "./near_numbers.ts";
import { NUMERAL_FAMILIES } from "./numerals.ts";
import { RATE_FAMILIES } from "./rates.ts";
import { REMAINDER_FAMILIES } from "./remainders.ts";
import { SEQUENCE_FAMILIES } from "./sequences.ts";
import { STORY_FAMILIES } from "./stories.ts";
import { TRIANGLE_FAMILIES } from "./triangles.ts";
import { TURN_FAMILIES } from "./turns.ts";
import { TWO_UNKNOWNS_FAMILIES } from "./two_unknowns.ts";

const BASES: readonly Family[] = [
  ...STORY_FAMILIES,
  ...EQUATION_FAMILIES,
  ...TWO_UNKNOWNS_FAMILIES,
  ...SEQUENCE_FAMILIES,
  ...RATE_FAMILIES,
  ...AVERAGE_FAMILIES,
  ...DIVISOR_FAMILIES,
  ...REMAINDER_FAMILIES,
  ...NUMERAL_FAMILIES,
  ...COUNTING_FAMILIES,
  ...CHANCE_FAMILIES,
  ...FIGURE_FAMILIES,
  ...TRIANGLE_FAMILIES,
  ...NEAR_ALGEBRA_FAMILIES,
  ...NEAR_NUMBER_FAMILIES,
  ...NEAR_COUNTING_FAMILIES,
  ...NEAR_FIGURE_FAMILIES,
  ...TURN_FAMILIES,
];

/** All families, sorted by id. */
export const FAMILIES: readonly Family[] = [...BASES, ...combinedFamilies(BASES)].sort((
  a,
  b,
) => (a.id < b.id ? -1 : 1));
