/**
 * `whet`: the command line of Whetstone.
 *
 * Contract: data goes to standard output, everything for people (progress, notes, errors) to standard error. Exit status: 0 done,
 * 1 failed or a check did not hold, 2 wrong usage, 130 stopped by Ctrl-C (143 by SIGTERM). A failure prints one paragraph; the stack
 * too if `WHET_DEBUG` is set. The first Ctrl-C lets the command stop between two pieces of work, the second ends at once; either way
 * committed work is kept and the same command goes on from there.
 * This file parses and dispatches; commands load their implementation when they run.
 *
 * @module
 */
import { object, or } from "@optique/core/constructs";
import { commandLine, type Message, message, text } from "@optique/core/message";
import { multiple, optional, withDefault } from "@optique/core/modifiers";
import { type InferValue, suggestSync } from "@optique/core/parser";
import { argument, command, constant, option } from "@optique/core/primitives";
import { createSuggestionMessage, findSimilar } from "@optique/core/suggestion";
import { choice, integer, string } from "@optique/core/valueparser";
import { run as parseCommandLine } from "@optique/run";
import { path } from "@optique/run/valueparser";
import type { QueryResult } from "./data/read_only_query.ts";
import { interruptible, printed, reportFailure, say, stoppedStatus } from "./eval/terminal.ts";
import { WHETSTONE_VERSION } from "./eval/versions.ts";

const DEFAULT_WORKSPACE = "results/workspace";

/** A message written over several lines of source. */
function prose(texts: TemplateStringsArray, ...values: readonly ReturnType<typeof commandLine>[]): Message {
  const joined = texts.map((text) => text.replaceAll(/\s+/g, " "));
  return message(Object.assign(joined, { raw: joined }), ...values);
}

const json = option("--json", { description: message`Print JSON instead of text.` });
const workspace = withDefault(
  option("--workspace", path({ metavar: "DIR", type: "directory" }), {
    description: message`Folder of the database and the checkpoints.`,
  }),
  DEFAULT_WORKSPACE,
);
const paper = argument(choice(["sage"], { metavar: "PAPER", suggest: "nearest" }), {
  description: message`Paper whose main table is meant.`,
});
const device = withDefault(
  option("--device", choice(["auto", "webgpu", "cpu", "wasm"], { metavar: "DEVICE", suggest: "nearest" }), {
    description: message`Where the policy runs; auto takes a hardware GPU if there is one, else the CPU.`,
  }),
  "auto" as const,
);

const reproduce = command(
  "reproduce",
  object({
    command: constant("reproduce"),
    paper,
    scale: withDefault(
      option("--scale", choice(["smoke", "nano", "ci"], { metavar: "SCALE", suggest: "nearest" }), {
        description:
          message`How much of everything: smoke takes minutes, nano hours, ci seconds (its numbers mean nothing).`,
      }),
      "smoke" as const,
    ),
    seeds: withDefault(
      option("--seeds", integer({ metavar: "N", min: 1 }), { description: message`Number of training seeds.` }),
      1,
    ),
    seed: withDefault(
      option("--seed", integer({ metavar: "SEED", min: 0 }), { description: message`First training seed.` }),
      1,
    ),
    device,
    workspace,
    json,
  }),
  {
    brief: message`Run what is missing of a paper's main table, and print it.`,
    description:
      prose`Train and evaluate the arms of a paper's main table in miniature, and print the table with intervals
      beside the paper's values. Finished work is never repeated: after a stop, the same command goes on.`,
    footer: message`Example: ${commandLine("whet reproduce sage --scale smoke")}`,
  },
);

const table = command(
  "table",
  object({
    command: constant("table"),
    paper,
    workspace,
    warmStart: optional(
      option("--config", string({ metavar: "HASH" }), {
        description: message`Configuration hash of the warm start whose runs are shown; the last one if left out.`,
      }),
    ),
    format: withDefault(
      option("--format", choice(["text", "markdown", "json"], { metavar: "FORMAT", suggest: "nearest" }), {
        description: message`How the table is printed.`,
      }),
      "text" as const,
    ),
    json,
  }),
  {
    brief: message`Print a paper's table from the rows that are there.`,
    description:
      message`Print a paper's table from what the database holds, also while a run is going on. Nothing is run.`,
    footer: message`Example: ${commandLine("whet table sage --format markdown")}`,
  },
);

const sql = command(
  "sql",
  object({
    command: constant("sql"),
    query: argument(string({ metavar: "QUERY" }), { description: message`One statement that reads.` }),
    workspace,
    format: withDefault(
      option("--format", choice(["table", "json", "jsonl", "csv"], { metavar: "FORMAT", suggest: "nearest" }), {
        description: message`How rows are printed; all but table are exact.`,
      }),
      "table" as const,
    ),
    json,
  }),
  {
    brief: message`Query the database, also while a run is going on.`,
    description:
      prose`Run one SQL statement (DuckDB) on the workspace's database. It may read only, and works while a run is
      writing. ${commandLine("SHOW TABLES")} lists the tables and views, ${
        commandLine("DESCRIBE rollout")
      } the columns of one.`,
    footer: message`Example: ${commandLine('whet sql "SELECT arm, count(*) AS runs FROM run GROUP BY arm"')}`,
  },
);

const environmentId = argument(string({ metavar: "ENV" }), {
  description: message`Environment, as ${commandLine("whet env list")} names it.`,
});

const env = command(
  "env",
  or(
    command("list", object({ command: constant("env list"), json }), {
      brief: message`List environments.`,
      description: message`List environments with their splits and numbers of tasks.`,
    }),
    command(
      "check",
      object({
        command: constant("env check"),
        id: environmentId,
        split: optional(
          option("--split", string({ metavar: "SPLIT" }), {
            description: message`Check this split only; all if left out.`,
          }),
        ),
        json,
      }),
      {
        brief: message`Check that an environment keeps its contract.`,
        description:
          prose`Check on every task that the reference solution scores 1 and doing nothing less, that the same seed
          gives the same bytes, and that episodes side by side do not see each other. The exit status is 1 if anything fails.`,
        footer: message`Example: ${commandLine("whet env check apps --split dev")}`,
      },
    ),
  ),
  { brief: message`List and check environments.`, description: message`List and check environments.` },
);

const doctor = command("doctor", object({ command: constant("doctor"), device, workspace, json }), {
  brief: message`Show versions, execution providers and the state of the workspace.`,
  description:
    prose`Show versions, which execution providers work here and whether they compute the same logits, and the state of
    the workspace. With ${
      commandLine("--device")
    } the exit status is 1 unless that provider works and agrees with the CPU.`,
});

const record = command(
  "record",
  command(
    "hash",
    object({
      command: constant("record hash"),
      runs: multiple(
        option("--run", string({ metavar: "RUN" }), {
          description: message`Only rows of this run; may be given again.`,
        }),
      ),
      workspace,
      json,
    }),
    {
      brief: message`Hash the rows of the database.`,
      description: message`Hash the rows of the database, times left out: equal hashes mean equal results.`,
    },
  ),
  { brief: message`Examine the database.`, description: message`Examine the database.` },
);

const parser = or(reproduce, table, sql, env, doctor, record, {
  errors: { unexpectedInput: (token: string) => unexpectedInput(token) },
});

/** Words that may stand in place of the last of the arguments. */
function possibleWords(args: readonly string[]): string[] {
  const [first = "", ...rest] = args;
  return suggestSync(parser, [first, ...rest])
    .flatMap((suggestion) => (suggestion.kind === "literal" ? [suggestion.text] : []));
}

/** Complaint about a word that fits nowhere, with the words that would and look like it. */
function unexpectedInput(token: string): Message {
  const before = Deno.args.slice(0, Math.max(0, Deno.args.indexOf(token)));
  const isOption = token.startsWith("-");
  const complaint = isOption
    ? message`There is no option ${commandLine(token)} here.`
    : message`There is no command or argument ${commandLine(token)} here.`;
  const words = isOption
    ? [...possibleWords([...before, "--"]), "--help", "--version"]
    : possibleWords([...before, ""]);
  const similar = findSimilar(token, words, { maxDistance: 2 });
  return similar.length === 0 ? complaint : [...complaint, text(" "), ...createSuggestionMessage(similar)];
}

/** Commands that only hold other commands. */
const GROUPS: readonly string[] = ["env", "record"];

/** The command that arguments begin with, as far as it can be told. */
function commandOf(args: readonly string[]): string {
  const depth = GROUPS.includes(args[0] ?? "") ? 2 : 1;
  const isCommand = possibleWords([...args.slice(0, depth - 1), ""]).includes(args[depth - 1] ?? "");
  return ["whet", ...args.slice(0, isCommand ? depth : depth - 1)].join(" ");
}

/** What the command line asked for. */
export type Invocation = InferValue<typeof parser>;

/** Rows as one JSON array of objects, one row a line. */
function formatJsonRows(result: QueryResult): string {
  const rows = result.rows.map((row) =>
    JSON.stringify(Object.fromEntries(result.columns.map(({ name }, i) => [name, row[i]])))
  );
  return `[${rows.map((row) => `\n  ${row}`).join(",")}${rows.length > 0 ? "\n" : ""}]\n`;
}

function databaseOf(folder: string): string {
  return `${folder}/whet.duckdb`;
}

/** Runs a command; the result is the exit status. */
async function dispatch(invocation: Invocation, signal: AbortSignal): Promise<number> {
  switch (invocation.command) {
    case "reproduce": {
      const { reproduceSage } = await import("./eval/reproduce.ts");
      const { terminalProgress } = await import("./eval/terminal.ts");
      const { scale, seeds, seed, device, workspace, json } = invocation;
      const progress = terminalProgress(json ? "json" : "auto");
      const report = await reproduceSage({ scale, seeds, seed, device, workspace, signal, progress });
      return printed(json ? report.json : report.text);
    }
    case "table": {
      const { sageReport } = await import("./eval/sage_report.ts");
      const { runSql } = await import("./data/sql.ts");
      const { workspace, warmStart, format, json } = invocation;
      const database = databaseOf(workspace);
      const report = await sageReport((query) => runSql(database, query), {
        database,
        ...(warmStart === undefined ? {} : { warmStart }),
        format: format === "markdown" ? "markdown" : "text",
      });
      return printed(json || format === "json" ? report.json : report.text);
    }
    case "sql": {
      const { runSql } = await import("./data/sql.ts");
      const { formatCsv, formatJsonLines, formatTable } = await import("./data/format_result.ts");
      const format = { table: formatTable, json: formatJsonRows, jsonl: formatJsonLines, csv: formatCsv };
      const result = await runSql(databaseOf(invocation.workspace), invocation.query);
      return printed(format[invocation.json ? "json" : invocation.format](result));
    }
    case "env list": {
      const { listEnvironments } = await import("./eval/environment_report.ts");
      const report = await listEnvironments();
      return printed(invocation.json ? report.json : report.text);
    }
    case "env check": {
      const { checkEnvironmentReport } = await import("./eval/environment_report.ts");
      const { terminalProgress } = await import("./eval/terminal.ts");
      const { id, split, json } = invocation;
      const progress = terminalProgress(json ? "json" : "auto");
      const report = await checkEnvironmentReport(id, { ...(split === undefined ? {} : { split }), signal, progress });
      printed(json ? report.json : report.text);
      return report.ok ? 0 : 1;
    }
    case "doctor": {
      const { doctor } = await import("./eval/doctor.ts");
      const { device, workspace, json } = invocation;
      const report = await doctor({ device, workspace });
      printed(json ? report.json : report.text);
      return report.ok ? 0 : 1;
    }
    case "record hash": {
      const { rowHash } = await import("./data/row_hash.ts");
      const { runs, workspace, json } = invocation;
      const hash = await rowHash(databaseOf(workspace), runs.length === 0 ? {} : { runIds: runs });
      const lines = [...Object.entries(hash.tables), ["total", hash.total]].map(([name, value]) =>
        `${value}  ${name}\n`
      );
      return printed(json ? { total: hash.total, tables: hash.tables } : lines.join(""));
    }
  }
}

/** Parses the arguments, runs the command and gives the exit status. */
async function main(args: readonly string[]): Promise<number> {
  const invocation = parseCommandLine(parser, {
    programName: "whet",
    args,
    brief: message`Whetstone: a benchmark harness for agents that learn skills.`,
    help: { command: true, option: { names: ["-h", "--help"] } },
    version: { value: WHETSTONE_VERSION, option: { names: ["-V", "--version"] } },
    completion: { command: true },
    errorExitCode: 2,
    // Without arguments the overview says more than the complaint; otherwise it would hide it.
    aboveError: args.length === 0 ? "help" : "none",
    stderr: (text) => say(/^Error:/.test(text) ? `${text}\nSee: ${commandOf(args)} --help` : text),
    showDefault: true,
    showChoices: true,
    termWidth: "auto",
  });
  const interruption = interruptible();
  try {
    return await dispatch(invocation, interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted) return reportFailure(error);
    const again = ["npx -y deno@2.9.6 task whet", ...args].join(" ");
    say(`Stopped. Finished work is kept${invocation.command === "reproduce" ? `; go on with: ${again}` : ""}`);
    return stoppedStatus(interruption.signal);
  } finally {
    interruption.release();
  }
}

// The exit is explicit: native libraries keep threads that would hold the process.
if (import.meta.main) Deno.exit(await main(Deno.args));
