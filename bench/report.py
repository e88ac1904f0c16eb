"""The results of peers.py as Markdown."""

import statistics

# A measure, its unit, and how its numbers are written: less is better in all of them.
MEASURES = {
    "initialize": ("spawn → initialize, ms", "{:.1f}"),
    "first_result": ("spawn → first result, ms", "{:.1f}"),
    "select_1": ("SELECT 1, ms", "{:.3f}"),
    "rows_1000": ("1,000 rows, ms", "{:.2f}"),
    "rows_100000": ("100,000 rows, ms", "{:.0f}"),
    "idle_mb": ("memory before the first call, MB", "{:.1f}"),
    "peak_mb": ("peak memory, MB", "{:.1f}"),
    "tools_list_bytes": ("tools/list, bytes", "{:,}"),
    "rows_1000_bytes": ("1,000 rows, bytes", "{:,}"),
    "rows_100000_bytes": ("100,000 rows, bytes", "{:,}"),
}
OURS = "mg-sql"
# Where no peer may be better. The list of tools is shown but not among them: a server with one tool has the shortest.
TO_BEAT = [measure for measure in MEASURES if measure != "tools_list_bytes"]


def markdown(results):
    parts = [
        f"{results['processors']} processors, load {results['load_before']:.1f} before and {results['load_after']:.1f} "
        "after. Medians, where there are two numbers with the 95th percentile. × is a peer's number over mg-sql's."
    ]
    for engine in ("PostgreSQL", "SQLite"):
        servers = [server for server in results["servers"] if server["engine"] == engine]
        parts += [f"### {engine}", table(servers), *troubles(servers)]
    parts += ["### Targets", targets(results)]
    return "\n\n".join(parts)


def table(servers):
    """A row a measure, a column a server, ours first."""
    ours = servers[0]
    lines = ["| | " + " | ".join(server["name"] for server in servers) + " |"]
    lines.append("|---|" + "---|" * len(servers))
    for measure, (label, form) in MEASURES.items():
        cells = [cell(server, ours, measure, form) for server in servers]
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cell(server, ours, measure, form):
    value = middle(server, measure)
    if value is None:
        return "–"
    text = form.format(value)
    if isinstance(server[measure], dict):
        text += " / " + form.format(server[measure]["p95"])
    if server is not ours and middle(ours, measure):
        text += f" (×{value / middle(ours, measure):.1f})"
    return text


def middle(server, measure):
    value = server.get(measure)
    return value["median"] if isinstance(value, dict) else value


def troubles(servers):
    return [f"{server['name']}: {server['trouble']}" for server in servers if server["trouble"]]


def targets(results):
    lines = ["| target | measured | limit | |", "|---|---|---|---|"]
    for label, measured, limit, form in [*beaten(results), *yardsticks(results), *sizes(results)]:
        verdict = "met" if measured <= limit else "**missed**"
        lines.append(f"| {label} | {form.format(measured)} | {form.format(limit)} | {verdict} |")
    return "\n".join(lines)


def beaten(results):
    """Our number and the best peer's."""
    for engine in ("PostgreSQL", "SQLite"):
        servers = [server for server in results["servers"] if server["engine"] == engine]
        ours = next(server for server in servers if server["name"] == OURS)
        for measure in TO_BEAT:
            label, form = MEASURES[measure]
            others = [middle(server, measure) for server in servers if server is not ours]
            others = [value for value in others if value is not None]
            if others and middle(ours, measure) is not None:
                yield f"{engine}: {label}, at most the best peer's", middle(ours, measure), min(others), form


def yardsticks(results):
    rows = results["beside_libpq"]
    yield "100,000 rows over libpq's cursor", rows["mg_sql"]["median"] / rows["libpq"]["median"], 2, "{:.2f}"
    ratio = statistics.median(over_bare(start) for start in results["beside_bare"])
    yield "SELECT 1 less an empty call, over the bare sequence", ratio, 1.3, "{:.2f}"


def over_bare(start):
    ours = start["select_1"]["median"] - start["empty_call"]["median"]
    return ours / start["bare"]["median"]


def sizes(results):
    servers = {(server["name"], server["engine"]): server for server in results["servers"]}
    for engine in ("PostgreSQL", "SQLite"):
        ours, dbhub = servers[OURS, engine], servers["dbhub", engine]
        yield f"{engine}: idle memory, MB", ours["idle_mb"], 12, "{:.1f}"
        yield f"{engine}: peak with 100,000 rows spooled, MB", results["spooled"][engine]["peak_mb"], 60, "{:.1f}"
        if "rows_1000_bytes" in dbhub:
            yield f"{engine}: 1,000 rows over dbhub's bytes", ours["rows_1000_bytes"] / dbhub["rows_1000_bytes"], 1 / 3, "{:.2f}"
