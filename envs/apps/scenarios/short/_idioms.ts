/**
 * The code that reference solutions are composed of: one way to sign in, to walk pages, to choose people and to add up.
 *
 * Contract: every program is `signIn`, then lists walked with `pages`, then `const rows = ….filter(…)`, then one `for` loop that acts
 * on each row or one `return`. The same idea is written with the same characters everywhere, so that what differs between two
 * programs is exactly what differs between their tasks.
 * Choices: a list is named after its API (`list_transfers` fills `transfers`); tokens are kept by app in `token`.
 *
 * @module
 */

/** Two lines that sign in to apps and keep their tokens in `token`. */
export function signIn(...apps: readonly string[]): string[] {
  const list = apps.map((app) => JSON.stringify(app)).join(", ");
  return [
    "const token = {}, logins = apis.principal.my_logins();",
    `for (const app of [${list}]) { const { user, password } = logins.find((x) => x.app === app); ` +
    "token[app] = apis[app].log_in({ user, password }).token; }",
  ];
}

/**
 * One line that collects all pages of a list.
 *
 * @param app name of the app.
 * @param list what is listed by `list_<list>`; the variable has this name, without `_in` or `_out`.
 * @param filters more arguments as source text, e.g. `direction: "sent"`.
 */
export function pages(app: string, list: string, filters?: string): string {
  const variable = list.replace(/_(in|out)$/, "");
  const args = [`token: token.${app}`, ...(filters === undefined ? [] : [filters]), "page: p"].join(", ");
  return `const ${variable} = []; for (let p = 0; ; p++) { const page = apis.${app}.list_${list}({ ${args} }); ` +
    `if (page.length === 0) break; ${variable}.push(...page); }`;
}

/** How people are named in a task: everyone with a tie, or one person by full name. */
export type Who = "tie" | "person";

/** Parameter and condition of each way to name people. */
export const WHO: Readonly<Record<Who, { readonly param: string; readonly keep: string }>> = {
  tie: { param: "tie", keep: "x.ties.includes(tie)" },
  person: { param: "name", keep: "x.name === name" },
};

/** Two lines that put the e-mails or numbers of the people meant into `people`. */
export function people(who: Who, field: "email" | "number"): string[] {
  return [
    pages("handset", "contacts"),
    `const people = contacts.filter((x) => ${WHO[who].keep}).map((x) => x.${field});`,
  ];
}

/** The line that keeps the rows meant. */
export function keep(list: string, condition: string): string {
  return `const rows = ${list}.filter((x) => ${condition});`;
}

/** The line that acts on each row. */
export function act(app: string, api: string, args: string): string {
  return `for (const x of rows) apis.${app}.${api}({ token: token.${app}, ${args} });`;
}

/** How rows are boiled down to one number. */
export type Aggregate = "total" | "count" | "largest";

/** Expression of an aggregate over `rows`; `value` is the source of a row's number, e.g. `x.amount`. */
export function aggregate(kind: Aggregate, value: string): string {
  if (kind === "count") return "rows.length";
  if (kind === "largest") return `Math.max(...rows.map((x) => ${value}))`;
  return `Number(rows.reduce((sum, x) => sum + ${value}, 0).toFixed(2))`;
}
