import assert from "node:assert/strict";
import { API_FORMATS } from "../../../envs/apps/api_format_names.ts";
import {
  argumentsSchema,
  formatApis,
  functionName,
  functionTools,
  mcpTools,
  openApi,
} from "../../../envs/apps/api_formats.ts";
import { CATALOGUE } from "../../../envs/apps/catalogue.ts";
import { list, signature, table } from "../../../envs/apps/schema.ts";
import { optional, text, withDefault } from "../../../envs/apps/params.ts";
import { integer } from "../../../envs/apps/params.ts";

const all = [...CATALOGUE.values()].flatMap((app) => app.apis.map((spec) => ({ app: app.name, spec })));

Deno.test("formatApis() names every API once in every format", () => {
  for (const format of API_FORMATS) {
    const text = formatApis(CATALOGUE, format, "1.0.0");
    const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
    const found = {
      list: () => count(/^\w+\.\w+$/gm),
      brief: () => count(/^\w+\.\w+\(.*\) -> .* — .*\.$/gm),
      full: () => (JSON.parse(text) as unknown[]).length,
      openapi: () => Object.keys((JSON.parse(text) as { paths: object }).paths).length,
      functions: () => (JSON.parse(text) as unknown[]).length,
      mcp: () => (JSON.parse(text) as unknown[]).length,
      typescript: () => count(/^ {4}\w+\(.*\): .*;$/gm),
      python: () => count(/^ {4}def \w+\(self/gm),
    }[format];
    assert.equal(found(), all.length, format);
  }
});

Deno.test("argumentsSchema() requires what the dispatcher requires and allows nothing else", () => {
  for (const { spec } of all) {
    const schema = argumentsSchema(spec) as { required: string[]; properties: object; additionalProperties: boolean };
    assert.deepEqual(Object.keys(schema.properties), Object.keys(spec.params));
    assert.deepEqual(
      schema.required,
      Object.entries(spec.params).filter(([, { required }]) => required).map(([name]) => name),
    );
    assert.equal(schema.additionalProperties, false);
  }
});

Deno.test("openApi(), functionTools() and mcpTools() agree on names", () => {
  const names = all.map(({ app, spec }) => functionName(app, spec.name)).sort();
  const { paths } = openApi(CATALOGUE, "1.0.0") as { paths: Record<string, { post: { operationId: string } }> };
  assert.deepEqual(Object.values(paths).map(({ post }) => post.operationId).sort(), names);
  const tools = functionTools(CATALOGUE) as { function: { name: string } }[];
  assert.deepEqual(tools.map((tool) => tool.function.name).sort(), names);
  const mcp = mcpTools(CATALOGUE) as { name: string; annotations: { readOnlyHint: boolean } }[];
  assert.deepEqual(mcp.map(({ name }) => name).sort(), names);
  assert.equal(mcp.find(({ name }) => name === "handset__list_contacts")?.annotations.readOnlyHint, true);
  assert.equal(mcp.find(({ name }) => name === "handset__send_text")?.annotations.readOnlyHint, false);
});

const items = table("test.item", { owner: "text", name: "text", size: "integer" }, { ownedBy: ["owner"] });
const rows = [5, 1, 4, 2, 3, 6].map((size, i) => ({ id: i + 1, name: size % 2 === 0 ? "red box" : "blue bag", size }));
const listed = list("list_items", {
  about: "Items.",
  auth: false,
  params: { least: withDefault(integer("least size", 0, 10), 0), word: optional(text("word")) },
  returns: [{ item_id: "integer", size: "integer" }],
  rows: (_call, { least }) => rows.filter((row) => row.size >= least),
  view: ({ id, size }) => ({ item_id: id, size }),
  search: ({ name }) => name,
  orders: { size: (row) => row.size },
});
const sizes = (args: Record<string, unknown>) =>
  (listed.handler({} as never, { page: 0, size: 5, least: 0, ...args }) as { size: number }[]).map(({ size }) => size);

Deno.test("list() filters, then orders, then cuts the page", () => {
  assert.equal(items.ownedBy[0], "owner");
  assert.equal(
    signature(listed, "test"),
    "test.list_items({least?, word?, q?, page?, size?, order?}) -> [{item_id, size}]",
  );
  assert.deepEqual(sizes({}), [5, 1, 4, 2, 3]);
  assert.deepEqual(sizes({ page: 1 }), [6]);
  assert.deepEqual(sizes({ page: 2 }), []);
  assert.deepEqual(sizes({ order: "+size", size: 3 }), [1, 2, 3]);
  assert.deepEqual(sizes({ order: "-size", size: 3, page: 1 }), [3, 2, 1]);
  assert.deepEqual(sizes({ least: 4 }), [5, 4, 6]);
});

Deno.test("list() ranks by a query without leaving anything out, and orders within the page only", () => {
  assert.deepEqual(sizes({ q: "red", size: 6 }), [4, 2, 6, 5, 1, 3]);
  assert.deepEqual(sizes({ q: "red", size: 2, page: 1 }), [6, 5]);
  assert.deepEqual(sizes({ q: "red", size: 3, order: "-size" }), [6, 4, 2]);
  assert.deepEqual(sizes({ q: "red", size: 3, page: 1, order: "+size" }), [1, 3, 5]);
});
