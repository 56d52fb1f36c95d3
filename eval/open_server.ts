/**
 * Opens the policy `openai:URL#MODEL` with what the command line and the environment say.
 *
 * Contract: the key comes from `WHET_API_KEY`, else from `OPENAI_API_KEY`, where the process may read them, and is never printed or
 * recorded. Cost is counted where prices are given.
 *
 * @module
 */
import { openServerPolicy, type ServerUsage } from "../agents/server_policy.ts";
import { checkpointText, folderText } from "./checkpoint.ts";
import type { OpenedPolicy } from "./policy_source.ts";

/** How a server is used. */
export interface ServerSettings {
  /** Folder with the served model's tokenizer; text is exchanged if left out. */
  readonly tokenizer?: string | undefined;
  /** Most requests at the same time. @default {16} */
  readonly concurrency?: number | undefined;
  /** Most requests that are begun in a minute. @default no limit */
  readonly requestsPerMinute?: number | undefined;
  /** What the server's log-probabilities are of, before temperature and truncation or after. @default {"raw"} */
  readonly logprobs?: "raw" | "processed" | undefined;
  /** Price of a million tokens of prompts and of completions, in any currency. @default no cost is told */
  readonly prices?: { readonly prompt: number; readonly completion: number } | undefined;
}

const KEY_NAMES = ["WHET_API_KEY", "OPENAI_API_KEY"] as const;

/** The server's key; undefined if there is none, or it may not be read. */
export function apiKey(): string | undefined {
  for (const variable of KEY_NAMES) {
    // Asking for a permission would stop a run that nobody watches.
    if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") continue;
    const value = Deno.env.get(variable);
    if (value !== undefined && value !== "") return value;
  }
  return undefined;
}

/** Cost of what was used, in the currency of the prices. */
export function serverCost(usage: ServerUsage, prices: NonNullable<ServerSettings["prices"]>): number {
  return (usage.promptTokens * prices.prompt + usage.completionTokens * prices.completion) / 1e6;
}

/** One line that says what was used. */
export function usageText(usage: ServerUsage, prices: ServerSettings["prices"]): string {
  const { requests, retries, promptTokens, completionTokens } = usage;
  const count = (value: number) => value.toLocaleString("en-US");
  return `Server: ${count(requests)} requests, ${count(retries)} retries, ${count(promptTokens)} prompt tokens, ` +
    `${count(completionTokens)} completion tokens` +
    (prices === undefined ? "" : `, cost ${serverCost(usage, prices).toFixed(4)}`);
}

/** Opens the policy. @throws {ServerError} if the server cannot be used. */
export async function openServer(
  { url, model }: { readonly url: string; readonly model: string },
  settings: ServerSettings = {},
): Promise<OpenedPolicy> {
  const { tokenizer, concurrency, requestsPerMinute, logprobs } = settings;
  const text = tokenizer === undefined ? undefined : await checkpointText(await folderText(tokenizer));
  const policy = await openServerPolicy(url, model, {
    apiKey: apiKey(),
    text,
    concurrency,
    requestsPerMinute,
    logprobs,
  });
  return { policy, run: null, weights: null, usage: () => policy.usage };
}
