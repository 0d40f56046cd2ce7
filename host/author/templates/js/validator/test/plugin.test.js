// `npm test`: the plugin as plain JavaScript, without WebAssembly.

import assert from "node:assert/strict";
import test from "node:test";
import { PackFile } from "../packbox/packbox.js";
import { check, rules } from "../src/plugin.js";

const found = (text, words = rules[0].options.words) => {
  const pack = { manifest: {}, facts: {}, files: [new PackFile("a.md", text)] };
  return check(pack, { [rules[0].id]: { words } }).map(({ span }) => [span.start.line, span.start.column]);
};

test("marks are found where they are", () => {
  assert.deepEqual(found("fine\n\u00e9 TODO: more\n"), [[2, 4]]);
  assert.deepEqual(found("TODOS and FIXME"), [[1, 11]]);
});

test("words can be set", () => {
  assert.deepEqual(found("TODO later", ["later"]), [[1, 6]]);
});
