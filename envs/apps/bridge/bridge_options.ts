/**
 * Options of `apps-bridge`.
 *
 * @module
 */
import { z } from "zod";
import { LANGUAGES } from "../server/protocol.ts";

/** Steps of an episode, if nothing else is said. */
const DEFAULT_MAX_STEPS = 50;

/** Server of which nothing else is said. */
export const DEFAULT_URL = "http://127.0.0.1:8000";

const url = z.url({ protocol: /^https?$/, error: "expected an address such as http://127.0.0.1:8000" });

/** Options of `apps-bridge`. */
export const bridgeOptionsSchema = z.strictObject({
  /** Address of the server; several make a pool. */
  url: z.union([url, z.array(url).min(1)]).default(DEFAULT_URL).transform((value) => [value].flat()),
  /** File with the secret that the servers ask for; the secret itself would be recorded with the options. */
  tokenFile: z.string().min(1).optional(),
  /** Name of the experiment on the servers, and of the folder that is written. */
  experiment: z.string().regex(/^[A-Za-z0-9][\w.-]*$/, "expected letters, digits, points, underscores and hyphens")
    .default("whetstone"),
  /** Ids of tasks, as a list or with commas between them. */
  taskIds: z.union([z.string(), z.array(z.string())]).optional(),
  /** File with ids of tasks, by split. */
  idsFile: z.string().min(1).optional(),
  /** What the agent writes. */
  language: z.enum(LANGUAGES).default("python"),
  /** Most steps of an episode. */
  maxSteps: z.int().min(1).default(DEFAULT_MAX_STEPS),
});
/** See {@linkcode bridgeOptionsSchema}. */
export type BridgeOptions = z.infer<typeof bridgeOptionsSchema>;
