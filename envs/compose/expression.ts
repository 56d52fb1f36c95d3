/**
 * The language of compositions: expressions over one variable, and programs with definitions of one's own.
 *
 * Contract: an expression is `x`, a text in double quotes, a whole number, or a call `f7(EXPR, …)`. A program is any number of lines
 * `def NAME(p, …) = EXPR` and then one expression. Reading and running bounds its work by {@linkcode MAX_CALLS} and
 * {@linkcode MAX_TEXT}; whatever is wrong is an {@linkcode ExpressionError} whose message says where. Nothing is ever given to the
 * host language's own evaluation. A definition sees its parameters and what is defined above it, so that there is no recursion.
 *
 * @module
 */
import type { StringFunction, Value } from "./functions.ts";

/** An expression. */
export type Expression =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] };

/** A function that a program defines. */
export interface Definition {
  /** Name that it is called by. */
  readonly name: string;
  /** Names of its values, in order. */
  readonly params: readonly string[];
  /** What it stands for. */
  readonly body: Expression;
}

/** A program: definitions, and the expression that is its value. */
export interface Program {
  /** Definitions in order; each sees those above it. */
  readonly definitions: readonly Definition[];
  /** Expression whose value is the program's. */
  readonly body: Expression;
}

/** Functions by the name they have in tasks. */
export type NamedFunctions = ReadonlyMap<string, StringFunction>;

/** Variable that stands for the input. */
export const INPUT = "x";
/** Most calls that one evaluation makes. */
export const MAX_CALLS = 2000;
/** Longest text that an evaluation makes or reads, letters. */
export const MAX_TEXT = 4000;
/** Deepest nesting that is read. */
const MAX_NESTING = 64;

/** An expression cannot be read or has no value. */
export class ExpressionError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ExpressionError";
}

interface Token {
  readonly kind: "name" | "text" | "number" | "mark" | "end";
  readonly text: string;
  readonly at: number;
}

function tokensOf(source: string): Token[] {
  const pattern = /\s+|(?<name>[a-z_][a-z0-9_]*)|(?<text>"[a-z]*")|(?<number>\d{1,4}(?!\d))|(?<mark>[(),=])/y;
  const tokens: Token[] = [];
  for (let at = 0; at < source.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const groups = pattern.exec(source)?.groups;
    if (groups === undefined) {
      throw new ExpressionError(
        `Cannot read ${JSON.stringify(source.slice(at, at + 12))} at place ${
          at + 1
        }: expected a name, a whole number, ` +
          `a text of lower-case letters in double quotes, a bracket or a comma`,
      );
    }
    const [kind, text] = Object.entries(groups).find(([, found]) => found !== undefined) ?? [];
    if (kind !== undefined && text !== undefined) tokens.push({ kind: kind as Token["kind"], text, at: at + 1 });
  }
  return [...tokens, { kind: "end", text: "the end", at: source.length + 1 }];
}

/** A cursor over tokens. */
class Reader {
  #next = 0;
  constructor(readonly tokens: readonly Token[]) {}

  peek(): Token {
    return this.tokens[this.#next] ?? { kind: "end", text: "the end", at: 0 };
  }

  take(kind: Token["kind"], text?: string): Token {
    const token = this.peek();
    if (token.kind !== kind || (text !== undefined && token.text !== text)) {
      const wanted = text ??
        { name: "a name", text: "a text", number: "a number", mark: "a mark", end: "the end" }[kind];
      throw new ExpressionError(
        `Cannot read the expression at place ${token.at}: expected ${wanted}, found ${token.text}`,
      );
    }
    this.#next++;
    return token;
  }

  is(text: string): boolean {
    const token = this.peek();
    return token.kind === "mark" && token.text === text;
  }

  /** Items in brackets, separated by commas; the opening bracket is next. */
  list<T>(item: () => T): T[] {
    this.take("mark", "(");
    const items: T[] = [];
    while (!this.is(")")) {
      if (items.length > 0) this.take("mark", ",");
      items.push(item());
    }
    this.take("mark", ")");
    return items;
  }

  expression(nesting = 0): Expression {
    if (nesting > MAX_NESTING) {
      throw new ExpressionError(`Cannot read the expression: it is nested deeper than ${MAX_NESTING}`);
    }
    const token = this.peek();
    if (token.kind === "text") return { kind: "value", value: this.take("text").text.slice(1, -1) };
    if (token.kind === "number") return { kind: "value", value: Number(this.take("number").text) };
    const { text: name } = this.take("name");
    if (!this.is("(")) return { kind: "variable", name };
    return { kind: "call", name, args: this.list(() => this.expression(nesting + 1)) };
  }
}

function checkLength(source: string): void {
  if (source.length > MAX_TEXT) {
    throw new ExpressionError(
      `Cannot read the expression: it has ${source.length} characters, at most ${MAX_TEXT} are read`,
    );
  }
}

/**
 * Reads an expression.
 *
 * @example Read and written again
 * ```ts
 * import { expressionText, parseExpression } from "whetstone/envs/compose/expression.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(expressionText(parseExpression('f2( f1(x,3) , "ab")')), 'f2(f1(x, 3), "ab")');
 * ```
 *
 * @throws {ExpressionError} if it cannot be read.
 */
export function parseExpression(source: string): Expression {
  checkLength(source);
  const reader = new Reader(tokensOf(source));
  const expression = reader.expression();
  reader.take("end");
  return expression;
}

/** Reads a program. @throws {ExpressionError} if it cannot be read. */
export function parseProgram(source: string): Program {
  checkLength(source);
  const lines = source.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const definitions: Definition[] = [];
  const rest: string[] = [];
  for (const line of lines) {
    if (rest.length > 0 || !/^def\s/.test(line)) {
      rest.push(line);
      continue;
    }
    const reader = new Reader(tokensOf(line));
    reader.take("name", "def");
    const { text: name } = reader.take("name");
    const params = reader.list(() => reader.take("name").text);
    reader.take("mark", "=");
    definitions.push({ name, params, body: reader.expression() });
    reader.take("end");
  }
  if (rest.length === 0) {
    throw new ExpressionError("Cannot read the program: there is no expression after the definitions");
  }
  return { definitions, body: parseExpression(rest.join(" ")) };
}

/** An expression as text that {@linkcode parseExpression} reads. */
export function expressionText(expression: Expression): string {
  if (expression.kind === "variable") return expression.name;
  if (expression.kind === "value") return JSON.stringify(expression.value);
  return `${expression.name}(${expression.args.map(expressionText).join(", ")})`;
}

/** Applies a function to values. @throws {ExpressionError} if their number or kinds do not fit. */
export function applyFunction(name: string, definition: StringFunction, values: readonly Value[]): string {
  const { texts, parameter } = definition;
  const wanted = (index: number) => (index >= texts && parameter === "number" ? "number" : "string");
  // Nothing is allocated where all is well: drawing tasks makes a million calls.
  const fits = values.length === texts + (parameter === undefined ? 0 : 1) &&
    values.every((value, index) => typeof value === wanted(index));
  if (!fits) {
    const kinds = [...Array.from({ length: texts }, () => "text"), ...(parameter === undefined ? [] : [parameter])];
    const given = values.map((value) => (typeof value === "number" ? "number" : "text"));
    throw new ExpressionError(`Cannot call ${name}: it takes (${kinds.join(", ")}), got (${given.join(", ")})`);
  }
  const [first = "", second = ""] = values;
  const result = definition.run(String(first), second);
  if (result.length > MAX_TEXT) {
    throw new ExpressionError(`Cannot call ${name}: its value would be longer than ${MAX_TEXT}`);
  }
  return result;
}

/** Called functions, with the number of calls so far. */
interface Run {
  calls: number;
  readonly called: Set<string>;
}

function valueOf(
  expression: Expression,
  functions: NamedFunctions,
  definitions: readonly Definition[],
  variables: ReadonlyMap<string, Value>,
  run: Run,
): Value {
  if (expression.kind === "value") return expression.value;
  if (expression.kind === "variable") {
    const value = variables.get(expression.name);
    if (value === undefined) throw new ExpressionError(`Cannot find a value: there is no variable ${expression.name}`);
    return value;
  }
  const { name, args } = expression;
  if (++run.calls > MAX_CALLS) throw new ExpressionError(`Cannot find a value: it takes more than ${MAX_CALLS} calls`);
  const values = args.map((argument) => valueOf(argument, functions, definitions, variables, run));
  const given = functions.get(name);
  if (given !== undefined) {
    run.called.add(name);
    return applyFunction(name, given, values);
  }
  const at = definitions.findIndex((definition) => definition.name === name);
  const own = definitions[at];
  if (own === undefined) throw new ExpressionError(`Cannot find a value: there is no function ${name}`);
  if (own.params.length !== values.length) {
    throw new ExpressionError(`Cannot call ${name}: it takes ${own.params.length} values, got ${values.length}`);
  }
  const inner = new Map(own.params.map((param, index) => [param, values[index] ?? ""]));
  return valueOf(own.body, functions, definitions.slice(0, at), inner, run);
}

/** A program's value, and the given functions that were really called on the way. */
export interface ProgramResult {
  /** Value of the program's expression. */
  readonly value: string;
  /** Names of the given functions that ran. */
  readonly called: ReadonlySet<string>;
}

/** Runs a program on an input. @throws {ExpressionError} if it has no value, or its value is a number. */
export function runProgram(program: Program, input: string, functions: NamedFunctions): ProgramResult {
  const run: Run = { calls: 0, called: new Set() };
  const value = valueOf(program.body, functions, program.definitions, new Map([[INPUT, input]]), run);
  if (typeof value !== "string") throw new ExpressionError(`Cannot find a value: ${value} is a number, not a text`);
  return { value, called: run.called };
}

/** Value of an expression on an input. @throws {ExpressionError} if it has none. */
export function evaluate(expression: Expression, input: string, functions: NamedFunctions): string {
  return runProgram({ definitions: [], body: expression }, input, functions).value;
}
