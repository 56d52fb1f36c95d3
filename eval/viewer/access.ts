/**
 * Who may ask the viewer: only the person who started it.
 *
 * Contract: a page is answered only if the request's Host is the server's own (which stops a foreign name that resolves to 127.0.0.1) and
 * it carries the cookie of this process; the cookie is given for the token in the printed address. Both are random, new with each start,
 * and compared in constant time. Only GET and HEAD are answered, nothing is changed by any of them, no other origin is allowed anything,
 * and the policy of contents lets pages load their own script, style sheet and drawings only.
 * Choices: the token is exchanged by a page that moves on, not by a redirect: a strict cookie is not sent along a redirect that
 * another site began, such as a terminal in a browser. The cookie's name holds the port, since cookies do not know ports.
 *
 * @module
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { html } from "hono/html";

/** Secrets of one server. */
export interface AccessKeys {
  /** Stands in the address that is printed. */
  readonly token: string;
  /** Stands in the cookie. */
  readonly session: string;
}

/** Where requests must go. */
export interface AccessOptions {
  /** Port of the server. */
  readonly port: number;
  /** Secrets of the server. */
  readonly keys: AccessKeys;
}

/** New secrets, 256 bits each. They are no part of any result. */
export function accessKeys(): AccessKeys {
  return { token: randomBytes(32).toString("hex"), session: randomBytes(32).toString("hex") };
}

const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "cache-control": "no-store",
};

function sameText(a: string, b: string): boolean {
  const [left, right] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function cookieOf(header: string, name: string): string | undefined {
  const pairs = header.split(";").map((pair) => pair.trim().split("="));
  return pairs.find(([key]) => key === name)?.[1];
}

function plain(context: Context, status: 400 | 401 | 403 | 405, text: string): Response {
  return context.text(`${text}\n`, status);
}

/** Lets requests of the person who started the server pass, and sets the headers of every answer. */
export function guard({ port, keys }: AccessOptions): MiddlewareHandler {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const cookie = `whet_viewer_${port}`;

  function refusal(context: Context): Response | undefined {
    const { req } = context;
    if (!hosts.includes(req.header("host") ?? "")) {
      return plain(context, 403, `Cannot answer for this host: the viewer is at http://${hosts[0]}/`);
    }
    if (req.method !== "GET" && req.method !== "HEAD") {
      return plain(context, 405, `Cannot answer ${req.method}: the viewer only reads; use GET`);
    }
    return undefined;
  }

  return async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    const refused = refusal(context);
    if (refused !== undefined) return refused;
    const token = context.req.query("token");
    if (token !== undefined && context.req.path === "/") {
      if (!sameText(token, keys.token)) {
        return plain(
          context,
          403,
          "Cannot open the viewer: the token is wrong; use the address that whet view printed last",
        );
      }
      context.header("set-cookie", `${cookie}=${keys.session}; Path=/; HttpOnly; SameSite=Strict`);
      return context.html(html`
        <!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8">
            <title>whet view</title>
            <meta http-equiv="refresh" content="0;url=/">
          </head>
          <body>
            <p><a href="/">Go on to the viewer</a></p>
          </body>
        </html>
      `);
    }
    if (!sameText(cookieOf(context.req.header("cookie") ?? "", cookie) ?? "", keys.session)) {
      return plain(context, 401, "Cannot open this page: open the address with the token that whet view printed first");
    }
    const site = context.req.header("sec-fetch-site");
    if (site === "cross-site" || site === "same-site") {
      return plain(context, 403, "Cannot answer another site: open the viewer's address itself");
    }
    await next();
  };
}
