/**
 * Methods: the named procedures that families share. A family declares the one that its worked solutions follow.
 *
 * Contract: every method is used by a family of the train split, so that a family met only at test time needs no procedure that
 * training could not have shown. The description says what a skill of that method would have to say.
 *
 * @module
 */

/** A procedure in words. */
export interface Method {
  /** Short name for people. */
  readonly title: string;
  /** One paragraph: when it applies and what to do. */
  readonly description: string;
}

/** All methods by name. */
export const METHODS = {
  chain: {
    title: "One operation after another",
    description:
      "Follow the story in order. Write one operation a line, put the numbers of the story into it, and use each " +
      "result in the next line. Multiply equal groups before adding or taking away.",
  },
  undo: {
    title: "Undo the operations",
    description:
      "An unknown number went through known operations and the result is known. Start from the result and take " +
      "the operations back in reverse order: subtract what was added, add what was taken away, divide by what was multiplied.",
  },
  elimination: {
    title: "Make one unknown vanish",
    description:
      "Two conditions hold for two unknowns. Add or subtract them, multiplied if need be, so that one unknown " +
      "falls out; divide to get the other one.",
  },
  "sum-and-product": {
    title: "Two numbers from their sum and product",
    description:
      "A quadratic equation x^2 - sx + p = 0 asks for two numbers with sum s and product p. Try the factors of p " +
      "until the sum fits, and divide by the leading coefficient first. Where no integers fit, complete the square.",
  },
  "nth-term": {
    title: "Steps times difference",
    description:
      "In a list that changes by the same amount each time, the nth number is the first plus n - 1 times the " +
      "difference. A sum of such numbers is half of (first plus last) times how many there are.",
  },
  iterate: {
    title: "Apply the rule again and again",
    description:
      "Each number follows from the one before by a rule. Write the rule out once for each step, with the latest " +
      "number put in, until the wanted place is reached.",
  },
  "unit-value": {
    title: "Value of one unit",
    description:
      "Find what one unit (one piece, one hour, one tenth, one centimetre) is worth by dividing, then multiply by " +
      "the number of units that are asked for.",
  },
  "total-and-share": {
    title: "Total, then divide",
    description:
      "Add everything up to the total, weighted by how often each value occurs, and divide by how many there are.",
  },
  euclid: {
    title: "Euclid's algorithm",
    description:
      "For the greatest common divisor of two numbers, replace the larger by its remainder modulo the smaller until " +
      "the remainder is 0; the last divisor is the answer. The least common multiple is one number divided by it, times the other.",
  },
  "lowest-terms": {
    title: "Divide by the common divisor",
    description:
      "Write the value as one fraction, find the greatest common divisor of top and bottom, and divide both by it.",
  },
  "reduce-modulo": {
    title: "Reduce modulo m",
    description: "Where only the remainder matters, compute and replace each result by its remainder modulo m.",
  },
  "power-modulo": {
    title: "Powers with remainders",
    description:
      "For a power modulo m, multiply step by step and take the remainder after each product, so that numbers stay " +
      "small; for a large exponent square and multiply.",
  },
  "place-value": {
    title: "Collect digits",
    description: "Read the digits from the left: multiply what has been read by the base and add the next digit.",
  },
  "divide-down": {
    title: "Divide and keep the remainder",
    description:
      "Divide by the unit, write quotient and remainder, and go on with what is left over until nothing is; " +
      "quotients and remainders are the digits or counts.",
  },
  digits: {
    title: "Digit by digit",
    description:
      "Write the number out and go through its digits from left to right, adding each to what has been found.",
  },
  factorise: {
    title: "Prime factors",
    description:
      "Divide by the smallest prime that fits until 1 is left and count how often each prime occurred. The number of " +
      "divisors is the product of the counts, each plus one.",
  },
  "product-rule": {
    title: "Multiply the choices",
    description:
      "Choices that follow one another are multiplied. Where nothing may be taken twice, each choice has one " +
      "possibility fewer than the one before.",
  },
  choose: {
    title: "Choose without order",
    description:
      "To pick k of n without order multiply n by the k - 1 numbers below it and divide by k times the numbers below " +
      "k. Separate picks are multiplied.",
  },
  favourable: {
    title: "Favourable over possible",
    description:
      "Where all cases are equally likely, count the favourable and the possible ones, write the fraction, and " +
      "divide both by their greatest common divisor. Draws that follow one another are multiplied.",
  },
  overlap: {
    title: "Count the overlap once",
    description:
      "Add the sizes of the groups, take away what was counted twice, and add what was then taken away too often. " +
      "Those in no group are the total minus that.",
  },
  propagate: {
    title: "Pass the truth on",
    description:
      "Start from the person whose nature is known. What a truth-teller says holds, what a liar says is turned " +
      "round; go from person to person and keep count.",
  },
  formula: {
    title: "Put the numbers into the formula",
    description:
      "Recall the formula of the figure, put its lengths in, and calculate one operation a line; keep the number " +
      "pi as it is.",
  },
  pythagoras: {
    title: "Square, add, take the root",
    description:
      "In a right triangle the square of the longest side is the sum of the squares of the others. Square what is " +
      "known, add or subtract, and take the root.",
  },
  "angle-sum": {
    title: "Known sum of the angles",
    description:
      "The angles of a polygon with n sides add up to (n - 2) times 180 degrees. Add the known ones and take them " +
      "away from the sum.",
  },
} as const satisfies Readonly<Record<string, Method>>;

/** Name of a method. */
export type MethodName = keyof typeof METHODS;
