"""Complex exponential smoothing with seasons once more: the weights of two programs put into one definition.

Both smooth the series to its end, back and forth again from where that ends. They differ in how they turn round:
mg-forecast takes the states as they are, statsforecast lets each of them go one step on first, without an error.
"""

import numpy
from statsmodels.tsa.seasonal import seasonal_decompose


class States:
    """Levels and seasons are rows of value and potential; a form `S` has a level for every season, and no seasons."""

    def __init__(self, past, period, form, weights):
        self.alpha, self.beta, self.form = weights[:2], [*weights[2:], 0.0, 0.0][:2], form
        level = past[:period] if form == "S" else past[:period].mean(keepdims=True)
        self.levels = numpy.column_stack([level, level / 1.1])
        season = numpy.zeros(period) if form == "S" else seasonal_decompose(past, period=period).seasonal[:period]
        self.seasons = numpy.column_stack([season, season / 1.1 * (form == "F")])

    def expected(self, index):
        return self.levels[index % len(self.levels), 0] + self.seasons[index % len(self.seasons), 0]

    def learn(self, index, error):
        level, season = index % len(self.levels), index % len(self.seasons)
        self.levels[level] = smoothed(self.levels[level], self.alpha, error)
        if self.form == "P":
            self.seasons[season, 0] += self.beta[0] * error
        elif self.form == "F":
            self.seasons[season] = smoothed(self.seasons[season], self.beta, error)

    def go_on(self):
        """All of them by one step without an error."""
        self.levels = smoothed(self.levels.T, self.alpha, 0.0).T
        if self.form == "F":
            self.seasons = smoothed(self.seasons.T, self.beta, 0.0).T


def smoothed(state, weights, error):
    (level, potential), (real, imaginary) = state, weights
    return numpy.array([
        level - (1 - imaginary) * potential + (real - imaginary) * error,
        level + (1 - real) * potential + (real + imaginary) * error,
    ])


def likelihood(past, period, form, weights, going_on):
    """What both minimise: n times the logarithm of the sum of squares."""
    states = States(past, period, form, weights)
    there = range(len(past))
    for way in (there, reversed(there), there):
        squares = 0.0
        for index in way:
            error = past[index] - states.expected(index)
            states.learn(index, error)
            squares += error * error
        if going_on:
            states.go_on()
    return len(past) * numpy.log(squares)
