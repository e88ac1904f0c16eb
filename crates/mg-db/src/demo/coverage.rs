//! Which periods each file covers: within them a missing row means zero, outside nothing is known.

use super::figures::{self, MEASURES};
use super::{TableRows, permits, sources};

/// What one file covers: a measure (the column an indicator counts by) over one territory, first to last day.
type Span = (&'static str, &'static str, &'static str, String, String);

/// `source_couverture`: the periods in which a missing row means zero.
pub(super) fn coverage(permit_rows: &[(&'static str, usize)]) -> TableRows {
    let permits = permit_rows
        .iter()
        .filter(|(_, rows)| *rows > 0)
        .flat_map(|(file, _)| permit_coverage(file));
    let spans = annual_coverage()
        .chain(national_coverage())
        .chain(population_coverage())
        .chain(permits);
    let rows = spans.map(|(file, measure, territory, from, to)| {
        vec![
            file.into(),
            sources::title(file).into(),
            measure.into(),
            territory.into(),
            from.into(),
            to.into(),
        ]
    });
    TableRows {
        table: "source_couverture",
        columns: &["fichier_id", "jeu", "mesure", "territoire", "debut", "fin"],
        rows: rows.collect(),
    }
}

fn annual_coverage() -> impl Iterator<Item = Span> {
    let territories = figures::annual().chunk_by(|left, right| left.territory == right.territory);
    territories.flat_map(|years| {
        MEASURES.iter().enumerate().filter_map(|(index, measure)| {
            let mut published = years.iter().filter(|year| year.measures[index].is_some());
            let first = published.next()?;
            let last = published.next_back().unwrap_or(first);
            let (from, to) = (
                format!("{}-01-01", first.year),
                format!("{}-12-31", last.year),
            );
            Some((sources::ANNUAL, *measure, first.territory, from, to))
        })
    })
}

fn national_coverage() -> impl Iterator<Item = Span> {
    let series = ["logements_autorises_cumul12", "logements_commences_cumul12"];
    series.into_iter().map(|series| {
        (
            sources::NATIONAL,
            series,
            "FR",
            "2000-12-01".to_owned(),
            "2026-07-31".to_owned(),
        )
    })
}

fn population_coverage() -> impl Iterator<Item = Span> {
    let files = [
        (sources::POPULATION, "2018-01-01", "2022-12-31"),
        (sources::LATEST_POPULATION, "2023-01-01", "2023-12-31"),
    ];
    figures::communes().iter().flat_map(move |commune| {
        files.map(|(file, from, to)| {
            (
                file,
                "population_municipale",
                commune.code,
                from.to_owned(),
                to.to_owned(),
            )
        })
    })
}

fn permit_coverage(file: &'static str) -> impl Iterator<Item = Span> {
    let measures = [
        ("date_reelle_autorisation", permits::EXTRACTED),
        ("surf_loc_creee", permits::EXTRACTED),
        ("nb_lgt_demolis", permits::EXTRACTED),
        ("date_reelle_doc", permits::SITES_REPORTED_UNTIL),
        ("date_reelle_daact", permits::SITES_REPORTED_UNTIL),
    ];
    figures::communes().iter().flat_map(move |commune| {
        measures.map(|(measure, to)| {
            (
                file,
                measure,
                commune.code,
                "2013-01-01".to_owned(),
                to.to_string(),
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    fn span(measure: &str, territory: &str) -> [Value; 2] {
        let rows = coverage(&[(permits::FILE, 1)]).rows;
        let found: Vec<_> = rows
            .iter()
            .filter(|row| row[2] == measure.into() && row[3] == territory.into())
            .collect();
        assert_eq!(found.len(), 1, "{measure} {territory}");
        [found[0][4].clone(), found[0][5].clone()]
    }

    #[test]
    fn starts_are_covered_to_the_end_of_2023_and_authorisations_longer() {
        assert_eq!(
            span("log_com", "77307"),
            ["2011-01-01".into(), "2023-12-31".into()]
        );
        assert_eq!(
            span("sdp_com", "R11"),
            ["2011-01-01".into(), "2023-12-31".into()]
        );
        assert_eq!(
            span("log_aut", "D77"),
            ["2011-01-01".into(), "2024-12-31".into()]
        );
        assert_eq!(
            span("date_reelle_autorisation", "77243"),
            ["2013-01-01".into(), "2026-10-31".into()]
        );
        assert_eq!(
            span("date_reelle_doc", "77243"),
            ["2013-01-01".into(), "2023-12-31".into()]
        );
        assert_eq!(
            span("date_reelle_daact", "77243"),
            ["2013-01-01".into(), "2023-12-31".into()]
        );
    }

    #[test]
    fn the_national_coverage_is_that_of_the_series() {
        for series in figures::national().chunk_by(|left, right| left.series == right.series) {
            let (first, last) = (&series[0], &series[series.len() - 1]);
            assert_eq!((first.year, first.first_month), (2000, 12));
            assert_eq!(
                (last.year, last.first_month, last.dwellings.len()),
                (2026, 1, 7)
            );
            assert_eq!(
                span(series[0].series, "FR"),
                ["2000-12-01".into(), "2026-07-31".into()]
            );
        }
    }

    #[test]
    fn permits_that_are_not_there_cover_nothing() {
        let rows = coverage(&[(permits::FILE, 7), (permits::BENCHMARK_FILE, 0)]).rows;
        assert!(
            rows.iter()
                .all(|row| row[0] != permits::BENCHMARK_FILE.into())
        );
    }
}
