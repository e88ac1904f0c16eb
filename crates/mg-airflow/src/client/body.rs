//! Reading what Airflow answers: never more than a bound, and only JSON.

use reqwest::Response;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::failure::{Failure, told};

/// The most bytes that are read of an answer.
const MOST: usize = 8 << 20;
/// The most bytes that are read of a refusal.
const MOST_OF_REFUSAL: usize = 64 << 10;

/// The JSON of an answer.
pub(super) async fn read<T: DeserializeOwned>(answer: Response) -> Result<T, Failure> {
    let bytes = bytes(answer, MOST).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let text = String::from_utf8_lossy(&bytes);
        Failure::Strange(if text.trim_start().starts_with('<') {
            "it answers with a web page".into()
        } else if serde_json::from_slice::<Value>(&bytes).is_err() {
            "it answers with something that is not JSON".into()
        } else {
            tracing::warn!(%error, "an answer of Airflow has another shape");
            "it answers with JSON of another shape".into()
        })
    })
}

/// What a refusal says of its reason; none where it is not Airflow that speaks.
pub(super) async fn detail(answer: Response) -> Option<String> {
    let bytes = bytes(answer, MOST_OF_REFUSAL).await.ok()?;
    let body: Value = serde_json::from_slice(&bytes).ok()?;
    body.get("detail").map(told)
}

async fn bytes(mut answer: Response, most: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > most => return Err(Failure::TooLarge),
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes),
            Err(error) => return Err(Failure::of_transport(&error)),
        }
    }
}
