/**
 * The sandbox of a language.
 *
 * Contract: what a language needs is loaded when its first sandbox is made, so that JavaScript does not pay for Python.
 *
 * @module
 */
import type { Sandbox, SandboxOptions } from "./sandbox.ts";

export type { ApiResponse, Execution, Sandbox, SandboxOptions } from "./sandbox.ts";

/** Languages that agent code may be written in. */
export const SANDBOX_LANGUAGES = ["javascript", "python"] as const;

/** One of {@linkcode SANDBOX_LANGUAGES}. */
export type SandboxLanguage = typeof SANDBOX_LANGUAGES[number];

/**
 * How to make a sandbox for code of a language.
 *
 * @example JavaScript
 * ```ts
 * import { openSandbox } from "whetstone/envs/sandbox/open_sandbox.ts";
 * import assert from "node:assert/strict";
 *
 * const sandbox = await openSandbox("javascript")({
 *   call: () => ({ status: 200, body: null }),
 *   apis: {},
 *   frozenAt: "2024-05-01T09:00:00",
 *   seedKey: ["example"],
 * });
 * assert.equal((await sandbox.execute("print(6 * 7)")).observation, "42");
 * sandbox.dispose();
 * ```
 *
 * @param language what agents write.
 * @returns a function that makes one sandbox per call; it throws a SandboxError where one cannot be made.
 */
export function openSandbox(language: SandboxLanguage): (options: SandboxOptions) => Promise<Sandbox> {
  if (language === "python") {
    return async (options) => (await import("./pyodide.ts")).PyodideSandbox.create(options);
  }
  return async (options) => (await import("./quickjs.ts")).QuickJsSandbox.create(options);
}
