/**
 * Speed and memory of the apps environment, each figure with its limit: a fork with reads, writes and its diff, scripted episodes with
 * and without the sandbox, building the world cold and from the cache, and a thousand open worlds.
 *
 * `whet bench apps` runs it, on one core. A scripted episode signs in to two apps, reads six pages, writes a text and finishes: ten
 * calls, with setup and evaluation around them. Medians of repeats; memory is the resident set of the process.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { textCopy } from "../envs/apps/apps/handset/tables.ts";
import { note } from "../envs/apps/apps/foldnote/tables.ts";
import { AppsEnvironment } from "../envs/apps/environment.ts";
import { generateWorld, WORLD_NOW } from "../envs/apps/generate.ts";
import { changesOf, grade } from "../envs/apps/grade.ts";
import { AppSession } from "../envs/apps/session.ts";
import { openBaseWorld } from "../envs/apps/world_cache.ts";
import type { BaseWorld, World } from "../envs/apps/world.ts";
import type { BenchFigure } from "./record_bench.ts";

/** Options of {@linkcode benchApps}. */
export interface BenchAppsOptions {
  /**
   * Episodes of each timing.
   *
   * @default {1000}
   */
  episodes?: number;
  /** Called with each figure as soon as it is measured. */
  onFigure?: (figure: BenchFigure) => void;
}

const READS = 50;
const WRITES = 8;
const OPEN_WORLDS = 1000;
const MIB = 1024 * 1024;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Median seconds of repeats of the same work. */
function timed(repeats: number, work: (repeat: number) => void): number {
  const spent: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    work(i);
    spent.push((performance.now() - start) / 1000);
  }
  return median(spent);
}

/** Reads rows by id, changes some, adds some, and looks at what changed. */
function forkAndChange(start: World, owner: string, base: number): number {
  const world = start.fork();
  const notes = world.rows(note, owner);
  for (let i = 0; i < READS - 1; i++) world.get(textCopy, base + i);
  for (let i = 0; i < WRITES / 2; i++) {
    const row = notes[i % notes.length];
    if (row !== undefined) world.update(note, row.id, { title: `changed ${i}` });
    const text = { owner, number: "1", direction: "out", text: String(i), at: WORLD_NOW, seen: true, hidden: false };
    world.insert(textCopy, text);
  }
  return world.diff().size;
}

/** Source of the scripted episode as agent code. */
const SCRIPT = `
const logins = apis.principal.my_logins();
const of = (app) => logins.find((x) => x.app === app);
const token = apis.handset.log_in({ user: of("handset").user, password: of("handset").password }).token;
const notes = apis.foldnote.log_in({ user: of("foldnote").user, password: of("foldnote").password }).token;
const contacts = apis.handset.list_contacts({ token, page: 0 });
apis.handset.list_contacts({ token, page: 1 });
apis.foldnote.list_notes({ token: notes, page: 0 });
apis.foldnote.list_notes({ token: notes, page: 1 });
apis.handset.list_texts({ token });
apis.handset.send_text({ token, number: contacts[0].number, text: "On my way." });
apis.principal.finish_task();
`;

/** The same calls without a sandbox. */
function scripted(session: AppSession): void {
  const call = (app: string, api: string, args: Json) => session.call(app, api, args).body as never;
  const logins = call("principal", "my_logins", {}) as readonly { app: string; user: string; password: string }[];
  const tokenOf = (app: string) => {
    const { user = "", password = "" } = logins.find((login) => login.app === app) ?? {};
    return (call(app, "log_in", { user, password }) as { token: string }).token;
  };
  const [token, notes] = [tokenOf("handset"), tokenOf("foldnote")];
  const contacts = call("handset", "list_contacts", { token, page: 0 }) as readonly { number: string }[];
  call("handset", "list_contacts", { token, page: 1 });
  call("foldnote", "list_notes", { token: notes, page: 0 });
  call("foldnote", "list_notes", { token: notes, page: 1 });
  call("handset", "list_texts", { token });
  call("handset", "send_text", { token, number: contacts[0]?.number ?? "", text: "On my way." });
  call("principal", "finish_task", {});
}

function principalsOf(base: BaseWorld) {
  return base.people.filter(({ hasAccounts }) => hasAccounts).map(({ name, email, number }) => ({
    name,
    email,
    number,
  }));
}

/**
 * Measures all figures.
 *
 * @param cache folder for the kept world; it should be empty, so that the first start is a cold one.
 * @param options see {@linkcode BenchAppsOptions}.
 */
export async function benchApps(cache: string, options: BenchAppsOptions = {}): Promise<BenchFigure[]> {
  const { episodes = 1000, onFigure } = options;
  const figures: BenchFigure[] = [];
  const figure = (
    name: string,
    value: number,
    unit: string,
    direction: BenchFigure["direction"],
    limit: number,
  ) => {
    const holds = direction === "at least" ? value >= limit : value <= limit;
    const made: BenchFigure = { name, value, unit, limit, direction, holds };
    figures.push(made);
    onFigure?.(made);
  };
  const cold = timed(1, () => void generateWorld(1));
  figure("world of the full profile, cold", cold, "s", "at most", 60);
  await openBaseWorld(1, "full", cache);
  const start = performance.now();
  const base = await openBaseWorld(1, "full", cache);
  figure("world of the full profile, from the cache", (performance.now() - start) / 1000, "s", "at most", 2);

  const people = principalsOf(base);
  const person = (i: number) => {
    const found = people[i % people.length];
    if (found === undefined) throw new RangeError("The world has no people with accounts");
    return found;
  };
  const world = base.open(WORLD_NOW);
  const texts = base.table(textCopy.name).rows.length;
  const forks = timed(Math.max(200, episodes), (i) => void forkAndChange(world, person(i).email, 1 + (i * 97) % texts));
  figure(`fork, ${READS} reads, ${WRITES} writes and the diff`, 1e6 * forks, "µs", "at most", 100);

  const expectation = { answer: null, changes: new Map() };
  const plain = timed(episodes, (i) => {
    const session = new AppSession(world.fork(), person(i), "");
    scripted(session);
    grade(expectation, { finished: session.finished, changes: changesOf(session.world) });
  });
  figure("scripted episodes of 10 calls, without a sandbox", 1 / plain, "per s and core", "at least", 1000);

  const environment = await AppsEnvironment.create({ cache, suite: "short" });
  const [task] = environment.tasks("train");
  if (task === undefined) throw new RangeError("The short suite has no tasks");
  const guest: number[] = [];
  for (let i = 0; i < episodes; i++) {
    const since = performance.now();
    const episode = await environment.open(task);
    await episode.step(SCRIPT);
    await episode.evaluate();
    episode.close();
    guest.push((performance.now() - since) / 1000);
  }
  figure("scripted episodes of 10 calls, in QuickJS", 1 / median(guest), "per s and core", "at least", 300);

  const open = Array.from({ length: OPEN_WORLDS }, (_, i) => {
    const session = new AppSession(world.fork(), person(i), "");
    scripted(session);
    return session;
  });
  figure(`${open.length} open worlds, the base included`, Deno.memoryUsage().rss / MIB, "MiB", "at most", 1024);
  return figures;
}
