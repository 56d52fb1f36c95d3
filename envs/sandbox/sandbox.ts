/**
 * What a sandbox is: the place where an agent's code runs, whatever its language.
 *
 * Contract: `execute` never throws for what the code does; it comes back as an observation. What the `call` given to the
 * sandbox throws ends the step and is thrown on. Guests share nothing, and a guest's clock and random numbers are those
 * given here.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import type { KeyPart } from "../../data/keyed_random.ts";
import type { ApiCall, SkillTrace } from "../contract.ts";
import type { SandboxLimits } from "./limits.ts";

/** Answer of an API. */
export interface ApiResponse {
  /** HTTP-like status; 400 and more raise an Exception in the guest. */
  readonly status: number;
  /** What the guest gets a copy of. */
  readonly body: Json;
}

/** What a sandbox is made with. */
export interface SandboxOptions {
  /** Serves API calls; what it throws ends the step and comes out of `execute`. */
  readonly call: (app: string, api: string, args: Json) => ApiResponse;
  /** API names of each app. */
  readonly apis: Readonly<Record<string, readonly string[]>>;
  /**
   * Limits that differ from the defaults.
   *
   * @default {DEFAULT_LIMITS}
   */
  readonly limits?: Partial<SandboxLimits>;
  /** Date and time that the guest sees, ISO without zone. */
  readonly frozenAt: string;
  /** Identity of the guest's random numbers. */
  readonly seedKey: readonly KeyPart[];
}

/** What a step did. */
export interface Execution {
  /** Text to show to the agent. */
  readonly observation: string;
  /** Whether the code ran without an error. */
  readonly ok: boolean;
  /** API calls that were served, in order. */
  readonly calls: readonly ApiCall[];
  /** Library functions entered, returned from and failed in, in order; the first 2,000. */
  readonly traces: readonly SkillTrace[];
}

/** Where agent code runs. */
export interface Sandbox {
  /** Defines functions; says whether the source ran without an error. When it did not, nothing of it is defined. */
  preload(source: string, names: readonly string[]): boolean | Promise<boolean>;
  /** Runs code; never throws for what the code does. */
  execute(code: string): Execution | Promise<Execution>;
  /** Frees what the guest holds. */
  dispose(): void;
}

/** A sandbox could not be made, or was used after `dispose`. */
export class SandboxError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "SandboxError";
}
