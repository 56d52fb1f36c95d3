/**
 * Downloads a model's folder from a hub that speaks Hugging Face's HTTP interface.
 *
 * Contract: a file appears under its name only when it is whole and its checksum is right: SHA-256 for large files, the Git blob's
 * SHA-1 for small ones. Until then it is `FILE.part`, and the next call goes on where the last one stopped, by HTTP Range. All files
 * are of the commit that the revision named at the start. Files that are there already and right are not fetched again.
 * Choices: own requests, because the package `@huggingface/hub` 2.17 neither checks checksums, nor goes on after a cut connection,
 * nor reports progress, and wants a cache folder with links. One file at a time: a second connection gains little and would need a
 * second checksum. Omitted: Xet chunks (the hub also serves such files whole), other kinds of repositories.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { chosenFiles, infoSchema, type RemoteFile } from "./_hub_files.ts";
import { get, type HubAccess, HubError, messageOf, PassingTrouble, withRetries } from "./_hub_request.ts";

export { HubError } from "./_hub_request.ts";

/** How far a download is. */
export interface FetchProgress {
  /** File at hand. */
  readonly file: string;
  /** Bytes of it that are here. */
  readonly fileBytes: number;
  /** Size of it. */
  readonly fileTotal: number;
  /** Bytes of all files that are here. */
  readonly bytes: number;
  /** Size of all files. */
  readonly total: number;
}

/** Options of {@linkcode fetchModel}. */
export interface FetchModelOptions {
  /** Folder to write to; made if it is not there. */
  folder: string;
  /** Branch, tag or commit. @default {"main"} */
  revision?: string;
  /** Names of the files to fetch. @default configuration, tokenizer, chat template and weights in safetensors form */
  files?: readonly string[];
  /** Access token. @default the environment variable HF_TOKEN, if it may be read */
  token?: string;
  /** Origin of the hub, or of a mirror. @default {"https://huggingface.co"} */
  endpoint?: string;
  /** Stops between two pieces of a file; what is there stays for the next call. @default none */
  signal?: AbortSignal;
  /** Called for every piece that arrives. @default none */
  onProgress?: (progress: FetchProgress) => void;
  /** Most tries in a row without progress. @default {6} */
  tries?: number;
  /** A connection that is silent for this long is given up, milliseconds. @default {60_000} */
  stallMs?: number;
  /** Waits between tries. @default a timer */
  wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** A downloaded model. */
export interface FetchedModel {
  /** Repository, `owner/name`. */
  readonly repo: string;
  /** Commit that the revision named. */
  readonly commit: string;
  /** Where the files are. */
  readonly folder: string;
  /** Files; `fetched` is false for those that were there. */
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly fetched: boolean }[];
}

interface Download {
  readonly access: HubAccess;
  readonly commit: string;
  readonly stallMs: number;
  /** Called with the bytes of the file that are here. */
  readonly onBytes: (bytes: number) => void;
}

const HASH_CHUNK = 1 << 20;

function newHash(file: RemoteFile): Hash {
  return file.algorithm === "sha256" ? createHash("sha256") : createHash("sha1").update(`blob ${file.size}\0`);
}

/** Feeds a file's bytes to a hash; returns how many there are, 0 if there is no file. */
async function hashFile(path: string, hash: Hash, signal: AbortSignal | undefined): Promise<number> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
  using _ = file;
  const buffer = new Uint8Array(HASH_CHUNK);
  let bytes = 0;
  for (;;) {
    signal?.throwIfAborted();
    const read = await file.read(buffer);
    if (read === null) return bytes;
    hash.update(buffer.subarray(0, read));
    bytes += read;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Appends what is missing of a file to its `.part`; `state` lives on between tries. */
async function appendRest(
  download: Download,
  file: RemoteFile,
  part: string,
  state: { bytes: number; hash: Hash },
): Promise<void> {
  const { access, commit, stallMs, onBytes } = download;
  const stalled = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const restartTimer = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(new PassingTrouble(`no data for ${stallMs / 1000} s`)), stallMs);
  };
  const signal = AbortSignal.any([stalled.signal, ...(access.signal === undefined ? [] : [access.signal])]);
  restartTimer();
  try {
    const path = `${access.repo}/resolve/${commit}/${file.name.split("/").map(encodeURIComponent).join("/")}`;
    const range: Record<string, string> = state.bytes > 0 ? { range: `bytes=${state.bytes}-` } : {};
    const response = await get(access, file.name, path, range, signal);
    const goesOn = response.status === 206 &&
      response.headers.get("content-range")?.startsWith(`bytes ${state.bytes}-`);
    if (state.bytes > 0 && !goesOn) {
      Object.assign(state, { bytes: 0, hash: newHash(file) });
      if (response.status !== 200) {
        await response.body?.cancel();
        await Deno.truncate(part, 0);
        throw new PassingTrouble(`status ${response.status} to a request for the rest`);
      }
    }
    const out = await Deno.open(part, { write: true, create: true, truncate: state.bytes === 0 });
    try {
      await out.seek(0, Deno.SeekMode.End);
      for await (const chunk of response.body ?? []) {
        restartTimer();
        access.signal?.throwIfAborted();
        if (state.bytes + chunk.length > file.size) {
          throw new HubError(`Cannot fetch ${file.name} of ${access.repo}: more than its ${file.size} bytes arrive`);
        }
        for (let written = 0; written < chunk.length;) written += await out.write(chunk.subarray(written));
        state.hash.update(chunk);
        state.bytes += chunk.length;
        onBytes(state.bytes);
      }
    } finally {
      out.close();
    }
  } catch (error) {
    access.signal?.throwIfAborted();
    if (error instanceof HubError || error instanceof PassingTrouble || isLocal(error)) throw error;
    if (stalled.signal.aborted) throw stalled.signal.reason;
    throw new PassingTrouble(
      `the connection broke after ${state.bytes} of ${file.size} bytes (${messageOf(error)})`,
      undefined,
      error,
    );
  } finally {
    clearTimeout(timer);
  }
  if (state.bytes < file.size) {
    throw new PassingTrouble(`the connection ended after ${state.bytes} of ${file.size} bytes`);
  }
}

/** Whether an error comes from this machine's disk or permissions. */
function isLocal(error: unknown): boolean {
  const codes = ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EFBIG"];
  return error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.PermissionDenied ||
    (error instanceof Error && "code" in error && codes.includes(String(error.code)));
}

/** Fetches one file; returns whether anything had to be fetched. */
async function fetchFile(download: Download, file: RemoteFile, path: string): Promise<boolean> {
  const { access, onBytes } = download;
  if (await sizeOf(path) === file.size) {
    const hash = newHash(file);
    await hashFile(path, hash, access.signal);
    if (hash.digest("hex") === file.digest) return false;
  }
  const part = `${path}.part`;
  const slash = path.lastIndexOf("/");
  if (slash > 0) await Deno.mkdir(path.slice(0, slash), { recursive: true });
  const before = await sizeOf(part) ?? 0;
  if (before > file.size) await Deno.truncate(part, 0);
  // A part may be of another version of the file; then the whole is fetched once more before anything is called wrong.
  for (const resumes of before > 0 ? [true, false] : [false]) {
    const state = { bytes: 0, hash: newHash(file) };
    if (resumes) state.bytes = await hashFile(part, state.hash, access.signal);
    onBytes(state.bytes);
    if (state.bytes < file.size) {
      await withRetries(access, file.name, () => appendRest(download, file, part, state), () => state.bytes);
    } else if (file.size === 0) await Deno.writeFile(part, new Uint8Array());
    const digest = state.hash.digest("hex");
    if (digest === file.digest) {
      await Deno.rename(part, path);
      return true;
    }
    await Deno.remove(part);
    if (!resumes) {
      throw new HubError(
        `Cannot fetch ${file.name} of ${access.repo}: its checksum is ${digest}, but must be ${file.digest}; ` +
          "it was damaged on the way or the server's copy is bad; try again, or another endpoint",
      );
    }
  }
  return true;
}

function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
}

function environmentToken(): string | undefined {
  // Asking for a permission that is not there would stop the command with a question.
  const permission = Deno.permissions.querySync({ name: "env", variable: "HF_TOKEN" });
  return permission.state === "granted" ? Deno.env.get("HF_TOKEN") || undefined : undefined;
}

/**
 * Downloads a model.
 *
 * @example A repository by a name that cannot be
 * ```ts
 * import { fetchModel } from "whetstone/agents/model/hub.ts";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(fetchModel("not a name", { folder: "results/models/x" }), /owner\/name/);
 * ```
 *
 * @param repo `owner/name`.
 * @param options see {@linkcode FetchModelOptions}.
 * @throws {HubError} if the repository, revision or a file is not there or may not be read, or a checksum is wrong; the message
 * names repository, file, status and what to do. The signal's reason, when aborted.
 */
export async function fetchModel(repo: string, options: FetchModelOptions): Promise<FetchedModel> {
  const { folder, revision = "main", files: wanted, token = environmentToken(), endpoint = "https://huggingface.co" } =
    options;
  const { signal, onProgress, tries = 6, stallMs = 60_000, wait = delay } = options;
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(repo) || repo.includes("..")) {
    throw new HubError(`Cannot fetch ${JSON.stringify(repo)}: a repository is named owner/name`);
  }
  const access: HubAccess = { repo, endpoint, token, signal, tries, wait };
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new HubError(
      `Cannot fetch ${repo}: the folder ${folder} cannot be made: ${messageOf(cause)}; ` +
        `give one below ./results, or run deno with --allow-write=${folder}`,
      { cause },
    );
  }
  const info = await withRetries(access, `revision ${revision}`, async () => {
    const path = `api/models/${repo}/revision/${encodeURIComponent(revision)}?blobs=true`;
    const response = await get(access, `revision ${revision}`, path, { accept: "application/json" });
    let text: string;
    try {
      text = await response.text();
    } catch (error) {
      throw new PassingTrouble(`the connection broke (${messageOf(error)})`, undefined, error);
    }
    try {
      return infoSchema.parse(JSON.parse(text));
    } catch (cause) {
      throw new HubError(`Cannot fetch ${repo}: ${endpoint} does not answer as a hub: ${messageOf(cause)}`, { cause });
    }
  });
  const chosen = chosenFiles(repo, info.siblings, wanted);
  const total = chosen.reduce((sum, { size }) => sum + size, 0);
  const files: { name: string; bytes: number; fetched: boolean }[] = [];
  let before = 0;
  for (const file of chosen) {
    signal?.throwIfAborted();
    const report = (fileBytes: number) => {
      onProgress?.({ file: file.name, fileBytes, fileTotal: file.size, bytes: before + fileBytes, total });
    };
    const download: Download = { access, commit: info.sha, stallMs, onBytes: report };
    const fetched = await fetchFile(download, file, `${folder}/${file.name}`);
    report(file.size);
    before += file.size;
    files.push({ name: file.name, bytes: file.size, fetched });
  }
  return { repo, commit: info.sha, folder, files };
}
