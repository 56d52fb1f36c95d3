/**
 * Sandboxes by the language that an agent acts in.
 *
 * @module
 */
import type { Sandbox, SandboxOptions } from "../../sandbox/sandbox.ts";
import { openSandbox } from "../../sandbox/open_sandbox.ts";
import { CallsSandbox } from "./calls_sandbox.ts";
import type { Language } from "./protocol.ts";

/**
 * Makes the place where actions of a language run.
 *
 * @param language see {@linkcode Language}.
 * @param options what it is made with.
 * @throws {SandboxError} if it cannot be made.
 */
export async function openLanguage(language: Language, options: SandboxOptions): Promise<Sandbox> {
  if (language === "calls") return new CallsSandbox(options);
  return await openSandbox(language)(options);
}
