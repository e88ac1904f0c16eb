//! A certificate authority of a test's own, by `openssl`.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// Signs certificates for servers and for callers.
#[derive(Debug)]
pub struct Authority {
    folder: TempDir,
}

/// A certificate and its key, in PEM files that live as long as their authority.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The certificate.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Certificate {
    /// Both in one text, as clients take an identity.
    #[must_use]
    pub fn identity(&self) -> String {
        let read = |path: &Path| std::fs::read_to_string(path).expect("it was written");
        read(&self.certificate) + &read(&self.key)
    }
}

const SETTINGS: &str = "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\n\
    policy=p\ncopy_extensions=copyall\nunique_subject=no\n[p]\ncommonName=supplied\n";

impl Authority {
    /// A new one, with this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |file: &str, text: &str| {
            std::fs::write(folder.path().join(file), text).expect("a file");
        };
        write("settings", SETTINGS);
        write("index", "");
        write("serial", "01\n");
        let authority = Self { folder };
        let subject = format!("/CN={name}");
        authority.openssl(
            "req -x509 -nodes -days 30 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
             -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign \
             -keyout ca.key -out ca.pem",
            &["-subj", &subject],
        );
        authority
    }

    /// Its own certificate.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A good certificate for a name, with alternative names as `openssl` writes them (`email:a@b,DNS:localhost`).
    #[must_use]
    pub fn issue(&self, name: &str, alternatives: &str) -> Certificate {
        self.issue_for(name, alternatives, "20200101000000Z", "20991231000000Z")
    }

    /// One that ended long ago.
    #[must_use]
    pub fn issue_expired(&self, name: &str, alternatives: &str) -> Certificate {
        self.issue_for(name, alternatives, "20200101000000Z", "20200102000000Z")
    }

    fn issue_for(&self, name: &str, alternatives: &str, from: &str, until: &str) -> Certificate {
        let number = mg_core::random_id().expect("random letters");
        let path = |kind: &str| self.folder.path().join(format!("{number}.{kind}"));
        let [key, request, certificate] = ["key", "request", "pem"].map(path);
        let text = |path: &Path| path.to_str().expect("a path in letters").to_owned();
        let [key_text, request_text, certificate_text] =
            [&key, &request, &certificate].map(|path| text(path));
        self.openssl(
            "req -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
             -addext basicConstraints=critical,CA:FALSE",
            &[
                "-subj",
                &format!("/CN={name}"),
                "-addext",
                &format!("subjectAltName={alternatives}"),
                "-keyout",
                &key_text,
                "-out",
                &request_text,
            ],
        );
        let sign = "ca -batch -notext -config settings -cert ca.pem -keyfile ca.key";
        let names = ["-in", &request_text, "-out", &certificate_text];
        let dates = ["-startdate", from, "-enddate", until];
        self.openssl(sign, &[names, dates].concat());
        Certificate { certificate, key }
    }

    fn openssl(&self, fixed: &str, more: &[&str]) {
        let ran = Command::new("openssl")
            .args(fixed.split_whitespace())
            .args(more)
            .current_dir(self.folder.path())
            .stderr(Stdio::piped())
            .output()
            .expect("openssl is installed");
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "openssl {fixed}: {told}");
    }
}
