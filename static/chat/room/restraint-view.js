// Shows what keeps the user from speaking in the room that is shown, until it ends by itself.

import { describeRestraint, leftText, nextChange, restraintIn } from "../core/restraints.js";
import { setText } from "./dom-updates.js";

export class RestraintView {
  #parts;
  #timer = null;

  /** `parts`: {find, chat, composer, formats, clock, changed()}. */
  constructor(parts) {
    this.#parts = parts;
  }

  update() {
    const { find, chat, composer, formats, clock, changed } = this.#parts;
    const now = clock.now();
    const { room, shown, you } = chat;
    const restraint = restraintIn(room, { spokeAt: shown.spokeAt(you, now, room?.slow), now });
    const isSlow = restraint?.kind === "slow";
    const text = room?.archived ? "" : describeRestraint(restraint, formats.moment);
    setText(find("restraint"), text);
    composer.restrain({
      closed: restraint !== null && !isSlow,
      left: isSlow ? leftText(restraint.until, now) : "",
    });
    clock.cancel(this.#timer);
    const pause = nextChange(restraint, now);
    this.#timer = pause === null ? null : clock.later(changed, pause);
  }
}
