/**
 * What must hold for every API, whatever it does; the cases are made from the declarations.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Json } from "../../../data/canonical.ts";
import { CATALOGUE, TABLES, UTILITY_APPS } from "../../../envs/apps/catalogue.ts";
import { WORLD_NOW } from "../../../envs/apps/generate.ts";
import type { JsonSchema } from "../../../envs/apps/params.ts";
import type { Api, App } from "../../../envs/apps/schema.ts";
import { AppSession } from "../../../envs/apps/session.ts";
import { shapeProblem } from "../../../envs/apps/shapes.ts";
import { HELD_OUT_APPS } from "../../../envs/apps/world/profiles.ts";
import { baseWorld, openApps } from "./_kit.ts";

const all = [...CATALOGUE.values()].flatMap((app) => app.apis.map((spec) => ({ app, spec })));
const { session, user, people } = openApps("full");

/** Token of an app, from the stored password. */
function signedIn(inside: AppSession, app: string): string {
  const logins = inside.call("principal", "my_logins", {}).body as { app: string; user: string; password: string }[];
  const { user = "", password = "" } = logins.find((login) => login.app === app) ?? {};
  const { status, body } = inside.call(app, "log_in", { user, password });
  assert.equal(status, 200, `${app}: ${JSON.stringify(body)}`);
  return (body as { token: string }).token;
}

const apps = [...CATALOGUE.keys()].filter((app) =>
  !UTILITY_APPS.includes(app) && (CATALOGUE.get(app)?.apis.length ?? 0) > 0
);
const tokens = new Map(apps.map((app) => [app, signedIn(session, app)]));

function message(reply: { readonly body: Json }): string {
  return (reply.body as { message: string }).message;
}

for (const [name, app] of CATALOGUE) {
  Deno.test(`${name}: every API refuses an unknown argument with the list of those allowed`, () => {
    for (const spec of app.apis) {
      const reply = session.call(name, spec.name, { no_such_argument: 1 });
      assert.equal(reply.status, 422);
      const allowed = Object.keys(spec.params).join(", ") || "none";
      assert.equal(message(reply), `Bad argument no_such_argument: there is no such argument. Allowed: ${allowed}`);
    }
  });

  if (!apps.includes(name)) continue;

  Deno.test(`${name}: every private API refuses a missing token, an unknown one, and another app's`, () => {
    const foreign = tokens.get(name === "handset" ? "tuppence" : "handset") ?? "";
    for (const spec of app.apis.filter(({ auth }) => auth)) {
      for (const args of [{}, { token: "0123" }, { token: foreign }]) {
        const reply = session.call(name, spec.name, args);
        assert.equal(reply.status, 401, spec.name);
        assert.equal(message(reply), `Sign-in needed for ${name}: token missing, unknown or out of date.`);
      }
    }
  });

  Deno.test(`${name}: every API refuses a wrong type of each argument and says which`, () => {
    for (const spec of app.apis) {
      const token = spec.auth ? { token: tokens.get(name) ?? "" } : {};
      const stow = spec.files ? { stow_token: tokens.get("stowbox") ?? "" } : {};
      for (const [param, { required }] of Object.entries(spec.params)) {
        if (param === "token" || param === "stow_token") continue;
        // Arguments are checked in order, so those before must be right.
        const before = Object.entries(spec.params).slice(0, Object.keys(spec.params).indexOf(param))
          .filter(([other, known]) => known.required && other !== "token" && other !== "stow_token")
          .map(([other, known]) => [other, sample(known.schema, other)]);
        const args = { ...token, ...stow, ...Object.fromEntries(before) };
        const wrong = session.call(name, spec.name, { ...args, [param]: { nonsense: [true] } });
        assert.equal(wrong.status, 422, `${spec.name} ${param}`);
        assert.match(message(wrong), new RegExp(`^Bad argument ${param}: got .* Allowed: `), `${spec.name} ${param}`);
        if (!required) continue;
        const missing = session.call(name, spec.name, args);
        assert.equal(missing.status, 422, `${spec.name} ${param}`);
        assert.match(message(missing), new RegExp(`^Bad argument ${param}: it is missing\\. Allowed: `));
      }
    }
  });
}

Deno.test("APIs that touch files refuse a token of another app in place of the file store's", () => {
  const files = all.filter(({ spec }) => spec.files);
  assert.ok(files.length >= 10, `${files.length}`);
  for (const { app, spec } of files) {
    const token = tokens.get(app.name) ?? "";
    const reply = session.call(app.name, spec.name, { token, stow_token: tokens.get("handset") ?? "" });
    assert.equal(reply.status, 401, `${app.name}.${spec.name}`);
    assert.match(message(reply), /^Sign-in needed for stowbox/);
  }
});

Deno.test("the catalogue is as large and as mixed as the benchmark wants it", () => {
  const count = (holds: (one: { app: App; spec: Api }) => boolean) => all.filter(holds).length;
  assert.ok(all.length >= 460, `${all.length} APIs`);
  assert.equal(new Set(all.map(({ app, spec }) => `${app.name}.${spec.name}`)).size, all.length);
  assert.ok([...TABLES.keys()].length >= 60, `${TABLES.size} tables`);
  assert.ok(count(({ spec }) => spec.auth) / all.length >= 0.75);
  assert.ok(count(({ spec }) => spec.list !== undefined) >= 80);
  assert.ok(count(({ spec }) => (spec.list?.orders.length ?? 0) > 0) >= 45);
  assert.ok(count(({ spec }) => spec.effects.length > 0) >= 25);
  for (const app of CATALOGUE.values()) {
    assert.ok(app.about.length > 10, app.name);
    if (!UTILITY_APPS.includes(app.name)) assert.ok(app.apis.length >= 37, `${app.name}: ${app.apis.length}`);
    for (const { about, name } of app.apis) assert.match(about, /^[A-Z].*\.$/, `${app.name}.${name}: ${about}`);
  }
});

Deno.test("declared effects name tables that there are, of other apps", () => {
  for (const { app, spec } of all) {
    for (const effect of spec.effects) {
      assert.ok(TABLES.has(effect), `${app.name}.${spec.name}: ${effect}`);
      assert.ok(!effect.startsWith(`${app.name}.`), `${app.name}.${spec.name}: ${effect}`);
    }
  }
});

Deno.test("columns that own, refer or are indexed exist, and references lead to tables", () => {
  for (const { name, columns, ownedBy, references, indexes, uncompared } of TABLES.values()) {
    for (const column of [...ownedBy, ...Object.keys(references), ...indexes, ...uncompared]) {
      assert.ok(Object.hasOwn(columns, column), `${name} has no column ${column}`);
    }
    for (const target of Object.values(references)) assert.ok(TABLES.has(target), `${name}: ${target}`);
  }
});

/** Some value that a schema allows. */
function sample(schema: JsonSchema, name: string): Json {
  if (Array.isArray(schema["enum"])) return schema["enum"][0] as Json;
  if (schema["default"] !== undefined) return schema["default"] as Json;
  switch (schema["type"]) {
    case "integer":
      return Math.max(1, Number(schema["minimum"] ?? 1));
    case "number":
      return 2;
    case "boolean":
      return true;
    case "array":
      return [sample(schema["items"] as JsonSchema, name)];
    case "object":
      return { [people[1]?.email ?? ""]: 1 };
  }
  if (schema["format"] === "email") return people[1]?.email ?? "";
  if (schema["format"] === "date") return "2027-04-01";
  const pattern = String(schema["pattern"] ?? "");
  if (pattern.startsWith("^\\d{4}-\\d{2}-\\d{2}T")) return "2027-04-01T09:00:00";
  if (pattern.startsWith("^\\d{4}-(0")) return "2029-05";
  if (pattern.includes(":[0-5]")) return "06:30";
  if (pattern.includes("/")) return `/${name}.txt`;
  return name === "number" ? people[1]?.number ?? "" : `some ${name}`;
}

/** Values of an argument worth trying: ids and paths of the user's rows in each table of the app, else a sample. */
function candidates(app: App, name: string, schema: JsonSchema): Json[] {
  const { world } = session;
  const mine = (table: App["tables"][number]) =>
    (table.ownedBy.length > 0 ? world.rows(table, user.email) : world.rows(table)).slice(0, 400);
  if (name.endsWith("_id")) {
    const entity = name.slice(0, -"_id".length).split("_").at(-1) ?? "";
    // The table whose name ends in the argument's word first.
    const tables = [...app.tables].sort((a, b) => Number(b.name.endsWith(entity)) - Number(a.name.endsWith(entity)));
    const ids = tables.slice(0, 3).flatMap((table) => mine(table).map(({ id }) => id));
    const spread = ids.filter((_, i) => i % Math.max(1, Math.floor(ids.length / 60)) === 0);
    return [...new Set([1, 2, 3, ...spread])];
  }
  if (String(schema["pattern"] ?? "").includes("/")) {
    const rows = mine(TABLES.get("stowbox.file") as App["tables"][number]) as unknown as {
      folder: string;
      name: string;
    }[];
    return [
      ...rows.slice(0, 5).map((row) => (row.folder === "/" ? `/${row.name}` : `${row.folder}/${row.name}`)),
      "/new.txt",
    ];
  }
  return [sample(schema, name)];
}

Deno.test("every answer has the declared shape, and most APIs are reached with arguments made from the declarations", () => {
  const base = baseWorld("full");
  const unreached: string[] = [];
  for (const { app, spec } of all) {
    const needed = Object.entries(spec.params).filter(([, { required }]) => required)
      .filter(([name]) => name !== "token" && name !== "stow_token");
    const varied = needed.find(([name]) => name.endsWith("_id")) ?? needed[0];
    const optional = Object.entries(spec.params).filter(([name, { required, schema }]) =>
      !required && schema["default"] === undefined && name !== "order" && name !== "q"
    );
    // Changes need something to change, so each is tried with one optional argument too.
    const extras = [undefined, ...(spec.method === "GET" ? [] : optional)];
    const ids = varied === undefined ? [null] : candidates(app, varied[0], varied[1].schema);
    const choices = extras.flatMap((extra) => ids.map((choice) => ({ choice, extra })));
    let reached = false;
    for (const { choice, extra } of choices) {
      const fresh = new AppSession(base.open(WORLD_NOW).fork(), user, "Do something.");
      const args: Record<string, Json> = Object.fromEntries(needed.map(([name, { schema }]) => [
        name,
        name === varied?.[0] ? choice : candidates(app, name, schema).at(0) ?? null,
      ]));
      if (extra !== undefined) args[extra[0]] = candidates(app, extra[0], extra[1].schema)[0] ?? null;
      let body: Json;
      try {
        body = fresh.client(user)(app.name, spec.name, args);
      } catch (error) {
        assert.equal((error as Error).name, "AgentError", `${app.name}.${spec.name}: ${(error as Error).stack}`);
        continue;
      }
      reached = true;
      const problem = shapeProblem(spec.returns, body);
      assert.equal(problem, undefined, `${app.name}.${spec.name}`);
      if (spec.method === "GET") {
        assert.equal(
          fresh.world.diff().size,
          0,
          `${app.name}.${spec.name} reads, but changes ${[...fresh.world.diff().keys()]}`,
        );
      }
      const written = [...fresh.world.diff().keys()].filter((table) =>
        !table.startsWith(`${app.name}.`) && !table.startsWith("registry.")
      );
      const declared = new Set(spec.effects);
      // Mail has several tables, and so have texts: it is enough that the app is named.
      const named = new Set([...declared].map((table) => table.slice(0, table.indexOf("."))));
      assert.deepEqual(
        written.filter((table) => !declared.has(table) && !named.has(table.slice(0, table.indexOf(".")))),
        [],
        `${app.name}.${spec.name} writes tables of other apps that it does not declare`,
      );
      break;
    }
    if (!reached) unreached.push(`${app.name}.${spec.name}`);
  }
  assert.ok(
    unreached.length <= 0.25 * all.length,
    `${unreached.length} of ${all.length} unreached: ${unreached.join(" ")}`,
  );
});

Deno.test("held-out apps are apps", () => {
  assert.deepEqual(HELD_OUT_APPS.filter((app) => !CATALOGUE.has(app)), []);
});
