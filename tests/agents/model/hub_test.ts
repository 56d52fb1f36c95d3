import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fetchModel, type FetchModelOptions, HubError } from "../../../agents/model/hub.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const WEIGHTS = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 255);
const CONFIG = new TextEncoder().encode('{"model_type": "llama"}');

/** What a mock hub does to the n-th request (from 0) of a path; undefined lets it answer as it should. */
type Trouble = (request: { path: string; turn: number; headers: Headers }) => Response | "cut" | "garbage" | undefined;

interface Mock {
  readonly endpoint: string;
  readonly requests: { path: string; range: string | null; authorization: string | null }[];
}

function info(extra: Record<string, unknown>[] = []): unknown {
  return {
    sha: COMMIT,
    siblings: [
      {
        rfilename: "config.json",
        size: CONFIG.length,
        blobId: createHash("sha1").update(`blob ${CONFIG.length}\0`).update(CONFIG).digest("hex"),
      },
      {
        rfilename: "model.safetensors",
        size: WEIGHTS.length,
        blobId: "0".repeat(40),
        lfs: { sha256: createHash("sha256").update(WEIGHTS).digest("hex"), size: WEIGHTS.length, pointerSize: 134 },
      },
      { rfilename: "README.md", size: 3, blobId: "0".repeat(40) },
      ...extra,
    ],
  };
}

/** Runs `body` against a hub on this machine; large files lie on another origin, as they do on the real one. */
async function withHub(
  trouble: Trouble,
  body: (mock: Mock, folder: string) => Promise<void>,
  answer: unknown = info(),
): Promise<void> {
  const requests: Mock["requests"] = [];
  const turns = new Map<string, number>();
  const handler = (storage: string) => (request: Request): Response => {
    const { pathname: path } = new URL(request.url);
    const range = request.headers.get("range");
    requests.push({ path, range, authorization: request.headers.get("authorization") });
    const turn = turns.get(path) ?? 0;
    turns.set(path, turn + 1);
    const done = trouble({ path, turn, headers: request.headers });
    if (done instanceof Response) return done;
    if (path.startsWith("/api/models/")) return Response.json(answer);
    if (path.endsWith("/config.json")) return new Response(CONFIG);
    if (path.includes("/resolve/")) {
      return new Response(null, { status: 302, headers: { location: `${storage}/blob` } });
    }
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    const bytes = (done === "garbage" ? WEIGHTS.map((byte) => byte ^ 1) : WEIGHTS).slice(start);
    const headers = { "content-range": `bytes ${start}-${WEIGHTS.length - 1}/${WEIGHTS.length}` };
    const status = range === null ? 200 : 206;
    if (done !== "cut") return new Response(bytes, { status, headers });
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, 100_000));
      },
      pull(controller) {
        controller.error(new Error("cut"));
      },
    });
    return new Response(stream, { status, headers: { ...headers, "content-length": String(bytes.length) } });
  };
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {}, onError: () => new Response(null) };
  const storage = Deno.serve(options, handler(""));
  const hub = Deno.serve(options, handler(`http://127.0.0.1:${storage.addr.port}`));
  const folder = await Deno.makeTempDir();
  try {
    await body({ endpoint: `http://127.0.0.1:${hub.addr.port}`, requests }, folder);
  } finally {
    await Promise.all([hub.shutdown(), storage.shutdown()]);
    await Deno.remove(folder, { recursive: true });
  }
}

function options(mock: Mock, folder: string, more: Partial<FetchModelOptions> = {}): FetchModelOptions {
  return { folder, endpoint: mock.endpoint, token: "secret", wait: () => Promise.resolve(), ...more };
}

async function names(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(folder)) found.push(name);
  return found.sort();
}

Deno.test("fetchModel() fetches configuration and weights of one commit, reports progress, and fetches nothing twice", async () => {
  await withHub(() => undefined, async (mock, folder) => {
    const seen: number[] = [];
    const onProgress = ({ bytes }: { bytes: number }) => seen.push(bytes);
    const first = await fetchModel("owner/name", options(mock, folder, { revision: "v1/x", onProgress }));
    assert.deepEqual(first.files.map(({ name, fetched }) => [name, fetched]), [
      ["config.json", true],
      ["model.safetensors", true],
    ]);
    assert.equal(first.commit, COMMIT);
    assert.deepEqual(await names(folder), ["config.json", "model.safetensors"]);
    assert.deepEqual(await Deno.readFile(`${folder}/model.safetensors`), WEIGHTS);
    assert.equal(seen.at(-1), CONFIG.length + WEIGHTS.length);
    assert.ok(seen.every((bytes, i) => bytes >= (seen[i - 1] ?? 0)));
    assert.equal(mock.requests[0]!.path, "/api/models/owner/name/revision/v1%2Fx");
    assert.ok(mock.requests.some(({ path }) => path === `/owner/name/resolve/${COMMIT}/config.json`));
    const again = await fetchModel("owner/name", options(mock, folder));
    assert.ok(again.files.every(({ fetched }) => !fetched));
  });
});

Deno.test("fetchModel() gives the access token to the hub alone", async () => {
  await withHub(() => undefined, async (mock, folder) => {
    await fetchModel("owner/name", options(mock, folder));
    for (const { path, authorization } of mock.requests) {
      assert.equal(authorization, path === "/blob" ? null : "Bearer secret", path);
    }
  });
});

Deno.test("fetchModel() goes on where the connection was cut, within one call and in the next", async () => {
  const cut: Trouble = ({ path, turn }) => (path === "/blob" && turn < 2 ? "cut" : undefined);
  await withHub(cut, async (mock, folder) => {
    await fetchModel("owner/name", options(mock, folder));
    assert.deepEqual(await Deno.readFile(`${folder}/model.safetensors`), WEIGHTS);
    const ranges = mock.requests.filter(({ path }) => path === "/blob").map(({ range }) => range);
    assert.equal(ranges[0], null);
    assert.match(ranges[1]!, /^bytes=[1-9]\d*-$/);
    assert.match(ranges[2]!, /^bytes=[1-9]\d*-$/);
  });
  await withHub(cut, async (mock, folder) => {
    await assert.rejects(fetchModel("owner/name", options(mock, folder, { tries: 1 })), /go on where it stopped/);
    assert.deepEqual(await names(folder), ["config.json", "model.safetensors.part"]);
    const { size } = await Deno.stat(`${folder}/model.safetensors.part`);
    assert.ok(size > 0 && size < WEIGHTS.length);
    await fetchModel("owner/name", options(mock, folder));
    assert.ok(mock.requests.some(({ path, range }) => path === "/blob" && range === `bytes=${size}-`));
    assert.deepEqual(await Deno.readFile(`${folder}/model.safetensors`), WEIGHTS);
    assert.deepEqual(await names(folder), ["config.json", "model.safetensors"]);
  });
});

Deno.test("fetchModel() gives up a connection that went silent, and goes on with a new one", async () => {
  const silent: Trouble = ({ path, turn }) => {
    if (path !== "/blob" || turn > 0) return undefined;
    const first = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(WEIGHTS.slice(0, 5000)) });
    return new Response(first, { headers: { "content-length": String(WEIGHTS.length) } });
  };
  await withHub(silent, async (mock, folder) => {
    await fetchModel("owner/name", options(mock, folder, { stallMs: 100 }));
    assert.deepEqual(mock.requests.filter(({ path }) => path === "/blob").map(({ range }) => range), [
      null,
      "bytes=5000-",
    ]);
    assert.deepEqual(await Deno.readFile(`${folder}/model.safetensors`), WEIGHTS);
  });
});

Deno.test("fetchModel() starts anew when the server ignores the range or the part is of another file", async () => {
  const whole: Trouble = ({ path, turn }) => (path === "/blob" && turn === 0 ? new Response(WEIGHTS) : undefined);
  await withHub(whole, async (mock, folder) => {
    await Deno.writeFile(`${folder}/model.safetensors.part`, WEIGHTS.slice(0, 1000));
    await fetchModel("owner/name", options(mock, folder));
    assert.deepEqual(await Deno.readFile(`${folder}/model.safetensors`), WEIGHTS);
  });
  for (const length of [1000, WEIGHTS.length, WEIGHTS.length + 5]) {
    await withHub(() => undefined, async (mock, folder) => {
      await Deno.writeFile(`${folder}/model.safetensors.part`, new Uint8Array(length).fill(7));
      await fetchModel("owner/name", options(mock, folder));
      assert.deepEqual(await Deno.readFile(`${folder}/model.safetensors`), WEIGHTS);
    });
  }
});

Deno.test("fetchModel() leaves no file whose checksum is wrong", async () => {
  await withHub(({ path }) => (path === "/blob" ? "garbage" : undefined), async (mock, folder) => {
    await assert.rejects(fetchModel("owner/name", options(mock, folder)), (error) => {
      assert.ok(error instanceof HubError);
      assert.match(error.message, /model\.safetensors of owner\/name: its checksum is [0-9a-f]{64}, but must be/);
      return true;
    });
    assert.deepEqual(await names(folder), ["config.json"]);
  });
  const small: Trouble = ({ path }) =>
    path.endsWith("config.json") ? new Response(CONFIG.map((b) => b ^ 1)) : undefined;
  await withHub(small, async (mock, folder) => {
    await assert.rejects(fetchModel("owner/name", options(mock, folder)), /config\.json of owner\/name: its checksum/);
    assert.deepEqual(await names(folder), []);
  });
});

Deno.test("fetchModel() waits as the server asks and gives up after tries without progress", async () => {
  const waits: number[] = [];
  const wait = (ms: number) => {
    waits.push(ms);
    return Promise.resolve();
  };
  const busy: Trouble = ({ path, turn }) => {
    if (!path.endsWith("config.json") || turn > 2) return undefined;
    return turn === 0
      ? new Response(null, { status: 429, headers: { "retry-after": "7" } })
      : new Response(null, { status: 503 });
  };
  await withHub(busy, async (mock, folder) => {
    await fetchModel("owner/name", options(mock, folder, { wait }));
    assert.deepEqual(waits, [7000, 2000, 4000]);
  });
  await withHub(() => new Response(null, { status: 500 }), async (mock, folder) => {
    await assert.rejects(fetchModel("owner/name", options(mock, folder, { tries: 3 })), /status 500, 3 tries in a row/);
    assert.equal(mock.requests.length, 3);
  });
});

Deno.test("fetchModel() tells what to do about a refusal, and does not ask again", async () => {
  const cases: [number, string | undefined, RegExp][] = [
    [401, "", /revision main of owner\/name: status 401.*HF_TOKEN/],
    [401, "secret", /status 401.*token is not valid/],
    [403, "secret", /status 403.*accept its terms at http.*\/owner\/name/],
    [404, "secret", /status 404.*check the spelling/],
  ];
  for (const [status, token, message] of cases) {
    await withHub(() => new Response(null, { status }), async (mock, folder) => {
      const more = token === "" ? {} : { token };
      const { token: _, ...rest } = options(mock, folder);
      const had = Deno.env.get("HF_TOKEN");
      Deno.env.delete("HF_TOKEN");
      try {
        await assert.rejects(fetchModel("owner/name", { ...rest, ...more } as FetchModelOptions), (error) => {
          assert.ok(error instanceof HubError);
          assert.match(error.message, message);
          assert.equal(error.status, status);
          return true;
        });
      } finally {
        if (had !== undefined) Deno.env.set("HF_TOKEN", had);
      }
      assert.equal(mock.requests.length, 1);
    });
  }
  const gone: Trouble = ({ path }) => (path === "/blob" ? new Response(null, { status: 404 }) : undefined);
  await withHub(gone, async (mock, folder) => {
    await assert.rejects(
      fetchModel("owner/name", options(mock, folder)),
      /model\.safetensors of owner\/name: status 404/,
    );
  });
});

Deno.test("fetchModel() fetches named files and says which there are not", async () => {
  await withHub(() => undefined, async (mock, folder) => {
    await fetchModel("owner/name", options(mock, folder, { files: ["config.json"] }));
    assert.deepEqual(await names(folder), ["config.json"]);
    await assert.rejects(
      fetchModel("owner/name", options(mock, folder, { files: ["x.bin"] })),
      /no file x\.bin; it has/,
    );
  });
  const bare = { sha: COMMIT, siblings: [{ rfilename: "pytorch_model.bin", size: 1, blobId: "0".repeat(40) }] };
  await withHub(() => undefined, async (mock, folder) => {
    await assert.rejects(
      fetchModel("owner/name", options(mock, folder)),
      /no weights in safetensors form; it has pytorch/,
    );
  }, bare);
});

Deno.test("fetchModel() writes nothing outside of its folder", async () => {
  for (const rfilename of ["../config.json", "/etc/x.safetensors", "a/../../b", "C:\\x", ""]) {
    const extra = [{ rfilename, size: 1, blobId: "0".repeat(40) }];
    await withHub(() => undefined, async (mock, folder) => {
      await assert.rejects(fetchModel("owner/name", options(mock, folder, { files: [rfilename] })), /not a plain path/);
    }, info(extra));
  }
});

Deno.test("fetchModel() stops when aborted and keeps what is there", async () => {
  await withHub(() => undefined, async (mock, folder) => {
    const controller = new AbortController();
    const onProgress = ({ file, fileBytes }: { file: string; fileBytes: number }) => {
      if (file === "model.safetensors" && fileBytes > 0) controller.abort(new Error("enough"));
    };
    const more = { signal: controller.signal, onProgress };
    await assert.rejects(fetchModel("owner/name", options(mock, folder, more)), /enough/);
    assert.ok((await names(folder)).includes("model.safetensors.part"));
    await fetchModel("owner/name", options(mock, folder));
    assert.deepEqual(await Deno.readFile(`${folder}/model.safetensors`), WEIGHTS);
  });
});

Deno.test("fetchModel() names an answer that is not a hub's", async () => {
  await withHub(() => new Response("<html>"), async (mock, folder) => {
    await assert.rejects(fetchModel("owner/name", options(mock, folder)), /does not answer as a hub/);
  });
});
