"""The results of bench.py as Markdown."""

# A measure, its label, how its numbers are written, and whether more is better.
MEASURES = {
    "per_second": ("pages a second", "{:,.1f}", True),
    "cpu_ms": ("CPU ms a page", "{:.2f}", False),
    "peak_mb": ("peak memory of the largest process, MB", "{:.1f}", False),
    "sum_mb": ("peak memory of all processes, shared pages once, MB", "{:.0f}", False),
}
TITLES = {
    "crawls": "2,001 pages, four fields each, 16 at once",
    "browsers": "50 pages whose content a script fetches, 4 at once",
}
# Ours, theirs, the measure, and how many times better ours should be.
TARGETS = [
    ("crawls", "mg-scrape", "Scrapy", "cpu_ms", 10),
    ("crawls", "mg-scrape", "Scrapy", "per_second", 10),
    ("crawls", "mg-scrape", "Scrapy", "peak_mb", 3),
    ("browsers", "mg-scrape, headless shell", "Playwright, headless shell", "per_second", 1.5),
    ("browsers", "mg-scrape, Chromium", "Playwright, Chromium", "per_second", 1.5),
    ("browsers", "mg-scrape, headless shell", "Playwright, headless shell, pages kept", "per_second", 1.5),
    ("browsers", "mg-scrape, Chromium", "Playwright, Chromium, pages kept", "per_second", 1.5),
]


def markdown(results, middle):
    parts = [
        f"{results['processors']} processors, load {results['load_before']:.1f} before and {results['load_after']:.1f} "
        f"after, profile {results['profile']}. Medians; × is how many times better the first column is."
    ]
    for name, title in TITLES.items():
        if name in results:
            medians = {work: medians_of(result, middle) for work, result in results[name].items()}
            parts += [f"### {title}", table(medians), *troubles(results[name])]
            parts += [targets(name, medians)]
    return "\n\n".join(part for part in parts if part)


def medians_of(result, middle):
    runs = result["runs"]
    return {measure: middle(run[measure] for run in runs) for measure in MEASURES} if runs else {}


def table(medians):
    first = next(iter(medians.values()))
    lines = ["| | " + " | ".join(medians) + " |", "|---|" + "---|" * len(medians)]
    for measure, (label, form, _) in MEASURES.items():
        cells = []
        for number, values in enumerate(medians.values()):
            if not values:
                cells.append("–")
                continue
            text = form.format(values[measure])
            if number and first:
                text += f" (×{better(first, values, measure):.1f})"
            cells.append(text)
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def better(ours, theirs, measure):
    more = MEASURES[measure][2]
    above, below = (ours, theirs) if more else (theirs, ours)
    return above[measure] / below[measure] if below[measure] else float("inf")


def troubles(works):
    return [f"{name}: {work['trouble']}" for name, work in works.items() if work["trouble"]]


def targets(part, medians):
    lines = []
    for where, ours, theirs, measure, times in TARGETS:
        if where == part and medians.get(ours) and medians.get(theirs):
            ratio = better(medians[ours], medians[theirs], measure)
            verdict = "met" if ratio >= times else "**missed**"
            label = MEASURES[measure][0]
            lines.append(f"| {label}, {ours} beside {theirs} | ×{ratio:.1f} | ×{times} | {verdict} |")
    return "\n".join(["| target | measured | at least | |", "|---|---|---|---|", *lines]) if lines else ""
