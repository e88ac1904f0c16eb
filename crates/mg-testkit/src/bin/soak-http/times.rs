//! How times are told.

use std::time::Duration;

/// Prints rate, median and tail.
pub(crate) fn tell(what: &str, took: Duration, times: &mut [Duration]) {
    times.sort_unstable();
    let at =
        |part: usize| times[(times.len() * part / 1000).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!(
        "{what}: {:.0} calls a second, median {:.2} ms, 99 % within {:.2} ms",
        times.len() as f64 / took.as_secs_f64(),
        at(500),
        at(990),
    );
}
