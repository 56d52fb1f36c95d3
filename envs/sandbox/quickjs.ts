/**
 * JavaScript of an agent, run in QuickJS (WebAssembly) with synchronous APIs and REPL semantics.
 *
 * Contract: `execute` returns an observation for whatever the code does and never throws, unless the sandbox is disposed
 * or the `call` given to it throws: that error ends the step and is thrown on. Observations follow the public execute
 * contract of app environments, JavaScript face; output before an error is dropped. Results depend on the code alone,
 * not on the machine: time is frozen, randomness seeded, and running time is counted in fuel: turns of the interpreter,
 * and items that built-ins go through.
 * Choices: a guest that breaks its interpreter (a trap) ends there, and every later step says so. Omitted: a thread of
 * its own; no single built-in or operator runs longer than a fraction of a second without asking for interrupts, see
 * `_prelude.ts`.
 *
 * @module
 */
import type { QuickJSHandle } from "quickjs-emscripten";
import type { Json } from "../../data/canonical.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import type { ApiCall, SkillTrace } from "../contract.ts";
import { acquireInterpreter, INITIAL_MIB, type Interpreter, releaseInterpreter } from "./_instance.ts";
import {
  callCapMessage,
  cut,
  EMPTY,
  errorMessage,
  FAILURE,
  SUCCESS,
  syntaxMessage,
  timeoutMessage,
  unsafeMessage,
} from "./_messages.ts";
import { HOST_OPERATION, type PreludeConfig } from "./_prelude.ts";
import { rewrite, type Rewritten } from "./_rewrite.ts";
import { DEFAULT_LIMITS, type SandboxLimits } from "./limits.ts";
import { type Execution, type Sandbox, SandboxError, type SandboxOptions } from "./sandbox.ts";

export { type ApiResponse, type Execution, SandboxError } from "./sandbox.ts";
/** Options of {@linkcode QuickJsSandbox.create}. */
export type QuickJsSandboxOptions = SandboxOptions;

/** Longest arguments of one API call, characters of JSON. */
const MAX_ARGUMENT_CHARACTERS = 1_000_000;

/** Fuel of one API call, of one refused beyond the cap, of one print, and of entering or leaving a library function. */
const FUEL = { call: 0.2, refused: 2, print: 0.02, trace: 0.01 } as const;

/** Items or characters that built-ins go through for one unit of fuel. */
const ITEMS_PER_FUEL = 100_000;

/** Longest block of code; built-in operators on long texts do not ask for interrupts, and each takes some code. */
const MAX_SOURCE_CHARACTERS = 100_000;

/** Jobs (continuations of promises) run at a time, and the fuel of so many. */
const JOB_BATCH = 1000;
const JOB_BATCH_FUEL = 20;

/** Fuel for taking back what a failed library defined. */
const RESTORE_FUEL = 20;

/** Most traces kept of one step. */
const MAX_TRACES = 2_000;

/** State of one step. */
interface Step {
  readonly file: string;
  readonly source: string;
  readonly loading: boolean;
  readonly deadline: number;
  readonly calls: ApiCall[];
  readonly traces: SkillTrace[];
  /** Library functions being executed: name, and calls made before. */
  readonly frames: { readonly name: string; readonly before: number }[];
  output: string;
  outputLength: number;
  prints: number;
  fuel: number;
  requests: number;
  stopped: "no" | "timeout" | "fault";
  fault: unknown;
}

/** How a piece of code ended. */
type Ending =
  | { readonly kind: "ok" }
  | { readonly kind: "timeout" }
  | { readonly kind: "broken" }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "error"; readonly message: string };

/** Names of the functions that the prelude returns. */
type KitName = "configure" | "describe" | "snapshot" | "restore" | "instrument";

/**
 * One interpreter with its own memory.
 *
 * @example State lives on, a failing API raises an exception
 * ```ts
 * import { QuickJsSandbox } from "whetstone/envs/sandbox/quickjs.ts";
 * import assert from "node:assert/strict";
 *
 * const sandbox = await QuickJsSandbox.create({
 *   call: () => ({ status: 404, body: { message: "no such note" } }),
 *   apis: { foldnote: ["get_note"] },
 *   frozenAt: "2024-05-01T09:00:00",
 *   seedKey: ["example"],
 * }); sandbox.execute("const id = 6 * 7;"); assert.equal(sandbox.execute("print(id)").observation, "42");
 * assert.match(sandbox.execute("apis.foldnote.get_note({ id })").observation, /Exception: Response status code is 404/);
 * sandbox.dispose();
 * ```
 */
export class QuickJsSandbox implements Sandbox {
  readonly #options: QuickJsSandboxOptions;
  readonly #limits: SandboxLimits;
  readonly #interpreter: Interpreter;
  #state: "ready" | "broken" | "disposed" = "ready";
  #step: Step;
  #steps = 0;
  #runaway = false;

  private constructor(options: QuickJsSandboxOptions, limits: SandboxLimits, interpreter: Interpreter, now: number) {
    this.#options = options;
    this.#limits = limits;
    this.#interpreter = interpreter;
    this.#step = this.#newStep("", true);
    interpreter.owner = { serve: (handles) => this.#serve(handles), interrupted: (share) => this.#interrupted(share) };
    interpreter.runtime.setMaxStackSize(limits.stackBytes);
    const random = keyedRandom(...options.seedKey);
    const config: PreludeConfig = {
      apis: options.apis,
      now,
      seed: [random.uint32(), random.uint32(), random.uint32(), random.uint32()],
      outputCharacters: limits.outputCharacters,
    };
    this.#callKit("configure", JSON.stringify(config));
  }

  /**
   * Takes an interpreter; well under 1 ms where an idle one is there, else a few ms.
   *
   * @throws {SandboxError} if `frozenAt` is no date or a limit is out of range.
   */
  static async create(options: QuickJsSandboxOptions): Promise<QuickJsSandbox> {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const now = Date.parse(`${options.frozenAt}Z`);
    if (Number.isNaN(now)) {
      throw new SandboxError(`Cannot make a sandbox: frozenAt must be ISO without a zone, got ${options.frozenAt}`);
    }
    if (!Number.isInteger(limits.memoryMiB) || limits.memoryMiB < INITIAL_MIB || limits.memoryMiB > 2048) {
      throw new SandboxError(
        `Cannot make a sandbox: memoryMiB must be an integer from ${INITIAL_MIB} to 2048, got ${limits.memoryMiB}`,
      );
    }
    return new QuickJsSandbox(options, limits, await acquireInterpreter(limits.memoryMiB), now);
  }

  /**
   * Defines library functions; the named ones report when they are entered and left. API calls and output are not
   * possible.
   *
   * @returns whether the source ran without an error; when it did not, nothing of it stays defined.
   */
  preload(source: string, names: readonly string[]): boolean {
    if (!this.#begin(source, true)) return false;
    this.#callKit("snapshot");
    const ending = this.#run(rewrite(source));
    if (ending.kind !== "ok") this.#restore();
    else for (const name of names) this.#callKit("instrument", name);
    this.#rethrow();
    return ending.kind === "ok" && this.#state === "ready";
  }

  /**
   * Runs one block of code.
   *
   * @throws {SandboxError} after `dispose`.
   */
  execute(code: string): Execution {
    const alive = this.#begin(code, false);
    const step = this.#step;
    if (code.trim() === "") return { observation: EMPTY, ok: false, calls: [], traces: [] };
    const ending: Ending = alive ? this.#run(rewriteBlock(code)) : { kind: "broken" };
    this.#rethrow();
    this.#leave(0, "failed");
    const { calls, traces } = step;
    return { observation: this.#observation(ending), ok: ending.kind === "ok", calls, traces };
  }

  /** Gives the interpreter back; a second call does nothing. */
  dispose(): void {
    if (this.#state === "disposed") return;
    const clean = this.#state === "ready";
    this.#state = "disposed";
    if (clean) releaseInterpreter(this.#interpreter);
  }

  /** Takes back what a library defined, with fuel of its own: the step may have none left. */
  #restore(): void {
    const step = this.#step;
    const { stopped } = step;
    step.stopped = "no";
    step.fuel = RESTORE_FUEL;
    this.#callKit("restore");
    step.stopped = stopped;
  }

  #newStep(source: string, loading: boolean): Step {
    return {
      file: `step${this.#steps}`,
      source,
      loading,
      deadline: performance.now() + this.#limits.wallClockMs,
      calls: [],
      traces: [],
      frames: [],
      output: "",
      outputLength: 0,
      prints: 0,
      fuel: this.#limits.fuel,
      requests: 0,
      stopped: "no",
      fault: undefined,
    };
  }

  #begin(source: string, loading: boolean): boolean {
    if (this.#state === "disposed") throw new SandboxError("Cannot run code: the sandbox is disposed");
    this.#steps++;
    this.#step = this.#newStep(source, loading);
    return this.#state === "ready";
  }

  #rethrow(): void {
    if (this.#step.stopped === "fault") throw this.#step.fault;
  }

  #interrupted(share: number): boolean {
    this.#burn(share);
    const step = this.#step;
    if (step.stopped === "no" && performance.now() > step.deadline) step.stopped = "timeout";
    return step.stopped !== "no";
  }

  /** Returns whether the fuel is spent. */
  #burn(fuel: number): boolean {
    const step = this.#step;
    step.fuel -= fuel;
    if (step.fuel < 0 && step.stopped === "no") step.stopped = "timeout";
    return step.fuel < 0;
  }

  /** Runs scripts; a trap or an exhausted host stack breaks this sandbox and no other. */
  #run(rewritten: Rewritten): Ending {
    if (rewritten.kind === "syntax") {
      return { kind: "refused", message: syntaxMessage(rewritten.line, rewritten.message) };
    }
    if (rewritten.kind === "unsafe") {
      return { kind: "refused", message: unsafeMessage(rewritten.what, rewritten.names) };
    }
    try {
      const hoisted = rewritten.hoisted === "" ? undefined : this.#evaluate(rewritten.hoisted, false);
      return hoisted !== undefined && hoisted.kind !== "ok"
        ? hoisted
        : this.#evaluate(rewritten.main, rewritten.usesAwait);
    } catch {
      this.#state = "broken";
      return { kind: "broken" };
    }
  }

  #evaluate(script: string, usesAwait: boolean): Ending {
    const { context } = this.#interpreter;
    const evaluated = context.evalCode(script, this.#step.file);
    if (evaluated.error !== undefined) {
      using error = evaluated.error;
      return this.#describe(error);
    }
    using value = evaluated.value;
    const failed = this.#runJobs();
    if (failed !== undefined) return failed;
    if (this.#step.stopped !== "no") return { kind: "timeout" };
    // An async block, or a last expression such as main(), fails when its promise does.
    if (context.typeof(value) !== "object") return { kind: "ok" };
    const promise = context.getPromiseState(value);
    if (promise.type === "rejected") {
      using error = promise.error;
      return this.#describe(error);
    }
    if (promise.type === "pending") {
      if (!usesAwait) return { kind: "ok" };
      return { kind: "error", message: errorMessage({ name: "Error", message: "await never came to an end" }) };
    }
    if (promise.notAPromise !== true) promise.value.dispose();
    return { kind: "ok" };
  }

  /**
   * Runs continuations of promises. After a step that never came to their end, one batch a step keeps the others
   * usable.
   */
  #runJobs(): Ending | undefined {
    const { runtime } = this.#interpreter;
    while (runtime.hasPendingJob() && this.#step.stopped === "no") {
      const jobs = runtime.executePendingJobs(JOB_BATCH);
      if (jobs.error !== undefined) {
        using error = jobs.error;
        return this.#describe(error);
      }
      const spent = this.#burn(JOB_BATCH_FUEL * jobs.value / JOB_BATCH);
      if (this.#runaway) return undefined;
      this.#runaway = spent;
    }
    return undefined;
  }

  #describe(error: QuickJSHandle): Ending {
    const step = this.#step;
    if (step.stopped !== "no") return { kind: "timeout" };
    const described = this.#callKit("describe", error);
    if (step.stopped !== "no") return { kind: "timeout" };
    const parts = described?.split("\n").map((part): unknown => JSON.parse(part));
    const [name, message, stack, length] = parts ?? ["InternalError", "out of memory", "", 0];
    const shown = cut(String(message), this.#limits.outputCharacters, Number(length));
    const line = String(stack).split("\n").map((frame) => frame.match(/\(?(\w+):(\d+)(?::\d+)?\)?$/))
      .find((frame) => frame?.[1] === step.file)?.[2];
    if (name === "SyntaxError" && !String(stack).includes("(")) {
      const at = line === undefined ? "" : step.source.split("\n")[Number(line) - 1] ?? "";
      return { kind: "refused", message: syntaxMessage(at, shown) };
    }
    const number = line === undefined ? undefined : Number(line);
    const source = number === undefined ? undefined : step.source.split("\n")[number - 1];
    return { kind: "error", message: errorMessage({ name: String(name), message: shown }, number, source) };
  }

  /** Calls a function of the prelude; undefined if it could not finish. */
  #callKit(name: KitName, argument?: QuickJSHandle | string): string | undefined {
    const { context } = this.#interpreter;
    try {
      using fn = context.getProp(this.#interpreter.kit, name);
      using text = typeof argument === "string" ? context.newString(argument) : undefined;
      const given = typeof argument === "string" ? text : argument;
      const result = context.callFunction(fn, context.undefined, ...(given === undefined ? [] : [given]));
      if (result.error !== undefined) {
        result.error.dispose();
        return undefined;
      }
      using value = result.value;
      return context.typeof(value) === "string" ? context.getString(value) : "";
    } catch {
      this.#state = "broken";
      return undefined;
    }
  }

  #observation(ending: Ending): string {
    const step = this.#step;
    const cap = this.#limits.outputCharacters;
    if (ending.kind === "timeout") return timeoutMessage(this.#limits.timeoutSeconds);
    if (ending.kind === "broken") {
      return errorMessage({ name: "InternalError", message: "the interpreter has stopped" });
    }
    if (ending.kind === "refused" || ending.kind === "error") {
      return ending.message.length > cap + FAILURE.length * 8 ? cut(ending.message, cap) : ending.message;
    }
    if (step.outputLength === 0) return SUCCESS;
    return cut(step.output, cap, step.outputLength);
  }

  #trace(trace: SkillTrace): void {
    if (this.#step.traces.length < MAX_TRACES) this.#step.traces.push(trace);
  }

  /** The one function that the guest's prelude can call. */
  #serve(handles: readonly QuickJSHandle[]): QuickJSHandle {
    const { context } = this.#interpreter;
    const [operation, ...rest] = handles;
    const texts = rest.map((handle) => context.getString(handle));
    const code = operation === undefined ? -1 : context.getNumber(operation);
    return context.newString(this.#serveText(code, texts));
  }

  #serveText(operation: number, [first = "", second = "", third = ""]: readonly string[]): string {
    const step = this.#step;
    if (step.stopped !== "no") return refusal("The step has ended.");
    if (operation === HOST_OPERATION.call) return this.#serveCall(first, second, third);
    if (operation === HOST_OPERATION.work) {
      this.#burn(Number(first) / ITEMS_PER_FUEL);
      return step.stopped === "no" ? "" : refusal("The step has ended.");
    }
    this.#burn(operation === HOST_OPERATION.print ? FUEL.print : FUEL.trace);
    if (operation === HOST_OPERATION.print) this.#print(String(JSON.parse(first)), Number(second));
    else if (operation === HOST_OPERATION.entered) {
      this.#trace({ name: first, kind: "entered", apiCalls: 0 });
      return String(step.frames.push({ name: first, before: step.calls.length }) - 1);
    } else this.#leave(Number(first), operation === HOST_OPERATION.returned ? "returned" : "failed");
    return "";
  }

  /**
   * Ends a library function; those that it called and that could not report an end (stack overflow, time-out) have
   * failed.
   */
  #leave(index: number, kind: "returned" | "failed"): void {
    const { frames, calls } = this.#step;
    for (let last = frames.length - 1; last >= index; last--) {
      const frame = frames.pop();
      if (frame === undefined) return;
      this.#trace({ name: frame.name, kind: last === index ? kind : "failed", apiCalls: calls.length - frame.before });
    }
  }

  #print(text: string, length: number): void {
    const step = this.#step;
    const line = step.prints++ > 0 ? `\n${text}` : text;
    const cap = this.#limits.outputCharacters;
    if (step.output.length <= cap) step.output += line.slice(0, cap + 1 - step.output.length);
    step.outputLength += length + (line.length - text.length);
  }

  #serveCall(app: string, api: string, text: string): string {
    const step = this.#step;
    if (step.loading) return refusal("APIs cannot be called while the library is loaded.");
    const beyond = ++step.requests > this.#limits.apiCalls;
    this.#burn(beyond ? FUEL.refused : FUEL.call);
    if (beyond) return refusal(callCapMessage(this.#limits.apiCalls));
    if (text.length > MAX_ARGUMENT_CHARACTERS) return refusal(`The arguments of ${app}.${api} are too long.`);
    if (!Object.hasOwn(this.#options.apis, app) || !this.#options.apis[app]?.includes(api)) {
      return refusal(`There is no API named ${app}.${api}.`);
    }
    const args = parseArguments(text);
    try {
      const { status, body } = this.#options.call(app, api, args);
      step.calls.push({ app, api, args, status });
      return `${String(status).padStart(3, "0")}${JSON.stringify(body)}`;
    } catch (fault) {
      // A guest at the bottom of its stack leaves little of the host's.
      if (fault instanceof RangeError && fault.message.includes("call stack")) return refusal("stack overflow");
      step.stopped = "fault";
      step.fault = fault;
      return refusal("The environment failed.");
    }
  }
}

function rewriteBlock(code: string): Rewritten {
  if (code.length <= MAX_SOURCE_CHARACTERS) return rewrite(code);
  return { kind: "syntax", line: "", message: `the code is longer than ${MAX_SOURCE_CHARACTERS} characters` };
}

/** Reply that the prelude turns into an Exception. */
function refusal(message: string): string {
  return `000${JSON.stringify(message)}`;
}

/** Arguments without `__proto__` keys, which a careless merge would take for a prototype. */
function parseArguments(text: string): Json {
  if (!text.includes("__proto__") && !text.includes("\\u")) return JSON.parse(text) as Json;
  return JSON.parse(text, function (this: unknown, key: string, value: unknown) {
    return key === "__proto__" ? undefined : value;
  }) as Json;
}
