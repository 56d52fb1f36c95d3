/**
 * Adapters in the folder layout of PEFT: `adapter_config.json` and `adapter_model.safetensors`.
 *
 * Contract: an adapter that is written loads in Python's peft with equal log-probabilities, and the other way round. Matrices are
 * [rank, in] and [out, rank] there, [in, rank] and [rank, out] here.
 * Choices where one rank and one scale of ours must stand for PEFT's per-module ones: ranks are filled up with zeros, which stay zero in
 * training, a differing scale (`alpha_pattern`, `use_rslora`) moves into B, and a projection that only some blocks adapt is zero in
 * the others. Phi-3's fused projections (`qkv_proj`, `gate_up_proj`) are split on reading: each part gets a copy of the shared A and its own
 * rows of B. On writing, the parts become one adapter of as many times the rank, whose B has one block per part and is zero elsewhere;
 * a B of that form is taken apart again on reading, so that ranks do not grow from file to file.
 * Omitted, with an error that names the field: DoRA, biases, saved whole modules, adapters of embedding or head, other LoRA variants.
 * Dropout is not read, because it has no part in what an adapter computes once trained.
 *
 * @module
 */
import { z } from "zod";
import { AdapterError, adapterList, type AdapterSpec, PROJECTIONS } from "./adapter.ts";
import type { ModelConfig } from "./config.ts";
import type { Device } from "./device.ts";
import type { Model } from "./model.ts";
import { fuseAdapters, modulesOf, type PartAdapter, splitAdapter, transposed } from "./_peft_modules.ts";
import { openSafetensors, type SafetensorsReader } from "./safetensors.ts";
import { type FileTensor, writeTensorFile } from "./tensor_file.ts";

/** A folder does not hold an adapter that can be used here. */
export class PeftFolderError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "PeftFolderError";
}

/** Options of {@linkcode savePeftAdapter}. */
export interface SavePeftOptions {
  /**
   * Name or path of the model under the adapter, for those who load it.
   *
   * @default {""}
   */
  baseModel?: string;
}

const CONFIG_FILE = "adapter_config.json";
const WEIGHTS_FILE = "adapter_model.safetensors";
/** Fields that must be absent, null, false, or empty, because they change what the adapter computes. */
const UNSUPPORTED_FIELDS = [
  "use_dora",
  "use_qalora",
  "use_bdlora",
  "fan_in_fan_out",
  "lora_bias",
  "modules_to_save",
  "layer_replication",
  "trainable_token_indices",
  "target_parameters",
  "alora_invocation_tokens",
  "arrow_config",
  "kasa_config",
  "monteclora_config",
  "velora_config",
] as const;
const TENSOR_NAME = /^base_model\.model\.model\.layers\.(\d+)\.((?:self_attn|mlp)\.\w+)\.lora_([AB])\.weight$/;

const configSchema = z.looseObject({
  peft_type: z.literal("LORA"),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  bias: z.literal("none").optional(),
  use_rslora: z.boolean().nullish(),
  alpha_pattern: z.record(z.string(), z.number().positive()).nullish(),
});
type PeftConfig = z.infer<typeof configSchema>;

/**
 * Writes a model's adapter as a PEFT folder; each file appears whole or not at all.
 *
 * @throws {AdapterError} if the model has no adapter.
 */
export async function savePeftAdapter(model: Model, path: string, options: SavePeftOptions = {}): Promise<void> {
  const { baseModel = "" } = options;
  const { config, adapter } = model;
  if (adapter === undefined) {
    throw new AdapterError(`Cannot write ${path}: the model must have an adapter, it has none`);
  }
  const { rank, alpha, targets } = adapter.spec;
  const values = await model.trainableValues();
  const tensors = new Map<string, FileTensor>();
  const [targetModules, ranks, alphas]: [string[], Record<string, number>, Record<string, number>] = [[], {}, {}];
  for (const [module, { parts }] of modulesOf(config)) {
    const own = parts.filter(({ projection }) => targets.includes(projection));
    if (own.length === 0) continue;
    const name = module.slice(module.indexOf(".") + 1);
    targetModules.push(name);
    if (own.length > 1) [ranks[name], alphas[name]] = [own.length * rank, own.length * alpha];
    for (let layer = 0; layer < config.layers; layer++) {
      const prefix = `base_model.model.model.layers.${layer}.${module}`;
      const { down, up } = fuseAdapters(parts, own, rank, (projection, side) => {
        return values.get(`blocks.${layer}.${projection}.lora_${side}`) ?? new Float32Array();
      });
      tensors.set(`${prefix}.lora_A.weight`, down);
      tensors.set(`${prefix}.lora_B.weight`, up);
    }
  }
  // `format` is what Python's readers ask for before they open a file.
  const metadata = { format: "pt" };
  const fields = {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: baseModel,
    inference_mode: true,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: 0,
    target_modules: targetModules,
    rank_pattern: ranks,
    alpha_pattern: alphas,
    bias: "none",
    fan_in_fan_out: false,
    init_lora_weights: true,
    modules_to_save: null,
    use_dora: false,
    use_rslora: false,
  };
  await Deno.mkdir(path, { recursive: true });
  await writeTensorFile(`${path}/${WEIGHTS_FILE}`, { metadata, tensors });
  await Deno.writeTextFile(`${path}/${CONFIG_FILE}.tmp`, `${JSON.stringify(fields, null, 2)}\n`);
  await Deno.rename(`${path}/${CONFIG_FILE}.tmp`, `${path}/${CONFIG_FILE}`);
}

/** An adapter of one projection of one block, at its own scale. */
interface LayerAdapter extends PartAdapter {
  /** Factor of its share. */
  readonly scale: number;
}

/**
 * A model that shares another's weights and has the adapter of a PEFT folder.
 *
 * @param device where the model is.
 * @param model the model under the adapter, which stays as it is.
 * @throws {PeftFolderError} if a file is missing or damaged, or the adapter is of a kind or shape that the model cannot have.
 */
export async function loadPeftAdapter(device: Device, model: Model, path: string): Promise<Model> {
  if (device !== model.device) throw new PeftFolderError(`Cannot load ${path}: the model must be on the given device`);
  const config = await readConfig(`${path}/${CONFIG_FILE}`);
  const found = await readAdapters(`${path}/${WEIGHTS_FILE}`, config, model.config);
  const [widest] = [...found.values()].toSorted((a, b) => b.rank - a.rank);
  if (widest === undefined) {
    throw new PeftFolderError(`Cannot load ${path}: ${WEIGHTS_FILE} must hold an adapter, it is empty`);
  }
  const used = new Set([...found.keys()].map((name) => name.slice(name.lastIndexOf(".") + 1)));
  const spec: AdapterSpec = {
    rank: widest.rank,
    // Twelve digits, so that 3 · 5 / 9 · 3 is 5 again.
    alpha: Number((widest.scale * widest.rank).toPrecision(12)),
    targets: PROJECTIONS.filter((name) => used.has(name)),
  };
  return model.withAdapterValues(spec, unifiedValues(model.config, spec, found));
}

async function readConfig(path: string): Promise<PeftConfig> {
  let raw: unknown;
  try {
    raw = JSON.parse(await Deno.readTextFile(path));
  } catch (cause) {
    throw new PeftFolderError(`Cannot read ${path}: it must be a JSON file that PEFT wrote`, { cause });
  }
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) throw new PeftFolderError(`Cannot use ${path}: ${z.prettifyError(parsed.error)}`);
  for (const field of UNSUPPORTED_FIELDS) {
    const value = parsed.data[field];
    const empty = value === undefined || value === null || value === false ||
      Array.isArray(value) && value.length === 0;
    if (empty) continue;
    throw new PeftFolderError(
      `Cannot use ${path}: ${field} is ${
        JSON.stringify(value)
      }, supported is plain LoRA without it; merge the adapter into its model in Python instead`,
    );
  }
  return parsed.data;
}

/** alpha of a module: that of the first pattern which its name ends with (PEFT's rule), else the configuration's. */
function alphaOf(config: PeftConfig, module: string): number {
  const entry = Object.entries(config.alpha_pattern ?? {}).find(([pattern]) => {
    return new RegExp(pattern.startsWith("^") ? pattern : `^(.*\\.)?(${pattern})$`).test(module);
  });
  return entry?.[1] ?? config.lora_alpha;
}

/** Adapters in a file by projection, `blocks.<l>.<projection>`. */
async function readAdapters(path: string, peft: PeftConfig, config: ModelConfig): Promise<Map<string, LayerAdapter>> {
  const modules = modulesOf(config);
  const found = new Map<string, LayerAdapter>();
  const fail = (name: string, rule: string): never => {
    throw new PeftFolderError(`Cannot use tensor ${name} of ${path}: ${rule}`);
  };
  using reader = await openWeights(path);
  for (const [name, { shape }] of reader.entries) {
    const [, layerText = "", module = "", side] = TENSOR_NAME.exec(name) ?? [];
    const { parts, rows } = modules.get(module) ??
      fail(name, `the model has adapters of ${[...modules.keys()].join(", ")} in its blocks only`);
    const layer = Number(layerText);
    if (layer >= config.layers) fail(name, `the model has ${config.layers} blocks`);
    const other = name.replace(/lora_[AB]/, side === "A" ? "lora_B" : "lora_A");
    const down = reader.entries.get(other) ?? fail(name, `the file must hold ${other} too`);
    if (side === "A") continue;
    const width = parts.reduce((sum, { columns }) => sum + columns, 0);
    const [rank = 0] = down.shape;
    if (`${down.shape}` !== `${[rank, rows]}`) {
      fail(other, `its shape must be [rank, ${rows}], got [${down.shape.join(", ")}]`);
    }
    if (`${shape}` !== `${[width, rank]}`) {
      fail(name, `its shape must be [${width}, ${rank}], got [${shape.join(", ")}]`);
    }
    const scale = alphaOf(peft, `model.layers.${layer}.${module}`) / (peft.use_rslora ? Math.sqrt(rank) : rank);
    const a = transposed(await reader.tensor(other), rank, rows);
    const b = transposed(await reader.tensor(name), width, rank);
    for (const [projection, adapter] of splitAdapter(parts, a, b, rank)) {
      found.set(`blocks.${layer}.${projection}`, { ...adapter, scale });
    }
  }
  return found;
}

async function openWeights(path: string): Promise<SafetensorsReader> {
  try {
    return await openSafetensors(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PeftFolderError(`Cannot read an adapter's weights: ${reason}`, { cause });
  }
}

/** An adapter's parameters at one rank and scale; what the file does not have is zero. */
function unifiedValues(
  config: ModelConfig,
  spec: AdapterSpec,
  found: ReadonlyMap<string, LayerAdapter>,
): Map<string, Float32Array> {
  return new Map(
    adapterList(config, spec).map(({ name, shape: [rows = 0, columns = 0] }) => {
      const values = new Float32Array(rows * columns);
      const own = found.get(name.slice(0, name.lastIndexOf(".")));
      if (own === undefined) return [name, values];
      if (name.endsWith(".lora_a")) {
        for (let i = 0; i < rows; i++) {
          values.set(own.down.subarray(i * own.rank, (i + 1) * own.rank), i * columns);
        }
      } else {
        const ratio = own.scale * spec.rank / spec.alpha;
        // Ratios that only rounding keeps from 1 would change the bits of an adapter that is read back.
        const factor = Math.abs(ratio - 1) < 1e-9 ? 1 : ratio;
        for (let i = 0; i < own.up.length; i++) values[i] = (own.up[i] ?? 0) * factor;
      }
      return [name, values];
    }),
  );
}
