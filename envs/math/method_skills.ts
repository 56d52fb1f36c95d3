/**
 * The methods of the families as text skills: what a policy that has learned a method could have written down.
 *
 * Contract: one skill per method, in the five fields of `MethodSkill`, with no number of any problem. They are short (at most 230 characters), so
 * that a small policy can write them, and are shown to a policy only in demonstrations of the train split.
 *
 * @module
 */
import type { MethodSkill } from "../contract.ts";
import type { MethodName } from "./families/methods.ts";

function skill(
  problem_type: MethodSkill["problem_type"],
  key_insight: string,
  first: string,
  second: string,
  check: string,
): Omit<MethodSkill, "skill_name"> {
  return { problem_type, key_insight, method: [first, second], check };
}

const TEXTS: Readonly<Record<MethodName, Omit<MethodSkill, "skill_name">>> = {
  chain: skill(
    "algebra",
    "The story is a row of operations.",
    "Write one operation a line.",
    "Use each result in the next line.",
    "Tell the story again with the numbers.",
  ),
  undo: skill(
    "algebra",
    "The result is known, the start is not.",
    "Begin with the result.",
    "Take back each operation, last one first.",
    "Go forward from the start.",
  ),
  elimination: skill(
    "algebra",
    "Two conditions fix two unknowns.",
    "Add or subtract them so that one unknown falls out.",
    "Divide, then put the number back.",
    "Both conditions hold.",
  ),
  "sum-and-product": skill(
    "algebra",
    "The roots have a known sum and product.",
    "List the factors of the product.",
    "Take the pair with the right sum.",
    "Multiply the brackets out.",
  ),
  "nth-term": skill(
    "algebra",
    "Equal steps add up to steps times difference.",
    "Find the difference.",
    "Add it once less than the place, times the difference.",
    "Count on from the first number.",
  ),
  iterate: skill(
    "algebra",
    "Each number comes from the one before.",
    "Put the latest number into the rule.",
    "Repeat until the place is reached.",
    "Count the steps.",
  ),
  "unit-value": skill(
    "algebra",
    "Find what one unit is worth.",
    "Divide to get one unit.",
    "Multiply by the units that are asked for.",
    "Put the units side by side.",
  ),
  "total-and-share": skill(
    "algebra",
    "A mean is the total over the count.",
    "Add everything up.",
    "Divide by how many there are.",
    "The mean lies between least and most.",
  ),
  euclid: skill(
    "number_theory",
    "A common divisor divides the remainder too.",
    "Replace the larger number by its remainder.",
    "The last divisor before 0 is the greatest.",
    "It divides both numbers.",
  ),
  "lowest-terms": skill(
    "number_theory",
    "Top and bottom share a divisor.",
    "Find their greatest common divisor.",
    "Divide both by it.",
    "Nothing divides both any more.",
  ),
  "reduce-modulo": skill(
    "number_theory",
    "Only the remainder matters.",
    "Calculate one step.",
    "Replace the result by its remainder.",
    "The answer is below the modulus.",
  ),
  "power-modulo": skill(
    "number_theory",
    "Remainders keep powers small.",
    "Multiply once.",
    "Take the remainder after each product.",
    "Count the factors.",
  ),
  "place-value": skill(
    "number_theory",
    "Each place is worth the base times the next.",
    "Multiply what was read by the base.",
    "Add the next digit.",
    "Write it back in the base.",
  ),
  "divide-down": skill(
    "number_theory",
    "Quotients and remainders are the digits.",
    "Divide by the unit.",
    "Go on with what is left.",
    "Put the parts together again.",
  ),
  digits: skill(
    "number_theory",
    "A number is its digits.",
    "Write the digits one by one.",
    "Add each to what was found.",
    "Count the digits.",
  ),
  factorise: skill(
    "number_theory",
    "Primes build the number.",
    "Divide by the smallest prime that fits.",
    "Count how often each occurred.",
    "Multiply the primes again.",
  ),
  "product-rule": skill(
    "combinatorics",
    "Choices that follow each other multiply.",
    "Count the possibilities of each choice.",
    "Multiply them.",
    "Try it with two of each.",
  ),
  choose: skill(
    "combinatorics",
    "Order does not matter.",
    "Multiply as if it did.",
    "Divide by the orders of the chosen.",
    "Choosing all gives one way.",
  ),
  favourable: skill(
    "combinatorics",
    "All cases are equally likely.",
    "Count the good and all cases.",
    "Write the fraction in lowest terms.",
    "It lies between 0 and 1.",
  ),
  overlap: skill(
    "combinatorics",
    "What is in both was counted twice.",
    "Add the groups.",
    "Take the overlap away.",
    "No group is larger than the total.",
  ),
  propagate: skill(
    "combinatorics",
    "One known person tells of the next.",
    "Keep what a truth-teller says.",
    "Turn round what a liar says.",
    "Read all claims again.",
  ),
  formula: skill(
    "geometry",
    "The figure has a formula.",
    "Put the lengths in.",
    "Calculate one operation a line.",
    "Look at the unit.",
  ),
  pythagoras: skill(
    "geometry",
    "Squares of the sides add up.",
    "Square what is known, add or subtract.",
    "Take the root.",
    "The longest side faces the right angle.",
  ),
  "angle-sum": skill(
    "geometry",
    "The angles have a known sum.",
    "Find the sum from the number of sides.",
    "Take the known angles away.",
    "All angles give the sum.",
  ),
};

/**
 * The skill of a method.
 *
 * @returns undefined if there is no such method.
 */
export function methodSkill(method: string): MethodSkill | undefined {
  const found = Object.entries(TEXTS).find(([name]) => name === method);
  return found === undefined ? undefined : { skill_name: method.replaceAll("-", "_"), ...found[1] };
}
