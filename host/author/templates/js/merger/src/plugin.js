// Makes one list of settings, as in a `.env` file, of those of several packs.

import { Invalid } from "../packbox/packbox.js";

/** @type {import("../packbox/packbox.js").Policy[]} */
export const policies = [
  {
    name: "merge-env",
    summary: "settings of all owners, each once",
    help:
      "For files of lines like `PORT=8080`. The first owner's lines come first, in their order. A setting\n" +
      "that an owner adds brings the comments above it along. Two values of one setting are a conflict,\n" +
      "but for `last_wins`.",
    options: { last_wins: false },
  },
];

/**
 * Merges one file.
 *
 * @param {import("../packbox/packbox.js").MergeJob} job
 * @returns {import("../packbox/packbox.js").Merging}
 */
export function merge(job) {
  const lines = [];
  const mistakes = [];
  job.sides.forEach((file, side) => {
    file.lines.forEach((raw, index) => {
      const text = raw.trim();
      const isSetting = text !== "" && !text.startsWith("#");
      const name = isSetting ? /^([A-Za-z]\w*)=/.exec(text)?.[1] : undefined;
      const span = file.lineSpan(index + 1);
      if (isSetting && name === undefined) {
        mistakes.push({
          rule: "PLUGIN_NAME/syntax",
          message: "this line is neither a comment nor a setting",
          help: "settings look like `PORT=8080`",
          span,
        });
        return;
      }
      const known = lines.find((line) => (isSetting ? line.name === name : text !== "" && line.text === text));
      if (known === undefined) {
        // One empty line is enough.
        if (text === "" && (lines.at(-1)?.text ?? "") === "") return;
        lines.push({ text, name, owners: [side], places: [span], clashes: false });
        return;
      }
      known.places.push(span);
      if (known.text === text) known.owners.push(side);
      else if (job.options.last_wins) Object.assign(known, { text, owners: [side] });
      else known.clashes = true;
    });
  });
  if (mistakes.length > 0) throw new Invalid(...mistakes);
  const conflicts = lines
    .filter((line) => line.clashes)
    .map(({ name, places }) => ({
      subject: name,
      message: "the owners want different values",
      help: "agree on one, or set the option `last_wins`",
      places,
    }));
  if (conflicts.length > 0) return { conflicts };
  return { pieces: lines.map(({ text, owners }) => ({ text: `${text}\n`, owners })) };
}
