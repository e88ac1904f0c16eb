//! Synthetic permits tied to the published annual figures.
//!
//! For every commune, year and dwelling type from 2013 to 2024 the dwellings and the floor area of the
//! permits that were not cancelled add up exactly to the published figures ([`plan`]); cancelled permits
//! come on top. Sites opened or completed after [`SITES_REPORTED_UNTIL`] are not reported yet, as in the
//! published figures. No person is named: companies are numbered, their SIREN lie in a fictitious block.

mod applicant;
mod draws;
mod dwellings;
mod kind;
mod office;
mod others;
mod permit;
mod plan;
mod progress;
mod project;
mod site;

use jiff::civil::Date;

use self::draws::Draws;
use self::office::Office;
pub(super) use self::permit::Permit;
use super::{TableRows, figures};

/// File of the calibrated permits.
pub(super) const FILE: &str = "permis_synthetiques";
/// File of the permits that only make the table larger.
pub(super) const BENCHMARK_FILE: &str = "permis_mesure";
/// Last day of the authorisations: the synthetic extract is of October 2026.
pub(super) const EXTRACTED: Date = Date::constant(2026, 10, 31);
/// Last day for which openings and completions of sites are reported.
pub(super) const SITES_REPORTED_UNTIL: Date = Date::constant(2023, 12, 31);

/// Rows a chunk: about two megabytes, which the allocator reuses from chunk to chunk.
const CHUNK: usize = 1_000;
const SEED: u64 = 247_700_594;

/// The permits of the demo: those calibrated on the published figures, then premises, sites and demolitions.
pub(super) fn calibrated() -> Vec<Permit> {
    let mut draws = Draws::seeded(SEED);
    let orders = plan::orders(&mut draws);
    let mut office = Office::new(FILE, 1, draws);
    let mut permits = Vec::new();
    for order in &orders {
        office.authorise_all(order, &mut permits);
    }
    for commune in figures::communes() {
        for year in 2013..=EXTRACTED.year() {
            office.authorise_others(commune, year, &mut permits);
        }
    }
    permits
}

/// As many permits as asked, drawn freely over the same communes, years and types.
///
/// Their numbers start where no calibrated permit comes to.
pub(super) fn benchmark(count: usize) -> impl Iterator<Item = Permit> {
    let mut office = Office::new(BENCHMARK_FILE, 50_000, Draws::seeded(SEED + 1));
    std::iter::repeat_with(move || office.authorise_any()).take(count)
}

/// `fact_permis` in chunks, made as they are asked for.
pub(super) fn in_chunks(
    mut permits: impl Iterator<Item = Permit>,
) -> impl Iterator<Item = TableRows> {
    std::iter::from_fn(move || {
        let rows: Vec<_> = permits.by_ref().take(CHUNK).map(Permit::row).collect();
        (!rows.is_empty()).then(|| TableRows {
            table: "fact_permis",
            columns: permit::columns(),
            rows,
        })
    })
}
