"""Our forecasts of single model forms beside those of statsforecast and Prophet for the same forms.

usage: agreement.py SERIES.csv OURS.csv (written by the example `agreement`)

A difference is the mean absolute one over the twelve steps, relative to the mean size of the peer's forecast. What
is apart by more than 1 % is listed with what explains it: both models maximise the same likelihood (exponential
smoothing) or posterior (Prophet), so that whoever got higher found the fit that the other missed. For Prophet, Stan's
Newton method is asked too (Prophet itself asks it below 100 observations, L-BFGS from there on), and a third program
for the maximum itself. The likelihoods of CES differ a little (complex_smoothing.py): both weights are put into both.
"""

import os

for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import csv
import logging
import statistics
import sys
import warnings

import numpy
import pandas
from prophet import Prophet

import complex_smoothing
import peers
import posterior
import series as benchmark

MONTHS = 12
ENOUGH = 0.01


def ets(one, form):
    """`ETS(M Ad A)` is statsforecast's model MAA, damped."""
    from statsforecast.models import AutoETS

    error, trend, season = form[4:-1].split(" ")
    damped = None if trend == "N" else len(trend) == 2
    model = AutoETS(season_length=MONTHS, model=error + trend[0] + season, damped=damped)
    model.fit(numpy.array(one.past))
    one.aicc = model.model_["aicc"]
    return model.predict(h=MONTHS)["mean"]


def ces(one, form):
    from statsforecast.models import AutoCES

    model = AutoCES(season_length=MONTHS, model=form[0]).fit(numpy.array(one.past))
    one.weights = [value for value in model.model_["par"].values() if not numpy.isnan(value)]
    return model.predict(h=MONTHS)["mean"]


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


def prophet(one, _, **options):
    months = pandas.date_range(f"{peers.FIRST_YEAR}-01-01", periods=len(one.past) + MONTHS, freq="MS")
    one.prophet = Prophet(weekly_seasonality=False, daily_seasonality=False, uncertainty_samples=0)
    one.known = pandas.DataFrame({"ds": months[: len(one.past)], "y": one.past})
    one.ahead = pandas.DataFrame({"ds": months[len(one.past) :]})
    one.prophet.fit(one.known, **options)
    one.posterior = float(one.prophet.params["lp__"][0][0])
    return one.prophet.predict(one.ahead)["yhat"].to_numpy()


def explained(name, one, row, ours):
    """What is known of a difference, in words."""
    explain = {"ets": explained_ets, "ces": explained_ces, "prophet": explained_prophet}.get(name)
    return explain(one, row, ours) if explain else ""


def explained_ets(one, row, _):
    return f"AICc {float(row['aicc']):.2f}, statsforecast's {one.aicc:.2f}"


def explained_ces(one, row, _):
    form, *ours = row["form"].split(" ")
    if form == "N":
        return ""
    ours = [float(weight) for weight in ours]

    def reached(weights, going_on):
        return complex_smoothing.likelihood(numpy.array(one.past), MONTHS, form, weights, going_on)

    return (
        f"n ln of the squares by our turn {reached(ours, False):.2f}, with statsforecast's weights "
        f"{reached(one.weights, False):.2f}; by its turn {reached(ours, True):.2f} and {reached(one.weights, True):.2f}"
    )


def explained_prophet(one, _, ours):
    def apart(theirs):
        return abs(ours - theirs).mean() / abs(theirs).mean()

    default = one.posterior
    newton = prophet(one, None, algorithm="Newton", iter=50_000)
    highest, one.prophet.params = posterior.maximum(one.prophet.preprocess(one.known))
    third = one.prophet.predict(one.ahead)["yhat"].to_numpy()
    return (
        f"{len(one.past)} months, log posterior {default:.2f}, by Newton {one.posterior:.2f} (ours is "
        f"{apart(newton):.2%} from its forecast), at the maximum {highest:.2f} ({apart(third):.2%})"
    )


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
    logging.getLogger("cmdstanpy").disabled = True
    everything = {(one.dataset, one.id): one for one in benchmark.read(sys.argv[1])}
    differences, times = {name: [] for name in PEERS}, {name: [] for name in PEERS}
    with open(sys.argv[2], newline="") as file:
        for row in csv.DictReader(file):
            one = everything[row["dataset"], row["id"]]
            theirs = numpy.array(PEERS[row["model"]](one, row["form"]))
            ours = numpy.array([float(value) for value in row["points"].split()])
            difference = abs(ours - theirs).mean() / abs(theirs).mean()
            label = f"{row['dataset']} {row['id']} {row['form']}".strip()
            if difference > ENOUGH:
                label += f": {explained(row['model'], one, row, ours)}"
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
            print(f"- {name} {difference:.2%} {label}")


if __name__ == "__main__":
    main()
