import assert from "node:assert/strict";
import { evaluate, type EvaluateOptions } from "../../eval/evaluate.ts";
import { MissingLogprobsError, rollOutChains, rolloutTokens } from "../../agents/rollout.ts";
import { agentById } from "../../agents/agent.ts";
import { sameScenario } from "../../agents/skills/retrieve.ts";
import { openServerPolicy } from "../../agents/server_policy.ts";
import { createEnvironment as createParity } from "../fixtures/parity_environment.ts";
import { TOKENIZER_FOLDER } from "./_checkpoint.ts";
import { never, rowsOf, silent, withFolder } from "./_workbench.ts";

/** A chat server that always says "even". */
async function withServer(use: (url: string) => Promise<void>): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const path = new URL(request.url).pathname;
    if (path === "/v1/models") return Response.json({ data: [{ id: "m" }] });
    const body = request.method === "POST" ? await request.json() : undefined;
    const usage = { prompt_tokens: 1000, completion_tokens: 500 };
    if (path === "/v1/chat/completions") {
      assert.match(body.messages[0].content, /boxed/);
      return Response.json({ choices: [{ message: { content: "even" }, finish_reason: "stop" }], usage });
    }
    if (path === "/v1/completions") {
      return Response.json({
        choices: [{ token_ids: [1, 2], finish_reason: "length", logprobs: { token_logprobs: [-1, -2] } }],
        usage,
      });
    }
    return new Response("", { status: 404 });
  });
  try {
    await use(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

function options(workspace: string, policy: string, more: Partial<EvaluateOptions> = {}): EvaluateOptions {
  return {
    makeEnvironment: () => Promise.resolve(createParity({ seed: 1 })),
    worldSeed: 1,
    policy,
    samples: 1,
    temperature: 1,
    maxTurnTokens: 16,
    maxTurns: 1,
    limit: 3,
    seed: 1,
    device: "cpu",
    workspace,
    signal: never,
    progress: silent(),
    ...more,
  };
}

Deno.test("evaluate() plays a server's policy, records that there are no log-probabilities, and tells tokens and cost", async () => {
  await withServer((url) =>
    withFolder(async (workspace) => {
      const name = `openai:${url}#m`;
      const report = await evaluate(options(workspace, name, { server: { prices: { prompt: 2, completion: 10 } } }));
      assert.deepEqual(report.usage, {
        requests: 3,
        retries: 0,
        promptTokens: 3000,
        completionTokens: 1500,
        cost: 0.021,
      });
      assert.match(report.text, /Server: 3 requests.*cost 0\.0210/);
      const rows = await rowsOf(workspace, "SELECT len(generated_ids) > 0, len(logprobs), code FROM turn");
      assert.deepEqual(rows, Array(3).fill([true, 0, "even"]));
      const again = await evaluate(options(workspace, name));
      assert.deepEqual([again.run, again.usage?.requests], [report.run, 0]);
      const tokens = await evaluate(options(workspace, name, { server: { tokenizer: TOKENIZER_FOLDER } }));
      assert.notEqual(tokens.run, report.run);
      const own = await rowsOf(
        workspace,
        `SELECT generated_ids, logprobs FROM turn WHERE run_id = '${tokens.run}' LIMIT 1`,
      );
      assert.deepEqual(own, [[[1, 2], [-1, -2]]]);
    })
  );
});

Deno.test("rolloutTokens() refuses a rollout without log-probabilities", async () => {
  await withServer(async (url) => {
    const environment = createParity({ seed: 1 });
    const [chain] = await rollOutChains([{ group: 0, sample: 0, tasks: environment.tasks("test").slice(0, 1) }], {
      environment,
      policy: await openServerPolicy(`${url}/v1`, "m"),
      agent: agentById("solver", { promptStyle: "instruct" }),
      retriever: sameScenario,
      sampling: { temperature: 1 },
      maxTurns: 1,
      maxTurnTokens: 8,
      phase: "rl",
      step: 0,
      seed: 1,
    });
    const [rollout] = chain?.rollouts ?? [];
    assert.ok(rollout);
    assert.throws(() => rolloutTokens(rollout), MissingLogprobsError);
  });
});
