/**
 * Started interpreters: QuickJS instances, each with its own memory, the prelude run, put back to that state after use.
 *
 * Contract: an acquired interpreter is byte for byte in its start state, whoever had it before; `memoryMiB` bounds the
 * guest exactly (the interpreter's own limit does not count bytes in this build). The module is compiled once per
 * process.
 * Choices: putting back a memory image (about 0.3 MB) takes 0.03 ms where freeing and starting anew takes 2 ms, and it
 * also holds after an interrupt. An interpreter that trapped, or whose memory grew, is left to the garbage collector.
 * Omitted: one instance shared by several sandboxes, which would let one starve or corrupt the others.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
  RELEASE_SYNC,
} from "quickjs-emscripten";
import { PRELUDE, PRELUDE_FILE } from "./_prelude.ts";

/** Memory that the module asks for at start, MiB. */
export const INITIAL_MIB = 16;

const PAGE_BYTES = 65_536;
const PAGES_PER_MIB = 16;

/** Most idle interpreters kept for each memory size; an idle one takes about 0.7 MB of real memory. */
const MAX_IDLE = 512;

/** Block of the scan for the image, and the run of zeros taken for the unused stack and left out of it, bytes. */
const BLOCK_BYTES = 4096;
const STACK_GAP_BYTES = 1 << 20;

/**
 * Turns (loop turns and calls of functions) between two calls of the interrupt handler. The interpreter itself allows
 * 10,000, in which slow built-ins could keep it from asking for minutes; its counter is therefore set back after each
 * call.
 */
const CHECK_TURNS = 100;
const NATIVE_TURNS = 10_000;

/** Part of the memory after the context that is searched for the counter, words. */
const CONTEXT_WORDS = 1024;

/** Put into the image beyond the last block in use. */
const MARGIN_BYTES = 32_768;

/** Who serves a guest now. */
export interface GuestOwner {
  /** Answers the host function. */
  serve(handles: readonly QuickJSHandle[]): QuickJSHandle;
  /** Whether the guest is to be stopped; `share` is how much of 10,000 turns has passed since the last call. */
  interrupted(share: number): boolean;
}

/** A started interpreter. */
export interface Interpreter {
  readonly context: QuickJSContext;
  readonly runtime: QuickJSRuntime;
  /** Object of functions that the prelude returned. */
  readonly kit: QuickJSHandle;
  readonly memory: WebAssembly.Memory;
  readonly memoryMiB: number;
  /** Memory at the start, as pieces by offset. */
  readonly image: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  /** Word in which the interpreter counts turns, if it was found. */
  readonly counterAt: number | undefined;
  owner: GuestOwner | undefined;
}

const idle = new Map<number, Interpreter[]>();
let compiled: Promise<WebAssembly.Module> | undefined;
let ranges: readonly { readonly start: number; readonly end: number }[] | undefined;

/** Compiles the module; a first instance is booted only to learn where the package keeps its file. */
async function compile(): Promise<WebAssembly.Module> {
  let location = "";
  const locateFile = (fileName: string, prefix: string) => location = prefix + fileName;
  await newQuickJSWASMModuleFromVariant(newVariant(RELEASE_SYNC as QuickJSSyncVariant, { locateFile }));
  const bytes = await readFile(location.startsWith("file:") ? new URL(location) : location);
  return await WebAssembly.compile(new Uint8Array(bytes));
}

/** Parts of a fresh memory that are not all zero; the long run of zeros of the unused stack lies between them. */
function usedRanges(memory: WebAssembly.Memory): { start: number; end: number }[] {
  const words = new Uint32Array(memory.buffer);
  const perBlock = BLOCK_BYTES / 4;
  const found: { start: number; end: number }[] = [];
  for (let block = 0; block < words.length / perBlock; block++) {
    if (words.subarray(block * perBlock, (block + 1) * perBlock).every((word) => word === 0)) continue;
    const [start, end] = [block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES];
    const last = found.at(-1);
    if (last !== undefined && start - last.end < STACK_GAP_BYTES) last.end = end;
    else found.push({ start, end });
  }
  return found.map(({ start, end }) => ({ start, end: end + MARGIN_BYTES }));
}

/** Finds the counter of turns: the one word of the context that is full whenever the interrupt handler is called. */
function findCounter(runtime: QuickJSRuntime, context: QuickJSContext, memory: WebAssembly.Memory): number | undefined {
  // The handle of the context is not part of the package's types.
  const { ctx } = context as unknown as { readonly ctx?: { readonly value: number } };
  if (typeof ctx?.value !== "number") return undefined;
  const first = ctx.value >> 2;
  let found = Array.from({ length: CONTEXT_WORDS }, (_, i) => first + i);
  runtime.setInterruptHandler(() => {
    const words = new Int32Array(memory.buffer);
    found = found.filter((at) => words[at] === NATIVE_TURNS);
    return false;
  });
  context.unwrapResult(context.evalCode("for (let i = 0; i < 50000; i++);")).dispose();
  return found.length === 1 ? found[0] : undefined;
}

/** Sets the counter back after a call of the handler; returns the share of 10,000 turns that led to it. */
function setCounter({ counterAt, memory }: Interpreter): number {
  if (counterAt === undefined) return 1;
  const words = new Int32Array(memory.buffer);
  // Regular expressions call the handler too, on a counter of their own; this one is then not full.
  if (words[counterAt] !== NATIVE_TURNS) return 1;
  words[counterAt] = CHECK_TURNS;
  return CHECK_TURNS / NATIVE_TURNS;
}

/** Copies what a fresh memory holds. Every start lays it out alike, so that one search serves all. */
function takeImage(memory: WebAssembly.Memory): { offset: number; bytes: Uint8Array }[] {
  ranges ??= usedRanges(memory);
  return ranges.map(({ start, end }) => ({ offset: start, bytes: new Uint8Array(memory.buffer).slice(start, end) }));
}

async function start(memoryMiB: number): Promise<Interpreter> {
  compiled ??= compile();
  const wasmModule = await compiled;
  const memory = new WebAssembly.Memory({
    initial: INITIAL_MIB * PAGES_PER_MIB,
    maximum: memoryMiB * PAGES_PER_MIB,
  });
  const variant = newVariant(RELEASE_SYNC as QuickJSSyncVariant, { wasmModule, wasmMemory: memory });
  const engine = await newQuickJSWASMModuleFromVariant(variant);
  const runtime = engine.newRuntime();
  const context = runtime.newContext();
  const counterAt = findCounter(runtime, context, memory);
  // Neither handle is freed: the memory image holds both for ever.
  const host = context.newFunction("host", (...handles) => interpreter.owner?.serve(handles) ?? context.undefined);
  const prelude = context.unwrapResult(context.evalCode(PRELUDE, PRELUDE_FILE));
  const kit = context.unwrapResult(context.callFunction(prelude, context.undefined, host));
  runtime.setInterruptHandler(() => {
    const share = setCounter(interpreter);
    return interpreter.owner?.interrupted(share) ?? false;
  });
  if (counterAt !== undefined) new Int32Array(memory.buffer)[counterAt] = CHECK_TURNS;
  prelude.dispose();
  const interpreter: Interpreter = {
    context,
    runtime,
    kit,
    memory,
    memoryMiB,
    image: takeImage(memory),
    counterAt,
    owner: undefined,
  };
  return interpreter;
}

/** An interpreter with at most `memoryMiB` of memory, idle or new, in its start state. */
export async function acquireInterpreter(memoryMiB: number): Promise<Interpreter> {
  return idle.get(memoryMiB)?.pop() ?? await start(memoryMiB);
}

/** Takes back an interpreter that did not trap. */
export function releaseInterpreter(interpreter: Interpreter): void {
  interpreter.owner = undefined;
  if (interpreter.memory.buffer.byteLength > INITIAL_MIB * PAGES_PER_MIB * PAGE_BYTES) return;
  const list = idle.get(interpreter.memoryMiB) ?? [];
  idle.set(interpreter.memoryMiB, list);
  if (list.length >= MAX_IDLE) return;
  for (const { offset, bytes } of interpreter.image) new Uint8Array(interpreter.memory.buffer).set(bytes, offset);
  list.push(interpreter);
}
