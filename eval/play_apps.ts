/**
 * `whet env play`: the terminal around a task that a person solves (`envs/apps/play/game.ts`).
 *
 * Contract: on a terminal, a prompt with Tab completion and history; elsewhere lines are read from standard input and shown with what
 * came of them, so that a session can be piped in and kept as text. The end of the input is `quit`. With `json`, the session is one
 * JSON value on standard output, and text goes to standard error.
 *
 * @module
 */
import { createInterface } from "node:readline/promises";
import process from "node:process";
import type { Json } from "../data/canonical.ts";
import { nearestWord } from "../data/parse_input.ts";
import type { Task } from "../envs/contract.ts";
import type { AppsEnvironment } from "../envs/apps/environment.ts";
import { type PlayAnswer, PlayGame } from "../envs/apps/play/game.ts";
import { verdictText } from "../envs/apps/server/verdict.ts";
import { textTable } from "./text_table.ts";

/** Options of {@linkcode playApps}. */
export interface PlayAppsOptions {
  /** Task by id; one is chosen from the split if left out. */
  readonly task?: string;
  /** Split to choose from. */
  readonly split: string;
  /** The environment; see `openApps`. */
  readonly environment: AppsEnvironment;
  /** Whether a person sits at a terminal. */
  readonly interactive: boolean;
  /** Lines, where nobody does. */
  readonly lines: () => AsyncIterable<string>;
  /** Shows text; it ends with a line break. */
  readonly show: (text: string) => void;
  /** Ends the session as `quit` does. */
  readonly signal: AbortSignal;
}

/** A session that is over. */
export interface PlayedSession {
  /** For programs. */
  readonly json: Json;
}

/** Asks a question and gives the answer; undefined when there will be none. */
type Ask = (prompt: string) => Promise<string | undefined>;

const HINT = "Type help for the commands, docs for the apps and their APIs; Tab completes.";

/**
 * Plays one task.
 *
 * @param options see {@linkcode PlayAppsOptions}.
 * @throws {RangeError} if there is no such split; {WorldError} if there is no such task.
 */
export async function playApps(options: PlayAppsOptions): Promise<PlayedSession> {
  const { environment, split, interactive, show, signal } = options;
  let game: PlayGame | undefined;
  const terminal = interactive ? openTerminal((line) => game?.complete(line), signal) : undefined;
  const ask = terminal?.ask ?? piped(options.lines(), show);
  try {
    const id = options.task ?? await chooseTask(environment.tasks(split), split, terminal?.ask, show);
    if (id === undefined) return { json: null };
    game = new PlayGame(environment, id);
    show(`${game.intro()}\n\n${HINT}\n`);
    for (let done = false; !done;) {
      const line = await ask(game.prompt);
      const answer: PlayAnswer = await game.line(line ?? "quit");
      if (answer.text !== "") show(`${answer.text}\n`);
      done = answer.done || line === undefined;
    }
    const evaluation = game.evaluation();
    show(`\n${verdictText(evaluation)}`);
    const transcript = game.transcript.map((entry) => ({ ...entry }));
    return { json: { task: id, transcript, evaluation } as unknown as Json };
  } finally {
    terminal?.close();
    game?.close();
  }
}

/** The task to play: chosen by a person, else the first. */
async function chooseTask(
  tasks: readonly Task[],
  split: string,
  ask: Ask | undefined,
  show: (text: string) => void,
): Promise<string | undefined> {
  const [first] = tasks;
  if (first === undefined) throw new RangeError(`Cannot choose a task: split ${split} has none`);
  if (ask === undefined) return first.id;
  show(textTable({
    columns: [{ heading: "", align: "right" }, { heading: "task" }, { heading: "level" }, { heading: "instruction" }],
    rows: tasks.map(({ id, difficulty, instruction }, i) => [String(i + 1), id, String(difficulty), instruction]),
  }));
  for (;;) {
    const answer = (await ask(`Task [1-${tasks.length}, 1 if left out]: `))?.trim();
    if (answer === undefined) return undefined;
    const chosen = answer === "" ? first : tasks[Number(answer) - 1] ?? tasks.find(({ id }) => id === answer);
    if (chosen !== undefined) return chosen.id;
    const nearest = nearestWord(answer, tasks.map(({ id }) => id));
    show(`There is no task ${answer}${nearest === undefined ? "" : `; did you mean ${nearest}?`}\n`);
  }
}

/** Lines that are read one after the other, each shown behind its prompt. */
function piped(lines: AsyncIterable<string>, show: (text: string) => void): Ask {
  const iterator = lines[Symbol.asyncIterator]();
  return async (prompt) => {
    const { done, value } = await iterator.next();
    if (done === true) return undefined;
    show(`${prompt}${value}\n`);
    return value;
  };
}

/** A prompt with completion and history. */
function openTerminal(
  completion: (line: string) => { readonly words: readonly string[]; readonly part: string } | undefined,
  signal: AbortSignal,
): { readonly ask: Ask; close(): void } {
  const readline = createInterface({
    input: process.stdin,
    output: process.stderr,
    completer: (line: string): [string[], string] => {
      const { words = [], part = "" } = completion(line) ?? {};
      return [[...words], part];
    },
  });
  const over = Promise.withResolvers<undefined>();
  // In raw mode the terminal gives Ctrl-C to the prompt, not to the process.
  readline.on("SIGINT", () => over.resolve(undefined));
  readline.on("close", () => over.resolve(undefined));
  signal.addEventListener("abort", () => over.resolve(undefined), { once: true });
  return {
    ask: (prompt) => Promise.race([readline.question(prompt), over.promise]),
    close: () => readline.close(),
  };
}
