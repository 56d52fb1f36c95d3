/**
 * `apps-bridge`: tasks of an environment server that the user runs, such as AppWorld's.
 *
 * Contract: see `envs/contract.ts`. Tasks are those whose ids the user gives; nothing of that server comes with Whetstone. One world at
 * a time is open on a server; several addresses are a pool, and episodes beyond it take turns (`server_pool.ts`), so a policy should
 * play no more of them at a time than there are servers. What was received is written to a folder that git ignores
 * (`private_folder.ts`); evaluations name requirements by number only.
 * Choices: actions are Python, which such servers run; one API call a step (`calls`), which is rendered as Python; or JavaScript, for
 * servers of our own. Many steps of one call each change the number of steps, so such runs do not compare with published numbers. The
 * difficulty of a task is not told before it is played, so it is 1 here.
 * Omitted: reference solutions, so that conformance is checked on nothing but the end of an untouched world.
 * Not checked against AppWorld itself: the protocol comes from reading its open code.
 *
 * @module
 */
import { canonicalJson, contentHash } from "../../../data/canonical.ts";
import { InputError } from "../../../data/parse_input.ts";
import { EnvFault, type Environment, type Episode, type Task, type TasksOptions } from "../../contract.ts";
import { BridgeEpisode } from "./bridge_episode.ts";
import { type BridgeOptions, bridgeOptionsSchema } from "./bridge_options.ts";
import { type BridgeBrief, BridgeClient, type SendRequest } from "./client.ts";
import { type PrivateFolder, privateFolder } from "./private_folder.ts";
import { ServerPool } from "./server_pool.ts";
import { listedTaskIds, ONLY_SPLIT, type TaskIds, taskIdsOfText } from "./task_ids.ts";

export { type BridgeOptions, bridgeOptionsSchema };

/** What the bridge reaches the outside by; others stand in for it in tests. */
export interface BridgeWays {
  /** Sends requests; `fetch` if left out. */
  readonly send?: SendRequest;
  /** Where received texts are kept; `results/bridge` if left out. */
  readonly folder?: PrivateFolder;
}

/** The environment. */
export class BridgeEnvironment implements Environment {
  /** See {@linkcode Environment.id}. */
  readonly id = "apps-bridge";
  /** See {@linkcode Environment.version}. */
  readonly version = "0.1.0";
  /** See {@linkcode Environment.hash}: of the ids, the briefs and the language. */
  readonly hash: string;
  /** See {@linkcode Environment.actions}. */
  readonly actions: "code" | "text";
  /** See {@linkcode Environment.splits}. */
  readonly splits: readonly string[];
  readonly #options: BridgeOptions;
  readonly #pool: ServerPool;
  readonly #folder: PrivateFolder;
  readonly #tasks: ReadonlyMap<string, Task>;
  readonly #attempts = new Map<string, number>();

  private constructor(
    options: BridgeOptions,
    pool: ServerPool,
    folder: PrivateFolder,
    ids: TaskIds,
    briefs: ReadonlyMap<string, BridgeBrief>,
  ) {
    this.#options = options;
    this.#pool = pool;
    this.#folder = folder;
    this.actions = options.language === "calls" ? "text" : "code";
    this.splits = ids.size === 0 ? [ONLY_SPLIT] : [...ids.keys()];
    this.#tasks = new Map(
      [...ids].flatMap(([split, some]) => some.map((id) => [id, taskOf(id, split, briefs.get(id))])),
    );
    this.hash = contentHash(canonicalJson({
      version: this.version,
      language: options.language,
      tasks: [...this.#tasks.values()].map(({ id, split, instruction, context }) => ({
        id,
        split,
        instruction,
        context,
      })),
    }));
  }

  /**
   * Asks the servers for the tasks; without ids nothing is asked and there are no tasks.
   *
   * @param options see {@linkcode bridgeOptionsSchema}.
   * @param ways see {@linkcode BridgeWays}.
   * @throws {EnvFault} if a server does not answer, or knows a task not; {InputError} if the ids cannot be used.
   */
  static async create(options: BridgeOptions, ways: BridgeWays = {}): Promise<BridgeEnvironment> {
    const { folder = privateFolder(), send } = ways;
    const { tokenFile, taskIds, idsFile } = options;
    const token = tokenFile === undefined ? undefined : (await readText(tokenFile, "tokenFile")).trim();
    const clients = options.url.map((url) =>
      new BridgeClient(url, { ...(token === undefined ? {} : { token }), ...(send === undefined ? {} : { send }) })
    );
    const pool = new ServerPool(clients);
    const ids = idsFile !== undefined
      ? taskIdsOfText(await readText(idsFile, "idsFile"), idsFile)
      : taskIds !== undefined
      ? listedTaskIds(taskIds)
      : new Map<string, string[]>();
    const briefs = new Map<string, BridgeBrief>();
    await Promise.all(
      [...ids.values()].flat().map(async (id) => {
        briefs.set(id, await pool.borrow((client) => client.brief(id)));
      }),
    );
    return new BridgeEnvironment(options, pool, folder, ids, briefs);
  }

  /** See {@linkcode Environment.tasks}. */
  tasks(split: string, options: TasksOptions = {}): readonly Task[] {
    const { variants: [first, last] = [1, Number.MAX_SAFE_INTEGER] } = options;
    if (!this.splits.includes(split)) {
      throw new RangeError(`Cannot list tasks: split must be one of ${this.splits.join(", ")}, got ${split}`);
    }
    return [...this.#tasks.values()].filter((task) =>
      task.split === split && task.variant >= first && task.variant <= last
    );
  }

  /** See {@linkcode Environment.task}. */
  task(id: string): Task {
    const task = this.#tasks.get(id);
    if (task === undefined) throw new RangeError(`Cannot find task: id must be one that was given, got ${id}`);
    return task;
  }

  /** See {@linkcode Environment.open}. A server is asked when the episode acts. */
  open(task: Task): Promise<Episode> {
    return Promise.resolve().then(() => {
      const own = this.task(task.id);
      const attempt = (this.#attempts.get(own.id) ?? 0) + 1;
      this.#attempts.set(own.id, attempt);
      return new BridgeEpisode(own, attempt, this.#pool, this.#folder, this.#options);
    });
  }

  /**
   * Fetches the documentation of all APIs into the private folder.
   *
   * @returns names of APIs by app.
   */
  async fetchDocs(): Promise<ReadonlyMap<string, readonly string[]>> {
    const docs = await this.#pool.borrow((client) => client.docs());
    await this.#folder.write(`${this.#options.experiment}/api_docs.json`, docs);
    return new Map(Object.entries(docs).map(([app, apis]) => [app, Object.keys(apis ?? {})]));
  }

  /** Ends when the worlds of all closed episodes are closed. */
  settled(): Promise<void> {
    return this.#pool.settled();
  }
}

/** Text of a file that an option names. */
async function readText(file: string, option: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot use option ${option} of environment apps-bridge: ${why}`, { cause });
  }
}

function taskOf(id: string, split: string, brief: BridgeBrief | undefined): Task {
  if (brief === undefined || brief.task_id !== id) throw new EnvFault(`The server shows another task than ${id}`);
  const at = id.lastIndexOf("_");
  const { first_name: first, last_name: last } = brief.supervisor;
  return {
    id,
    scenario: id.slice(0, at),
    variant: Number(id.slice(at + 1)),
    split,
    difficulty: 1,
    instruction: brief.instruction,
    context: `${first} ${last}, ${brief.datetime.slice(0, 10)}`,
  };
}
