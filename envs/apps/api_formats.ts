/**
 * The declarations of APIs in the formats that outside programs read: OpenAPI, function calling, MCP, typed clients, and pages for
 * people.
 *
 * Contract: everything follows from the declarations, so that a format can neither lack an API nor differ from what the dispatcher
 * accepts. Function names are `app__api`. Arguments are checked by the dispatcher as well; a schema may allow more (dates that do not
 * exist, say), never less.
 * Sources: OpenAPI 3.1, the function-calling format of OpenAI-compatible servers, Model Context Protocol 2025-06-18 (tools).
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import type { ApiFormat } from "./api_format_names.ts";
import type { JsonSchema } from "./params.ts";
import { pythonName } from "./python_replay.ts";
import { type Api, type App, type Catalogue, documentation, signature } from "./schema.ts";
import { type Shape, shapeExample, shapeSchema } from "./shapes.ts";

/** Schema of the arguments of an API, as one object. */
export function argumentsSchema(spec: Api): JsonSchema {
  const params = Object.entries(spec.params);
  return {
    type: "object",
    properties: Object.fromEntries(
      params.map(([name, { schema, about }]) => [name, { ...schema, description: about }]),
    ),
    required: params.filter(([, { required }]) => required).map(([name]) => name),
    additionalProperties: false,
  };
}

/** Name of an API among those of all apps. */
export function functionName(app: string, api: string): string {
  return `${app}__${api}`;
}

const ERRORS: Readonly<Record<string, string>> = {
  "401": "Sign-in is needed or was refused",
  "402": "The bank or the balance refuses the payment",
  "403": "The row is somebody else's",
  "404": "There is no such row",
  "409": "The state does not allow it",
  "422": "An argument is missing, unknown or wrong",
};

function openApiOperation(app: App, spec: Api): Json {
  const failures = Object.entries(ERRORS).map(([status, description]) => [
    status,
    {
      description,
      content: {
        "application/json": {
          schema: { type: "object", properties: { message: { type: "string" } }, required: ["message"] },
        },
      },
    },
  ]);
  return {
    operationId: functionName(app.name, spec.name),
    summary: spec.about,
    tags: [app.name],
    "x-method": spec.method,
    ...(spec.effects.length === 0 ? {} : { "x-effects": spec.effects }),
    requestBody: { required: true, content: { "application/json": { schema: argumentsSchema(spec) } } },
    responses: {
      "200": {
        description: "Done",
        content: { "application/json": { schema: shapeSchema(spec.returns), example: shapeExample(spec.returns) } },
      },
      ...Object.fromEntries(failures),
    },
  };
}

/** OpenAPI 3.1 document: each API is a path `/app/api` that takes one JSON object by POST. */
export function openApi(catalogue: Catalogue, version: string): Json {
  const paths = [...catalogue.values()].flatMap((app) =>
    app.apis.map((spec) => [`/${app.name}/${spec.name}`, { post: openApiOperation(app, spec) }])
  );
  return {
    openapi: "3.1.0",
    info: { title: "Apps", version },
    tags: [...catalogue.values()].map(({ name, about }) => ({ name, description: about })),
    paths: Object.fromEntries(paths),
  };
}

/** Tools in the format of function calling. */
export function functionTools(catalogue: Catalogue): Json {
  return eachApi(catalogue, (app, spec) => ({
    type: "function",
    function: { name: functionName(app, spec.name), description: spec.about, parameters: argumentsSchema(spec) },
  }));
}

/** Tools as a server of the Model Context Protocol lists them; results are wrapped in `{response}`, since they must be objects. */
export function mcpTools(catalogue: Catalogue): Json {
  return eachApi(catalogue, (app, spec) => ({
    name: functionName(app, spec.name),
    description: spec.about,
    inputSchema: argumentsSchema(spec),
    outputSchema: {
      type: "object",
      properties: { response: shapeSchema(spec.returns) },
      required: ["response"],
    },
    annotations: { readOnlyHint: spec.method === "GET", destructiveHint: spec.method === "DELETE" },
  }));
}

function eachApi(catalogue: Catalogue, make: (app: string, spec: Api) => Json): Json[] {
  return [...catalogue.values()].flatMap(({ name, apis }) => apis.map((spec) => make(name, spec)));
}

/** TypeScript type of a schema. */
function typeScriptType(schema: JsonSchema): string {
  if (Array.isArray(schema["anyOf"])) {
    return schema["anyOf"].map((part: Json) => typeScriptType(part as JsonSchema)).join(" | ");
  }
  if (Array.isArray(schema["enum"])) return schema["enum"].map((value: Json) => JSON.stringify(value)).join(" | ");
  const type = schema["type"];
  if (Array.isArray(type)) return type.map((one: Json) => typeScriptType({ type: one })).join(" | ");
  if (type === "array") return `readonly (${typeScriptType(schema["items"] as JsonSchema)})[]`;
  if (type === "object") return objectType(schema);
  if (type === "integer" || type === "number") return "number";
  return type === "string" || type === "boolean" || type === "null" ? type : "unknown";
}

function objectType(schema: JsonSchema): string {
  const properties = schema["properties"] as Readonly<Record<string, JsonSchema>> | undefined;
  if (properties === undefined) {
    const inner = schema["additionalProperties"];
    return `Readonly<Record<string, ${typeof inner === "object" ? typeScriptType(inner as JsonSchema) : "unknown"}>>`;
  }
  const required = (schema["required"] ?? []) as readonly string[];
  const fields = Object.entries(properties).map(([name, inner]) =>
    `readonly ${name}${required.includes(name) ? "" : "?"}: ${typeScriptType(inner)}`
  );
  return fields.length === 0 ? "Record<never, never>" : `{ ${fields.join("; ")} }`;
}

function resultType(shape: Shape): string {
  return typeScriptType(shapeSchema(shape));
}

/** TypeScript declarations of the object `apis`. */
export function typeScriptClient(catalogue: Catalogue): string {
  const apps = [...catalogue.values()].map(({ name, about, apis }) => {
    const members = apis.map((spec) => {
      const optional = Object.values(spec.params).some(({ required }) => required) ? "" : "?";
      const args = `args${optional}: ${typeScriptType(argumentsSchema(spec))}`;
      return `    /** ${spec.about} */\n    ${spec.name}(${args}): ${resultType(spec.returns)};`;
    });
    return `  /** ${about} */\n  readonly ${name}: {\n${members.join("\n")}\n  };`;
  });
  return `/** APIs of all apps. */\nexport interface Apis {\n${apps.join("\n")}\n}\n`;
}

/** Python type of a schema. */
function pythonType(schema: JsonSchema): string {
  if (Array.isArray(schema["anyOf"])) {
    return schema["anyOf"].map((part: Json) => pythonType(part as JsonSchema)).join(" | ");
  }
  if (Array.isArray(schema["enum"])) {
    return `Literal[${schema["enum"].map((value: Json) => JSON.stringify(value)).join(", ")}]`;
  }
  const type = schema["type"];
  if (Array.isArray(type)) return type.map((one: Json) => pythonType({ type: one })).join(" | ");
  if (type === "array") return `list[${pythonType(schema["items"] as JsonSchema)}]`;
  const names: Readonly<Record<string, string>> = {
    object: "dict[str, Any]",
    integer: "int",
    number: "float",
    string: "str",
    boolean: "bool",
    null: "None",
  };
  return names[String(type)] ?? "Any";
}

/** Python stub (`.pyi`) of the object `apis`. */
export function pythonClient(catalogue: Catalogue): string {
  const classOf = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
  const classes = [...catalogue.values()].map(({ name, about, apis }) => {
    const methods = apis.map((spec) => {
      const params = Object.entries(spec.params);
      const args = params.map(([param, { schema, required }]) =>
        `${pythonName(param)}: ${pythonType(schema)}${required ? "" : " = ..."}`
      );
      const named = args.length === 0 ? "self" : `self, *, ${args.join(", ")}`;
      return `    def ${spec.name}(${named}) -> ${
        pythonType(shapeSchema(spec.returns))
      }:\n        """${spec.about}"""\n        ...`;
    });
    return `class ${classOf(name)}:\n    """${about}"""\n\n${methods.join("\n\n")}`;
  });
  const apps = [...catalogue.keys()].map((name) => `    ${name}: ${classOf(name)}`);
  return `from typing import Any, Literal\n\n${classes.join("\n\n\n")}\n\n\nclass Apis:\n${
    apps.join("\n")
  }\n\n\napis: Apis\n`;
}

/**
 * The APIs of a catalogue in a format, as text: JSON for `full`, `openapi`, `functions` and `mcp`, source for the clients, and one
 * line an API for `list` and `brief`.
 *
 * @param version version of the environment.
 */
export function formatApis(catalogue: Catalogue, format: ApiFormat, version: string): string {
  const json = (value: Json) => `${JSON.stringify(value, undefined, 2)}\n`;
  const lines = (line: (app: string, spec: Api) => string) =>
    [...catalogue.values()].flatMap(({ name, apis }) => apis.map((spec) => `${line(name, spec)}\n`)).join("");
  switch (format) {
    case "list":
      return lines((app, { name }) => `${app}.${name}`);
    case "brief":
      return lines((app, spec) => `${signature(spec, app)} — ${spec.about}`);
    case "full":
      return json(eachApi(catalogue, (app, spec) => documentation(spec, app)));
    case "openapi":
      return json(openApi(catalogue, version));
    case "functions":
      return json(functionTools(catalogue));
    case "mcp":
      return json(mcpTools(catalogue));
    case "typescript":
      return typeScriptClient(catalogue);
    case "python":
      return pythonClient(catalogue);
  }
}
