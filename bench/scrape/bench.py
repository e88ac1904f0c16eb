"""mg-scrape beside Scrapy on a site of pages, and beside Playwright on pages made by scripts, in one run.

usage: bench.py --binaries FOLDER --without-spider BINARY --peers FOLDER --scratch FOLDER --results FILE
`run.sh` builds and installs what this needs. Prints Markdown, writes JSON.
"""

import argparse
import json
import os
import statistics
import sys

import crawlers
import measure
import report

PAGES = 2_000
SCRIPTED = 50


def measured(works, wanted, rounds, scratch):
    """Each work so many times, in turns, so that a busy moment hits them all."""
    results = {work.name: {"runs": [], "trouble": None} for work in works}
    for number in range(rounds):
        for work in works:
            result = results[work.name]
            if result["trouble"]:
                continue
            print(f"{work.name}, round {number + 1}", file=sys.stderr)
            try:
                result["runs"].append(once(work, wanted, scratch))
            except (measure.Failed, OSError, ValueError) as failure:
                result["trouble"] = str(failure)
    return results


def once(work, wanted, scratch):
    folder = crawlers.fresh_folder(scratch)
    run = measure.run(work.command(folder), work.environment(folder))
    done = work.count(folder, run.pop("output"))
    if done != wanted:
        raise measure.Failed(f"{done} of {wanted} are there")
    return {**run, "done": done, "per_second": done / run["wall"], "cpu_ms": run["cpu"] / done * 1000}


def crawls(options):
    with crawlers.Site(os.path.join(options.binaries, "mg-site"), PAGES) as site:
        ours = os.path.join(options.binaries, "mg-scrape")
        works = [
            crawlers.mg_scrape("mg-scrape", ours, options.binaries, site),
            crawlers.mg_scrape("without engine-spider", options.without_spider, options.binaries, site),
            crawlers.scrapy(os.path.join(options.peers, "bin"), site),
        ]
        return measured(works, PAGES, options.rounds, options.scratch)


def browsers(options):
    python = os.path.join(options.peers, "bin")
    example = os.path.join(options.binaries, "examples", "render")
    with crawlers.Site(os.path.join(options.binaries, "mg-site"), 1) as site:
        urls = [f"{site.base}/script/{number}" for number in range(SCRIPTED)]
        works = [
            crawlers.our_browser("mg-scrape, headless shell", example, crawlers.SHELL, urls),
            crawlers.our_browser("mg-scrape, Chromium", example, crawlers.FULL, urls),
            crawlers.playwright("Playwright, headless shell", python, crawlers.SHELL, "fresh", urls),
            crawlers.playwright("Playwright, Chromium", python, crawlers.FULL, "fresh", urls),
            crawlers.playwright("Playwright, headless shell, pages kept", python, crawlers.SHELL, "kept", urls),
            crawlers.playwright("Playwright, Chromium, pages kept", python, crawlers.FULL, "kept", urls),
        ]
        return measured(works, SCRIPTED, options.rounds, options.scratch)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--binaries", "--without-spider", "--peers", "--scratch", "--results"):
        parser.add_argument(name, required=True)
    parser.add_argument("--profile", default="release")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["crawls", "browsers"])
    options = parser.parse_args()
    results = {"profile": options.profile, "processors": os.cpu_count(), "load_before": os.getloadavg()[0]}
    for name, part in (("crawls", crawls), ("browsers", browsers)):
        if options.only in (None, name):
            results[name] = part(options)
    results["load_after"] = os.getloadavg()[0]
    with open(options.results, "w") as file:
        json.dump(results, file, indent=1)
    print(report.markdown(results, statistics.median))


if __name__ == "__main__":
    main()
