/**
 * `whet model export` and `whet model merge`: a run's weights, or a folder's, as a folder that other programs load.
 *
 * Contract: a model without an adapter becomes a Hugging Face folder, or with `onnx` one that transformers.js loads; a run that trained
 * an adapter becomes a PEFT folder that names its base, unless it is merged. Tokenizer and chat template are those of the folder that
 * the weights descend from.
 *
 * @module
 */
import type { Device } from "../agents/model/device.ts";
import { saveHfModel } from "../agents/model/hf_folder.ts";
import type { Model } from "../agents/model/model.ts";
import { savePeftAdapter } from "../agents/model/peft_folder.ts";
import type { SafetensorsType } from "../agents/model/safetensors.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { parsePolicyName } from "./policy_name.ts";
import { openTrainedRun, type RunSources } from "./trained_run.ts";

/** A model cannot be exported. */
export class ModelExportError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ModelExportError";
}

/** Options of {@linkcode exportModel}. */
export interface ExportOptions {
  /** Folder to write; it must not hold anything yet. */
  readonly out: string;
  /** Write ONNX files for transformers.js. @default {false} */
  readonly onnx?: boolean;
  /** Element type of the weights. @default {"F32"} */
  readonly dtype?: SafetensorsType | undefined;
  /** Merge an adapter into the weights under it. @default {false} */
  readonly merge?: boolean;
}

/** What was written. */
export interface Exported {
  /** Layout of the folder. */
  readonly form: "checkpoint" | "adapter" | "onnx";
  readonly path: string;
}

interface Source {
  readonly model: Model;
  readonly folder: string | undefined;
}

async function openSource(name: string, device: Device, runs: () => Promise<RunSources>): Promise<Source> {
  const parsed = parsePolicyName(name);
  if (parsed.kind === "checkpoint") {
    const { model, folder } = await openCheckpoint(device, parsed);
    return { model, folder: folder.path };
  }
  if (parsed.kind !== "run") {
    throw new ModelExportError(
      `Cannot export ${name}: it must be a run, DIR or DIR+ADAPTER, it is of the kind ${parsed.kind}`,
    );
  }
  const sources = await runs();
  const found = await openTrainedRun(parsed.run, device, sources);
  if (found === undefined) {
    throw new ModelExportError(
      `Cannot export ${name}: it must be a run with weights in ${sources.workspace}, or a folder; runs list shows the runs`,
    );
  }
  return { model: found.model, folder: found.folder?.path };
}

/**
 * Writes a folder.
 *
 * @param name a run, `DIR` or `DIR+ADAPTER`.
 * @param runs where runs are found; asked only if the name is one.
 * @throws {ModelExportError} if there are no such weights, or ONNX is asked of an adapter alone; {HfFolderError} if the folder holds
 * something or no published architecture computes what the model computes.
 */
export async function exportModel(
  name: string,
  device: Device,
  runs: () => Promise<RunSources>,
  options: ExportOptions,
): Promise<Exported> {
  const { out, onnx = false, dtype = "F32", merge = false } = options;
  if (onnx && dtype !== "F32") {
    throw new ModelExportError(`Cannot export ${name}: with --onnx weights are written as F32, got --dtype ${dtype}`);
  }
  const { model: opened, folder } = await openSource(name, device, runs);
  if (merge && opened.adapter === undefined) {
    throw new ModelExportError(`Cannot merge ${name}: it must have an adapter, it has none`);
  }
  // Other programs' ONNX files know no adapters.
  const model = opened.adapter !== undefined && (merge || onnx) ? await opened.mergeAdapter() : opened;
  const copy = folder === undefined ? {} : { copyFrom: folder };
  if (model.adapter !== undefined) {
    await savePeftAdapter(model, out, folder === undefined ? {} : { baseModel: folder });
    return { form: "adapter", path: out };
  }
  if (onnx) {
    const { exportOnnx } = await import("../agents/model/onnx_export.ts");
    await exportOnnx(model, out, copy);
    return { form: "onnx", path: out };
  }
  await saveHfModel(model, out, { dtype, ...copy });
  return { form: "checkpoint", path: out };
}
