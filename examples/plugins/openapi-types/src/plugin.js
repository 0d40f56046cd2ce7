// Turns an OpenAPI 3 document (JSON) into TypeScript: a type for each schema, and for each operation its parameters, body
// and answer. With the option `client`, also a function that calls them.

import { Invalid, Unsupported } from "../packbox/packbox.js";
import { comment, key, typeName, typeOf } from "./types.js";

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/**
 * @param {import("../packbox/packbox.js").Job} job
 * @returns {import("../packbox/packbox.js").Rendered}
 */
export function render(job) {
  const file = job.template;
  const document = read(file);
  const title = [document.info?.title, document.info?.version].filter(Boolean).join(" ");
  const schemas = document.components?.schemas ?? {};
  const resolve = resolver(file, document);
  const parts = [`// ${oneLine(title || file.path)}. Made from ${file.path}: change that.\n`];
  const names = new Map();
  for (const [name, schema] of Object.entries(schemas)) {
    const type = typeName(name);
    if (names.has(type)) {
      const message = `the schemas \`${names.get(type)}\` and \`${name}\` would both be the type \`${type}\``;
      throw new Invalid({ rule: "openapi/names", message, span: find(file, JSON.stringify(name)) });
    }
    names.set(type, name);
    parts.push(`${comment(schema.description, "")}export type ${type} = ${typeOf(schema, resolve, "")};\n`);
  }
  parts.push(operations(document, resolve));
  if (job.options.client) parts.push(CLIENT);
  return parts.join("\n");
}

function read(file) {
  let document;
  try {
    document = JSON.parse(file.text);
  } catch (error) {
    const at = Number(/position (\d+)/.exec(error.message)?.[1]);
    const place = /line (\d+) column (\d+)/.exec(error.message);
    const span = place ? file.at(Number(place[1]), Number(place[2])) : file.span(Number.isNaN(at) ? 0 : at);
    throw new Invalid({ rule: "openapi/json", message: `this is not JSON: ${error.message}`, span });
  }
  if (document?.swagger !== undefined) throw new Unsupported("OpenAPI 2; convert the document to version 3");
  if (!/^3\./.test(document?.openapi ?? "")) {
    const message = "this is no OpenAPI document: `openapi` is missing, or not 3.x";
    throw new Invalid({ rule: "openapi/version", message, span: file.span(0) });
  }
  return document;
}

/** Follows references within the document; one that leads nowhere is shown where it stands. */
function resolver(file, document) {
  return (reference) => {
    const found = reference.startsWith("#/")
      ? reference
          .slice(2)
          .split("/")
          .map((part) => decodeURIComponent(part).replace(/~1/g, "/").replace(/~0/g, "~"))
          .reduce((value, part) => (Object.hasOwn(Object(value), part) ? value[part] : undefined), document)
      : undefined;
    if (found === undefined) {
      const message = `\`${reference}\` leads nowhere`;
      const help = "references lead to a part of the same document, for instance `#/components/schemas/Pet`";
      throw new Invalid({ rule: "openapi/reference", message, help, span: find(file, JSON.stringify(reference)) });
    }
    return found;
  };
}

function find(file, text) {
  const at = file.text.indexOf(text);
  return at < 0 ? file.span(0) : file.span(at, at + text.length);
}

function operations(document, resolve) {
  const found = [];
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS.filter((method) => item[method])) {
      found.push(operation(path, method, item[method], item.parameters ?? [], resolve));
    }
  }
  return `export interface Operations {\n${found.join("")}}\n`;
}

function operation(path, method, details, shared, resolve) {
  const follow = (value) => (value?.$ref ? resolve(value.$ref) : value);
  const parameters = [...shared, ...(details.parameters ?? [])].map(follow);
  const group = (place) => {
    const members = parameters
      .filter((parameter) => parameter.in === place)
      .map(({ name, required, schema }) => `${key(name)}${required ? "" : "?"}: ${typeOf(schema ?? {}, resolve, "    ")}`);
    return members.length > 0 ? `{ ${members.join("; ")} }` : "{}";
  };
  const content = (holder) => {
    const media = Object.entries(follow(holder)?.content ?? {}).find(([type]) => /json/.test(type))?.[1];
    return media?.schema ? typeOf(media.schema, resolve, "    ") : "undefined";
  };
  const success = Object.entries(details.responses ?? {}).find(([status]) => /^2|^default$/.test(status))?.[1];
  const name = key(details.operationId ?? `${method} ${path}`);
  return (
    comment(details.summary ?? details.description, "  ") +
    `  ${name}: {\n` +
    `    method: ${JSON.stringify(method.toUpperCase())};\n    path: ${JSON.stringify(path)};\n` +
    `    parameters: ${group("path")};\n    query: ${group("query")};\n` +
    `    body: ${content(details.requestBody)};\n    answer: ${content(success)};\n  };\n`
  );
}

function oneLine(text) {
  return text.replace(/\s+/g, " ");
}

const CLIENT = `/** Calls an operation of the API at \`base\`, and throws where the answer is no success. */
export async function call<Name extends keyof Operations>(
  base: string,
  method: Operations[Name]["method"],
  path: Operations[Name]["path"],
  request: Pick<Operations[Name], "parameters" | "query" | "body">,
): Promise<Operations[Name]["answer"]> {
  const values = request.parameters as Record<string, unknown>;
  const filled = path.replace(/\\{([^}]+)\\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
  const url = new URL(base.replace(/\\/$/, "") + filled);
  for (const [name, value] of Object.entries(request.query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const headers = body === undefined ? undefined : { "content-type": "application/json" };
  const response = await fetch(url, { method, headers, body });
  if (!response.ok) throw new Error(\`\${method} \${url}: \${response.status}\`);
  return response.status === 204 ? (undefined as Operations[Name]["answer"]) : response.json();
}
`;
