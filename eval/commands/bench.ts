/**
 * `whet bench …`
 *
 * @module
 */
import { object, or } from "@optique/core/constructs";
import { commandLine, message } from "@optique/core/message";
import { withDefault } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { command, constant, option } from "@optique/core/primitives";
import { integer, string } from "@optique/core/valueparser";
import type { BenchFigure } from "../record_bench.ts";
import { printed, say } from "../terminal.ts";
import { json, prose } from "./_shared.ts";

/** `whet bench` */
export const benchCommand = command(
  "bench",
  or(
    command(
      "record",
      object({
        command: constant("bench record"),
        rollouts: withDefault(
          option("--rollouts", integer({ metavar: "N", min: 1000 }), {
            description: message`Rollouts that views are timed on, with ten events each.`,
          }),
          50_000,
        ),
        json,
      }),
      {
        brief: message`Measure speed and size of the record, each beside its limit.`,
        description:
          prose`Measure rows and durable episodes per second, what recording adds to a training step, the time of every view and the size of the
          file on synthetic rows, each beside its limit. The exit status is 1 if a limit is not kept.`,
        footer: message`Example: ${commandLine("whet bench record --rollouts 1000000")}`,
      },
    ),
    command(
      "engine",
      object({
        command: constant("bench engine"),
        python: withDefault(
          option("--python", string({ metavar: "PYTHON" }), {
            description: message`Python with torch, transformers and trl, which ours is compared with.`,
          }),
          "python3",
        ),
        quick: option("--quick", {
          description: message`Few repeats, and no model of half a billion parameters.`,
        }),
        json,
      }),
      {
        brief: message`Measure training and decoding beside PyTorch, Hugging Face and TRL.`,
        description:
          prose`Measure training steps, decoding and a GRPO step on this machine's CPU beside PyTorch, Hugging Face generate and TRL in the same
          run, the memory that half a billion parameters need, and what a training step on WebGPU moves between host and GPU. Without a
          Python that has them only our own figures are given. The exit status is 1 if a bar is not reached.`,
        footer: message`Example: ${commandLine("whet bench engine --quick")}`,
      },
    ),
    command(
      "apps",
      object({
        command: constant("bench apps"),
        episodes: withDefault(
          option("--episodes", integer({ metavar: "N", min: 10 }), {
            description: message`Episodes that each rate is the median of.`,
          }),
          1000,
        ),
        json,
      }),
      {
        brief: message`Measure the apps environment, each figure beside its limit.`,
        description:
          prose`Measure a fork with reads, writes and its diff, scripted episodes with and without the sandbox, building the world cold and
          from the cache, and the memory of a thousand open worlds, each beside its limit. The exit status is 1 if a limit is not kept.`,
        footer: message`Example: ${commandLine("whet bench apps")}`,
      },
    ),
  ),
  { brief: message`Measure this machine.`, description: message`Measure this machine.` },
);

/** Calls with a folder under results/ that is removed afterwards. */
async function withBenchFolder<T>(name: string, use: (folder: string) => Promise<T>): Promise<T> {
  await Deno.mkdir("results", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: "results", prefix: `bench_${name}_` });
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs `whet bench …`. */
export async function runBench(invocation: InferValue<typeof benchCommand>): Promise<number> {
  if (invocation.command === "bench record") return await runBenchRecord(invocation);
  if (invocation.command === "bench apps") return await runBenchApps(invocation);
  const { python, quick, json } = invocation;
  const { benchEngine } = await import("../engine_bench.ts");
  const { formatEngineFigure, formatEngineReport } = await import("../engine_figures.ts");
  const report = await withBenchFolder("engine", (folder) => {
    return benchEngine(folder, { python, quick, onFigure: (figure) => say(formatEngineFigure(figure)) });
  });
  printed(json ? `${JSON.stringify(report, null, 2)}\n` : formatEngineReport(report));
  return report.figures.some(({ met }) => met === false) ? 1 : 0;
}

/** Shows figures as they come, and all of them at the end for programs. */
async function shownFigures(
  json: boolean,
  measure: (onFigure: (figure: BenchFigure) => void) => Promise<readonly BenchFigure[]>,
): Promise<number> {
  const { formatFigure } = await import("../record_bench.ts");
  const figures = await measure((figure) => {
    if (!json) printed(`${formatFigure(figure)}\n`);
  });
  if (json) printed(figures.map((figure) => ({ ...figure, limit: figure.limit ?? null })));
  return figures.every((figure) => figure.holds) ? 0 : 1;
}

async function runBenchApps(
  { episodes, json }: { readonly episodes: number; readonly json: boolean },
): Promise<number> {
  const { benchApps } = await import("../apps_bench.ts");
  return await withBenchFolder(
    "apps",
    (folder) => shownFigures(json, (onFigure) => benchApps(folder, { episodes, onFigure })),
  );
}

async function runBenchRecord(
  { rollouts, json }: { readonly rollouts: number; readonly json: boolean },
): Promise<number> {
  const { benchRecord } = await import("../record_bench.ts");
  return await withBenchFolder(
    "record",
    (folder) => shownFigures(json, (onFigure) => benchRecord(folder, { rollouts, onFigure })),
  );
}
