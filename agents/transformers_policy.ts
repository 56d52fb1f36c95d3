/**
 * transformers.js: a policy over a folder with ONNX files, for quick trials, and embeddings of texts.
 *
 * Contract: the folder is read from disk, nothing is fetched. Of the package only the forward pass is used; the package's own `generate`
 * gives no log-probabilities and waits for the slowest of a batch. Tokens are drawn here, with the random numbers, the truncation and
 * the log-probabilities of any other policy, so that a turn can be compared with that of the local policy on the same weights.
 * Choices: one conversation after the other; keys and values of a conversation are kept from token to token. The package's own
 * tokenizer is used for embeddings, where no ids are recorded.
 * Omitted: training; batches; devices other than the native CPU.
 *
 * @module
 */
import type { PreTrainedModel, Tensor as TransformersTensor } from "@huggingface/transformers";
import { keyedRandom } from "../data/keyed_random.ts";
import type { Chat } from "./chat_format.ts";
import { bestToken, type DrawnToken, drawToken } from "./model/draw_token.ts";
import { checkSampling, truncates, Truncation } from "./model/truncation.ts";
import type { Conversation, ConverseOptions, Policy, ScoreOptions, Tokenizer, Turn } from "./policy.ts";

/** A folder cannot be used with transformers.js. */
export class TransformersError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "TransformersError";
}

/** Options of {@linkcode openTransformersPolicy}. */
export interface TransformersPolicyOptions {
  /** Tokenizer of the folder. */
  readonly tokenizer: Tokenizer;
  /** Chat of the folder. @default that of the tokenizer's special tokens */
  readonly chat?: Chat;
  /** Element type of the ONNX files, as their names tell: `fp32` is `model.onnx`. @default {"fp32"} */
  readonly dtype?: "fp32" | "fp16" | "q8" | "q4";
}

type Dtype = NonNullable<TransformersPolicyOptions["dtype"]>;

/** The package, told to stay away from the network. @throws {TransformersError} if the process may not load it. */
async function offline() {
  let transformers: typeof import("@huggingface/transformers");
  try {
    transformers = await import("@huggingface/transformers");
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotCapable)) throw cause;
    throw new TransformersError(
      `Cannot load transformers.js: ${cause.message}; it reads environment variables of its own, which deno.json does not allow; run: ` +
        "deno run -P --quiet --allow-env cli.ts …",
      { cause },
    );
  }
  transformers.env.allowRemoteModels = false;
  transformers.env.allowLocalModels = true;
  transformers.env.useFSCache = false;
  return transformers;
}

/** Tells the package where a folder lies; gives the name by which it finds it there. */
async function placed(folder: string, { env }: Awaited<ReturnType<typeof offline>>): Promise<string> {
  let path: string;
  try {
    path = await Deno.realPath(folder);
  } catch (cause) {
    throw new TransformersError(`Cannot open ${folder}: there must be a folder with config.json and onnx/model.onnx`, {
      cause,
    });
  }
  const cut = path.lastIndexOf("/") + 1;
  env.localModelPath = path.slice(0, cut);
  return path.slice(cut);
}

function failed(folder: string, cause: unknown): TransformersError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new TransformersError(
    `Cannot open ${folder} with transformers.js: ${message}; the folder must hold config.json and onnx/model.onnx, as whet model export ` +
      "--onnx writes them",
    { cause },
  );
}

type Forward = (inputs: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, TransformersTensor>>>;

/** Keys and values of one conversation, and its log-probabilities. */
class Decoding {
  #ids = 0;
  #past: Record<string, TransformersTensor> = {};

  constructor(readonly forward: Forward, readonly transformers: Awaited<ReturnType<typeof offline>>) {}

  /** Runs ids; gives logits [T, V] of what follows each of them. */
  async append(ids: readonly number[]): Promise<{ readonly logits: Float32Array; readonly vocabulary: number }> {
    const { Tensor, DynamicCache } = this.transformers;
    const int64 = (values: readonly number[]) =>
      new Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
    const before = this.#ids;
    this.#ids += ids.length;
    const outputs = await this.forward({
      input_ids: int64(ids),
      attention_mask: int64(Array(this.#ids).fill(1)),
      position_ids: int64(ids.map((_, t) => before + t)),
      ...(before === 0 ? {} : { past_key_values: new DynamicCache(this.#past) }),
    });
    const past: Record<string, TransformersTensor> = {};
    for (const [name, tensor] of Object.entries(outputs)) {
      if (name.startsWith("present")) past[name.replace("present", "past_key_values")] = tensor;
    }
    this.#past = past;
    const logits = outputs["logits"];
    if (!(logits?.data instanceof Float32Array)) {
      throw new TransformersError(`Cannot decode: the model must give float32 logits, got ${logits?.type ?? "none"}`);
    }
    return { logits: logits.data, vocabulary: logits.dims.at(-1) ?? 0 };
  }
}

/** Probabilities of one row of logits, [V]. */
function softmax(logits: Float32Array, start: number, count: number, temperature: number): Float32Array {
  let highest = -Infinity;
  for (let i = 0; i < count; i++) highest = Math.max(highest, logits[start + i] ?? -Infinity);
  const probabilities = new Float32Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const value = Math.exp(((logits[start + i] ?? -Infinity) - highest) / temperature);
    probabilities[i] = value;
    sum += value;
  }
  for (let i = 0; i < count; i++) probabilities[i] = (probabilities[i] ?? 0) / sum;
  return probabilities;
}

class TransformersPolicy implements Policy {
  readonly id = "transformers.js";
  readonly tokenizer: Tokenizer;
  readonly chat?: Chat;
  readonly #forward: Forward;
  readonly #transformers: Awaited<ReturnType<typeof offline>>;

  constructor(
    forward: Forward,
    transformers: Awaited<ReturnType<typeof offline>>,
    readonly contextTokens: number,
    options: TransformersPolicyOptions,
  ) {
    this.#forward = forward;
    this.#transformers = transformers;
    this.tokenizer = options.tokenizer;
    if (options.chat !== undefined) this.chat = options.chat;
  }

  async converse(conversations: readonly Conversation[], options: ConverseOptions): Promise<void> {
    checkSampling(options.sampling);
    let tokens = 0;
    for (const [index, conversation] of conversations.entries()) {
      await this.#play(conversation, options, (turn) => {
        tokens += turn.ids.length;
      });
      options.onProgress?.({ tokens, ended: index + 1 });
    }
  }

  async #play(conversation: Conversation, options: ConverseOptions, onTurn: (turn: Turn) => void): Promise<void> {
    const decoding = new Decoding(this.#forward, this.#transformers);
    let pending: readonly number[] = conversation.promptIds;
    let length = pending.length;
    for (let number = 0;; number++) {
      const drawn: DrawnToken[] = [];
      const [fullLogprobs, thresholds]: [number[], number[]] = [[], []];
      const truncation = truncates(options.sampling) ? new Truncation(options.sampling) : undefined;
      let finish: Turn["finish"] = "context";
      let stopText: string | undefined;
      while (length < this.contextTokens) {
        options.signal?.throwIfAborted();
        const { logits, vocabulary } = await decoding.append(pending);
        const { temperature } = options.sampling;
        const row = softmax(logits, (pending.length - 1) * vocabulary, vocabulary, temperature === 0 ? 1 : temperature);
        const uniform = keyedRandom(...conversation.key, number, drawn.length).uniform();
        let token: DrawnToken;
        if (temperature === 0) token = bestToken(row, 0, vocabulary);
        else if (truncation === undefined) token = drawToken(row, 0, vocabulary, uniform);
        else {
          const cut = truncation.draw(row, 0, vocabulary, uniform);
          fullLogprobs.push(cut.fullLogprob);
          thresholds.push(cut.threshold);
          token = cut;
        }
        drawn.push(token);
        pending = [token.id];
        length++;
        const { stopTexts = [] } = options;
        const said = stopTexts.length === 0 ? "" : this.tokenizer.decode(drawn.map(({ id }) => id));
        stopText = stopTexts.find((text) => said.includes(text));
        if (options.stopIds.includes(token.id) || stopText !== undefined) finish = "stop";
        else if (length >= this.contextTokens) finish = "context";
        else if (drawn.length >= options.maxTurnTokens) finish = "length";
        else continue;
        break;
      }
      const turn: Turn = {
        ids: drawn.map(({ id }) => id),
        logprobs: drawn.map(({ logprob }) => logprob),
        ...(truncation === undefined ? {} : { fullLogprobs, thresholds }),
        finish,
        ...(stopText === undefined ? {} : { stopText }),
      };
      onTurn(turn);
      const appended = await conversation.onTurn(turn);
      if (appended === null || finish === "context") return;
      pending = [...pending, ...appended];
      length += appended.length;
    }
  }

  async score(sequences: readonly (readonly number[])[], options: ScoreOptions = {}): Promise<number[][]> {
    const { temperature = 1 } = options;
    const scores: number[][] = [];
    for (const ids of sequences) {
      if (ids.length < 2) {
        scores.push(ids.map(() => 0));
        continue;
      }
      const { logits, vocabulary } = await new Decoding(this.#forward, this.#transformers).append(ids);
      scores.push(ids.map((id, t) => {
        return t === 0 ? 0 : Math.log(softmax(logits, (t - 1) * vocabulary, vocabulary, temperature)[id] ?? 0);
      }));
    }
    return scores;
  }
}

/**
 * Opens a policy over a folder.
 *
 * @param folder folder with `config.json` and `onnx/model.onnx`.
 * @throws {TransformersError} if it cannot be loaded.
 */
export async function openTransformersPolicy(folder: string, options: TransformersPolicyOptions): Promise<Policy> {
  const { dtype = "fp32" } = options;
  const transformers = await offline();
  let model: PreTrainedModel;
  try {
    model = await transformers.AutoModelForCausalLM.from_pretrained(await placed(folder, transformers), {
      dtype,
      local_files_only: true,
    });
  } catch (error) {
    if (error instanceof TransformersError) throw error;
    throw failed(folder, error);
  }
  const { max_position_embeddings } = model.config as { readonly max_position_embeddings?: number };
  const forward: Forward = (inputs) => model(inputs) as ReturnType<Forward>;
  return new TransformersPolicy(forward, transformers, max_position_embeddings ?? 2048, options);
}

/** Options of {@linkcode embedTexts}. */
export interface EmbedOptions {
  /** How the vectors of a text's tokens become one. @default what the folder says (`1_Pooling/config.json`), else {"mean"} */
  readonly pooling?: "mean" | "cls" | "last_token";
  /** Texts that are run together. @default {16} */
  readonly batch?: number;
  /** Element type of the ONNX files. @default {"fp32"} */
  readonly dtype?: Dtype;
}

/** Pooling that a folder in the layout of sentence-transformers asks for. */
async function ownPooling(folder: string): Promise<NonNullable<EmbedOptions["pooling"]>> {
  let config: Record<string, unknown>;
  try {
    config = JSON.parse(await Deno.readTextFile(`${folder}/1_Pooling/config.json`)) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "mean";
    throw failed(folder, error);
  }
  if (config["pooling_mode_lasttoken"] === true) return "last_token";
  return config["pooling_mode_cls_token"] === true ? "cls" : "mean";
}

type Extract = (
  texts: string[],
  options: { pooling: string; normalize: boolean },
) => Promise<{ readonly data: unknown; readonly dims: readonly number[] }>;

/** Loaded models by folder, pooling left out: embedding goes on through a whole evaluation. */
const extractors = new Map<string, Promise<Extract>>();

async function extractor(folder: string, dtype: Dtype): Promise<Extract> {
  const transformers = await offline();
  try {
    const extract = await transformers.pipeline("feature-extraction", await placed(folder, transformers), {
      dtype,
      local_files_only: true,
    });
    return (texts, options) => extract(texts, options as never);
  } catch (error) {
    if (error instanceof TransformersError) throw error;
    throw failed(folder, error);
  }
}

/**
 * Vectors of texts by the embedding model of a folder, each of length 1, so that an inner product is a cosine.
 *
 * @param folder folder with `config.json`, tokenizer and `onnx/model.onnx`; stays loaded.
 * @returns one vector per text, rows of [N, D].
 * @throws {TransformersError} if the folder cannot be loaded, or gives no vectors.
 */
export async function embedTexts(
  folder: string,
  texts: readonly string[],
  options: EmbedOptions = {},
): Promise<Float32Array[]> {
  const { pooling = await ownPooling(folder), batch = 16, dtype = "fp32" } = options;
  const key = `${dtype} ${folder}`;
  let loading = extractors.get(key);
  if (loading === undefined) {
    loading = extractor(folder, dtype);
    extractors.set(key, loading);
    loading.catch(() => extractors.delete(key));
  }
  const extract = await loading;
  const rows: Float32Array[] = [];
  for (let first = 0; first < texts.length; first += batch) {
    const part = texts.slice(first, first + batch);
    const { data, dims } = await extract([...part], { pooling, normalize: true });
    const width = dims.at(-1) ?? 0;
    if (!(data instanceof Float32Array) || data.length !== width * part.length) {
      throw new TransformersError(`Cannot embed with ${folder}: it must give one vector for each text, got [${dims}]`);
    }
    for (let i = 0; i < part.length; i++) rows.push(data.slice(i * width, (i + 1) * width));
  }
  return rows;
}
