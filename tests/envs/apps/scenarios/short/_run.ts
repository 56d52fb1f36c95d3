/**
 * Runs reference solutions against instances without a sandbox, with an optional change to every call.
 *
 * @module
 */
import type { Json } from "../../../../../data/canonical.ts";
import type { Evaluation, Procedure, ProcedureSolution } from "../../../../../envs/contract.ts";
import { changesOf, grade } from "../../../../../envs/apps/grade.ts";
import { instantiate, type Prepared } from "../../../../../envs/apps/instantiate.ts";
import type { Scenario } from "../../../../../envs/apps/scenario.ts";
import { AppSession } from "../../../../../envs/apps/session.ts";
import type { BaseWorld } from "../../../../../envs/apps/world.ts";

/** A call on its way: may be changed, answered in another way, or left to go on. */
export type Mutation = (
  app: string,
  api: string,
  args: Readonly<Record<string, Json>>,
  go: (args: Readonly<Record<string, Json>>) => Json,
) => Json;

/** What came of a run. */
export interface Run {
  readonly evaluation: Evaluation;
  readonly answer: null | string | number;
  readonly error: string;
  /** Calls as `app.api`. */
  readonly calls: readonly string[];
}

/** Reference solution of an instance of the short suite, which is a procedure always. */
export function procedureOf({ instance: { solution } }: Prepared): ProcedureSolution {
  if (solution.kind !== "procedure") throw new TypeError("The solution of a short scenario is a procedure");
  return solution;
}

/** Variants `first` to `last` of a scenario. */
export function instances(base: BaseWorld, scenario: Scenario, first: number, last: number): Prepared[] {
  const made: Prepared[] = [];
  for (let variant = first; variant <= last; variant++) {
    made.push(instantiate(base, scenario, variant, variant <= 3 ? made : []));
  }
  return made;
}

/** Runs a solution; `answer` changes what is given to `finish_task`. */
export function run(
  prepared: Prepared,
  solution: Procedure,
  mutate: Mutation = (_app, _api, args, go) => go(args),
  answer: (value: null | string | number) => null | string | number = (value) => value,
): Run {
  const session = new AppSession(prepared.start.fork(), prepared.user, prepared.instance.instruction);
  const calls: string[] = [];
  const plain = (app: string, api: string, args: Json): Json => {
    calls.push(`${app}.${api}`);
    const { status, body } = session.call(app, api, args);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return JSON.parse(JSON.stringify(body));
  };
  const apis = new Proxy({}, {
    get: (_apps, app: string) =>
      new Proxy({}, {
        get: (_apis, api: string) => (args: Readonly<Record<string, Json>> = {}) =>
          mutate(app, api, args, (changed) => plain(app, api, changed)),
      }),
  });
  let value: null | string | number = null;
  let error = "";
  try {
    const program = new Function("apis", ...solution.params, solution.body);
    const returned = program(apis, ...solution.args);
    if (solution.answers) value = JSON.parse(JSON.stringify(returned));
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown);
  }
  value = answer(value);
  session.call("principal", "finish_task", value === null ? {} : { answer: value });
  const evaluation = grade(prepared.expectation, { finished: session.finished, changes: changesOf(session.world) });
  return { evaluation, answer: value, error, calls };
}
