// Who signs out leaves no drafts behind for the next person at this browser.

for (const form of document.querySelectorAll("[data-sign-out]")) {
  form.addEventListener("submit", () => {
    try {
      sessionStorage.clear();
    } catch {
      // it was forbidden, so there is nothing in it
    }
  });
}
