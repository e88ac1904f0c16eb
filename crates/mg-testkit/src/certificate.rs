//! A certificate for the servers of tests.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// Writes a self-signed certificate for `localhost` and 127.0.0.1, and its key; whether `openssl` is
/// there to do so.
pub(crate) fn make(certificate: &Path, key: &Path) -> bool {
    make_by(Command::new("openssl"), certificate, key)
}

/// As [`make`], by an `openssl` that runs as somebody else.
pub(crate) fn make_by(mut openssl: Command, certificate: &Path, key: &Path) -> bool {
    let made = openssl
        .args([
            "req",
            "-x509",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=localhost",
        ])
        .args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"])
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(certificate)
        .stderr(Stdio::null())
        .status();
    made.is_ok_and(|status| status.success())
}
