/**
 * The grammar of `--policy`: what a policy is called on the command line and in the record.
 *
 *     RUN                     last weights of a recorded run
 *     reference               the tasks' own reference solutions
 *     nano                    the embedded model with fresh weights
 *     DIR, DIR+ADAPTER        a published checkpoint's folder, with a folder of adapter weights on top
 *     openai:URL#MODEL        a server that speaks the OpenAI protocol
 *     transformers:DIR        a folder that transformers.js loads
 *     scripted:FILE           completions from a file
 *
 * Contract: pure; whether a folder is there is told by a function that is passed in. A word with a slash, or one that is a folder, is a
 * folder; any other word is a run, whose existence the record decides.
 *
 * @module
 */
import { nearestWord } from "../data/parse_input.ts";

/** Name of the policy that answers with reference solutions. */
export const REFERENCE_POLICY = "reference";
/** Name of the embedded model with fresh weights. */
export const NANO_POLICY = "nano";

/** A policy's name, taken apart. */
export type PolicyName =
  | { readonly kind: "reference" }
  | { readonly kind: "nano" }
  /** A recorded run. */
  | { readonly kind: "run"; readonly run: string }
  /** A published checkpoint. */
  | { readonly kind: "checkpoint"; readonly folder: string; readonly adapter?: string }
  /** A server; `url` ends before `/completions`, without a slash. */
  | { readonly kind: "server"; readonly url: string; readonly model: string }
  | { readonly kind: "transformers"; readonly folder: string }
  | { readonly kind: "scripted"; readonly file: string };

/** A policy's name is not one. */
export class PolicyNameError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "PolicyNameError";
}

const KINDS = ["openai", "transformers", "scripted"] as const;
const FORMS = "RUN, reference, nano, DIR, DIR+ADAPTER, openai:URL#MODEL, transformers:DIR or scripted:FILE";

function refused(text: string, problem: string): PolicyNameError {
  return new PolicyNameError(`Cannot use the policy ${JSON.stringify(text)}: ${problem}`);
}

function server(text: string, rest: string): PolicyName {
  const cut = rest.indexOf("#");
  const example = "write it as openai:http://127.0.0.1:8000/v1#MODEL";
  if (cut < 0 || cut === rest.length - 1) throw refused(text, `it names no model; ${example}`);
  const url = URL.parse(rest.slice(0, cut));
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw refused(text, `${JSON.stringify(rest.slice(0, cut))} is not an http address; ${example}`);
  }
  const path = url.pathname.replace(/\/+$/, "").replace(/\/(?:chat\/)?completions$/, "");
  return { kind: "server", url: `${url.origin}${path === "" ? "/v1" : path}`, model: rest.slice(cut + 1) };
}

/** `DIR`, or `DIR+ADAPTER` where no folder has the whole name; undefined if it is neither. */
function checkpoint(text: string, isFolder: (path: string) => boolean): PolicyName | undefined {
  if (isFolder(text)) return { kind: "checkpoint", folder: text };
  let missing: string | undefined;
  for (let plus = text.indexOf("+"); plus > 0; plus = text.indexOf("+", plus + 1)) {
    const [folder, adapter] = [text.slice(0, plus), text.slice(plus + 1)];
    if (!isFolder(folder)) continue;
    if (isFolder(adapter)) return { kind: "checkpoint", folder, adapter };
    // Either folder's name may hold a plus itself.
    missing = adapter;
  }
  if (missing !== undefined) throw refused(text, `there is no folder ${JSON.stringify(missing)} with adapter weights`);
  return undefined;
}

/** Whether a path is a folder. */
export function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/**
 * Takes a policy's name apart.
 *
 * @example A server, and a checkpoint with an adapter
 * ```ts
 * import { parsePolicyName } from "whetstone/eval/policy_name.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parsePolicyName("openai:http://127.0.0.1:8000#Qwen/Qwen3-4B"), {
 *   kind: "server", url: "http://127.0.0.1:8000/v1", model: "Qwen/Qwen3-4B",
 * });
 * assert.deepEqual(parsePolicyName("base+tuned", { isFolder: (path) => path === "base" || path === "tuned" }), {
 *   kind: "checkpoint", folder: "base", adapter: "tuned",
 * });
 * ```
 *
 * @param text what was written.
 * @param options `isFolder` tells whether a path is a folder; it asks the file system if left out.
 * @throws {PolicyNameError} naming the rule that is broken and what to write instead.
 */
export function parsePolicyName(
  text: string,
  options: { readonly isFolder?: (path: string) => boolean } = {},
): PolicyName {
  const { isFolder: folderAt = isFolder } = options;
  if (text === "") throw refused(text, `write ${FORMS}`);
  if (text === REFERENCE_POLICY) return { kind: "reference" };
  if (text === NANO_POLICY) return { kind: "nano" };
  const [, prefix, rest = ""] = /^([a-z]{2,}):(.*)$/s.exec(text) ?? [];
  if (prefix !== undefined) {
    if (prefix === "openai") return server(text, rest);
    if (prefix === "http" || prefix === "https") throw refused(text, `a server is written as openai:${text}#MODEL`);
    if (prefix === "transformers" || prefix === "scripted") {
      if (rest === "") throw refused(text, `nothing follows ${prefix}:, where ${FORMS} may be written`);
      return prefix === "scripted" ? { kind: "scripted", file: rest } : { kind: "transformers", folder: rest };
    }
    const meant = nearestWord(prefix, KINDS);
    throw refused(
      text,
      `there is no kind ${prefix}:${meant === undefined ? "" : `, did you mean ${meant}:?`}; write ${FORMS}`,
    );
  }
  const found = checkpoint(text, folderAt);
  if (found !== undefined) return found;
  if (/[/\\]/.test(text)) throw refused(text, `there is no such folder; write ${FORMS}`);
  return { kind: "run", run: text };
}
