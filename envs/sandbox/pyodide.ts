/**
 * Python of an agent, run in Pyodide (CPython as WebAssembly) in a child process without permissions.
 *
 * Contract: `execute` returns an observation for whatever the code does and never throws, unless the sandbox is
 * disposed, a step is still running, or the `call` given to it throws: that error ends the step and is thrown on.
 * Observations follow the public execute contract of app environments, Python face; output before an error is dropped.
 * Results depend on the code alone: time is frozen, randomness seeded, hashing fixed, and running time is counted in
 * fuel.
 * Choices: `memoryMiB` counts what Python takes on top of the interpreter's own 30 MiB, and `stackBytes` has no meaning
 * here. Code that a built-in runs long without asking for interrupts (a sum over a huge range) is met by the wall clock
 * alone; a guest that resists, breaks its interpreter or takes too much memory loses its process, and every later step
 * says so. Omitted: asyncio, packages.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import type { ApiCall, SkillTrace } from "../contract.ts";
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
import { PythonProcess } from "./_python_process.ts";
import {
  type ChildMessage,
  MAX_ARGUMENT_CHARACTERS,
  MAX_TRACES,
  type PythonConfig,
  type PythonEnding,
  TICKS_PER_FUEL,
} from "./_python_protocol.ts";
import { DEFAULT_LIMITS, type SandboxLimits } from "./limits.ts";
import { type Execution, type Sandbox, SandboxError, type SandboxOptions } from "./sandbox.ts";

/**
 * Silence after which a process counts as gone, ms on top of the step's own limit, and the time to read what came
 * meanwhile.
 */
const SILENCE_MS = 10_000;
const LATE_MS = 2000;

/** Requests beyond the cap after which a guest counts as resisting. */
const MAX_REFUSED = 5000;

/** How a step ended: as Python says, or by the loss of the process. */
type Ending = PythonEnding | { readonly ending: "killed" } | { readonly ending: "broken" };

/** State of one step. */
interface Step {
  readonly loading: boolean;
  readonly calls: ApiCall[];
  readonly traces: SkillTrace[];
  /** Library functions being executed: name, and calls made before. */
  readonly frames: { readonly name: string; readonly before: number }[];
  requests: number;
  fault: { readonly thrown: unknown } | undefined;
}

/**
 * One Python interpreter in a process of its own.
 *
 * @example State lives on, a failing API raises an exception
 * ```ts
 * import { PyodideSandbox } from "whetstone/envs/sandbox/pyodide.ts";
 * import assert from "node:assert/strict";
 *
 * const sandbox = await PyodideSandbox.create({
 *   call: () => ({ status: 404, body: { message: "no such note" } }),
 *   apis: { foldnote: ["get_note"] },
 *   frozenAt: "2024-05-01T09:00:00",
 *   seedKey: ["example"],
 * });
 * await sandbox.execute("id = 6 * 7");
 * assert.equal((await sandbox.execute("print(id)")).observation, "42");
 * const { observation } = await sandbox.execute("apis.foldnote.get_note(id=id)");
 * assert.match(observation, /Exception: Response status code is 404/);
 * sandbox.dispose();
 * ```
 */
export class PyodideSandbox implements Sandbox {
  /** Settles when the process of this sandbox is gone, after `dispose` or before. */
  readonly ended: Promise<void>;
  readonly #options: SandboxOptions;
  readonly #limits: SandboxLimits;
  readonly #process: PythonProcess;
  readonly #names = new Set<string>();
  #state: "ready" | "running" | "broken" | "disposed" = "ready";

  private constructor(options: SandboxOptions, limits: SandboxLimits, process: PythonProcess) {
    this.#options = options;
    this.#limits = limits;
    this.#process = process;
    this.ended = process.ended;
  }

  /**
   * Starts an interpreter: some seconds for the first of this host, then half a second each.
   *
   * @throws {SandboxError} if `frozenAt` is no date, a limit is out of range, or the process cannot be started.
   */
  static async create(options: SandboxOptions): Promise<PyodideSandbox> {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const now = Date.parse(`${options.frozenAt}Z`);
    if (Number.isNaN(now)) {
      throw new SandboxError(`Cannot make a sandbox: frozenAt must be ISO without a zone, got ${options.frozenAt}`);
    }
    if (!Number.isInteger(limits.memoryMiB) || limits.memoryMiB < 16 || limits.memoryMiB > 2048) {
      throw new SandboxError(
        `Cannot make a sandbox: memoryMiB must be an integer from 16 to 2048, got ${limits.memoryMiB}`,
      );
    }
    const process = await PythonProcess.start();
    const random = keyedRandom(...options.seedKey);
    const config: PythonConfig = {
      kind: "configure",
      apis: options.apis,
      now,
      seed: [random.uint32(), random.uint32(), random.uint32(), random.uint32()],
      ticks: limits.fuel * TICKS_PER_FUEL,
      apiCalls: limits.apiCalls,
      outputCharacters: limits.outputCharacters,
      memoryMiB: limits.memoryMiB,
      wallClockMs: limits.wallClockMs,
    };
    process.send(config);
    const message = await process.receive();
    process.hold(false);
    if (message?.kind !== "ready") {
      process.kill();
      throw new SandboxError("Cannot make a sandbox: Python did not take its settings");
    }
    return new PyodideSandbox(options, limits, process);
  }

  /**
   * Defines library functions; the named ones report when they are entered and left. API calls and output are not
   * possible.
   *
   * @returns whether the source ran without an error; when it did not, nothing of it stays defined.
   */
  async preload(source: string, names: readonly string[]): Promise<boolean> {
    for (const name of names) this.#names.add(name);
    const step = newStep(true);
    const { ending } = await this.#run({ kind: "preload", source, names }, step);
    if (step.fault !== undefined) throw step.fault.thrown;
    return ending === "ok";
  }

  /**
   * Runs one block of code.
   *
   * @throws {SandboxError} after `dispose`, or while another block is running.
   */
  async execute(code: string): Promise<Execution> {
    if (code.trim() === "") {
      this.#check();
      return { observation: EMPTY, ok: false, calls: [], traces: [] };
    }
    const step = newStep(false);
    const ending = await this.#run({ kind: "execute", code }, step);
    if (step.fault !== undefined) throw step.fault.thrown;
    leave(step, 0, "failed");
    const { calls, traces } = step;
    return { observation: this.#observation(ending), ok: ending.ending === "ok", calls, traces };
  }

  /** Ends the process; a second call does nothing. */
  dispose(): void {
    this.#state = "disposed";
    this.#process.kill();
  }

  #check(): void {
    if (this.#state === "disposed") throw new SandboxError("Cannot run code: the sandbox is disposed");
    if (this.#state === "running") {
      throw new SandboxError("Cannot run code: the sandbox is still running another block");
    }
  }

  /** Serves one command until it has ended. */
  async #run(command: Parameters<PythonProcess["send"]>[0], step: Step): Promise<Ending> {
    this.#check();
    if (this.#state === "broken") return { ending: "broken" };
    this.#state = "running";
    this.#process.hold(true);
    this.#process.send(command);
    for (;;) {
      const message = await this.#receive();
      if (message?.kind === "result") {
        if (this.#state === "running") this.#state = "ready";
        this.#process.hold(false);
        return message.result;
      }
      if (message !== undefined && this.#serve(message, step)) continue;
      if (this.#state === "running") this.#state = "broken";
      this.#process.kill();
      return { ending: message?.kind === "stopped" && message.why === "time" ? "killed" : "broken" };
    }
  }

  /** Next message. The guest's own time is kept by its supervisor; this is for a process that says nothing at all. */
  async #receive(): Promise<ChildMessage | undefined> {
    let timer = setTimeout(() => {
      // A host that was busy itself first reads what has come meanwhile.
      timer = setTimeout(() => this.#process.kill(), LATE_MS);
    }, this.#limits.wallClockMs + SILENCE_MS);
    const message = await this.#process.receive();
    clearTimeout(timer);
    return message;
  }

  /** Acts on a message within a step; false if a well-behaved process would not send it. */
  #serve(message: ChildMessage, step: Step): boolean {
    if (message.kind === "call") {
      if (step.requests > this.#limits.apiCalls + MAX_REFUSED) return false;
      const text = this.#serveCall(message.app, message.api, message.args, step);
      this.#process.send({ kind: "reply", text, stop: step.fault !== undefined });
      return true;
    }
    if (message.kind === "entered") {
      if (!this.#names.has(message.name) || step.frames.length > MAX_TRACES) return false;
      trace(step, { name: message.name, kind: "entered", apiCalls: 0 });
      step.frames.push({ name: message.name, before: step.calls.length });
      return true;
    }
    if (message.kind !== "left") return false;
    leave(step, message.index, message.failed ? "failed" : "returned");
    return true;
  }

  #serveCall(app: string, api: string, text: string, step: Step): string {
    if (step.loading) return refusal("APIs cannot be called while the library is loaded.");
    if (step.fault !== undefined) return refusal("The step has ended.");
    if (++step.requests > this.#limits.apiCalls) return refusal(callCapMessage(this.#limits.apiCalls));
    if (text === "" || text.length > MAX_ARGUMENT_CHARACTERS) {
      return refusal(`The arguments of ${app}.${api} are too long.`);
    }
    if (!Object.hasOwn(this.#options.apis, app) || !this.#options.apis[app]?.includes(api)) {
      return refusal(`There is no API named ${app}.${api}.`);
    }
    const args = parseArguments(text);
    if (args === undefined) return refusal(`The arguments of ${app}.${api} are not JSON.`);
    try {
      const { status, body } = this.#options.call(app, api, args);
      step.calls.push({ app, api, args, status });
      return `${String(status).padStart(3, "0")}${JSON.stringify(body)}`;
    } catch (thrown) {
      step.fault = { thrown };
      return refusal("The environment failed.");
    }
  }

  #observation(ending: Ending): string {
    const cap = this.#limits.outputCharacters;
    switch (ending.ending) {
      case "timeout":
      case "killed":
        return timeoutMessage(this.#limits.timeoutSeconds);
      case "broken":
        return errorMessage({
          name: "InternalError",
          message: "the interpreter has stopped",
        });
      case "syntax":
        return syntaxMessage(ending.line, ending.message);
      case "unsafe":
        return cut(unsafeMessage(ending.what, ending.names), cap + FAILURE.length * 8);
      case "error": {
        const shown = cut(ending.message, cap, ending.length);
        const text = `${FAILURE}${ending.frames}${ending.name}${ending.length === 0 ? "" : `: ${shown}`}`;
        return text.length > cap + FAILURE.length * 8 ? cut(text, cap) : text;
      }
      case "ok": {
        return ending.length === 0 ? SUCCESS : cut(ending.output, cap, ending.length);
      }
    }
  }
}

function newStep(loading: boolean): Step {
  return { loading, calls: [], traces: [], frames: [], requests: 0, fault: undefined };
}

function trace(step: Step, one: SkillTrace): void {
  if (step.traces.length < MAX_TRACES) step.traces.push(one);
}

/** Ends a library function; those that it called and that could not report an end have failed. */
function leave(step: Step, index: number, kind: "returned" | "failed"): void {
  const { frames, calls } = step;
  for (let last = frames.length - 1; last >= index; last--) {
    const frame = frames.pop();
    if (frame === undefined) return;
    trace(step, { name: frame.name, kind: last === index ? kind : "failed", apiCalls: calls.length - frame.before });
  }
}

/** Reply that Python turns into an Exception. */
function refusal(message: string): string {
  return `000${JSON.stringify(message)}`;
}

/** Arguments as an object without `__proto__` keys, which a careless merge would take for a prototype. */
function parseArguments(text: string): Json | undefined {
  try {
    const parsed = JSON.parse(text, (key, value: unknown) => key === "__proto__" ? undefined : value) as Json;
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
