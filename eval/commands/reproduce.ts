/**
 * `whet reproduce` and `whet doctor`.
 *
 * @module
 */
import { object } from "@optique/core/constructs";
import { commandLine, message } from "@optique/core/message";
import type { InferValue } from "@optique/core/parser";
import { optional } from "@optique/core/modifiers";
import { argument, command, constant, option } from "@optique/core/primitives";
import { choice, string } from "@optique/core/valueparser";
import { printed, usageError } from "../terminal.ts";
import { printedAriseOptions, usableAriseOptions } from "./_arise_options.ts";
import {
  ariseOptionWords,
  type CommandContext,
  device,
  json,
  prose,
  scale,
  seed,
  seeds,
  workspace,
} from "./_shared.ts";

/** `whet reproduce` */
export const reproduceCommand = command(
  "reproduce",
  object({
    command: constant("reproduce"),
    paper: argument(choice(["sage", "arise"], { metavar: "PAPER", suggest: "nearest" }), {
      description: message`Paper whose main table is meant.`,
    }),
    arms: optional(
      option("--arms", string({ metavar: "ARM,ARM" }), {
        description: message`Arms of arise to run, separated by commas; those of the scale if left out.`,
      }),
    ),
    policy: optional(
      option("--policy", string({ metavar: "POLICY" }), {
        description:
          message`Of arise: folder of a published checkpoint to start from, also DIR+ADAPTER; nano after a warm start if left out.`,
      }),
    ),
    lora: optional(
      option("--lora", string({ metavar: "RANK[:ALPHA[:TARGETS]]" }), {
        description: message`Train an adapter of this shape on the checkpoint, and leave its weights as they are.`,
      }),
    ),
    options: ariseOptionWords,
    scale,
    seeds,
    seed,
    device,
    workspace,
    json,
  }),
  {
    brief: message`Run what is missing of a paper's main table, and print it.`,
    description:
      prose`Train and evaluate the arms of a paper's main table in miniature, and print the table with intervals
      beside the paper's values. Finished work is never repeated: after a stop, the same command goes on.`,
    footer: message`Example: ${commandLine("whet reproduce arise --scale smoke")}`,
  },
);

/** `whet doctor` */
export const doctorCommand = command("doctor", object({ command: constant("doctor"), device, workspace, json }), {
  brief: message`Show versions, execution providers and the state of the workspace.`,
  description:
    prose`Show versions, which execution providers work here and whether they compute the same logits, and the state of
    the workspace. With ${
      commandLine("--device")
    } the exit status is 1 unless that provider works and agrees with the CPU.`,
});

/** Runs `whet reproduce`. */
export async function runReproduce(
  invocation: InferValue<typeof reproduceCommand>,
  { signal }: CommandContext,
): Promise<number> {
  const { terminalProgress } = await import("../terminal.ts");
  const { paper, arms, policy, lora, scale, seeds, seed, device, workspace, json } = invocation;
  const options = { scale, seeds, seed, device, workspace, signal };
  const words = invocation.options;
  if (paper === "sage") {
    if (arms !== undefined) return usageError("--arms goes with arise; sage has three arms, which all run");
    if (policy !== undefined || lora !== undefined) {
      return usageError("--policy and --lora go with arise; the policy of sage is trained from scratch");
    }
    if (words.length > 0) return usageError("--option goes with arise; sage has none");
    const { reproduceSage } = await import("../reproduce.ts");
    const report = await reproduceSage({ ...options, progress: terminalProgress(json ? "json" : "auto") });
    return printed(json ? report.json : report.text);
  }
  if (words.includes("help")) return await printedAriseOptions();
  const { ariseArms, checkAriseOptions, reproduceArise, UnknownArmError } = await import("../reproduce_arise.ts");
  const { SCALE_ARMS } = await import("../arise_scales.ts");
  let chosen;
  try {
    chosen = arms === undefined ? SCALE_ARMS[scale] : ariseArms(arms.split(","));
  } catch (error) {
    if (error instanceof UnknownArmError) return usageError(error.message);
    throw error;
  }
  const { trainedSource } = await import("../train_checkpoint.ts");
  const { parseLora } = await import("../lora_option.ts");
  const source = trainedSource(policy);
  if (source === undefined && lora !== undefined) {
    return usageError("--lora goes with --policy DIR; all weights of the embedded policy are trained");
  }
  const adapter = lora === undefined ? {} : { lora: parseLora(lora) };
  const made = {
    arms: chosen,
    scale,
    ...(source === undefined ? {} : { checkpoint: { source, ...adapter } }),
  };
  const read = await usableAriseOptions(words, (options) => checkAriseOptions({ ...made, options }));
  if (typeof read === "number") return read;
  const report = await reproduceArise({
    ...options,
    ...made,
    options: read,
    progress: terminalProgress(json ? "json" : "auto"),
  });
  return printed(json ? report.json : report.text);
}

/** Runs `whet doctor`. */
export async function runDoctor({ device, workspace, json }: InferValue<typeof doctorCommand>): Promise<number> {
  const { doctor } = await import("../doctor.ts");
  const report = await doctor({ device, workspace });
  printed(json ? report.json : report.text);
  return report.ok ? 0 : 1;
}
