//! Access tokens of a real identity server: what comes in, what does not, and what happens when its keys
//! change or it goes away.

use std::{path::Path, time::Duration};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use mg_testkit::Service;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::{
    client::{Client, Reply, get},
    identity::Identity,
};

/// The fixture server behind an identity server.
struct Guarded {
    identity: Identity,
    service: Service,
    _home: TempDir,
}

impl Guarded {
    fn start() -> Option<Self> {
        let identity = Identity::start()?;
        let home = tempdir().unwrap();
        let service = behind(&identity.issuer, home.path());
        Some(Self {
            identity,
            service,
            _home: home,
        })
    }

    fn resource(&self) -> String {
        self.service.url("/mcp")
    }

    /// A client that shows a token for this server.
    async fn client(&self, program: &str, scope: &str) -> Client {
        let token = self.identity.token(program, scope, &self.resource()).await;
        Client::new(self.resource()).showing(&token)
    }

    async fn shown(&self, token: &str) -> Reply {
        let client = Client::new(self.resource()).showing(token);
        client.ask("tools/list", &json!({})).await
    }

    /// A token signed by the identity server's key that it would not have granted.
    fn forged(&self, claims: &Value) -> String {
        let key = EncodingKey::from_rsa_pem(self.identity.private_key.as_bytes()).unwrap();
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.identity.kid.clone());
        encode(&header, claims, &key).unwrap()
    }

    fn claims(&self) -> Value {
        json!({
            "iss": self.identity.issuer, "aud": self.resource(), "sub": "ana",
            "exp": 4_102_444_800_u64, "scope": "mg:viewer",
        })
    }
}

fn behind(issuer: &str, home: &Path) -> Service {
    let variables = [("MG_HTTP_OAUTH_ISSUER", issuer), ("MG_ROLE", "editor")];
    Service::start("mg-fixture", &[], &variables, home)
}

#[tokio::test]
async fn scopes_are_roles_and_the_trail_names_the_subject() {
    let Some(guarded) = Guarded::start() else {
        return;
    };
    let bob = guarded.client("bob", "mg:viewer").await;
    assert_eq!(bob.tools().await.len(), 5);
    let ana = guarded.client("ana", "mg:viewer mg:editor").await;
    assert_eq!(ana.tools().await.len(), 6);
    let answer = ana.call("writes", &json!({})).await;
    assert_eq!(answer.text, "written by ana");
    guarded.service.wait_for("\"caller\":\"ana\"");
}

#[tokio::test]
async fn a_viewer_that_calls_an_editors_tool_is_told_the_scope_to_ask_for() {
    let Some(guarded) = Guarded::start() else {
        return;
    };
    let bob = guarded.client("bob", "mg:viewer").await;
    let call = json!({"name": "writes", "arguments": {}});
    let reply = bob.ask("tools/call", &call).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN, "{reply:?}");
    let challenge = reply.challenge();
    for part in [
        "error=\"insufficient_scope\"",
        "scope=\"mg:viewer mg:editor\"",
        "resource_metadata=",
    ] {
        assert!(challenge.contains(part), "{challenge}");
    }
    let unknown = json!({"name": "unheard_of", "arguments": {}});
    let told = bob.ask("tools/call", &unknown).await;
    assert!(told.text.contains("no tool named `unheard_of`"), "{told:?}");
    guarded.service.wait_for("\"outcome\":\"forbidden\"");
    guarded.service.wait_for("\"caller\":\"bob\"");
}

#[tokio::test]
async fn without_a_token_the_way_to_one_is_told() {
    let Some(guarded) = Guarded::start() else {
        return;
    };
    for path in ["/mcp", "/fixture/mcp"] {
        let reply = Client::new(guarded.service.url(path))
            .ask("tools/list", &json!({}))
            .await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        let challenge = reply.challenge();
        assert!(challenge.contains("scope=\"mg:viewer\""), "{challenge}");
        assert!(!challenge.contains("error="), "{challenge}");
        let (_, rest) = challenge.split_once("resource_metadata=\"").unwrap();
        let metadata = get(rest.split_once('"').unwrap().0).await;
        let document: Value = serde_json::from_str(&metadata.text).unwrap();
        assert_eq!(document["resource"], guarded.service.url(path));
        assert_eq!(
            document["authorization_servers"],
            json!([guarded.identity.issuer])
        );
        assert_eq!(
            document["scopes_supported"],
            json!(["mg:viewer", "mg:editor"])
        );
    }
}

#[tokio::test]
async fn a_token_without_a_scope_of_ours_is_told_which_to_ask_for() {
    let Some(guarded) = Guarded::start() else {
        return;
    };
    let eve = guarded.client("eve", "other").await;
    let reply = eve.ask("tools/list", &json!({})).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    let challenge = reply.challenge();
    assert!(
        challenge.contains("error=\"insufficient_scope\"")
            && challenge.contains("scope=\"mg:viewer\""),
        "{challenge}"
    );
}

#[tokio::test]
async fn garbage_and_tokens_for_others_are_no_way_in() {
    let Some(guarded) = Guarded::start() else {
        return;
    };
    let elsewhere = "https://elsewhere.example/mcp";
    let other = guarded.identity.token("ana", "mg:viewer", elsewhere).await;
    let second_path = guarded
        .identity
        .token("ana", "mg:viewer", &guarded.service.url("/fixture/mcp"))
        .await;
    for (token, reason) in [
        ("garbage", "not a signed"),
        ("a.b.c", "not a signed"),
        (other.as_str(), "made out to somebody else"),
        (second_path.as_str(), "made out to somebody else"),
    ] {
        let reply = guarded.shown(token).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{reason}");
        assert!(
            reply.challenge().contains("error=\"invalid_token\""),
            "{reply:?}"
        );
        assert!(reply.text.contains(reason), "{reason}: {}", reply.text);
        assert!(!reply.text.contains(token), "the token is not repeated");
    }
}

#[tokio::test]
async fn tokens_with_a_sound_signature_are_held_against_every_claim() {
    let Some(guarded) = Guarded::start() else {
        return;
    };
    let good = guarded.claims();
    assert_eq!(
        guarded.shown(&guarded.forged(&good)).await.status,
        StatusCode::OK
    );
    let changes = [
        ("exp", json!(1_700_000_000), "expired"),
        ("nbf", json!(4_102_444_700_u64), "not valid yet"),
        ("iss", json!("https://evil.example"), "not issued by"),
        ("aud", json!("mg-platform"), "made out to somebody else"),
        ("exp", Value::Null, "exp"),
        ("sub", Value::Null, "sub"),
        ("aud", Value::Null, "aud"),
        ("iss", Value::Null, "iss"),
    ];
    for (claim, value, reason) in changes {
        let mut claims = good.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(claim);
        } else {
            claims[claim] = value;
        }
        let reply = guarded.shown(&guarded.forged(&claims)).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{claim} {reason}");
        assert!(reply.text.contains(reason), "{claim}: {}", reply.text);
    }
}

#[tokio::test]
async fn the_public_key_is_no_secret_to_sign_with() {
    let Some(guarded) = Guarded::start() else {
        return;
    };
    let jwks = get(&format!("{}/jwks", guarded.identity.issuer)).await.text;
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(guarded.identity.kid.clone());
    let secret = EncodingKey::from_secret(jwks.as_bytes());
    let confused = encode(&header, &guarded.claims(), &secret).unwrap();
    let reply = guarded.shown(&confused).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert!(reply.text.contains("HS256"), "{reply:?}");
    // `{"alg":"none"}`, with the claims of a good token and no signature.
    let good = guarded.forged(&guarded.claims());
    let claims = good.split('.').nth(1).unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIn0.{claims}.");
    assert_eq!(
        guarded.shown(&unsigned).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn keys_that_change_while_serving_are_learnt_and_old_ones_forgotten() {
    let Some(mut guarded) = Guarded::start() else {
        return;
    };
    let before = guarded.client("bob", "mg:viewer").await;
    assert_eq!(before.tools().await.len(), 5);
    guarded.identity.tell("rotate");
    let after = guarded.client("bob", "mg:viewer").await;
    assert_eq!(after.tools().await.len(), 5);
    let old = before.ask("tools/list", &json!({})).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED, "{old:?}");
}

#[tokio::test]
async fn strangers_do_not_make_the_server_ask_without_end() {
    let Some(mut guarded) = Guarded::start() else {
        return;
    };
    let bob = guarded.client("bob", "mg:viewer").await;
    assert_eq!(bob.tools().await.len(), 5);
    let key = EncodingKey::from_rsa_pem(guarded.identity.private_key.as_bytes()).unwrap();
    for number in 0..50 {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(format!("made-up-{number}"));
        let token = encode(&header, &guarded.claims(), &key).unwrap();
        let reply = guarded.shown(&token).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        assert!(reply.text.contains("does not list"), "{reply:?}");
    }
    let asked = guarded.identity.tell("return");
    let times = asked["/jwks"].as_u64().unwrap();
    // Four at once, then one every ten seconds.
    assert!(times < 20, "{asked}");
}

#[tokio::test]
async fn while_the_identity_server_is_away_its_known_keys_still_judge() {
    let Some(mut guarded) = Guarded::start() else {
        return;
    };
    let bob = guarded.client("bob", "mg:viewer").await;
    assert_eq!(bob.tools().await.len(), 5);
    guarded.identity.tell("rotate");
    let late = guarded
        .identity
        .token("bob", "mg:viewer", &guarded.resource())
        .await;
    guarded.identity.tell("leave");
    assert_eq!(bob.tools().await.len(), 5);
    let unknown = guarded.shown(&late).await;
    assert_eq!(unknown.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        unknown.text.contains("cannot be reached") && unknown.headers.contains_key("retry-after"),
        "{unknown:?}"
    );
    assert_eq!(
        get(&guarded.service.url("/readyz")).await.status,
        StatusCode::OK
    );
    guarded.identity.tell("return");
    // The next question is allowed after a while.
    while guarded.shown(&late).await.status != StatusCode::OK {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn a_server_that_never_reached_its_identity_server_is_not_ready_and_says_why() {
    let Some(identity) = Identity::start() else {
        return;
    };
    let token = identity.token("bob", "mg:viewer", "http://x/mcp").await;
    let home = tempdir().unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let service = behind(&format!("http://{address}"), home.path());
    let ready = get(&service.url("/readyz")).await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.text.contains(&address.to_string()), "{ready:?}");
    let client = Client::new(service.url("/mcp")).showing(&token);
    let reply = client.ask("tools/list", &json!({})).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
}
