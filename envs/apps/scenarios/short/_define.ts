/**
 * From the pieces of a family to a `Scenario`.
 *
 * Contract: the program belongs to the family, the arguments to the instance; a question task gives `answer`, an action task
 * gives `intend`.
 *
 * @module
 */
import type { Json } from "../../../../data/canonical.ts";
import type { Client, Reject, Scenario, SetupContext, Split } from "../../scenario.ts";

/** What distinguishes one instance from its siblings. */
export interface Draw {
  readonly instruction: string;
  /** Values of the family's parameters, in order. */
  readonly args: readonly (string | number)[];
  /** Expected answer of a question task. */
  readonly answer?: string | number;
  /** Intended writes of an action task, in the order of a listing. */
  readonly writes?: readonly Write[];
}

/** One intended write. */
export interface Write {
  readonly app: string;
  readonly api: string;
  readonly args: Readonly<Record<string, Json>>;
}

/** A family. */
export interface Family {
  /** `generator/axis/axis/…`. */
  readonly family: string;
  readonly split: Split;
  readonly difficulty: 1 | 2 | 3;
  /** Name of the procedure, made of the axis values. */
  readonly name: string;
  readonly params: readonly string[];
  /** Lines of the program. */
  readonly lines: readonly string[];
  /** Documentation queries of each app, in order of use; its keys are the family's apps. */
  readonly lookups: Readonly<Record<string, string | readonly string[]>>;
  draw(context: SetupContext): Draw | Reject;
}

/** Scenario of a family. */
export function define(family: Family): Scenario {
  const apps = Object.keys(family.lookups);
  const solution = {
    kind: "procedure",
    name: family.name,
    params: family.params,
    body: family.lines.join("\n"),
    answers: family.lines.at(-1)?.startsWith("return ") ?? false,
    lookups: Object.entries(family.lookups).flatMap(([app, queries]) => [queries].flat().map((q) => ({ app, q }))),
  } as const;
  return {
    family: family.family,
    split: family.split,
    difficulty: family.difficulty,
    apps,
    setup(context) {
      const draw = family.draw(context);
      if ("reject" in draw) return draw;
      const { instruction, args, answer = null, writes = [] } = draw;
      return {
        instruction,
        answer,
        intend: (client: Client) => {
          for (const write of writes) client(write.app, write.api, write.args);
        },
        solution: { ...solution, args },
      };
    },
  };
}
