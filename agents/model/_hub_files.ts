/**
 * Which files of a repository are fetched, and what is known of them.
 *
 * Contract: every file has a size and a checksum, and a name that stays inside of the folder it is written to.
 *
 * @module
 */
import { z } from "zod";
import { HubError } from "./_hub_request.ts";

/** Names of files that a policy can need, next to `*.safetensors`. */
const KNOWN_FILES = new Set([
  "config.json",
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "chat_template.jinja",
  "model.safetensors.index.json",
  "adapter_config.json",
]);

/** What the hub says about a revision. */
export const infoSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z.array(z.object({
    rfilename: z.string(),
    size: z.int().nonnegative().optional(),
    blobId: z.string().optional(),
    lfs: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() }).nullish(),
  })),
});

/** A file on the hub. */
export interface RemoteFile {
  /** Path in the repository. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** What the digest is of: the content, or the Git blob. */
  readonly algorithm: "sha256" | "git";
  /** Hexadecimal SHA-256, or SHA-1 of the blob. */
  readonly digest: string;
}

function remoteFile(repo: string, sibling: z.infer<typeof infoSchema>["siblings"][number]): RemoteFile {
  const { rfilename: name, size, blobId, lfs } = sibling;
  // Names come from the network and are joined onto the folder.
  if (!name.split("/").every((part) => /^[^\\:\0]+$/.test(part) && part !== "." && part !== "..")) {
    throw new HubError(`Cannot fetch ${repo}: its file name ${JSON.stringify(name)} is not a plain path`);
  }
  if (lfs !== undefined && lfs !== null) return { name, size: lfs.size, algorithm: "sha256", digest: lfs.sha256 };
  if (size === undefined || blobId === undefined || !/^[0-9a-f]{40}$/.test(blobId)) {
    throw new HubError(`Cannot fetch ${name} of ${repo}: the server gives no size and checksum for it`);
  }
  return { name, size, algorithm: "git", digest: blobId };
}

/**
 * Files to fetch: the named ones, or those that a policy can need.
 *
 * @throws {HubError} if a named file is not there, there are no weights, or a name or checksum cannot be used.
 */
export function chosenFiles(
  repo: string,
  siblings: z.infer<typeof infoSchema>["siblings"],
  wanted: readonly string[] | undefined,
): RemoteFile[] {
  const names = siblings.map(({ rfilename }) => rfilename);
  const take = (chosen: (name: string) => boolean) => {
    return siblings.filter(({ rfilename }) => chosen(rfilename)).map((sibling) => remoteFile(repo, sibling));
  };
  if (wanted !== undefined) {
    const missing = wanted.filter((name) => !names.includes(name));
    if (missing.length > 0) {
      throw new HubError(`Cannot fetch ${repo}: it has no file ${missing.join(", ")}; it has ${names.join(", ")}`);
    }
    return take((name) => wanted.includes(name));
  }
  const weights = names.filter((name) => /^[^/]+\.safetensors$/.test(name));
  if (weights.length === 0) {
    throw new HubError(
      `Cannot fetch ${repo}: it has no weights in safetensors form; it has ${names.join(", ")}; ` +
        "look for a repository or revision with *.safetensors files",
    );
  }
  // Some repositories hold the same weights a second time in their authors' own layout.
  const usual = weights.filter((name) => !name.startsWith("consolidated"));
  const chosen = new Set(usual.length > 0 ? usual : weights);
  return take((name) => KNOWN_FILES.has(name) || chosen.has(name));
}
