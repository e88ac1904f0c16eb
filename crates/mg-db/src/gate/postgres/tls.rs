//! TLS to PostgreSQL as libpq's `sslmode` asks for it.

use std::{io, path::Path, sync::Arc};

use futures::future::BoxFuture;
use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_postgres::{
    Config, Socket,
    config::{SslMode, SslNegotiation},
    tls::{MakeTlsConnect, TlsConnect},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::line::{Lent, Line, Owner};
use crate::{
    gate::GateError,
    url::{PostgresUrl, TlsMode},
};

/// The message that asks a server for TLS: its length and a code in place of a protocol version.
const TLS_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// Makes the line to a server: plain or encrypted, and ours to take back either way. The library would have an
/// encrypted one alone made here, so that it is told to leave the asking for TLS to this connector.
#[derive(Clone)]
pub(super) struct Connector {
    tls: MakeRustlsConnect,
    mode: TlsMode,
    owner: Owner,
}

/// The making of one line.
pub(super) struct Handshake {
    tls: <MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect,
    mode: TlsMode,
    owner: Owner,
}

impl Connector {
    pub(super) fn new(url: &PostgresUrl, owner: Owner) -> Result<Self, GateError> {
        Ok(Self {
            tls: encryption(url)?,
            mode: url.tls,
            owner,
        })
    }

    /// Has the library hand each new socket to a connector.
    pub(super) fn take_over(config: &mut Config) {
        config.ssl_mode(SslMode::Require);
        config.ssl_negotiation(SslNegotiation::Direct);
    }
}

impl MakeTlsConnect<Socket> for Connector {
    type Stream = Lent;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, domain: &str) -> io::Result<Handshake> {
        let tls = MakeTlsConnect::<Socket>::make_tls_connect(&mut self.tls, domain);
        Ok(Handshake {
            tls: tls.map_err(io::Error::other)?,
            mode: self.mode,
            owner: self.owner.clone(),
        })
    }
}

impl TlsConnect<Socket> for Handshake {
    type Stream = Lent;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Lent>>;

    fn connect(self, mut socket: Socket) -> Self::Future {
        Box::pin(async move {
            if self.mode != TlsMode::Disable && speaks_tls(&mut socket).await? {
                let line = self.tls.connect(socket).await?;
                return Ok(Lent::new(Line::Encrypted(Box::new(line)), self.owner));
            }
            match self.mode {
                TlsMode::Disable | TlsMode::Prefer => {
                    Ok(Lent::new(Line::Plain(socket), self.owner))
                }
                TlsMode::Require | TlsMode::Verify => {
                    Err(io::Error::other("the server does not speak TLS"))
                }
            }
        })
    }
}

/// Asks the server, which answers in one byte.
async fn speaks_tls(socket: &mut Socket) -> io::Result<bool> {
    socket.write_all(&TLS_REQUEST).await?;
    Ok(socket.read_u8().await? == b'S')
}

/// What encrypts: `verify-ca` and `verify-full` check certificate and host name, a mode below them
/// encrypts without checking, and a given `sslrootcert` is checked from `require` on, as in libpq.
fn encryption(url: &PostgresUrl) -> Result<MakeRustlsConnect, GateError> {
    let told = |error: String| GateError::Unavailable(format!("TLS to PostgreSQL: {error}"));
    match (url.tls, &url.root_certificate) {
        (TlsMode::Verify | TlsMode::Require, Some(file)) => {
            let roots = roots_in(file).map_err(|error| {
                told(format!(
                    "`sslrootcert` {} cannot be read ({error})",
                    file.display()
                ))
            })?;
            let builder = builder().map_err(|error| told(error.to_string()))?;
            let config = builder.with_root_certificates(roots).with_no_client_auth();
            Ok(MakeRustlsConnect::new(config))
        }
        (TlsMode::Verify, None) => {
            // The helper asks for the provider of the process; another one set before is as good.
            let _ = aws_lc_rs::default_provider().install_default();
            let connector = MakeRustlsConnect::with_native_certs();
            let connector = connector.map_err(|_| {
                told("this system has no root certificates: name a file in `sslrootcert`".into())
            })?;
            Ok(connector.0)
        }
        _ => {
            let builder = builder().map_err(|error| told(error.to_string()))?;
            let verifier = Arc::new(Unverified(Arc::new(aws_lc_rs::default_provider())));
            let config = builder
                .dangerous()
                .with_custom_certificate_verifier(verifier);
            Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
        }
    }
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
}

fn roots_in(file: &Path) -> Result<RootCertStore, Box<dyn std::error::Error>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file)? {
        roots.add(certificate?)?;
    }
    Ok(roots)
}

/// Accepts any certificate, as libpq does below `verify-ca`: the line is encrypted, the server
/// is not known.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
