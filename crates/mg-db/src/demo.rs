//! The content of the demo database: genuine figures, and synthetic permits calibrated on them.
//!
//! Pure: no file, no clock, and the same rows at every call. Genuine are the annual figures, the
//! national series, the populations and the code labels (`data/*.csv`, third-party copies that were
//! not compared with the producer's site); permits, development zones and targets are fictitious and
//! say so. `permits` tells how the synthetic permits are tied to the genuine figures.

mod calendar;
mod codes;
mod coverage;
mod facts;
mod figures;
mod permits;
mod places;
mod sources;
mod targets;

use crate::value::Value;

/// What the demo database shall hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoOptions {
    /// How many permits in all, for benchmarks; those beyond the calibrated ones are drawn freely
    /// and no published figure holds for them. 0 asks for the calibrated demo alone.
    pub extra_permits: usize,
    /// When the rows are loaded: ISO 8601 in UTC, at most 25 characters.
    pub loaded_at: String,
}

/// Rows of one table, ready to insert.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRows {
    /// The table's name.
    pub table: &'static str,
    /// The columns given; those left out keep their default.
    pub columns: &'static [&'static str],
    /// The rows, each with one value a column.
    pub rows: Vec<Vec<Value>>,
}

/// Every row of the demo, in the order of the foreign keys.
///
/// Permits come in chunks of a thousand rows that are made as they are asked for, so
/// that a million of them never sit in memory at once.
pub fn tables(options: &DemoOptions) -> impl Iterator<Item = TableRows> + use<> {
    let calibrated = permits::calibrated();
    let benchmark = options.extra_permits.saturating_sub(calibrated.len());
    let permit_rows = [
        (permits::FILE, calibrated.len()),
        (permits::BENCHMARK_FILE, benchmark),
    ];
    let before = [
        places::communes(),
        places::territories(),
        calendar::dates(),
        codes::labels(),
        places::development_zones(),
        sources::files(&permit_rows, &options.loaded_at),
        coverage::coverage(&permit_rows),
        facts::annual(),
        facts::series(),
        facts::population(),
        targets::targets(),
    ];
    let permits = calibrated.into_iter().chain(permits::benchmark(benchmark));
    before.into_iter().chain(permits::in_chunks(permits))
}
