import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { foundPeople, hueOf, initialsOf, isYou, sortedPeople, withPresence } from "../../static/chat/core/people.js";
import { contrast, fromHex, fromOklch } from "./colours.mjs";

const NAMES = Array.from({ length: 2_000 }, (_, number) => `member${number}`);
const NEIGHBOURS = [
  ["ann", "anna"],
  ["ann", "Ann"],
  ["bob", "rob"],
  ["alice", "alicia"],
  ["user1", "user2"],
];

test("a name has two letters: its initials, or its beginning", () => {
  assert.equal(initialsOf("grace"), "Gr");
  assert.equal(initialsOf(" éva"), "Év");
  assert.equal(initialsOf("José María de la Cruz"), "JM");
  assert.equal(initialsOf("jean-luc_picard"), "JL");
  assert.equal(initialsOf("日本太郎"), "日本");
  assert.equal(initialsOf("x"), "X");
});

test("a letter is what a reader takes for one", () => {
  assert.equal(initialsOf("👩‍👩‍👧us"), "👩‍👩‍👧u");
  assert.equal(initialsOf("e\u0301a"), "E\u0301a");
});

test("a name without letters has a question mark", () => {
  assert.equal(initialsOf(""), "?");
  assert.equal(initialsOf("-"), "?");
});

test("names that are nearly equal have other hues", () => {
  for (const [one, other] of NEIGHBOURS) assert.notEqual(hueOf(one), hueOf(other), one);
});

test("names spread evenly over at least 24 hues", () => {
  const counts = new Map();
  for (const name of NAMES) counts.set(hueOf(name), (counts.get(hueOf(name)) ?? 0) + 1);
  const expected = NAMES.length / counts.size;
  assert.ok(counts.size >= 24);
  for (const count of counts.values()) {
    assert.ok(count > expected / 2 && count < expected * 2, `${count} of ${expected}`);
  }
});

test("a name of any hue can be read on every background, in both themes", () => {
  const names = pairOf("room/room.css", "person", String.raw`oklch\((\S+)% (\S+) var\(--hue\)\)`);
  for (const [theme, [, lightness, chroma]] of names.entries()) {
    for (const surface of ["paper", "mist", "fog"]) {
      const background = fromHex(pairOf("site.css", `raw-${surface}`, "(#[0-9a-f]{6})")[theme][1]);
      for (let hue = 0; hue < 360; hue += 10) {
        const ratio = contrast(fromOklch(lightness / 100, Number(chroma), hue), background);
        assert.ok(ratio >= 4.5, `hue ${hue} on ${surface} in theme ${theme}: ${ratio}`);
      }
    }
  }
});

test("all hues of a theme have nearly the same contrast to the page", () => {
  const names = pairOf("room/room.css", "person", String.raw`oklch\((\S+)% (\S+) var\(--hue\)\)`);
  for (const [theme, [, lightness, chroma]] of names.entries()) {
    const page = fromHex(pairOf("site.css", "raw-paper", "(#[0-9a-f]{6})")[theme][1]);
    const ratios = Array.from({ length: 36 }, (_, step) =>
      contrast(fromOklch(lightness / 100, Number(chroma), step * 10), page),
    );
    assert.ok(Math.max(...ratios) / Math.min(...ratios) < 1.25);
  }
});

test("people are sorted by name, as a reader of the language would, and oneself comes first", () => {
  const people = ["tim", "Émile", "bob10", "me", "bob9", "Alva", "fritz"].map((name) => ({ name }));
  const names = sortedPeople(people, "me", "en").map(({ name }) => name);
  assert.deepEqual(names, ["me", "Alva", "bob9", "bob10", "Émile", "fritz", "tim"]);
});

test("sorting leaves the given list alone", () => {
  const people = [{ name: "b" }, { name: "a" }];
  sortedPeople(people, null);
  assert.equal(people[0].name, "b");
});

test("a guest is not oneself, even with the same name", () => {
  assert.ok(isYou({ name: "me", guest: false }, "me"));
  assert.ok(!isYou({ name: "me", guest: true }, "me"));
});

test("people are found by any part of their name, whatever its case and accents", () => {
  const people = ["Émile", "emilia", "József", "tim"].map((name) => ({ name }));
  const found = (typed) => foundPeople(people, typed).map(({ name }) => name);
  assert.deepEqual(found("EMIL"), ["Émile", "emilia"]);
  assert.deepEqual(found(" jozs "), ["József"]);
  assert.deepEqual(found("ém"), ["Émile", "emilia"]);
  assert.deepEqual(found("x"), []);
  assert.equal(found("").length, 4);
});

/** The matches of `pattern` in the light and the dark value of a custom property. */
function pairOf(sheet, property, pattern) {
  const source = readFileSync(new URL(`../../static/chat/${sheet}`, import.meta.url), "utf8");
  const value = source.match(new RegExp(`--${property}: (var\\(--light.*);`))[1];
  const matches = [...value.matchAll(new RegExp(pattern, "g"))];
  assert.equal(matches.length, 2, value);
  return matches;
}

test("members who are not online come after the others", () => {
  const members = [
    { name: "amy", guest: false, online: true },
    { name: "bob", guest: false, online: false },
    { name: "tim", guest: true, online: true },
  ];
  const here = [{ name: "bob", guest: false }, { name: "amy", guest: true }];
  const present = withPresence(members, here);

  assert.deepEqual(present.map(({ online }) => online), [false, true, true]);
  assert.deepEqual(sortedPeople(present, "me").map(({ name }) => name), ["bob", "tim", "amy"]);
});
