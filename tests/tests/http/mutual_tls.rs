//! Client certificates: none, of another authority, expired, and those that have a role.

use mg_testkit::{Authority, Certificate, Service};
use reqwest::StatusCode;
use serde_json::json;
use tempfile::{TempDir, tempdir};

use crate::client::{Client, TOKEN};

/// The fixture server behind TLS, with an authority whose certificates it knows.
struct Secured {
    authority: Authority,
    service: Service,
    _home: TempDir,
}

pub(crate) const LOCAL: &str = "IP:127.0.0.1,DNS:localhost";

impl Secured {
    fn start(more: &str) -> Self {
        let authority = Authority::new("mg-tests");
        let server = authority.issue("localhost", LOCAL);
        let home = tempdir().unwrap();
        let config = home.path().join("mg.toml");
        let text = format!(
            "[http]\n{more}\n[http.tls]\ncertificate = \"{}\"\nkey = \"{}\"\nclient_ca = \"{}\"\n\
             viewers = [\"agent-7\"]\neditors = [\"ana@example.fr\"]\n",
            server.certificate.display(),
            server.key.display(),
            authority.certificate().display(),
        );
        std::fs::write(&config, text).unwrap();
        let variables = [("MG_CONFIG", config.to_str().unwrap())];
        let service = Service::start("mg-fixture", &[], &variables, home.path());
        Self {
            authority,
            service,
            _home: home,
        }
    }

    fn client(&self, shown: Option<&Certificate>) -> Client {
        let authority = std::fs::read(self.authority.certificate()).unwrap();
        let mut builder = reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(&authority).unwrap()]);
        if let Some(shown) = shown {
            let identity = reqwest::Identity::from_pem(shown.identity().as_bytes());
            builder = builder.identity(identity.unwrap());
        }
        Client::with(builder.build().unwrap(), self.service.url("/mcp"))
    }

    /// Whether the connection itself was refused.
    async fn turned_away(&self, shown: &Certificate) -> bool {
        let client = self.client(Some(shown));
        let sent = client.request("tools/list", &json!({})).send().await;
        sent.is_err()
    }
}

#[tokio::test]
async fn names_of_certificates_are_roles() {
    let secured = Secured::start("");
    let ana = secured
        .authority
        .issue("Ana Martin", "email:ana@example.fr");
    let ana = secured.client(Some(&ana));
    assert_eq!(ana.tools().await.len(), 6);
    let answer = ana.call("writes", &json!({})).await;
    assert_eq!(answer.text, "written by ana@example.fr");
    let agent = secured.authority.issue("agent-7", "DNS:agent.internal");
    let agent = secured.client(Some(&agent));
    assert_eq!(agent.tools().await.len(), 5);
    agent.call("echo", &json!({"text": "x"})).await;
    secured.service.wait_for("\"caller\":\"agent-7\"");
}

#[tokio::test]
async fn without_a_certificate_only_health_is_told() {
    let secured = Secured::start("");
    let nobody = secured.client(None);
    let reply = nobody.ask("tools/list", &json!({})).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert!(reply.text.contains("client certificate"), "{reply:?}");
    let with_token = nobody.showing(TOKEN).ask("tools/list", &json!({})).await;
    assert_eq!(with_token.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_certificate_whose_name_nobody_listed_has_no_role() {
    let secured = Secured::start("");
    let stranger = secured.authority.issue("bob", "email:bob@example.fr");
    let reply = secured
        .client(Some(&stranger))
        .ask("tools/list", &json!({}))
        .await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert!(reply.text.contains("bob@example.fr"), "{reply:?}");
}

#[tokio::test]
async fn expired_certificates_and_those_of_others_do_not_connect() {
    let secured = Secured::start("");
    let late = secured.authority.issue_expired("agent-7", "DNS:agent");
    assert!(secured.turned_away(&late).await);
    let others = Authority::new("mg-tests");
    let other = others.issue("agent-7", "DNS:agent");
    assert!(secured.turned_away(&other).await);
    // The server goes on.
    let agent = secured.authority.issue("agent-7", "DNS:agent");
    assert_eq!(secured.client(Some(&agent)).tools().await.len(), 5);
    secured.service.wait_for("a TLS handshake failed");
}

#[tokio::test]
async fn a_token_that_is_shown_goes_before_the_certificate() {
    let secured = Secured::start(&format!("token = \"{TOKEN}\""));
    let ana = secured.authority.issue("ana", "email:ana@example.fr");
    let with_token = secured.client(Some(&ana)).showing(TOKEN);
    assert_eq!(with_token.tools().await.len(), 5);
    let wrong = secured.client(Some(&ana)).showing("x");
    let reply = wrong.ask("tools/list", &json!({})).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
}
