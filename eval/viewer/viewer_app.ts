/**
 * The viewer's addresses: which page answers what, and what happens when it cannot.
 *
 * Contract: every page is made from the record inside one session (`record_session.ts`); nothing is kept between requests but texts of
 * tokenizers and computed comparisons. What is not in the record is answered with 404, a bad statement with 400, a record that cannot be
 * read with 503, each as a page that says what to do.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { formatCsv } from "../../data/format_result.ts";
import { QueryError, ReadOnlyError } from "../../data/record_errors.ts";
import { type AccessKeys, guard } from "./access.ts";
import { pathParts } from "./addresses.ts";
import { NotFoundError, type PageMaker } from "./context.ts";
import { documentOf, nothing, type Page } from "./layout.ts";
import { chainPage } from "./pages/chain_page.ts";
import { comparePage } from "./pages/compare_page.ts";
import { rolloutPage } from "./pages/rollout_page.ts";
import { rolloutsPage } from "./pages/rollouts_page.ts";
import { runPage, runStateSql } from "./pages/run_page.ts";
import { RECORD_STATE_SQL, runsPage } from "./pages/runs_page.ts";
import { schemaPage } from "./pages/schema_page.ts";
import { skillPage } from "./pages/skill_page.ts";
import { skillsPage } from "./pages/skills_page.ts";
import { SQL_MAX_CHARS, SQL_MAX_ROWS, SQL_TIMEOUT_MS, sqlPage } from "./pages/sql_page.ts";
import { readRecord, type ReadRecordOptions } from "./record_session.ts";
import { rowObjects } from "../query_rows.ts";
import { shown } from "./text.ts";
import { loadTokenText } from "./token_text.ts";

/** What the viewer shows, and to whom. */
export interface ViewerOptions {
  /** Folder with the record and the checkpoints. */
  readonly workspace: string;
  /** Port of the server. */
  readonly port: number;
  /** Secrets of the server. */
  readonly keys: AccessKeys;
}

/** The viewer's request handler. */
export interface Viewer {
  /** Answers one request. */
  fetch(request: Request): Response | Promise<Response>;
}

/** Files that pages load, with their types. */
const STATIC: Readonly<Record<string, string>> = {
  "viewer.css": "text/css; charset=utf-8",
  "viewer.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml; charset=utf-8",
};

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Makes the viewer of a workspace.
 *
 * @param options see {@linkcode ViewerOptions}.
 */
export function createViewer(options: ViewerOptions): Viewer {
  const { workspace } = options;
  const database = `${workspace}/whet.duckdb`;
  const app = new Hono();
  app.use(guard(options));

  const send = (context: Context, page: Page) => {
    const place = context.req.path.startsWith("/sql") ? "/sql" : context.req.path === "/schema" ? "/schema" : "/";
    return context.html(documentOf(page, place), page.status ?? 200);
  };

  /** Answers with a page of the record. `rest` is the decoded part of the path that the page is about. */
  function page(make: PageMaker, rest: (context: Context) => string | undefined, limits: ReadRecordOptions = {}) {
    return async (context: Context) => {
      if (!(await exists(database))) {
        return send(context, {
          title: "No record yet",
          status: context.req.path === "/" ? 200 : 404,
          body: nothing(`There is no ${shown(database)}.`, "whet reproduce sage --scale smoke"),
        });
      }
      const part = rest(context);
      if (part === undefined) throw new NotFoundError("This address is not well-formed.");
      return send(
        context,
        await readRecord(database, (record) =>
          make({
            record,
            rest: part,
            search: new URL(context.req.url).searchParams,
            database,
            tokenText: (runs) => loadTokenText(`${workspace}/checkpoints`, runs),
          }), limits),
      );
    };
  }
  const whole = (context: Context) => pathParts(context.req.path);
  const run = (context: Context) => context.req.param("run");
  const none = () => "";
  const sqlLimits = { timeoutMs: SQL_TIMEOUT_MS, maxRows: SQL_MAX_ROWS };

  async function state(context: Context, sql: string): Promise<Response> {
    const answer = await readRecord(database, async ({ query, isLive }) => {
      const [row] = rowObjects(await query(sql));
      return { live: isLive, state: JSON.stringify(row ?? null) };
    });
    return context.json(answer);
  }

  app.get("/", page(runsPage, none));
  app.get("/live.json", (context) => state(context, RECORD_STATE_SQL));
  app.get("/run/:run", page(runPage, run));
  app.get("/run/:run/live.json", (context) => state(context, runStateSql(context.req.param("run"))));
  app.get("/run/:run/rollouts", page(rolloutsPage, run));
  app.get("/run/:run/skills", page(skillsPage, run));
  app.get("/compare", page(comparePage, none));
  app.get("/rollout/*", page(rolloutPage, whole));
  app.get("/chain/*", page(chainPage, whole));
  app.get("/skill", page(skillPage, none));
  app.get("/schema", (context) => send(context, schemaPage()));
  app.get("/sql", page(sqlPage, none, sqlLimits));
  for (const format of ["csv", "json"] as const) {
    app.get(`/sql.${format}`, async (context) => {
      const sql = context.req.query("q") ?? "";
      if (sql.length > SQL_MAX_CHARS) {
        throw new QueryError(`Cannot run the statement: it has more than ${SQL_MAX_CHARS} characters`);
      }
      const result = await readRecord(database, ({ query }) => query(sql), sqlLimits);
      const isCsv = format === "csv";
      const rows = result.rows.map((row) => Object.fromEntries(result.columns.map(({ name }, i) => [name, row[i]])));
      return context.body(isCsv ? formatCsv(result) : `${JSON.stringify(rows)}\n`, 200, {
        "content-type": isCsv ? "text/csv; charset=utf-8" : "application/json",
        "content-disposition": `attachment; filename="result.${format}"`,
      });
    });
  }
  app.get("/static/:file", async (context) => {
    const type = Object.hasOwn(STATIC, context.req.param("file")) ? STATIC[context.req.param("file")] : undefined;
    if (type === undefined) throw new NotFoundError("There is no such file.");
    const text = await Deno.readTextFile(new URL(`./static/${context.req.param("file")}`, import.meta.url));
    return context.body(text, 200, { "content-type": type });
  });
  app.get("/favicon.ico", (context) => context.redirect("/static/icon.svg", 303));

  app.notFound((context) =>
    send(context, {
      title: "Not found",
      status: 404,
      body: html`
        <div class="nothing">
          <p>There is no page at this address.</p>
          <p><a href="/">All runs</a></p>
        </div>
      `,
    })
  );
  app.onError((error, context) => {
    const isStatement = error instanceof QueryError || error instanceof ReadOnlyError;
    const status = error instanceof NotFoundError ? 404 : isStatement ? 400 : 503;
    if (context.req.path.endsWith(".json") || context.req.path.endsWith(".csv")) {
      return context.json({ error: { name: error.name, message: error.message } }, status);
    }
    const title = status === 404 ? "Not found" : status === 400 ? "The query failed" : "The record cannot be read";
    return send(context, {
      title,
      status,
      body: html`
        <div class="${status === 404 ? "nothing" : "error"}" role="alert">
          <p>${shown(error.message)}</p>
          <p><a href="/">All runs</a></p>
        </div>
      `,
    });
  });
  return app;
}
