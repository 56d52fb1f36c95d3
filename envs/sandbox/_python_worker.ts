/**
 * Worker in which Python runs: loads the interpreter, gives up all permissions, then serves one guest until the process
 * ends.
 *
 * Contract: Python holds no object of this side. It talks through its file descriptors 0 and 1 alone: one line per
 * request, and reading blocks until the answer is there. Running time is counted in the interpreter's own interrupt
 * checks, so that a time-out falls on the same bytecode everywhere. Before any agent code runs, clock and random sources
 * are replaced, memory is bounded, every global that reaches outside is removed, and the right to read files is given
 * up; code cannot be made from text (a flag of the process).
 * Choices: a guest that goes on after {@linkcode MAX_INTERRUPTS} interrupts, or when no step is running, is stopped for
 * good.
 *
 * @module
 */
import nodeCrypto from "node:crypto";
import {
  MAX_ARGUMENT_CHARACTERS,
  MAX_TRACES,
  type PythonConfig,
  SIGNAL,
  TICKS_PER_FUEL,
  type WorkerMessage,
  type WorkerStart,
} from "./_python_protocol.ts";
import { PYTHON_PRELUDE } from "./_python_prelude.ts";

/** Checks between two interrupts of a guest that goes on, and how many it gets. */
const GRACE_TICKS = 500;
const MAX_INTERRUPTS = 20;
/** Checks that the prelude may take between two steps. */
const IDLE_TICKS = 2000;
/** Fuel of one API call, of one refused beyond the cap, and of one event of a library function. */
const FUEL = { call: 0.2, refused: 2, event: 0.01 } as const;
/** Longest line from Python: arguments or a result. */
const MAX_LINE_BYTES = 16 * 2 ** 20;
/**
 * Stack after which Python raises a RecursionError; each byte of it goes with some of the thread's own stack, which
 * must not run out.
 */
const GUEST_STACK_BYTES = 196_608;
const PAGE_BYTES = 65_536;
const PAGES_PER_MIB = 16;
const NEWLINE = 10;

/** What is used of the interpreter. */
interface Pyodide {
  runPython(code: string): unknown;
  makeMemorySnapshot(): Uint8Array;
  setStdin(options: { read: (buffer: Uint8Array) => number; isatty: boolean }): void;
  setStdout(options: { write: (buffer: Uint8Array) => number; isatty: boolean }): void;
  setStderr(options: { write: (buffer: Uint8Array) => number; isatty: boolean }): void;
  setInterruptBuffer(buffer: ArrayLike<number>): void;
  readonly _module: PyodideEngine;
}

/** What is used of the compiled interpreter. */
interface PyodideEngine {
  readonly HEAPU8: Uint8Array;
  randomFill(view: Uint8Array): void;
  _PyThreadState_Get(): number;
  _PyUnstable_ThreadState_SetStackProtection(thread: number, start: number, size: number): number;
  _emscripten_stack_get_base(): number;
}

/** What is used of the package. */
interface PyodidePackage {
  loadPyodide(options: Record<string, unknown>): Promise<Pyodide>;
}

const post: (message: WorkerMessage) => void = self.postMessage.bind(self);
const { load, store, wait } = Atomics;
const { parse, stringify } = JSON;
const decoder = new TextDecoder(), encoder = new TextEncoder();
const forever = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** What the JavaScript of the interpreter may still see; everything else is removed. */
const KEPT_GLOBALS: ReadonlySet<string> = new Set(
  `globalThis self Object Function Array Number String Boolean Symbol Date Promise RegExp JSON Math Intl Map Set
  WeakMap WeakSet WeakRef FinalizationRegistry Proxy Reflect BigInt Iterator Infinity NaN undefined parseFloat parseInt isNaN isFinite
  Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError DOMException
  ArrayBuffer SharedArrayBuffer Atomics DataView Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array
  Float16Array Float32Array Float64Array Uint8ClampedArray BigUint64Array BigInt64Array
  console WebAssembly TextEncoder TextDecoder performance crypto queueMicrotask setTimeout clearTimeout
  decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape`.split(/\s+/),
);

// Clock and randomness, from before the interpreter starts
let now = 0;
let random = sfc32([1, 2, 3, 4]);
let mostPages = Infinity;

function sfc32([a = 0, b = 0, c = 0, counter = 0]: readonly number[]): () => number {
  const next = () => {
    const t = (a + b | 0) + counter | 0;
    counter = counter + 1 | 0;
    a = b ^ b >>> 9;
    b = c + (c << 3) | 0;
    c = (c << 21 | c >>> 11) + t | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

function replace(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: false, configurable: false });
}

function freezeSources(): void {
  const NativeDate = Date;
  class FrozenDate extends NativeDate {
    constructor(...given: readonly unknown[]) {
      super(...(given.length === 0 ? [now] : given) as [number]);
    }
    static override now = () => now;
  }
  replace(globalThis, "Date", FrozenDate);
  replace(NativeDate, "now", () => now);
  replace(NativeDate.prototype, "constructor", FrozenDate);
  replace(performance, "now", () => 0);
  replace(Object.getPrototypeOf(performance), "now", () => 0);
  replace(Math, "random", () => random() / 2 ** 32);
  const fill = <T extends ArrayBufferView>(view: T): T => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let i = 0; i < bytes.length; i++) bytes[i] = random();
    return view;
  };
  replace(globalThis, "crypto", { getRandomValues: fill });
  replace(nodeCrypto, "randomFillSync", fill);
}

/** Makes the interpreter's requests for memory fail beyond the bound, which Python turns into a MemoryError. */
function boundMemory(): void {
  const { grow } = WebAssembly.Memory.prototype;
  replace(WebAssembly.Memory.prototype, "grow", function (this: WebAssembly.Memory, pages: number): number {
    if (this.buffer.byteLength / PAGE_BYTES + pages > mostPages) throw new RangeError("The memory limit is reached");
    return Reflect.apply(grow, this, [pages]);
  });
}

/** What the interpreter writes to the console would reach the pipe of the protocol. */
function muteConsole(): void {
  const mute = () => {};
  replace(
    globalThis,
    "console",
    Object.freeze({ log: mute, info: mute, warn: mute, error: mute, debug: mute, trace: mute }),
  );
}

/** Takes away every global that the interpreter does not need, and the right to read files. */
function closeDoors(): void {
  const permissions = Deno.permissions;
  for (const name of ["read", "write", "net", "env", "sys", "run", "ffi", "import"] as const) {
    permissions.revokeSync({ name });
    if (permissions.querySync({ name }).state === "granted") {
      throw new Error(`The permission ${name} cannot be given up`);
    }
  }
  for (let object: object | null = globalThis; object !== null; object = Object.getPrototypeOf(object)) {
    if (object === Object.prototype) break;
    for (const name of Object.getOwnPropertyNames(object)) {
      if (KEPT_GLOBALS.has(name) || name === "constructor") continue;
      if (!Reflect.deleteProperty(object, name)) Reflect.set(object, name, undefined);
    }
  }
}

/** Ends this guest; the supervisor ends the process. */
function stop(why: "time" | "broken", detail = ""): never {
  post({ kind: "stopped", why, detail });
  for (;;) wait(forever, 0, 0);
}

/** One guest's side of the protocol. */
class Guest {
  readonly #signal: Int32Array;
  readonly #data: SharedArrayBuffer;
  #config: PythonConfig | undefined;
  /** Bytes that Python will read next. */
  #incoming: Uint8Array = new Uint8Array();
  #outgoing: Uint8Array[] = [];
  #outgoingBytes = 0;
  #running = false;
  #waiting = false;
  #ticks = 0;
  #idle = 0;
  #pause = 0;
  #interrupts = 0;
  #calls = 0;
  #events = 0;

  constructor({ signal, data }: WorkerStart) {
    this.#signal = new Int32Array(signal);
    this.#data = data;
  }

  /** Blocks until the host has sent something. */
  receive(): string {
    wait(this.#signal, SIGNAL.message, 0);
    const bytes = new Uint8Array(this.#data, 0, load(this.#signal, SIGNAL.length)).slice();
    store(this.#signal, SIGNAL.message, 0);
    return decoder.decode(bytes);
  }

  /** Waits for the settings, which Python reads next. */
  configure(): PythonConfig {
    const config = parse(this.receive()) as PythonConfig;
    this.#config = config;
    now = config.now;
    random = sfc32(config.seed);
    this.#push(stringify(config));
    return config;
  }

  /** Interrupt check of the interpreter: 2 raises KeyboardInterrupt. */
  tick(): number {
    if (!this.#running) {
      if (++this.#idle > IDLE_TICKS) stop("time");
      return 0;
    }
    if (--this.#ticks > 0 && load(this.#signal, SIGNAL.interrupt) === 0) return 0;
    if (this.#pause-- > 0) return 0;
    this.#pause = GRACE_TICKS;
    if (++this.#interrupts > MAX_INTERRUPTS) stop("time");
    return 2;
  }

  /** Python reads: first what is left, then the answer to a call, else the next command. */
  read(buffer: Uint8Array): number {
    if (this.#incoming.length === 0) {
      const text = this.receive();
      if (!this.#waiting) this.#begin();
      this.#waiting = false;
      this.#push(text);
    }
    const part = this.#incoming.subarray(0, buffer.length);
    buffer.set(part);
    this.#incoming = this.#incoming.subarray(part.length);
    return part.length;
  }

  /** Python writes: a line may come in pieces. */
  write(buffer: Uint8Array): number {
    if (this.#outgoingBytes === 0 && buffer[0] === "R".charCodeAt(0)) this.#running = false;
    const bytes = buffer.slice();
    this.#outgoing.push(bytes);
    this.#outgoingBytes += bytes.length;
    if (this.#outgoingBytes > MAX_LINE_BYTES) stop("broken", "a line is too long");
    if (bytes.at(-1) === NEWLINE) {
      const line = new Uint8Array(this.#outgoingBytes);
      let at = 0;
      for (const piece of this.#outgoing) {
        line.set(piece, at);
        at += piece.length;
      }
      this.#outgoing = [];
      this.#outgoingBytes = 0;
      try {
        this.#request(decoder.decode(line));
      } catch {
        stop("broken", "a request cannot be read");
      }
    }
    return bytes.length;
  }

  #begin(): void {
    this.#ticks = this.#config?.ticks ?? 0;
    [this.#running, this.#idle, this.#pause, this.#interrupts, this.#calls, this.#events] = [true, 0, 0, 0, 0, 0];
  }

  /**
   * Takes the answer to a call that an interrupt kept Python from reading, so that the next command is not taken for
   * it.
   */
  #settle(): void {
    if (this.#waiting) this.receive();
    this.#waiting = false;
    this.#incoming = new Uint8Array();
  }

  #push(text: string): void {
    this.#incoming = encoder.encode(`${text}\n`);
  }

  #burn(fuel: number): void {
    this.#ticks -= fuel * TICKS_PER_FUEL;
  }

  #request(line: string): void {
    const body = line.slice(1);
    switch (line[0]) {
      case "C":
        return this.#call(parse(body));
      case "E":
        this.#event({ kind: "entered", name: parse(body) });
        return;
      case "L": {
        const [index, failed] = parse(body) as [number, boolean];
        this.#event({ kind: "left", index, failed });
        return;
      }
      case "Y":
        post({ kind: "ready" });
        return;
      case "R":
        this.#settle();
        post({ kind: "result", result: this.#interrupts > 0 ? { ending: "timeout" } : parse(body) });
        return;
      default:
        stop("broken", "a request is unknown");
    }
  }

  #event(message: WorkerMessage): void {
    this.#burn(FUEL.event);
    if (this.#events++ < MAX_TRACES) post(message);
  }

  #call([app, api, args]: readonly [string, string, string]): void {
    const beyond = ++this.#calls > (this.#config?.apiCalls ?? 0);
    this.#burn(beyond ? FUEL.refused : FUEL.call);
    // A step that is over makes no more calls, whatever it catches.
    if (this.#interrupts > 0) return this.#push(`000${stringify("The step has ended.")}`);
    this.#waiting = true;
    post({ kind: "call", app, api, args: args.length > MAX_ARGUMENT_CHARACTERS ? "" : args });
  }
}

async function main(start: WorkerStart): Promise<void> {
  freezeSources();
  boundMemory();
  muteConsole();
  const { packageUrl, snapshot } = start;
  const { loadPyodide } = await import(new URL("pyodide.mjs", packageUrl).href) as PyodidePackage;
  const pyodide = await loadPyodide({
    indexURL: decodeURIComponent(new URL(".", packageUrl).pathname),
    env: { PYTHONHASHSEED: "0", TZ: "UTC", HOME: "/", _: "/" },
    ...(snapshot === undefined ? { _makeSnapshot: true } : { _loadSnapshot: snapshot }),
  });
  if (snapshot === undefined) {
    pyodide.runPython(PYTHON_PRELUDE);
    post({ kind: "snapshot", snapshot: new Uint8Array(pyodide.makeMemorySnapshot()) });
    return;
  }
  const guest = new Guest(start);
  pyodide.setStdin({ read: (buffer) => guest.read(buffer), isatty: false });
  pyodide.setStdout({ write: (buffer) => guest.write(buffer), isatty: false });
  pyodide.setStderr({ write: (buffer) => buffer.length, isatty: false });
  const { _module: engine } = pyodide;
  engine._PyUnstable_ThreadState_SetStackProtection(
    engine._PyThreadState_Get(),
    engine._emscripten_stack_get_base() - GUEST_STACK_BYTES,
    GUEST_STACK_BYTES,
  );
  // Has the interpreter look its random source up while it still can.
  engine.randomFill(new Uint8Array(1));
  closeDoors();
  post({ kind: "loaded" });
  const { memoryMiB } = guest.configure();
  mostPages = engine.HEAPU8.length / PAGE_BYTES + memoryMiB * PAGES_PER_MIB;
  pyodide.setInterruptBuffer({
    length: 1,
    get 0() {
      return guest.tick();
    },
    set 0(_cleared: number) {
      // The interpreter clears the word after reading; the getter needs no clearing.
    },
  });
  pyodide.runPython("__import__('sys').modules['_whetstone'].serve()");
}

self.onmessage = (event: MessageEvent<WorkerStart>) => {
  self.onmessage = null;
  main(event.data).then(() => {}, (error: unknown) => stop("broken", String(error)));
};
