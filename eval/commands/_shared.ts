/**
 * Options and helpers that several commands share.
 *
 * @module
 */
import { type commandLine, type Message, message, text } from "@optique/core/message";
import { multiple, optional, withDefault } from "@optique/core/modifiers";
import { argument, option } from "@optique/core/primitives";
import { choice, integer, string, type ValueParser } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import type { NonEmptyString } from "@optique/core/nonempty";
import type { Json } from "../../data/canonical.ts";
import type { Query } from "../query_rows.ts";

/** What a command gets beside its own arguments. */
export interface CommandContext {
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A message written over several lines of source. */
export function prose(texts: TemplateStringsArray, ...values: readonly ReturnType<typeof commandLine>[]): Message {
  const joined = texts.map((text) => text.replaceAll(/\s+/g, " "));
  return message(Object.assign(joined, { raw: joined }), ...values);
}

/** `--json` */
export const json = option("--json", { description: message`Print JSON instead of text.` });

/** `--workspace` */
export const workspace = withDefault(
  option("--workspace", path({ metavar: "DIR", type: "directory" }), {
    description: message`Folder of the database and the checkpoints.`,
  }),
  "results/workspace",
);

/** `--device` */
export const device = withDefault(
  option("--device", choice(["auto", "webgpu", "cpu", "wasm"], { metavar: "DEVICE", suggest: "nearest" }), {
    description: message`Where the policy runs; auto takes a hardware GPU if there is one, else the CPU.`,
  }),
  "auto" as const,
);

/** `--scale` */
export const scale = withDefault(
  option("--scale", choice(["smoke", "nano", "ci"], { metavar: "SCALE", suggest: "nearest" }), {
    description:
      message`How much of everything: smoke takes minutes, nano hours, ci seconds (its numbers mean nothing).`,
  }),
  "smoke" as const,
);

/** `--seeds` */
export const seeds = withDefault(
  option("--seeds", integer({ metavar: "N", min: 1 }), { description: message`Number of training seeds.` }),
  1,
);

/** `--seed` */
export const seed = withDefault(
  option("--seed", integer({ metavar: "SEED", min: 0 }), { description: message`First training seed.` }),
  1,
);

/** `--world-seed` */
export const worldSeed = withDefault(
  option("--world-seed", integer({ metavar: "SEED", min: 0 }), {
    description: message`Seed of the tasks, the same for all training seeds.`,
  }),
  1,
);

/** `--run`, any number of times. */
export const runs = multiple(
  option("--run", string({ metavar: "RUN" }), { description: message`Only this run; may be given again.` }),
);

/** An environment's name as an argument. */
export const environmentId = argument(string({ metavar: "ENV" }), {
  description: message`Environment by name; env list shows them.`,
});

/** `--config` */
export const registry = optional(
  option("--config", path({ metavar: "FILE", type: "file" }), {
    description: message`File that registers environments; whet.json, if there is one, when left out.`,
  }),
);

/** `--env-option`, any number of times. */
export const environmentOptions = multiple(
  option("--env-option", string({ metavar: "KEY=VALUE" }), {
    description: message`Option of the environment, such as mode=tool; may be given again.`,
  }),
);

/** `--option`, any number of times. */
export const ariseOptionWords = multiple(
  option("--option", string({ metavar: "KEY=VALUE" }), {
    description: message`Option of arise, such as preset=v1 or sigma=0.5; help lists all; may be given again.`,
  }),
);

/** A list of values with commas between them. */
export function commaList<T>(
  metavar: NonEmptyString,
  one: (word: string) => T | undefined,
  rule: string,
): ValueParser<"sync", T[]> {
  return {
    mode: "sync",
    metavar,
    placeholder: [],
    parse(input) {
      const values: T[] = [];
      for (const word of input.split(",")) {
        const value = one(word.trim());
        if (value === undefined) {
          return { success: false, error: message`Expected ${text(rule)}, separated by commas, but got ${word}.` };
        }
        values.push(value);
      }
      return { success: true, value: values };
    },
    format: (values) => values.join(","),
  };
}

/** Database of a workspace. */
export function databaseOf(folder: string): string {
  return `${folder}/whet.duckdb`;
}

/** Queries on a workspace's database, also while a run is going on. */
export async function queryOf(folder: string): Promise<Query> {
  const { runSql } = await import("../../data/sql.ts");
  return (sql) => runSql(databaseOf(folder), sql);
}

/** Own properties that are there. */
export function given<T extends Readonly<Record<string, unknown>>>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** Options of an environment and the file that registers it, as the registry takes them. */
export async function environmentSource(
  words: readonly string[],
  config: string | undefined,
): Promise<{ readonly options: Readonly<Record<string, Json>>; readonly config?: string }> {
  const { parseEnvironmentOptions } = await import("../../envs/registry.ts");
  const options = parseEnvironmentOptions(words) as Readonly<Record<string, Json>>;
  return { options, ...(config === undefined ? {} : { config }) };
}
