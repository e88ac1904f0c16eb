// Runs in a world of its own beside the page's scripts, which cannot replace what is called here.
// Waits for what the spider wants, does what it declares, and tells the document as it then is.
async (wishes) => {
  const end = performance.now() + wishes.patience;
  const within = (most) => Math.max(0, Math.min(most, end - performance.now()));
  const pause = (most) => new Promise((done) => setTimeout(done, within(most)));

  // Whether `test` holds within so many milliseconds: looked at whenever the document changes.
  const becomes = (test, most) => new Promise((done) => {
    if (test()) return done(true);
    const stop = (answer) => { observer.disconnect(); clearTimeout(timer); done(answer); };
    const observer = new MutationObserver(() => { if (test()) stop(true); });
    const timer = setTimeout(() => stop(false), within(most));
    observer.observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
  });
  const changes = (most) => {
    let first = true;
    return becomes(() => !first || (first = false), most);
  };
  const quiet = async (time) => { while (within(1) && await changes(time)); };
  const loaded = async (test) => {
    const is = () => document.readyState === "complete" || test();
    if (is()) return;
    await Promise.race([
      new Promise((done) => addEventListener("load", done, { once: true })),
      becomes(is, Infinity),
    ]);
  };
  const find = (selector) => () => document.querySelector(selector) !== null;

  const wanted = wishes.wait_for === null ? null : find(wishes.wait_for);
  await loaded(wanted ?? (() => false));
  let awaited = true;
  if (wanted) awaited = await becomes(wanted, wishes.selector_patience);
  else await quiet(wishes.quiet);

  for (let turn = 0; turn < wishes.scroll && within(1); turn++) {
    scrollTo(0, document.documentElement.scrollHeight);
    if (await changes(wishes.reaction)) await quiet(wishes.quiet);
  }
  for (let turn = 0; wishes.click_more && turn < wishes.most_clicks && within(1); turn++) {
    const more = document.querySelector(wishes.click_more);
    if (!more || more.disabled || !more.checkVisibility()) break;
    more.click();
    if (!await changes(wishes.reaction)) break;
    await quiet(wishes.quiet);
  }
  if (wishes.wait_ms) await pause(wishes.wait_ms);

  const html = document.documentElement?.outerHTML ?? "";
  const found = { url: location.href, awaited, characters: html.length,
    status: performance.getEntriesByType("navigation")[0]?.responseStatus ?? 0 };
  if (html.length <= wishes.most_characters) found.html = (document.doctype ? "<!DOCTYPE html>" : "") + html;
  return found;
}
