//! The file of series: `dataset,id,freq,m,h,train,test`, values separated by spaces.

use std::{collections::BTreeMap, fs, io::Error, path::Path};

/// A past and its future.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) dataset: String,
    pub(crate) id: String,
    pub(crate) period: usize,
    pub(crate) past: Vec<f64>,
    pub(crate) future: Vec<f64>,
}

/// By data set and frequency.
pub(crate) type Groups = BTreeMap<String, Vec<Series>>;

pub(crate) fn read(path: &Path) -> Result<Groups, Error> {
    let text = fs::read_to_string(path)?;
    let mut groups = Groups::new();
    for (number, line) in text.lines().enumerate().skip(1) {
        let (group, series) =
            parse(line).ok_or_else(|| Error::other(format!("line {} is no series", number + 1)))?;
        groups.entry(group).or_default().push(series);
    }
    Ok(groups)
}

fn parse(line: &str) -> Option<(String, Series)> {
    let fields: Vec<&str> = line.split(',').collect();
    let [dataset, id, frequency, period, _, past, future] = fields[..] else {
        return None;
    };
    let numbers = |text: &str| {
        let numbers = text.split_whitespace().map(|word| word.parse().ok());
        numbers.collect::<Option<Vec<f64>>>()
    };
    let series = Series {
        dataset: dataset.to_owned(),
        id: id.to_owned(),
        period: period.parse().ok()?,
        past: numbers(past)?,
        future: numbers(future)?,
    };
    Some((format!("{dataset} {frequency}"), series))
}
