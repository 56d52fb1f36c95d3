/**
 * A small typed builder of ONNX graphs: values, nodes, composite operations, and the bytes that ONNX Runtime loads.
 *
 * Contract: the same calls give the same bytes (names are counters). Every value knows its element type and its shape; a
 * dimension is a number or a name that stands for one unknown number. Nodes are kept in call order, which is a topological
 * order. A *composite* is a group of nodes that differentiation treats as one operation with a rule of its own; the tape lists
 * composites and the nodes outside of them.
 * Choices: opset 21 of the default domain and version 1 of `com.microsoft` (rotary embedding). Omitted: control flow, subgraphs.
 *
 * @module
 */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";

/** Element type of a tensor. */
export type ElementType = "float32" | "float16" | "int32" | "int64" | "bool";
/** One dimension: a number, or the name of an unknown one. */
export type Dim = number | string;
/** Attribute of a node; the field tells the ONNX kind. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string };

/** A tensor of the graph. */
export interface Value {
  /** Name in the graph. */
  readonly name: string;
  /** Element type. */
  readonly type: ElementType;
  /** Shape, as far as it is known. */
  readonly shape: readonly Dim[];
}

/** An entry of the tape: a node, or a composite that hides its nodes. */
export interface TapeEntry {
  /** Operator name, ONNX's or the composite's. */
  readonly op: string;
  /** Operands, optional ones that are left out excepted. */
  readonly inputs: readonly Value[];
  /** Results. */
  readonly outputs: readonly Value[];
  /** Attributes. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Inner values of a composite that its gradient rule may read. */
  readonly saved: Readonly<Record<string, Value>>;
}

/** What a composite's body hands back. */
export interface CompositeBody {
  /** Results of the composite. */
  readonly outputs: readonly Value[];
  /** Inner values for its gradient rule. */
  readonly saved?: Readonly<Record<string, Value>>;
}

/** Options of {@linkcode GraphBuilder.node}. */
export interface NodeOptions {
  /** Attributes. @default {{}} */
  attributes?: Readonly<Record<string, Attribute>>;
  /** Operator domain. @default {""} */
  domain?: string;
}

/** Content of an input that {@linkcode GraphBuilder.serialize} turns into a constant: raw bytes, or a place in a file beside the graph's. */
export type StoredTensor =
  | { readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly file: string; readonly offset: number; readonly length: number };

/** A graph was built from parts that do not fit. */
export class GraphError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "GraphError";
}

/** ONNX's numbers of the element types. */
export const DATA_TYPE: Readonly<Record<ElementType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};
const OPSET = 21n;
const IR_VERSION = 10n;

interface RawNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

interface Initializer {
  readonly value: Value;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Whether two shapes are written alike. */
export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/**
 * Shape of an element-wise result under NumPy broadcasting.
 *
 * @throws {GraphError} if two dimensions differ and neither is 1.
 */
export function broadcastShape(a: readonly Dim[], b: readonly Dim[]): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw new GraphError(`Cannot broadcast [${a}] with [${b}]: dimensions must be equal or 1, got ${x} and ${y}`);
  });
}

/**
 * Builder of one graph.
 *
 * @example Add two vectors
 * ```ts
 * import { GraphBuilder } from "whetstone/agents/model/graph.ts";
 * import assert from "node:assert/strict";
 *
 * const graph = new GraphBuilder("sum");
 * const a = graph.input("a", "float32", ["N"]);
 * graph.output("twice", graph.node("Add", [a, a], [a]));
 * assert.ok(graph.serialize().length > 0);
 * ```
 */
export class GraphBuilder {
  /** Composites and free nodes, in order. */
  readonly tape: TapeEntry[] = [];
  readonly #name: string;
  readonly #nodes: RawNode[] = [];
  readonly #inputs: Value[] = [];
  readonly #outputs: Value[] = [];
  readonly #initializers = new Map<string, Initializer>();
  #counter = 0;
  #depth = 0;

  /** An empty graph. @param name name of the graph. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Names of the graph's inputs, in order of declaration. */
  get inputNames(): string[] {
    return this.#inputs.map((value) => value.name);
  }

  /** Names of the graph's outputs, in order of declaration. */
  get outputNames(): string[] {
    return this.#outputs.map((value) => value.name);
  }

  /** Number of nodes by operator. */
  get nodeCounts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { op } of this.#nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
    return counts;
  }

  /** Declares an input. @throws {GraphError} if the name is taken. */
  input(name: string, type: ElementType, shape: readonly Dim[]): Value {
    if (this.#inputs.some((value) => value.name === name)) throw new GraphError(`Cannot declare input ${name} twice`);
    const value: Value = { name, type, shape };
    this.#inputs.push(value);
    return value;
  }

  /** A float32 constant; equal constants are stored once. */
  float(values: readonly number[] | Float32Array, shape: readonly number[] = []): Value {
    return this.#constant("float32", shape, new Uint8Array(Float32Array.from(values).buffer), values.length);
  }

  /** An int64 constant; equal constants are stored once. */
  int(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    return this.#constant("int64", shape, bytes, values.length);
  }

  /** An int32 constant; equal constants are stored once. */
  int32(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.#constant("int32", shape, new Uint8Array(Int32Array.from(values).buffer), values.length);
  }

  #constant(type: ElementType, shape: readonly number[], bytes: Uint8Array<ArrayBuffer>, count: number): Value {
    const size = shape.reduce((product, dim) => product * dim, 1);
    if (size !== count) {
      throw new GraphError(`Cannot make a constant of shape [${shape}]: needs ${size} numbers, got ${count}`);
    }
    const short = bytes.length <= 256;
    const key = short ? `${type}|${shape}|${bytes.join(",")}` : `c${this.#initializers.size}`;
    const known = this.#initializers.get(key);
    if (known !== undefined) return known.value;
    const value: Value = { name: `c${this.#initializers.size}`, type, shape };
    this.#initializers.set(key, { value, bytes });
    return value;
  }

  /**
   * Adds a node with one result.
   *
   * @param result type and shape of the result; `undefined` inputs are left out (optional inputs of ONNX).
   */
  node(
    op: string,
    inputs: readonly (Value | undefined)[],
    result: readonly [{ readonly type: ElementType; readonly shape: readonly Dim[] }],
    options: NodeOptions = {},
  ): Value {
    const [value] = this.nodes(op, inputs, result, options);
    if (value === undefined) throw new GraphError(`Cannot add node ${op}: it has no result`);
    return value;
  }

  /** Adds a node with several results. */
  nodes(
    op: string,
    inputs: readonly (Value | undefined)[],
    results: readonly { readonly type: ElementType; readonly shape: readonly Dim[] }[],
    options: NodeOptions = {},
  ): Value[] {
    const { attributes = {}, domain = "" } = options;
    const outputs = results.map(({ type, shape }): Value => ({ name: `v${this.#counter++}`, type, shape }));
    this.#nodes.push({
      op,
      domain,
      inputs: inputs.map((value) => value?.name ?? ""),
      outputs: outputs.map((value) => value.name),
      attributes,
    });
    if (this.#depth === 0) {
      const present = inputs.filter((value): value is Value => value !== undefined);
      this.tape.push({ op, inputs: present, outputs, attributes, saved: {} });
    }
    return outputs;
  }

  /**
   * a + y. Where y is the result of a Gemm without an addend, seen in another shape at most, and nothing uses it yet, that Gemm adds
   * `a` to its product, which saves a pass over both; the rounding is that of a sum made in another order.
   *
   * @param a value of y's shape, made before y. @param y the newest of the two.
   */
  addToProduct(a: Value, y: Value): Value {
    const of = (name: string) => this.#nodes.findLastIndex(({ outputs }) => outputs.includes(name));
    const last = this.#nodes[of(y.name)];
    const product = last?.op === "Reshape" ? last.inputs[0] ?? "" : y.name;
    const at = of(product);
    const gemm = this.#nodes[at];
    const used = (name: string) => this.#nodes.filter(({ inputs }) => inputs.includes(name)).length;
    const free = used(y.name) === 0 && (product === y.name || used(product) === 1);
    if (gemm?.op !== "Gemm" || gemm.inputs.length !== 2 || !free || !sameShape(a.shape, y.shape) || of(a.name) >= at) {
      return this.node("Add", [a, y], [y]);
    }
    let addend = a.name;
    if (product !== y.name) {
      addend = `v${this.#counter++}`;
      const columns = this.int([-1, Number(y.shape.at(-1))]);
      const seen = { op: "Reshape", domain: "", inputs: [a.name, columns.name], outputs: [addend], attributes: {} };
      this.#nodes.splice(at, 0, seen);
    }
    this.#nodes[this.#nodes.indexOf(gemm)] = { ...gemm, inputs: [...gemm.inputs, addend] };
    return y;
  }

  /** Adds a group of nodes that differentiation treats as the single operation `op`. */
  composite(
    op: string,
    inputs: readonly Value[],
    body: () => CompositeBody,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): readonly Value[] {
    this.#depth++;
    let made: CompositeBody;
    try {
      made = body();
    } finally {
      this.#depth--;
    }
    if (this.#depth === 0) {
      this.tape.push({ op, inputs, outputs: made.outputs, attributes, saved: made.saved ?? {} });
    }
    return made.outputs;
  }

  /**
   * Adds again, with other operands, the nodes that lead from some values to others; nothing is put on the tape.
   *
   * @param wanted names of values to be computed again.
   * @param instead the value to use in place of each of some names.
   * @returns name of each value that was computed again, by the name of the value that it stands for; a wanted value that depends on
   * none of the replaced ones is not computed again.
   */
  repeat(wanted: ReadonlySet<string>, instead: ReadonlyMap<string, Value>): Map<string, string> {
    const depends = new Set(instead.keys());
    const reached = this.#nodes.filter(({ inputs, outputs }) => {
      const hit = inputs.some((name) => depends.has(name)) && !outputs.some((name) => instead.has(name));
      if (hit) { for (const name of outputs) depends.add(name); }
      return hit;
    });
    const needed = new Set(wanted);
    const chosen = reached.toReversed().filter(({ inputs, outputs }) => {
      const hit = outputs.some((name) => needed.has(name));
      if (hit) { for (const name of inputs) needed.add(name); }
      return hit;
    });
    const names = new Map([...instead].map(([name, value]) => [name, value.name]));
    for (const node of chosen.toReversed()) {
      const inputs = node.inputs.map((name) => names.get(name) ?? name);
      const outputs = node.outputs.map(() => `v${this.#counter++}`);
      node.outputs.forEach((name, i) => names.set(name, outputs[i] ?? name));
      this.#nodes.push({ ...node, inputs, outputs });
    }
    return names;
  }

  /** Declares an output under a name of its own. */
  output(name: string, value: Value): Value {
    const named: Value = { name, type: value.type, shape: value.shape };
    this.#nodes.push({ op: "Identity", domain: "", inputs: [value.name], outputs: [name], attributes: {} });
    this.#outputs.push(named);
    return named;
  }

  /**
   * Bytes of the ONNX model.
   *
   * @param stored content of inputs, by name, that become constants; the caller writes the files that it names.
   */
  serialize(stored: ReadonlyMap<string, StoredTensor> = new Map()): Uint8Array {
    // An output that an Identity renames would be copied; the producer is renamed instead wherever nothing forbids it.
    const renamed = this.#renamedOutputs();
    const rename = (name: string) => renamed.get(name) ?? name;
    // Runtimes warn about constants without a use, such as tables for the gradient alone; a file for others holds none.
    const used = new Set(this.#nodes.flatMap((node) => node.inputs));
    const nodes = this.#nodes
      .filter((node) => !(node.op === "Identity" && renamed.get(node.inputs[0] ?? "") === node.outputs[0]))
      .map((node, i) =>
        create(NodeProtoSchema, {
          name: `n${i}`,
          opType: node.op,
          domain: node.domain,
          input: node.inputs.map(rename),
          output: node.outputs.map(rename),
          attribute: Object.entries(node.attributes).map(([name, attribute]) => attributeProto(name, attribute)),
        })
      );
    const model = create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: "whetstone",
      opsetImport: [
        create(OperatorSetIdProtoSchema, { domain: "", version: OPSET }),
        create(OperatorSetIdProtoSchema, { domain: "com.microsoft", version: 1n }),
      ],
      graph: create(GraphProtoSchema, {
        name: this.#name,
        node: nodes,
        input: this.#inputs.filter(({ name }) => !stored.has(name)).map(valueInfo),
        output: this.#outputs.map(valueInfo),
        initializer: [
          ...[...this.#initializers.values()]
            .filter(({ value }) => stored.size === 0 || used.has(value.name))
            .map(({ value, bytes }) => tensorProto(value, { bytes })),
          ...this.#inputs.flatMap((value) => {
            const content = stored.get(value.name);
            return content === undefined ? [] : [tensorProto(value, content)];
          }),
        ],
      }),
    });
    return toBinary(ModelProtoSchema, model);
  }

  /** Inner name → output name, for outputs whose value is a node's result and has no other output name. */
  #renamedOutputs(): Map<string, string> {
    const made = new Set(this.#nodes.filter((node) => node.op !== "Identity").flatMap((node) => node.outputs));
    const outputs = new Set(this.#outputs.map((value) => value.name));
    const renamed = new Map<string, string>();
    for (const node of this.#nodes) {
      const [from, to] = [node.inputs[0] ?? "", node.outputs[0] ?? ""];
      if (node.op === "Identity" && outputs.has(to) && made.has(from) && !renamed.has(from)) renamed.set(from, to);
    }
    return renamed;
  }
}

function tensorProto(value: Value, content: StoredTensor) {
  const place = "bytes" in content ? { rawData: content.bytes } : {
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [["location", content.file], ["offset", content.offset], ["length", content.length]].map(
      ([key, entry]) => create(StringStringEntryProtoSchema, { key: String(key), value: String(entry) }),
    ),
  };
  return create(TensorProtoSchema, {
    name: value.name,
    dataType: DATA_TYPE[value.type],
    dims: value.shape.map((dim) => BigInt(dim)),
    ...place,
  });
}

function valueInfo(value: Value) {
  return create(ValueInfoProtoSchema, {
    name: value.name,
    type: create(TypeProtoSchema, {
      value: {
        case: "tensorType",
        value: create(TypeProto_TensorSchema, {
          elemType: DATA_TYPE[value.type],
          shape: create(TensorShapeProtoSchema, {
            dim: value.shape.map((dim) =>
              create(TensorShapeProto_DimensionSchema, {
                value: typeof dim === "number"
                  ? { case: "dimValue", value: BigInt(dim) }
                  : { case: "dimParam", value: dim },
              })
            ),
          }),
        }),
      },
    }),
  });
}

function attributeProto(name: string, attribute: Attribute) {
  if ("int" in attribute) {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(attribute.int) });
  }
  if ("float" in attribute) {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: attribute.float });
  }
  if ("ints" in attribute) {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.INTS,
      ints: attribute.ints.map(BigInt),
    });
  }
  return create(AttributeProtoSchema, {
    name,
    type: AttributeProto_AttributeType.STRING,
    s: new TextEncoder().encode(attribute.text),
  });
}
