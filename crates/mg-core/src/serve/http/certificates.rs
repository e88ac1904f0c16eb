//! Client certificates: the names in them, and the role each name has.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use x509_cert::{
    Certificate,
    der::{Decode as _, asn1::ObjectIdentifier},
    ext::pkix::{SubjectAltName, name::GeneralName},
};

use super::refusal::Refusal;
use crate::{Caller, Role, config::TlsSection};

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// What a certificate, which TLS has verified, says of its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Presented {
    /// Subject alternative names (e-mail, DNS, URI), then the common name.
    names: Vec<String>,
    /// Its last moment: a connection may live longer.
    until: Timestamp,
}

impl Presented {
    /// Reads a certificate; `None` where it cannot be read, which leaves it without a role.
    pub(super) fn read(der: &CertificateDer<'_>) -> Option<Self> {
        let certificate = Certificate::from_der(der).ok()?.tbs_certificate;
        let mut names = Vec::new();
        if let Ok(Some((_, alternatives))) = certificate.get::<SubjectAltName>() {
            names.extend(alternatives.0.iter().filter_map(alternative));
        }
        let attributes = certificate.subject.0.iter().flat_map(|set| set.0.iter());
        let common = attributes.filter(|attribute| attribute.oid == COMMON_NAME);
        names.extend(common.filter_map(|attribute| text(&attribute.value)));
        let until = certificate.validity.not_after.to_unix_duration();
        let until = Timestamp::from_second(i64::try_from(until.as_secs()).ok()?).ok()?;
        Some(Self { names, until })
    }
}

fn alternative(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::Rfc822Name(name)
        | GeneralName::DnsName(name)
        | GeneralName::UniformResourceIdentifier(name) => Some(name.as_str().to_owned()),
        _ => None,
    }
}

/// The kinds of text that a subject is written in.
fn text(value: &x509_cert::der::Any) -> Option<String> {
    use x509_cert::der::asn1::{Ia5StringRef, PrintableStringRef, Utf8StringRef};
    let utf8 = value.decode_as::<Utf8StringRef<'_>>();
    utf8.map(|text| text.as_str().to_owned())
        .or_else(|_| {
            let printable = value.decode_as::<PrintableStringRef<'_>>();
            printable.map(|text| text.as_str().to_owned())
        })
        .or_else(|_| {
            let ia5 = value.decode_as::<Ia5StringRef<'_>>();
            ia5.map(|text| text.as_str().to_owned())
        })
        .ok()
}

/// The roles that names have.
#[derive(Clone, Debug)]
pub(super) struct Roles {
    viewers: Vec<String>,
    editors: Vec<String>,
}

impl Roles {
    /// As the settings say.
    pub(super) fn of(section: &TlsSection) -> Self {
        Self {
            viewers: section.viewers.clone(),
            editors: section.editors.clone(),
        }
    }

    /// The caller that a certificate stands for.
    pub(super) fn caller(&self, presented: &Presented, now: Timestamp) -> Result<Caller, Refusal> {
        if now > presented.until {
            return Err(Refusal::Invalid(
                "the client certificate expired while the connection was open".into(),
            ));
        }
        for (role, listed) in [(Role::Editor, &self.editors), (Role::Viewer, &self.viewers)] {
            let mut names = presented.names.iter();
            if let Some(name) = names.find(|name| has(listed, name)) {
                return Ok(Caller {
                    name: crate::clean(name),
                    role,
                    expires: None,
                });
            }
        }
        let name = presented.names.first();
        Err(Refusal::Stranger(
            name.map_or_else(|| "nobody".into(), |name| crate::clean(name)),
        ))
    }
}

fn has(listed: &[String], name: &str) -> bool {
    listed.iter().any(|known| known == "*" || known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(viewers: &[&str], editors: &[&str]) -> Roles {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Roles {
            viewers: owned(viewers),
            editors: owned(editors),
        }
    }

    fn presented(names: &[&str]) -> Presented {
        Presented {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            until: Timestamp::MAX,
        }
    }

    #[test]
    fn the_name_that_has_a_role_is_the_caller_and_editor_is_looked_for_first() {
        let roles = roles(&["*"], &["ana"]);
        let now = Timestamp::UNIX_EPOCH;
        let caller = roles
            .caller(&presented(&["ana@example.fr", "ana"]), now)
            .unwrap();
        assert_eq!((caller.name.as_str(), caller.role), ("ana", Role::Editor));
        let caller = roles.caller(&presented(&["bob"]), now).unwrap();
        assert_eq!((caller.name.as_str(), caller.role), ("bob", Role::Viewer));
    }

    #[test]
    fn a_name_nobody_listed_is_a_stranger_and_a_prefix_is_no_name() {
        let roles = roles(&["bob"], &["ana"]);
        let refused = roles.caller(&presented(&["ana.evil.example"]), Timestamp::UNIX_EPOCH);
        assert_eq!(refused, Err(Refusal::Stranger("ana.evil.example".into())));
    }

    #[test]
    fn a_certificate_that_ends_on_an_open_connection_ends_there() {
        let mut late = presented(&["ana"]);
        late.until = Timestamp::UNIX_EPOCH;
        let now = Timestamp::UNIX_EPOCH + std::time::Duration::from_secs(1);
        let refused = roles(&[], &["ana"]).caller(&late, now).unwrap_err();
        assert!(refused.sentence().contains("expired"));
    }
}
