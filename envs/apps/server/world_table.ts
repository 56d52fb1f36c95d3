/**
 * The worlds of one server, by name.
 *
 * Contract: requests of one world are served one at a time, in order; different worlds do not wait for each other. A world that is
 * closed is forgotten; its outputs are kept first, if it was opened for an experiment.
 *
 * @module
 */
import type { OutputStore } from "./output_store.ts";
import { ONLY_WORLD, WorldError } from "./protocol.ts";
import { SerialQueue } from "./serial_queue.ts";
import type { ServedWorld } from "./served_world.ts";

/** Counts what is open at a time. */
export class Capacity {
  #used = 0;

  /** Lets so many be open. */
  constructor(readonly most: number) {}

  /** Takes a place, if one is free. */
  take(): boolean {
    if (this.#used >= this.most) return false;
    this.#used++;
    return true;
  }

  /** Gives a place back. */
  give(): void {
    this.#used--;
  }

  /** Places that are taken. */
  get used(): number {
    return this.#used;
  }
}

interface Place {
  readonly queue: SerialQueue;
  open: { readonly world: ServedWorld; readonly experiment: string | undefined } | undefined;
  /** Requests that are waiting or being served. */
  users: number;
}

/** An open world, with the experiment that it was opened for. */
export interface OpenWorld {
  readonly world: ServedWorld;
  readonly experiment: string | undefined;
}

/** The worlds. */
export class WorldTable {
  readonly #places = new Map<string, Place>();
  readonly #store: OutputStore;
  readonly #capacity: Capacity;

  /** Keeps outputs in `store` and no more worlds open than `capacity` lets. */
  constructor(store: OutputStore, capacity: Capacity) {
    this.#store = store;
    this.#capacity = capacity;
  }

  /** Closes whatever a world is, and opens it anew. */
  replace(id: string, experiment: string | undefined, make: () => ServedWorld): Promise<ServedWorld> {
    return this.#at(id, async (place) => {
      // Made first: a request that cannot be met leaves the open world as it is.
      const world = make();
      await this.#close(place);
      if (!this.#capacity.take()) {
        throw new WorldError(`All ${this.#capacity.most} worlds of this server are open; close one first.`);
      }
      place.open = { world, experiment };
      return world;
    });
  }

  /** Uses the world of a task. @throws {WorldError} if another task's world is open, or none. */
  use<T>(id: string, taskId: string, work: (open: OpenWorld) => Promise<T> | T): Promise<T> {
    return this.#at(id, (place) => work(opened(place, id, taskId)));
  }

  /** Closes the world of a task. @throws {WorldError} if another task's world is open, or none. */
  close(id: string, taskId: string): Promise<void> {
    return this.#at(id, async (place) => {
      opened(place, id, taskId);
      await this.#close(place);
    });
  }

  /** Closes a world, or all. */
  async closeAll(id?: string): Promise<void> {
    const ids = id === undefined ? [...this.#places.keys()] : this.#places.has(id) ? [id] : [];
    await Promise.all(ids.map((one) => this.#at(one, (place) => this.#close(place))));
  }

  async #at<T>(id: string, work: (place: Place) => Promise<T> | T): Promise<T> {
    const place = this.#places.get(id) ?? { queue: new SerialQueue(), open: undefined, users: 0 };
    this.#places.set(id, place);
    place.users++;
    try {
      return await place.queue.run(() => work(place));
    } finally {
      place.users--;
      if (place.users === 0 && place.open === undefined) this.#places.delete(id);
    }
  }

  async #close(place: Place): Promise<void> {
    if (place.open === undefined) return;
    const { world, experiment } = place.open;
    place.open = undefined;
    this.#capacity.give();
    try {
      if (experiment !== undefined) {
        await this.#store.save(experiment, world);
        await this.#store.saveLog(experiment, world);
      }
    } finally {
      world.close();
    }
  }
}

function opened({ open }: Place, id: string, taskId: string): OpenWorld {
  const name = id === ONLY_WORLD ? "" : ` of world_id ${id}`;
  if (open === undefined) throw new WorldError(`No world${name} has been initialized: POST /initialize first.`);
  const active = open.world.brief.task_id;
  if (active !== taskId) throw new WorldError(`The active task world${name} is ${active}, not ${taskId}.`);
  return open;
}
