/**
 * The skills that a library of documents starts with.
 *
 * Contract: documents within the document cap, in the order in which they enter the cache. The ideas of the first five are those of arXiv 2603.16060, table 7; the
 * paper's first version starts with 24, whose names and texts are not published, so the other nineteen are ours throughout. All texts are our own.
 *
 * @module
 */
import type { SkillDocument } from "./skill_document.ts";

/** The five seeds of the newer manuscript. */
export const SEED_DOCUMENTS: readonly SkillDocument[] = [
  {
    skill_name: "equation_setup",
    problem_type: "algebra",
    key_insight: "A story about quantities is a set of equations in disguise.",
    method: [
      "Name every unknown quantity by a letter.",
      "Turn each sentence into an equation.",
      "Solve for the letter that is asked for.",
    ],
    check: "Put the values back into the story.",
  },
  {
    skill_name: "modular_arithmetic_check",
    problem_type: "number_theory",
    key_insight: "An equation in integers also holds for remainders.",
    method: [
      "Reduce both sides modulo a small number.",
      "Strike out the cases that the remainders forbid.",
      "Search only what is left.",
    ],
    check: "Test the solution without the modulus.",
  },
  {
    skill_name: "case_enumeration",
    problem_type: "general",
    key_insight: "Cases that exclude each other and cover everything can be solved one at a time.",
    method: ["Split by the value that decides most.", "Solve every case by itself.", "Put the results together."],
    check: "No case is missing and none is counted twice.",
  },
  {
    skill_name: "symmetry_exploitation",
    problem_type: "general",
    key_insight: "What a symmetry maps onto each other has the same answer.",
    method: [
      "Look for swaps or turns that change nothing.",
      "Solve one representative.",
      "Multiply by how many it stands for.",
    ],
    check: "The symmetry really leaves the condition as it is.",
  },
  {
    skill_name: "extremal_principle",
    problem_type: "general",
    key_insight: "The largest or smallest object often has no freedom left.",
    method: [
      "Take an object with an extreme value.",
      "Ask what would make it more extreme still.",
      "Read off a bound or a contradiction.",
    ],
    check: "An extreme object exists.",
  },
];

/** The five seeds and nineteen more: as many as the first version of the paper starts with. */
export const TWENTY_FOUR_SEEDS: readonly SkillDocument[] = [
  ...SEED_DOCUMENTS,
  {
    skill_name: "factor_then_read",
    problem_type: "algebra",
    key_insight: "A product shows what a sum hides.",
    method: ["Move everything to one side.", "Write it as a product.", "Read the roots off the factors."],
    check: "Multiply the factors out again.",
  },
  {
    skill_name: "substitution",
    problem_type: "algebra",
    key_insight: "A part that occurs again and again can be one letter.",
    method: ["Give the repeated part a name.", "Solve the shorter problem.", "Put the part back."],
    check: "Each value of the name leads to allowed values.",
  },
  {
    skill_name: "elimination",
    problem_type: "algebra",
    key_insight: "Two equations can be combined until one unknown is gone.",
    method: [
      "Scale them so that one unknown matches.",
      "Subtract and solve what is left.",
      "Put the result into the easier equation.",
    ],
    check: "Both equations hold.",
  },
  {
    skill_name: "complete_the_square",
    problem_type: "algebra",
    key_insight: "A square is never negative.",
    method: ["Collect the terms in the variable.", "Add what makes them a square, and subtract it again."],
    check: "Expand the square.",
  },
  {
    skill_name: "sums_and_products_of_roots",
    problem_type: "algebra",
    key_insight: "The coefficients know the roots without solving.",
    method: ["Name sum and product by the coefficients.", "Write what is asked for by these two."],
    check: "Try it on roots that are easy.",
  },
  {
    skill_name: "prime_factorisation",
    problem_type: "number_theory",
    key_insight: "Divisors are choices of exponents.",
    method: [
      "Factor into primes.",
      "State the condition for each exponent by itself.",
      "Multiply the numbers of choices.",
    ],
    check: "List the divisors of a small case.",
  },
  {
    skill_name: "greatest_common_divisor",
    problem_type: "number_theory",
    key_insight: "Taking remainders does not change common divisors.",
    method: [
      "Replace the larger number by its remainder.",
      "Repeat until nothing remains.",
      "The last divisor is the answer.",
    ],
    check: "It divides both numbers.",
  },
  {
    skill_name: "remainder_cycles",
    problem_type: "number_theory",
    key_insight: "Remainders of powers repeat.",
    method: [
      "Compute powers until one returns.",
      "Reduce the exponent by the length of the cycle.",
      "Look the remainder up.",
    ],
    check: "The cycle may begin after a few powers.",
  },
  {
    skill_name: "count_the_complement",
    problem_type: "combinatorics",
    key_insight: "What is not wanted is sometimes easier to count.",
    method: ["Count everything.", "Count what breaks the condition.", "Subtract."],
    check: "The two parts do not overlap.",
  },
  {
    skill_name: "inclusion_exclusion",
    problem_type: "combinatorics",
    key_insight: "What is counted twice must be taken off once.",
    method: ["Add the sizes of the sets.", "Subtract the overlaps of two.", "Add those of three again."],
    check: "Draw a small case.",
  },
  {
    skill_name: "order_or_not",
    problem_type: "combinatorics",
    key_insight: "Whether order matters decides by what to divide.",
    method: ["Count the arrangements in order.", "Divide by the orders that count as the same."],
    check: "List a small case.",
  },
  {
    skill_name: "pigeonhole",
    problem_type: "combinatorics",
    key_insight: "More things than places put two into one place.",
    method: ["Choose the places so that sharing one proves the claim.", "Count things and places."],
    check: "No thing is without a place.",
  },
  {
    skill_name: "recurrence",
    problem_type: "combinatorics",
    key_insight: "A large case is made of smaller ones.",
    method: ["Look at the last choice.", "Write the count by earlier counts.", "Start from the smallest cases."],
    check: "Compute one more case by hand.",
  },
  {
    skill_name: "auxiliary_line",
    problem_type: "geometry",
    key_insight: "One more line can make known figures appear.",
    method: [
      "Join the points that matter, or drop a height.",
      "Look for right or equal triangles.",
      "Use what these are known for.",
    ],
    check: "The line exists in every position.",
  },
  {
    skill_name: "similar_triangles",
    problem_type: "geometry",
    key_insight: "Equal angles make sides proportional.",
    method: ["Find two pairs of equal angles.", "Match the corners in order.", "Write the ratios of sides."],
    check: "The longest sides correspond.",
  },
  {
    skill_name: "area_two_ways",
    problem_type: "geometry",
    key_insight: "The same area can be computed from different sides.",
    method: ["Write it with two bases, or as a sum of parts.", "Set the expressions equal."],
    check: "The units agree.",
  },
  {
    skill_name: "coordinates",
    problem_type: "geometry",
    key_insight: "A good origin turns a figure into equations.",
    method: [
      "Place origin and axes where most values are zero.",
      "Write points and conditions in coordinates.",
      "Solve.",
    ],
    check: "Measure on a sketch.",
  },
  {
    skill_name: "small_cases_first",
    problem_type: "general",
    key_insight: "Small cases show the pattern that proves the large one.",
    method: ["Solve the smallest cases.", "Guess the rule.", "Show why it goes on."],
    check: "Test the rule on one more case.",
  },
  {
    skill_name: "work_backwards",
    problem_type: "general",
    key_insight: "The end of a story is often known better than its beginning.",
    method: ["Start from the final value.", "Undo the steps in reverse order."],
    check: "Run the story forwards.",
  },
];
