/**
 * A policy behind a server that speaks the OpenAI protocol, such as vLLM, SGLang, llama.cpp or a hosted one.
 *
 * Contract: with the server's tokenizer, token-in/token-out: `/completions` gets the conversation's ids, and the ids of each turn are
 * those that the server tells. Where it tells none, the text is tokenized, and the turn has log-probabilities only if the server's
 * tokens are the same. Without a tokenizer text goes to `/chat/completions` and comes back; ids are then those of a stand-in, are never
 * sent, and turns have no log-probabilities. A turn without them has an empty list, is recorded so, and cannot be trained on.
 * Each request carries a seed made of the conversation's key and the turn's number; how far a server honours it is its own matter.
 * Choices: vLLM's log-probabilities are those before temperature and truncation (`raw_logprobs`) unless it was started otherwise, so
 * they are taken only where that is the same (temperature 1 or greedy, no truncation), or where the server is said to give `processed` ones.
 *
 * @module
 */
import { z } from "zod";
import { keyedRandom } from "../data/keyed_random.ts";
import { nearestWord } from "../data/parse_input.ts";
import { completionTurn, promptLogprobs, readChat, readCompletion } from "./_server_answers.ts";
import { type Chat, ChatFormat } from "./chat_format.ts";
import type { Conversation, ConverseOptions, Policy, Sampling, ScoreOptions, Tokenizer, Turn } from "./policy.ts";
import { ServerClient, type ServerClientOptions, ServerError, type ServerUsage } from "./server_client.ts";
import { standInTokenizer } from "./stand_in_tokenizer.ts";

export { ServerError, type ServerUsage } from "./server_client.ts";

/** Options of {@linkcode openServerPolicy}. */
export interface ServerPolicyOptions extends ServerClientOptions {
  /** Tokenizer and chat of the served model, for token-in/token-out. @default text is exchanged */
  readonly text?: { readonly tokenizer: Tokenizer; readonly chat: Chat } | undefined;
  /** Longest sequence in tokens. @default what the server says, else a million */
  readonly contextTokens?: number | undefined;
  /** What distribution the server's log-probabilities are of: before temperature and truncation, or after. @default {"raw"} */
  readonly logprobs?: "raw" | "processed" | undefined;
  /** Stops the first requests. */
  readonly signal?: AbortSignal;
}

const ROLES = { "<|user|>": "user", "<|observation|>": "user", "<|assistant|>": "assistant" } as const;
interface Message {
  readonly role: "user" | "assistant";
  readonly content: string;
}

/** Sampling options that a request states. */
function samplingFields({ temperature, topK, topP, minP }: Sampling): Record<string, number> {
  return {
    temperature,
    ...(topK === undefined || topK === 0 ? {} : { top_k: topK }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(minP === undefined || minP === 0 ? {} : { min_p: minP }),
  };
}

function truncates({ topK = 0, topP = 1, minP = 0 }: Sampling): boolean {
  return topK > 0 || topP < 1 || minP > 0;
}

/** Policy over a server; made by {@linkcode openServerPolicy}. */
export class ServerPolicy implements Policy {
  /** Name for rows. */
  readonly id: string;
  /** The server's, or a stand-in. */
  readonly tokenizer: Tokenizer;
  /** Longest sequence in tokens. */
  readonly contextTokens: number;
  /** The served model's chat, or that of the stand-in. */
  readonly chat: Chat;
  readonly #client: ServerClient;
  readonly #model: string;
  readonly #tokens: boolean;
  readonly #logprobs: "raw" | "processed";
  readonly #roles: ReadonlyMap<number, typeof ROLES[keyof typeof ROLES]>;
  /** Conversations get their turns one after the other, as from any other policy. */
  #turns: Promise<unknown> = Promise.resolve();

  /** Use {@linkcode openServerPolicy}. */
  constructor(client: ServerClient, model: string, options: Omit<ServerPolicyOptions, keyof ServerClientOptions>) {
    const { text, contextTokens = 1_000_000, logprobs = "raw" } = options;
    this.id = `${client.url}#${model}`;
    this.tokenizer = text?.tokenizer ?? standInTokenizer();
    this.chat = text?.chat ?? new ChatFormat(this.tokenizer);
    this.contextTokens = contextTokens;
    this.#client = client;
    this.#model = model;
    this.#tokens = text !== undefined;
    this.#logprobs = logprobs;
    const { specials } = this.tokenizer;
    this.#roles = new Map(Object.entries(ROLES).map(([special, role]) => [specials[special] ?? -1, role]));
  }

  /** What has been used so far. */
  get usage(): ServerUsage {
    return this.#client.usage;
  }

  /**
   * Runs conversations to their ends, as many at a time as the client's limit.
   *
   * @throws {ServerError} if the server refuses or does not answer; the signal's reason when aborted.
   */
  async converse(conversations: readonly Conversation[], options: ConverseOptions): Promise<void> {
    const failed = new AbortController();
    const signal = options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]);
    const queue = conversations.values();
    const progress = { tokens: 0, ended: 0 };
    const work = async () => {
      for (const conversation of queue) {
        await this.#play(conversation, { ...options, signal }, (turn) => {
          progress.tokens += turn.ids.length;
        });
        progress.ended++;
        options.onProgress?.({ ...progress });
      }
    };
    const workers = Array.from({ length: Math.min(this.#client.concurrency, conversations.length) }, work);
    try {
      await Promise.all(workers);
    } catch (error) {
      failed.abort(error);
      await Promise.allSettled(workers);
      throw error;
    }
  }

  async #play(conversation: Conversation, options: ConverseOptions, onTurn: (turn: Turn) => void): Promise<void> {
    let ids: readonly number[] = conversation.promptIds;
    for (let number = 0;; number++) {
      options.signal?.throwIfAborted();
      const room = this.contextTokens - ids.length;
      const seed = keyedRandom(...conversation.key, number).int(0, 2 ** 31 - 1);
      const turn: Turn = room <= 0
        ? { ids: [], logprobs: [], finish: "context" }
        : this.#tokens
        ? await this.#complete(ids, Math.min(room, options.maxTurnTokens), room, seed, options)
        : await this.#answer(ids, seed, options);
      onTurn(turn);
      const appended = await this.#inTurn(() => conversation.onTurn(turn));
      if (appended === null || turn.finish === "context") return;
      ids = [...ids, ...turn.ids, ...appended];
    }
  }

  #inTurn<T>(use: () => Promise<T>): Promise<T> {
    const result = this.#turns.then(use);
    this.#turns = result.catch(() => {});
    return result;
  }

  async #complete(
    prompt: readonly number[],
    maxTokens: number,
    room: number,
    seed: number,
    { sampling, stopIds, stopTexts = [], signal }: ConverseOptions,
  ): Promise<Turn> {
    const raw = (sampling.temperature === 0 || sampling.temperature === 1) && !truncates(sampling);
    const body = {
      model: this.#model,
      prompt,
      max_tokens: maxTokens,
      ...samplingFields(sampling),
      seed,
      stop_token_ids: stopIds,
      ...(stopTexts.length === 0 ? {} : { stop: stopTexts }),
      include_stop_str_in_output: true,
      skip_special_tokens: false,
      logprobs: 1,
      return_token_ids: true,
      return_tokens_as_token_ids: true,
    };
    const choice = await this.#client.post("/completions", body, readCompletion, signal);
    const trusted = raw || this.#logprobs === "processed";
    const turn = completionTurn(choice, { tokenizer: this.tokenizer, stopIds, stopTexts, maxTokens, trusted });
    return turn.finish === "length" && turn.ids.length >= room ? { ...turn, finish: "context" } : turn;
  }

  async #answer(
    ids: readonly number[],
    seed: number,
    { sampling, maxTurnTokens, stopIds, stopTexts = [], signal }: ConverseOptions,
  ): Promise<Turn> {
    const body = {
      model: this.#model,
      messages: this.#messages(ids),
      max_tokens: maxTurnTokens,
      ...samplingFields(sampling),
      seed,
      ...(stopTexts.length === 0 ? {} : { stop: stopTexts }),
    };
    const { text, finish } = await this.#client.post("/chat/completions", body, readChat, signal);
    return {
      ids: [...this.tokenizer.encode(text), ...finish === "stop" ? stopIds.slice(0, 1) : []],
      logprobs: [],
      finish,
    };
  }

  /** Messages that ids of the stand-in's chat stand for. */
  #messages(ids: readonly number[]): Message[] {
    const messages: { role: Message["role"]; ids: number[] }[] = [];
    for (const id of ids) {
      const role = this.#roles.get(id);
      if (role !== undefined) messages.push({ role, ids: [] });
      else messages.at(-1)?.ids.push(id);
    }
    // The last one is the answer that is asked for.
    return messages.slice(0, -1).map((message) => ({
      role: message.role,
      content: this.tokenizer.decode(message.ids),
    }));
  }

  /**
   * Log-probabilities of given ids, one request each; vLLM tells them (`prompt_logprobs`), as do servers that echo prompts.
   *
   * @throws {ServerError} if text is exchanged, the temperature is not 1, or the server does not tell them.
   */
  async score(sequences: readonly (readonly number[])[], options: ScoreOptions = {}): Promise<number[][]> {
    if (!this.#tokens) {
      throw new ServerError(`Cannot score with ${this.id}: ids need the server's tokenizer; give its folder`);
    }
    if ((options.temperature ?? 1) !== 1) {
      throw new ServerError(`Cannot score with ${this.id}: the temperature must be 1, got ${options.temperature}`);
    }
    return await Promise.all(sequences.map(async (ids) => {
      if (ids.length < 2) return ids.map(() => 0);
      const body = { model: this.#model, prompt: ids, max_tokens: 1, temperature: 1, echo: true, logprobs: 1 };
      const choice = await this.#client.post("/completions", { ...body, prompt_logprobs: 1 }, readCompletion);
      const scores = promptLogprobs(choice, ids);
      if (scores === undefined) {
        throw new ServerError(
          `Cannot score with ${this.id}: the server does not tell the log-probabilities of prompts`,
        );
      }
      return scores;
    }));
  }
}

const modelsSchema = z.object({
  data: z.array(z.object({ id: z.string(), max_model_len: z.int().positive().nullish() })),
});
const tokenizedSchema = z.object({ tokens: z.array(z.int()) });

/** Text in which tokenizers differ: capitals, digits, blanks, accents, an emoji, a line break. */
const PROBE = "Naïve tests: 3.14159  x_1 = 2**10\n\tüber 🙂 'end'";

/**
 * Opens a policy behind a server.
 *
 * What the server can be asked, is asked first: whether it serves the model, how long its sequences may be, and with a tokenizer whether
 * it tokenizes a probe in the same way. A server that does not answer these questions is taken at its word.
 *
 * @param url address before `/completions`.
 * @param model name under which the server knows the model.
 * @throws {ServerError} if the server cannot be reached, does not serve the model, or has another tokenizer.
 */
export async function openServerPolicy(
  url: string,
  model: string,
  options: ServerPolicyOptions = {},
): Promise<ServerPolicy> {
  const { signal, text } = options;
  const client = new ServerClient(url, options);
  const asked = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await ask();
    } catch (error) {
      // A refusal to answer this question; whether the server can be reached at all shows in the next one.
      if (error instanceof ServerError && error.cause === undefined) return undefined;
      throw error;
    }
  };
  const served = await asked(() =>
    client.get("/models", (answer) => modelsSchema.safeParse(answer).data?.data, signal)
  );
  const found = served?.find(({ id }) => id === model);
  if (served !== undefined && served.length > 0 && found === undefined) {
    const names = served.map(({ id }) => id);
    const nearest = nearestWord(model, names) ?? names[0];
    throw new ServerError(
      `Cannot use ${url}: it serves no model ${JSON.stringify(model)}; did you mean ${nearest}? It serves ${
        names.slice(0, 8).join(", ")
      }`,
    );
  }
  if (text !== undefined) {
    const body = { model, prompt: PROBE, add_special_tokens: false };
    const address = `${url.replace(/\/v1$/, "")}/tokenize`;
    const read = (answer: unknown) => tokenizedSchema.safeParse(answer).data?.tokens;
    const tokens = await asked(() => client.post(address, body, read, signal));
    if (tokens !== undefined && tokens.join() !== text.tokenizer.encode(PROBE).join()) {
      throw new ServerError(
        `Cannot use ${url} with this tokenizer: it must be that of ${model}; the server reads a test sentence as ${tokens.length} ` +
          `tokens beginning with ${tokens.slice(0, 5).join(", ")}, the tokenizer as ${
            text.tokenizer.encode(PROBE).slice(0, 5).join(", ")
          }`,
      );
    }
  }
  const contextTokens = options.contextTokens ?? found?.max_model_len ?? undefined;
  return new ServerPolicy(client, model, { ...options, contextTokens });
}
