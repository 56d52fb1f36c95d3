import assert from "node:assert/strict";
import { Recorder } from "../data/recorder.ts";
import { WHETSTONE_VERSION } from "../eval/versions.ts";
import { matchFixture } from "./_fixture.ts";

const ROOT = new URL("../", import.meta.url);
const COMMANDS = [
  "",
  "reproduce",
  "train",
  "eval",
  "ablate",
  "table",
  "plot",
  "report",
  "view",
  "sql",
  "plan",
  "runs",
  "runs list",
  "runs show",
  "runs rm",
  "rollout",
  "rollout show",
  "record",
  "record hash",
  "record schema",
  "record compact",
  "rescore",
  "export",
  "import",
  "env",
  "env list",
  "env new",
  "env check",
  "env add-data",
  "env stats",
  "env docs",
  "env play",
  "env serve",
  "verify",
  "doctor",
  "bench",
  "bench record",
  "bench engine",
  "bench apps",
  "completion",
];

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line with the permissions that users give it. */
async function whet(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-P", "--quiet", "--no-check", "cli.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", WHET_DEBUG: "", ...env },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  // Deno itself warns of permission sets, which are new in it.
  const own = text.decode(stderr).split("\n").filter((line) => !/^Warning .*Permissions in the config/.test(line)).join(
    "\n",
  );
  return { code, stdout: text.decode(stdout), stderr: own };
}

/** A workspace with one run in its database, for the time of a test. */
async function withWorkspace(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const recorder = await Recorder.open(`${folder}/whet.duckdb`);
    recorder.insert("run", [{
      run_id: "sft-1",
      arm: "SFT",
      recipe: "sft",
      config: { a: [1] },
      config_hash: "c0ffee",
      seed: 1,
      environment: "apps",
      environment_hash: "0",
      device: "cpu",
      versions: {},
      started_at: new Date(0),
    }]);
    await recorder.flush();
    await recorder.close();
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("whet COMMAND --help prints the stored page and exits 0", async (t) => {
  const pages = new Map<string, Outcome>();
  for (let first = 0; first < COMMANDS.length; first += 6) {
    const some = COMMANDS.slice(first, first + 6);
    const outcomes = await Promise.all(some.map((command) => whet([...command.split(" ").filter(Boolean), "--help"])));
    some.forEach((command, i) => pages.set(command, outcomes[i] as Outcome));
  }
  for (const [command, { code, stdout, stderr }] of pages) {
    await t.step(`whet ${command}`, async () => {
      assert.deepEqual([code, stderr], [0, ""]);
      await matchFixture(`cli/${command === "" ? "whet" : command.replace(" ", "_")}_help.txt`, stdout);
    });
  }
});

Deno.test("whet prints the stored complaint and exits 2 on wrong usage", async () => {
  const wrong = [
    [],
    ["reprodce", "sage"],
    ["reproduce"],
    ["reproduce", "sag"],
    ["reproduce", "sage", "--scale", "smok"],
    ["reproduce", "sage", "--sede", "3"],
    ["reproduce", "sage", "--seeds", "0"],
    ["reproduce", "sage", "--device", "gpu"],
    ["sql"],
    ["sql", "SELECT 1", "--format", "tabl"],
    ["sql", "SELECT 1", "more"],
    ["env"],
    ["env", "chek", "apps"],
    ["env", "check", "math", "--all"],
    ["env", "check", "apps", "--all", "--split", "dev"],
    ["env", "stats", "apps", "--data", "problems.jsonl"],
    ["env", "stats", "apps", "--env-option", "profile=ful"],
    ["env", "docs", "apps", "--app", "handst"],
    ["env", "docs", "apps", "--format", "opnapi"],
    ["record"],
    ["train", "grpo"],
    ["train", "grpoo", "--env", "math"],
    ["eval", "math"],
    ["ablate", "sage", "--chain-length", "1,x"],
    ["ablate", "sage", "--reward", "skil"],
    ["plan"],
    ["verify", "--tolerance", "-1"],
    ["--versoin"],
  ];
  const outcomes = await Promise.all(wrong.map((args) => whet(args)));
  const pages = outcomes.map(({ code, stdout, stderr }, index) => {
    const line = ["whet", ...wrong[index] ?? []].join(" ");
    assert.deepEqual([code, stdout], [2, ""], line);
    return `$ ${line}\n${stderr}`;
  });
  await matchFixture("cli/usage_errors.txt", pages.join("\n"));
});

Deno.test("whet --version prints the version of deno.json", async () => {
  assert.deepEqual(await whet(["--version"]), { code: 0, stdout: `${WHETSTONE_VERSION}\n`, stderr: "" });
});

Deno.test("whet completion writes a script for each shell, and completes commands, options and values", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await whet(["completion", shell]);
    assert.equal(code, 0);
    assert.match(stdout, /whet/);
    assert.match(stdout, new RegExp(`completion.*${shell}`, "s"));
  }
  const words = async (...args: string[]) =>
    (await whet(["completion", "bash", ...args])).stdout.split("\n").filter((line) => line !== "");
  assert.deepEqual(await words("repr"), ["reproduce"]);
  assert.deepEqual((await words("env", "")).slice(0, 3), ["list", "new", "check"]);
  assert.deepEqual(await words("reproduce", "sage", "--scale", ""), ["smoke", "nano", "ci"]);
  assert.deepEqual(await words("table", "sage", "--fo"), ["--format"]);
});

Deno.test("whet sql prints a table, JSON, JSON lines and CSV", async () => {
  await withWorkspace(async (folder) => {
    const query = "SELECT arm, seed, config FROM run";
    const print = async (...args: string[]) => {
      const { code, stdout, stderr } = await whet(["sql", query, "--workspace", folder, ...args]);
      assert.deepEqual([code, stderr], [0, ""]);
      return stdout;
    };
    const rows = [{ arm: "SFT", seed: 1, config: '{"a":[1]}' }];
    assert.match(await print(), /^arm +seed +config\n-+ +-+ +-+\nSFT +1 +\{"a":\[1\]\}\n$/);
    assert.deepEqual(JSON.parse(await print("--json")), rows);
    assert.deepEqual(JSON.parse(await print("--format", "json")), rows);
    assert.deepEqual((await print("--format", "jsonl")).trim().split("\n").map((line) => JSON.parse(line)), rows);
    assert.equal(await print("--format", "csv"), 'arm,seed,config\r\nSFT,1,"{""a"":[1]}"\r\n');
  });
});

Deno.test("whet sql --attach joins another workspace, and refuses a word that names none", async () => {
  await withWorkspace((folder) =>
    withWorkspace(async (other) => {
      const query =
        "SELECT count(*) AS runs FROM (SELECT run_id FROM record.run UNION ALL SELECT run_id FROM other.run)";
      const both = await whet(["sql", query, "--workspace", folder, "--attach", `other=${other}`, "--json"]);
      assert.deepEqual(JSON.parse(both.stdout), [{ runs: 2 }]);
      const wrong = await whet(["sql", query, "--workspace", folder, "--attach", "other"]);
      assert.equal(wrong.code, 1);
      assert.match(wrong.stderr, /--attach must be NAME=DIR, .* got other\n$/);
    })
  );
});

Deno.test("whet sql prints [] as JSON where there are no rows", async () => {
  await withWorkspace(async (folder) => {
    const { stdout } = await whet(["sql", "SELECT * FROM rollout", "--workspace", folder, "--json"]);
    assert.deepEqual(JSON.parse(stdout), []);
  });
});

Deno.test("whet fails with one paragraph on standard error and status 1", async () => {
  await withWorkspace(async (folder) => {
    const failing: [string[], RegExp][] = [
      [["sql", "SELECT nothing FROM run", "--workspace", folder], /^Error: Cannot run the statement: .*nothing.*\n$/],
      [["sql", "DELETE FROM run", "--workspace", folder], /^Error: .*read.*\n$/],
      [["sql", "SELECT 1", "--workspace", `${folder}/none`], /^Error: Cannot open the record .*\n$/],
      [
        ["table", "sage", "--workspace", folder, "--config", "abc"],
        /^Error: Cannot report on .*whet reproduce sage\n$/,
      ],
      [["env", "check", "aps"], /^Error: .*did you mean apps\?\n$/],
    ];
    for (const [args, expected] of failing) {
      const { code, stdout, stderr } = await whet(args);
      assert.deepEqual([code, stdout], [1, ""], args.join(" "));
      assert.match(stderr, expected);
      assert.doesNotMatch(stderr, /\bat file:/);
    }
    const { stderr } = await whet(["sql", "SELECT nothing FROM run", "--workspace", folder], { WHET_DEBUG: "1" });
    assert.match(stderr, /\bat .*sql\.ts/);
  });
});

Deno.test("whet record hash names each table, and does not change from call to call", async () => {
  await withWorkspace(async (folder) => {
    const text = await whet(["record", "hash", "--workspace", folder]);
    const json = await whet(["record", "hash", "--workspace", folder, "--json"]);
    assert.equal(text.code, 0);
    const { total, tables } = JSON.parse(json.stdout) as { total: string; tables: Record<string, string> };
    const lines = text.stdout.trim().split("\n");
    assert.equal(lines.at(-1), `${total}  total`);
    assert.equal(lines.length, Object.keys(tables).length + 1);
    const other = JSON.parse((await whet(["record", "hash", "--workspace", folder, "--json", "--run", "none"])).stdout);
    assert.notEqual(other.total, total);
  });
});
