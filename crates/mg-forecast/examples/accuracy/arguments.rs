//! The command line.

use std::path::PathBuf;

use super::{Choice, Model};

/// What to run on what.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) file: PathBuf,
    pub(crate) forecasts: Option<PathBuf>,
    pub(crate) models: Vec<Named>,
}

/// `auto` or a model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named(Choice);

impl Named {
    pub(crate) fn choice(self) -> Choice {
        self.0
    }

    pub(crate) fn name(self) -> &'static str {
        match self.0 {
            Choice::Auto => "auto",
            Choice::Only(model) => model.name(),
        }
    }
}

impl Arguments {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut file, mut forecasts, mut models) = (None, None, None);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--forecasts" => forecasts = Some(PathBuf::from(value()?)),
                "--models" => models = Some(named(&value()?)?),
                _ if word.starts_with('-') => return Err(format!("{word} is not known")),
                _ => file = Some(PathBuf::from(word)),
            }
        }
        Ok(Self {
            file: file.ok_or("usage: accuracy FILE [--forecasts OUT.csv] [--models auto,ets,…]")?,
            forecasts,
            models: models.unwrap_or_else(everything),
        })
    }
}

fn named(names: &str) -> Result<Vec<Named>, String> {
    let known = || {
        everything()
            .iter()
            .map(|named| named.name())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let one = |name: &str| {
        Choice::parse(name)
            .map(Named)
            .ok_or_else(|| format!("{name} is no model; there are {}", known()))
    };
    names.split(',').map(one).collect()
}

/// What can be run on a file of series; the network is trained elsewhere.
fn everything() -> Vec<Named> {
    let models = Model::ALL.into_iter().filter(|model| *model != Model::Tft);
    std::iter::once(Choice::Auto)
        .chain(models.map(Choice::Only))
        .map(Named)
        .collect()
}
