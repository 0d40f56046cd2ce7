// Schemas as TypeScript types.

/** The type of a schema; `indent` is that of the line where it begins. */
export function typeOf(schema, resolve, indent) {
  if (schema === true) return "unknown";
  if (schema === false) return "never";
  if (schema.$ref !== undefined) {
    resolve(schema.$ref);
    const parts = schema.$ref.split("/");
    return parts[1] === "components" && parts[2] === "schemas" && parts.length === 4
      ? typeName(decodeURIComponent(parts[3]).replace(/~1/g, "/").replace(/~0/g, "~"))
      : typeOf(resolve(schema.$ref), resolve, indent);
  }
  const type = nonNull(schema, resolve, indent);
  const nullable = schema.nullable === true || (Array.isArray(schema.type) && schema.type.includes("null"));
  return nullable && type !== "null" ? `${type} | null` : type;
}

function nonNull(schema, resolve, indent) {
  const joined = (schemas, separator) =>
    schemas.map((one) => typeOf(one, resolve, indent)).map((type) => (/[|&]/.test(type) ? `(${type})` : type)).join(separator);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.filter((value) => value !== null).map((value) => JSON.stringify(value)).join(" | ") || "null";
  if (schema.oneOf ?? schema.anyOf) return joined(schema.oneOf ?? schema.anyOf, " | ") || "never";
  if (schema.allOf) {
    const own = schema.properties ? [{ ...schema, allOf: undefined }] : [];
    return joined([...schema.allOf, ...own], " & ") || "unknown";
  }
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => type !== "null");
  return types.map((type) => simple(type, schema, resolve, indent)).join(" | ") || "null";
}

function simple(type, schema, resolve, indent) {
  switch (type ?? (schema.properties ? "object" : undefined)) {
    case "string":
      return schema.format === "binary" ? "Blob" : "string";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "array": {
      const items = typeOf(schema.items ?? {}, resolve, indent);
      return /^[\w.]+(\[\])*$/.test(items) ? `${items}[]` : `Array<${items}>`;
    }
    case "object":
      return object(schema, resolve, indent);
    default:
      return "unknown";
  }
}

function object(schema, resolve, indent) {
  const required = new Set(schema.required);
  const inner = `${indent}  `;
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, property]) =>
      comment(property.description, inner) +
      `${inner}${property.readOnly ? "readonly " : ""}${key(name)}${required.has(name) ? "" : "?"}: ` +
      `${typeOf(property, resolve, inner)};\n`,
  );
  const others = schema.additionalProperties;
  if (members.length === 0) {
    return others === false ? "{}" : `Record<string, ${typeof others === "object" ? typeOf(others, resolve, indent) : "unknown"}>`;
  }
  // An index signature has to fit all members, so it says nothing about the others' type.
  if (others === true || typeof others === "object") members.push(`${inner}[name: string]: unknown;\n`);
  return `{\n${members.join("")}${indent}}`;
}

/** A name that can stand for a type. */
export function typeName(name) {
  const words = name.split(/[^A-Za-z0-9_$]+/).filter(Boolean);
  const joined = words.map((word) => word[0].toUpperCase() + word.slice(1)).join("");
  return /^[A-Za-z_$]/.test(joined) ? joined : `_${joined}`;
}

/** A member's name, with quotes where it needs them. */
export function key(name) {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** A description as a comment; nothing where there is none. */
export function comment(text, indent) {
  if (!text) return "";
  const lines = text.trim().replace(/\*\//g, "* /").split(/\r?\n/);
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line && " "}${line}\n`).join("")}${indent} */\n`;
}
