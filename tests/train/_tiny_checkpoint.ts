/**
 * The tiny checkpoints under tests/fixtures/checkpoints and what PyTorch computed for them.
 *
 * @module
 */
import type { Device } from "../../agents/model/device.ts";
import { loadHfModel, openHfFolder } from "../../agents/model/hf_folder.ts";
import type { Model } from "../../agents/model/model.ts";
import { openSafetensors } from "../../agents/model/safetensors.ts";

const FOLDER = new URL("../fixtures/checkpoints/", import.meta.url).pathname;

/** Families that have a checkpoint. */
export const FAMILIES = ["llama", "llama3", "qwen2", "qwen3", "phi3"] as const;
/** Name of one. */
export type Family = typeof FAMILIES[number];

/** Part of a `golden.json`. */
export interface Golden {
  readonly adamw: {
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay: number;
    readonly clipNorm: number;
    readonly losses: readonly number[];
    readonly gradientNorms: readonly number[];
  };
  readonly sequences: readonly { readonly ids: readonly number[]; readonly logprobs: readonly number[] }[];
}

/** Path of a file or folder among the fixtures. */
export function fixture(path: string): string {
  return `${FOLDER}${path}`;
}

/** `golden.json` of a folder. */
export async function golden(folder: string): Promise<Golden> {
  return JSON.parse(await Deno.readTextFile(fixture(`${folder}/golden.json`)));
}

/** Tensors of a family's `golden.safetensors` whose names begin with a prefix, by the rest of their names. */
export async function goldenTensors(family: Family, prefix: string): Promise<Map<string, Float32Array>> {
  using reader = await openSafetensors(fixture(`${family}/golden.safetensors`));
  const tensors = new Map<string, Float32Array>();
  for (const name of reader.entries.keys()) {
    if (name.startsWith(prefix)) tensors.set(name.slice(prefix.length), await reader.tensor(name));
  }
  return tensors;
}

/** A family's checkpoint on a device. */
export async function tinyCheckpoint(device: Device, family: Family): Promise<Model> {
  return await loadHfModel(device, await openHfFolder(fixture(family)));
}
