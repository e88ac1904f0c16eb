"""Pages whose content a script fetches, by Playwright: playwright_pages.py PROGRAM fresh|kept URL...

`fresh`: a context and a page for each address, as its guide advises. `kept`: one context, whose pages are used again.
"""

import asyncio
import sys

from playwright.async_api import async_playwright

CONCURRENCY = 4


async def render(page, url):
    await page.goto(url, wait_until="commit")
    await page.wait_for_selector("article", state="attached")
    return (await page.content()).count("<article>")


async def render_fresh(browser, urls):
    slots = asyncio.Semaphore(CONCURRENCY)

    async def one(url):
        async with slots:
            context = await browser.new_context()
            found = await render(await context.new_page(), url)
            await context.close()
            return found

    return await asyncio.gather(*map(one, urls))


async def render_kept(browser, urls):
    context = await browser.new_context()
    left = iter(urls)

    async def window():
        page = await context.new_page()
        return [await render(page, url) for url in left]

    return sum(await asyncio.gather(*(window() for _ in range(CONCURRENCY))), [])


async def main():
    program, which, *urls = sys.argv[1:]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program)
        found = await {"fresh": render_fresh, "kept": render_kept}[which](browser, urls)
        await browser.close()
    print(sum(1 for articles in found if articles == 30))


if __name__ == "__main__":
    asyncio.run(main())
