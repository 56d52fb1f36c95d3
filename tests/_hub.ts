/**
 * A hub on this machine that serves one folder as the only revision of every repository.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** A running hub. */
export interface LocalHub {
  /** Its address. */
  readonly endpoint: string;
  /** Stops it. */
  stop(): Promise<void>;
}

/** Serves the files of a folder. */
export async function serveHub(folder: string): Promise<LocalHub> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile) files.set(name, await Deno.readFile(`${folder}/${name}`));
  }
  const siblings = [...files].map(([rfilename, bytes]) => ({
    rfilename,
    size: bytes.length,
    blobId: createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex"),
  }));
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/api/models/")) return Response.json({ sha: "0".repeat(40), siblings });
    const bytes = files.get(pathname.slice(pathname.lastIndexOf("/") + 1));
    return bytes === undefined ? new Response(null, { status: 404 }) : new Response(bytes);
  });
  return { endpoint: `http://127.0.0.1:${server.addr.port}`, stop: () => server.shutdown() };
}
