// The types of packbox.js, which is what a plugin's author uses.

/** Any JSON value. Integers beyond 2^53 lose digits. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The variables of a pack; under `for_each` with `item`. Frozen. */
export type Context = { readonly [name: string]: Json };

/** A place in a text: line and column count from 1, columns count bytes of UTF-8. */
export interface Position {
  line: number;
  column: number;
}

/** A range in a file of the pack; `end` is exclusive. `PackFile.span` makes one. */
export interface Span {
  path: string;
  start: Position;
  end?: Position;
}

export type Severity = "error" | "warning" | "note";

/** Something to say about the pack. */
export interface Diagnostic {
  /** A stable name, for instance `settings/syntax`. */
  rule: string;
  /** A lower-case fragment without a full stop. */
  message: string;
  /** Default: an error where it is thrown, a note among `notes`, the rule's own in a validator. */
  severity?: Severity;
  /** What to do about it. */
  help?: string;
  span?: Span;
  /** Other places that have to do with it. */
  related?: Span[];
}

/** Throw it where the input is at fault: it is shown with its place, and no file is written. */
export class Invalid extends Error {
  constructor(...diagnostics: Diagnostic[]);
  readonly diagnostics: Diagnostic[];
}

/** Throw it where the plugin does not do what was asked. Anything else that is thrown is a fault of the plugin. */
export class Unsupported extends Error {
  constructor(what: string);
}

/** How packbox is told that there is no result; `Invalid`, `Unsupported` and all other errors become one. */
export type Failure =
  | { tag: "invalid"; val: Diagnostic[] }
  | { tag: "unsupported"; val: string }
  | { tag: "internal"; val: string };

/** A file of the pack. */
export class PackFile {
  constructor(path: string, contents: string | Uint8Array);
  /** Relative to the pack's folder. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The contents as text; throws `Invalid` where they are not UTF-8. */
  readonly text: string;
  /** Whether the contents are UTF-8. */
  readonly isText: boolean;
  /** The lines of the text without their ends. */
  readonly lines: string[];
  /** The range between two indices into `text`. */
  span(start: number, end?: number): Span;
  /** The whole of a line, counted from 1. */
  lineSpan(line: number): Span;
  /** A place that is known already. */
  at(line: number, column: number): Span;
}

/** One template to render. */
export interface Job {
  readonly template: PackFile;
  /** What is laid over the context: for instance `item` of a `for_each`. */
  readonly locals: { readonly [name: string]: Json };
  /** The `options` of the template in `pack.toml`. */
  readonly options: { readonly [name: string]: any };
}

/** A file to write. */
export interface Output {
  /** Relative to the manifest's `output`; none: that path itself. */
  path?: string;
  contents: string | Uint8Array;
  executable?: boolean;
}

/** What was looked up; informative. */
export interface Reads {
  variables?: string[];
  partials?: string[];
  absent?: string[];
}

/** What `render` returns: the contents of one file, files, or files with remarks. */
export type Rendered = string | Uint8Array | Output | Output[] | { outputs: Output[]; notes?: Diagnostic[]; reads?: Reads };

/** What a template refers to. */
export interface TemplateInfo {
  variables?: string[];
  partials?: string[];
  blocks?: string[];
}

/** What the module of a renderer exports. */
export interface Renderer {
  render(job: Job, context: Context, partials: PackFile[]): Rendered;
  inspect?(template: PackFile): TemplateInfo;
}

/** A rule of a validator. */
export interface Rule {
  /** `group/name`. */
  id: string;
  /** What it is about, in one line. */
  summary: string;
  /** How much a finding matters where nobody says otherwise; default: a warning. */
  severity?: Severity;
  /** Its page in Markdown: why it is there, what fails, what passes. */
  help?: string;
  /** Its options with their default values. */
  options?: { [name: string]: Json };
  /** Globs of the files whose contents it wants; `**` is every file. */
  files?: string[];
}

/** A pack, as a validator sees it; packbox's page about validators describes `facts`. */
export interface Pack {
  readonly manifest: any;
  readonly facts: any;
  readonly files: PackFile[];
}

/** What the module of a validator exports. */
export interface Validator {
  rules: Rule[];
  check(pack: Pack, options: Record<string, any>): Iterable<Diagnostic>;
}

/** A way to merge files. */
export interface Policy {
  /** Lower-case letters, digits and `-`; manifests name it as `on_conflict`. */
  name: string;
  /** What it does, in one line. */
  summary: string;
  /** Its page in Markdown: which files it is for, what is merged how, what is a conflict. */
  help?: string;
  /** Its options with their default values. */
  options?: { [name: string]: Json };
}

/** A file to merge. */
export interface MergeJob {
  /** Where it goes, relative to the output folder. */
  readonly path: string;
  /** The name of one of the policies. */
  readonly policy: string;
  /** What manifests set, over the defaults. */
  readonly options: { readonly [name: string]: any };
  /** What all sides were made from; none where they were made independently of each other. */
  readonly base?: PackFile;
  /** What the owners want; the `path` of each is its owner. The first one's layout is kept. */
  readonly sides: PackFile[];
}

/** A text of the merged file, and whose it is: indices of sides, in one of which every word of it must stand. */
export type Piece = string | { text: string | Uint8Array; owners: number[] };

/** Something that owners want differently; the places are spans of `sides`. */
export interface Conflict {
  /** What it is about, for instance a key. */
  subject?: string;
  /** A lower-case fragment without a full stop. */
  message: string;
  /** What to do about it. */
  help?: string;
  places?: Span[];
}

/** What `merge` returns: the file, piece by piece (a string alone is nobody's), or why there is none. */
export type Merging = { pieces: Piece[]; notes?: Diagnostic[] } | { conflicts: Conflict[] };

/** What the module of a merger exports. */
export interface Merger {
  policies: Policy[];
  merge(job: MergeJob): Merging;
}

/** Messages that `-v` (info, warn) and `-vv` (debug) show. `console.log` writes there, too. */
export const log: { debug(message: unknown): void; info(message: unknown): void; warn(message: unknown): void };

/** Says where messages go; `component.js` calls it. */
export function setLog(write: (level: "debug" | "info" | "warn", message: string) => void): void;

/** Makes the interfaces of the ABI; `component.js` calls them. */
export function makeRenderer(plugin: Renderer): object;
export function makeValidator(plugin: Validator): object;
export function makeMerger(plugin: Merger): object;
