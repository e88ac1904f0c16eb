//! `refresh_indicators`: computes indicators for every territory and stores them.

use std::time::{Duration, Instant};

use mg_core::{Answer, Clock, Language, ToolError, markdown_table, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    KpiServer,
    refresh::{chosen, refreshed},
    store::Written,
};

/// After so long, what is left is for the command line.
const PATIENCE: Duration = Duration::from_secs(40);

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The indicators; default: all
    #[serde(default, alias = "name", alias = "indicators")]
    names: Option<Vec<String>>,
}

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Refreshed {
    /// The indicators that were stored
    indicators: Vec<Stored>,
    /// How many
    total: usize,
    /// Whether some were left
    truncated: bool,
    /// Those left, and what to run
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

/// One indicator.
#[derive(Debug, Serialize, JsonSchema)]
struct Stored {
    /// Its name
    name: String,
    /// What became of its values
    values: Written,
}

#[tool_router(router = refresh_indicators_tool, vis = "pub(crate)")]
impl KpiServer {
    /// Recomputes indicators for every territory and period and stores them in kpi_value under the release (millésime) of
    /// their data, so that get_indicator and get_series can compare releases. Run it after a load. A second run changes
    /// nothing. One transaction an indicator; what is not done in 40 s is left to `mg-kpi refresh`, also for forecasts.
    /// Example: `{"names": ["logements_autorises"]}`
    #[tool(
        title = "Refresh stored indicators",
        output_schema = schema_for_output::<Refreshed>(),
        annotations(read_only_hint = false, destructive_hint = false, idempotent_hint = true, open_world_hint = false)
    )]
    async fn refresh_indicators(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Refreshed>, ToolError> {
        let wanted = chosen(self, &arguments.names.unwrap_or_default())?;
        let (started, now) = (Instant::now(), Clock::system().now_iso());
        let mut indicators = Vec::new();
        for definition in &wanted {
            if started.elapsed() > PATIENCE {
                break;
            }
            let name = definition.name.clone();
            let values = refreshed(self, &name, &now).await?;
            call.progress(
                progress(indicators.len() + 1),
                Some(progress(wanted.len())),
                &name,
            )
            .await;
            indicators.push(Stored { name, values });
        }
        let left: Vec<_> = wanted
            .iter()
            .skip(indicators.len())
            .map(|left| left.name.as_str())
            .collect();
        let answer = answer(indicators, &left);
        call.record_rows(answer.total);
        Ok(Answer::new(text(&answer, self.settings.language), answer))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few dozen indicators")]
fn progress(count: usize) -> f64 {
    count as f64
}

fn answer(indicators: Vec<Stored>, left: &[&str]) -> Refreshed {
    let note = format!(
        "not done within {} s: run `mg-kpi refresh {}`",
        PATIENCE.as_secs(),
        left.join(" ")
    );
    Refreshed {
        total: indicators.len(),
        truncated: !left.is_empty(),
        notes: (!left.is_empty()).then_some(note).into_iter().collect(),
        indicators,
    }
}

fn text(answer: &Refreshed, language: Language) -> String {
    let columns = match language {
        Language::French => [
            "indicateur",
            "ajoutées",
            "modifiées",
            "inchangées",
            "révisées",
        ],
        Language::English => ["indicator", "inserted", "updated", "unchanged", "revised"],
    };
    let rows = answer.indicators.iter().map(|stored| {
        let Written {
            inserted,
            updated,
            unchanged,
            revised,
        } = stored.values;
        let counts = [inserted, updated, unchanged, revised].map(|count| count.to_string());
        let [inserted, updated, unchanged, revised] = counts;
        [stored.name.clone(), inserted, updated, unchanged, revised]
    });
    let heading = match language {
        Language::French => format!("Indicateurs recalculés\u{a0}: {}", answer.total),
        Language::English => format!("Indicators refreshed: {}", answer.total),
    };
    let mut lines = vec![heading, markdown_table(&columns, rows)];
    lines.extend(answer.notes.iter().map(|note| format!("- {note}")));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_with_the_command_that_does_it() {
        let stored = Stored {
            name: "emploi".into(),
            values: Written::default(),
        };
        let answer = answer(vec![stored], &["population", "prix_median_m2"]);
        assert!(answer.truncated);
        let told = text(&answer, Language::English);
        assert!(
            told.contains("run `mg-kpi refresh population prix_median_m2`"),
            "{told}"
        );
    }
}
