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
import { or } from "@optique/core/constructs";
import { commandLine, type Message, message, text } from "@optique/core/message";
import { type InferValue, suggestSync } from "@optique/core/parser";
import { createSuggestionMessage, findSimilar } from "@optique/core/suggestion";
import { run as parseCommandLine } from "@optique/run";
import type { CommandContext } from "./eval/commands/_shared.ts";
import { benchCommand, runBench } from "./eval/commands/bench.ts";
import { envCommand, runEnv, runVerify, verifyCommand } from "./eval/commands/env.ts";
import { modelCommand, runModel } from "./eval/commands/model.ts";
import {
  exportCommand,
  importCommand,
  recordCommand,
  rescoreCommand,
  rolloutCommand,
  runExport,
  runImport,
  runRecord,
  runRescore,
  runRollout,
  runRuns,
  runsCommand,
} from "./eval/commands/record.ts";
import { doctorCommand, reproduceCommand, runDoctor, runReproduce } from "./eval/commands/reproduce.ts";
import {
  planCommand,
  plotCommand,
  reportCommand,
  runPlan,
  runPlot,
  runReport,
  runSqlCommand,
  runTable,
  sqlCommand,
  tableCommand,
} from "./eval/commands/tables.ts";
import { ablateCommand, evalCommand, runAblate, runEval, runTrain, trainCommand } from "./eval/commands/train.ts";
import { runView, viewCommand } from "./eval/commands/view.ts";
import { interruptible, reportFailure, say, stoppedStatus } from "./eval/terminal.ts";
import { WHETSTONE_VERSION } from "./eval/versions.ts";

const parser = or(
  or(reproduceCommand, trainCommand, evalCommand, ablateCommand),
  or(tableCommand, plotCommand, reportCommand, viewCommand, sqlCommand, planCommand),
  or(runsCommand, rolloutCommand, recordCommand, rescoreCommand, exportCommand, importCommand),
  or(envCommand, modelCommand, verifyCommand, doctorCommand, benchCommand),
  { errors: { unexpectedInput: (token: string) => unexpectedInput(token) } },
);

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
const GROUPS: readonly string[] = ["bench", "env", "model", "record", "rollout", "runs"];

/** The command that arguments begin with, as far as it can be told. */
function commandOf(args: readonly string[]): string {
  const depth = GROUPS.includes(args[0] ?? "") ? 2 : 1;
  const isCommand = possibleWords([...args.slice(0, depth - 1), ""]).includes(args[depth - 1] ?? "");
  return ["whet", ...args.slice(0, isCommand ? depth : depth - 1)].join(" ");
}

/** What the command line asked for. */
export type Invocation = InferValue<typeof parser>;

/** Commands after whose interruption the same command goes on. */
const RESUMABLE: readonly Invocation["command"][] = ["reproduce", "train", "eval", "ablate"];

/** Runs a command; the result is the exit status. */
function dispatch(invocation: Invocation, context: CommandContext): Promise<number> {
  switch (invocation.command) {
    case "reproduce":
      return runReproduce(invocation, context);
    case "train":
      return runTrain(invocation, context);
    case "eval":
      return runEval(invocation, context);
    case "ablate":
      return runAblate(invocation, context);
    case "table":
      return runTable(invocation);
    case "plot":
      return runPlot(invocation);
    case "report":
      return runReport(invocation);
    case "view":
      return runView(invocation, context);
    case "sql":
      return runSqlCommand(invocation);
    case "plan":
      return runPlan(invocation);
    case "runs list":
    case "runs show":
    case "runs rm":
      return runRuns(invocation);
    case "rollout show":
      return runRollout(invocation);
    case "record hash":
    case "record schema":
    case "record compact":
      return runRecord(invocation);
    case "rescore":
      return runRescore(invocation, context);
    case "export":
      return runExport(invocation);
    case "import":
      return runImport(invocation);
    case "env list":
    case "env new":
    case "env check":
    case "env add-data":
    case "env stats":
    case "env docs":
    case "env play":
    case "env serve":
      return runEnv(invocation, context);
    case "model inspect":
    case "model generate":
    case "model score":
    case "model fetch":
    case "model export":
    case "model merge":
      return runModel(invocation, context);
    case "verify":
      return runVerify(invocation);
    case "doctor":
      return runDoctor(invocation);
    case "bench record":
    case "bench engine":
    case "bench apps":
      return runBench(invocation);
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
    return await dispatch(invocation, { signal: interruption.signal });
  } catch (error) {
    if (!interruption.signal.aborted) return reportFailure(error);
    const again = ["npx -y deno@2.9.6 task whet", ...args].join(" ");
    say(`Stopped. Finished work is kept${RESUMABLE.includes(invocation.command) ? `; go on with: ${again}` : ""}`);
    return stoppedStatus(interruption.signal);
  } finally {
    interruption.release();
  }
}

// The exit is explicit: native libraries keep threads that would hold the process.
if (import.meta.main) Deno.exit(await main(Deno.args));
