/**
 * Small rows and helpers for tests of the record.
 *
 * @module
 */
import type { Row } from "../../data/schema.ts";

/** Runs a test in a folder of its own, removed afterwards. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "record_test_" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Identity of a rollout with defaults. */
export function identity(
  fields: Partial<Pick<Row<"rollout">, "run_id" | "phase" | "step" | "grp" | "sample" | "position">> = {},
): Pick<Row<"rollout">, "run_id" | "phase" | "step" | "grp" | "sample" | "position"> {
  return { run_id: "r", phase: "rl", step: 0, grp: 0, sample: 0, position: 1, ...fields };
}

/** A rollout with defaults. */
export function rolloutRow(fields: Partial<Row<"rollout">> = {}): Row<"rollout"> {
  return {
    ...identity(),
    task_id: "aaaaaaa_1",
    scenario: "aaaaaaa",
    split: "train",
    agent: "codeact",
    finish: "finished",
    success: true,
    score: 1,
    passed: 2,
    total: 2,
    no_code: false,
    steps: 2,
    prompt_tokens: 10,
    generated_tokens: 20,
    observation_tokens: 5,
    skills_offered: [],
    skills_used: [],
    skills_defined: [],
    used_skill: false,
    smoke_failed: false,
    tests: [{ requirement: "answer", passed: true }],
    ...fields,
  };
}

/** A run with defaults. */
export function runRow(fields: Partial<Row<"run">> = {}): Row<"run"> {
  return {
    run_id: "r",
    arm: "sage",
    recipe: "sage",
    config: { chainLength: 2 },
    config_hash: "0123456789",
    seed: 1,
    environment: "apps",
    environment_hash: "e0",
    device: "cpu",
    versions: { deno: "2" },
    started_at: new Date("2026-01-02T03:04:05Z"),
    ...fields,
  };
}

/** A turn with defaults. */
export function turnRow(fields: Partial<Row<"turn">> = {}): Row<"turn"> {
  return {
    ...identity(),
    turn: 0,
    context_ids: [1, 2],
    generated_ids: [3],
    logprobs: [-0.5],
    finish: "stop",
    code: "f()",
    observation: "",
    ok: true,
    ...fields,
  };
}

/** An event of a skill with defaults. */
export function eventRow(fields: Partial<Row<"skill_event">> = {}): Row<"skill_event"> {
  return { ...identity(), seq: 0, turn: 0, kind: "invoked", name: "f", version: 1, detail: "", ...fields };
}

/** A child process that runs a script of this folder and talks by lines. */
export class Child {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  #buffer = "";

  /** Starts `tests/data/<script>` with arguments. */
  constructor(script: string, args: readonly string[], flags: readonly string[] = []) {
    const path = new URL(script, import.meta.url).pathname;
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", ...flags, path, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#stdin = this.#process.stdin.getWriter();
  }

  /** Id of the process. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Next line that the child printed; undefined when it has ended. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#buffer.indexOf("\n");
      if (end >= 0) {
        const line = this.#buffer.slice(0, end);
        this.#buffer = this.#buffer.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#lines.read();
      if (done) return undefined;
      this.#buffer += value;
    }
  }

  /** Sends a line. */
  async send(text: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(`${text}\n`));
  }

  /** Ends the child's input and waits for its end. */
  async end(): Promise<Deno.CommandStatus> {
    await this.#stdin.close().catch(() => undefined);
    while (await this.line() !== undefined);
    return await this.#process.status;
  }

  /** Kills it and waits. */
  async kill(): Promise<Deno.CommandStatus> {
    this.#process.kill("SIGKILL");
    return await this.end();
  }
}
