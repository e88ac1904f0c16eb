"""The maximum of Prophet's posterior by a third program, SciPy's L-BFGS-B.

The prior of the changes of the slope has a kink at 0, on which Newton's method and L-BFGS stop. A change written as
the difference of two numbers that are not negative has none.
"""

import numpy
from scipy.optimize import minimize

SLOPE, NOISE = 5.0, 0.5  # standard deviations of Prophet's priors
LEAST_NOISE = 1e-5


def maximum(inputs):
    """The logarithm of the density there and Prophet's parameters, for linear growth with seasons added."""
    t, y, changes = numpy.array(inputs.t), numpy.array(inputs.y), len(inputs.t_change)
    bends = numpy.clip(t[:, None] - inputs.t_change, 0, None)
    design = numpy.column_stack([t, numpy.ones(len(t)), bends, -bends, numpy.array(inputs.X)])
    precision = numpy.r_[numpy.full(2, SLOPE**-2), numpy.zeros(2 * changes), numpy.array(inputs.sigmas) ** -2.0]
    linear = numpy.r_[numpy.zeros(2), numpy.full(2 * changes, 1 / inputs.tau), numpy.zeros(inputs.K)]

    def cost(at):
        weights, sigma = at[1:], numpy.exp(at[0])
        residuals = y - design @ weights
        squares = residuals @ residuals / sigma**2
        value = len(y) * at[0] + squares / 2 + (sigma / NOISE) ** 2 / 2 + weights**2 @ precision / 2 + linear @ weights
        slope = -design.T @ residuals / sigma**2 + precision * weights + linear
        return value, numpy.r_[len(y) - squares + (sigma / NOISE) ** 2, slope]

    start = numpy.r_[numpy.log(y.std()), 0.0, y.mean(), numpy.zeros(len(linear) - 2)]
    free, positive = [(None, None)], [(0, None)]
    bounds = [(numpy.log(LEAST_NOISE), None)] + free * 2 + positive * 2 * changes + free * inputs.K
    options = {"maxiter": 100_000, "maxfun": 1_000_000, "maxcor": 50, "ftol": 1e-14, "gtol": 1e-8}
    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    k, m, up, down, beta = numpy.split(found.x[1:], [1, 2, 2 + changes, 2 + 2 * changes])
    parameters = {"k": k, "m": m, "delta": up - down, "beta": beta, "sigma_obs": numpy.exp(found.x[:1])}
    return -found.fun, {name: values.reshape(1, -1) for name, values in parameters.items()}
