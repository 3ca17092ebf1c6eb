// Applies the theme and the layout that were chosen in this browser. This is a classic script in the
// head, so that the page is drawn in that look from the beginning.

(() => {
  const choices = {
    // The admin site stores its theme under the same key, with the same values.
    theme: { key: "theme", values: ["auto", "light", "dark"] },
    layout: { key: "chatsite.layout", values: ["compact", "roomy"] },
  };
  const { dataset } = document.documentElement;

  function applyStored() {
    for (const [name, { key, values }] of Object.entries(choices)) {
      let stored = dataset[name];
      try {
        stored = localStorage.getItem(key);
      } catch {
        // The browser forbids storage, so a choice holds until the page is left.
      }
      dataset[name] = values.includes(stored) ? stored : values[0];
    }
    for (const input of document.querySelectorAll("[data-appearance] input")) {
      input.checked = dataset[input.name] === input.value;
    }
  }

  function choose({ target: { form, name, value } }) {
    if (!form?.matches("[data-appearance]")) return;
    dataset[name] = value;
    try {
      localStorage.setItem(choices[name].key, value);
    } catch {
      // As above.
    }
  }

  applyStored();
  addEventListener("storage", applyStored); // another tab has chosen
  addEventListener("pageshow", applyStored); // also for a page that was left and is shown again
  document.addEventListener("change", choose);
})();
