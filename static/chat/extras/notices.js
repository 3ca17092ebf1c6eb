// Desktop notifications and the sound. The user asks for them in the account menu.

import { summaryOf } from "../core/files.js";
import { plainTextOf } from "../core/formatting.js";
import { mentionsIn } from "../core/mentions.js";
import { titleOf } from "../core/room-list.js";
import { isNews } from "../core/unread.js";

const PREVIEW = 140; // characters of a message
const PAUSE_OF_SOUND = 2_000; // ms

/** Whether a message is one that the user wants to be told of. */
export function isWanted(room, line, you) {
  if (!isNews(line, you) || room.level === "nothing") return false;
  return room.kind === "direct" || room.level === "all" || mentionsIn(line, you).length > 0;
}

/** The message of which the user is told: the newest mention, or else the newest one that is wanted. */
export function choose(room, lines, you) {
  const wanted = lines.filter((line) => isWanted(room, line, you));
  return wanted.findLast((line) => mentionsIn(line, you).length > 0) ?? wanted.at(-1);
}

/** {title, body} of a notification. */
export function describeNotice(room, line) {
  const { name } = line;
  const text = summaryOf({ ...line, text: plainTextOf(line) });
  const title = room.kind === "direct" && room.people.length < 2 ? name : `${name} in ${titleOf(room)}`;
  const body = text.length > PREVIEW ? `${text.slice(0, PREVIEW)}…` : text;
  return { title, body };
}

export class Notices {
  #account;
  #open;
  #isFirst; // whether this tab shows the notifications of all tabs
  #soundAt = 0;

  /** `open(room)` shows a room, when its notification was clicked. */
  constructor({ account, open }) {
    this.#account = account;
    this.#open = open;
    this.#isFirst = !navigator.locks;
    // Browsers give the lock to one tab, and to the next one when that is closed.
    this.#hold("notices", "exclusive", () => {
      this.#isFirst = true;
      return new Promise(() => {});
    });
    this.#holdWhileVisible();
    document.addEventListener("visibilitychange", () => this.#holdWhileVisible());
  }

  /** Tell the user of a message, unless some tab of the site is visible. */
  async tell(room, line, { you, desktop, sound }) {
    if (!this.#isFirst || (await this.#isVisible())) return;
    if (sound) this.#play();
    if (!desktop || globalThis.Notification?.permission !== "granted") return;
    const { title, body } = describeNotice(room, line);
    // Browsers show one notification for a tag, also if several tabs ask for it. A later message
    // does not take the place of a mention.
    const kind = mentionsIn(line, you).length > 0 ? ".mention" : "";
    const notice = new Notification(title, { body, tag: `chatsite.${room.id}${kind}` });
    notice.onclick = () => {
      window.focus();
      notice.close();
      this.#open(room);
    };
  }

  #name(what) {
    return `chatsite.${this.#account}.${what}`;
  }

  #hold(what, mode, until) {
    navigator.locks?.request(this.#name(what), { mode }, until);
  }

  #holdWhileVisible() {
    if (document.hidden) return;
    this.#hold("visible", "shared", () => {
      if (document.hidden) return undefined;
      return new Promise((done) => {
        document.addEventListener("visibilitychange", done, { once: true });
      });
    });
  }

  async #isVisible() {
    if (!document.hidden) return true;
    const held = (await navigator.locks?.query())?.held ?? [];
    return held.some(({ name }) => name === this.#name("visible"));
  }

  #play() {
    if (Date.now() - this.#soundAt < PAUSE_OF_SOUND) return;
    this.#soundAt = Date.now();
    const context = new AudioContext();
    const tone = context.createOscillator();
    const volume = context.createGain();
    const { currentTime: now } = context;
    tone.frequency.setValueAtTime(660, now);
    tone.frequency.setValueAtTime(880, now + 0.09);
    volume.gain.setValueAtTime(0.12, now);
    volume.gain.exponentialRampToValueAtTime(0.001, now + 0.35);
    tone.connect(volume).connect(context.destination);
    tone.start();
    tone.stop(now + 0.35);
    tone.onended = () => context.close();
  }
}
