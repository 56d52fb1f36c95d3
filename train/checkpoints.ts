/**
 * Checkpoint files of one run: `<folder>/<run id>/<unit>.safetensors`.
 *
 * Contract: a checkpoint is complete or absent (the trainer renames it into place), and is written before the unit that names it is
 * committed; so the last committed unit always has its file. Files of older units are removed only after a commit.
 *
 * @module
 */
import type { Trainer } from "./example.ts";
import type { RunLog } from "./run_log.ts";

/** The checkpoints of a run. */
export class Checkpoints {
  readonly #folder: string;
  #newest: string | undefined;

  /**
   * @param folder folder of all checkpoints.
   * @param run id of the run.
   */
  constructor(folder: string, readonly run: string) {
    this.#folder = `${folder}/${run}`;
  }

  /** File of a unit. */
  path(unit: string): string {
    return `${this.#folder}/${unit.replaceAll("/", "-")}.safetensors`;
  }

  /** Saves the trainer as it stands, commits the unit, then drops the checkpoint before it. */
  async commit(unit: string, trainer: Trainer, log: RunLog): Promise<void> {
    await Deno.mkdir(this.#folder, { recursive: true });
    const path = this.path(unit);
    await trainer.save(path);
    await log.commit(unit, path);
    if (this.#newest !== undefined && this.#newest !== path) await Deno.remove(this.#newest).catch(() => {});
    this.#newest = path;
  }

  /**
   * Restores the newest committed unit.
   *
   * @param units unit names in order.
   * @returns how many units are done; the trainer holds the state after them (unchanged if none is).
   */
  async resume(units: readonly string[], trainer: Trainer, log: RunLog): Promise<number> {
    let done = 0;
    while (done < units.length && log.isDone(units[done] ?? "")) done++;
    const last = units[done - 1];
    if (last !== undefined) {
      await trainer.load(this.path(last));
      this.#newest = this.path(last);
    }
    // A run that was killed right after a commit has left the one before.
    const before = units[done - 2];
    if (before !== undefined) await Deno.remove(this.path(before)).catch(() => {});
    return done;
  }
}
