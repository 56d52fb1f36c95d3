/**
 * The direction of imports: data ◄ envs ◄ agents ◄ train ◄ eval ◄ cli.ts; an import never points right.
 *
 * Specifiers come from Deno's own module graph (`deno info --json`), type imports and dynamic imports included.
 *
 * @module
 */
import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };

const ROOT = new URL("../", import.meta.url);
/** Rooms from left to right; `mod.ts` re-exports everything and is imported by no room. */
const ROOMS = ["data", "envs", "agents", "train", "eval", "cli.ts", "mod.ts"];

/** One import: paths from the root, or the specifier as written where it leaves the repository. */
interface Edge {
  readonly from: string;
  readonly specifier: string;
  /** File of this repository that it leads to, or undefined. */
  readonly to: string | undefined;
}

function roomOf(path: string): number {
  return ROOMS.findIndex((room) => path === room || path.startsWith(`${room}/`));
}

/** What is wrong with an import; undefined if nothing is. */
function fault(edge: Edge): string | undefined {
  const { from, specifier, to } = edge;
  if (/^(jsr|https?|npm):/.test(specifier)) {
    return `${from} imports ${specifier}: packages are imported by their names in deno.json`;
  }
  if (to === undefined || to === "deno.json") return undefined;
  const [here, there] = [roomOf(from), roomOf(to)];
  if (there < 0) return `${from} imports ${to}, which is in no room`;
  if (there > here) return `${from} imports ${to}, which points right: ${ROOMS[here]} must not know ${ROOMS[there]}`;
  return undefined;
}

async function sourceFiles(folder = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory, isFile } of Deno.readDir(new URL(folder, ROOT))) {
    const path = folder + name;
    if (isDirectory && (folder !== "" || ROOMS.includes(name))) files.push(...await sourceFiles(`${path}/`));
    else if (isFile && name.endsWith(".ts") && roomOf(path) >= 0) files.push(path);
  }
  return files.sort();
}

/** A part of `deno info --json`. */
interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

/** All imports of the given files. */
async function edgesOf(files: readonly string[]): Promise<Edge[]> {
  const root = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      root,
      files.map((file) => `import ${JSON.stringify(new URL(file, ROOT).href)};\n`).join(""),
    );
    const command = new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", new URL("deno.json", ROOT).pathname, root],
      env: { NO_COLOR: "1" },
    });
    const { stdout, stderr, success } = await command.output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const graph = JSON.parse(new TextDecoder().decode(stdout)) as Graph;
    const inside = (
      url: string | undefined,
    ) => (url?.startsWith(ROOT.href) ? decodeURI(url.slice(ROOT.href.length)) : undefined);
    const wanted = new Set(files);
    return graph.modules.flatMap(({ specifier, error, dependencies = [] }) => {
      const from = inside(specifier);
      if (from === undefined || !wanted.has(from)) return [];
      assert.equal(error, undefined, `${from}: ${error}`);
      return dependencies.map((dependency) => ({
        from,
        specifier: dependency.specifier,
        to: inside(dependency.code?.specifier ?? dependency.type?.specifier),
      }));
    });
  } finally {
    await Deno.remove(root);
  }
}

Deno.test("imports never point right, and packages are imported by their names in deno.json", async () => {
  const files = await sourceFiles();
  const edges = await edgesOf(files);
  const seen = new Set(edges.map(({ from }) => from));
  // A graph that lost its edges would pass anything.
  assert.ok(
    files.length > 20 && seen.size > files.length / 2,
    `${seen.size} of ${files.length} files import something`,
  );
  assert.deepEqual(edges.flatMap((edge) => fault(edge) ?? []), []);
});

Deno.test("every package of deno.json comes from npm in an exact version", () => {
  for (const [name, specifier] of Object.entries(config.imports)) {
    if (name.endsWith("/")) continue;
    assert.match(specifier, /^npm:@?[^@]+@\d+\.\d+\.\d+[-+.\w]*$/, name);
  }
});

Deno.test("the check names an import that points right, and one from another registry", () => {
  assert.equal(
    fault({ from: "agents/rollout.ts", specifier: "../train/rewards.ts", to: "train/rewards.ts" }),
    "agents/rollout.ts imports train/rewards.ts, which points right: agents must not know train",
  );
  assert.match(fault({ from: "eval/a.ts", specifier: "jsr:@std/path", to: undefined }) ?? "", /imports jsr:@std\/path/);
  assert.match(fault({ from: "eval/a.ts", specifier: "../tests/b.ts", to: "tests/b.ts" }) ?? "", /in no room/);
  assert.equal(fault({ from: "eval/a.ts", specifier: "./b.ts", to: "eval/b.ts" }), undefined);
  assert.equal(fault({ from: "train/a.ts", specifier: "zod", to: undefined }), undefined);
});
