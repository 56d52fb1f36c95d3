/**
 * `whet view`.
 *
 * @module
 */
import { object } from "@optique/core/constructs";
import { commandLine, message } from "@optique/core/message";
import { optional } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { command, constant, option } from "@optique/core/primitives";
import { integer } from "@optique/core/valueparser";
import { say } from "../terminal.ts";
import { type CommandContext, given, prose, workspace } from "./_shared.ts";

/** `whet view` */
export const viewCommand = command(
  "view",
  object({
    command: constant("view"),
    port: optional(
      option("--port", integer({ metavar: "N", min: 0, max: 65535 }), {
        description: message`Port on this machine; 4318, or a free one, if left out.`,
      }),
    ),
    workspace,
  }),
  {
    brief: message`Show the workspace in a browser, also while a run is going on.`,
    description:
      prose`Serve pages on this machine only, and print the address to open: runs, live figures, transcripts with log-probabilities, chains
      with their libraries, skills, and a box for SQL that reads. Ctrl-C ends it.`,
    footer: message`Example: ${commandLine("whet view")}`,
  },
);

/** Runs `whet view`. */
export async function runView(
  { workspace, port }: InferValue<typeof viewCommand>,
  { signal }: CommandContext,
): Promise<number> {
  const { serveViewer } = await import("../viewer/serve_viewer.ts");
  await serveViewer({
    workspace,
    ...given({ port }),
    signal,
    onListening: (url) => say(`Open ${url}\nCtrl-C ends it.`),
  });
  return 0;
}
