/**
 * Draws compositions and their inputs.
 *
 * Contract: every leaf of a composition is the input, and its depth is its number of calls: each call takes the value of the one
 * before, and a function of two texts takes the input beside it. An item is kept only if
 * (1) no two values on the way are equal, the input included, so that no call is idle and no part undoes another, and the
 * answer changes when a call is left out or a parameter is another one, so that the depth is not there for show;
 * (2) on six other inputs it gives at least {@linkcode LEAST_DISTINCT} different values, the item's own counted in, and is the identity on at
 * most two of them; (3) its value falls into the band of lengths that was asked for, and nothing on the way is longer than
 * {@linkcode LONGEST_VALUE}; (4) no item before it has the same composition and input.
 * (1) and (2) answer a fault of unconstrained draws, in which many items are constants or identities; (3) answers another, that
 * answers grow with depth: here each cell of depth and band holds equally many compositions.
 *
 * @module
 */
import { type KeyedRandom, keyedRandom } from "../../data/keyed_random.ts";
import { EnvFault } from "../contract.ts";
import { evaluate, type Expression, expressionText, INPUT } from "./expression.ts";
import { drawText, LETTERS, type Value } from "./functions.ts";
import type { ComposeWorld } from "./world.ts";

/** Bands of answer lengths, letters, both ends included. */
export const BANDS = { short: [3, 8], medium: [9, 16], long: [17, 24] } as const;
/** Name of a band of answer lengths. */
export type Band = keyof typeof BANDS;
/** Longest value on the way, letters. */
export const LONGEST_VALUE = 48;
/** Inputs on which a composition is tried besides its own. */
export const OTHER_INPUTS = 6;
/** Least number of different values on the item's own and the other inputs. */
export const LEAST_DISTINCT = 4;

/** Input lengths, letters. */
const INPUT_LENGTHS = [3, 16] as const;
/** Lengths of the other inputs, letters. */
const OTHER_LENGTHS = [3, 12] as const;
/** Compositions tried for a cell, and inputs tried for a composition, before giving up. */
const MOST_COMPOSITIONS = 5000;
const MOST_INPUTS = 16;

/** A composition with inputs, all in one band. */
export interface Composition {
  /** Names of its functions, the innermost first. */
  readonly chain: readonly string[];
  /** The composition over the input variable. */
  readonly expression: Expression;
  /** Inputs with their values. */
  readonly items: readonly { readonly input: string; readonly output: string }[];
}

/** What to draw. */
export interface CompositionRequest {
  /** Names of the functions to draw from. */
  readonly functions: readonly string[];
  /** Whether `outer` may be applied to a value of `inner`. */
  readonly isAllowed: (outer: string, inner: string) => boolean;
  /** Number of calls. */
  readonly depth: number;
  /** Band of answer lengths. */
  readonly band: Band;
  /** Number of inputs. */
  readonly inputs: number;
}

/** A chain of functions, each pair of neighbours allowed; undefined if the draw ran into a dead end. */
function drawChain(request: CompositionRequest, random: KeyedRandom): string[] | undefined {
  const chain = [random.pick(request.functions)];
  while (chain.length < request.depth) {
    const inner = chain.at(-1) ?? "";
    const possible = request.functions.filter((outer) => request.isAllowed(outer, inner));
    if (possible.length === 0) return undefined;
    chain.push(random.pick(possible));
  }
  return chain;
}

function buildExpression(world: ComposeWorld, chain: readonly string[], random: KeyedRandom): Expression {
  const input: Expression = { kind: "variable", name: INPUT };
  return chain.reduce<Expression>((inner, name) => {
    const definition = world.functions.get(name);
    const args = [inner];
    if (definition?.texts === 2) args.splice(random.int(0, 1), 0, input);
    if (definition?.draw !== undefined) args.push({ kind: "value", value: definition.draw(random) });
    return { kind: "call", name, args };
  }, input);
}

/** The calls of a composition, the innermost first. */
export function callsOf(expression: Expression): Expression[] {
  if (expression.kind !== "call") return [];
  return [...expression.args.flatMap(callsOf), expression];
}

/** An expression with one of its parts, found by identity, replaced. */
function substituted(expression: Expression, part: Expression, replacement: Expression): Expression {
  if (expression === part) return replacement;
  if (expression.kind !== "call") return expression;
  return { ...expression, args: expression.args.map((argument) => substituted(argument, part, replacement)) };
}

/** Values of the calls, the innermost first; undefined if two of them or the input are equal, or one is empty or too long. */
function valuesOnTheWay(world: ComposeWorld, expression: Expression, input: string): string[] | undefined {
  const values: string[] = [];
  // A composition has one call of each depth, so its calls in order are its prefixes.
  let inner: Expression | undefined;
  for (const call of callsOf(expression)) {
    const last = values.at(-1);
    // With the inner call replaced by its value, each call is run once.
    const next = inner === undefined || last === undefined
      ? call
      : substituted(call, inner, { kind: "value", value: last });
    const value = evaluate(next, input, world.functions);
    if (value === "" || value.length > LONGEST_VALUE || value === input || values.includes(value)) return undefined;
    values.push(value);
    inner = call;
  }
  return values;
}

/** Whether the value depends on the input as a whole: see (2) of the module's contract. */
export function dependsOnInput(
  world: ComposeWorld,
  expression: Expression,
  output: string,
  others: readonly string[],
): boolean {
  const values = others.map((other) => evaluate(expression, other, world.functions));
  const identities = values.filter((value, index) => value === others[index]).length;
  return new Set([output, ...values]).size >= LEAST_DISTINCT && identities <= 2;
}

/** Another parameter of the same kind. */
function otherValue(value: Value): Value {
  if (typeof value === "number") return value + 1;
  return [...value].map((letter) => LETTERS[(LETTERS.indexOf(letter) + 1) % 26]).join("");
}

/** Whether the answer changes when a call is replaced by one of its texts, or a parameter by another. */
function needsEachPart(world: ComposeWorld, expression: Expression, input: string): boolean {
  const output = evaluate(expression, input, world.functions);
  const changes = (part: Expression, replacement: Expression) =>
    evaluate(substituted(expression, part, replacement), input, world.functions) !== output;
  return callsOf(expression).every((call) =>
    call.kind !== "call" ||
    call.args.every((argument) =>
      argument.kind === "value"
        ? changes(argument, { kind: "value", value: otherValue(argument.value) })
        : changes(call, argument)
    )
  );
}

/** Draws compositions that are never the same twice. */
export class CompositionSource {
  readonly #world: ComposeWorld;
  readonly #used = new Set<string>();

  /**
   * A source that has drawn nothing yet.
   *
   * @param world names and functions.
   */
  constructor(world: ComposeWorld) {
    this.#world = world;
  }

  /**
   * Draws a composition with its inputs.
   *
   * @param request see {@linkcode CompositionRequest}.
   * @param key identity of the composition within the world.
   * @param attempts compositions tried before giving up.
   * @returns undefined if nothing of that kind was found, for example no text of 20 letters from a function that keeps four.
   */
  find(
    request: CompositionRequest,
    key: readonly (string | number)[],
    attempts = MOST_COMPOSITIONS,
  ): Composition | undefined {
    const random = keyedRandom(this.#world.seed, "compose", "composition", ...key);
    for (let attempt = 0; attempt < attempts; attempt++) {
      const chain = drawChain(request, random);
      if (chain === undefined) continue;
      const expression = buildExpression(this.#world, chain, random);
      const items = this.#drawItems(expression, request, random);
      if (items === undefined) continue;
      const text = expressionText(expression);
      for (const { input } of items) this.#used.add(`${text} ${input}`);
      return { chain, expression, items };
    }
    return undefined;
  }

  /** Draws a composition with its inputs. @throws {EnvFault} if none is found. */
  draw(request: CompositionRequest, key: readonly (string | number)[]): Composition {
    const found = this.find(request, key);
    if (found !== undefined) return found;
    throw new EnvFault(
      `Cannot draw a composition of depth ${request.depth} with a ${request.band} answer for ${key.join("/")}: ` +
        `${MOST_COMPOSITIONS} attempts failed; ask for fewer compositions in each cell`,
    );
  }

  #drawItems(
    expression: Expression,
    request: CompositionRequest,
    random: KeyedRandom,
  ): Composition["items"] | undefined {
    const [shortest, longest] = BANDS[request.band];
    const text = expressionText(expression);
    const items: { input: string; output: string }[] = [];
    for (let attempt = 0; attempt < MOST_INPUTS && items.length < request.inputs; attempt++) {
      const input = drawText(random, ...INPUT_LENGTHS);
      const output = valuesOnTheWay(this.#world, expression, input)?.at(-1) ?? "";
      if (output.length < shortest || output.length > longest) {
        // A composition that does not fit at first rarely fits later.
        if (items.length === 0 && attempt >= 3) return undefined;
        continue;
      }
      if (this.#used.has(`${text} ${input}`) || items.some((item) => item.input === input)) continue;
      const others = Array.from({ length: OTHER_INPUTS }, () => drawText(random, ...OTHER_LENGTHS));
      if (!dependsOnInput(this.#world, expression, output, others)) continue;
      if (!needsEachPart(this.#world, expression, input)) continue;
      items.push({ input, output });
    }
    return items.length === request.inputs ? items : undefined;
  }
}
