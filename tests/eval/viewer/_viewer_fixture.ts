/**
 * A tiny workspace with hostile texts, and a viewer on it that is asked without a server.
 *
 * @module
 */
import { Recorder } from "../../../data/recorder.ts";
import type { Row } from "../../../data/schema.ts";
import { createViewer } from "../../../eval/viewer/viewer_app.ts";
import { eventRow, identity, rolloutRow, runRow, turnRow } from "../../data/_record_fixture.ts";

/** Port that the viewer believes to be on. */
export const PORT = 4999;
/** Its secrets. */
export const KEYS = { token: "t".repeat(64), session: "s".repeat(64) };
/** Texts that try to be more than texts. */
export const HOSTILE = {
  markup: `<script>alert("1")</script><img src=x onerror=alert(1)>'"&`,
  escape: "\u001b[31mred\u001b[0m\u0007",
  direction: "abc\u202egpj.exe\u2066",
  long: "x".repeat(50_000),
} as const;
/** Run whose rollouts are hostile. */
export const RUN = "sage-aaaaaaaaaa-s1";
/** Run that it is compared with. */
export const OTHER = "grpo-bbbbbbbbbb-s1";
/** Rollouts of an update of the run: 30 groups, 2 samples, 2 positions. */
export const ROLLOUTS = 120;

function rollouts(run: string): Row<"rollout">[] {
  const rows: Row<"rollout">[] = [];
  for (let grp = 0; grp < 30; grp++) {
    for (const sample of [0, 1]) {
      for (const position of [1, 2]) {
        const isSolved = (grp + sample + position) % 3 === 0;
        rows.push(rolloutRow({
          ...identity({ run_id: run, grp, sample, position }),
          task_id: `sc${grp}_${position}`,
          scenario: `sc${grp}`,
          success: isSolved,
          score: isSolved ? 1 : 0.25,
          steps: 1 + grp % 3,
          skills_offered: position === 2 ? ["find_all"] : [],
          skills_used: position === 2 && sample === 0 ? ["find_all"] : [],
          skills_defined: position === 1 ? ["find_all"] : [],
          used_skill: position === 2 && sample === 0,
        }));
      }
    }
  }
  return rows;
}

/** Writes the record of {@linkcode inWorkspace} through a recorder and leaves it open. */
export async function writeRecord(path: string): Promise<Recorder> {
  const recorder = await Recorder.open(path);
  for (const [run, arm, recipe] of [[OTHER, "SFT + GRPO", "grpo"], [RUN, `SAGE ${HOSTILE.markup}`, "sage"]] as const) {
    recorder.insert("run", [
      runRow({ run_id: run, arm, recipe, config_hash: run, config: { train: { recipe, steps: 2 } } }),
    ]);
    recorder.insert("rollout", rollouts(run));
    recorder.insert(
      "advantage",
      rollouts(run).map(({ run_id, phase, step, grp, sample, position, score }) => ({
        ...{ run_id, phase, step, grp, sample, position },
        reward: score ?? 0,
        baseline: 0.5,
        advantage: (score ?? 0) - 0.5,
      })),
    );
    for (const sample of [0, 1]) {
      recorder.insert(
        "rollout",
        rollouts(run).filter((row) => row.sample === 0).map((row) => ({
          ...row,
          phase: "eval/test_normal",
          split: "test_normal",
          sample,
          success: row.grp % 2 === 0 || (run === RUN && row.position === 1),
        })),
      );
    }
    recorder.insert(
      "update_step",
      [0, 1].map((step) => ({
        run_id: run,
        phase: "rl",
        step,
        learning_rate: 1e-3,
        loss: 1,
        weight_sum: 2,
        mean_reward: 0.5 + step / 4,
        success_rate: 0.25 + step / 4,
        groups: 60,
        zero_variance_groups: 12,
      })),
    );
    await recorder.commit(run, "rl/0", { wallMs: 2000 });
  }
  const first = identity({ run_id: RUN });
  recorder.insert("task", [{
    environment_hash: "e0",
    task_id: "sc0_1",
    scenario: "sc0",
    variant: 1,
    split: "train",
    difficulty: 1,
    instruction: `${HOSTILE.markup} ${HOSTILE.direction} ${HOSTILE.long}`,
    labels: {},
  }]);
  recorder.insert("turn", [
    turnRow({
      ...first,
      context_ids: [65, 66, 10],
      generated_ids: [226, 130, 172, 60, 258],
      logprobs: [-0.01, -0.2, -0.7, -2, -7],
      observation: `${HOSTILE.escape} ${HOSTILE.markup}`,
      ok: false,
    }),
  ]);
  recorder.insert("api_call", [
    { ...first, turn: 0, n: 0, app: "mail", api: "send", args: { to: HOSTILE.markup }, status: 404 },
  ]);
  recorder.insert("skill_event", [
    eventRow({ ...first, kind: "saved", name: "find_all", detail: HOSTILE.markup }),
    eventRow({ ...first, seq: 1, turn: -1, kind: "shown", name: HOSTILE.markup, detail: HOSTILE.escape }),
  ]);
  recorder.insert("reward_term", [{ ...first, term: "outcome", value: 0.25 }]);
  recorder.insert("verdict", [{
    ...first,
    grader: "exact/1",
    version: 1,
    verdict: "incorrect",
    gold: HOSTILE.markup,
    answer: HOSTILE.direction,
    detail: "other",
    score: 0,
    versions: {},
  }]);
  recorder.insert("chain", [
    {
      run_id: RUN,
      phase: "rl",
      step: 0,
      grp: 0,
      sample: 0,
      scenario: "sc0",
      task_ids: ["sc0_1", "sc0_2"],
      length: 2,
    },
  ]);
  const skill = (version: number, source: string, position: number): Row<"skill"> => ({
    run_id: RUN,
    phase: "rl",
    step: 0,
    grp: 0,
    sample: 0,
    name: "find_all",
    version,
    kind: "function",
    source,
    task_id: `sc0_${position}`,
    scenario: "sc0",
    position,
    turn: 0,
  });
  recorder.insert("skill", [
    skill(1, "function find_all() {\n  return 1;\n}", 1),
    skill(2, `function find_all() {\n  return "${HOSTILE.markup}";\n}`, 2),
  ]);
  await recorder.commit(RUN, "eval/test_normal", { wallMs: 1000 });
  return recorder;
}

/** A viewer of a workspace, asked as the browser of the person who started it would. */
export class Asker {
  readonly #viewer: ReturnType<typeof createViewer>;

  /** @param workspace folder of the record. */
  constructor(workspace: string) {
    this.#viewer = createViewer({ workspace, port: PORT, keys: KEYS });
  }

  /** Asks with other headers, of which undefined leaves one out, or another method. */
  async raw(
    path: string,
    headers: Readonly<Record<string, string | undefined>> = {},
    method = "GET",
  ): Promise<Response> {
    const all = { host: `127.0.0.1:${PORT}`, cookie: `whet_viewer_${PORT}=${KEYS.session}`, ...headers };
    const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return await this.#viewer.fetch(new Request(`http://127.0.0.1:${PORT}${path}`, { method, headers: given }));
  }

  /** Text of a page that must have a status. */
  async page(path: string, status = 200): Promise<string> {
    const response = await this.raw(path);
    const text = await response.text();
    if (response.status !== status) throw new Error(`${path} gave ${response.status}: ${text}`);
    return text;
  }
}

/** Runs a test on a workspace of its own, its record closed. */
export async function inWorkspace(test: (asker: Asker, workspace: string) => Promise<void>): Promise<void> {
  const workspace = await Deno.makeTempDir({ prefix: "viewer_test_" });
  try {
    await (await writeRecord(`${workspace}/whet.duckdb`)).close();
    await test(new Asker(workspace), workspace);
  } finally {
    await Deno.remove(workspace, { recursive: true });
  }
}
