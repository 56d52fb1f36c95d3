/**
 * `whet model …`: published checkpoints and the weights of runs.
 *
 * @module
 */
import { object, or } from "@optique/core/constructs";
import { commandLine, message } from "@optique/core/message";
import { multiple, optional, withDefault } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { argument, command, constant, option } from "@optique/core/primitives";
import { choice, float, integer, string } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import type { Json } from "../../data/canonical.ts";
import { printed, say } from "../terminal.ts";
import { type CommandContext, device, given, json, prose, queryOf, workspace } from "./_shared.ts";

const folder = argument(path({ metavar: "DIR", type: "directory", mustExist: true }), {
  description: message`Folder of a checkpoint: config.json, *.safetensors, tokenizer.json.`,
});
const lora = optional(
  option("--lora", path({ metavar: "ADAPTER", type: "directory", mustExist: true }), {
    description: message`Folder of adapter weights to put on top, in PEFT's layout.`,
  }),
);
const out = option("--out", path({ metavar: "DIR", type: "directory" }), {
  description: message`Folder to write; it must not hold anything yet.`,
});
const dtype = withDefault(
  option("--dtype", choice(["F32", "F16", "BF16"], { metavar: "TYPE", suggest: "nearest" }), {
    description: message`Element type of the weights in the files.`,
  }),
  "F32" as const,
);

const inspect = command("inspect", object({ command: constant("model inspect"), folder, json }), {
  brief: message`Describe a checkpoint.`,
  description:
    prose`Print architecture, parameters, stored types, context, tokenizer and the memory that a checkpoint needs. No weights are loaded.`,
  footer: message`Example: ${commandLine("whet model inspect models/Qwen2.5-0.5B-Instruct")}`,
});

const generate = command(
  "generate",
  object({
    command: constant("model generate"),
    folder,
    prompt: option("--prompt", string({ metavar: "TEXT" }), {
      description: message`Text of the user's message.`,
    }),
    raw: option("--raw", {
      description:
        message`Continue the text itself, without the chat template; control tokens written in it are recognised.`,
    }),
    temperature: optional(
      option("--temperature", float({ metavar: "T", min: 0 }), {
        description: message`Sampling temperature; 0 is greedy. The checkpoint's own, or 1, if left out.`,
      }),
    ),
    topP: optional(
      option("--top-p", float({ metavar: "P", min: 0, max: 1 }), {
        description: message`Only the most probable tokens that sum to this.`,
      }),
    ),
    topK: optional(
      option("--top-k", integer({ metavar: "K", min: 0 }), {
        description: message`Only so many of the most probable tokens.`,
      }),
    ),
    minP: optional(
      option("--min-p", float({ metavar: "P", min: 0, max: 1 }), {
        description: message`Only tokens at least this fraction as probable as the most probable one.`,
      }),
    ),
    stop: multiple(
      option("--stop", string({ metavar: "TEXT" }), {
        description: message`Text that ends a sample; may be given again.`,
      }),
    ),
    maxTokens: withDefault(
      option("--max-tokens", integer({ metavar: "N", min: 1 }), { description: message`Most tokens of a sample.` }),
      256,
    ),
    n: withDefault(
      option("--n", integer({ metavar: "N", min: 1 }), { description: message`Number of samples.` }),
      1,
    ),
    seed: withDefault(
      option("--seed", integer({ metavar: "SEED", min: 0 }), { description: message`Seed of the samples.` }),
      1,
    ),
    lora,
    device,
    json,
  }),
  {
    brief: message`Draw samples from a checkpoint.`,
    description: prose`Answer a prompt through the checkpoint's chat template, or continue it with ${
      commandLine("--raw")
    }. The same seed gives the same
      samples.`,
    footer: message`Example: ${commandLine('whet model generate models/Qwen2.5-0.5B-Instruct --prompt "Two primes?"')}`,
  },
);

const score = command("score", object({ command: constant("model score"), folder, lora, device }), {
  brief: message`Log-probabilities of token ids from standard input.`,
  description: prose`Read lines of JSON like ${
    commandLine('{"ids":[5,17,3]}')
  } from standard input, and write for each a line with the natural
    logarithm of the probability of every id after the first, given those before it.`,
  footer: message`Example: ${commandLine("whet model score models/Qwen2.5-0.5B < ids.jsonl")}`,
});

const fetchCommand = command(
  "fetch",
  object({
    command: constant("model fetch"),
    repo: argument(string({ metavar: "REPO" }), {
      description: message`Repository on the hub, such as Qwen/Qwen2.5-0.5B.`,
    }),
    revision: withDefault(
      option("--revision", string({ metavar: "REV" }), { description: message`Branch, tag or commit.` }),
      "main",
    ),
    out: optional(
      option("--out", path({ metavar: "DIR", type: "directory" }), {
        description: message`Folder to write; results/models/NAME if left out.`,
      }),
    ),
    endpoint: optional(
      option("--endpoint", string({ metavar: "URL" }), { description: message`Address of a mirror of the hub.` }),
    ),
    json,
  }),
  {
    brief: message`Download a checkpoint from the hub.`,
    description:
      prose`Download configuration, tokenizer and weights, and check them against the hub's checksums. What is there is not fetched again;
      after a stop, the same command goes on. Reaching the hub needs a permission: ${
        commandLine("deno run -P --allow-net=127.0.0.1,huggingface.co,*.hf.co cli.ts model fetch …")
      }`,
    footer: message`Example: ${commandLine("whet model fetch Qwen/Qwen2.5-0.5B-Instruct")}`,
  },
);

const exportCommand = command(
  "export",
  object({
    command: constant("model export"),
    source: argument(string({ metavar: "RUN|DIR" }), {
      description: message`Run of the workspace, or the folder of a checkpoint, also DIR+ADAPTER.`,
    }),
    out,
    onnx: option("--onnx", { description: message`Write ONNX files that transformers.js loads.` }),
    merge: option("--merge", { description: message`Merge an adapter into the weights under it.` }),
    dtype,
    device,
    workspace,
    json,
  }),
  {
    brief: message`Write weights as a folder that other programs load.`,
    description:
      prose`Write the weights of a run or a checkpoint in the layout of Hugging Face, which Python's transformers loads; of a run that
      trained an adapter, the adapter in PEFT's layout.`,
    footer: message`Example: ${commandLine("whet model export grpo-0123456789-s1 --out tuned")}`,
  },
);

const merge = command(
  "merge",
  object({
    command: constant("model merge"),
    folder,
    lora: option("--lora", path({ metavar: "ADAPTER", type: "directory", mustExist: true }), {
      description: message`Folder of adapter weights, in PEFT's layout.`,
    }),
    out,
    dtype,
    device,
    json,
  }),
  {
    brief: message`Merge an adapter into a checkpoint.`,
    description: message`Write a checkpoint whose weights do what the folder's weights and the adapter do together.`,
    footer: message`Example: ${commandLine("whet model merge models/base --lora adapter --out merged")}`,
  },
);

/** `whet model` */
export const modelCommand = command("model", or(inspect, generate, score, fetchCommand, exportCommand, merge), {
  brief: message`Inspect, run, fetch, export and merge checkpoints.`,
  description: message`Inspect, run, fetch, export and merge checkpoints.`,
});

/** Streams of a command. */
export interface ModelStreams {
  /** Where `model score` reads lines. */
  readonly input: ReadableStream<Uint8Array>;
  /** Where it writes them. */
  readonly write: (text: string) => Promise<void> | void;
}

async function scoreStream(
  { folder: path, lora, device: kind }: Extract<InferValue<typeof modelCommand>, { command: "model score" }>,
  signal: AbortSignal,
  streams: ModelStreams,
): Promise<number> {
  const { openDevice } = await import("../../agents/model/device.ts");
  const { openHfFolder, loadHfModel } = await import("../../agents/model/hf_folder.ts");
  const { loadPeftAdapter } = await import("../../agents/model/peft_folder.ts");
  const { LocalPolicy } = await import("../../agents/model/local_policy.ts");
  const { lineChunks, scoreLines } = await import("../model_score.ts");
  const device = await openDevice(kind);
  const base = await loadHfModel(device, await openHfFolder(path));
  const model = lora === undefined ? base : await loadPeftAdapter(device, base, lora);
  const { vocabularySize, contextTokens } = model.config;
  // Scoring is about ids; a folder without a tokenizer will do.
  const noText = { vocabularySize, specials: {}, encode: () => [], decode: () => "" };
  const policy = new LocalPolicy(model, noText);
  const scorer = { vocabularySize, contextTokens, score: (ids: readonly (readonly number[])[]) => policy.score(ids) };
  await scoreLines(lineChunks(streams.input), (line) => streams.write(`${line}\n`), scorer, { signal });
  return 0;
}

async function fetchReport(
  { repo, revision, out, endpoint, json }: Extract<InferValue<typeof modelCommand>, { command: "model fetch" }>,
  signal: AbortSignal,
): Promise<number> {
  const { fetchModel } = await import("../../agents/model/hub.ts");
  const { terminalProgress } = await import("../terminal.ts");
  const progress = terminalProgress(json ? "json" : "auto");
  progress.plan([{ name: repo, weight: 1 }]);
  const display = progress.phase(repo, "bytes");
  const fetched = await fetchModel(repo, {
    folder: out ?? `results/models/${repo.slice(repo.lastIndexOf("/") + 1)}`,
    revision,
    ...given({ endpoint }),
    signal,
    onProgress: ({ bytes, total }) => display.update({ done: bytes, total }),
  });
  progress.finish();
  const bytes = fetched.files.reduce((sum, file) => sum + file.bytes, 0);
  return printed(
    json
      ? fetched as unknown as Json
      : `${fetched.folder}: ${fetched.files.length} files, ${(bytes / 1e6).toFixed(1)} MB of ${fetched.repo} at ${
        fetched.commit.slice(0, 12)
      }\n`,
  );
}

const processStreams: ModelStreams = {
  get input() {
    return Deno.stdin.readable;
  },
  write: (text) => {
    printed(text);
  },
};

/** Runs `whet model …`; `streams` are those of the process if left out. */
export async function runModel(
  invocation: InferValue<typeof modelCommand>,
  { signal }: CommandContext,
  streams: ModelStreams = processStreams,
): Promise<number> {
  switch (invocation.command) {
    case "model inspect": {
      const { inspectModel } = await import("../model_inspect.ts");
      const report = await inspectModel(invocation.folder);
      return printed(invocation.json ? report.json : report.text);
    }
    case "model generate": {
      const { openDevice } = await import("../../agents/model/device.ts");
      const { openCheckpoint } = await import("../checkpoint.ts");
      const { generateTexts } = await import("../model_generate.ts");
      const { folder, lora, device, json, command: _, ...options } = invocation;
      const checkpoint = await openCheckpoint(await openDevice(device), { folder, ...given({ adapter: lora }) });
      const report = await generateTexts(checkpoint, { ...options, signal });
      return printed(json ? report.json : report.text);
    }
    case "model score":
      return await scoreStream(invocation, signal, streams);
    case "model fetch":
      return await fetchReport(invocation, signal);
    case "model export": {
      const { openDevice } = await import("../../agents/model/device.ts");
      const { exportModel } = await import("../model_export.ts");
      const { source, out, onnx, merge, dtype, workspace, json } = invocation;
      const runs = async () => ({ workspace, query: await queryOf(workspace) });
      const exported = await exportModel(source, await openDevice(invocation.device), runs, {
        out,
        onnx,
        merge,
        dtype,
      });
      say(`Wrote ${exported.form === "checkpoint" ? "a checkpoint" : exported.form} to ${exported.path}`);
      return printed(json ? { ...exported } : `${exported.path}\n`);
    }
    case "model merge": {
      const { openDevice } = await import("../../agents/model/device.ts");
      const { exportModel } = await import("../model_export.ts");
      const { folder, lora, out, dtype, json } = invocation;
      const none = () => Promise.reject(new Error("a folder is no run"));
      const device = await openDevice(invocation.device);
      const exported = await exportModel(`${folder}+${lora}`, device, none, { out, dtype, merge: true });
      say(`Wrote a checkpoint to ${exported.path}`);
      return printed(json ? { ...exported } : `${exported.path}\n`);
    }
  }
}
