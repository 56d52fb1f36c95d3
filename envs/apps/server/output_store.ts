/**
 * Where outputs of experiments are kept, so that they can be scored when their worlds are gone.
 *
 * Contract: `<root>/<experiment>/<task>.json` holds what scoring needs, `<task>.log.json` the transcript. Names cannot lead out of the
 * root. A file is either the old or the new one, never half of it.
 *
 * @module
 */
import { z } from "zod";
import { canonicalJson, type Json } from "../../../data/canonical.ts";
import { WorldError } from "./protocol.ts";
import type { ServedWorld, StoredOutputs } from "./served_world.ts";

/** Folder of outputs, if nothing else is said. */
export const OUTPUTS_FOLDER = "results/apps-server";

const EXPERIMENT = /^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)*$/;
const TASK = /^[A-Za-z0-9_]+$/;

const tableChanges = z.object({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  updated: z.array(z.object({ before: z.string(), after: z.string() })),
});
const outputsSchema = z.object({
  format: z.literal(1),
  task_id: z.string(),
  world: z.string(),
  interactions: z.int(),
  comparable: z.boolean(),
  finished: z.object({ answer: z.union([z.null(), z.number(), z.string()]), outcome: z.string() }).nullable(),
  changes: z.array(z.tuple([z.string(), tableChanges])),
});

/** Texts by path; the file system, or a map in tests. */
export interface TextFiles {
  /** Writes a file and the folders it needs. */
  write(path: string, text: string): Promise<void>;
  /** Text of a file; undefined if there is none. */
  read(path: string): Promise<string | undefined>;
}

/** Files below a folder. */
export function textFiles(root: string): TextFiles {
  return {
    async write(path, text) {
      const file = `${root}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(`${file}.part`, text);
      await Deno.rename(`${file}.part`, file);
    },
    async read(path) {
      try {
        return await Deno.readTextFile(`${root}/${path}`);
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return undefined;
        throw error;
      }
    },
  };
}

/** Outputs by experiment and task. */
export class OutputStore {
  readonly #files: TextFiles;

  /** Keeps outputs in these files. */
  constructor(files: TextFiles) {
    this.#files = files;
  }

  /** Keeps the outputs of a world as it stands. @throws {WorldError} on an experiment name that is not allowed. */
  async save(experiment: string, world: ServedWorld): Promise<void> {
    const outputs = world.outputs();
    await this.#files.write(
      `${pathOf(experiment, outputs.task_id)}.json`,
      `${canonicalJson(outputs as unknown as Json)}\n`,
    );
  }

  /** Keeps the transcript of a world. @throws {WorldError} on an experiment name that is not allowed. */
  async saveLog(experiment: string, world: ServedWorld): Promise<void> {
    const path = `${pathOf(experiment, world.brief.task_id)}.log.json`;
    await this.#files.write(path, `${JSON.stringify(world.log(), null, 1)}\n`);
  }

  /**
   * Kept outputs; undefined if there are none.
   *
   * @throws {WorldError} on a name that is not allowed, or a file that holds something else.
   */
  async load(experiment: string, taskId: string): Promise<StoredOutputs | undefined> {
    const text = await this.#files.read(`${pathOf(experiment, taskId)}.json`);
    if (text === undefined) return undefined;
    try {
      return outputsSchema.parse(JSON.parse(text));
    } catch (cause) {
      throw new WorldError(`The stored outputs of ${taskId} in experiment ${experiment} cannot be read.`, { cause });
    }
  }
}

function pathOf(experiment: string, taskId: string): string {
  checkExperiment(experiment);
  if (!TASK.test(taskId)) throw new WorldError(`There is no task ${taskId}.`);
  return `${experiment}/${taskId}`;
}

/** Throws {@linkcode WorldError} on an experiment name that is not allowed. */
export function checkExperiment(experiment: string): void {
  if (EXPERIMENT.test(experiment)) return;
  throw new WorldError(
    `experiment_name must be letters, digits, ".", "_" and "-", in parts separated by "/" that begin with a letter or digit, got ${
      JSON.stringify(experiment)
    }.`,
  );
}
