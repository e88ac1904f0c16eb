"""Accuracy of forecasts beside each other, as the M4 competition measures it, and what they cost.

usage: score.py SERIES.csv PEERS_FOLDER OURS.csv OURS.txt

OURS.csv is what the example `accuracy --forecasts` wrote, OURS.txt what it printed (for the CPU times). The
medians of the peers are made here from their forecasts: point by point and bound by bound.
"""

import csv
import pathlib
import statistics
import sys

import numpy

import series as benchmark

PEERS = ["ETS", "DOTM", "Theta", "CES"]
MEDIANS = {"median of 4": PEERS, "median without Theta": ["ETS", "DOTM", "CES"]}
OURS = ["auto", "ets", "dotm", "theta", "ces", "arima", "mstl", "prophet"]


def forecasts(path):
    """Model, data set and id to a matrix of points, lower and upper bounds."""
    found = {}
    with open(path, newline="") as file:
        for dataset, id, model, step, *values in csv.reader(file):
            if step == "step":
                continue
            found.setdefault((model, dataset, id), []).append([float(value) for value in values])
    return {key: numpy.array(rows).T for key, rows in found.items()}


def peer_times(folder, model):
    path = folder / f"{model}.cpu.csv"
    if not path.exists():
        return {}
    with open(path, newline="") as file:
        return {(row[0], row[1]): float(row[2]) for row in csv.reader(file)}


def our_times(path):
    """Group and model to CPU seconds for 1,000 series, from the printed table."""
    rows = [line.strip("| \n").split("|") for line in open(path) if line.startswith("|")]
    return {(row[0].strip(), row[1].strip()): float(row[8]) for row in rows[2:]}


def naive2(one):
    past, period = numpy.array(one.past), one.period
    indices = numpy.ones(period)
    if period > 1 and seasonal(past, period):
        half = numpy.r_[0.5, numpy.ones(period - 1), 0.5] / period
        trend = numpy.convolve(past, half, "valid")
        ratios = past[period // 2 : period // 2 + len(trend)] / trend
        seasons = (numpy.arange(len(trend)) + period // 2) % period
        indices = numpy.array([ratios[seasons == season].mean() for season in range(period)])
        indices /= indices.mean()
    last = past[-1] / indices[(len(past) - 1) % period]
    return numpy.array([last * indices[(len(past) + step) % period] for step in range(one.horizon)])


def seasonal(past, period):
    if len(past) < 3 * period:
        return False
    centred = past - past.mean()
    correlations = [(centred[lag:] * centred[:-lag]).sum() / (centred**2).sum() for lag in range(1, period + 1)]
    limit = 1.645 * ((1 + 2 * sum(value**2 for value in correlations[:-1])) / len(past)) ** 0.5
    return abs(correlations[-1]) > limit


def scores(one, forecast):
    """sMAPE, MASE, coverage and MSIS at 95 %."""
    future, past = numpy.array(one.future), numpy.array(one.past)
    point, lower, upper = forecast
    period = one.period if len(past) > one.period else 1
    scale = abs(past[period:] - past[:-period]).mean()
    size = abs(future) + abs(point)
    smape = (200 * abs(future - point) / numpy.where(size > 0, size, 1)).mean()
    outside = numpy.maximum(lower - future, 0) + numpy.maximum(future - upper, 0)
    return (
        smape,
        abs(future - point).mean() / scale,
        ((lower <= future) & (future <= upper)).mean(),
        (upper - lower + 40 * outside).mean() / scale,
    )


def row(label, members, found, yardstick, seconds):
    """A row of the table over the series that have a forecast; the yardstick over the same ones."""
    own = [scores(one, found[one.dataset, one.id]) for one in members if (one.dataset, one.id) in found]
    if not own:
        return None
    base = [yardstick[one.dataset, one.id] for one in members if (one.dataset, one.id) in found]
    smape, mase, coverage, msis = numpy.mean(own, axis=0)
    owa = statistics.mean([smape / numpy.mean([b[0] for b in base]), mase / numpy.mean([b[1] for b in base])])
    cost = f"{seconds:.2f}" if seconds is not None else ""
    return f"| {label} | {len(own)} | {smape:.3f} | {mase:.3f} | {owa:.3f} | {coverage:.3f} | {msis:.2f} | {cost} |"


def main():
    path, folder, ours, printed = sys.argv[1:]
    folder = pathlib.Path(folder)
    everything = benchmark.read(path)
    found = forecasts(ours)
    for model in [*PEERS, "Prophet"]:
        if (folder / f"{model}.csv").exists():
            found |= forecasts(folder / f"{model}.csv")
    times = {model: peer_times(folder, model) for model in [*PEERS, "Prophet"]}
    printed = our_times(printed)
    yardstick = {}
    for one in everything:
        point = naive2(one)
        yardstick[one.dataset, one.id] = scores(one, (point, point, point))
    for group in benchmark.groups(everything):
        members = [one for one in everything if one.group == group]
        keys = {(one.dataset, one.id) for one in members}
        name = f"{group[0]} {benchmark.FREQUENCIES[group[1]]}"
        print(f"\n### {name}\n\n| model | series | sMAPE | MASE | OWA | cover 95 % | MSIS | CPU s / 1,000 |")
        print("|---|---:|---:|---:|---:|---:|---:|---:|")

        def of(model):
            return {key: found[(model, *key)] for key in keys if (model, *key) in found}

        def cost(model):
            spent = [times[model][key] for key in keys if key in times[model]]
            return 1_000 * statistics.mean(spent) if spent else None

        for model in OURS:
            label = " ".join((group[0], group[1]))
            print_row(row(f"**{model}**", members, of(model), yardstick, printed.get((label, model))))
        for model in PEERS:
            print_row(row(f"statsforecast {model}", members, of(model), yardstick, cost(model)))
        for label, names in MEDIANS.items():
            parts = [of(model) for model in names]
            whole = set.intersection(*(set(part) for part in parts))
            median = {key: numpy.median([part[key] for part in parts], axis=0) for key in whole}
            costs = [cost(model) for model in names]
            total = sum(costs) if None not in costs else None
            print_row(row(f"statsforecast {label}", members, median, yardstick, total))
        theirs = of("Prophet")
        if theirs:
            subset = [one for one in members if (one.dataset, one.id) in theirs]
            print_row(row("Prophet (a sixth)", subset, theirs, yardstick, cost("Prophet")))
            for model in ("auto", "prophet"):
                print_row(row(f"**{model}** (the same sixth)", subset, of(model), yardstick, None))


def print_row(text):
    if text:
        print(text)


if __name__ == "__main__":
    main()
