/**
 * Gradient checkpointing (arXiv 1604.06174): stretches of the forward graph that are computed again for their gradient.
 *
 * Contract: the repeated nodes compute the same numbers from the same operands, so gradients are what they would be without.
 * Each stretch starts from its checkpoint plus zero times a number of the gradient that comes in: that ties the repetition to the moment
 * when it is needed, and keeps the runtime from seeing that it repeats. A gradient that is not finite stays so.
 * Choices: what a rule does not read (operands of an addition or a conversion, results of composites) is not computed again, so the last product of a
 * block is not.
 *
 * @module
 */
import type { GraphBuilder, TapeEntry, Value } from "../../agents/model/graph.ts";
import { add, mul, reshape } from "../../agents/model/ops.ts";
import { BLOCK_RULES } from "./block_rules.ts";

/** Stretches of one tape and what has been computed again so far. */
export class Recomputation {
  readonly #graph: GraphBuilder;
  readonly #tape: readonly TapeEntry[];
  /** Index on the tape after the entry that makes each checkpoint. */
  readonly #ends: readonly number[];
  readonly #checkpoints: readonly Value[];
  readonly #places: ReadonlyMap<TapeEntry, number>;
  /** Names by which a stretch's values are known now, by stretch. */
  readonly #names = new Map<number, ReadonlyMap<string, string>>();

  /** Cuts a tape at the checkpoints, which are in its order. @throws {RangeError} if a checkpoint is not on the tape. */
  constructor(graph: GraphBuilder, tape: readonly TapeEntry[], checkpoints: readonly Value[]) {
    this.#graph = graph;
    this.#tape = tape;
    this.#checkpoints = checkpoints;
    this.#places = new Map(tape.map((entry, i) => [entry, i]));
    this.#ends = checkpoints.map(({ name }) => {
      const index = tape.findIndex(({ outputs }) => outputs.some((value) => value.name === name));
      if (index < 0) throw new RangeError(`Cannot start again from ${name}: it must be a result on the tape`);
      return index + 1;
    });
  }

  /**
   * An entry with the values that its rule should read.
   *
   * @param grads gradients of the entry's results.
   */
  entry(entry: TapeEntry, grads: readonly (Value | undefined)[]): TapeEntry {
    const place = this.#places.get(entry) ?? 0;
    const stretch = this.#ends.findLastIndex((end) => end <= place);
    if (stretch < 0 || stretch + 1 >= this.#ends.length) return entry;
    let names = this.#names.get(stretch);
    if (names === undefined) {
      const grad = grads.find((value) => value !== undefined);
      if (grad === undefined) return entry;
      names = this.#repeat(stretch, grad);
      this.#names.set(stretch, names);
    }
    const known = names;
    const now = (value: Value): Value => ({ ...value, name: known.get(value.name) ?? value.name });
    return {
      ...entry,
      inputs: entry.inputs.map(now),
      outputs: entry.outputs.map(now),
      saved: Object.fromEntries(Object.entries(entry.saved).map(([name, value]) => [name, now(value)])),
    };
  }

  #repeat(stretch: number, grad: Value): Map<string, string> {
    const [from = 0, to = 0] = this.#ends.slice(stretch, stretch + 2);
    const start = this.#checkpoints[stretch];
    if (start === undefined) return new Map();
    const wanted = new Set<string>();
    for (const { op, inputs, outputs, saved } of this.#tape.slice(from, to)) {
      const read = op === "Add" || op === "Cast" ? [] : op in BLOCK_RULES ? inputs : [...inputs, ...outputs];
      for (const { name } of [...read, ...Object.values(saved)]) wanted.add(name);
    }
    const graph = this.#graph;
    const flat = reshape(graph, grad, [-1], ["N"]);
    const first = graph.node("Slice", [flat, graph.int([0]), graph.int([1])], [{ type: grad.type, shape: [1] }]);
    const again = add(graph, start, mul(graph, first, graph.float([0])));
    return graph.repeat(wanted, new Map([[start.name, again]]));
  }
}
