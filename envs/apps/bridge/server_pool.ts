/**
 * Servers that each hold one world at a time, shared by any number of episodes.
 *
 * Contract: an episode that acts gets a server, its own if it still sits on it. Where all are taken, the world that was used longest ago
 * gives way, unless it is being used; what gave way comes back by doing again what it did. So episodes can be opened in any number and
 * order, and as long as no more of them act by turns than there are servers, nothing is done twice.
 *
 * @module
 */
import type { BridgeClient } from "./client.ts";

/** Who sits on a server. */
export interface Guest {
  /** Opens the own world on a server and brings it to where it was. */
  enter(client: BridgeClient, index: number): Promise<void>;
  /** Last chance to ask about the own world, which is about to be closed; never throws. */
  giveWay(client: BridgeClient): Promise<void>;
}

interface Server {
  readonly client: BridgeClient;
  readonly index: number;
  guest: Guest | undefined;
  busy: boolean;
  /** Number of the last use. */
  lastUse: number;
}

interface Waiter {
  readonly guest: Guest;
  readonly take: (server: Server) => void;
}

/** The servers. */
export class ServerPool {
  readonly #servers: readonly Server[];
  readonly #waiters: Waiter[] = [];
  readonly #leaving = new Set<Promise<void>>();
  #uses = 0;

  /** All servers are free. */
  constructor(clients: readonly BridgeClient[]) {
    this.#servers = clients.map((client, index) => ({ client, index, guest: undefined, busy: false, lastUse: 0 }));
  }

  /** Number of servers. */
  get size(): number {
    return this.#servers.length;
  }

  /** Does something on the server that a guest sits on, or can get. After a failure the guest sits on none. */
  async use<T>(guest: Guest, work: (client: BridgeClient) => Promise<T>): Promise<T> {
    const server = await this.#take(guest);
    try {
      if (server.guest !== guest) {
        const former = server.guest;
        server.guest = undefined;
        await former?.giveWay(server.client);
        await guest.enter(server.client, server.index);
        server.guest = guest;
      }
      return await work(server.client);
    } catch (error) {
      server.guest = undefined;
      throw error;
    } finally {
      this.#free(server);
    }
  }

  /** Does something on any server, whose world is lost if there is one. */
  async borrow<T>(work: (client: BridgeClient) => Promise<T>): Promise<T> {
    return await this.use({ enter: () => Promise.resolve(), giveWay: () => Promise.resolve() }, work);
  }

  /** A guest will not act any more; its world is closed. */
  leave(guest: Guest): void {
    const seated = () => this.#servers.find((server) => server.guest === guest);
    if (seated() === undefined) return;
    const leaving = (async () => {
      const server = await this.#take(guest);
      if (server.guest === guest) {
        server.guest = undefined;
        await server.client.closeAll().catch(() => {});
      }
      this.#free(server);
    })();
    this.#leaving.add(leaving);
    void leaving.finally(() => this.#leaving.delete(leaving));
  }

  /** Ends when all worlds of guests that left are closed. */
  async settled(): Promise<void> {
    while (this.#leaving.size > 0) await Promise.all(this.#leaving);
  }

  #take(guest: Guest): Promise<Server> {
    const own = this.#servers.find((server) => server.guest === guest);
    const free = (own === undefined ? [...this.#servers] : [own]).filter(({ busy }) => !busy);
    // A server without a world comes before one whose world would have to give way.
    const rank = (server: Server) => (server.guest === undefined ? -1 : server.lastUse);
    const [best] = free.sort((a, b) => rank(a) - rank(b));
    if (best === undefined) return new Promise((take) => this.#waiters.push({ guest, take }));
    this.#seize(best);
    return Promise.resolve(best);
  }

  #seize(server: Server): void {
    server.busy = true;
    server.lastUse = ++this.#uses;
  }

  #free(server: Server): void {
    server.busy = false;
    const sitsElsewhere = (guest: Guest) => this.#servers.some((other) => other !== server && other.guest === guest);
    const next = this.#waiters.findIndex(({ guest }) => guest === server.guest);
    const at = next >= 0 ? next : this.#waiters.findIndex(({ guest }) => !sitsElsewhere(guest));
    const [waiter] = at < 0 ? [] : this.#waiters.splice(at, 1);
    if (waiter === undefined) return;
    this.#seize(server);
    waiter.take(server);
  }
}
