import assert from "node:assert/strict";
import fc from "fast-check";
import type { SkillDocument } from "../../../agents/skills/skill_document.ts";
import {
  type LibraryEntry,
  LibraryStateError,
  TwoTierLibrary,
  type TwoTierLibraryOptions,
} from "../../../agents/skills/two_tier_library.ts";
import { ReferenceLibrary, type ReferenceRow } from "./_reference_library.ts";

function document(name: string, text = "x"): SkillDocument {
  return { skill_name: name, problem_type: "general", key_insight: text, method: ["a", "b"], check: "" };
}

function add(name: string, utility: number, text = "x") {
  return { document: document(name, text), utility, origin: null };
}

const names = (entries: readonly LibraryEntry[]) => entries.map((entry) => entry.document.skill_name);

/** Utilities by name, oldest first. */
function utilities(library: TwoTierLibrary, tier: "cache" | "reservoir"): Record<string, number> {
  return Object.fromEntries(library.entries(tier).map((entry) => [entry.document.skill_name, entry.utility]));
}

/** The state as the reference has it. */
function rowsOf(library: TwoTierLibrary): ReferenceRow[] {
  const rows = (["cache", "reservoir"] as const).flatMap((tier) =>
    library.entries(tier).map((entry): ReferenceRow => ({
      name: entry.document.skill_name,
      text: entry.document.key_insight,
      version: entry.version,
      utility: entry.utility,
      uses: entry.uses,
      age: entry.sequence,
      selected: entry.lastSelectedStep,
      cached: tier === "cache",
    }))
  );
  return rows.sort((a, b) => a.age - b.age);
}

// Few names and few values, so that names collide and utilities tie.
const name = fc.constantFrom(..."abcdefghijkl");
const value = fc.constantFrom(-1, -0.5, 0, 0, 0.5, 0.5, 1, 2);
const call = fc.record({
  updates: fc.array(fc.record({ name, reward: fc.constantFrom(0, 1, 2, 0.5) }), { maxLength: 3 }),
  additions: fc.array(fc.record({ name, text: fc.constantFrom("old", "new"), utility: value }), { maxLength: 4 }),
  untilStable: fc.boolean(),
  /** Whether the library is saved and restored after it. */
  restored: fc.boolean(),
});
const rules = fc.record({
  cacheCapacity: fc.integer({ min: 1, max: 5 }),
  reservoirCapacity: fc.integer({ min: 0, max: 8 }),
  emaBeta: fc.constantFrom(0, 0.5, 0.9),
  deletePercentile: fc.constantFrom(0, 0.1, 0.5, 1),
  deleteRule: fc.constantFrom("percentile" as const, "reference" as const),
  onDuplicate: fc.constantFrom("reject" as const, "replaceIfBetter" as const, "version" as const),
});

Deno.test("TwoTierLibrary agrees with a second implementation of its rules after every call, restored from JSON or not", () => {
  fc.assert(
    fc.property(rules, fc.array(name, { maxLength: 7 }), fc.array(call, { maxLength: 15 }), (rules, seeds, calls) => {
      let library = new TwoTierLibrary(seeds.map((name) => document(name, "seed")), rules);
      const reference = new ReferenceLibrary(seeds.map((name) => ({ name, text: "seed" })), rules);
      assert.deepEqual(rowsOf(library), reference.rows);
      for (const [i, { updates, additions, untilStable, restored }] of calls.entries()) {
        const changes = library.maintain({
          step: i + 1,
          updates,
          additions: additions.map(({ name, text, utility }) => add(name, utility, text)),
          untilStable,
        });
        const expected = reference.maintain(i + 1, updates, additions, untilStable);
        assert.deepEqual(
          changes.map((change) => [change.operation, change.name, change.before, change.after]),
          expected,
        );
        const byAge = [...reference.rows].sort((a, b) => a.age - b.age);
        assert.deepEqual(rowsOf(library), byAge);
        // Where an entry is after the last thing that was done to it.
        for (const { name, tier } of new Map(changes.map((change) => [change.name, change])).values()) {
          if (changes.some((change) => change.name === name && change.operation === "delete")) continue;
          assert.equal(library.tierOf(name) ?? null, tier, name);
        }
        assert.ok(library.entries("cache").length <= rules.cacheCapacity);
        assert.ok(library.entries("reservoir").length <= rules.reservoirCapacity);
        if (restored) library = TwoTierLibrary.fromJson(JSON.parse(JSON.stringify(library.toJson())), "a test");
      }
    }),
    { numRuns: 400 },
  );
});

Deno.test("TwoTierLibrary moves every utility by (1 - beta) of the way to the reward, in either tier, and counts uses", () => {
  const library = new TwoTierLibrary([document("kept"), document("other")], { cacheCapacity: 1 });
  assert.deepEqual(names(library.entries("cache")), ["kept"]);
  library.maintain({ step: 1, additions: [add("low", -1)] });
  assert.equal(library.tierOf("low"), "reservoir");
  const changes = library.maintain({
    step: 7,
    updates: [{ name: "low", reward: 2 }, { name: "nobody", reward: 2 }, { name: "low", reward: 2 }],
  });
  // -1 → 0.9 · -1 + 0.2 = -0.7 → -0.63 + 0.2 = -0.43.
  assert.equal(changes.length, 2);
  assert.ok(Math.abs(library.entry("low")!.utility + 0.43) < 1e-12);
  assert.deepEqual([library.entry("low")!.uses, library.entry("low")!.lastSelectedStep], [2, 7]);
  assert.deepEqual([library.entry("kept")!.utility, library.entry("kept")!.uses], [0, 0]);
});

Deno.test("TwoTierLibrary lets a skill of success rate q come to rest at 2 q", () => {
  const library = new TwoTierLibrary([document("half")]);
  // Right and wrong in turn, always with the skill: R is 2 or 0.
  for (let step = 1; step <= 400; step++) {
    library.maintain({ step, updates: [{ name: "half", reward: step % 2 === 0 ? 2 : 0 }] });
  }
  assert.ok(Math.abs(library.entry("half")!.utility - 1) < 0.06);
});

Deno.test("TwoTierLibrary lets redundant (0.5) and critical (1) newcomers displace seeds, the oldest first", () => {
  const library = new TwoTierLibrary([document("s1"), document("s2"), document("s3")], { cacheCapacity: 3 });
  library.maintain({ step: 1, additions: [add("r3", 0.5)] });
  library.maintain({ step: 2, additions: [add("r4", 1)] });
  assert.deepEqual(utilities(library, "cache"), { s3: 0, r3: 0.5, r4: 1 });
  assert.deepEqual(utilities(library, "reservoir"), { s1: 0, s2: 0 });
  assert.deepEqual(names(library.candidates()), ["r4", "r3", "s3"]);
});

Deno.test("TwoTierLibrary lets a neutral newcomer (0) push out the oldest seed, which does not come back", () => {
  const library = new TwoTierLibrary([document("s1"), document("s2")], { cacheCapacity: 2 });
  const changes = library.maintain({ step: 1, additions: [add("r2", 0)] });
  assert.deepEqual(changes.map(({ operation, name }) => [operation, name]), [["add", "r2"], ["evict", "s1"]]);
  assert.deepEqual(names(library.candidates()), ["s2", "r2"]);
});

Deno.test("TwoTierLibrary evicts a harmful newcomer (-1) at once and keeps it until DELETE", () => {
  const library = new TwoTierLibrary([document("s1"), document("s2")], { cacheCapacity: 2 });
  const changes = library.maintain({ step: 1, additions: [add("r1", -1)] });
  assert.deepEqual(changes.map(({ operation, name, tier }) => [operation, name, tier]), [
    ["add", "r1", "cache"],
    ["evict", "r1", "reservoir"],
  ]);
  assert.deepEqual(utilities(library, "reservoir"), { r1: -1 });
});

Deno.test("TwoTierLibrary credits rewards before it evicts, so that a credited skill is not the one to go", () => {
  const library = new TwoTierLibrary([document("s1"), document("s2")], { cacheCapacity: 2 });
  library.maintain({ step: 1, updates: [{ name: "s1", reward: 1 }], additions: [add("r2", 0)] });
  assert.deepEqual(names(library.entries("cache")), ["s1", "r2"]);
});

Deno.test("TwoTierLibrary swaps once per call, or until nothing in the reservoir is better", () => {
  const grown = () => {
    const library = new TwoTierLibrary([], { cacheCapacity: 2 });
    library.maintain({ step: 1, additions: [add("a", 1), add("b", 1)] });
    library.maintain({ step: 1, additions: [add("c", 0.95), add("d", 0.95)] });
    assert.deepEqual(names(library.entries("reservoir")), ["c", "d"]);
    return library;
  };
  // Both fall to 0.9.
  const updates = [{ name: "a", reward: 0 }, { name: "b", reward: 0 }];
  const once = grown();
  once.maintain({ step: 2, updates });
  assert.deepEqual(names(once.entries("cache")), ["b", "c"]);
  const stable = grown();
  stable.maintain({ step: 2, updates, untilStable: true });
  assert.deepEqual(names(stable.entries("cache")), ["c", "d"]);
});

/** Number of n distinct unused entries that the next call deletes from the reservoir. */
function deleted(n: number, options: TwoTierLibraryOptions): number {
  const library = new TwoTierLibrary([], { cacheCapacity: 1, reservoirCapacity: 200, ...options });
  const state = {
    ...library.toJson(),
    nextSequence: n,
    reservoir: Array.from({ length: n }, (_, i) => ({
      ...add(`s${i}`, i / n),
      version: 1,
      uses: 0,
      sequence: i,
      lastSelectedStep: null,
    })).map(({ document, utility, origin, ...rest }) => ({ document, utility, origin, ...rest })),
  };
  // The best fills the free place of the cache, so that n - 1 are left to look at.
  return TwoTierLibrary.fromJson(state, "a test").maintain({ step: 1 })
    .filter(({ operation }) => operation === "delete").length;
}

Deno.test("TwoTierLibrary deletes below the true percentile, or one place off by the published rule", () => {
  const published = [19, 20, 29, 30, 50, 100].map((n) => deleted(n + 1, { deleteRule: "reference" }));
  assert.deepEqual(published, [0, 1, 1, 2, 4, 9]);
  assert.deepEqual([9, 10, 19, 20, 50, 100].map((n) => deleted(n + 1, {})), [0, 1, 1, 2, 5, 10]);
});

Deno.test("TwoTierLibrary drops unused entries before used ones when the reservoir is full, the published rule the lowest", () => {
  const left = (deleteRule: "percentile" | "reference") => {
    const library = new TwoTierLibrary([], { cacheCapacity: 1, reservoirCapacity: 1, deletePercentile: 0, deleteRule });
    library.maintain({ step: 1, additions: [add("top", 2)] });
    library.maintain({ step: 2, additions: [add("used", 0)] });
    library.maintain({ step: 3, updates: [{ name: "used", reward: 0 }], additions: [add("idle", 0.5)] });
    return names(library.entries("reservoir"));
  };
  assert.deepEqual(left("percentile"), ["used"]);
  assert.deepEqual(left("reference"), ["idle"]);
});

Deno.test("TwoTierLibrary forgets what it evicts where it has no reservoir", () => {
  const library = new TwoTierLibrary([document("s1")], { cacheCapacity: 1, reservoirCapacity: 0 });
  const changes = library.maintain({ step: 1, additions: [add("r3", 0.5)] });
  assert.deepEqual(changes.map(({ operation, name, tier, after }) => [operation, name, tier, after]), [
    ["add", "r3", "cache", 0.5],
    ["evict", "s1", null, null],
  ]);
  assert.equal(library.size, 1);
});

Deno.test("TwoTierLibrary treats a name that is known as onDuplicate says", () => {
  const after = (onDuplicate: "reject" | "replaceIfBetter" | "version", utility: number) => {
    const library = new TwoTierLibrary([document("a", "old")], { onDuplicate });
    library.maintain({ step: 1, updates: [{ name: "a", reward: 1 }] });
    const [change] = library.maintain({ step: 2, additions: [add("a", utility, "new")] });
    const entry = library.entry("a")!;
    return [
      change!.operation,
      entry.document.key_insight,
      entry.version,
      Math.round(entry.utility * 10) / 10,
      entry.uses,
    ];
  };
  assert.deepEqual(after("reject", 1), ["reject", "old", 1, 0.1, 1]);
  assert.deepEqual(after("replaceIfBetter", 0), ["reject", "old", 1, 0.1, 1]);
  assert.deepEqual(after("replaceIfBetter", 1), ["add", "new", 2, 1, 0]);
  assert.deepEqual(after("version", -1), ["add", "new", 2, 0.1, 1]);
});

Deno.test("TwoTierLibrary takes seeds in order, each name once, until the cache is full", () => {
  const library = new TwoTierLibrary(["a", "a", "b", "c"].map((name) => document(name)), { cacheCapacity: 2 });
  assert.deepEqual(names(library.candidates()), ["a", "b"]);
  assert.equal(library.size, 2);
});

Deno.test("TwoTierLibrary.fromJson() names the file and the field that is wrong", () => {
  const library = new TwoTierLibrary([document("a"), document("b")], { cacheCapacity: 2 });
  library.maintain({ step: 1, additions: [add("c", 1)] });
  const good = library.toJson();
  const [first, second] = good.cache;
  const broken: readonly (readonly [RegExp, unknown])[] = [
    [/expected object/, null],
    [/cacheCapacity/, { ...good, cacheCapacity: 0 }],
    [/emaBeta/, { ...good, emaBeta: 1 }],
    [/"surprise"/, { ...good, surprise: 1 }],
    [/cache\[0\]\.utility/, { ...good, cache: [{ ...first!, utility: null }] }],
    [/cache\[0\]\.uses/, { ...good, cache: [{ ...first!, uses: -1 }] }],
    [/cache\[1\]\.document\.method/, {
      ...good,
      cache: [first!, { ...second!, document: { ...document("z"), method: ["one"] } }],
    }],
    [/reservoir\[0\]\.document\.skill_name/, { ...good, reservoir: [{ ...first!, document: document("Not A Name") }] }],
    [/skill_name b must be there once/, { ...good, reservoir: [first!] }],
    [/sequence 1 of a must be there once/, { ...good, reservoir: [{ ...good.reservoir[0]!, sequence: 1 }] }],
    [/sequence 2 of c must be below nextSequence, got 2/, { ...good, nextSequence: 2 }],
    [/cache must have at most 1 entries, got 2/, { ...good, cacheCapacity: 1 }],
  ];
  assert.deepEqual(TwoTierLibrary.fromJson(good, "x").toJson(), good);
  for (const [pattern, state] of broken) {
    assert.throws(() => TwoTierLibrary.fromJson(state, "some/library.json"), (error) => {
      assert.ok(error instanceof LibraryStateError);
      assert.match(error.message, /some\/library\.json/);
      assert.match(error.message, pattern);
      return true;
    });
  }
});
