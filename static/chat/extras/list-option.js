// An option in a list of choices that the arrow keys go through.

/** Return an option with its text and a note beside it. */
export function listOption(id, text, note) {
  const option = document.createElement("li");
  option.role = "option";
  option.id = id;
  option.className = "switcher-option";
  const title = document.createElement("bdi");
  title.textContent = text;
  const remark = document.createElement("span");
  remark.className = "switcher-note";
  remark.textContent = note;
  option.append(title, remark);
  return option;
}
