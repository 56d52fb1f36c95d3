/**
 * Reads and grades answers.
 *
 * Contract: `deduct` and `tool` compare texts exactly; `backward` runs the composition on the answer, so that any input which gives the
 * output counts; `induce` runs the program on inputs that the task does not show and that are drawn here, wants each given
 * function called on the way and none defined anew. An answer that cannot be read is `unparsed`, not `incorrect`.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";
import type { Verdict } from "../contract.ts";
import type { Grade } from "../define_environment.ts";
import { callsOf } from "./generate.ts";
import {
  evaluate,
  ExpressionError,
  MAX_TEXT,
  parseExpression,
  parseProgram,
  type Program,
  runProgram,
} from "./expression.ts";
import { drawText } from "./functions.ts";
import type { ComposeData, Mode } from "./tasks.ts";
import type { ComposeWorld } from "./world.ts";

/** Grader and its version. */
export const GRADER = "compose/1";
/** Inputs that a program is tried on and that its task does not show. */
export const HIDDEN_INPUTS = 8;

/**
 * The text that an answer gives: what follows the last line that begins with `Answer`, or the whole if there is no such line.
 *
 * @returns undefined if that is no text of lower-case letters, alone or in quotes.
 */
export function readText(answer: string): string | undefined {
  const said = [...answer.matchAll(/^\s*answer\b:?(.*)$/gim)].at(-1)?.[1] ?? answer;
  return /^\s*(["'`]?)([a-z]+)\1\s*\.?\s*$/.exec(said)?.[2];
}

/** A grade of one requirement with its verdict. */
function graded(requirement: string, verdict: Omit<Verdict, "grader">): Grade {
  const passed = verdict.verdict === "correct";
  return {
    requirements: [{ requirement, passed, ...(passed ? {} : { trace: verdict.detail }) }],
    verdicts: [{ grader: GRADER, ...verdict }],
  };
}

function gradeText(answer: string | undefined, output: string): Grade {
  const requirement = "gives the value of the expression";
  if (answer === undefined) {
    const detail = "there is no text of lower-case letters in the answer";
    return graded(requirement, { verdict: "unparsed", gold: output, answer: null, detail });
  }
  const correct = answer === output;
  const detail = correct ? "equal" : `expected ${output}, got ${answer}`;
  return graded(requirement, { verdict: correct ? "correct" : "incorrect", gold: output, answer, detail });
}

function gradeInput(world: ComposeWorld, answer: string | undefined, data: ComposeData): Grade {
  const requirement = "gives an input with the required value";
  const verdict = { gold: data.input, answer: answer ?? null };
  if (answer === undefined || answer.length > MAX_TEXT) {
    const detail = "there is no text of lower-case letters in the answer";
    return graded(requirement, { ...verdict, verdict: "unparsed", detail });
  }
  try {
    const value = evaluate(parseExpression(data.expression), answer, world.functions);
    const correct = value === data.output;
    const detail = correct ? "the value is the required one" : `the value is ${value}, expected ${data.output}`;
    return graded(requirement, { ...verdict, verdict: correct ? "correct" : "incorrect", detail });
  } catch (error) {
    // Only the length of the answer can fail the task's own composition.
    if (!(error instanceof ExpressionError)) throw error;
    return graded(requirement, { ...verdict, verdict: "incorrect", detail: error.message });
  }
}

/** Names of the functions that a composition calls. */
export function givenFunctions(data: ComposeData): string[] {
  return [
    ...new Set(callsOf(parseExpression(data.expression)).flatMap((call) => (call.kind === "call" ? [call.name] : []))),
  ];
}

/** What speaks against a program, or undefined. @throws {ExpressionError} if it has no value. */
function objection(world: ComposeWorld, program: Program, data: ComposeData, taskId: string): string | undefined {
  const anew = program.definitions.find(({ name }) => world.functions.has(name));
  if (anew !== undefined) return `it defines ${anew.name} anew`;
  const composition = parseExpression(data.expression);
  const random = keyedRandom(world.seed, "compose", "hidden inputs", taskId);
  const hidden = Array.from({ length: HIDDEN_INPUTS }, () => drawText(random, 4, 14));
  const called = new Set<string>();
  for (const input of [...data.examples, ...hidden]) {
    const result = runProgram(program, input, world.functions);
    for (const name of result.called) called.add(name);
    const expected = evaluate(composition, input, world.functions);
    if (result.value !== expected) return `on "${input}" it gives "${result.value}", expected "${expected}"`;
  }
  const missing = givenFunctions(data).find((name) => !called.has(name));
  return missing === undefined ? undefined : `it does not call ${missing}`;
}

function gradeProgram(world: ComposeWorld, answer: string, data: ComposeData, taskId: string): Grade {
  const requirement = "gives a program that computes y on inputs not shown, from the given functions";
  const gold = data.expression;
  let program: Program;
  try {
    program = parseProgram(answer);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return graded(requirement, { verdict: "unparsed", gold, answer: null, detail: error.message });
  }
  try {
    const found = objection(world, program, data, taskId);
    const verdict = found === undefined ? "correct" : "incorrect";
    return graded(requirement, { verdict, gold, answer, detail: found ?? "agrees on all inputs" });
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return graded(requirement, { verdict: "incorrect", gold, answer, detail: error.message });
  }
}

/** Grades an answer. In `induce` it is the program itself, else any text that {@linkcode readText} can read. */
export function gradeAnswer(world: ComposeWorld, mode: Mode, answer: string, data: ComposeData, taskId: string): Grade {
  if (mode === "induce") return gradeProgram(world, answer, data, taskId);
  const text = readText(answer);
  return mode === "backward" ? gradeInput(world, text, data) : gradeText(text, data.output);
}
