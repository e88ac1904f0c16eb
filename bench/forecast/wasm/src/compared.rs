//! One series fitted by both, and once more by each where they differ.

use augurs_prophet::{
    optimizer::{Algorithm, OptimizeOpts},
    wasmstan::WasmstanOptimizer,
};
use mg_forecast::prophet::MaximumPosterior;

use crate::{
    Failure,
    fit::{Fit, apart, fit},
};

/// A larger difference asks for an explanation.
pub(crate) const ENOUGH: f64 = 0.01;
/// Stan's limit ends Newton's method early on series of fifty years.
const NEWTON_STEPS: u32 = 50_000;

pub(crate) struct Compared {
    pub(crate) label: String,
    pub(crate) months: usize,
    pub(crate) ours: Fit,
    pub(crate) theirs: Fit,
    /// Asked where both are apart, or theirs is higher.
    pub(crate) again: Option<Again>,
}

pub(crate) struct Again {
    /// Our search from where theirs ended.
    pub(crate) from_theirs: Fit,
    /// Nothing where Stan aborts.
    pub(crate) newton: Option<Fit>,
}

pub(crate) fn compare(
    compiled: &WasmstanOptimizer,
    label: String,
    values: &[f64],
) -> Result<Compared, Failure> {
    // As Stan optimises unless it is told otherwise, and Prophet does not: augurs would add the Jacobian.
    let plain = OptimizeOpts {
        jacobian: Some(false),
        ..OptimizeOpts::default()
    };
    let ours = fit(MaximumPosterior, None, values, plain.clone())?;
    let theirs = fit(compiled.clone(), None, values, plain.clone())?;
    let higher = theirs.reached.log_density > ours.reached.log_density;
    let again = if higher || apart(&ours, &theirs) > ENOUGH {
        let start = Some(theirs.reached.at.clone());
        let newton = OptimizeOpts {
            algorithm: Some(Algorithm::Newton),
            iter: Some(NEWTON_STEPS),
            ..plain.clone()
        };
        Some(Again {
            from_theirs: fit(MaximumPosterior, start, values, plain)?,
            newton: fit(compiled.clone(), None, values, newton).ok(),
        })
    } else {
        None
    };
    Ok(Compared {
        label,
        months: values.len(),
        ours,
        theirs,
        again,
    })
}
