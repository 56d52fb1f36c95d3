/**
 * The child process that runs one guest's Python, seen from the host.
 *
 * Contract: the process may read its own source and the package's files, nothing else, and gives that up before agent
 * code runs. It ends when it is killed, when its standard input closes (so with this host, however that ends), or by
 * itself. The interpreter is started from scratch once per host (some seconds); every guest starts from the memory image
 * made then (half a second), in a process of its own, so that nothing passes from one guest to the next.
 * Choices: the process waits without holding up the host's exit unless a step is running.
 *
 * @module
 */
import { FrameReader } from "./_frames.ts";
import { type ChildMessage, type HostMessage, MAX_LINE_BYTES, parseChildMessage } from "./_python_protocol.ts";
import { SandboxError } from "./sandbox.ts";

/** Variables that must not be handed on where the environment cannot be emptied. */
const BLANKED = ["OPENAI_API_KEY", "WHET_API_KEY", "HF_TOKEN"];

/**
 * Stack that JavaScript and WebAssembly may use, and that of a thread, KiB. With the default of 1 MiB, deeply nested
 * values overflow it before Python notices, and the interpreter breaks instead of raising a RecursionError.
 */
const STACK_KIB = 3800;
const THREAD_STACK_KIB = 98_304;

/** Longest start of a process, ms; loading takes a few seconds at most. */
const START_MS = 120_000;

const encoder = new TextEncoder();
let image: Promise<Uint8Array<ArrayBuffer>> | undefined;

/** File URL of the Pyodide package; loading its description makes sure that it is there. */
async function packageUrl(): Promise<string> {
  await import("pyodide/package.json", { with: { type: "json" } });
  return import.meta.resolve("pyodide");
}

/** Folder of a file URL. */
function folderOf(url: string): string {
  return decodeURIComponent(new URL(".", url).pathname).replace(/\/$/, "");
}

/** This program if it may be run, else whatever is called deno. */
function denoCommand(): string {
  const own = Deno.execPath();
  const isDeno = /(^|[/\\])deno(\.exe)?$/.test(own);
  return isDeno && Deno.permissions.querySync({ name: "run", command: own }).state === "granted" ? own : "deno";
}

function spawn(packageAt: string): Deno.ChildProcess {
  const command = denoCommand();
  const cache = folderOf(packageAt).match(/^(.*)[/\\]npm[/\\]/)?.[1];
  const readable = [folderOf(packageAt), folderOf(import.meta.url)];
  try {
    return new Deno.Command(command, {
      args: [
        "run",
        "--quiet",
        "--no-config",
        "--no-lock",
        "--no-prompt",
        "--no-remote",
        "--no-npm",
        "--cached-only",
        "--no-check",
        `--v8-flags=--disallow-code-generation-from-strings,--stack-size=${STACK_KIB}`,
        `--allow-read=${readable.join(",")}`,
        new URL("./_python_child.ts", import.meta.url).href,
      ],
      // A launcher script called deno needs the environment to find its own interpreter.
      clearEnv: command !== "deno",
      env: {
        ...(command === "deno" ? Object.fromEntries(BLANKED.map((name) => [name, ""])) : {}),
        ...(cache === undefined ? {} : { DENO_DIR: cache }),
        DENO_NO_UPDATE_CHECK: "1",
        RUST_MIN_STACK: String(THREAD_STACK_KIB * 1024),
        TZ: "UTC",
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch (cause) {
    const permission = cause instanceof Deno.errors.NotCapable;
    const why = permission
      ? "this program may not run deno; allow it with --allow-run=deno"
      : `the command ${command} cannot be run (${cause instanceof Error ? cause.message : cause})`;
    throw new SandboxError(`Cannot start Python: ${why}`, { cause });
  }
}

/** Memory image of a started interpreter, made once per host by a process that never sees agent code. */
function startImage(): Promise<Uint8Array<ArrayBuffer>> {
  image ??= makeImage().catch((error: unknown) => {
    image = undefined;
    throw error;
  });
  return image;
}

async function makeImage(): Promise<Uint8Array<ArrayBuffer>> {
  const process = await PythonProcess.spawn(0);
  const timer = setTimeout(() => process.kill(), START_MS);
  try {
    process.hold(true);
    const message = await process.receive();
    const bytes = message?.kind === "snapshot" ? await process.receiveBytes(message.bytes) : undefined;
    if (bytes === undefined) throw startError(message);
    return bytes;
  } finally {
    clearTimeout(timer);
    process.kill();
    await process.ended;
  }
}

function startError(message: ChildMessage | undefined): SandboxError {
  const detail = message?.kind === "stopped" ? message.detail : "its process ended";
  return new SandboxError(`Cannot start Python: the interpreter did not load: ${detail}`);
}

/** One child process. */
export class PythonProcess {
  /** Settles when the process is gone. */
  readonly ended: Promise<void>;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: FrameReader;
  readonly #nonce = crypto.randomUUID();
  #killed = false;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#reader = new FrameReader(child.stdout, MAX_LINE_BYTES);
    this.ended = child.status.then(() => {}, () => {});
    this.hold(false);
  }

  /** Starts a process and tells it what it is for. */
  static async spawn(snapshot: Uint8Array<ArrayBuffer> | 0): Promise<PythonProcess> {
    const at = await packageUrl();
    const process = new PythonProcess(spawn(at));
    process.send({
      kind: "start",
      nonce: process.#nonce,
      packageUrl: at,
      snapshotBytes: snapshot ? snapshot.length : 0,
    });
    if (snapshot) process.#write(snapshot);
    return process;
  }

  /**
   * A process whose interpreter has started and waits for its settings.
   *
   * @throws {SandboxError} if it cannot be started.
   */
  static async start(): Promise<PythonProcess> {
    const process = await PythonProcess.spawn(await startImage());
    process.hold(true);
    const timer = setTimeout(() => process.kill(), START_MS);
    const message = await process.receive();
    clearTimeout(timer);
    if (message?.kind === "loaded") return process;
    process.kill();
    throw startError(message);
  }

  /** Sends one message; a process that is gone shows when its answer is awaited. */
  send(message: HostMessage): void {
    this.#write(encoder.encode(`${JSON.stringify(message)}\n`));
  }

  /** Next message; undefined if the process is gone or sent what is none. */
  async receive(): Promise<ChildMessage | undefined> {
    const line = await this.#reader.line();
    if (line === undefined || !line.startsWith(this.#nonce)) return undefined;
    return parseChildMessage(line.slice(this.#nonce.length));
  }

  /** Raw bytes that follow a message. */
  async receiveBytes(count: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return await this.#reader.bytes(count);
  }

  /** Whether the host waits for this process before it exits. */
  hold(held: boolean): void {
    if (held) this.#child.ref();
    else this.#child.unref();
  }

  /** Ends the process; a second call does nothing. */
  kill(): void {
    if (this.#killed) return;
    this.#killed = true;
    // Whoever awaits the end gets to see it.
    this.hold(true);
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    // A launcher that was killed leaves the process that it started, which ends with its input.
    this.#writer.abort().catch(() => {});
  }

  #write(bytes: Uint8Array): void {
    this.#writer.write(bytes).catch(() => {});
  }
}
