/**
 * Who may use an environment server.
 *
 * Contract: on this machine's own addresses a request is answered only if its Host is one of them, which stops a foreign name that
 * resolves to 127.0.0.1; pages of other sites are refused everywhere, since no program sends an Origin; with a token set, requests
 * need `authorization: Bearer TOKEN`, compared in constant time, but for the two that only say that the server is there.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";

/** Options of {@linkcode accessGuard}. */
export interface AccessOptions {
  /** Address that the server listens on. */
  readonly hostname: string;
  /**
   * Secret that requests need.
   *
   * @default none is needed
   */
  readonly token?: string;
}

const OWN_NAMES = ["127.0.0.1", "localhost", "[::1]"];
const OPEN_PATHS = ["/", "/health"];

/** Whether an address can be reached from this machine only. */
export function isLoopback(hostname: string): boolean {
  return OWN_NAMES.includes(hostname) || hostname === "::1";
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Lets requests of those pass who may use the server. */
export function accessGuard({ hostname, token }: AccessOptions): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context;
    const host = req.header("host") ?? "";
    if (isLoopback(hostname) && host !== "" && !OWN_NAMES.includes(host.replace(/:\d+$/, ""))) {
      return context.json({ detail: `Cannot answer for host ${host}: use 127.0.0.1 or localhost.` }, 403);
    }
    const site = req.header("sec-fetch-site") ?? "none";
    if (req.header("origin") !== undefined || site === "cross-site" || site === "same-site") {
      return context.json({ detail: "Cannot answer a page of another site." }, 403);
    }
    if (token !== undefined && !OPEN_PATHS.includes(req.path)) {
      const given = /^Bearer +(.+)$/i.exec(req.header("authorization") ?? "")?.[1] ?? "";
      if (!sameText(given, token)) {
        context.header("www-authenticate", "Bearer");
        return context.json({ detail: "A token is needed: authorization: Bearer TOKEN." }, 401);
      }
    }
    await next();
  };
}
