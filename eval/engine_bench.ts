/**
 * Speed of the engine beside its rivals on this machine, in one run.
 *
 * Contract: {@linkcode benchEngine} times training steps, decoding and a GRPO step of the nano shapes on native CPU, each against
 * PyTorch, Hugging Face or TRL in a Python process, repeat by repeat in turns; then memory and speed of half a billion parameters and what
 * a training step on WebGPU moves. Without such a Python it gives our figures alone and says so. Weights and prompts are random but fixed.
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { type Device, openDevice } from "../agents/model/device.ts";
import { BENCH_SHAPES, type BenchContext, decodeFigures, grpoFigure, trainFigures } from "./engine_bench_rows.ts";
import { largeFigures, trafficFigure } from "./engine_bench_large.ts";
import type { EngineFigure, EngineReport } from "./engine_figures.ts";
import { openRivals } from "./engine_rival.ts";

/** Options of {@linkcode benchEngine}. */
export interface BenchEngineOptions {
  /**
   * Python that has PyTorch, transformers and TRL.
   *
   * @default {"python3"}
   */
  python?: string;
  /**
   * Few repeats, and no model of half a billion parameters.
   *
   * @default {false}
   */
  quick?: boolean;
  /** Called with each figure as it is known. */
  onFigure?: (figure: EngineFigure) => void;
}

/** Batch sizes of the decoding rows with the ratio that each must reach. */
const DECODE_BATCHES = [{ rows: 1, bar: 2 }, { rows: 16, bar: 4 }, { rows: 64, bar: 4 }] as const;

function machineOf(device: Device, rivals: Readonly<Record<string, string>>): Record<string, string | number> {
  return { cores: availableParallelism(), device: `${device.kind}, ${device.name}`, ...device.versions, ...rivals };
}

/**
 * Measures everything.
 *
 * @param folder empty folder for weights, removed by the caller.
 * @param options see {@linkcode BenchEngineOptions}.
 */
export async function benchEngine(folder: string, options: BenchEngineOptions = {}): Promise<EngineReport> {
  const { python = "python3", quick = false, onFigure = () => {} } = options;
  const device = await openDevice("cpu");
  const opened = await openRivals(python);
  const rivals = typeof opened === "string" ? undefined : opened;
  const left: string[] = [];
  if (typeof opened === "string") {
    left.push(`${opened} Only our own figures are given; --python names a Python with torch, transformers and trl.`);
  }
  const context: BenchContext = {
    device,
    rivals,
    threads: availableParallelism(),
    folder,
    repeats: quick ? 3 : 9,
  };
  const figures: EngineFigure[] = [];
  const note = (more: readonly EngineFigure[]) => {
    for (const figure of more) {
      figures.push(figure);
      onFigure(figure);
    }
  };
  try {
    // First, because peak memory is that of the whole process.
    if (quick) left.push("The model of half a billion parameters is left out of the short form.");
    else note(await largeFigures(context));
    for (const shape of BENCH_SHAPES) note(await trainFigures(context, shape));
    for (const shape of BENCH_SHAPES) note(await decodeFigures(context, shape, DECODE_BATCHES));
    for (const shape of BENCH_SHAPES.slice(0, 1)) {
      note([await grpoFigure(context, shape)]);
      const traffic = await trafficFigure(shape);
      if (typeof traffic === "string") left.push(traffic);
      else note([traffic]);
    }
  } finally {
    await rivals?.close();
  }
  return { version: 1, machine: machineOf(device, rivals?.versions ?? {}), quick, figures, left };
}
