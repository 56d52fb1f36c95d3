/**
 * One thing after another, in the order asked for.
 *
 * @module
 */

/** A queue of work. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs work after all that was asked for earlier; a failure of one does not stop the next. */
  run<T>(work: () => Promise<T> | T): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => {});
    return result;
  }
}
