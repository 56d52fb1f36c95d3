/**
 * Where runs on a user's own server may be recorded.
 *
 * Contract: what such a server sends may not be published (`envs/apps/bridge/private_folder.ts`), and a record holds all of it, so the
 * workspace of such a run lies in the folder that is kept from git.
 *
 * @module
 */
import { resolve, sep } from "node:path";
import { InputError } from "../data/parse_input.ts";
import { BRIDGE_FOLDER } from "../envs/apps/bridge/private_folder.ts";
import type { Environment } from "../envs/contract.ts";

/**
 * Checks that a run may be recorded in a workspace.
 *
 * @example A bridge's run in the usual workspace
 * ```ts
 * import { checkWorkspace } from "whetstone/eval/private_workspace.ts";
 * import assert from "node:assert/strict";
 *
 * checkWorkspace({ id: "apps" }, "results/workspace");
 * checkWorkspace({ id: "apps-bridge" }, "results/bridge/first");
 * assert.throws(() => checkWorkspace({ id: "apps-bridge" }, "results/workspace"), /--workspace results\/bridge/);
 * ```
 *
 * @param environment what is played.
 * @param workspace folder of the record.
 * @throws {InputError} if the environment is `apps-bridge` and the folder is not within `results/bridge`.
 */
export function checkWorkspace({ id }: Pick<Environment, "id">, workspace: string): void {
  if (id !== "apps-bridge" || resolve(workspace).startsWith(resolve(BRIDGE_FOLDER) + sep)) return;
  throw new InputError(
    `Cannot record ${id} in ${workspace}: what its server sends stays in ${BRIDGE_FOLDER}; add --workspace ${BRIDGE_FOLDER}/NAME`,
  );
}
