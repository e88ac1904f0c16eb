//! `mg-kpi chart`: draws an indicator over time into a file.

use std::{fs, io::Write, path::Path, process::ExitCode, sync::Arc};

use mg_core::{ConfigError, Environment, Flags, Settings, ToolError, serve::Server};

use crate::{
    KpiServer, anomalies, chart::Plot, config::ChartArguments, forecast, series, span::Range,
};

/// What the file is to be, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Svg,
    Html,
    #[cfg(feature = "png")]
    Png,
}

/// Why no file was written.
#[derive(Debug)]
enum Failure {
    /// A setting or an argument that cannot work: exit code 78.
    Configuration(String),
    /// It was tried and did not work: exit code 1.
    Failed(String),
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Configuration(error.0)
    }
}

impl From<ToolError> for Failure {
    fn from(error: ToolError) -> Self {
        match error {
            // There is no log to look into.
            ToolError::Internal(cause) => Self::from(cause),
            told => Self::Failed(told.to_string()),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(cause: anyhow::Error) -> Self {
        Self::Failed(format!("{cause:#}"))
    }
}

/// Runs the sub-command to its end. The exit code is 0, 78 for a setting or a file name that cannot work, else 1.
#[must_use]
pub fn run(flags: &Flags, arguments: &ChartArguments) -> ExitCode {
    let (code, sentence) = match write(flags, arguments) {
        Ok(()) => (0, format!("{} is written", arguments.out.display())),
        Err(Failure::Configuration(sentence)) => (ConfigError::EXIT_CODE, sentence),
        Err(Failure::Failed(sentence)) => (1, sentence),
    };
    // Nothing to do about a closed terminal.
    let _closed = writeln!(std::io::stderr(), "mg-kpi chart: {sentence}");
    ExitCode::from(code)
}

fn write(flags: &Flags, arguments: &ChartArguments) -> Result<(), Failure> {
    let format = Format::of(&arguments.out)?;
    let mut settings = Settings::load(flags, &Environment::of_process())?;
    // The budget is that of a model's context: a picture has room for the whole series.
    settings.file.limits.answer_chars = usize::MAX;
    let server = KpiServer::new(Arc::new(settings))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)?;
    let plot = runtime.block_on(plot(&server, arguments))?;
    let bytes = format.bytes(&plot)?;
    fs::write(&arguments.out, bytes).map_err(|error| {
        Failure::Failed(format!(
            "{} cannot be written: {error}",
            arguments.out.display()
        ))
    })
}

/// The picture that is asked for: the series, what stands out in it, and what is expected after it.
async fn plot(server: &KpiServer, arguments: &ChartArguments) -> Result<Plot, ToolError> {
    let series = series::answer(server, &arguments.series()).await?.data;
    let found = anomalies::answer(server, &arguments.anomalies())
        .await?
        .data;
    let mut plot = Plot::of_series(&series, server.settings.language);
    // They are looked for at the indicator's own step.
    if found.grain == series.grain {
        plot = plot.with_anomalies(&found.anomalies);
    }
    if arguments.forecast {
        let forecast = forecast::answer(server, &arguments.expected()).await?.data;
        plot = plot.with_forecast(&forecast);
    }
    Ok(plot)
}

impl ChartArguments {
    fn series(&self) -> series::Question {
        series::Question {
            name: self.name.clone(),
            territory: self.territory.clone(),
            range: Range {
                from: self.from.clone(),
                to: self.to.clone(),
                grain: self.grain.map(Into::into),
            },
            vintage: None,
            compare_vintage: None,
        }
    }

    fn anomalies(&self) -> anomalies::Question {
        anomalies::Question {
            name: self.name.clone(),
            territory: self.territory.clone(),
            from: None,
            to: None,
        }
    }

    fn expected(&self) -> forecast::Question {
        forecast::Question {
            name: self.name.clone(),
            territory: self.territory.clone(),
            horizon: self.horizon,
            model: None,
            levels: None,
        }
    }
}

impl Format {
    fn of(file: &Path) -> Result<Self, Failure> {
        let ending = file.extension().and_then(|ending| ending.to_str());
        match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("svg") => Ok(Self::Svg),
            Some("html") => Ok(Self::Html),
            #[cfg(feature = "png")]
            Some("png") => Ok(Self::Png),
            #[cfg(not(feature = "png"))]
            Some("png") => Err(Failure::Configuration(
                "this build draws no PNG (cargo feature `png`); name a file that ends in .svg or .html".into(),
            )),
            _ => Err(Failure::Configuration(format!(
                "{} tells no kind of picture; name a file that ends in .svg, .png or .html",
                file.display()
            ))),
        }
    }

    fn bytes(self, plot: &Plot) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Svg => Ok(plot.svg().into_bytes()),
            Self::Html => Ok(plot.html().into_bytes()),
            #[cfg(feature = "png")]
            Self::Png => plot.png(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_file_says_what_it_is() {
        assert_eq!(Format::of(Path::new("a/b.SVG")).unwrap(), Format::Svg);
        assert_eq!(Format::of(Path::new("b.html")).unwrap(), Format::Html);
        for name in ["picture", "picture.jpg", ".svg"] {
            let Err(Failure::Configuration(told)) = Format::of(Path::new(name)) else {
                panic!("{name} is refused")
            };
            assert!(told.contains(".svg, .png or .html"), "{told}");
        }
    }
}
