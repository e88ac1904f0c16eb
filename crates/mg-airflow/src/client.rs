//! Airflow's REST API v2: one client a role, each with a service account of its own, so that Airflow enforces the role too.

mod body;
mod failure;
mod log;
mod login;
mod place;
mod retry;
mod waiting;

use std::{path::Path, sync::OnceLock, time::Duration};

use mg_core::{ConfigError, Role, Settings, ToolError, config::AirflowAccount};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect::Policy};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use failure::Failure;
use login::Login;
pub(crate) use place::Place;
use retry::Attempts;
pub(crate) use waiting::States;

use crate::wire::Log;

/// Until a connection stands.
const CONNECT: Duration = Duration::from_secs(3);
/// For a whole request, every attempt included.
const TOTAL: Duration = Duration::from_secs(15);

/// The clients of both roles, made when first needed.
#[derive(Debug)]
pub(crate) struct Clients {
    place: Option<Place>,
    ca: Option<std::path::PathBuf>,
    viewer: Account,
    editor: Account,
}

#[derive(Debug)]
struct Account {
    login: Option<AirflowAccount>,
    client: OnceLock<Airflow>,
}

impl Account {
    fn of(login: Option<&AirflowAccount>) -> Self {
        Self {
            login: login.cloned(),
            client: OnceLock::new(),
        }
    }
}

impl Clients {
    /// From the settings; opens nothing.
    ///
    /// # Errors
    ///
    /// When `airflow.url` is no address that can be served.
    pub(crate) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let airflow = &settings.file.airflow;
        Ok(Self {
            place: airflow.url.as_deref().map(Place::parse).transpose()?,
            ca: airflow.ca.clone(),
            viewer: Account::of(airflow.viewer.as_ref()),
            editor: Account::of(airflow.editor.as_ref()),
        })
    }

    /// Whether there is an Airflow to speak to.
    pub(crate) const fn is_configured(&self) -> bool {
        self.place.is_some()
    }

    /// The client of a role.
    ///
    /// # Errors
    ///
    /// [`ToolError::Unavailable`] with the settings that are lacking or wrong.
    pub(crate) fn of(&self, role: Role) -> Result<&Airflow, ToolError> {
        let account = match role {
            Role::Viewer => &self.viewer,
            Role::Editor => &self.editor,
        };
        if let Some(client) = account.client.get() {
            return Ok(client);
        }
        let made = self.make(account, role)?;
        Ok(account.client.get_or_init(|| made))
    }

    fn make(&self, account: &Account, role: Role) -> Result<Airflow, ToolError> {
        let place = self.place.clone().ok_or_else(|| {
            ToolError::Unavailable(
                "no Airflow is configured; set MG_AIRFLOW_URL, MG_AIRFLOW_USERNAME and MG_AIRFLOW_PASSWORD, or [airflow] \
                 in mg.toml, and start the server again"
                    .into(),
            )
        })?;
        let login = account.login.clone().ok_or_else(|| {
            ToolError::Unavailable(format!(
                "there is no Airflow account for the role {0}; set [airflow.{0}] username and password in mg.toml, or \
                 MG_AIRFLOW_USERNAME and MG_AIRFLOW_PASSWORD",
                role.name()
            ))
        })?;
        let http = http_client(self.ca.as_deref())?;
        Ok(Airflow {
            login: Login::new(login),
            http,
            place,
        })
    }
}

/// The connections of one account. Redirects are refused: a login page answers 302 where JSON was asked for.
fn http_client(ca: Option<&Path>) -> Result<Client, ToolError> {
    let mut builder = Client::builder()
        .connect_timeout(CONNECT)
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .user_agent(concat!("mg-airflow/", env!("CARGO_PKG_VERSION")));
    if let Some(path) = ca {
        let wrong = |error: String| {
            ToolError::Unavailable(format!("cannot use airflow.ca {}: {error}", path.display()))
        };
        let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|_| wrong("it holds no PEM certificate".into()))?;
        if certificates.is_empty() {
            return Err(wrong("it holds no PEM certificate".into()));
        }
        builder = builder.tls_certs_merge(certificates);
    }
    builder
        .build()
        .map_err(|error| ToolError::Internal(error.into()))
}

/// One account's way to Airflow.
#[derive(Debug)]
pub(crate) struct Airflow {
    place: Place,
    http: Client,
    login: Login,
}

/// What a request asks for.
#[derive(Debug)]
struct Asked<'a> {
    method: Method,
    path: &'a [&'a str],
    query: &'a [(&'a str, String)],
    body: Option<&'a Value>,
    accept: &'static str,
}

/// What nearly all requests ask for.
const JSON: &str = "application/json";

impl Airflow {
    /// Where a person looks at a run.
    pub(crate) fn page_of_run(&self, dag_id: &str, run_id: &str) -> String {
        self.place.page(&["dags", dag_id, "runs", run_id])
    }

    /// Where a person looks at a workflow.
    pub(crate) fn page_of_workflow(&self, dag_id: &str) -> String {
        self.place.page(&["dags", dag_id])
    }

    /// The name of the service account.
    pub(crate) fn account(&self) -> &str {
        self.login.username()
    }

    /// Reads.
    ///
    /// # Errors
    ///
    /// [`Failure`].
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<T, Failure> {
        self.json(&Asked {
            method: Method::GET,
            path,
            query,
            body: None,
            accept: JSON,
        })
        .await
    }

    /// Creates or asks. Repeated like a read, so only for what may be said twice: a run under a given id, a search.
    ///
    /// # Errors
    ///
    /// [`Failure`].
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &Value,
    ) -> Result<T, Failure> {
        self.json(&Asked {
            method: Method::POST,
            path,
            query: &[],
            body: Some(body),
            accept: JSON,
        })
        .await
    }

    /// Changes; saying it twice changes nothing more.
    ///
    /// # Errors
    ///
    /// [`Failure`].
    pub(crate) async fn patch<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &Value,
    ) -> Result<T, Failure> {
        self.json(&Asked {
            method: Method::PATCH,
            path,
            query: &[],
            body: Some(body),
            accept: JSON,
        })
        .await
    }

    /// The states of a run as Airflow tells them, a line a second, until it has ended.
    ///
    /// # Errors
    ///
    /// [`Failure`]; the endpoint is experimental, so that a caller asks for the run itself instead.
    pub(crate) async fn states(&self, dag_id: &str, run_id: &str) -> Result<States, Failure> {
        let path = ["dags", dag_id, "dagRuns", run_id, "wait"];
        let query = [("interval", "1".to_owned())];
        let asked = Asked {
            method: Method::GET,
            path: &path,
            query: &query,
            body: None,
            accept: JSON,
        };
        let answer = in_time(self.answered(&asked)).await?;
        Ok(States::of(answer))
    }

    /// The log of a task's attempt, of a long one its end.
    ///
    /// # Errors
    ///
    /// [`Failure`].
    pub(crate) async fn log(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<Log, Failure> {
        let asked = Asked {
            method: Method::GET,
            path,
            query,
            body: None,
            accept: log::STREAM,
        };
        self.tried(&asked, log::read).await
    }

    async fn json<T: DeserializeOwned>(&self, asked: &Asked<'_>) -> Result<T, Failure> {
        self.tried(asked, body::read).await
    }

    async fn tried<T>(
        &self,
        asked: &Asked<'_>,
        reading: impl AsyncFn(Response) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        in_time(async {
            let mut attempts = Attempts::new();
            loop {
                let read = match self.answered(asked).await {
                    Ok(answer) => reading(answer).await,
                    Err(failure) => Err(failure),
                };
                match read {
                    Err(failure) if attempts.again_after(&failure).await => {}
                    done => return done.map_err(|failure| attempts.in_their_light(failure)),
                }
            }
        })
        .await
    }

    /// One attempt, and a second one with a new token where the first was no longer good.
    async fn answered(&self, asked: &Asked<'_>) -> Result<Response, Failure> {
        let token = self.login.token(&self.http, &self.place, None).await?;
        let first = self.send(asked, &token).await;
        let Err(Failure::Token) = first else {
            return first;
        };
        let renewed = self
            .login
            .token(&self.http, &self.place, Some(&token))
            .await?;
        self.send(asked, &renewed).await
    }

    async fn send(&self, asked: &Asked<'_>, token: &str) -> Result<Response, Failure> {
        let address = self.place.api(asked.path, asked.query);
        let mut request = self
            .http
            .request(asked.method.clone(), address)
            .bearer_auth(token)
            .header("accept", asked.accept);
        if let Some(body) = asked.body {
            request = request.json(body);
        }
        sent(request).await
    }
}

/// Sends a request and tells success from everything else.
async fn sent(request: RequestBuilder) -> Result<Response, Failure> {
    let answer = request
        .send()
        .await
        .map_err(|error| Failure::of_transport(&error))?;
    match answer.status() {
        status if status.is_success() => Ok(answer),
        StatusCode::UNAUTHORIZED => Err(Failure::Token),
        status => Err(Failure::of_status(status, answer).await),
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::time::timeout(TOTAL, work)
        .await
        .unwrap_or(Err(Failure::Slow(TOTAL)))
}
