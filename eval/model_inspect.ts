/**
 * `whet model inspect`: what a checkpoint's folder holds, without loading its weights.
 *
 * Contract: pure reading; a tokenizer that is missing or cannot be used is told in the report and is no failure, since scoring needs none.
 * Memory is counted, not measured: float32 weights, keys and values of one token, and what a training step holds beside activations
 * (weights, gradients and two moments; with an adapter, weights and those three of the adapter).
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { adapterList, type AdapterSpec } from "../agents/model/adapter.ts";
import { parameterCount, parameterList } from "../agents/model/config.ts";
import { openHfFolder } from "../agents/model/hf_folder.ts";
import { openSafetensors } from "../agents/model/safetensors.ts";
import { checkpointText } from "./checkpoint.ts";

/** What `whet model inspect` prints. */
export interface InspectReport {
  readonly json: Json;
  readonly text: string;
}

/** The adapter whose memory is shown as an example. */
const EXAMPLE_ADAPTER: AdapterSpec = { rank: 16, alpha: 32, targets: ["query", "key", "value", "attention_out"] };

function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** Element types, number of files and bytes of the stored weights, as the files' own headers tell. */
async function storedWeights(path: string): Promise<{ types: string; files: number; bytes: number }> {
  using reader = await openSafetensors(path);
  const entries = [...reader.entries.values()];
  const files = new Set(entries.map((entry) => entry.path));
  let bytes = 0;
  for (const file of files) bytes += (await Deno.stat(file)).size;
  return { types: [...new Set(entries.map(({ type }) => type))].sort().join(" and "), files: files.size, bytes };
}

/** Describes a folder. @throws {HfFolderError} if it does not hold a configuration that is supported. */
export async function inspectModel(path: string): Promise<InspectReport> {
  const folder = await openHfFolder(path);
  const { config, raw, generation } = folder;
  const size = ({ shape }: { readonly shape: readonly number[] }) => shape.reduce((a, b) => a * b, 1);
  const parameters = parameterCount(config);
  const adapter = adapterList(config, EXAMPLE_ADAPTER).reduce((sum, spec) => sum + size(spec), 0);
  const { types: dtype, files, bytes } = await storedWeights(path);
  const text = await checkpointText(folder).catch((error: unknown) =>
    error instanceof Error ? error : Error(`${error}`)
  );
  const spoken = text instanceof Error ? undefined : text;
  const memory = {
    weights: 4 * parameters,
    keysAndValuesPerToken: 4 * 2 * config.layers * config.keyValueHeads * config.headSize,
    fullTraining: 16 * parameters,
    adapterTraining: 4 * parameters + 16 * adapter,
  };
  const json: Json = {
    path,
    architecture: Array.isArray(raw["architectures"]) ? String(raw["architectures"][0]) : null,
    family: config.family ?? null,
    parameters,
    tensors: parameterList(config).length,
    dtype,
    files,
    bytes,
    config: JSON.parse(JSON.stringify(config)) as Json,
    generation: JSON.parse(JSON.stringify(generation)) as Json,
    tokenizer: spoken === undefined ? null : {
      vocabulary: spoken.tokenizer.vocabularySize,
      bos: spoken.tokenizer.bosId ?? null,
      eos: spoken.tokenizer.eosId ?? null,
      chatTemplate: spoken.tokenizer.chatTemplate !== undefined,
      chat: spoken.chatKind,
    },
    tokenizerProblem: text instanceof Error ? text.message : null,
    memoryBytes: memory,
  };
  const { width, layers, heads, keyValueHeads, headSize, hidden, vocabularySize, contextTokens } = config;
  const scaling = config.ropeScaling === undefined ? "" : `, ${config.ropeScaling.kind} scaling`;
  const lines: (readonly [string, string])[] = [
    [
      "architecture",
      `${Array.isArray(raw["architectures"]) ? raw["architectures"][0] : "?"} (${config.family ?? "nano"})`,
    ],
    ["parameters", `${grouped(parameters)} in ${parameterList(config).length} tensors`],
    ["stored as", `${dtype}, ${files} ${files === 1 ? "file" : "files"}, ${bytesText(bytes)}`],
    ["shape", `${layers} layers × ${width}, feed-forward ${hidden}`],
    ["attention", `${heads} query heads, ${keyValueHeads} of keys and values, ${headSize} wide`],
    ["positions", `rotary, base ${config.ropeTheta}${scaling}; context ${grouped(contextTokens)} tokens`],
    ["vocabulary", `${grouped(vocabularySize)}, ${config.tiedHead ? "tied" : "own"} output head`],
    [
      "tokenizer",
      spoken === undefined
        ? `none that can be used: ${text instanceof Error ? text.message : ""}`
        : `${grouped(spoken.tokenizer.vocabularySize)} ids, begins with ${
          spoken.tokenizer.bosId ?? "nothing"
        }, ends with ${generation.eosIds.join(", ") || "nothing"}`,
    ],
    ["chat template", spoken?.tokenizer.chatTemplate === undefined ? "no" : "yes"],
    [
      "memory",
      `${bytesText(memory.weights)} of weights, ${
        bytesText(memory.keysAndValuesPerToken)
      } of keys and values for each token`,
    ],
    [
      "training",
      `${bytesText(memory.fullTraining)} in full, ${
        bytesText(memory.adapterTraining)
      } with LoRA of rank ${EXAMPLE_ADAPTER.rank}, ` +
      "activations not counted",
    ],
  ];
  const wide = Math.max(...lines.map(([label]) => label.length));
  return { json, text: lines.map(([label, value]) => `${label.padEnd(wide)}  ${value}\n`).join("") };
}
