// Runs before the modules of the room, as a classic script, so that it works when one of them
// cannot be loaded. Until the room has started it stores what is written, notes which button was
// clicked, and says when a part of the page is missing.
{
  const root = document.documentElement;
  let earlier; // the draft of the page before a reload, see core/draft.js
  let clicked = null; // the button that was clicked last, if nothing else was clicked after it

  const hasStarted = () => root.dataset.loading === "done";

  const storeDraft = ({ target }) => {
    if (hasStarted() || !target.matches("[data-composer] textarea")) return;
    const { account, roomId } = target.closest("[data-room]").dataset;
    const key = `chatsite.${account}.draft.${roomId}`;
    try {
      earlier ??= JSON.parse(localStorage.getItem(key)) ?? {};
      const text = [earlier.text, target.value].filter(Boolean).join("\n");
      localStorage.setItem(key, JSON.stringify({ ...earlier, text }));
    } catch {
      // The browser forbids storage.
    }
  };

  const noteClick = ({ target }) => {
    if (!hasStarted()) clicked = target.closest("[data-room] button[type=button]");
  };

  const repeatClick = () => {
    // A panel may have opened by itself.
    if (hasStarted() && clicked?.ariaExpanded !== "true") clicked?.click();
    clicked = null;
  };

  const noteFailure = ({ target }) => {
    if (target.rel === "stylesheet" && !target.dataset.isExtra) root.dataset.styles = "failed";
    const isScript = target === window || target.localName === "script";
    if (isScript && !hasStarted()) root.dataset.loading = "failed";
  };

  const reload = (event) => {
    if (!event.target.closest("[data-loading-reload]")) return;
    event.preventDefault();
    location.reload();
  };

  addEventListener("input", storeDraft);
  addEventListener("click", noteClick);
  new MutationObserver(repeatClick).observe(root, { attributeFilter: ["data-loading"] });
  addEventListener("error", noteFailure, true); // such events do not bubble
  addEventListener("submit", reload);
}
