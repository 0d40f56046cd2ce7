// `npm test`: the plugin as plain JavaScript, without WebAssembly.

import assert from "node:assert/strict";
import test from "node:test";
import { Invalid, PackFile } from "../packbox/packbox.js";
import { merge, policies } from "../src/plugin.js";

const merged = (web, database, options = {}) =>
  merge({
    path: ".env",
    policy: policies[0].name,
    options: { ...policies[0].options, ...options },
    sides: [new PackFile("web", web), new PackFile("database", database)],
  });
const text = ({ pieces }) => pieces.map((piece) => piece.text).join("");

test("each setting stands there once", () => {
  const both = merged("A=1\nB=2\n", "B=2\n# More.\nC=3\n");
  assert.equal(text(both), "A=1\nB=2\n# More.\nC=3\n");
  assert.deepEqual(both.pieces[1].owners, [0, 1]);
});

test("two values are a conflict or the last one", () => {
  const { conflicts } = merged("A=1\n", "B=2\nA=3\n");
  assert.deepEqual(conflicts.map(({ subject, places }) => [subject, places[1].path, places[1].start.line]), [["A", "database", 2]]);
  assert.equal(text(merged("A=1\n", "B=2\nA=3\n", { last_wins: true })), "A=3\nB=2\n");
});

test("what is no setting is named", () => {
  assert.throws(() => merged("A=1\n", "nothing\n"), Invalid);
});
