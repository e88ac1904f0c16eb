//! What can go wrong on the way to Airflow, each with a sentence that says what to do.

use std::time::Duration;

use mg_core::ToolError;
use reqwest::{Response, StatusCode, header};
use serde_json::Value;

use super::body;

/// Characters of Airflow's own words that are passed on.
const DETAIL: usize = 400;

/// Why a request came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No connection: nothing was sent.
    Unreachable(String),
    /// The connection broke while Airflow answered.
    Broken,
    /// Nothing came in time.
    Slow(Duration),
    /// A gateway or an overloaded server, with the seconds it asks to wait.
    Busy(u16, Option<u64>),
    /// 500: Airflow itself failed, in its words. Its database may be busy.
    Failing(String),
    /// The token is not good (any more).
    Token,
    /// The account is not let in.
    Account(String),
    /// 403: the account may not do this.
    Refused(String),
    /// 404, in Airflow's words.
    NotFound(String),
    /// 409, in Airflow's words.
    Conflict(String),
    /// 409 to a request that was sent before and not answered by Airflow: it may be that one which stands in the way.
    ConflictAgain(String),
    /// 400 or 422, in Airflow's words.
    Rejected(String),
    /// Something that is not Airflow's API answers.
    Strange(String),
    /// More than may be read.
    TooLarge,
}

impl Failure {
    /// Of a request that was not answered, or only in part.
    pub(super) fn of_transport(error: &reqwest::Error) -> Self {
        if error.is_connect() {
            let why = if is_about_certificates(error) {
                "its certificate is not trusted; set airflow.ca (MG_AIRFLOW_CA) to the PEM file of its authority"
            } else {
                "nothing answers there"
            };
            return Self::Unreachable(why.into());
        }
        Self::Broken
    }

    /// Of an answer that is no success.
    pub(super) async fn of_status(status: StatusCode, answer: Response) -> Self {
        if status.is_redirection() {
            let to = answer.headers().get(header::LOCATION);
            let to = to.and_then(|to| to.to_str().ok()).unwrap_or("another page");
            return Self::Strange(format!("it redirects to {}", cut(to)));
        }
        if matches!(status.as_u16(), 429 | 502 | 503 | 504) {
            let wait = answer.headers().get(header::RETRY_AFTER);
            let wait = wait.and_then(|wait| wait.to_str().ok()?.parse().ok());
            return Self::Busy(status.as_u16(), wait);
        }
        let detail = body::detail(answer).await;
        match (status.as_u16(), detail) {
            (403, Some(detail)) if detail == "Invalid JWT token" => Self::Token,
            (403, detail) => Self::Refused(detail.unwrap_or_default()),
            (404, Some(detail)) => Self::NotFound(detail),
            (404, None) => Self::Strange("the API v2 is not there (404)".into()),
            (409, detail) => Self::Conflict(detail.unwrap_or_default()),
            (500, detail) => Self::Failing(detail.unwrap_or_default()),
            (400 | 422, detail) => Self::Rejected(detail.unwrap_or_default()),
            (code, detail) => {
                Self::Strange(format!("it answers {code} {}", detail.unwrap_or_default()))
            }
        }
    }

    /// Whether the same request may be answered a moment later.
    pub(crate) const fn passes(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_) | Self::Broken | Self::Busy(..) | Self::Failing(_)
        )
    }
}

impl From<Failure> for ToolError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unreachable(why) => Self::Unavailable(format!(
                "Airflow cannot be reached: {why}. Try again later; `mg-airflow --check` tells more"
            )),
            Failure::Broken => Self::Unavailable(
                "the connection to Airflow broke off in the middle of an answer; try again".into(),
            ),
            Failure::Slow(limit) => Self::Unavailable(format!(
                "Airflow did not answer within {} s; try again later, or ask for less",
                limit.as_secs()
            )),
            Failure::Busy(status, _) => Self::Unavailable(format!(
                "Airflow or the gateway before it is overloaded or starting (HTTP {status}); try again in a minute"
            )),
            Failure::Failing(detail) => Self::Unavailable(format!(
                "Airflow failed while it answered (HTTP 500{}); try again in a minute; if it lasts, the log of its API server \
                 tells why",
                if detail.is_empty() {
                    String::new()
                } else {
                    format!(": {detail}")
                }
            )),
            Failure::Token => Self::Unavailable(
                "Airflow refuses the tokens it has just given; its processes may have different jwt_secret settings".into(),
            ),
            Failure::Account(name) => Self::Unavailable(format!(
                "Airflow does not let the account `{name}` in; its password in the settings of this server has to be mended"
            )),
            Failure::Refused(detail) => Self::Invalid(format!(
                "Airflow refuses this to the account of your role{}; asking again will not help",
                in_brackets(&detail)
            )),
            Failure::NotFound(detail) => Self::Invalid(format!(
                "not found in Airflow{}; list_workflows and list_workflow_runs tell what there is",
                in_brackets(&detail)
            )),
            Failure::Conflict(detail) | Failure::ConflictAgain(detail) => Self::Invalid(format!(
                "Airflow refuses this as a conflict{}",
                in_brackets(&detail)
            )),
            Failure::Rejected(detail) => {
                Self::Invalid(format!("Airflow rejects this{}", in_brackets(&detail)))
            }
            Failure::Strange(what) => Self::Unavailable(format!(
                "what stands at airflow.url is no API of Airflow 3: {what}; check the address, and that no login page stands before it"
            )),
            Failure::TooLarge => Self::Unavailable(
                "Airflow's answer is too large to read; narrow the question (dag_id, state, since, limit)".into(),
            ),
        }
    }
}

/// Airflow's words, cleaned and short.
pub(super) fn cut(text: &str) -> String {
    let text = mg_core::clean(text).replace('\n', " ");
    if text.chars().count() <= DETAIL {
        return text;
    }
    text.chars().take(DETAIL).chain(['…']).collect()
}

/// The `detail` of an answer: a text, or the list of what is wrong with each field.
pub(super) fn told(detail: &Value) -> String {
    match detail {
        Value::String(text) => cut(text),
        Value::Array(list) => {
            let told = list.iter().map(|one| {
                let place = one["loc"].as_array().into_iter().flatten();
                let place: Vec<_> = place.filter_map(Value::as_str).collect();
                let message = one["msg"].as_str().unwrap_or_default();
                format!("{}: {message}", place.join("."))
            });
            cut(&told.collect::<Vec<_>>().join("; "))
        }
        Value::Object(map) => {
            let reason = map.get("reason").or_else(|| map.get("message"));
            cut(&reason.map_or_else(
                || detail.to_string(),
                |reason| {
                    reason
                        .as_str()
                        .map_or_else(|| reason.to_string(), str::to_owned)
                },
            ))
        }
        other => cut(&other.to_string()),
    }
}

fn in_brackets(detail: &str) -> String {
    if detail.is_empty() {
        String::new()
    } else {
        format!(" ({detail})")
    }
}

fn is_about_certificates(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.to_string().contains("certificate") {
            return true;
        }
        source = inner.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn airflows_own_words_are_passed_on_clean_and_short() {
        assert_eq!(
            told(&json!("'abc' does not\u{202e} match\n")),
            "'abc' does not match "
        );
        let fields =
            json!([{"loc": ["body", "logical_date"], "msg": "Field required", "type": "missing"}]);
        assert_eq!(told(&fields), "body.logical_date: Field required");
        assert_eq!(
            told(&json!({"reason": "Unique constraint violation", "statement": "hidden"})),
            "Unique constraint violation"
        );
        assert_eq!(told(&json!("x".repeat(1000))).chars().count(), DETAIL + 1);
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for passing in [
            Failure::Busy(502, None),
            Failure::Broken,
            Failure::Failing("Database error".into()),
        ] {
            assert!(passing.passes(), "{passing:?}");
        }
        for lasting in [
            Failure::Slow(Duration::from_secs(15)),
            Failure::Refused(String::new()),
            Failure::Conflict(String::new()),
            Failure::Account("a".into()),
            Failure::TooLarge,
        ] {
            assert!(!lasting.passes(), "{lasting:?}");
        }
    }
}
