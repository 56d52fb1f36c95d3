/**
 * `whet env …` and `whet verify`.
 *
 * @module
 */
import { object, or } from "@optique/core/constructs";
import { commandLine, message } from "@optique/core/message";
import { multiple, optional } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { argument, command, constant, option } from "@optique/core/primitives";
import { choice, float, string } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import type { Progress } from "../progress.ts";
import { printed, say, usageError } from "../terminal.ts";
import {
  commaList,
  type CommandContext,
  environmentId,
  environmentOptions,
  environmentSource,
  given,
  json,
  prose,
  registry,
  workspace,
  worldSeed,
} from "./_shared.ts";
import { inputLines } from "./_input_lines.ts";
import { docsCommand, playCommand, runDocs, runPlay, runServe, serveCommand } from "./env_doors.ts";

const layout = optional(
  option("--layout", string({ metavar: "LAYOUT" }), {
    description: message`Layout of the file, such as gsm8k or math; found by its columns if left out.`,
  }),
);
const fields = multiple(
  option("--field", string({ metavar: "FIELD=COLUMN" }), {
    description: message`Column of a field (statement, answer, solution, id, difficulty); may be given again.`,
  }),
);

const list = command("list", object({ command: constant("env list"), registry, json }), {
  brief: message`List environments.`,
  description: message`List environments, those of whet.json too, with their splits and numbers of tasks.`,
});

const create = command(
  "new",
  object({
    command: constant("env new"),
    name: argument(string({ metavar: "NAME" }), {
      description: message`Name of the new environment: lower-case letters, digits and hyphens.`,
    }),
    json,
  }),
  {
    brief: message`Write a new environment that works as it is.`,
    description: prose`Write ${
      commandLine("environments/NAME")
    } with an environment, its tests and a page about them, and register it in
      ${commandLine("whet.json")}. Nothing that is there is overwritten.`,
    footer: message`Example: ${commandLine("whet env new coins")}`,
  },
);

const check = command(
  "check",
  object({
    command: constant("env check"),
    id: environmentId,
    split: optional(
      option("--split", string({ metavar: "SPLIT" }), {
        description: message`Check this split only; all if left out.`,
      }),
    ),
    all: option("--all", {
      description:
        message`Of apps: the gates of every task too, with mutations of every reference solution that have to fail.`,
    }),
    worldSeed,
    environmentOptions,
    registry,
    json,
  }),
  {
    brief: message`Check that an environment keeps its contract.`,
    description:
      prose`Check on every task that the reference solution scores 1 and doing nothing less, that the same seed
      gives the same bytes, and that episodes side by side do not see each other. The exit status is 1 if anything fails.`,
    footer: message`Examples: ${commandLine("whet env check apps --split dev")}, ${
      commandLine("whet env check apps --all")
    }`,
  },
);

const addData = command(
  "add-data",
  object({
    command: constant("env add-data"),
    file: argument(path({ metavar: "FILE", type: "file", mustExist: true }), {
      description: message`JSONL, JSON, Parquet, CSV or TSV file with one problem a row.`,
    }),
    name: optional(
      option("--name", string({ metavar: "NAME" }), {
        description: message`Name of the data set; the file's if left out.`,
      }),
    ),
    layout,
    fields,
    workspace,
    json,
  }),
  {
    brief: message`Add a set of math problems.`,
    description: prose`Read and check every row of a file, and keep the problems in the workspace under a name that ${
      commandLine("--data")
    } takes. A bad row is an error that names its line and field.`,
    footer: message`Example: ${
      commandLine("whet env add-data problems.csv --field statement=question --field answer=final")
    }`,
  },
);

const stats = command(
  "stats",
  object({
    command: constant("env stats"),
    id: argument(choice(["math", "apps"], { metavar: "ENV", suggest: "nearest" }), {
      description: message`Environment.`,
    }),
    worldSeed,
    environmentOptions,
    data: optional(
      option("--data", commaList("FILE", (word) => (word === "" ? undefined : word), "files or names of data sets"), {
        description: message`Problem sets, separated by commas; the seeded families if left out.`,
      }),
    ),
    layout,
    fields,
    workspace,
    json,
  }),
  {
    brief: message`Describe the tasks of an environment.`,
    description:
      prose`Of apps: the world with its hash, the APIs, and what the reference solutions do, beside published figures. Of math: count problems by kind of answer, difficulty and subject, find duplicates, and verify every reference answer against
      itself; those that do not verify are listed with the reason. Without ${
        commandLine("--data")
      }, list the seeded families.`,
    footer: message`Examples: ${commandLine("whet env stats math")}, ${commandLine("whet env stats apps")}`,
  },
);

/** `whet env` */
export const envCommand = command(
  "env",
  or(list, create, check, addData, stats, docsCommand, playCommand, serveCommand),
  {
    brief: message`List, write, check, describe, play and serve environments, and add data.`,
    description: message`List, write, check, describe, play and serve environments, and add data.`,
  },
);

/** `whet verify` */
export const verifyCommand = command(
  "verify",
  object({
    command: constant("verify"),
    both: option("--both", { description: message`Ask the second grader too, and say whether they agree.` }),
    strict: option("--strict", { description: message`Stop at the first line that is not a pair of answers.` }),
    tolerance: optional(
      option("--tolerance", float({ metavar: "ERROR", min: 0 }), {
        description: message`Largest absolute error, for lines that name none; exact if left out.`,
      }),
    ),
    audit: optional(
      option("--audit", path({ metavar: "FILE", type: "file", mustExist: true }), {
        description:
          message`Judge the labelled pairs of this file with both graders and print the mistakes; reads no standard input.`,
      }),
    ),
    json,
  }),
  {
    brief: message`Grade math answers from standard input.`,
    description:
      prose`Read lines of JSON with gold and answer from standard input, and write one line with the verdict for each: correct, incorrect,
      unparsed, timeout or error, and what the grader read on both sides. The answer may be a whole completion.`,
    footer: message`Example: ${commandLine("whet verify --both < answers.jsonl")}`,
  },
);

/** Runs `whet env check apps --all`: the contract on every task, then the gates. */
async function runGates(
  { id, split, worldSeed, environmentOptions, json }: InferValue<typeof check>,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<number> {
  if (id !== "apps") return usageError(`--all is for apps; ${id} has no gates beyond whet env check ${id}`);
  if (split !== undefined) return usageError("--all checks every split; leave --split out");
  const { appsGatesReport } = await import("../apps_report.ts");
  const size = await appsSize(worldSeed, environmentOptions);
  if (typeof size === "number") return size;
  const report = await appsGatesReport({ ...size, signal, progress });
  printed(json ? report.json : report.text);
  return report.ok ? 0 : 1;
}

/** Runs `whet env stats apps`. */
async function runAppsStats(
  { worldSeed, environmentOptions, data, json }: InferValue<typeof stats>,
  signal: AbortSignal,
): Promise<number> {
  if (data !== undefined) return usageError("--data is for math; apps has no data sets");
  const { appsStatsReport } = await import("../apps_report.ts");
  const { terminalProgress } = await import("../terminal.ts");
  const progress = terminalProgress(json ? "json" : "auto");
  const size = await appsSize(worldSeed, environmentOptions);
  if (typeof size === "number") return size;
  const report = await appsStatsReport({ ...size, signal, progress });
  return printed(json ? report.json : report.text);
}

/** Seed and profile, the only options of the environment that matter to its reports; the exit status if they cannot be used. */
async function appsSize(seed: number, words: readonly string[]) {
  const { options } = await environmentSource(words, undefined);
  const { z } = await import("zod");
  const { InputError, parseInput } = await import("../../data/parse_input.ts");
  const { PROFILE_NAMES } = await import("../../envs/apps/world/profiles.ts");
  const schema = z.strictObject({ profile: z.enum(PROFILE_NAMES).optional() });
  try {
    return { seed, ...given(parseInput(schema, options, "options of environment apps")) };
  } catch (error) {
    if (error instanceof InputError) return usageError(error.message);
    throw error;
  }
}

/** Runs `whet env …`. */
export async function runEnv(invocation: InferValue<typeof envCommand>, context: CommandContext): Promise<number> {
  if (invocation.command === "env docs") return await runDocs(invocation);
  if (invocation.command === "env play") return await runPlay(invocation, context);
  if (invocation.command === "env serve") return await runServe(invocation, context);
  const { signal } = context;
  const { json } = invocation;
  const { terminalProgress } = await import("../terminal.ts");
  switch (invocation.command) {
    case "env list": {
      const { listEnvironments } = await import("../environment_report.ts");
      const report = await listEnvironments(given({ config: invocation.registry }));
      return printed(json ? report.json : report.text);
    }
    case "env new": {
      const { newEnvironmentReport } = await import("../environment_report.ts");
      const report = await newEnvironmentReport({ name: invocation.name });
      return printed(json ? report.json : report.text);
    }
    case "env check": {
      const { checkEnvironmentReport } = await import("../environment_report.ts");
      const { id, split, all, worldSeed: seed, environmentOptions, registry } = invocation;
      const progress = terminalProgress(json ? "json" : "auto");
      if (all) return await runGates(invocation, { signal, progress });
      const source = await environmentSource(environmentOptions, registry);
      const report = await checkEnvironmentReport(id, { ...given({ split }), ...source, seed, signal, progress });
      printed(json ? report.json : report.text);
      return report.ok ? 0 : 1;
    }
    case "env add-data": {
      const { addDataset } = await import("../../envs/math/datasets/registry.ts");
      const { parseFieldMapping } = await import("../../envs/math/datasets/detect_layout.ts");
      const { file, name, layout, fields, workspace } = invocation;
      const { entry, added } = await addDataset({
        workspace,
        path: file,
        ...given({ name, layout }),
        ...(fields.length === 0 ? {} : { fields: parseFieldMapping(fields) }),
      });
      const text = `${added ? "Added" : "Already there:"} ${entry.name}, ${entry.rows} problems (${entry.layout}). ` +
        `Use it with --data ${entry.name}\n`;
      return printed(json ? { ...entry, added } : text);
    }
    case "env stats": {
      if (invocation.id === "apps") return await runAppsStats(invocation, signal);
      const { mathStatsReport } = await import("../math_stats_report.ts");
      const { parseFieldMapping } = await import("../../envs/math/datasets/detect_layout.ts");
      const { data, layout, fields, workspace } = invocation;
      const report = await mathStatsReport({
        ...given({ data, layout }),
        ...(fields.length === 0 ? {} : { fields: parseFieldMapping(fields) }),
        workspace,
        signal,
      });
      return printed(json ? report.json : report.text);
    }
  }
}

/** Runs `whet verify`. */
export async function runVerify(invocation: InferValue<typeof verifyCommand>): Promise<number> {
  const { audit, both, strict, tolerance, json } = invocation;
  if (audit !== undefined) {
    const { auditReport } = await import("../audit_report.ts");
    const report = auditReport(await Deno.readTextFile(audit));
    return printed(json ? report.json : report.text);
  }
  const { formatVerifySummary, verifyStream } = await import("../verify_stream.ts");
  const encoder = new TextEncoder();
  const writer = Deno.stdout.writable.getWriter();
  const summary = await verifyStream(inputLines(), (line) => writer.write(encoder.encode(`${line}\n`)), {
    both,
    strict,
    ...given({ tolerance }),
  });
  await writer.ready;
  writer.releaseLock();
  say(formatVerifySummary(summary).trimEnd());
  return summary.badLines > 0 ? 1 : 0;
}
