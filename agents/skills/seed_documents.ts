/**
 * The skills that a library of documents starts with.
 *
 * Contract: five documents within the document cap; the ideas are those of arXiv 2603.16060, table 7, the texts are our own.
 *
 * @module
 */
import type { SkillDocument } from "./skill_document.ts";

/** Seeds in the order in which they enter the cache. */
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
