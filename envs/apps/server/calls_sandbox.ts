/**
 * Where call-only agents act: each step is one API call (`call_text.ts`), and no code runs.
 *
 * Contract: as `sandbox.ts`. Observations are those that code printing the call's result would give: the result as JSON, indented if it
 * is long, or the failure that the call would raise.
 * Omitted: `preload`, since there are no functions; it says false.
 *
 * @module
 */
import type { Json } from "../../../data/canonical.ts";
import { DEFAULT_LIMITS } from "../../sandbox/limits.ts";
import type { Execution, Sandbox, SandboxOptions } from "../../sandbox/sandbox.ts";
import { type CallText, CallTextError, parseCallText } from "./call_text.ts";

/** First line of every failure, as the public execute contract words it. */
export const FAILED = "Execution failed. Traceback:\n";

/** JSON of at least so many characters is indented, as printing does. */
const INDENTED_FROM = 100;

function shown(value: Json): string {
  if (typeof value === "string") return value;
  const text = JSON.stringify(value);
  return text.length >= INDENTED_FROM ? JSON.stringify(value, null, 1) : text;
}

/** One call a step. */
export class CallsSandbox implements Sandbox {
  readonly #options: SandboxOptions;

  /** Serves calls through `options.call`. */
  constructor(options: SandboxOptions) {
    this.#options = options;
  }

  /** See {@linkcode Sandbox.preload}. */
  preload(): boolean {
    return false;
  }

  /** See {@linkcode Sandbox.execute}. */
  execute(code: string): Execution {
    const failed = (observation: string): Execution => ({ observation, ok: false, calls: [], traces: [] });
    if (code.trim() === "") return failed("No code available to execute.");
    let call: CallText;
    try {
      call = parseCallText(code);
    } catch (error) {
      if (!(error instanceof CallTextError)) throw error;
      return failed(`${FAILED}Syntax error in line:\n${code.trim().split("\n")[0]}\nMessage: ${error.message}`);
    }
    const { app, api, args } = call;
    const { status, body } = this.#options.call(app, api, args);
    const cap = this.#options.limits?.outputCharacters ?? DEFAULT_LIMITS.outputCharacters;
    const text = status < 400
      ? shown(body)
      : `${FAILED}Exception: Response status code is ${status}:\n${JSON.stringify(body)}`;
    return {
      observation: text.length <= cap ? text : `${text.slice(0, cap)}\n[cut ${text.length - cap} characters]`,
      ok: status < 400,
      calls: [{ app, api, args, status }],
      traces: [],
    };
  }

  /** See {@linkcode Sandbox.dispose}. */
  dispose(): void {}
}
