// Runs before the modules of the room, as a classic script, so that it works when one of them
// cannot be loaded. Until the room has started it stores what is written, and says when a part of
// the page is missing.
{
  const root = document.documentElement;
  let earlierDraft; // of the page before a reload

  const hasStarted = () => root.dataset.loading === "done";

  const storeDraft = ({ target }) => {
    if (hasStarted() || !target.matches("[data-composer] textarea")) return;
    const key = `chatsite.${target.closest("[data-room]").dataset.account}.draft`;
    try {
      earlierDraft ??= JSON.parse(sessionStorage.getItem(key)) ?? "";
      const texts = [earlierDraft, target.value].filter(Boolean);
      sessionStorage.setItem(key, JSON.stringify(texts.join("\n")));
    } catch {
      // The browser forbids storage.
    }
  };

  const noteFailure = ({ target }) => {
    if (target.rel === "stylesheet") root.dataset.styles = "failed";
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
