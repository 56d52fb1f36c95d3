/**
 * Reference solutions run as functions, outside the sandbox: for gates that need thousands of runs.
 *
 * Contract: the program sees what agent code sees, and every call goes through {@linkcode AppSession.call}. A refusal is thrown into
 * the program; what it does not catch ends the run. A run is cut off after {@linkcode MOST_CALLS} calls.
 *
 * @module
 */
import { canonicalJson, contentHash, type Json } from "../../../data/canonical.ts";
import { type Changes, changesOf } from "../grade.ts";
import type { Prepared } from "../instantiate.ts";
import type { Apis, Program } from "../scenario.ts";
import type { Catalogue } from "../schema.ts";
import { AppSession, type Finish, type Reply } from "../session.ts";
import type { World } from "../world.ts";

/** Most calls of a run. */
export const MOST_CALLS = 2000;

/** One call of a run. */
export interface ProgramCall {
  readonly app: string;
  readonly api: string;
  readonly args: Readonly<Record<string, Json>>;
}

/** Answers a call. */
export type Caller = (call: ProgramCall) => Reply;

/** Changes how calls are answered; may make calls of its own. */
export type Interference = (next: Caller, run: ProgramRun) => Caller;

/** An API refused a call of a program. */
export class RefusedCallError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "RefusedCallError";
  /** Answer of the API. */
  readonly reply: Reply;

  /** @param call what was refused. @param reply the answer. */
  constructor({ app, api, args }: ProgramCall, reply: Reply) {
    super(`${app}.${api}(${JSON.stringify(args)}) was refused: ${reply.status} ${JSON.stringify(reply.body)}`);
    this.reply = reply;
  }
}

/** A run: the session that it happens in, and what it has called. */
export interface ProgramRun {
  readonly session: AppSession;
  /** Calls in order, those that were refused too. */
  readonly calls: ProgramCall[];
}

/** What a run came to. */
export interface ProgramResult {
  readonly finished: Finish | undefined;
  readonly changes: Changes;
  readonly calls: readonly ProgramCall[];
  /** Everything that was changed and answered, to the letter: equal hashes, equal ends. */
  readonly endHash: string;
  /** What ended the run, if the program did not end by itself. */
  readonly error: unknown;
}

/** All columns of all changed rows: unlike {@linkcode changesOf}, nothing is forgiven. */
function rawEnd(world: World, finished: Finish | undefined): string {
  const diff = [...world.diff()].filter(([table]) => !table.startsWith("registry.")).sort((
    [a],
    [b],
  ) => (a < b ? -1 : 1));
  const rows = diff.map(([table, changes]) => [table, changes.map(({ id, after }) => [id, after ?? null])]);
  return contentHash(canonicalJson([rows, finished === undefined ? null : { ...finished }] as unknown as Json));
}

/**
 * Runs a program in a fork of its instance's start state.
 *
 * @param prepared the instance.
 * @param program its program.
 * @param options `catalogue`: apps that can be called; `interfere`: see {@linkcode Interference}; `alter`: changes the answer.
 */
export function runProgram(
  prepared: Prepared,
  program: Program,
  options: {
    readonly catalogue?: Catalogue;
    readonly interfere?: Interference;
    readonly alter?: (answer: string | number | null | undefined) => string | number | null | undefined;
  } = {},
): ProgramResult {
  const { catalogue, interfere, alter = (answer) => answer } = options;
  const { start, user, instance } = prepared;
  const session = new AppSession(start.fork(), user, instance.instruction, catalogue);
  const calls: ProgramCall[] = [];
  const run: ProgramRun = { session, calls };
  const direct: Caller = (call) => {
    if (calls.length >= MOST_CALLS) throw new RangeError(`Cannot go on: more than ${MOST_CALLS} calls`);
    calls.push(call);
    return session.call(call.app, call.api, call.args);
  };
  const caller = interfere === undefined ? direct : interfere(direct, run);
  const ask = (app: string, api: string, args: Readonly<Record<string, Json>>): Json => {
    const call = { app, api, args };
    const reply = caller(call);
    if (reply.status >= 400) throw new RefusedCallError(call, reply);
    return reply.body;
  };
  let error: unknown;
  try {
    const answer = alter(program.solve(apisOf(ask)) as string | number | null | undefined);
    ask("principal", "finish_task", answer === undefined ? {} : { answer });
  } catch (thrown) {
    error = thrown;
  }
  if (session.fault !== undefined) throw session.fault;
  const { finished, world } = session;
  return { finished, changes: changesOf(world), calls, endHash: rawEnd(world, finished), error };
}

function apisOf(ask: (app: string, api: string, args: Readonly<Record<string, Json>>) => Json): Apis {
  const appProxy = (app: string) =>
    new Proxy({}, {
      get: (_, api) => (args: Readonly<Record<string, Json>> = {}) => ask(app, String(api), args),
    });
  return new Proxy({}, { get: (_, app) => appProxy(String(app)) });
}
