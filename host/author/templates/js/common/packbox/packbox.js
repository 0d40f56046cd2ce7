// Helpers for packbox plugins in JavaScript: batches, JSON, places, failures. `packbox.d.ts` describes each.
//
// A plugin call is a pure function: there is no clock, no randomness, no file and no network, and nothing that is kept
// in a global survives. All that a plugin may do beside returning a value is to `log`.

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** The input is at fault: it is shown with its place, and no file is written. */
export class Invalid extends Error {
  constructor(...diagnostics) {
    super(diagnostics.map((diagnostic) => diagnostic.message).join("; "));
    this.name = "Invalid";
    this.diagnostics = diagnostics;
  }
}

/** The plugin does not do what was asked. */
export class Unsupported extends Error {
  constructor(what) {
    super(what);
    this.name = "Unsupported";
  }
}

let sink = () => {};

/** Messages that `-v` (info, warn) and `-vv` (debug) show. */
export const log = {
  debug: (message) => sink("debug", String(message)),
  info: (message) => sink("info", String(message)),
  warn: (message) => sink("warn", String(message)),
};

/** Says where messages go; `component.js` calls it. */
export function setLog(write) {
  sink = write;
}

/** A file of the pack. */
export class PackFile {
  #text;
  #lines;

  constructor(path, contents) {
    this.path = path;
    this.bytes = typeof contents === "string" ? encoder.encode(contents) : contents;
  }

  get text() {
    if (this.#text === undefined) {
      try {
        this.#text = decoder.decode(this.bytes);
      } catch {
        const message = `\`${this.path}\` is not UTF-8`;
        throw new Invalid({ rule: "plugin/encoding", message, span: this.at(1, 1) });
      }
    }
    return this.#text;
  }

  get isText() {
    try {
      return this.text !== undefined;
    } catch {
      return false;
    }
  }

  get lines() {
    const text = this.text;
    if (text === "") return [];
    return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n").map((line) => line.replace(/\r$/, ""));
  }

  span(start, end) {
    return { path: this.path, start: this.#position(start), end: end === undefined ? undefined : this.#position(end) };
  }

  lineSpan(line) {
    const start = this.#starts()[line - 1] ?? this.text.length;
    return this.span(start, start + (this.lines[line - 1] ?? "").length);
  }

  at(line, column) {
    return { path: this.path, start: { line, column } };
  }

  #starts() {
    if (this.#lines === undefined) {
      this.#lines = [0];
      const text = this.text;
      for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#lines.push(at + 1);
    }
    return this.#lines;
  }

  /** From an index into `text` to a line and a column in bytes of UTF-8. */
  #position(index) {
    const starts = this.#starts();
    const wanted = Math.min(Math.max(index, 0), this.text.length);
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= wanted) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: encoder.encode(this.text.slice(starts[low], wanted)).length + 1 };
  }
}

/** Makes the interface `renderer` of functions that handle one template. */
export function makeRenderer(plugin) {
  const { render, inspect } = plugin;
  if (typeof render !== "function") throw new TypeError("a renderer exports a function `render`");
  return {
    inspect(template) {
      return orThrow(() => {
        const { variables, partials, blocks } = inspect?.(new PackFile(template.path, template.contents)) ?? {};
        return { variables: names(variables), partials: names(partials), blocks: names(blocks) };
      });
    },
    render(context, partials, jobs) {
      const files = partials.map((file) => new PackFile(file.path, file.contents));
      const shared = frozen(parse(context));
      return jobs.map((raw) =>
        outcome(() => {
          const locals = frozen(parse(raw.locals));
          const options = frozen(parse(raw.options));
          const job = { template: new PackFile(raw.template.path, raw.template.contents), locals, options };
          return rendered(render(job, Object.freeze({ ...shared, ...locals }), [...files]));
        }),
      );
    },
  };
}

/** Makes the interface `validator` of a list of rules and a function that checks a pack. */
export function makeValidator(plugin) {
  const { rules, check } = plugin;
  if (!Array.isArray(rules)) throw new TypeError("a validator exports an array `rules`");
  if (typeof check !== "function") throw new TypeError("a validator exports a function `check`");
  const options = (given) => {
    const set = parse(given);
    return Object.fromEntries(rules.map((rule) => [rule.id, { ...rule.options, ...set[rule.id] }]));
  };
  return {
    rules: () =>
      rules.map((rule) => ({
        id: rule.id,
        summary: rule.summary,
        defaultSeverity: rule.severity ?? "warning",
        help: rule.help ?? rule.summary,
        options: encoder.encode(JSON.stringify(rule.options ?? {})),
        files: rule.files ?? [],
      })),
    check(subject, given) {
      return orThrow(() => {
        const pack = {
          manifest: parse(subject.manifest),
          facts: parse(subject.facts),
          files: subject.files.map((file) => new PackFile(file.path, file.contents)),
        };
        return [...check(pack, options(given))].map((found) => {
          const rule = rules.find((rule) => rule.id === found.rule);
          if (!rule) throw new TypeError(`a finding names the rule \`${found.rule}\`, which is not in \`rules\``);
          return diagnostic({ severity: rule.severity ?? "warning", ...found });
        });
      });
    },
  };
}

/** Makes the interface `merger` of a list of policies and a function that merges one file. */
export function makeMerger(plugin) {
  const { policies, merge } = plugin;
  if (!Array.isArray(policies)) throw new TypeError("a merger exports an array `policies`");
  if (typeof merge !== "function") throw new TypeError("a merger exports a function `merge`");
  return {
    policies: () =>
      policies.map((policy) => ({
        name: policy.name,
        summary: policy.summary,
        help: policy.help ?? policy.summary,
        options: encoder.encode(JSON.stringify(policy.options ?? {})),
      })),
    merge: (jobs) =>
      jobs.map((raw) =>
        outcome(() => {
          const known = policies.find((policy) => policy.name === raw.policy);
          if (!known) throw new Unsupported(`the policy \`${raw.policy}\``);
          const job = {
            path: raw.path,
            policy: raw.policy,
            options: frozen({ ...known.options, ...parse(raw.options) }),
            base: raw.base == null ? undefined : new PackFile("base", raw.base),
            sides: raw.sides.map((side) => new PackFile(side.owner, side.contents)),
          };
          return merging(merge(job), job);
        }),
      ),
  };
}

function merging(answer, { sides }) {
  if (Array.isArray(answer?.conflicts)) {
    return { tag: "conflicts", val: answer.conflicts.map((found) => conflict(found, sides)) };
  }
  if (!Array.isArray(answer?.pieces)) throw new TypeError("`merge` returns `{ pieces, notes }` or `{ conflicts }`");
  const parts = [];
  const contents = [];
  let end = 0;
  for (const piece of answer.pieces) {
    const { text, owners } = typeof piece === "string" ? { text: piece, owners: [] } : piece;
    const bytes = typeof text === "string" ? encoder.encode(text) : text;
    if (!(bytes instanceof Uint8Array)) throw new TypeError("a piece's `text` is a string or a Uint8Array");
    const start = end;
    end += bytes.length;
    contents.push(bytes);
    if (start < end && owners?.length > 0) {
      parts.push({ start, end, owners: Uint32Array.from(new Set(owners)).sort() });
    }
  }
  const whole = new Uint8Array(end);
  let at = 0;
  for (const bytes of contents) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  const notes = (answer.notes ?? []).map((note) => diagnostic({ severity: "note", ...note }));
  return { tag: "merged", val: { contents: whole, parts, notes } };
}

function conflict({ subject, message, help, places }, sides) {
  if (typeof message !== "string") throw new TypeError("a conflict has a `message`");
  const place = ({ path, start, end }) => ({ side: sides.findIndex((side) => side.path === path), start, end });
  return { subject: subject ?? "", message, help, places: (places ?? []).map(place) };
}

function parse(json) {
  return JSON.parse(decoder.decode(json));
}

// What a job changed, the next one would see: frozen values make that an error at the place where it happens.
function frozen(value) {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

function rendered(answer) {
  const simple = typeof answer === "string" || answer instanceof Uint8Array;
  const { outputs, notes, reads } = simple
    ? { outputs: [{ contents: answer }] }
    : Array.isArray(answer)
      ? { outputs: answer }
      : answer?.contents !== undefined
        ? { outputs: [answer] }
        : (answer ?? {});
  if (!Array.isArray(outputs)) {
    throw new TypeError("`render` returns a text, bytes, an output, an array of outputs, or `{ outputs, notes }`");
  }
  return {
    outputs: outputs.map(output),
    reads: { variables: names(reads?.variables), partials: names(reads?.partials), absent: names(reads?.absent) },
    notes: (notes ?? []).map((note) => diagnostic({ severity: "note", ...note })),
  };
}

function output({ path, contents, executable }) {
  const bytes = typeof contents === "string" ? encoder.encode(contents) : contents;
  if (!(bytes instanceof Uint8Array)) throw new TypeError("an output's `contents` are a string or a Uint8Array");
  return { path, contents: bytes, executable: executable ?? false };
}

function diagnostic({ rule, severity, message, help, span, related }) {
  if (typeof rule !== "string" || typeof message !== "string") {
    throw new TypeError("a diagnostic has a `rule` and a `message`");
  }
  return { rule, severity: severity ?? "error", message, help, span, related: related ?? [] };
}

function names(list) {
  return [...new Set(list ?? [])].sort();
}

function outcome(work) {
  try {
    return { tag: "ok", val: work() };
  } catch (error) {
    return { tag: "err", val: failure(error) };
  }
}

function orThrow(work) {
  try {
    return work();
  } catch (error) {
    throw failure(error);
  }
}

function failure(error) {
  if (error instanceof Invalid) return { tag: "invalid", val: error.diagnostics.map(diagnostic) };
  if (error instanceof Unsupported) return { tag: "unsupported", val: error.message };
  return { tag: "internal", val: describe(error) };
}

/** The message with file and line, and below it the calls that led there, without those of this file. */
function describe(error) {
  if (!(error instanceof Error)) return `the plugin threw ${JSON.stringify(error) ?? String(error)}`;
  const frames = (error.stack ?? "")
    .split("\n")
    .map((line) => line.match(/^\s*(?:at )?(?:(.*?)(?:@| \())?((?:file:\/\/)?[^\s@()]+?\.[cm]?[jt]s):(\d+):(\d+)\)?$/))
    .filter((frame) => frame !== null && !/\b(packbox\/(packbox|component)|initializer)\.js$/.test(frame[2]))
    .map(([, name, file, line, column]) => ({ name: name?.replace(/[/<]+$/, ""), place: `${file}:${line}:${column}` }));
  const first = frames[0] === undefined ? "" : ` (${frames[0].place})`;
  const calls = frames.map(({ name, place }) => (name ? `at ${name} (${place})` : `at ${place}`));
  return [`${error.name}: ${error.message}${first}`, ...calls].join("\n");
}
