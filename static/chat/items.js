// What there is to show of a log: lines become days, groups of messages, and comings and goings.

const TOGETHER = 5 * 60_000; // messages of one person within that time are one group
const FEW = 3; // so many comings and goings in a row are shown one by one

/** Items in order, each with a `key` that stays the same while the item does. */
export function itemsOf(lines, pending, you) {
  const items = [];
  let day = null;
  let run = [];
  let previous = null;

  const endRun = () => {
    items.push(...itemsOfRun(run));
    run = [];
  };
  const turn = (at) => {
    const today = dayOf(at);
    if (day !== null && today <= day) return; // clocks differ: a day that is over does not return
    endRun();
    items.push({ type: "day", key: `day ${today}`, at });
    day = today;
    previous = null;
  };

  for (const line of lines) {
    if (line.kind === "entered" || line.kind === "left") {
      turn(line.at);
      run.push(line);
      previous = null;
    } else if (line.kind === "said") {
      turn(line.at);
      endRun();
      const own = !line.guest && line.name === you;
      items.push({
        type: "said",
        key: own && line.client_id ? line.client_id : `line ${line.seq}`,
        line,
        own,
        continued: follows(previous, line),
      });
      previous = line;
    } else if (line.kind === "notice") {
      turn(line.at);
      endRun();
      items.push({ type: "notice", key: `line ${line.seq}`, line });
      previous = null;
    }
  }
  for (const { client_id: id, text, at, state, why } of pending) {
    const line = { kind: "said", name: you ?? "", guest: false, text, at };
    turn(at);
    endRun();
    const continued = follows(previous, line);
    items.push({ type: "said", key: id, id, line, own: true, state, why, continued });
    previous = line;
  }
  endRun();
  return items;
}

function follows(previous, line) {
  return (
    previous !== null &&
    previous.name === line.name &&
    previous.guest === line.guest &&
    Math.abs(new Date(line.at) - new Date(previous.at)) < TOGETHER
  );
}

function itemsOfRun(run) {
  if (run.length > FEW) {
    return [{ type: "comings", key: `run ${run[0].seq}`, lines: run, pieces: summaryOf(run) }];
  }
  return run.map((line) => ({
    type: "comings",
    key: `line ${line.seq}`,
    lines: [line],
    pieces: [{ name: line.name }, ` ${line.kind}`],
  }));
}

/** "ann, bob and 3 others entered; carl left", in pieces: strings, and {name}. */
export function summaryOf(run) {
  const stories = { entered: [], left: [], "came and went": [], "came back": [] };
  for (const [name, kinds] of groupedByName(run)) stories[storyOf(kinds)].push(name);
  const told = Object.entries(stories).filter(([, names]) => names.length);
  return told.flatMap(([story, names], index) => [
    ...(index ? ["; "] : []),
    ...listOf(names),
    ` ${story}`,
  ]);
}

function groupedByName(run) {
  const kinds = new Map();
  for (const { name, kind } of run) kinds.set(name, [...(kinds.get(name) ?? []), kind]);
  return kinds;
}

function storyOf(kinds) {
  if (kinds[0] === kinds.at(-1)) return kinds[0];
  return kinds[0] === "entered" ? "came and went" : "came back";
}

function listOf(names) {
  const shown = (names.length > 3 ? names.slice(0, 2) : names).map((name) => ({ name }));
  const others = names.length - shown.length;
  if (others) shown.push(`${others} others`);
  return shown.flatMap((piece, index) => {
    if (index === 0) return [piece];
    return [index === shown.length - 1 ? " and " : ", ", piece];
  });
}

/** The day in the reader's own time zone, as YYYY-MM-DD. */
export function dayOf(at) {
  const date = new Date(at);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
