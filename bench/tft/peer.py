"""Trains the TFT of neuralforecast on one group of series: `peer.py SERIES.csv DATASET STEPS`, a line of Markdown."""

import csv
import sys
import time
import warnings

import numpy
import pandas
import torch
from neuralforecast import NeuralForecast
from neuralforecast.losses.pytorch import MAE
from neuralforecast.models import TFT

PERIOD = 12


def cases(path, dataset):
    """Identifier, training values, test values of the monthly series of a data set."""
    csv.field_size_limit(10_000_000)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if row["dataset"] == dataset and row["freq"] == "M":
                yield row["id"], *(numpy.array(row[part].split(), float) for part in ("train", "test"))


def main(path, dataset, steps):
    warnings.filterwarnings("ignore")
    torch.set_num_threads(2)
    known = list(cases(path, dataset))
    horizon = len(known[0][2])
    frames = [
        pandas.DataFrame(
            {"unique_id": name, "ds": pandas.date_range("1980-01-01", periods=len(train), freq="MS"), "y": train}
        )
        for name, train, _ in known
    ]
    model = TFT(
        h=horizon,
        input_size=2 * horizon,
        hidden_size=32,
        n_head=4,
        dropout=0.1,
        attn_dropout=0.1,
        learning_rate=1e-3,
        max_steps=int(steps),
        batch_size=32,
        windows_batch_size=128,
        scaler_type="standard",
        loss=MAE(),
        random_seed=1,
        enable_progress_bar=False,
        logger=False,
        accelerator="cpu",
    )
    begun, spent = time.time(), time.process_time()
    forecaster = NeuralForecast(models=[model], freq="MS")
    forecaster.fit(pandas.concat(frames))
    said = forecaster.predict()
    said = dict(tuple(said.groupby("unique_id")))
    errors = []
    for name, train, test in known:
        scale = numpy.mean(numpy.abs(train[PERIOD:] - train[:-PERIOD]))
        errors.append(numpy.mean(numpy.abs(test - said[name]["TFT"].to_numpy())) / scale)
    parameters = sum(tensor.numel() for tensor in model.parameters())
    print(
        f"| {dataset} | neuralforecast 3.3.0 | {len(known)} | {numpy.mean(errors):.4f} | {parameters}"
        f" | {time.process_time() - spent:.0f} | {time.time() - begun:.0f} |"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
