/**
 * What the host and the process that runs Python say to each other.
 *
 * Contract: three parties. The host sends lines of JSON to the child's standard input, the child's supervisor answers on
 * standard output, and the supervisor passes on what its worker, where Python runs, posts. The host believes nothing of
 * what it reads: each line must open with a nonce that the worker never sees, and each message is taken apart by
 * {@linkcode parseChildMessage}.
 *
 * @module
 */

/** Longest arguments of one API call, characters of JSON. */
export const MAX_ARGUMENT_CHARACTERS = 1_000_000;

/** Longest line between the parties, bytes. */
export const MAX_LINE_BYTES = 64 * 2 ** 20;

/** Most traces kept of one step. */
export const MAX_TRACES = 2_000;

/** Interrupt checks of the interpreter for one unit of fuel: 10,000 loop turns or calls, one check per 50. */
export const TICKS_PER_FUEL = 200;

/** Words of the shared signal: a message is there, its length in bytes, the step is to end. */
export const SIGNAL = { message: 0, length: 1, interrupt: 2 } as const;

/** What the guest is set up with. */
export interface PythonConfig {
  readonly kind: "configure";
  /** API names of each app. */
  readonly apis: Readonly<Record<string, readonly string[]>>;
  /** Frozen time, ms since 1970 in UTC. */
  readonly now: number;
  /** Seeds of the random sources, four unsigned 32-bit integers. */
  readonly seed: readonly number[];
  /** Interrupt checks of one step. */
  readonly ticks: number;
  /** API calls of one step. */
  readonly apiCalls: number;
  /** Longest text that is sent, characters. */
  readonly outputCharacters: number;
  /** Memory on top of the interpreter's own, MiB. */
  readonly memoryMiB: number;
  /** Longest time of one step, ms. */
  readonly wallClockMs: number;
}

/**
 * From the host. `start` is followed by `snapshotBytes` raw bytes; 0 asks for a snapshot, after which the child ends.
 */
export type HostMessage =
  | { readonly kind: "start"; readonly nonce: string; readonly packageUrl: string; readonly snapshotBytes: number }
  | PythonConfig
  | { readonly kind: "preload"; readonly source: string; readonly names: readonly string[] }
  | { readonly kind: "execute"; readonly code: string }
  | { readonly kind: "reply"; readonly text: string; readonly stop: boolean };

/** How a piece of Python ended. */
export type PythonEnding =
  | { readonly ending: "ok"; readonly output: string; readonly length: number }
  | { readonly ending: "syntax"; readonly line: string; readonly message: string }
  | { readonly ending: "unsafe"; readonly what: "module" | "function"; readonly names: readonly string[] }
  | {
    readonly ending: "error";
    readonly frames: string;
    readonly name: string;
    readonly message: string;
    readonly length: number;
  }
  | { readonly ending: "timeout" };

/** Why the guest is gone: it resisted the time limit, took too much memory, or its interpreter broke. */
export type StopReason = "time" | "memory" | "broken";

/** From the child. `snapshot` is followed by `bytes` raw bytes. */
export type ChildMessage =
  | { readonly kind: "snapshot"; readonly bytes: number }
  | { readonly kind: "loaded" }
  | { readonly kind: "ready" }
  | { readonly kind: "call"; readonly app: string; readonly api: string; readonly args: string }
  | { readonly kind: "entered"; readonly name: string }
  | { readonly kind: "left"; readonly index: number; readonly failed: boolean }
  | { readonly kind: "result"; readonly result: PythonEnding }
  | { readonly kind: "stopped"; readonly why: StopReason; readonly detail: string };

/** What the supervisor starts its worker with. */
export interface WorkerStart {
  readonly packageUrl: string;
  readonly snapshot: Uint8Array<ArrayBuffer> | undefined;
  readonly signal: SharedArrayBuffer;
  readonly data: SharedArrayBuffer;
}

/** What the worker posts to its supervisor: messages for the host, and bytes of a snapshot. */
export type WorkerMessage =
  | Exclude<ChildMessage, { kind: "snapshot" }>
  | { readonly kind: "snapshot"; readonly snapshot: Uint8Array<ArrayBuffer> };

type Fields = Readonly<Record<string, unknown>>;

function record(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Fields : undefined;
}

function parseEnding(value: unknown): PythonEnding | undefined {
  const fields = record(value);
  if (fields === undefined) return undefined;
  const { ending, output, length, line, message, what, names, frames, name } = fields;
  const isLength = typeof length === "number" && Number.isSafeInteger(length) && length >= 0;
  if (ending === "timeout") return { ending };
  if (ending === "ok" && typeof output === "string" && isLength) return { ending, output, length };
  if (ending === "syntax" && typeof line === "string" && typeof message === "string") return { ending, line, message };
  if (ending === "unsafe" && (what === "module" || what === "function") && Array.isArray(names)) {
    return { ending, what, names: names.map(String) };
  }
  if (
    ending === "error" && typeof frames === "string" && typeof name === "string" && typeof message === "string" &&
    isLength
  ) return { ending, frames, name, message, length };
  return undefined;
}

/** Takes one message of the child apart; undefined if it is none. */
export function parseChildMessage(text: string): ChildMessage | undefined {
  let fields: Fields | undefined;
  try {
    fields = record(JSON.parse(text));
  } catch {
    return undefined;
  }
  if (fields === undefined) return undefined;
  const { kind, bytes, app, api, args, name, index, failed, result, why, detail } = fields;
  if (kind === "loaded" || kind === "ready") return { kind };
  if (kind === "snapshot" && typeof bytes === "number") return { kind, bytes };
  if (kind === "call" && typeof app === "string" && typeof api === "string" && typeof args === "string") {
    return { kind, app, api, args };
  }
  if (kind === "entered" && typeof name === "string") return { kind, name };
  if (kind === "left" && typeof index === "number" && typeof failed === "boolean") return { kind, index, failed };
  if (kind === "stopped" && (why === "time" || why === "memory" || why === "broken")) {
    return { kind, why, detail: String(detail) };
  }
  const ending = kind === "result" ? parseEnding(result) : undefined;
  return ending === undefined ? undefined : { kind: "result", result: ending };
}
