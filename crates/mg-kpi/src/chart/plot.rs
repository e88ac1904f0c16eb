//! What a picture shows, whichever answer it comes from.

use std::collections::BTreeSet;

use mg_core::{
    Language,
    kpi::{
        Anomaly, AnomalyKind, Bound, Forecast, ForecastStep, HistoryPoint, Input, LabelledPeriod,
        Number, Point, Series, Status,
    },
};

/// A series with what is expected after it, in order of time.
#[derive(Clone, Debug)]
pub(crate) struct Plot {
    pub(super) language: Language,
    pub(super) title: String,
    pub(super) territory: String,
    pub(super) unit: String,
    pub(super) observed: Vec<Observed>,
    pub(super) expected: Vec<ForecastStep>,
    /// The name of the model, where something is expected.
    pub(super) model: Option<String>,
    pub(super) source: String,
    pub(super) licence: String,
    /// The release of each file, in their order, each once; the one that was asked for where one was.
    pub(super) vintages: Vec<String>,
    pub(super) synthetic: bool,
    /// What a reader must know, beside the picture.
    pub(super) notes: Vec<String>,
}

/// One period that has passed.
#[derive(Clone, Debug)]
pub(super) struct Observed {
    pub(super) period: LabelledPeriod,
    pub(super) value: Option<Number>,
    pub(super) status: Status,
    pub(super) target: Option<Number>,
    /// The value in the release it is compared with.
    pub(super) compared: Option<Number>,
    /// What the model expects in its place, while it is provisional.
    pub(super) estimate: Option<Number>,
    pub(super) anomaly: Option<AnomalyKind>,
}

impl Plot {
    /// Of the answer of `get_series`.
    pub(crate) fn of_series(series: &Series, language: Language) -> Self {
        Self {
            language,
            title: series.title.clone(),
            territory: series.territory.name.clone(),
            unit: series.unit.clone(),
            observed: series.points.iter().map(Observed::of_point).collect(),
            expected: Vec::new(),
            model: None,
            source: series.source.clone(),
            licence: series.licence.clone(),
            vintages: vintages(series.vintage.as_ref(), &series.inputs),
            synthetic: series.synthetic,
            notes: series.notes.clone(),
        }
    }

    /// Of the answer of `forecast_kpi`.
    pub(crate) fn of_forecast(forecast: &Forecast, language: Language) -> Self {
        Self {
            language,
            title: forecast.title.clone(),
            territory: forecast.territory.name.clone(),
            unit: forecast.unit.clone(),
            observed: forecast.history.iter().map(Observed::of_history).collect(),
            expected: forecast.forecast.clone(),
            model: Some(forecast.model.clone()),
            source: forecast.source.clone(),
            licence: forecast.licence.clone(),
            vintages: vintages(forecast.vintage.as_ref(), &forecast.inputs),
            synthetic: forecast.synthetic,
            notes: [&*forecast.warnings, &*forecast.notes].concat(),
        }
    }

    /// With what is expected after it.
    #[must_use]
    pub(crate) fn with_forecast(mut self, forecast: &Forecast) -> Self {
        for past in &forecast.history {
            let same = |at: &&mut Observed| at.period.start == past.period.start;
            if let Some(observed) = self.observed.iter_mut().find(same) {
                observed.estimate = past.estimate;
            }
        }
        self.expected.clone_from(&forecast.forecast);
        self.model = Some(forecast.model.clone());
        self.synthetic |= forecast.synthetic;
        for note in forecast.warnings.iter().chain(&forecast.notes) {
            if !self.notes.contains(note) {
                self.notes.push(note.clone());
            }
        }
        self
    }

    /// With what was to be reached in each period that has passed.
    #[must_use]
    pub(crate) fn with_targets(
        mut self,
        target: impl Fn(&LabelledPeriod) -> Option<Number>,
    ) -> Self {
        for observed in &mut self.observed {
            observed.target = target(&observed.period);
        }
        self
    }

    /// With outliers and level shifts marked, where the value is the one that was judged and not that of another
    /// release; the other kinds show by themselves.
    #[must_use]
    pub(crate) fn with_anomalies(mut self, anomalies: &[Anomaly]) -> Self {
        for anomaly in anomalies {
            let marked = matches!(anomaly.kind, AnomalyKind::Outlier | AnomalyKind::LevelShift);
            let at = (self.observed.iter_mut())
                .find(|observed| marked && observed.period.start == anomaly.period.start);
            if let Some(observed) = at.filter(|observed| observed.value == anomaly.value) {
                observed.anomaly = Some(anomaly.kind);
            }
        }
        self
    }

    /// Every number that must find its place on the picture.
    pub(super) fn numbers(&self) -> impl Iterator<Item = Number> {
        let observed = self.observed.iter().flat_map(Observed::numbers);
        let expected = self.expected.iter().flat_map(|step| {
            let bounds = step.bounds.iter();
            bounds
                .flat_map(|bound| [bound.lower, bound.upper])
                .chain([step.value])
        });
        observed.chain(expected)
    }

    /// Every period, in order of time.
    pub(super) fn periods(&self) -> impl DoubleEndedIterator<Item = &LabelledPeriod> {
        let observed = self.observed.iter().map(|observed| &observed.period);
        observed.chain(self.expected.iter().map(|step| &step.period))
    }

    /// The levels of the intervals, the widest first.
    pub(super) fn levels(&self) -> Vec<Number> {
        let bounds = self.expected.iter().flat_map(|step| &step.bounds);
        let mut levels: Vec<Number> = bounds.map(|bound| bound.level).collect();
        levels.sort_by(|left, right| right.cmp(left));
        levels.dedup();
        levels
    }
}

/// The releases of all files in order of time; a release that none of them has was asked for and stands alone.
fn vintages(told: Option<&String>, inputs: &[Input]) -> Vec<String> {
    let released: BTreeSet<&String> = inputs
        .iter()
        .filter_map(|input| input.vintage.as_ref())
        .collect();
    match told {
        Some(asked) if !released.contains(asked) => vec![asked.clone()],
        _ => released.into_iter().cloned().collect(),
    }
}

impl Observed {
    fn of_point(point: &Point) -> Self {
        Self {
            period: point.period.clone(),
            value: point.value,
            status: point.status,
            target: point.target,
            compared: point.compared,
            estimate: None,
            anomaly: None,
        }
    }

    fn of_history(point: &HistoryPoint) -> Self {
        Self {
            period: point.period.clone(),
            value: point.value,
            status: point.status,
            target: None,
            compared: None,
            estimate: point.estimate,
            anomaly: None,
        }
    }

    fn numbers(&self) -> impl Iterator<Item = Number> {
        [self.value, self.target, self.compared, self.estimate]
            .into_iter()
            .flatten()
    }

    pub(super) fn is_provisional(&self) -> bool {
        self.status == Status::Provisional
    }
}

/// The interval of a level around a step.
pub(super) fn bound_of(step: &ForecastStep, level: Number) -> Option<&Bound> {
    step.bounds.iter().find(|bound| bound.level == level)
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_value_of_another_release_is_not_marked_as_what_this_one_was_judged_as() {
        let mut plot = samples::monthly(Language::French);
        let at = plot.observed[5].clone();
        let found = Anomaly {
            period: at.period,
            kind: AnomalyKind::Outlier,
            value: at.value,
            expected: None,
            score: None,
        };
        let marked =
            |plot: Plot| plot.with_anomalies(std::slice::from_ref(&found)).observed[5].anomaly;
        plot.observed[5].anomaly = None;
        assert_eq!(marked(plot.clone()), Some(AnomalyKind::Outlier));
        plot.observed[5].value = Some(samples::number(1, 0));
        assert_eq!(marked(plot), None);
    }
}
