import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import test from "node:test";
import { Invalid, PackFile, Unsupported } from "../packbox/packbox.js";
import { render } from "../src/plugin.js";

const here = (name) => new URL(name, import.meta.url);
const job = (text, options = {}) => ({ template: new PackFile("api.json", text), locals: {}, options });

test("a document becomes types, operations and a client", () => {
  const made = render(job(readFileSync(here("pets.json"), "utf8"), { client: true }));
  if (process.env.BLESS === "1") writeFileSync(here("pets.ts"), made);
  assert.equal(made, readFileSync(here("pets.ts"), "utf8"));
});

test("a reference that leads nowhere is shown where it stands", () => {
  const text = '{"openapi": "3.1.0", "components": {"schemas": {"A": {"$ref": "#/components/schemas/B"}}}}';
  assert.throws(
    () => render(job(text)),
    (error) => {
      assert.ok(error instanceof Invalid);
      const [{ rule, span }] = error.diagnostics;
      assert.deepEqual([rule, span.start.column, span.end.column], ["openapi/reference", 63, 87]);
      return true;
    },
  );
});

test("what is no OpenAPI 3 is refused", () => {
  assert.throws(() => render(job('{"swagger": "2.0"}')), Unsupported);
  assert.throws(() => render(job('{"openapi": "2"}')), Invalid);
  assert.throws(() => render(job("{")), Invalid);
  const twice = '{"openapi": "3.0.0", "components": {"schemas": {"a-b": {}, "A_b": {}, "aB": {}, "AB": {}}}}';
  assert.throws(() => render(job(twice)), /would both be the type `AB`/);
});
