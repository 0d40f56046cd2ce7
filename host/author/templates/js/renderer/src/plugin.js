// Turns a list of settings, as in a `.env` file, into a JavaScript module that reads them from the environment.

import { Invalid } from "../packbox/packbox.js";

/**
 * Renders one template.
 *
 * @param {import("../packbox/packbox.js").Job} job the template, with its `options` from `pack.toml`
 * @param {import("../packbox/packbox.js").Context} context the pack's variables
 * @returns {import("../packbox/packbox.js").Rendered}
 */
export function render(job, context) {
  const prefix = job.options.prefix ?? "";
  const settings = parse(job.template);
  const title = context.title ?? job.template.path;
  const lines = settings.map(
    ({ name, value, about }) =>
      about.map((line) => `  // ${line}\n`).join("") + `  ${camel(name)}: ${read(prefix + name, value)},\n`,
  );
  return `// Settings of ${oneLine(title)}. Made from ${job.template.path}: change that.\n\nexport const settings = {\n${lines.join("")}};\n`;
}

/** The settings of a template, in their order: `NAME=VALUE` lines, each with the comment above it. */
export function parse(template) {
  const found = new Map();
  const problems = [];
  let about = [];
  template.lines.forEach((text, index) => {
    const line = text.trim();
    const span = template.lineSpan(index + 1);
    const setting = line.match(/^([A-Z][A-Z0-9_]*)=(.*)$/);
    if (line.startsWith("#")) {
      about.push(line.slice(1).trim());
      return;
    }
    if (setting) {
      const [, name, value] = setting;
      const before = found.get(name);
      if (before) {
        const message = `\`${name}\` is set twice`;
        problems.push({ rule: "PLUGIN_NAME/duplicate", message, span, related: [before.span] });
      } else {
        found.set(name, { name, value: value.trim(), about, span });
      }
    } else if (line !== "") {
      const message = "this line is neither a comment nor a setting";
      problems.push({ rule: "PLUGIN_NAME/syntax", message, help: "settings look like `PORT=8080`", span });
    }
    about = [];
  });
  if (problems.length > 0) throw new Invalid(...problems);
  return [...found.values()];
}

function read(name, value) {
  if (/^-?\d{1,15}$/.test(value)) return `Number(process.env.${name} ?? ${Number(value)})`;
  if (value === "true" || value === "false") return `(process.env.${name} ?? "${value}") === "true"`;
  return `process.env.${name} ?? ${JSON.stringify(value)}`;
}

function camel(name) {
  return name.toLowerCase().replace(/_+([a-z0-9])/g, (_, letter) => letter.toUpperCase()).replace(/_+$/, "");
}

function oneLine(text) {
  return String(text).replace(/\s+/g, " ");
}
