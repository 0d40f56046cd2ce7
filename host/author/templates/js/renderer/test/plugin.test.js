// `npm test`: the plugin as plain JavaScript, without WebAssembly.

import assert from "node:assert/strict";
import test from "node:test";
import { Invalid, PackFile } from "../packbox/packbox.js";
import { parse, render } from "../src/plugin.js";

const job = (text, options = {}) => ({ template: new PackFile("app.env", text), locals: {}, options });

test("settings get their types and their comments", () => {
  const module = render(job("# The port.\nPORT=8080\nDEBUG=false\n", { prefix: "APP_" }), { title: "a test" });
  assert.match(module, /\/\/ The port\.\n {2}port: Number\(process\.env\.APP_PORT \?\? 8080\),/);
  assert.match(module, /debug: \(process\.env\.APP_DEBUG \?\? "false"\) === "true"/);
});

test("a mistake has its place", () => {
  const wrong = () => parse(new PackFile("app.env", "A=1\nnot a setting\nA=2\n"));
  assert.throws(wrong, (error) => {
    assert.ok(error instanceof Invalid);
    assert.deepEqual(
      error.diagnostics.map(({ rule, span }) => [rule, span.start.line]),
      [["PLUGIN_NAME/syntax", 2], ["PLUGIN_NAME/duplicate", 3]],
    );
    return true;
  });
});
