// Opens each page of a folder in Chromium, and ends with code 1 where something is wrong: `pages.mjs CHROMIUM PAGES PICTURES`.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";


const [chromium, folder, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
const wrong = [];

for (const file of readdirSync(folder).sort()) {
  const name = path.basename(file, ".html");
  for (const width of [390, 1400]) {
    for (const theme of ["light", "dark"]) {
      const page = await browser.newPage();
      const problem = (what) => wrong.push(`${name}, ${width} px, ${theme}: ${what}`);
      const asked = [];
      page.on("console", (message) => ["error", "warn"].includes(message.type()) && problem(`console: ${message.text()}`));
      page.on("pageerror", (error) => problem(`error: ${error}`));
      page.on("request", (request) => asked.push(request.url()));
      await page.setViewport({ width, height: 900 });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
      const began = performance.now();
      await page.goto(pathToFileURL(path.join(folder, file)).href, { waitUntil: "networkidle0" });
      const loaded = Math.round(performance.now() - began);
      if (asked.length !== 1) problem(`requests: ${asked.join(", ")}`);

      // Nothing is wider than the window.
      const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (excess > 0) problem(`${excess} px wider than the window`);
      const at = (step) => page.screenshot({ path: path.join(pictures, `${name}-${width}-${theme}-${step}.png`) });
      await at("closed");

      const state = () => page.evaluate(() => {
        const rows = [...document.querySelectorAll(".file")];
        const on = document.activeElement?.closest(".file");
        return {
          rows: rows.length,
          at: rows.indexOf(on),
          open: rows.filter((row) => row.firstElementChild.open).length,
          hidden: rows.filter((row) => row.hidden).length,
          search: document.activeElement?.id === "search",
          theme: getComputedStyle(document.body).backgroundColor,
        };
      });
      const expect = async (what, holds) => {
        const now = await state();
        if (!holds(now)) problem(`${what}: ${JSON.stringify(now)}`);
      };
      const before = await state();
      await page.keyboard.press("j");
      await expect("j goes to the first file", (now) => now.at === 0);
      await page.keyboard.press("Enter");
      await expect("Enter opens it", (now) => now.open === 1);
      await page.keyboard.press("Space");
      await expect("Space closes it", (now) => now.open === 0);
      if (before.rows > 1) {
        await page.keyboard.press("ArrowDown");
        await expect("the arrow goes on", (now) => now.at === 1);
        await page.keyboard.press("k");
        await expect("k goes back", (now) => now.at === 0);
      }
      await page.keyboard.press("/");
      await expect("/ searches", (now) => now.search);
      await page.keyboard.type("qqzzqq");
      const typed = performance.now();
      const nothing = () => document.getElementById("found").textContent.startsWith("0 of");
      await page.waitForFunction(nothing, { timeout: 10_000 }).catch(() => problem("the search takes more than 10 s"));
      const searched = Math.round(performance.now() - typed);
      await expect("what is not found is hidden", (now) => now.hidden === now.rows);
      await page.keyboard.press("Escape");
      await expect("Escape ends the search", (now) => now.hidden === 0 && !now.search);
      await page.keyboard.press("t");
      await expect("t changes the theme", (now) => now.theme !== before.theme);
      await page.keyboard.press("t");
      await expect("t changes it back", (now) => now.theme === before.theme);
      await page.keyboard.press("?");
      if (!(await page.evaluate(() => document.getElementById("keys").open))) problem("? shows no keys");

      if (before.rows < 1000) {
        await page.evaluate(() => document.activeElement.blur());
        await page.keyboard.press("o");
        await expect("o opens all", (now) => now.open === now.rows);
        const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (excess > 0) problem(`open, ${excess} px wider than the window`);
        // What is far below the window is not drawn; a window as high as the page shows all of it.
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        await page.setViewport({ width, height: Math.min(height, 9000) });
        await at("open");
        // Over the DevTools protocol, which the page's policy does not bind.
        await page.evaluate(axe);
        const found = await page.evaluate(async () => {
          const { violations } = await window.axe.run(document);
          return violations.map((one) => `${one.impact} ${one.id}: ${one.nodes[0].html.slice(0, 200)} ${one.nodes[0].failureSummary}`);
        });
        for (const one of found) {
          if (/^(serious|critical)/.test(one)) problem(`axe: ${one}`);
          else console.log(`${name}, ${width} px, ${theme}: axe says, not serious: ${one}`);
        }
      }
      if (asked.length !== 1) problem(`requests, in the end: ${asked.join(", ")}`);
      console.log(`${name}, ${width} px, ${theme}: loaded in ${loaded} ms, searched in ${searched} ms, ${before.rows} files`);
      await page.close();
    }
  }
  // Without a script it can be read as well.
  const page = await browser.newPage();
  await page.setJavaScriptEnabled(false);
  await page.setViewport({ width: 390, height: 900 });
  await page.goto(pathToFileURL(path.join(folder, file)).href);
  await page.screenshot({ path: path.join(pictures, `${name}-390-without-script.png`) });
  await page.close();
}
await browser.close();
for (const one of wrong) console.error(one);
console.log(wrong.length === 0 ? "pages are sound" : `${wrong.length} problems`);
process.exit(wrong.length === 0 ? 0 : 1);
