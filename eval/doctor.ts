/**
 * `whet doctor`: what this machine has and whether it computes what it should.
 *
 * Contract: looks, reports and changes nothing. It is not well if no provider works, if a provider that works disagrees with the reference,
 * if the provider asked for does not work, or if the workspace's database is damaged or made by a newer program. A database that a run is writing, or none at
 * all, is well. With `WHET_REQUIRE_WEBGPU=1` in the environment, WebGPU is asked for.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import type { Json } from "../data/canonical.ts";
import { RecordCorruptError, RecordVersionError } from "../data/record_errors.ts";
import { runSql } from "../data/sql.ts";
import { isSoftwareAdapter, type ProviderKind } from "../agents/model/device.ts";
import { PROBE_TOLERANCE, probeProviders, type ProviderState } from "./provider_probe.ts";
import { printable, textTable } from "./text_table.ts";
import { packageVersions } from "./versions.ts";

/** Options of {@linkcode doctor}. */
export interface DoctorOptions {
  /** Provider that must work; `auto` asks for none in particular. */
  readonly device: ProviderKind | "auto";
  /** Folder of the database. */
  readonly workspace: string;
}

/** State of the workspace's database. */
export interface DatabaseState {
  /** Database file. */
  readonly path: string;
  /** `busy`: it could not be read, most likely because a run is writing it; `broken`: damaged or too new. */
  readonly state: "absent" | "readable" | "busy" | "broken";
  /** For people. */
  readonly detail: string;
}

/** Graphics adapter that WebGPU would use. */
export interface AdapterState {
  /** What the adapter calls itself. */
  readonly description: string;
  /** Whether it is a software renderer. */
  readonly software: boolean;
}

/** All findings. */
export interface DoctorReport {
  /** For people. */
  readonly text: string;
  /** For programs. */
  readonly json: Json;
  /** Whether everything that was asked for works. */
  readonly ok: boolean;
}

/** Adapter of WebGPU; undefined where there is none. */
async function findAdapter(): Promise<AdapterState | undefined> {
  const adapter = typeof navigator === "undefined" ? null : await navigator.gpu?.requestAdapter() ?? null;
  if (adapter === null) return undefined;
  const { description, vendor, architecture, device } = adapter.info;
  const words = [description, vendor, architecture, device].filter((word) => word !== "");
  return { description: words[0] ?? "unnamed adapter", software: isSoftwareAdapter(words.join(" ")) };
}

/** State of a database file. */
export async function databaseState(path: string): Promise<DatabaseState> {
  try {
    const { size } = await Deno.stat(path);
    const { rows } = await runSql(
      path,
      "SELECT (SELECT count(*) FROM run), (SELECT count(*) FROM unit), (SELECT count(*) FROM rollout)",
    );
    const [runs, units, rollouts] = rows[0] ?? [];
    const detail = `${runs} runs, ${units} finished units of work, ${rollouts} rollouts, ${formatBytes(size)}`;
    return { path, state: "readable", detail };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { path, state: "absent", detail: "not there yet" };
    const broken = error instanceof RecordCorruptError || error instanceof RecordVersionError;
    const detail = error instanceof Error ? error.message : String(error);
    return { path, state: broken ? "broken" : "busy", detail };
  }
}

/** Free bytes on the disk of the nearest folder that exists; undefined where the system does not say. */
async function freeBytes(folder: string): Promise<number | undefined> {
  for (let path = folder;; path = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) || "/" : ".") {
    try {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    } catch {
      if (path === "." || path === "/") return undefined;
    }
  }
}

function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** What is wrong, one sentence each; nothing if all is well. */
export function findProblems(
  providers: readonly ProviderState[],
  database: DatabaseState,
  required: readonly ProviderKind[],
): string[] {
  const problems: string[] = [];
  if (!providers.some((state) => state.available)) {
    problems.push("No execution provider works, so nothing can be trained or evaluated.");
  }
  for (const state of providers) {
    if (state.agrees === false) {
      problems.push(
        `${state.provider} computes other logits than ${providers[0]?.provider}: they differ by up to ` +
          `${state.maxDifference?.toExponential(1)} nats, ${PROBE_TOLERANCE} is allowed.`,
      );
    }
    if (!state.available && required.includes(state.provider)) {
      problems.push(`${state.provider} is asked for but does not work: ${state.detail}`);
    }
  }
  if (database.state === "broken") problems.push(database.detail);
  return problems;
}

function providerVerdict(state: ProviderState): string {
  if (!state.available) return "not available";
  if (state.agrees === null) return "works (reference)";
  return state.agrees ? "works, same logits" : "WORKS, BUT OTHER LOGITS";
}

/**
 * Examines this machine.
 *
 * @param options see {@linkcode DoctorOptions}.
 */
export async function doctor(options: DoctorOptions): Promise<DoctorReport> {
  const { device, workspace } = options;
  const required: ProviderKind[] = device === "auto" ? [] : [device];
  if (Deno.env.get("WHET_REQUIRE_WEBGPU") === "1" && device !== "webgpu") required.push("webgpu");
  const versions = packageVersions();
  const adapter = await findAdapter();
  const providers = await probeProviders();
  const database = await databaseState(`${workspace}/whet.duckdb`);
  const free = await freeBytes(workspace);
  const problems = findProblems(providers, database, required);
  const machine = {
    os: Deno.build.os,
    architecture: Deno.build.arch,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    adapter: adapter === undefined ? null : { ...adapter },
  };
  const gpu = adapter === undefined ? "none" : `${adapter.description}${adapter.software ? " (software)" : ""}`;
  const text = [
    textTable({
      columns: [{ heading: "component" }, { heading: "version" }],
      rows: Object.entries(versions).map(([name, version]) => [name, version]),
    }),
    textTable({
      columns: [{ heading: "machine" }, { heading: "" }],
      rows: [
        [
          "system",
          `${machine.os} ${machine.architecture}, ${machine.cores} cores, ${
            formatBytes(machine.memoryBytes)
          } of memory`,
        ],
        ["graphics adapter", gpu],
        ["free disk space", free === undefined ? "unknown" : formatBytes(free)],
        ["database", `${database.path}: ${printable(database.detail)}`],
      ],
    }),
    textTable({
      columns: [
        { heading: "provider" },
        { heading: "verdict" },
        { heading: "max difference, nats", align: "right" },
        { heading: "detail" },
      ],
      rows: providers.map((state) => [
        state.provider,
        providerVerdict(state),
        state.maxDifference === null ? "—" : state.maxDifference.toExponential(1),
        state.detail,
      ]),
    }),
    problems.length === 0 ? "All is well.\n" : problems.map((problem) => `Problem: ${printable(problem)}\n`).join(""),
  ].join("\n");
  const json: Json = {
    ok: problems.length === 0,
    problems,
    versions,
    machine,
    freeBytes: free ?? null,
    database: { ...database },
    // JSON has no infinity; an infinite difference is what a provider that gave NaN has.
    providers: providers.map((state) => ({
      ...state,
      maxDifference: state.maxDifference === Infinity ? "Infinity" : state.maxDifference,
    })),
    tolerance: PROBE_TOLERANCE,
  };
  return { text, json, ok: problems.length === 0 };
}
