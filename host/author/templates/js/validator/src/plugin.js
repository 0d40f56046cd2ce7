// Finds what was left to do: a file of the pack with `TODO` or `FIXME` in it would hand the work to whoever uses the
// pack.

const TODO = "PLUGIN_NAME/todo";

/** @type {import("../packbox/packbox.js").Rule[]} */
export const rules = [
  {
    id: TODO,
    summary: "no unfinished parts are left in the pack",
    severity: "warning",
    help:
      "Whoever generates from a pack gets its unfinished parts, too. Finish them, or say in an issue what is\n" +
      "missing. `words` are those that mark such a place.",
    options: { words: ["TODO", "FIXME"] },
    files: ["**"],
  },
];

/**
 * Checks a pack against all rules.
 *
 * @param {import("../packbox/packbox.js").Pack} pack
 * @param {Record<string, any>} options those of each rule
 * @returns {import("../packbox/packbox.js").Diagnostic[]}
 */
export function check(pack, options) {
  const words = options[TODO].words.filter((word) => word !== "");
  if (words.length === 0) return [];
  const mark = new RegExp(`\\b(?:${words.map(escape).join("|")})\\b`, "g");
  return pack.files
    .filter((file) => file.isText)
    .flatMap((file) =>
      [...file.text.matchAll(mark)].map((found) => ({
        rule: TODO,
        message: `\`${found[0]}\` marks something that is left to do`,
        help: "do it, or take the mark out",
        span: file.span(found.index, found.index + found[0].length),
      })),
    );
}

function escape(word) {
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
