// Runs in a world of its own beside the page's scripts, which cannot replace what is called here.
// Waits for what the spider wants, does what it declares, and tells the document as it then is.
async (wishes) => {
  const end = performance.now() + wishes.patience;
  const within = (most) => Math.max(0, Math.min(most, end - performance.now()));

  // Until the document changes; whether it did within so many milliseconds.
  const changes = (most) => new Promise((done) => {
    const stop = (answer) => { observer.disconnect(); clearTimeout(timer); done(answer); };
    const observer = new MutationObserver(() => stop(true));
    const timer = setTimeout(() => stop(false), within(most));
    observer.observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
  });
  const becomes = async (test, most) => {
    const last = performance.now() + most;
    while (!test()) if (!await changes(last - performance.now())) return false;
    return true;
  };
  // Until nothing has changed for a while; a page that never rests is waited for no longer than for a selector.
  const quiet = async () => {
    const last = performance.now() + wishes.wait;
    while (performance.now() < last && await changes(wishes.quiet));
  };

  // What the window shows before the page comes; it goes, and this script with it.
  if (location.href === "about:blank") await new Promise((done) => setTimeout(done, within(wishes.wait)));

  const selector = wishes.wait_for;
  const wanted = () => selector !== null && document.querySelector(selector) !== null;
  const loaded = new Promise((done) => addEventListener("load", done, { once: true }));
  if (document.readyState !== "complete") await Promise.race([loaded, becomes(wanted, within(Infinity))]);
  // What is wanted may be there before the rest of its document.
  const parsed = new Promise((done) => {
    addEventListener("DOMContentLoaded", done, { once: true });
    setTimeout(done, within(wishes.wait));
  });
  if (document.readyState === "loading") await parsed;
  let awaited = true;
  if (selector !== null) awaited = await becomes(wanted, wishes.wait);
  else await quiet();

  for (let turn = 0; turn < wishes.scroll && within(1); turn++) {
    scrollTo(0, document.documentElement.scrollHeight);
    if (await changes(wishes.reaction)) await quiet();
  }
  for (let turn = 0; wishes.click_more && turn < wishes.most_clicks && within(1); turn++) {
    const more = document.querySelector(wishes.click_more);
    if (!more || more.disabled || !more.checkVisibility()) break;
    more.click();
    if (!await changes(wishes.reaction)) break;
    await quiet();
  }

  const html = document.documentElement?.outerHTML ?? "";
  const found = { url: location.href, awaited, characters: html.length,
    status: performance.getEntriesByType("navigation")[0]?.responseStatus ?? 0 };
  if (html.length <= wishes.most_characters) found.html = (document.doctype ? "<!DOCTYPE html>" : "") + html;
  return found;
}
