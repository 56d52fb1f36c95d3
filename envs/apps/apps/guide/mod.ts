/**
 * guide: the documentation, as APIs. No token.
 *
 * Contract: everything shown comes from the declarations of the APIs.
 *
 * @module
 */
import { notFound } from "../../errors.ts";
import { integer, optional, text, withDefault } from "../../params.ts";
import {
  type Api,
  api,
  type App,
  type Catalogue,
  documentation,
  list,
  MAX_PAGE_SIZE,
  signature,
} from "../../schema.ts";
import { byScore, scoresOf, stems } from "../../search.ts";

const DEFAULT_HITS = 3;

function appOf(catalogue: Catalogue, name: string): App {
  const app = catalogue.get(name);
  if (app === undefined) throw notFound("app", "name", name);
  return app;
}

/** Share of the description in a score: words of a name are what one looks for, the rest only helps. */
const ABOUT_WEIGHT = 0.3;
/** Added where a query has the words of a name and no others: above all that other words can bring. */
const EXACT = 1000;

function nameText({ name }: Api): string {
  return name.replaceAll("_", " ");
}

function aboutText(app: string, { about, params }: Api): string {
  const names = Object.keys(params).filter((param) =>
    !["token", "stow_token", "page", "size", "q", "order"].includes(param)
  );
  return [app, about, ...names].join(" ").replaceAll("_", " ");
}

/** The documentation. */
export const guide: App = {
  name: "guide",
  about: "Documentation of all apps; no token needed.",
  tables: [],
  apis: [
    api("list_apps", {
      about: "All apps.",
      auth: false,
      params: {},
      returns: [{ app: "text", about: "text" }],
      handler: ({ session }) => [...session.catalogue.values()].map(({ name, about }) => ({ app: name, about })),
    }),
    list("list_apis", {
      about: "APIs of an app, one line each.",
      auth: false,
      params: { app: text("name of the app") },
      returns: ["text"],
      rows: ({ session }, { app }) => appOf(session.catalogue, app).apis,
      view: (spec) => `${signature(spec)} — ${spec.about}`,
    }),
    api("read_api", {
      about: "Documentation of one API.",
      auth: false,
      params: { app: text("name of the app"), api: text("name of the API") },
      returns: { app: "text", api: "text", method: "text", about: "text", params: ["object"], returns: "any" },
      handler({ session }, { app, api }) {
        const spec = appOf(session.catalogue, app).apis.find(({ name }) => name === api);
        if (spec === undefined) throw notFound(`API of ${app}`, "name", api);
        return documentation(spec, app);
      },
    }),
    api("search_apis", {
      about: "Signatures of APIs, best matches of a query first.",
      auth: false,
      params: {
        app: optional(text("only this app")),
        q: text("words"),
        size: withDefault(integer("how many", 1, MAX_PAGE_SIZE), DEFAULT_HITS),
      },
      returns: ["text"],
      handler({ session }, { app, q, size }) {
        const apps = app === undefined ? [...session.catalogue.values()] : [appOf(session.catalogue, app)];
        const all = apps.flatMap(({ name, apis }) => apis.map((spec) => ({ name, spec })));
        const names = scoresOf(all.map(({ spec }) => nameText(spec)), q);
        const abouts = scoresOf(all.map(({ name, spec }) => aboutText(name, spec)), q);
        const asked = [...new Set(stems(q))].sort().join(" ");
        const exact = all.map((
          { spec },
        ) => ([...new Set(stems(nameText(spec)))].sort().join(" ") === asked ? EXACT : 0));
        const scores = names.map((score, i) => score + ABOUT_WEIGHT * (abouts[i] ?? 0) + (exact[i] ?? 0));
        return byScore(all, scores).slice(0, size).map(({ name, spec }) => signature(spec, name));
      },
    }),
  ],
};
