/**
 * What computes the numbers: the machine, Deno, Whetstone and the packages, as pinned in `deno.json`.
 *
 * @module
 */
import { cpus } from "node:os";
import config from "../deno.json" with { type: "json" };

/** Whetstone's own version. */
export const WHETSTONE_VERSION: string = config.version;

/** Version by name; packages by their npm name. */
export function packageVersions(): Record<string, string> {
  const versions: Record<string, string> = { deno: Deno.version.deno, v8: Deno.version.v8, whetstone: config.version };
  for (const specifier of Object.values(config.imports)) {
    const match = /^npm:(.+)@([^@]+)$/.exec(specifier);
    if (match?.[1] !== undefined && match[2] !== undefined) versions[match[1]] = match[2];
  }
  return versions;
}

/** The machine, as the record keeps it. */
export function machineFacts(): {
  readonly os: string;
  readonly arch: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory_mib: number;
} {
  const processors = cpus();
  return {
    os: `${Deno.build.os} ${Deno.osRelease()}`,
    arch: Deno.build.arch,
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memory_mib: Math.round(Deno.systemMemoryInfo().total / 2 ** 20),
  };
}
