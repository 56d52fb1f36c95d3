/**
 * Counts the users of tensors that several models share, so that the last one frees them.
 *
 * Contract: a tensor has one user, its maker, until {@linkcode holdTensors} adds another; {@linkcode letGoTensors} takes one away.
 *
 * @module
 */
import type { DeviceTensor } from "./device.ts";

const uses = new WeakMap<DeviceTensor, number>();

/** Adds a user to each tensor. */
export function holdTensors(tensors: Iterable<DeviceTensor>): void {
  for (const tensor of tensors) uses.set(tensor, (uses.get(tensor) ?? 1) + 1);
}

/** Takes a user from each tensor and frees those that nobody uses any more. */
export function letGoTensors(tensors: Iterable<DeviceTensor>): void {
  for (const tensor of tensors) {
    const left = (uses.get(tensor) ?? 1) - 1;
    uses.set(tensor, left);
    if (left <= 0) tensor.dispose();
  }
}
