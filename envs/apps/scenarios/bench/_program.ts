/**
 * Scenarios of the benchmark: a family draws its instances, and one program solves them all.
 *
 * Contract: `solve` is a named function of (apis, pub, axis) that uses nothing else but the functions of `_toolbox.ts`; its source,
 * with the sources of those that it uses, is the reference solution that ships and runs in the sandbox. `pub` holds what the
 * instruction says, `axis` what belongs to the family. What it returns is the answer.
 *
 * @module
 */
import type { Json } from "../../../../data/canonical.ts";
import type { Apis, Client, Reject, Scenario, SetupContext, Split } from "../../scenario.ts";
import * as toolbox from "./_toolbox.ts";

/** One intended write. */
export interface Write {
  readonly app: string;
  readonly api: string;
  readonly args: Readonly<Record<string, Json>>;
}

/** Intended writes: a list, or a function where a later one needs what an earlier one gave. */
export type Writes = readonly Write[] | ((client: Client) => void);

/** What distinguishes one instance from its siblings. */
export interface BenchDraw<P> {
  /** What the user asks, in one to three plain sentences; contains every public value, no API name, at most 90 words. */
  readonly instruction: string;
  /** Values that the instruction names, as the program needs them. */
  readonly pub: P;
  /** How the instruction says a public value, where that is not its plain text. */
  readonly said?: Partial<Readonly<Record<keyof P & string, string>>>;
  /** Expected answer, if one is asked. */
  readonly answer?: string | number;
  /** Whether the answer is a list separated by commas whose order does not matter. */
  readonly unordered?: boolean;
  /** Intended writes, if something is to be done. */
  readonly writes?: Writes;
  /** Other intended writes that are as good. */
  readonly alternatives?: readonly Writes[];
}

/** A family of the benchmark. */
export interface BenchFamily<P, A extends Readonly<Record<string, Json>>> {
  /** `generator/axis`, such as `wallet_total/sent`; the part before the first slash is the generator. */
  readonly family: string;
  readonly split: Split;
  readonly difficulty: 1 | 2 | 3;
  /** Apps that the reference solution calls, the utilities left out. */
  readonly apps: readonly string[];
  /** What is fixed for all instances of the family. */
  readonly axis: A;
  draw(ctx: SetupContext): BenchDraw<P> | Reject;
  solve(apis: Apis, pub: P, axis: A): string | number | null | void;
}

const TOOLS: Readonly<Record<string, unknown>> = { ...toolbox };

/** Sources of the toolbox's functions that a source uses, directly or through each other, in alphabetical order. */
function toolSources(source: string): string[] {
  const needed = new Map<string, string>();
  const visit = (text: string) => {
    for (const [name, tool] of Object.entries(TOOLS)) {
      if (typeof tool !== "function" || needed.has(name) || !new RegExp(`\\b${name}\\(`).test(text)) continue;
      const own = String(tool);
      needed.set(name, own);
      visit(own);
    }
  };
  visit(source);
  return [...needed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
}

/** A reference solution as source: the tools, the program, and the call that finishes the task. */
export function programSource(solve: { readonly name: string }, pub: Json, axis: Json): string {
  const source = String(solve);
  if (!/^function \w+\(/.test(source)) {
    throw new TypeError(`Cannot ship ${solve.name}: a program must be a named function, got ${source.slice(0, 40)}`);
  }
  const call = `${solve.name}(apis, ${JSON.stringify(pub)}, ${JSON.stringify(axis)})`;
  return [
    ...toolSources(source),
    source,
    `const answer = ${call};`,
    "apis.principal.finish_task(answer === undefined ? {} : { answer });",
  ].join("\n");
}

function doer(writes: Writes): (client: Client) => void {
  return typeof writes === "function" ? writes : (client) => {
    for (const { app, api, args } of writes) client(app, api, args);
  };
}

/** Scenario of a family. */
export function bench<P extends Readonly<Record<string, Json>>, A extends Readonly<Record<string, Json>>>(
  family: BenchFamily<P, A>,
): Scenario {
  const { axis, solve } = family;
  return {
    family: family.family,
    split: family.split,
    difficulty: family.difficulty,
    apps: family.apps,
    setup(ctx) {
      const draw = family.draw(ctx);
      if ("reject" in draw) return draw;
      const { instruction, pub, said = {}, answer = null, unordered = false, writes = [], alternatives = [] } = draw;
      return {
        instruction,
        answer,
        unordered,
        intend: doer(writes),
        alternatives: alternatives.map(doer),
        solution: { kind: "actions", actions: [programSource(solve, pub, axis)] },
        program: {
          pub,
          said: said as Readonly<Record<string, string>>,
          solve: (apis) => solve(apis, pub, axis),
        },
      };
    },
  };
}
