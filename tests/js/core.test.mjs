import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const CORE = new URL("../../static/chat/core/", import.meta.url);
const BROWSER = /\b(document|window|navigator|location|localStorage|sessionStorage)\b/;

for (const name of readdirSync(CORE)) {
  test(`${name} needs neither a browser nor a module outside of core`, () => {
    const source = readFileSync(new URL(name, CORE), "utf8");
    const code = source.replace(/^\s*(\/\/|\/\*\*|\*).*$/gm, "");
    const imports = [...code.matchAll(/ from "([^"]+)"/g)].map(([, path]) => path);

    assert.doesNotMatch(code, BROWSER);
    for (const path of imports) assert.match(path, /^\.\/[a-z-]+\.js$/);
  });
}
