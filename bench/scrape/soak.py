"""A long crawl of a generated site: does memory stay flat, and throughput steady?

usage: soak.py --binaries FOLDER --scratch FOLDER [--pages 100000]
Prints Markdown: a line for each tenth of the crawl, memory after a third of it beside the end, then the sizes of what is
left on disk.
"""

import argparse
import os
import sqlite3
import subprocess
import time

import crawlers

# Seconds between two looks.
ROUND = 0.5


def worker_of(process):
    """The process that does the work: the one of `mg-scrape worker`."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as line, open(f"/proc/{entry}/environ", "rb") as environment:
                if b"\0worker\0" in line.read() and process.encode() in environment.read():
                    return int(entry)
        except OSError:
            pass  # it has ended
    return None


def resident(process):
    with open(f"/proc/{process}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


def pages_done(folder):
    """What the ledgers have counted so far."""
    done = 0
    for root, _, files in os.walk(os.path.join(folder, "data")):
        for file in (file for file in files if file.endswith((".db", ".sqlite"))):
            try:
                ledger = sqlite3.connect(f"file:{os.path.join(root, file)}?mode=ro", uri=True, timeout=5)
                done += ledger.execute("SELECT coalesce(sum(pages), 0) FROM run").fetchone()[0]
                ledger.close()
            except sqlite3.Error:
                pass  # none of ours, or not made yet
    return done


def ledger_size(folder):
    """Megabytes of the ledger, what waits in its log included."""
    place = os.path.join(folder, "data", "scrape")
    return sum(os.path.getsize(os.path.join(place, file)) for file in os.listdir(place) if "ledger.db" in file) / 1e6


def watch(crawl, folder):
    """(seconds, pages, megabytes of memory, megabytes of the ledger) until the crawl has ended."""
    started, looks, worker = time.monotonic(), [], None
    while crawl.poll() is None:
        time.sleep(ROUND)
        worker = worker or worker_of(folder)
        try:
            looks.append((time.monotonic() - started, pages_done(folder), resident(worker), ledger_size(folder)))
        except (OSError, TypeError, StopIteration):
            pass  # not there yet, or not there any more
    return looks


def tenths(looks, pages):
    print("| pages | pages a second | memory, MB | ledger, MB |\n|---|---|---|---|")
    before = (0, 0)
    for tenth in range(1, 11):
        reached = [look for look in looks if look[1] >= pages * tenth / 10]
        if not reached:
            break
        now = reached[0]
        rate = (now[1] - before[1]) / max(now[0] - before[0], 0.001)
        print(f"| {now[1]:,} | {rate:,.0f} | {now[2]:.1f} | {now[3]:.1f} |")
        before = now


def flatness(looks, pages):
    """Memory once a third is read, beside the most that there is from then on."""
    later = [memory for _, done, memory, _ in looks if done >= pages / 3]
    if later:
        print(f"\nmemory: {later[0]:.1f} MB after a third, {max(later):.1f} MB at most later (×{max(later) / later[0]:.2f})")


def sizes(folder):
    for root, _, files in os.walk(folder):
        for file in files:
            size = os.path.getsize(os.path.join(root, file)) / 1e6
            if size >= 0.1:
                yield f"{os.path.relpath(os.path.join(root, file), folder)}: {size:.1f} MB"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binaries", required=True)
    parser.add_argument("--scratch", required=True)
    parser.add_argument("--pages", type=int, default=100_000)
    options = parser.parse_args()
    with crawlers.Site(os.path.join(options.binaries, "mg-site"), options.pages) as site:
        work = crawlers.mg_scrape("soak", os.path.join(options.binaries, "mg-scrape"), options.binaries, site)
        folder = crawlers.fresh_folder(options.scratch)
        crawl = subprocess.Popen(work.command(folder), env=work.environment(folder), stdout=subprocess.PIPE)
        looks = watch(crawl, folder)
        told = crawl.stdout.read().decode()
        tenths(looks, options.pages)
        flatness(looks, options.pages)
        print(f"\n{work.count(folder, told):,} rows of {options.pages:,}, exit code {crawl.returncode}")
        print("\n".join(sizes(folder)))


if __name__ == "__main__":
    main()
