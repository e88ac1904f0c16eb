//! Answers made by hand, for the tests of pictures.

use jiff::civil::date;
use mg_core::{
    Language,
    kpi::{
        Anomaly, AnomalyKind, Backtest, Bound, Forecast, ForecastStep, Grain, HistoryPoint,
        LabelledPeriod, Number, Period, Point, Series, Status, Territory,
    },
};
use rust_decimal::Decimal;

use super::Plot;

/// Dwellings authorised in the whole authority, 2011 to 2024: genuine.
const YEARLY: [i64; 14] = [
    1618, 518, 1545, 1123, 936, 1966, 2195, 1230, 746, 1294, 1124, 1564, 1311, 929,
];

pub(super) fn number(value: i64, decimals: u32) -> Number {
    Number::rounded(Decimal::new(value, decimals), decimals)
}

/// Periods one after another.
pub(super) fn periods(first: Period) -> impl Iterator<Item = Period> {
    std::iter::successors(Some(first), |period| Some(period.next()))
}

pub(super) fn january(year: i16) -> Period {
    Period::month_of(date(year, 1, 1))
}

/// A series of these values from a period on; the last `provisional` ones are that.
pub(super) fn series(
    first: Period,
    values: &[Option<Number>],
    provisional: usize,
    language: Language,
) -> Series {
    let settled = values.len().saturating_sub(provisional);
    let points = values.iter().zip(periods(first)).enumerate();
    let points = points.map(|(index, (value, period))| Point {
        period: period.labelled(language),
        value: *value,
        status: match value {
            None => Status::Missing,
            Some(_) if index >= settled => Status::Provisional,
            Some(_) => Status::Final,
        },
        synthetic: false,
        reached: None,
        target: None,
        year_ago: None,
        compared: None,
    });
    Series {
        name: "logements_autorises".into(),
        title: language
            .pick("Logements autorisés", "Dwellings authorised")
            .into(),
        unit: language.pick("logements", "dwellings").into(),
        grain: first.grain,
        territory: Territory {
            code: "247700594".into(),
            name: "CA Marne et Gondoire".into(),
        },
        points: points.collect(),
        total: values.len(),
        truncated: false,
        sum: None,
        source: "SDES, Sit@del2 / INSEE".into(),
        licence: "Licence Ouverte 2.0".into(),
        vintage: Some("2026-03".into()),
        inputs: Vec::new(),
        synthetic: false,
        notes: Vec::new(),
    }
}

pub(super) fn whole(values: &[i64]) -> Vec<Option<Number>> {
    values.iter().map(|value| Some(number(*value, 0))).collect()
}

/// The genuine yearly series.
pub(super) fn yearly(language: Language) -> Plot {
    let first = Period::year_of(date(2011, 1, 1));
    Plot::of_series(&series(first, &whole(&YEARLY), 0, language), language)
}

/// A wave of `count` months around `level`, without randomness.
pub(super) fn wave(count: i64, level: i64) -> Vec<i64> {
    const SEASON: [i64; 12] = [-14, 3, 22, 8, 15, 30, -5, -38, 12, 9, -2, -20];
    (0..count)
        .map(|month| {
            let season = usize::try_from(month % 12).map_or(0, |month| SEASON[month]);
            level + season * level / 60 + (month * 7919 % 41 - 20) * level / 150
        })
        .collect()
}

/// Months with a gap, a provisional tail, a target, an outlier and a level shift, partly synthetic.
pub(super) fn monthly(language: Language) -> Plot {
    let mut values = whole(&wave(36, 110));
    values[13..16].fill(None);
    let mut series = series(january(2022), &values, 4, language);
    series.synthetic = true;
    series.points[15].status = Status::Secret;
    for (index, point) in series.points.iter_mut().enumerate() {
        point.target = Some(number(if index < 24 { 100 } else { 120 }, 0));
        point.compared = point
            .value
            .filter(|_| index > 27)
            .map(|value| Number::from(value.decimal() - Decimal::from(9)));
    }
    let flagged = [
        (5, AnomalyKind::Outlier),
        (24, AnomalyKind::LevelShift),
        (13, AnomalyKind::Missing),
    ];
    let anomalies = flagged.map(|(index, kind)| {
        let point = &series.points[index];
        anomaly(&point.period, point.value, kind)
    });
    Plot::of_series(&series, language).with_anomalies(&anomalies)
}

fn anomaly(period: &LabelledPeriod, value: Option<Number>, kind: AnomalyKind) -> Anomaly {
    Anomaly {
        period: period.clone(),
        kind,
        value,
        expected: None,
        score: None,
    }
}

/// A monthly forecast of a year, with a gap, a provisional tail, a target, an outlier and a level shift in its history.
pub(super) fn forecast(language: Language) -> Plot {
    let answer = forecast_answer(language);
    let flagged = [(5, AnomalyKind::Outlier), (12, AnomalyKind::LevelShift)];
    let anomalies = flagged.map(|(index, kind)| {
        let point = &answer.history[index];
        anomaly(&point.period, point.value, kind)
    });
    Plot::of_forecast(&answer, language)
        .with_targets(|_| Some(number(120, 0)))
        .with_anomalies(&anomalies)
}

pub(super) fn forecast_answer(language: Language) -> Forecast {
    let mut observed = series(january(2023), &whole(&wave(30, 110)), 3, language);
    observed.points[9].value = None;
    observed.points[9].status = Status::Missing;
    let history = observed.points.iter().map(|point| HistoryPoint {
        period: point.period.clone(),
        value: point.value,
        status: point.status,
        estimate: (point.status == Status::Provisional).then(|| number(118, 0)),
    });
    let ahead = wave(12, 115);
    let steps = ahead
        .iter()
        .zip(periods(Period::month_of(date(2025, 7, 1))))
        .zip(1..);
    let steps = steps.map(|((value, period), step)| ForecastStep {
        period: period.labelled(language),
        value: number(*value, 0),
        bounds: [(80, 30), (95, 46)]
            .map(|(level, width)| Bound {
                level: number(level, 0),
                lower: number((value - width - 2 * step).max(0), 0),
                upper: number(value + width + 2 * step, 0),
            })
            .to_vec(),
    });
    let last = observed.points[29].period.clone();
    Forecast {
        name: observed.name,
        title: observed.title,
        unit: observed.unit,
        grain: Grain::Month,
        territory: observed.territory,
        history: history.collect(),
        forecast: steps.collect(),
        sum: None,
        model: "auto".into(),
        why: String::new(),
        backtest: Backtest {
            origins: 6,
            mase: None,
            smape: None,
            baselines: Vec::new(),
            coverage: Vec::new(),
        },
        last_observed: last,
        fitted_until: observed.points[26].period.clone(),
        source: observed.source,
        licence: observed.licence,
        vintage: Some("2026-10".into()),
        inputs: Vec::new(),
        synthetic: true,
        warnings: vec![language.pick("Saison marquée.", "Strong season.").into()],
        notes: Vec::new(),
    }
}

/// Every kind of picture there is, by name: what is rare must be readable too.
pub(super) fn all(language: Language) -> Vec<(&'static str, Plot)> {
    let plot = |first, values: &[Option<Number>], provisional, change: fn(&mut Series)| {
        let mut series = series(first, values, provisional, language);
        change(&mut series);
        Plot::of_series(&series, language)
    };
    let year = |year| Period::year_of(date(year, 1, 1));
    let millions: Vec<_> = (64_000..64_020)
        .map(|thousands| Some(number(thousands * 1_013, 0)))
        .collect();
    let shares: Vec<_> = (0..14)
        .map(|step| Some(number(612 + step * 7 % 43, 1)))
        .collect();
    let changes: Vec<_> = (0..24)
        .map(|step| Some(number(step * 37 % 53 - 25, 1)))
        .collect();
    let mut short = forecast_answer(language);
    short.forecast.truncate(1);
    vec![
        ("yearly", yearly(language)),
        ("monthly", monthly(language)),
        ("forecast", forecast(language)),
        ("one step ahead", Plot::of_forecast(&short, language)),
        ("one point", plot(january(2024), &whole(&[42]), 0, |_| {})),
        ("nothing known", plot(january(2024), &[None; 3], 0, |_| {})),
        ("no period", plot(january(2024), &[], 0, |_| {})),
        (
            "few dwellings",
            plot(
                january(2024),
                &whole(&[0, 1, 0, 0, 2, 1, 0, 0, 0, 1, 0, 1]),
                3,
                |_| {},
            ),
        ),
        (
            "millions",
            plot(year(2005), &millions, 1, |series| {
                series.unit = "habitants".into();
            }),
        ),
        (
            "shares",
            plot(year(2011), &shares, 2, |series| series.unit = "%".into()),
        ),
        (
            "changes",
            plot(january(2023), &changes, 0, |series| {
                series.unit = "%".into();
            }),
        ),
        (
            "300 months",
            plot(january(2001), &whole(&wave(300, 420)), 6, |series| {
                series
                    .points
                    .iter_mut()
                    .for_each(|point| point.target = Some(number(400, 0)));
            }),
        ),
        (
            "long words",
            plot(
                Period::quarter_of(date(2019, 1, 1)),
                &whole(&wave(22, 90)),
                2,
                |series| {
                    series.title = "Taille moyenne des logements autorisés dans les opérations d'ensemble, y compris les \
                résidences pour étudiants et personnes âgées, hors logements ordinaires individuels groupés".into();
                    series.source = "SDES, Sit@del2 / INSEE (copie tierce, millésime non documenté, non comparée au site du \
                producteur)".into();
                    series.unit = "m² de surface de plancher par logement autorisé".into();
                    series.synthetic = true;
                },
            ),
        ),
    ]
}
