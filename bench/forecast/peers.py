"""Forecasts of statsforecast's models and of Prophet, each series and model timed alone in one thread.

usage: peers.py SERIES.csv FOLDER [MODEL...]

Writes FOLDER/<model>.csv (dataset,id,model,step,point,lower95,upper95) and FOLDER/<model>.cpu.csv (dataset,id,seconds).
A model whose files are whole is not run again; a run that was broken off goes on after the last whole series.
"""

import os

for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import csv
import logging
import pathlib
import sys
import time
import warnings

import numpy

import series as benchmark

# Prophet takes an order of magnitude longer: every so many series of a monthly group, from the first on.
EVERY_FOR_PROPHET = 6
# The models have no dates: a month is the first of one, from this year on.
FIRST_YEAR = 1980


def statsforecast_model(name):
    from statsforecast import models

    kinds = {
        "ETS": models.AutoETS,
        "DOTM": models.DynamicOptimizedTheta,
        "Theta": models.Theta,
        "CES": models.AutoCES,
    }

    def forecast(one):
        model = kinds[name](season_length=one.period)
        answer = model.forecast(y=numpy.array(one.past), h=one.horizon, level=[95])
        return answer["mean"], answer["lo-95"], answer["hi-95"]

    return forecast


def prophet_model(name):
    import pandas
    from prophet import Prophet

    logging.getLogger("cmdstanpy").disabled = True

    def forecast(one):
        months = pandas.date_range(f"{FIRST_YEAR}-01-01", periods=len(one.past) + one.horizon, freq="MS")
        past = pandas.DataFrame({"ds": months[: len(one.past)], "y": one.past})
        model = Prophet(weekly_seasonality=False, daily_seasonality=False, interval_width=0.95)
        numpy.random.seed(1)
        model.fit(past)
        answer = model.predict(pandas.DataFrame({"ds": months[len(one.past) :]}))
        return answer["yhat"], answer["yhat_lower"], answer["yhat_upper"]

    return forecast


MODELS = {name: statsforecast_model for name in ("Theta", "DOTM", "ETS", "CES")} | {"Prophet": prophet_model}


def wanted(name, everything):
    if name != "Prophet":
        return everything
    monthly = [one for one in everything if one.frequency == "M"]
    return [
        one
        for group in benchmark.groups(monthly)
        for one in [one for one in monthly if one.group == group][::EVERY_FOR_PROPHET]
    ]


def done(path):
    """The series whose time was written, which is after their forecast."""
    if not path.exists():
        return set()
    with open(path, newline="") as file:
        return {(row[0], row[1]) for row in csv.reader(file)}


def run(name, everything, folder):
    forecast = MODELS[name](name)
    times = folder / f"{name}.cpu.csv"
    ready = done(times)
    left = [one for one in wanted(name, everything) if (one.dataset, one.id) not in ready]
    if not left:
        return
    forecast(left[0])  # compiles what is compiled at the first call
    with open(folder / f"{name}.csv", "a", newline="") as rows, open(times, "a", newline="") as seconds:
        for count, one in enumerate(left, 1):
            begin = time.thread_time()
            try:
                point, lower, upper = forecast(one)
            except Exception as error:  # told, and left out of this model's scores
                print(f"{name} {one.dataset} {one.id}: {error}", file=sys.stderr)
                continue
            spent = time.thread_time() - begin
            writer = csv.writer(rows)
            for step, values in enumerate(zip(point, lower, upper), 1):
                writer.writerow([one.dataset, one.id, name, step, *(f"{value:.10g}" for value in values)])
            rows.flush()
            csv.writer(seconds).writerow([one.dataset, one.id, f"{spent:.6f}"])
            seconds.flush()
            if count % 100 == 0:
                print(f"{name}: {count} of {len(left)}", file=sys.stderr)


def main():
    warnings.filterwarnings("ignore")
    path, folder, *names = sys.argv[1:]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    everything = benchmark.read(path)
    order = benchmark.groups(everything)
    everything.sort(key=lambda one: order.index(one.group))
    for name in names or MODELS:
        run(name, everything, folder)


if __name__ == "__main__":
    main()
