/**
 * Entry of the process that runs one guest's Python: a supervisor that never runs agent code itself.
 *
 * Contract: passes messages between the host's pipe and the worker, and keeps the step's clock, which stands still while
 * the host answers a call. It stays responsive whatever the worker does, so that the end of standard input always ends
 * the process: no host, no guest. Once the worker has loaded the interpreter, both give up their right to read files.
 * Choices: ending the process is the only way to stop a worker that resists; there is nothing to clean up.
 *
 * @module
 */
import { FrameReader } from "./_frames.ts";
import {
  type ChildMessage,
  type HostMessage,
  MAX_LINE_BYTES,
  SIGNAL,
  type StopReason,
  type WorkerMessage,
  type WorkerStart,
} from "./_python_protocol.ts";

/** Time between asking a guest to stop and ending it, ms; for a short limit, as long as that. */
const GRACE_MS = 1000;
/** Time between two looks at the memory of the process, ms. */
const MEMORY_CHECK_MS = 200;
/** Memory that the process may take beyond what the guest's limit explains, bytes. */
const MEMORY_SLACK_BYTES = 384 * 2 ** 20;
/** Longest message to the worker, bytes. */
const MAX_DATA_BYTES = MAX_LINE_BYTES;

const input = new FrameReader(Deno.stdin.readable, MAX_LINE_BYTES);
const encoder = new TextEncoder();
const signalBuffer = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT);
const signal = new Int32Array(signalBuffer);
const data = new SharedArrayBuffer(1 << 16, { maxByteLength: MAX_DATA_BYTES });

let nonce = "";
let wallClockMs = 0;
let leftMs = 0;
let startedAt = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

function write(bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  } catch {
    Deno.exit(1);
  }
}

function send(message: ChildMessage): void {
  write(encoder.encode(`${nonce}${JSON.stringify(message)}\n`));
}

function stop(why: StopReason, detail = ""): never {
  send({ kind: "stopped", why, detail });
  Deno.exit(1);
}

function pauseClock(): void {
  if (timer === undefined) return;
  clearTimeout(timer);
  timer = undefined;
  leftMs -= performance.now() - startedAt;
}

function runClock(): void {
  startedAt = performance.now();
  timer = setTimeout(() => {
    Atomics.store(signal, SIGNAL.interrupt, 1);
    timer = setTimeout(() => stop("time"), Math.min(GRACE_MS, wallClockMs));
  }, Math.max(0, leftMs));
}

/** Hands bytes to the worker, which waits for them. */
function deliver(text: string): void {
  const bytes = encoder.encode(text);
  if (bytes.length > MAX_DATA_BYTES || Atomics.load(signal, SIGNAL.message) !== 0) stop("broken");
  if (bytes.length > data.byteLength) data.grow(bytes.length);
  new Uint8Array(data).set(bytes);
  Atomics.store(signal, SIGNAL.length, bytes.length);
  Atomics.store(signal, SIGNAL.message, 1);
  Atomics.notify(signal, SIGNAL.message);
}

function fromHost(message: HostMessage): void {
  if (message.kind === "configure") {
    wallClockMs = message.wallClockMs;
    watchMemory(message.memoryMiB);
    deliver(JSON.stringify(message));
  } else if (message.kind === "reply") {
    if (message.stop) Atomics.store(signal, SIGNAL.interrupt, 1);
    runClock();
    deliver(message.text);
  } else {
    leftMs = wallClockMs;
    Atomics.store(signal, SIGNAL.interrupt, 0);
    runClock();
    deliver(JSON.stringify(message));
  }
}

function fromWorker(message: WorkerMessage): void {
  if (message.kind === "snapshot") {
    send({ kind: "snapshot", bytes: message.snapshot.length });
    write(message.snapshot);
    Deno.exit(0);
  }
  if (message.kind === "stopped") stop(message.why, message.detail);
  if (message.kind === "loaded") Deno.permissions.revokeSync({ name: "read" });
  if (message.kind === "call" || message.kind === "result") pauseClock();
  send(message);
}

function watchMemory(memoryMiB: number): void {
  const most = Deno.memoryUsage().rss + memoryMiB * 2 ** 20 + MEMORY_SLACK_BYTES;
  setInterval(() => {
    if (Deno.memoryUsage().rss > most) stop("memory");
  }, MEMORY_CHECK_MS);
}

async function main(): Promise<void> {
  const first = await input.line();
  if (first === undefined) return;
  const start = JSON.parse(first) as HostMessage;
  if (start.kind !== "start") return;
  nonce = start.nonce;
  const snapshot = start.snapshotBytes > 0 ? await input.bytes(start.snapshotBytes) : undefined;
  const worker = new Worker(new URL("./_python_worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = (event: MessageEvent<WorkerMessage>) => fromWorker(event.data);
  worker.onerror = (event) => {
    event.preventDefault();
    stop("broken", event.message);
  };
  worker.onmessageerror = () => stop("broken");
  const given: WorkerStart = { packageUrl: start.packageUrl, snapshot, signal: signalBuffer, data };
  worker.postMessage(given, snapshot === undefined ? [] : [snapshot.buffer]);
  for (;;) {
    const line = await input.line();
    if (line === undefined) return;
    fromHost(JSON.parse(line) as HostMessage);
  }
}

await main();
Deno.exit(0);
