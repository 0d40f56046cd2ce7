
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const rows = [...document.querySelectorAll(".file")];
  const search = byId("search"), found = byId("found"), all = byId("all"), theme = byId("theme"), keys = byId("keys");
  const root = document.documentElement;
  byId("tools").hidden = false;

  // What can be searched in a row: made once, when somebody first searches.
  let texts = null;
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    texts ??= rows.map((row) => row.textContent.toLowerCase());
    let count = 0;
    rows.forEach((row, at) => {
      row.hidden = !words.every((word) => texts[at].includes(word));
      if (!row.hidden) count += 1;
    });
    found.textContent = words.length === 0 ? "" : `${count} of ${rows.length} files`;
  };
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, rows.length > 500 ? 150 : 0);
  });

  const shown = () => rows.filter((row) => !row.hidden);
  const focus = (row) => {
    const line = row?.querySelector("summary");
    line?.focus({ preventScroll: true });
    line?.scrollIntoView({ block: "nearest" });
  };
  const move = (step) => {
    const visible = shown();
    const here = visible.indexOf(document.activeElement?.closest(".file"));
    const next = here < 0 ? (step > 0 ? 0 : visible.length - 1) : here + step;
    focus(visible[Math.min(Math.max(next, 0), visible.length - 1)]);
  };

  const toggleAll = () => {
    const details = shown().map((row) => row.firstElementChild);
    const open = details.some((one) => !one.open);
    details.forEach((one) => { one.open = open; });
    all.textContent = open ? "Close all" : "Open all";
  };
  all.addEventListener("click", toggleAll);

  const isDark = () => root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const name = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  const toggleTheme = () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
  };
  theme.addEventListener("click", toggleTheme);
  name();

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const on = document.activeElement;
    if (on === search) {
      if (event.key === "Escape") {
        search.value = "";
        filter();
        search.blur();
      } else if (event.key === "Enter" || event.key === "ArrowDown") {
        clearTimeout(waiting);
        filter();
        focus(shown()[0]);
      } else {
        return;
      }
      event.preventDefault();
      return;
    }
    const onFile = on?.tagName === "SUMMARY" && on.closest(".file");
    if (event.key === "j" || (event.key === "ArrowDown" && onFile)) move(1);
    else if (event.key === "k" || (event.key === "ArrowUp" && onFile)) move(-1);
    else if (event.key === "/") search.focus();
    else if (event.key === "o") toggleAll();
    else if (event.key === "t") toggleTheme();
    else if (event.key === "?") {
      keys.open = !keys.open;
      keys.firstElementChild.focus();
    } else return;
    event.preventDefault();
  });
})();
