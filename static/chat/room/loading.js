// Runs before the modules of the room, as a classic script, so that it works when one of them
// cannot be loaded. Until the room has started it stores what is written, and says when a part of
// the page is missing.
{
  const root = document.documentElement;
  let earlier; // the draft of the page before a reload, see core/draft.js

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
  addEventListener("error", noteFailure, true); // such events do not bubble
  addEventListener("submit", reload);
}
