// The part of the room's menu with which moderators change its rules.

const SPEEDS = { 0: "Off", 10: "10 seconds", 30: "30 seconds", 60: "1 minute", 300: "5 minutes", 900: "15 minutes" };

export class RoomRules {
  #form;

  /**
   * `ask(fields, expected)` sends a request about the room that is shown, whose summary then has the
   * expected fields.
   */
  constructor(form, ask) {
    this.#form = form;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", ({ target: { name, value, checked } }) => {
      const { expected, ...request } = requestFor(name, value, checked);
      ask({ type: "moderate", ...request }, expected);
    });
  }

  update({ moderate = [], slow = 0, locked, by_request: byRequest }) {
    const form = this.#form;
    const rules = [...form.querySelectorAll("[data-rule]")];
    for (const rule of rules) rule.hidden = !moderate.includes(rule.dataset.rule);
    form.hidden = rules.every(({ hidden }) => hidden);
    if (form.hidden) return;
    const field = form.elements.slow;
    if (field.value !== String(slow)) fillSpeeds(field, slow);
    form.elements.lock.checked = Boolean(locked);
    form.elements.by_request.checked = Boolean(byRequest);
  }
}

function requestFor(name, value, checked) {
  if (name === "slow") {
    const duration = value === "0" ? {} : { duration: `${value}s` };
    return { action: "slow", ...duration, expected: { slow: Number(value) } };
  }
  if (name === "lock") return { action: checked ? "lock" : "unlock", expected: { locked: checked } };
  return { action: checked ? "by_request" : "not_by_request", expected: { by_request: checked } };
}

/** Slow mode may have another time than those that are offered. */
function fillSpeeds(field, slow) {
  const offered = slow in SPEEDS ? SPEEDS : { ...SPEEDS, [slow]: `${slow} seconds` };
  const options = Object.entries(offered).map(([value, label]) => new Option(label, value));
  field.replaceChildren(...options);
  field.value = String(slow);
}
