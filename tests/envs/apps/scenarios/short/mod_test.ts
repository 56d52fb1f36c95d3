import assert from "node:assert/strict";
import { CATALOGUE } from "../../../../../envs/apps/catalogue.ts";
import { generateWorld } from "../../../../../envs/apps/generate.ts";
import type { Prepared } from "../../../../../envs/apps/instantiate.ts";
import type { Scenario } from "../../../../../envs/apps/scenario.ts";
import { scenarios } from "../../../../../envs/apps/scenarios/short/mod.ts";
import { AppSession } from "../../../../../envs/apps/session.ts";
import { instances, type Mutation, procedureOf, run } from "./_run.ts";

const base = generateWorld(1);
const cache = new Map<string, Prepared[]>();

function siblings(scenario: Scenario): Prepared[] {
  const known = cache.get(scenario.family) ?? instances(base, scenario, 1, 3);
  cache.set(scenario.family, known);
  return known;
}

function first(scenario: Scenario): Prepared {
  return siblings(scenario)[0]!;
}

/** Generator and axis values with their places, e.g. `transfers`, `transfers 1 total`. */
function axisValues(family: string): string[] {
  const [generator, ...values] = family.split("/");
  return [generator!, ...values.map((value, i) => `${generator} ${i + 1} ${value}`)];
}

function each(check: (scenario: Scenario) => void): void {
  const failures: string[] = [];
  for (const scenario of scenarios) {
    try {
      check(scenario);
    } catch (error) {
      failures.push(`${scenario.family}: ${error instanceof Error ? error.message : error}`);
    }
  }
  assert.deepEqual(failures, []);
}

Deno.test("scenarios are sorted by family and have the declared sizes of splits", () => {
  const families = scenarios.map(({ family }) => family);
  assert.deepEqual(families, [...new Set(families)].sort());
  const counts = Object.fromEntries(
    ["train", "dev", "test_normal", "test_challenge"].map((
      split,
    ) => [split, scenarios.filter((s) => s.split === split).length]),
  );
  assert.deepEqual(counts, { train: 76, dev: 4, test_normal: 18, test_challenge: 16 });
});

Deno.test("scenarios use marlo in test_challenge, always, and nowhere else", () => {
  each(({ apps, split }) => assert.equal(apps.includes("marlo"), split === "test_challenge"));
  each((scenario) => {
    const used = new Set(
      run(first(scenario), procedureOf(first(scenario))).calls.map((call) => call.split(".")[0]),
    );
    used.delete("principal");
    assert.deepEqual([...used].sort(), [...scenario.apps].sort());
  });
});

Deno.test("scenarios of dev and test_normal combine generators and axis values that train shows in other combinations", () => {
  const seen = new Set(scenarios.filter(({ split }) => split === "train").flatMap(({ family }) => axisValues(family)));
  each(({ family, split }) => {
    if (split === "train" || split === "test_challenge") return;
    assert.deepEqual(axisValues(family).filter((value) => !seen.has(value)), []);
  });
});

Deno.test("solutions are short, named apart and all different", () => {
  const names = scenarios.map((scenario) => procedureOf(first(scenario)).name);
  const bodies = scenarios.map((scenario) => procedureOf(first(scenario)).body);
  assert.equal(new Set(names).size, scenarios.length);
  assert.equal(new Set(bodies).size, scenarios.length);
  each((scenario) => {
    for (const prepared of siblings(scenario)) {
      const { instance } = prepared;
      const { name, params, args, body, answers, lookups } = procedureOf(prepared);
      const lines = body.split("\n");
      assert.match(name, /^[a-z]+(_[a-z]+)+$/);
      assert.ok(lines.length <= 15, `${lines.length} lines`);
      assert.equal(params.length, args.length);
      assert.equal(answers, instance.answer !== null);
      assert.equal((body.match(/\breturn\b/g) ?? []).length, answers ? 1 : 0);
      if (answers) assert.match(lines.at(-1)!, /^return .*;$/);
      assert.deepEqual([...new Set(lookups.map(({ app }) => app))], scenario.apps);
      assert.equal(body, procedureOf(first(scenario)).body);
      assert.equal(name, procedureOf(first(scenario)).name);
    }
  });
});

Deno.test("instructions hold every argument as written in code, no name of an API, and few words", () => {
  const apiNames = [...CATALOGUE.values()].flatMap(({ apis }) => apis.map((api) => api.name)).filter((name) =>
    name.includes("_")
  );
  each((scenario) => {
    for (const prepared of siblings(scenario)) {
      const { instruction } = prepared.instance;
      for (const arg of procedureOf(prepared).args) {
        assert.ok(instruction.includes(String(arg)), `${instruction} lacks ${arg}`);
      }
      for (const name of apiNames) assert.ok(!instruction.includes(name), `${instruction} names ${name}`);
      const words = instruction.split(/\s+/).length;
      assert.ok(words >= 5 && words <= 30, `${words} words: ${instruction}`);
      assert.doesNotMatch(instruction, /undefined|null|NaN|\$\{/);
    }
  });
});

Deno.test("the three siblings of a scenario differ in user, instruction and arguments", () => {
  each((scenario) => {
    const made = siblings(scenario);
    assert.equal(new Set(made.map(({ user }) => user.email)).size, 3);
    assert.equal(new Set(made.map(({ instance }) => instance.instruction)).size, 3);
    assert.equal(new Set(made.map((prepared) => JSON.stringify(procedureOf(prepared).args))).size, 3);
    assert.equal(new Set(made.map(({ outcome }) => outcome)).size, 3);
  });
});

Deno.test("solutions solve their instances, further variants included, in at most 60 calls", () => {
  each((scenario) => {
    const made = scenario.split === "train" ? instances(base, scenario, 1, 8) : siblings(scenario);
    for (const prepared of made) {
      const { evaluation, error, calls } = run(prepared, procedureOf(prepared));
      const failed = evaluation.tests.filter((test) => !test.passed).map((test) =>
        `${test.requirement}: ${test.trace}`
      );
      assert.ok(evaluation.success, `${prepared.instance.instruction} ${error} ${failed.join("; ")}`);
      assert.ok(calls.length <= 60, `${calls.length} calls`);
    }
  });
});

Deno.test("finishing without doing anything fails", () => {
  each((scenario) => {
    const nothing = { ...procedureOf(first(scenario)), body: "", answers: false };
    assert.ok(!run(first(scenario), nothing).evaluation.success);
  });
});

/** Lists give their first page only. */
const firstPageOnly: Mutation = (
  _app,
  api,
  args,
  go,
) => (Number(args["page"] ?? 0) > 0 && api.startsWith("list_") ? [] : go(args));

Deno.test("solutions that read first pages only fail", () => {
  each((scenario) => {
    for (const prepared of siblings(scenario)) {
      assert.ok(
        !run(prepared, procedureOf(prepared), firstPageOnly).evaluation.success,
        prepared.instance.instruction,
      );
    }
  });
});

Deno.test("a wrong answer, or an answer where none is asked, fails", () => {
  each((scenario) => {
    for (const prepared of siblings(scenario)) {
      const wrong = (value: null | string | number) => (typeof value === "number" ? value + 1 : `${value ?? ""}x`);
      assert.ok(!run(prepared, procedureOf(prepared), undefined, wrong).evaluation.success);
    }
  });
});

const WRITE =
  /^(send|ask|accept|refuse|withdraw|remind|move|edit|set|mark|turn|remove|hide|add|append|pin|archive|tick|untick|cancel)_/;
/** Writes that may find a row as it should be. */
const MAY_CHANGE_NOTHING = /^(set|mark|pin|archive|edit)_/;

Deno.test("action tasks with a write left out or made twice fail", () => {
  each((scenario) => {
    for (const prepared of siblings(scenario)) {
      if (prepared.instance.answer !== null) continue;
      const writes = run(prepared, procedureOf(prepared)).calls.filter((call) => WRITE.test(call.split(".")[1]!));
      let failed = 0;
      writes.forEach((call, chosen) => {
        let n = 0;
        const drop: Mutation = (_app, api, args, go) => (WRITE.test(api) && n++ === chosen ? { note: "" } : go(args));
        const dropped = !run(prepared, procedureOf(prepared), drop).evaluation.success;
        if (dropped) failed++;
        n = 0;
        const repeat: Mutation = (_app, api, args, go) => {
          if (WRITE.test(api) && n++ === chosen) go(args);
          return go(args);
        };
        if (MAY_CHANGE_NOTHING.test(call.split(".")[1]!)) return;
        assert.ok(dropped, `without ${call}`);
        const { evaluation, error } = run(prepared, procedureOf(prepared), repeat);
        // Where the app refuses the second write, or a second reminder is like the first, the state is right.
        const harmless = error !== "" || call === "tuppence.remind_ask";
        assert.ok(harmless || !evaluation.success, `with ${call} twice`);
      });
      assert.ok(failed >= 1, "no write matters");
    }
  });
});

Deno.test("programs that forget who is meant fail", () => {
  each((scenario) => {
    for (const prepared of siblings(scenario)) {
      const solution = procedureOf(prepared);
      const body = solution.body.replace(
        /(const (?:rows|people) = \w+\.filter\(\(x\) => )(.*?)(\)(?:\.map|;))/,
        "$1true$3",
      );
      if (body === solution.body) continue;
      assert.ok(!run(prepared, { ...solution, body }).evaluation.success, body);
    }
  });
});

Deno.test("lookups bring up the APIs that a program uses", () => {
  each((scenario) => {
    const prepared = first(scenario);
    const session = new AppSession(prepared.start.fork(), prepared.user, "");
    const used = new Set(run(prepared, procedureOf(prepared)).calls);
    const found = procedureOf(prepared).lookups.flatMap(({ app, q }) =>
      (session.call("guide", "search_apis", { app, q }).body as string[]).map((line) => line.split("(")[0]!)
    );
    const wanted = [...used].filter((call) => !call.startsWith("principal.") && !call.endsWith(".log_in"));
    assert.deepEqual(wanted.filter((call) => !found.includes(call)), [], `found ${found.join(", ")}`);
  });
});
