//! The benchmark of the M competitions, held against its published figures.

use std::{fs, path::Path};

use mg_forecast::{metrics, naive::naive2};

/// A past and its future.
struct Series {
    period: usize,
    past: Vec<f64>,
    future: Vec<f64>,
}

/// The series of a set and frequency; none where the shared data are not there.
fn series(set: &str, frequency: &str) -> Option<Vec<Series>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/forecast/dev.csv");
    let Ok(text) = fs::read_to_string(&file) else {
        assert!(
            std::env::var_os("MG_REQUIRE_SERVICES").is_none(),
            "the shared data file forecast/dev.csv is not there"
        );
        return None;
    };
    let numbers = |text: &str| -> Vec<f64> {
        let words = text.split_whitespace();
        words.map(|word| word.parse().unwrap()).collect()
    };
    let rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let rows = rows.filter(|row| row[0] == set && row[2] == frequency);
    let one = |row: Vec<&str>| Series {
        period: row[3].parse().unwrap(),
        past: numbers(row[5]),
        future: numbers(row[6]),
    };
    Some(rows.map(one).collect())
}

#[test]
fn naive2_has_the_errors_that_are_known_of_it() {
    for (set, frequency, smape, mase) in [
        ("m3", "Y", 16.646, 3.023),
        ("m3", "M", 16.81, 1.014),
        ("tourism", "Q", 17.64, 1.856),
    ] {
        let Some(series) = series(set, frequency) else {
            return;
        };
        let errors = series.iter().map(|one| {
            let said = naive2(&one.past, one.period, one.future.len());
            (
                metrics::smape(&one.future, &said),
                metrics::mase(&one.past, one.period, &one.future, &said),
            )
        });
        let (smapes, mases): (Vec<f64>, Vec<f64>) = errors.unzip();
        let mean = |errors: &[f64]| errors.iter().sum::<f64>() / errors.len() as f64;
        let (found, scaled) = (mean(&smapes), mean(&mases));
        assert!((found - smape).abs() < 0.006, "{set} {frequency}: {found}");
        assert!(
            (scaled - mase).abs() < 0.0006,
            "{set} {frequency}: {scaled}"
        );
    }
}
