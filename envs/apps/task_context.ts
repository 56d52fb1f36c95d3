/**
 * What an agent is told beside the instruction: from one line for a small model that has learned the world, to the rules of the
 * house and the signatures of all APIs of the apps that the task is about.
 *
 * Choices: `inline` documentation lists the apps that the reference solution uses, which tells an agent where to look; with
 * `lookup` it has to find that out through the guide. Results of different levels of help are not comparable.
 *
 * @module
 */
import type { Principal } from "./scenario.ts";
import { type Catalogue, signature } from "./schema.ts";

/** Levels of help. */
export interface HelpOptions {
  /**
   * Whether signatures of APIs are in the prompt, or have to be looked up through the guide.
   *
   * @default {"lookup"}
   */
  docs?: "lookup" | "inline";
  /**
   * Whether the rules that hold for all tasks are in the prompt.
   *
   * @default {"compact"}
   */
  prompt?: "compact" | "full";
}

/** What a context is made of. */
export interface ContextParts {
  readonly user: Principal;
  /** Frozen date and time. */
  readonly at: string;
  /** Apps of the scenario. */
  readonly apps: readonly string[];
  readonly catalogue: Catalogue;
}

const RULES = [
  "You act alone for this person: nobody answers questions while you work.",
  "The APIs of all apps are in the object apis: apis.app.api({ name: value }), each with one object of named arguments. The guide app documents them.",
  "User names and passwords are in the principal app; sign in to an app with log_in and give its token to each private call. APIs that touch files need a token of stowbox as stow_token too.",
  "Who is a friend, a colleague or a relative, only the contacts of the phone say; other apps know people by e-mail or number.",
  "The time is frozen; the phone has the clock. Yesterday is the whole calendar day before today.",
  "Lists come in pages of 5, at most 20 rows, without totals: read on until a page is short or empty. A search ranks and leaves nothing out.",
  "Files are those of the file store.",
  "Change nothing that was not asked for. If several choices fit, any of them will do.",
  "Keep answers minimal: a name, or a number in digits; separate several items by commas.",
  'End with apis.principal.finish_task(): with an answer only if a question was asked, and with outcome "impossible" if it cannot be done.',
];

/** Context of a task. */
export function taskContext({ user, at, apps, catalogue }: ContextParts, options: HelpOptions = {}): string {
  const { docs = "lookup", prompt = "compact" } = options;
  const lines = [`${user.name}, ${at.slice(0, 10)}`];
  if (prompt === "full") {
    lines[0] = `The user is ${user.name} (${user.email}, ${user.number}). It is ${at.slice(0, 10)}, ${
      at.slice(11, 16)
    }.`;
    lines.push(...RULES);
  }
  if (docs === "inline") {
    const shown = [...catalogue.values()].filter(({ name }) => apps.includes(name) || name === "principal");
    lines.push(...shown.flatMap(({ name, apis }) => apis.map((spec) => signature(spec, name))));
  }
  return lines.join("\n");
}
