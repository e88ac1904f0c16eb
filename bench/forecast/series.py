"""The series of the benchmark: one a line, dataset, id, frequency, period, horizon, past and future values."""

import csv
import sys
from dataclasses import dataclass

csv.field_size_limit(sys.maxsize)

# Tables are printed in this order.
FREQUENCIES = {"M": "monthly", "Q": "quarterly", "Y": "yearly", "W": "weekly", "O": "other"}
DATASETS = ["m3", "tourism", "m1", "m4w"]


@dataclass
class Series:
    dataset: str
    id: str
    frequency: str
    period: int
    horizon: int
    past: list
    future: list

    @property
    def group(self):
        return (self.dataset, self.frequency)


def read(path):
    def numbers(text):
        return [float(value) for value in text.split()]

    with open(path, newline="") as file:
        return [
            Series(
                row["dataset"], row["id"], row["freq"], int(row["m"]), int(row["h"]),
                numbers(row["train"]), numbers(row["test"]),
            )
            for row in csv.DictReader(file)
        ]


def groups(series):
    """The groups there are, in the order of the tables."""
    order = list(FREQUENCIES)
    found = {one.group for one in series}
    return sorted(found, key=lambda group: (DATASETS.index(group[0]), order.index(group[1])))
