/**
 * The tiny checkpoints of each family and their golden files (tests/fixtures/checkpoints/make_checkpoints.py).
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Device, openDevice, ProviderError, type ProviderKind } from "../../../agents/model/device.ts";
import { loadHfModel, openHfFolder } from "../../../agents/model/hf_folder.ts";
import type { Model } from "../../../agents/model/model.ts";

export const FIXTURES: string = fileURLToPath(new URL("../../fixtures/checkpoints", import.meta.url));
export const FAMILIES = ["llama", "llama3", "qwen2", "qwen3", "phi3"] as const;
export const TOKENIZER = { vocabularySize: 96, specials: {}, encode: (): number[] => [], decode: (): string => "" };

/** What PyTorch computed. */
export interface Golden {
  readonly sequences: readonly { readonly ids: number[]; readonly logprobs: number[]; readonly logits: number[][] }[];
}

export function readGolden(family: string): Golden {
  return JSON.parse(Deno.readTextFileSync(`${FIXTURES}/${family}/golden.json`));
}

/** A device; `undefined` for WebGPU where there is no adapter, unless WHET_REQUIRE_WEBGPU=1 asks for a failure. */
export async function open(kind: ProviderKind): Promise<Device | undefined> {
  try {
    return await openDevice(kind);
  } catch (error) {
    if (kind === "webgpu" && error instanceof ProviderError && Deno.env.get("WHET_REQUIRE_WEBGPU") !== "1") {
      return undefined;
    }
    throw error;
  }
}

export async function load(device: Device, family: string): Promise<Model> {
  return await loadHfModel(device, await openHfFolder(`${FIXTURES}/${family}`));
}

export function worstDifference(found: readonly number[], expected: readonly number[]): number {
  assert.equal(found.length, expected.length);
  return found.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]!)), 0);
}
