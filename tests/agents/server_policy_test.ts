import assert from "node:assert/strict";
import type { Conversation, ConverseOptions, Tokenizer, Turn } from "../../agents/policy.ts";
import { type Chat, ChatFormat } from "../../agents/chat_format.ts";
import { openServerPolicy, ServerError, type ServerPolicyOptions } from "../../agents/server_policy.ts";
import { standInTokenizer } from "../../agents/stand_in_tokenizer.ts";

type Body = Record<string, unknown> & { readonly prompt: readonly number[]; readonly seed: number };
type Answer = Response | Promise<Response> | undefined;

const tokenizer: Tokenizer = standInTokenizer();
const chat: Chat = new ChatFormat(tokenizer);
const text = { tokenizer, chat };
const END = tokenizer.specials["<|end|>"] ?? -1;

/** A server on 127.0.0.1 for the time of a test. */
async function withServer(
  answer: (path: string, body: Body, count: number) => Answer,
  use: (
    url: string,
    seen: { readonly path: string; readonly body: Body; readonly key: string | null }[],
  ) => Promise<void>,
): Promise<void> {
  const seen: { path: string; body: Body; key: string | null }[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const path = new URL(request.url).pathname;
    const body = request.method === "POST" ? await request.json() as Body : {} as Body;
    seen.push({ path, body, key: request.headers.get("authorization") });
    return await answer(path, body, seen.filter((one) => one.path === path).length) ??
      Response.json({ error: { message: "no such route" } }, { status: 404 });
  });
  try {
    await use(`http://127.0.0.1:${server.addr.port}/v1`, seen);
  } finally {
    await server.shutdown();
  }
}

const quick: ServerPolicyOptions = { wait: () => Promise.resolve() };
const options: ConverseOptions = { sampling: { temperature: 1 }, maxTurnTokens: 8, stopIds: [END] };

/** Plays one conversation; `observations` follow its turns. */
async function play(
  policy: { converse(list: readonly Conversation[], options: ConverseOptions): Promise<void> },
  observations: readonly (readonly number[])[] = [],
  more: Partial<ConverseOptions> = {},
): Promise<Turn[]> {
  const turns: Turn[] = [];
  const onTurn = (turn: Turn) => {
    turns.push(turn);
    return Promise.resolve(observations[turns.length - 1] ?? null);
  };
  await policy.converse([{ key: ["k", 1], promptIds: chat.promptIds("Hi"), onTurn }], { ...options, ...more });
  return turns;
}

const choice = (fields: Record<string, unknown>) =>
  Response.json({
    choices: [{ text: "", finish_reason: "stop", ...fields }],
    usage: { prompt_tokens: 10, completion_tokens: 3 },
  });

Deno.test("ServerPolicy exchanges tokens: it sends what was said so far, and takes the ids and log-probabilities that come back", async () => {
  const answers = [{ token_ids: [72, END], logprobs: { tokens: [], token_logprobs: [-0.5, -0.25] } }, {
    token_ids: [73, END],
    logprobs: { token_logprobs: [-1, -2] },
  }];
  await withServer(
    (path, _, count) => (path.endsWith("/completions") ? choice(answers[count - 1] ?? {}) : undefined),
    async (url, seen) => {
      const policy = await openServerPolicy(url, "m", { ...quick, text, apiKey: "secret" });
      const turns = await play(policy, [[5, 6]]);
      assert.deepEqual(turns.map(({ ids, logprobs, finish }) => ({ ids, logprobs, finish })), [
        { ids: [72, END], logprobs: [-0.5, -0.25], finish: "stop" },
        { ids: [73, END], logprobs: [-1, -2], finish: "stop" },
      ]);
      const sent = seen.filter(({ path }) => path.endsWith("/completions"));
      const prompt = chat.promptIds("Hi");
      assert.deepEqual(sent.map(({ body }) => body.prompt), [prompt, [...prompt, 72, END, 5, 6]]);
      assert.ok(sent.every(({ key, body }) => key === "Bearer secret" && Number.isInteger(body.seed)));
      assert.notEqual(sent[0]?.body.seed, sent[1]?.body.seed);
      assert.deepEqual(policy.usage, { requests: 2, retries: 0, promptTokens: 20, completionTokens: 6 });
    },
  );
});

Deno.test("ServerPolicy sends the same seed for the same conversation and turn, and another for any other", async () => {
  await withServer(
    (path) => (path.endsWith("/completions") ? choice({ token_ids: [END] }) : undefined),
    async (url, seen) => {
      const policy = await openServerPolicy(url, "m", { ...quick, text, concurrency: 3 });
      const onTurn = () => Promise.resolve(null);
      const ask = (samples: readonly number[]) =>
        policy.converse(samples.map((sample) => ({ key: ["s", sample], promptIds: [sample, 1], onTurn })), options);
      await ask([1, 2, 3, 4]);
      await ask([4, 2]);
      const seeds = Map.groupBy(
        seen.filter(({ path }) => path.endsWith("/completions")),
        ({ body }) => body.prompt[0],
      );
      const perSample = [...seeds.values()].map((list) => new Set(list.map(({ body }) => body.seed)));
      assert.ok(perSample.every((set) => set.size === 1));
      assert.equal(new Set(perSample.flatMap((set) => [...set])).size, 4);
    },
  );
});

Deno.test("ServerPolicy makes of the answers of other servers turns whose ids and log-probabilities are certain, or leaves them out", async () => {
  const h = tokenizer.encode("Hi");
  const cases: [string, Record<string, unknown>, Partial<ConverseOptions>, Partial<Turn>][] = [
    ["ids as words", { logprobs: { tokens: [`token_id:${h[0]}`, `token_id:${END}`], token_logprobs: [-1, -2] } }, {}, {
      ids: [h[0] ?? 0, END],
      logprobs: [-1, -2],
    }],
    ["no log-probabilities", { token_ids: [...h, END], logprobs: null }, {}, { ids: [...h, END], logprobs: [] }],
    ["a stop token left out", { token_ids: h, logprobs: { token_logprobs: [-1, -2] } }, {}, {
      ids: [...h, END],
      logprobs: [],
    }],
    [
      "a stop token left out, its log-probability told",
      { token_ids: h, logprobs: { token_logprobs: [-1, -2, -3] } },
      {},
      {
        ids: [...h, END],
        logprobs: [-1, -2, -3],
      },
    ],
    ["tokens after the stop token", { token_ids: [...h, END, 3], logprobs: { token_logprobs: [-1, -2, -3, -4] } }, {}, {
      ids: [...h, END],
      logprobs: [-1, -2, -3],
    }],
    [
      "a null among the log-probabilities",
      { token_ids: [...h, END], logprobs: { token_logprobs: [-1, null, -3] } },
      {},
      {
        ids: [...h, END],
        logprobs: [],
      },
    ],
    [
      "text whose tokens are the tokenizer's",
      {
        text: "Hi",
        finish_reason: "length",
        logprobs: { tokens: ["H", "i"], token_logprobs: [-1, -2] },
      },
      {},
      { ids: h, logprobs: [-1, -2], finish: "length" },
    ],
    [
      "text whose tokens are others",
      {
        text: "Hi",
        finish_reason: "length",
        logprobs: { tokens: ["Hi"], token_logprobs: [-1] },
      },
      {},
      { ids: h, logprobs: [], finish: "length" },
    ],
    ["log-probabilities before temperature", { token_ids: [END], logprobs: { token_logprobs: [-1] } }, {
      sampling: { temperature: 0.5 },
    }, { ids: [END], logprobs: [] }],
    ["log-probabilities before truncation", { token_ids: [END], logprobs: { token_logprobs: [-1] } }, {
      sampling: { temperature: 1, topP: 0.9 },
    }, { ids: [END], logprobs: [] }],
    ["a stop text", { token_ids: h, text: "Hi", stop_reason: "i", logprobs: { token_logprobs: [-1, -2] } }, {
      stopTexts: ["i"],
    }, { ids: h, logprobs: [-1, -2], finish: "stop", stopText: "i" }],
    ["more than was asked for", { token_ids: [1, 2, 3], finish_reason: "length" }, { maxTurnTokens: 2 }, {
      ids: [1, 2],
      finish: "length",
    }],
  ];
  for (const [name, answer, more, expected] of cases) {
    await withServer((path) => (path.endsWith("/completions") ? choice(answer) : undefined), async (url) => {
      const [turn] = await play(await openServerPolicy(url, "m", { ...quick, text }), [], more);
      assert.partialDeepStrictEqual({ ...turn }, expected, name);
    });
  }
});

Deno.test("ServerPolicy tries again when the server is busy, breaks off, stalls or answers nonsense", async () => {
  const troubles: [string, () => Answer][] = [
    ["429", () => new Response("slow down", { status: 429, headers: { "retry-after": "7" } })],
    ["500", () => new Response("oops", { status: 500 })],
    ["empty choices", () => Response.json({ choices: [] })],
    ["cut in the middle", () => new Response('{"choices":[{"te')],
    ["stall", () => new Promise<Response>(() => {})],
    ["aborted by the server", () => choice({ finish_reason: "abort" })],
  ];
  for (const [name, trouble] of troubles.filter(([name]) => name !== "stall")) {
    const waits: number[] = [];
    await withServer(
      (path, _, count) =>
        path.endsWith("/completions") ? (count === 1 ? trouble() : choice({ token_ids: [END] })) : undefined,
      async (url) => {
        const wait = (ms: number) => {
          waits.push(ms);
          return Promise.resolve();
        };
        const policy = await openServerPolicy(url, "m", { text, wait });
        assert.equal((await play(policy))[0]?.finish, "stop", name);
        assert.equal(policy.usage.retries, 1, name);
        assert.equal(waits.length, 1, name);
        if (name === "429") assert.deepEqual(waits, [7000]);
        else assert.ok((waits[0] ?? 0) >= 500 && (waits[0] ?? 0) <= 1000, name);
      },
    );
  }
  const held = Promise.withResolvers<Response>();
  await withServer(
    (path, _, count) =>
      path.endsWith("/completions") ? (count === 1 ? held.promise : choice({ token_ids: [END] })) : undefined,
    async (url) => {
      const policy = await openServerPolicy(url, "m", { ...quick, text, timeoutMs: 200 });
      assert.equal((await play(policy))[0]?.finish, "stop");
      assert.equal(policy.usage.retries, 1);
      held.resolve(new Response("late"));
    },
  );
});

Deno.test("ServerPolicy gives up on a refusal at once, and on trouble after its tries, and says why", async () => {
  const refused = (status: number) => Response.json({ error: { message: "the model is tired" } }, { status });
  await withServer((path) => (path.endsWith("/completions") ? refused(400) : undefined), async (url, seen) => {
    const policy = await openServerPolicy(url, "m", { ...quick, text });
    await assert.rejects(play(policy), (error: Error) => {
      assert.ok(error instanceof ServerError);
      assert.match(error.message, /refused with 400 the model is tired$/);
      return true;
    });
    assert.equal(seen.filter(({ path }) => path.endsWith("/completions")).length, 1);
  });
  await withServer((path) => (path.endsWith("/completions") ? refused(503) : undefined), async (url, seen) => {
    const policy = await openServerPolicy(url, "m", { ...quick, text, tries: 3 });
    await assert.rejects(play(policy), /in 3 tries: 503 the model is tired/);
    assert.equal(seen.filter(({ path }) => path.endsWith("/completions")).length, 3);
  });
  await withServer((path) => (path.endsWith("/completions") ? refused(401) : undefined), async (url) => {
    await assert.rejects(
      play(await openServerPolicy(url, "m", { ...quick, apiKey: "secret", text })),
      (error: Error) => {
        assert.match(error.message, /WHET_API_KEY/);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );
  });
});

Deno.test("ServerPolicy exchanges text with a server whose tokenizer is not known, and has no log-probabilities then", async () => {
  const said = ["Hello", "Fine"];
  await withServer(
    (path, _, count) =>
      path.endsWith("/chat/completions")
        ? Response.json({ choices: [{ message: { content: said[count - 1] }, finish_reason: "stop" }] })
        : undefined,
    async (url, seen) => {
      const policy = await openServerPolicy(url, "m", quick);
      const turns = await play(policy, [policy.chat.observationIds("Naïve 🙂?", { closed: true })]);
      assert.deepEqual(turns.map(({ ids }) => policy.chat.text(ids)), said);
      assert.deepEqual(turns.map(({ logprobs }) => logprobs), [[], []]);
      const asked = seen.filter(({ path }) => path.endsWith("/chat/completions"));
      assert.deepEqual(asked.map(({ body }) => body["messages"]), [[{ role: "user", content: "Hi" }], [
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Hello" },
        { role: "user", content: "Naïve 🙂?" },
      ]]);
      await assert.rejects(policy.score([[1, 2]]), /tokenizer/);
    },
  );
});

Deno.test("ServerPolicy keeps to its limit of requests, and stops all when one conversation fails or the signal is aborted", async () => {
  let running = 0;
  let most = 0;
  const gates: (() => void)[] = [];
  await withServer(async (path) => {
    if (!path.endsWith("/completions")) return undefined as never;
    most = Math.max(most, ++running);
    // Answered only when two are waiting, so that two are seen to run together.
    await new Promise<void>((resolve) => {
      gates.push(resolve);
      if (gates.length === 2) gates.splice(0).forEach((open) => open());
    });
    running--;
    return choice({ token_ids: [END] });
  }, async (url) => {
    const policy = await openServerPolicy(url, "m", { ...quick, text, concurrency: 2 });
    let inside = 0;
    const onTurn = async () => {
      assert.equal(++inside, 1);
      await Promise.resolve();
      inside--;
      return null;
    };
    const conversations = [1, 2, 3, 4, 5, 6].map((n) => ({ key: ["c", n], promptIds: [n], onTurn }));
    await policy.converse(conversations, options);
    assert.equal(most, 2);
  });
  await withServer(
    (path) => (path.endsWith("/completions") ? choice({ token_ids: [END] }) : undefined),
    async (url) => {
      const policy = await openServerPolicy(url, "m", { ...quick, text });
      const failing = { key: ["f"], promptIds: [1], onTurn: () => Promise.reject(new Error("the world broke")) };
      await assert.rejects(policy.converse([failing, failing], options), /the world broke/);
      await assert.rejects(play(policy, [], { signal: AbortSignal.abort(new Error("enough")) }), /enough/);
    },
  );
});

Deno.test("openServerPolicy() asks what is served, how long sequences may be, and whether the tokenizer is the server's", async () => {
  const serving = (path: string, body: Body, tokens: (prompt: string) => readonly number[]) => {
    if (path === "/v1/models") return Response.json({ data: [{ id: "Qwen/Qwen3-4B", max_model_len: 12 }] });
    if (path === "/tokenize") return Response.json({ tokens: tokens(String(body.prompt)) });
    return choice({ token_ids: [1, 1, 1, 1], finish_reason: "length" });
  };
  await withServer((path, body) => serving(path, body, (prompt) => tokenizer.encode(prompt)), async (url) => {
    const policy = await openServerPolicy(url, "Qwen/Qwen3-4B", { ...quick, text });
    assert.equal(policy.contextTokens, 12);
    const onTurn: Turn[] = [];
    const seen = {
      key: ["x"],
      promptIds: [1, 2, 3, 4, 5, 6, 7, 8],
      onTurn: (turn: Turn) => {
        onTurn.push(turn);
        return Promise.resolve([9]);
      },
    };
    await policy.converse([seen], options);
    assert.deepEqual(onTurn.map(({ finish }) => finish), ["context"]);
    await assert.rejects(openServerPolicy(url, "Qwen/Qwen3-4b", quick), /did you mean Qwen\/Qwen3-4B\?/);
  });
  await withServer((path, body) => serving(path, body, () => [1, 2, 3]), async (url) => {
    await assert.rejects(openServerPolicy(url, "Qwen/Qwen3-4B", { ...quick, text }), /with this tokenizer/);
  });
});

Deno.test("ServerPolicy.score() reads the log-probabilities of prompts in both forms, and says when there are none", async () => {
  const forms = [
    { prompt_logprobs: [null, { 4: { logprob: -1 }, 7: { logprob: -9 } }, { 5: { logprob: -2 } }] },
    { logprobs: { token_logprobs: [null, -1, -2, -7] } },
  ];
  for (const form of forms) {
    await withServer((path) => (path.endsWith("/completions") ? choice(form) : undefined), async (url) => {
      const policy = await openServerPolicy(url, "m", { ...quick, text });
      assert.deepEqual(await policy.score([[3, 4, 5], [3]]), [[0, -1, -2], [0]]);
    });
  }
  await withServer((path) => (path.endsWith("/completions") ? choice({}) : undefined), async (url) => {
    const policy = await openServerPolicy(url, "m", { ...quick, text });
    await assert.rejects(policy.score([[3, 4]]), /does not tell/);
  });
});
