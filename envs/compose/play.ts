/**
 * Episodes of the four modes, and their reference solutions.
 *
 * Contract: in `deduct` and `backward` the first action is the answer. In `tool` an action is `call NAME(VALUES)` or `answer "…"`; in
 * `induce` it is `try PROGRAM`, which shows what the program gives on the task's examples, or `answer PROGRAM`. A worked solution has one
 * line for each call, the innermost first, and ends with the answer.
 *
 * @module
 */
import { ActionError, type Grade, type Play, type Reply, type TaskDefinition } from "../define_environment.ts";
import { gradeAnswer } from "./grade.ts";
import { callsOf } from "./generate.ts";
import {
  applyFunction,
  evaluate,
  type Expression,
  ExpressionError,
  INPUT,
  parseExpression,
  parseProgram,
  runProgram,
} from "./expression.ts";
import type { Value } from "./functions.ts";
import type { ComposeData, Mode } from "./tasks.ts";
import type { ComposeWorld } from "./world.ts";

/** A call with values in place of its arguments, and its value. */
interface WorkedCall {
  readonly call: string;
  readonly value: string;
}

/** The calls of a composition on an input, the innermost first. */
function workedCalls(world: ComposeWorld, expression: Expression, input: string): WorkedCall[] {
  return callsOf(expression).flatMap((call) => {
    if (call.kind !== "call") return [];
    const args = call.args.map((argument): Value =>
      argument.kind === "value" ? argument.value : evaluate(argument, input, world.functions)
    );
    const text = `${call.name}(${args.map((value) => JSON.stringify(value)).join(", ")})`;
    return [{ call: text, value: evaluate(call, input, world.functions) }];
  });
}

/** Reference solution of a task, as actions. */
export function solutionOf(world: ComposeWorld, mode: Mode, data: ComposeData): string[] {
  const calls = workedCalls(world, parseExpression(data.expression), data.input);
  const lines = calls.map(({ call, value }) => `${call} = "${value}"`);
  switch (mode) {
    case "deduct":
      return [[...lines, `Answer: "${data.output}"`].join("\n")];
    case "backward":
      return [[`${INPUT} = "${data.input}"`, ...lines, `Answer: "${data.input}"`].join("\n")];
    case "tool":
      return [...calls.map(({ call }) => `call ${call}`), `answer "${data.output}"`];
    case "induce":
      return [`answer ${data.expression}`];
  }
}

/** Runs what may fail because of what the agent wrote. */
function agentsOwn<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ExpressionError) throw new ActionError(error.message, { cause: error });
    throw error;
  }
}

/** `call f7("abc", 3)`: a call of values, not of other calls, so that each takes a turn. */
function toolCall(world: ComposeWorld, source: string): Reply {
  return agentsOwn(() => {
    const expression = parseExpression(source);
    if (expression.kind !== "call") throw new ExpressionError(`Cannot call ${source}: expected NAME("…", …)`);
    const definition = world.functions.get(expression.name);
    if (definition === undefined) {
      throw new ExpressionError(`Cannot call ${expression.name}: there is no such function`);
    }
    const values = expression.args.map((argument) => {
      if (argument.kind === "value") return argument.value;
      throw new ExpressionError(`Cannot call ${expression.name}: arguments have to be values, one call is one turn`);
    });
    return { observation: JSON.stringify(applyFunction(expression.name, definition, values)) };
  });
}

/** `try PROGRAM`: its values on the examples that the task shows. */
function tryProgram(world: ComposeWorld, source: string, data: ComposeData): Reply {
  return agentsOwn(() => {
    const program = parseProgram(source);
    const lines = data.examples.map((input) =>
      `"${input}" gives ${JSON.stringify(runProgram(program, input, world.functions).value)}`
    );
    return { observation: lines.join("\n") };
  });
}

/** Starts an attempt at a task. */
export function playComposition(world: ComposeWorld, mode: Mode, task: TaskDefinition<ComposeData>): Play {
  const { data } = task;
  let answer: string | undefined;
  const end = (text: string): Reply => {
    answer = text;
    return { observation: "", done: true };
  };
  return {
    step(action) {
      if (mode === "deduct" || mode === "backward") return end(action);
      const [, verb, rest = ""] = /^\s*(call|try|answer)\b:?\s*([^]*)$/.exec(action) ?? [];
      if (verb === "answer") return end(rest);
      if (verb === "call" && mode === "tool") return toolCall(world, rest);
      if (verb === "try" && mode === "induce") return tryProgram(world, rest, data);
      throw new ActionError(
        mode === "tool"
          ? `Cannot do this action: expected call NAME("…", …) or answer "…"`
          : `Cannot do this action: expected try PROGRAM or answer PROGRAM`,
      );
    },
    evaluate(): Grade {
      if (answer !== undefined) return gradeAnswer(world, mode, answer, data, task.id);
      return { requirements: [{ requirement: "gives an answer", passed: false, trace: "there was no answer" }] };
    },
    solution: () => solutionOf(world, mode, data),
  };
}
