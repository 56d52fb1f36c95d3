/**
 * `whet runs …`, `whet rollout …`, `whet record …`, `whet rescore`, `whet export` and `whet import`.
 *
 * @module
 */
import { object, or } from "@optique/core/constructs";
import { commandLine, message } from "@optique/core/message";
import { multiple } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { argument, command, constant, option } from "@optique/core/primitives";
import { string } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import type { Json } from "../../data/canonical.ts";
import { printed } from "../terminal.ts";
import { type CommandContext, databaseOf, json, prose, registry, runs, workspace } from "./_shared.ts";

const run = argument(string({ metavar: "RUN" }), { description: message`Run by id, as runs list shows it.` });

/** `whet runs` */
export const runsCommand = command(
  "runs",
  or(
    command("list", object({ command: constant("runs list"), workspace, json }), {
      brief: message`List runs.`,
      description: message`List the workspace's runs, the newest last, with what each has done.`,
      footer: message`Example: ${commandLine("whet runs list")}`,
    }),
    command("show", object({ command: constant("runs show"), run, workspace, json }), {
      brief: message`Show one run.`,
      description: message`Show one run: its configuration, units of work, rows and versions.`,
    }),
    command(
      "rm",
      object({
        command: constant("runs rm"),
        run,
        yes: option("--yes", {
          description: message`Remove; without it nothing is removed, and the complaint says what would be.`,
        }),
        workspace,
        json,
      }),
      {
        brief: message`Remove one run.`,
        description:
          message`Remove one run with all its rows. Runs that others started from stay; files of weights stay.`,
      },
    ),
  ),
  { brief: message`List, show and remove runs.`, description: message`List, show and remove runs.` },
);

/** `whet rollout` */
export const rolloutCommand = command(
  "rollout",
  command(
    "show",
    object({
      command: constant("rollout show"),
      id: argument(string({ metavar: "ROLLOUT" }), {
        description: message`RUN/PHASE/STEP/GROUP/SAMPLE/POSITION.`,
      }),
      workspace,
      json,
    }),
    {
      brief: message`Show what was said in one rollout.`,
      description:
        prose`Show one rollout turn by turn, with roles, masks, rewards, verdicts and what happened to skills. The id is the run and the
        rollout's place in it, such as ${commandLine("sage-a9b710c2ee-s1/rl/3/2/0/1")}.`,
    },
  ),
  { brief: message`Show rollouts.`, description: message`Show rollouts.` },
);

/** `whet record` */
export const recordCommand = command(
  "record",
  or(
    command("hash", object({ command: constant("record hash"), runs, workspace, json }), {
      brief: message`Hash the rows of the database.`,
      description: message`Hash the rows of the database, times left out: equal hashes mean equal results.`,
    }),
    command(
      "schema",
      object({
        command: constant("record schema"),
        tables: multiple(argument(string({ metavar: "TABLE" }), {
          description: message`Tables and views to describe; all if left out.`,
        })),
        markdown: option("--markdown", { description: message`Print the whole page as Markdown.` }),
      }),
      {
        brief: message`Describe every table and view.`,
        description:
          message`Describe every table and view: what a row is, each column with its unit, and a query that runs.`,
        footer: message`Example: ${commandLine("whet record schema rollout")}`,
      },
    ),
    command("compact", object({ command: constant("record compact"), workspace, json }), {
      brief: message`Make the database file as small as it can be.`,
      description: message`Rewrite the database file without unused space. The rows stay what they are.`,
    }),
  ),
  { brief: message`Examine the database.`, description: message`Examine the database.` },
);

/** `whet rescore` */
export const rescoreCommand = command(
  "rescore",
  object({ command: constant("rescore"), run, registry, workspace, json }),
  {
    brief: message`Grade the rollouts of a run again.`,
    description:
      prose`Play the recorded actions of a run again, have them graded by today's graders, and add the verdicts under the next version.
      Nothing that is there is changed.`,
    footer: message`Example: ${commandLine("whet rescore grpo-363de7ba35-s1")}`,
  },
);

/** `whet export` */
export const exportCommand = command(
  "export",
  object({
    command: constant("export"),
    folder: argument(path({ metavar: "DIR", type: "directory" }), {
      description: message`Folder to write, below results.`,
    }),
    runs,
    workspace,
    json,
  }),
  {
    brief: message`Write runs as Parquet files.`,
    description: message`Write one Parquet file per table and a manifest; all runs, or those named.`,
    footer: message`Example: ${commandLine("whet export results/shared")}`,
  },
);

/** `whet import` */
export const importCommand = command(
  "import",
  object({
    command: constant("import"),
    folder: argument(path({ metavar: "DIR", type: "directory", mustExist: true }), {
      description: message`Folder that export wrote.`,
    }),
    workspace,
    json,
  }),
  {
    brief: message`Read runs from Parquet files.`,
    description: message`Read what export wrote. Rows that are there already are left as they are.`,
    footer: message`Example: ${commandLine("whet import results/shared")}`,
  },
);

/** Runs `whet runs …`. */
export async function runRuns(invocation: InferValue<typeof runsCommand>): Promise<number> {
  const { workspace, json } = invocation;
  const { formatRun, listRuns, removeRun, showRun } = await import("../../data/runs.ts");
  const database = databaseOf(workspace);
  switch (invocation.command) {
    case "runs list": {
      const { formatTable } = await import("../../data/format_result.ts");
      const result = await listRuns(database);
      const objects = result.rows.map((row) =>
        Object.fromEntries(result.columns.map(({ name }, i) => [name, row[i] ?? null]))
      );
      return printed(json ? objects : formatTable(result));
    }
    case "runs show": {
      const summary = await showRun(database, invocation.run);
      return printed(json ? summary as unknown as Json : formatRun(summary));
    }
    case "runs rm": {
      const { yes, run } = invocation;
      const { rows, checkpoints } = await removeRun(database, run, { yes });
      const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
      return printed(
        json ? { run, rows: { ...rows }, checkpoints: [...checkpoints] } : `Removed ${run}: ${total} rows\n`,
      );
    }
  }
}

/** Runs `whet rollout show`. */
export async function runRollout({ id, workspace, json }: InferValue<typeof rolloutCommand>): Promise<number> {
  const { formatTranscript, parseRolloutId, rolloutTranscript } = await import("../../data/rollout_transcript.ts");
  const { textOfRun } = await import("../trained_run.ts");
  const { queryOf } = await import("./_shared.ts");
  const tokenizer = await textOfRun(parseRolloutId(id).run, { workspace, query: await queryOf(workspace) });
  const transcript = await rolloutTranscript(databaseOf(workspace), id, {
    ...(tokenizer === undefined ? {} : { decode: (ids: readonly number[]) => tokenizer.decode(ids) }),
  });
  return printed(json ? transcript as unknown as Json : formatTranscript(transcript));
}

/** Runs `whet record …`. */
export async function runRecord(invocation: InferValue<typeof recordCommand>): Promise<number> {
  switch (invocation.command) {
    case "record hash": {
      const { rowHash } = await import("../../data/row_hash.ts");
      const { runs, workspace, json } = invocation;
      const hash = await rowHash(databaseOf(workspace), runs.length === 0 ? {} : { runIds: runs });
      const lines = [...Object.entries(hash.tables), ["total", hash.total]].map(([name, value]) =>
        `${value}  ${name}\n`
      );
      return printed(json ? { total: hash.total, tables: hash.tables } : lines.join(""));
    }
    case "record schema": {
      const { renderSchemaPage, renderSchemaText } = await import("../../data/render_schema.ts");
      const { tables, markdown } = invocation;
      return printed(markdown ? renderSchemaPage() : renderSchemaText(tables));
    }
    case "record compact": {
      const { compactRecord } = await import("../../data/compact_record.ts");
      const { workspace, json } = invocation;
      const { before, after } = await compactRecord(databaseOf(workspace));
      return printed(json ? { before, after } : `${before} bytes before, ${after} after\n`);
    }
  }
}

/** Runs `whet rescore`. */
export async function runRescore(
  { run, registry, workspace, json }: InferValue<typeof rescoreCommand>,
  { signal }: CommandContext,
): Promise<number> {
  const { Recorder } = await import("../../data/recorder.ts");
  const { createEnvironment } = await import("../../envs/registry.ts");
  const { rescore } = await import("../rescore.ts");
  const { terminalProgress } = await import("../terminal.ts");
  const progress = terminalProgress(json ? "json" : "auto");
  const recorder = await Recorder.open(databaseOf(workspace));
  try {
    const report = await rescore(recorder, {
      run,
      makeEnvironment: (id, seed, options) =>
        createEnvironment(id, {
          seed,
          options: "data" in options ? { ...options, workspace } : options,
          ...(registry === undefined ? {} : { config: registry }),
        }),
      signal,
      progress: progress.phase("rescoring", "rollouts"),
    });
    progress.finish();
    const { text, ...facts } = report;
    return printed(json ? facts as unknown as Json : text);
  } finally {
    await recorder.close();
  }
}

/** Runs `whet export`. */
export async function runExport({ folder, runs, workspace, json }: InferValue<typeof exportCommand>): Promise<number> {
  const { exportRuns } = await import("../../data/export_runs.ts");
  const manifest = await exportRuns(databaseOf(workspace), folder, runs.length === 0 ? {} : { runIds: runs });
  return printed(json ? manifest as unknown as Json : `${folder}\n`);
}

/** Runs `whet import`. */
export async function runImport({ folder, workspace, json }: InferValue<typeof importCommand>): Promise<number> {
  const { importRuns } = await import("../../data/export_runs.ts");
  await Deno.mkdir(workspace, { recursive: true });
  const { inserted, ignored, conflicting } = await importRuns(databaseOf(workspace), folder);
  const text = `${inserted} rows added, ${ignored} were there already, ${conflicting} of those with other content\n`;
  printed(json ? { inserted, ignored, conflicting } : text);
  return conflicting > 0 ? 1 : 0;
}
