/**
 * A Python process with the rivals of the engine's bench (eval/rivals/engine_rivals.py), driven by one JSON line at a time.
 *
 * Contract: {@linkcode openRivals} gives a client, or says why there is none; nothing is installed, and only what the given Python finds
 * by itself (its own packages and PYTHONPATH) is used. Calls are answered in order. Closing ends the process.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** A rival answered with an error, or not at all. */
export class RivalError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "RivalError";
}

/** An answer of the process. */
export type RivalAnswer = Readonly<Record<string, unknown>>;

/** Client of the process. */
export interface Rivals {
  /** Versions of Python and of the packages it has. */
  readonly versions: Readonly<Record<string, string>>;
  /** Sends a command and waits for its answer. @throws {RivalError} if the process reports an error or has ended. */
  call(command: Readonly<Record<string, unknown>>): Promise<RivalAnswer>;
  /** Ends the process. */
  close(): Promise<void>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Lines of a stream of bytes, one at a time. */
async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** A number of an answer. @throws {RivalError} if there is none of that name. */
export function numberOf(answer: RivalAnswer, name: string): number {
  const value = answer[name];
  if (typeof value !== "number") {
    throw new RivalError(`Cannot use a rival's answer: ${name} must be a number, got ${value}`);
  }
  return value;
}

/** Rows of numbers of an answer. @throws {RivalError} if there are none of that name. */
export function rowsOf(answer: RivalAnswer, name: string): number[][] {
  const rows = answer[name];
  if (!Array.isArray(rows)) throw new RivalError(`Cannot use a rival's answer: ${name} must be a list, got ${rows}`);
  return rows.map((row: unknown) => (Array.isArray(row) ? row.map(Number) : [Number(row)]));
}

/**
 * Starts the process.
 *
 * @param python program to start, `python3` or a path.
 * @returns the client, or the reason why there is none, as a sentence.
 */
export async function openRivals(python: string): Promise<Rivals | string> {
  const script = fileURLToPath(new URL("./rivals/engine_rivals.py", import.meta.url));
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(python, { args: ["-u", script], stdin: "piped", stdout: "piped", stderr: "piped" })
      .spawn();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `No rivals: ${python} does not start (${reason.split("\n")[0]}).`;
  }
  const answers = linesOf(child.stdout);
  const writer = child.stdin.getWriter();
  let complaints = "";
  const listening = (async () => {
    for await (const line of linesOf(child.stderr)) complaints = `${complaints}${line}\n`.slice(-2000);
  })();
  const close = async () => {
    await writer.close().catch(() => {});
    try {
      child.kill();
    } catch {
      // It has ended by itself.
    }
    await Promise.allSettled([child.status, listening, answers.return(undefined)]);
  };
  const call = async (command: Readonly<Record<string, unknown>>): Promise<RivalAnswer> => {
    const what = `${command["op"]} ${command["key"] ?? ""}`.trim();
    try {
      await writer.write(new TextEncoder().encode(`${JSON.stringify(command)}\n`));
    } catch (error) {
      throw new RivalError(`Cannot ask a rival to ${what}: its process has ended: ${complaints.trim()}`, {
        cause: error,
      });
    }
    const { value, done } = await answers.next();
    if (done === true) {
      throw new RivalError(`Cannot ask a rival to ${what}: its process has ended: ${complaints.trim()}`);
    }
    const answer: unknown = JSON.parse(value);
    if (!isRecord(answer)) {
      throw new RivalError(`Cannot ask a rival to ${what}: an answer must be an object, got ${value}`);
    }
    if (typeof answer["error"] === "string") throw new RivalError(`Cannot ask a rival to ${what}: ${answer["error"]}`);
    return answer;
  };
  try {
    const { versions } = await call({ op: "hello" });
    const texts = isRecord(versions) ? Object.entries(versions).map(([name, text]) => [name, String(text)]) : [];
    return { versions: Object.fromEntries(texts), call, close };
  } catch (error) {
    await close();
    const last = complaints.trim().split("\n").at(-1);
    return `No rivals: ${python} has no PyTorch (${last || (error instanceof Error ? error.message : error)}).`;
  }
}
