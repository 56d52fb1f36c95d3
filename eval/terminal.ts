/**
 * What commands share at the terminal: output, failures, interruption, progress.
 *
 * Contract: output is written in full before a function returns; a reader that went away (`whet sql … | head`) ends the process
 * quietly, as other tools do.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { Progress } from "./progress.ts";

const ENCODER = new TextEncoder();

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = ENCODER.encode(text);
  try {
    for (let written = 0; written < bytes.length;) written += stream.writeSync(bytes.subarray(written));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    throw error;
  }
}

/**
 * Prints a result on standard output: text as it is, anything else as JSON on indented lines.
 *
 * @returns 0, the exit status of a command that has done its work.
 */
export function printed(result: Json): number {
  writeAll(Deno.stdout, typeof result === "string" ? result : `${JSON.stringify(result, null, 2)}\n`);
  return 0;
}

/** Prints a line for people on standard error. */
export function say(line: string): void {
  writeAll(Deno.stderr, `${line}\n`);
}

/** What a failed command prints: one paragraph. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return `Error: ${String(error)}`;
  const text = error.message.replaceAll(/\s*\n\s*/g, " ").trim();
  if (error instanceof Deno.errors.NotCapable) {
    return `Error: ${text}. The permissions of deno.json do not allow this; to allow more, run: deno run -P --allow-write=DIR cli.ts …`;
  }
  // Errors that no boundary of ours has named are mistakes in the program, and only their stack explains them.
  const unexpected = ["Error", "TypeError", "ReferenceError", "SyntaxError"].includes(error.name);
  return `Error: ${text === "" ? error.name : text}${unexpected ? " (set WHET_DEBUG=1 to see where)" : ""}`;
}

/**
 * Prints why a command failed, with the stack if `WHET_DEBUG` is set.
 *
 * @returns 1, the exit status of a failure.
 */
export function reportFailure(error: unknown): number {
  say(failureText(error));
  if ((Deno.env.get("WHET_DEBUG") ?? "") !== "" && error instanceof Error) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) say(cause.stack ?? String(cause));
  }
  return 1;
}

/**
 * Says that a command was called in a way that means nothing, where only the command itself can tell.
 *
 * @returns 2, the exit status of wrong usage.
 */
export function usageError(text: string): number {
  say(`Error: ${text}`);
  return 2;
}

/** Signals that stop a command, and the exit status that tells. */
const STOP_SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** The user asked the command to stop. */
export class InterruptedError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "InterruptedError";

  /**
   * Names the way in which the command was stopped.
   *
   * @param status exit status that tells which signal it was.
   */
  constructor(readonly status: number) {
    super("Stopped by the user");
  }
}

/** See {@linkcode interruptible}. */
export interface Interruption {
  /** Aborts with an {@linkcode InterruptedError} at the first signal. */
  readonly signal: AbortSignal;
  /** Gives the signals back to the system. */
  release(): void;
}

/** Turns the first Ctrl-C into an abort and the second into an exit. */
export function interruptible(): Interruption {
  const controller = new AbortController();
  // Windows knows SIGINT only.
  const names = (Object.keys(STOP_SIGNALS) as (keyof typeof STOP_SIGNALS)[])
    .filter((name) => name === "SIGINT" || Deno.build.os !== "windows");
  const listeners = names.map((name) => {
    const listener = () => {
      if (controller.signal.aborted) Deno.exit(STOP_SIGNALS[name]);
      say("\nStopping; press Ctrl-C again to end at once.");
      controller.abort(new InterruptedError(STOP_SIGNALS[name]));
    };
    Deno.addSignalListener(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    release: () => listeners.forEach(({ name, listener }) => Deno.removeSignalListener(name, listener)),
  };
}

/** Exit status of a command that was stopped. */
export function stoppedStatus(signal: AbortSignal): number {
  return signal.reason instanceof InterruptedError ? signal.reason.status : STOP_SIGNALS.SIGINT;
}

/** Width of the terminal behind standard error; 80 where there is none. */
function consoleColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}

/**
 * Progress on standard error.
 *
 * @param mode `auto`: one line that is rewritten on a terminal, plain lines elsewhere; `json`: JSON lines.
 */
export function terminalProgress(mode: "auto" | "json"): Progress {
  return new Progress({
    mode: mode === "json" ? "json" : Deno.stderr.isTerminal() ? "terminal" : "lines",
    write: (text) => writeAll(Deno.stderr, text),
    columns: consoleColumns,
  });
}
