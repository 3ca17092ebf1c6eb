"""Check that a page can be read and used at a size: nothing overlaps and nothing is cut off."""

# A difference of one pixel comes from rounding.
FIND_PROBLEMS = """
async (within) => {
  // What follows a change of sizes is done in the frames after it.
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const problems = [];
  const describe = ({ localName, className, textContent }) =>
    `${localName}.${className} ${textContent.trim().slice(0, 30)}`;
  const isClipped = (node) =>
    node && (getComputedStyle(node).clipPath !== "none" || isClipped(node.parentElement));
  const isVisible = (node) =>
    node.checkVisibility({ visibilityProperty: true }) && !isClipped(node) &&
    !node.closest("svg, [inert]");
  const check = (isRight, what) => isRight || problems.push(what);

  const { scrollWidth } = document.scrollingElement;
  check(scrollWidth <= innerWidth, `the page is ${scrollWidth} px wide`);
  // Long lines of code are scrolled in their block, which WCAG 1.4.10 allows.
  const scrolls = (node) => node && getComputedStyle(node).overflowX === "auto";
  const isCode = (node) => scrolls(node.closest("pre"));
  for (const node of [...document.body.querySelectorAll("*")].filter(isVisible)) {
    if (isCode(node)) continue;
    const { left, right } = node.getBoundingClientRect();
    check(left >= -1 && right <= innerWidth + 1, `sticks out: ${describe(node)}`);
    const { overflowX, overflowY } = getComputedStyle(node);
    const isCut = overflowX !== "visible" && node.scrollWidth > node.clientWidth + 1;
    check(!isCut || !node.clientWidth, `is cut off: ${describe(node)}`);
    const hidesRest = ["hidden", "clip"].includes(overflowY);
    const isLow = hidesRest && node.scrollHeight > node.clientHeight + 1;
    check(!isLow || !node.clientHeight, `is cut off below: ${describe(node)}`);
  }

  const kinds = ["a", "button", "input:not([type=hidden])", "textarea", "select", "summary"];
  const controls = [...document.querySelector(within).querySelectorAll(kinds)];
  const isForAll = ({ tabIndex }) => tabIndex >= 0; // the others repeat what is in a menu
  for (const control of controls.filter((one) => isVisible(one) && isForAll(one))) {
    control.scrollIntoView({ block: "nearest", inline: "nearest" });
    const [{ left, right, top, bottom, height }] = control.getClientRects();
    const middle = (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2;
    const hit = document.elementFromPoint((left + right) / 2, middle);
    const isHit = control.contains(hit) || hit?.contains(control) || control.labels?.[0] === hit;
    check(isHit, `cannot be reached: ${describe(control)}, because of ${hit && describe(hit)}`);
    const isInView = top >= -1 && bottom <= innerHeight + 1;
    check(isInView || height > innerHeight, `cannot be scrolled into view: ${describe(control)}`);
  }
  return problems;
}
"""


def set_text_size(page, percent):
    """Set the browser's own size of text, which style sheets see as the size of the root."""
    devtools = page.context.new_cdp_session(page)
    size = 16 * percent // 100
    devtools.send("Page.setFontSizes", {"fontSizes": {"standard": size, "fixed": size}})


def problems(page, within="body"):
    """Return what is wrong with a page at its present size.

    Links, buttons and fields have to be reachable only `within` the element with this selector.
    """
    page.wait_for_load_state()
    return page.evaluate(FIND_PROBLEMS, within)
