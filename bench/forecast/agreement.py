"""Our forecasts of single model forms beside those of statsforecast and Prophet for the same forms.

usage: agreement.py SERIES.csv OURS.csv (written by the example `agreement`)

A difference is the mean absolute one over the twelve steps, relative to the mean size of the peer's forecast.
"""

import os

for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import csv
import statistics
import sys
import warnings

import numpy

import peers
import series as benchmark

MONTHS = 12
ENOUGH = 0.01


def ets(one, form):
    """`ETS(M Ad A)` is statsforecast's model MAA, damped."""
    from statsforecast.models import AutoETS

    error, trend, season = form[4:-1].split(" ")
    model = AutoETS(season_length=MONTHS, model=error + trend[0] + season, damped=len(trend) == 2 if trend != "N" else None)
    return model.forecast(y=numpy.array(one.past), h=MONTHS)["mean"]


def ces(one, form):
    from statsforecast.models import AutoCES

    return AutoCES(season_length=MONTHS, model=form).forecast(y=numpy.array(one.past), h=MONTHS)["mean"]


def statsforecast(name):
    def forecast(one, _):
        from statsforecast import models

        return getattr(models, name)(season_length=MONTHS).forecast(y=numpy.array(one.past), h=MONTHS)["mean"]

    return forecast


def naive2(one, _):
    """As the M4 competition's benchmark: a test at 90 %, seasons by a centred moving average, multiplied."""
    past = numpy.array(one.past)
    indices = numpy.ones(MONTHS)
    if seasonal(past):
        half = numpy.r_[0.5, numpy.ones(MONTHS - 1), 0.5] / MONTHS
        trend = numpy.convolve(past, half, "valid")
        ratios = past[MONTHS // 2 : MONTHS // 2 + len(trend)] / trend
        months = (numpy.arange(len(trend)) + MONTHS // 2) % MONTHS
        indices = numpy.array([ratios[months == month].mean() for month in range(MONTHS)])
        indices /= indices.mean()
    last = past[-1] / indices[(len(past) - 1) % MONTHS]
    return [last * indices[(len(past) + step) % MONTHS] for step in range(MONTHS)]


def seasonal(past):
    if len(past) < 3 * MONTHS:
        return False
    centred = past - past.mean()
    correlations = [(centred[lag:] * centred[:-lag]).sum() / (centred**2).sum() for lag in range(1, MONTHS + 1)]
    limit = 1.645 * ((1 + 2 * sum(value**2 for value in correlations[:-1])) / len(past)) ** 0.5
    return abs(correlations[-1]) > limit


def prophet(one, _):
    one.horizon = MONTHS
    return peers.prophet_model("Prophet")(one)[0]


PEERS = {
    "ets": ets,
    "theta": statsforecast("Theta"),
    "dotm": statsforecast("DynamicOptimizedTheta"),
    "ces": ces,
    "naive2": naive2,
    "prophet": prophet,
}


def main():
    warnings.filterwarnings("ignore")
    everything = {(one.dataset, one.id): one for one in benchmark.read(sys.argv[1])}
    differences, times = {name: [] for name in PEERS}, {name: [] for name in PEERS}
    with open(sys.argv[2], newline="") as file:
        for row in csv.DictReader(file):
            one = everything[row["dataset"], row["id"]]
            theirs = numpy.array(PEERS[row["model"]](one, row["form"]))
            ours = numpy.array([float(value) for value in row["points"].split()])
            difference = abs(ours - theirs).mean() / abs(theirs).mean()
            label = f"{row['dataset']} {row['id']} {row['form']}".strip()
            differences[row["model"]].append((difference, label))
            times[row["model"]].append(float(row["milliseconds"]))
    print("| model | series | within 1 % | median difference | largest | ours, median ms |\n|---|---:|---:|---:|---:|---:|")
    for name, found in differences.items():
        values = [difference for difference, _ in found]
        within = sum(value <= ENOUGH for value in values)
        print(
            f"| {name} | {len(found)} | {within} | {statistics.median(values):.4%} | {max(values):.2%} "
            f"| {statistics.median(times[name]):.2f} |"
        )
    for name, found in differences.items():
        apart = sorted((one for one in found if one[0] > ENOUGH), reverse=True)
        for difference, label in apart:
            print(f"{name}: {label}: {difference:.2%}")


if __name__ == "__main__":
    main()
