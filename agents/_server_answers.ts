/**
 * Answers of servers that speak the OpenAI protocol, and the turns that they stand for.
 *
 * Contract: pure. Servers differ in what they tell (token ids as a list, as words `token_id:17`, or not at all; log-probabilities or none)
 * and in whether the stop token is among the tokens; whatever cannot be told apart for certain is left out rather than guessed.
 *
 * @module
 */
import { z } from "zod";
import type { Tokenizer, Turn } from "./policy.ts";

const finishSchema = z.string().nullish();

const completionSchema = z.object({
  choices: z.array(z.object({
    text: z.string().nullish(),
    finish_reason: finishSchema,
    stop_reason: z.union([z.string(), z.number()]).nullish(),
    token_ids: z.array(z.int().min(0)).nullish(),
    logprobs: z.object({
      tokens: z.array(z.string()).nullish(),
      token_logprobs: z.array(z.number().nullable()).nullish(),
    }).nullish(),
    prompt_logprobs: z.array(z.record(z.string(), z.object({ logprob: z.number() })).nullable()).nullish(),
  })).min(1, "no choices"),
});

const chatSchema = z.object({
  choices: z.array(z.object({
    message: z.object({ content: z.string().nullish() }),
    finish_reason: finishSchema,
  })).min(1, "no choices"),
});

/** One completion as the server told it. */
export type Completion = z.infer<typeof completionSchema>["choices"][number];

/** Reads the answer of `/completions`. @throws {Error} if it is none, has no choice, or was broken off. */
export function readCompletion(answer: unknown): Completion {
  const [choice] = parsed(completionSchema, answer).choices;
  if (choice === undefined) throw new Error("the answer has no choices");
  checkFinish(choice.finish_reason);
  return choice;
}

/** Reads the answer of `/chat/completions`. @throws {Error} if it is none, has no choice, or was broken off. */
export function readChat(answer: unknown): { readonly text: string; readonly finish: "stop" | "length" } {
  const [choice] = parsed(chatSchema, answer).choices;
  if (choice === undefined) throw new Error("the answer has no choices");
  checkFinish(choice.finish_reason);
  return { text: choice.message.content ?? "", finish: choice.finish_reason === "length" ? "length" : "stop" };
}

function parsed<S extends z.ZodType>(schema: S, answer: unknown): z.infer<S> {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`the answer cannot be read: ${issue?.path.join(".") || "answer"}: ${issue?.message}`);
}

/** A sampler that gave up in the middle has not answered. */
function checkFinish(reason: string | null | undefined): void {
  if (reason === "abort" || reason === "error") throw new Error(`the server broke the answer off (${reason})`);
}

/** How an answer is to be read. */
export interface TurnReading {
  readonly tokenizer: Tokenizer;
  readonly stopIds: readonly number[];
  readonly stopTexts: readonly string[];
  /** Most tokens of the turn. */
  readonly maxTokens: number;
  /** Whether the server's log-probabilities are of the distribution that was sampled. */
  readonly trusted: boolean;
}

const TOKEN_ID = /^token_id:(\d+)$/;

/** Token ids that the server told; undefined if it did not. */
function toldIds({ token_ids, logprobs }: Completion): number[] | undefined {
  if (token_ids !== null && token_ids !== undefined) return [...token_ids];
  const ids = (logprobs?.tokens ?? []).map((token) => TOKEN_ID.exec(token)?.[1]);
  if (ids.length === 0 || ids.some((id) => id === undefined)) return undefined;
  return ids.map(Number);
}

/** Ids of the text, if the server's tokens are exactly these; log-probabilities then belong to them. */
function matchedIds(text: string, { logprobs }: Completion, tokenizer: Tokenizer): number[] | undefined {
  const ids = tokenizer.encode(text);
  const tokens = logprobs?.tokens ?? [];
  return ids.every((id, t) => tokenizer.decode([id]) === tokens[t]) && ids.length > 0 ? ids : undefined;
}

/** A completion as a turn. */
export function completionTurn(choice: Completion, reading: TurnReading): Turn {
  const { tokenizer, stopIds, stopTexts, maxTokens, trusted } = reading;
  const text = choice.text ?? "";
  const told = toldIds(choice);
  const matched = told === undefined ? matchedIds(text, choice, tokenizer) : undefined;
  let ids = told ?? matched ?? tokenizer.encode(text);
  const values = choice.logprobs?.token_logprobs ?? [];
  let finish: Turn["finish"] = choice.finish_reason === "length" ? "length" : "stop";
  const stopAt = ids.findIndex((id) => stopIds.includes(id));
  if (stopAt >= 0) {
    // Some servers go on for a token.
    ids = ids.slice(0, stopAt + 1);
    finish = "stop";
  }
  const stopText = stopAt < 0 ? stopTexts.find((stop) => text.includes(stop)) : undefined;
  if (finish === "stop" && stopAt < 0 && stopText === undefined) {
    // Others leave the stop token out.
    const reason = choice.stop_reason;
    const stopId = typeof reason === "number" && stopIds.includes(reason) ? reason : stopIds[0];
    if (stopId !== undefined && typeof reason !== "string") ids = [...ids, stopId];
  }
  if (ids.length > maxTokens) {
    ids = ids.slice(0, maxTokens);
    finish = "length";
  }
  const logprobs = values.slice(0, ids.length).flatMap((value) => (value === null ? [] : [value]));
  const known = trusted && (told !== undefined || matched !== undefined) && logprobs.length === ids.length &&
    logprobs.every((value) => Number.isFinite(value) && value <= 0 && value > -9999);
  return { ids, logprobs: known ? logprobs : [], finish, ...(stopText === undefined ? {} : { stopText }) };
}

/** Log-probabilities of a prompt's ids, the first one 0; undefined if the server told none. */
export function promptLogprobs(choice: Completion, ids: readonly number[]): number[] | undefined {
  const told = choice.prompt_logprobs;
  if (told?.length === ids.length) {
    const scores = ids.map((id, t) => (t === 0 ? 0 : told[t]?.[String(id)]?.logprob));
    return scores.every((score) => score !== undefined) ? scores : undefined;
  }
  const echoed = choice.logprobs?.token_logprobs?.slice(0, ids.length);
  if (echoed?.length !== ids.length) return undefined;
  const scores = echoed.map((score, t) => (t === 0 ? 0 : score));
  return scores.every((score) => score !== null) ? scores : undefined;
}
