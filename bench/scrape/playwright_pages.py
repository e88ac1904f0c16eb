"""Pages whose content a script fetches, by Playwright, a fresh context each: playwright_pages.py PROGRAM URL..."""

import asyncio
import sys

from playwright.async_api import async_playwright

CONCURRENCY = 4


async def render(browser, slots, url):
    async with slots:
        context = await browser.new_context()
        page = await context.new_page()
        await page.goto(url, wait_until="commit")
        await page.wait_for_selector("article", state="attached")
        html = await page.content()
        await context.close()
        return html.count("<article>")


async def main():
    program, *urls = sys.argv[1:]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program)
        slots = asyncio.Semaphore(CONCURRENCY)
        found = await asyncio.gather(*(render(browser, slots, url) for url in urls))
        await browser.close()
    print(sum(1 for articles in found if articles == 30))


if __name__ == "__main__":
    asyncio.run(main())
