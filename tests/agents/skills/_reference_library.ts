/**
 * The library's rules a second time, for tests: one flat list of rows, each operation a scan over it, nothing shared with the real one.
 *
 * Contract: written from the rules alone (arXiv 2603.16060, library maintenance): UPDATE u <- b u + (1 - b) R in whichever tier; ADD refuses known names,
 * or as `onDuplicate` says; EVICT moves the lowest, the oldest of equals; LOAD exchanges on a strictly higher utility, the oldest on both
 * sides; DELETE takes unused entries strictly below the cutoff, then holds the capacity. With the choices that the real one states: EVICT goes on until the
 * cache fits, LOAD fills free places first and swaps once or until nothing moves, ages are those of creation, and without a reservoir EVICT forgets.
 *
 * @module
 */

/** One entry. */
export interface ReferenceRow {
  name: string;
  /** Stands for the document. */
  text: string;
  version: number;
  utility: number;
  uses: number;
  age: number;
  selected: number | null;
  cached: boolean;
}

/** What happened to an entry. */
export type ReferenceChange = readonly [operation: string, name: string, before: number | null, after: number | null];

/** Rules to follow. */
export interface ReferenceRules {
  cacheCapacity: number;
  reservoirCapacity: number;
  emaBeta: number;
  deletePercentile: number;
  deleteRule: "percentile" | "reference";
  onDuplicate: "reject" | "replaceIfBetter" | "version";
}

/** The rows with the lowest utility come first, the oldest of equals first. */
function fromLowest(rows: readonly ReferenceRow[]): ReferenceRow[] {
  return [...rows].sort((a, b) => a.utility - b.utility || a.age - b.age);
}

/** The rows with the highest utility come first, the oldest of equals first. */
function fromHighest(rows: readonly ReferenceRow[]): ReferenceRow[] {
  return [...rows].sort((a, b) => b.utility - a.utility || a.age - b.age);
}

/** A second library. */
export class ReferenceLibrary {
  /** All entries of both tiers. */
  rows: ReferenceRow[] = [];
  #age = 0;

  constructor(seeds: readonly { readonly name: string; readonly text: string }[], readonly rules: ReferenceRules) {
    for (const { name, text } of seeds) {
      const known = this.rows.some((row) => row.name === name);
      if (!known && this.rows.length < rules.cacheCapacity) this.#insert(name, text, 0, 1);
    }
  }

  /** Rows of a tier. */
  tier(cached: boolean): ReferenceRow[] {
    return this.rows.filter((row) => row.cached === cached);
  }

  #insert(name: string, text: string, utility: number, version: number): void {
    this.rows.push({ name, text, version, utility, uses: 0, age: this.#age++, selected: null, cached: true });
  }

  /** One maintenance call. */
  maintain(
    step: number,
    updates: readonly { readonly name: string; readonly reward: number }[],
    additions: readonly { readonly name: string; readonly text: string; readonly utility: number }[],
    untilStable: boolean,
  ): ReferenceChange[] {
    return [
      ...updates.flatMap(({ name, reward }) => this.#update(step, name, reward)),
      ...additions.flatMap(({ name, text, utility }) => this.#add(name, text, utility)),
      ...this.#evict(),
      ...this.#load(untilStable),
      ...this.#delete(),
    ];
  }

  #update(step: number, name: string, reward: number): ReferenceChange[] {
    const row = this.rows.find((row) => row.name === name);
    if (row === undefined) return [];
    const before = row.utility;
    row.utility = this.rules.emaBeta * before + (1 - this.rules.emaBeta) * reward;
    row.uses += 1;
    row.selected = step;
    return [["update", name, before, row.utility]];
  }

  #add(name: string, text: string, utility: number): ReferenceChange[] {
    const row = this.rows.find((row) => row.name === name);
    if (row === undefined) {
      this.#insert(name, text, utility, 1);
      return [["add", name, null, utility]];
    }
    const before = row.utility;
    if (this.rules.onDuplicate === "version") {
      row.text = text;
      row.version += 1;
      return [["add", name, before, before]];
    }
    if (this.rules.onDuplicate === "replaceIfBetter" && utility > before) {
      this.rows = this.rows.filter((other) => other !== row);
      this.#insert(name, text, utility, row.version + 1);
      return [["add", name, before, utility]];
    }
    return [["reject", name, before, before]];
  }

  #evict(): ReferenceChange[] {
    const made: ReferenceChange[] = [];
    for (let cache = this.tier(true); cache.length > this.rules.cacheCapacity; cache = this.tier(true)) {
      const [lowest] = fromLowest(cache);
      lowest!.cached = false;
      const forgotten = this.rules.reservoirCapacity === 0;
      if (forgotten) this.rows = this.rows.filter((row) => row !== lowest);
      made.push(["evict", lowest!.name, lowest!.utility, forgotten ? null : lowest!.utility]);
    }
    return made;
  }

  #load(untilStable: boolean): ReferenceChange[] {
    let swapped = false;
    const made: ReferenceChange[] = [];
    while (true) {
      const [best] = fromHighest(this.tier(false));
      const [worst] = fromLowest(this.tier(true));
      if (best === undefined) return made;
      if (this.tier(true).length < this.rules.cacheCapacity) {
        best.cached = true;
        made.push(["load", best.name, best.utility, best.utility]);
      } else if (worst !== undefined && best.utility > worst.utility && (untilStable || !swapped)) {
        swapped = true;
        best.cached = true;
        worst.cached = false;
        made.push(["load", best.name, best.utility, best.utility]);
        made.push(["unload", worst.name, worst.utility, worst.utility]);
      } else return made;
    }
  }

  #delete(): ReferenceChange[] {
    const { deletePercentile, deleteRule, reservoirCapacity } = this.rules;
    const gone: ReferenceRow[] = [];
    const stored = fromLowest(this.tier(false));
    if (stored.length === 0) return [];
    const place = Math.floor(deletePercentile * stored.length) - (deleteRule === "reference" ? 1 : 0);
    const cutoff = stored[Math.min(stored.length - 1, Math.max(0, place))]!.utility;
    gone.push(...stored.filter((row) => row.utility < cutoff && row.uses === 0));
    const left = stored.filter((row) => !gone.includes(row));
    const over = Math.max(0, left.length - reservoirCapacity);
    const order = deleteRule === "reference"
      ? left
      : [...left.filter((row) => row.uses === 0), ...left.filter((row) => row.uses > 0)];
    gone.push(...order.slice(0, over));
    this.rows = this.rows.filter((row) => !gone.includes(row));
    return gone.map((row) => ["delete", row.name, row.utility, null]);
  }
}
