/**
 * A client of an environment server that a user runs: AppWorld's, or our own (`server/protocol.ts`).
 *
 * Contract: whatever goes wrong on the way, and an output that tells of a closed database, is an {@linkcode EnvFault}, never the agent's
 * failure. Only one world is open on a server; all are closed before one is opened, since such servers keep a closed world
 * registered and answer from it.
 * Choices: a request may take 150 s, for the server's own limit of one execution is 100 s and its first world takes seconds to open.
 * Never sent: `include_details=false`, which such servers fail on, and `remote_environment_url`, which would make them call themselves.
 *
 * @module
 */
import { z } from "zod";
import type { Json } from "../../../data/canonical.ts";
import { InputError } from "../../../data/parse_input.ts";
import { EnvFault } from "../../contract.ts";
import { type BridgeReport, type BridgeVerdict, readReport, readVerdict } from "./read_verdict.ts";

/** Longest time of a request, ms. */
export const REQUEST_TIMEOUT_MS = 150_000;

/** How many characters of a server's complaint a message repeats. */
const SHOWN_CHARACTERS = 200;

/** What an output says when the world behind it is gone. */
const CLOSED = "Cannot operate on a closed database";

const briefSchema = z.object({
  task_id: z.string(),
  instruction: z.string(),
  supervisor: z.object({
    first_name: z.string(),
    last_name: z.string(),
    email: z.string().default(""),
    phone_number: z.union([z.string(), z.number()]).transform(String).default(""),
  }),
  datetime: z.string(),
});
/** A task as the server shows it. */
export type BridgeBrief = z.infer<typeof briefSchema>;

/** Sends a request; `fetch`, or something that answers without a network. */
export type SendRequest = (request: Request) => Promise<Response>;

/** Options of {@linkcode BridgeClient}. */
export interface BridgeClientOptions {
  /**
   * Longest time of a request, ms.
   *
   * @default {150_000}
   */
  readonly timeoutMs?: number;
  /**
   * Secret that the server asks for.
   *
   * @default none is sent
   */
  readonly token?: string;
  /**
   * Sends requests.
   *
   * @default {fetch}
   */
  readonly send?: SendRequest;
}

/** A server, and the task that is open on it. */
export class BridgeClient {
  readonly #url: string;
  readonly #timeoutMs: number;
  readonly #token: string | undefined;
  readonly #send: SendRequest;
  #task = "";

  /**
   * Knows a server; sends nothing yet.
   *
   * @param url address without a path, such as `http://127.0.0.1:8000`.
   * @param options see {@linkcode BridgeClientOptions}.
   */
  constructor(url: string, options: BridgeClientOptions = {}) {
    const { timeoutMs = REQUEST_TIMEOUT_MS, token, send = fetch } = options;
    this.#url = url.replace(/\/+$/, "");
    this.#timeoutMs = timeoutMs;
    this.#token = token;
    this.#send = send;
  }

  /** A task, without opening its world. */
  async brief(taskId: string): Promise<BridgeBrief> {
    return this.#read(briefSchema, `tasks/${taskId}`, await this.#output("GET", `tasks/${encodeURIComponent(taskId)}`));
  }

  /** Documentation of all APIs, as the server has it. */
  async docs(): Promise<Readonly<Record<string, Json>>> {
    return this.#read(z.record(z.string(), z.json()), "api_docs", await this.#request("GET", "api_docs"));
  }

  /** Closes whatever is open and opens a task. */
  async open(taskId: string, options: { readonly [name: string]: Json }): Promise<BridgeBrief> {
    await this.closeAll();
    const output = await this.#output("POST", "initialize", { ...options, task_id: taskId });
    this.#task = taskId;
    return this.#read(briefSchema, "initialize", output);
  }

  /** Runs code in the open world. */
  async execute(code: string): Promise<string> {
    const output = await this.#output("POST", "execute", { task_id: this.#task, code });
    const text = this.#read(z.string(), "execute", output);
    if (text.includes(CLOSED)) throw new EnvFault(`The world of ${this.#task} on ${this.#url} is gone: ${CLOSED}`);
    return text;
  }

  /** Whether the agent has finished the task. */
  async isCompleted(): Promise<boolean> {
    return this.#read(
      z.boolean(),
      "task_completed",
      await this.#output("POST", "task_completed", { task_id: this.#task }),
    );
  }

  /** Verdict on the open world. */
  async evaluate(): Promise<BridgeVerdict> {
    const body = { task_id: this.#task, suppress_errors: true, report: false };
    return readVerdict(await this.#output("POST", "evaluate", body));
  }

  /** Verdicts on the outputs of an experiment that the server has stored. */
  async evaluateAll(taskIds: readonly string[], experiment: string): Promise<BridgeReport> {
    const body = { task_ids: [...taskIds], experiment_name: experiment, suppress_errors: true, include_details: true };
    return readReport(await this.#output("POST", "evaluate_all", body));
  }

  /** Leaves no world open. */
  async closeAll(): Promise<void> {
    await this.#output("POST", "close_all");
    this.#task = "";
  }

  #read<T>(schema: z.ZodType<T>, what: string, value: unknown): T {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? "" : ` in ${issue.path.join(".")}`;
    throw new EnvFault(`${this.#url}/${what} answered something else than expected${where}: ${issue?.message ?? ""}`);
  }

  async #output(method: "GET" | "POST", path: string, body?: Json): Promise<unknown> {
    const answer = await this.#request(method, path, body);
    if (typeof answer === "object" && answer !== null && "output" in answer) return answer.output;
    throw new EnvFault(`${this.#url}/${path} answered without an output`);
  }

  async #request(method: "GET" | "POST", path: string, body?: Json): Promise<unknown> {
    const url = `${this.#url}/${path}`;
    const headers = new Headers(body === undefined ? {} : { "content-type": "application/json" });
    if (this.#token !== undefined) headers.set("authorization", `Bearer ${this.#token}`);
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(new EnvFault(`no answer in ${this.#timeoutMs} ms`)), this.#timeoutMs);
    try {
      const init = {
        method,
        headers,
        signal: timer.signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      };
      const response = await this.#send(new Request(url, init));
      const text = await response.text();
      if (!response.ok) throw new EnvFault(`it answered ${response.status}: ${text.slice(0, SHOWN_CHARACTERS)}`);
      return JSON.parse(text);
    } catch (cause) {
      const reason = cause instanceof TypeError && cause.cause instanceof Error ? `: ${cause.cause.message}` : "";
      const why = cause instanceof Error ? `${cause.message}${reason}` : String(cause);
      if (cause instanceof Deno.errors.NotCapable) {
        const { host } = new URL(url);
        throw new InputError(
          `Cannot ask ${url}: the permissions do not allow it; run: deno run -P --allow-net=${host} cli.ts …`,
          {
            cause,
          },
        );
      }
      throw new EnvFault(`Cannot use the environment server at ${url}: ${why}`, { cause });
    } finally {
      clearTimeout(timeout);
    }
  }
}
