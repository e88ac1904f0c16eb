//! `mgctl token new`: signed tokens, and the keys that sign them.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, Subcommand};
use mg_core::{
    Role, make_private_folder,
    token::{self, KeyPair},
    write_private_file,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{context::Context, failure::Failure};

/// Make keys and signed tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print a new token; its keys are made first where there are none
    New(New),
}

/// Arguments of `token new`.
#[derive(Args, Debug)]
pub(crate) struct New {
    /// Who the token is for [default: this user]
    #[arg(long)]
    name: Option<String>,
    /// What the token allows
    #[arg(long, value_enum, default_value = "viewer")]
    role: Role,
    /// Days until it ends
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// The private key that signs; made where there is none [default: token.key in the configuration folder]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// Runs the sub-command.
pub(crate) fn run(command: &Command, context: &mut Context<'_>) -> Result<(), Failure> {
    let Command::New(new) = command;
    let path = key_file(new.key.as_deref(), context)?;
    let keys = Keys::at(path)?;
    let name = new
        .name
        .as_deref()
        .or(context.environment.raw("USER"))
        .unwrap_or("local");
    let lifetime = Duration::from_hours(24 * u64::from(new.days));
    let signed = token::sign(&keys.private_pem, name, new.role, lifetime, &context.clock)?;
    let caller =
        token::verify(&keys.public_pem, &signed.clone().into(), &context.clock).map_err(|_| {
            Failure::Configuration(format!(
                "{} is not the public half of {}: name another private key file by --key",
                keys.public.display(),
                keys.private.display()
            ))
        })?;
    let end = caller
        .expires
        .map(|end| end.to_string())
        .unwrap_or_default();
    let told = format!(
        "token for {name} as {}, valid until {end}\nprivate key (keep it secret): {}\npublic key, first in mg.toml, before any [section]:\nauth.public_key = {:?}\n",
        new.role.name(),
        keys.private.display(),
        keys.public.display().to_string(),
    );
    // Stdout has the token alone, so that `MG_TOKEN=$(mgctl token new)` works.
    let _closed = io::stderr().write_all(told.as_bytes());
    context.terminal.line(&signed);
    Ok(())
}

fn key_file(named: Option<&Path>, context: &Context<'_>) -> Result<PathBuf, Failure> {
    if let Some(path) = named {
        return Ok(std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()));
    }
    context.settings()?.user_folder("token.key").ok_or_else(|| {
        Failure::Configuration(
            "this user has no home folder: name the private key file by --key".into(),
        )
    })
}

/// A key pair in two files.
#[derive(Debug)]
struct Keys {
    private: PathBuf,
    public: PathBuf,
    private_pem: SecretString,
    public_pem: String,
}

impl Keys {
    /// The pair whose private half is at `private`, the public one beside it with the ending `.pub`;
    /// both are made where there is none, and never overwritten.
    fn at(private: PathBuf) -> Result<Self, Failure> {
        let mut public = private.clone().into_os_string();
        public.push(".pub");
        let public = PathBuf::from(public);
        if !private.exists() {
            make(&private, &public)?;
        }
        let (private_pem, public_pem) = (read(&private)?.into(), read(&public)?);
        Ok(Self {
            private,
            public,
            private_pem,
            public_pem,
        })
    }
}

fn make(private: &Path, public: &Path) -> Result<(), Failure> {
    if public.exists() {
        return Err(Failure::Configuration(format!(
            "{} is there, but its private half {} is not: bring it back, or name another private key file by --key",
            public.display(),
            private.display()
        )));
    }
    let pair = KeyPair::generate()
        .map_err(|error| Failure::Failed(format!("no keys can be made: {error}")))?;
    let written = private
        .parent()
        .map_or(Ok(()), make_private_folder)
        .and_then(|()| {
            write_private_file(private, pair.private_pem.expose_secret().as_bytes())?;
            write_private_file(public, pair.public_pem.as_bytes())
        });
    written.map_err(|error| {
        Failure::Configuration(format!(
            "the keys cannot be written beside {} ({error}): name another file by --key",
            private.display()
        ))
    })
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| {
        Failure::Configuration(format!(
            "cannot read {} ({error}): name another private key file by --key",
            path.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/token.key");
        let first = Keys::at(path.clone()).unwrap();
        let second = Keys::at(path).unwrap();
        assert_eq!(first.public_pem, second.public_pem);
        assert_eq!(
            first.private_pem.expose_secret(),
            second.private_pem.expose_secret()
        );
    }

    #[test]
    fn half_a_pair_is_told_and_nothing_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.key");
        fs::write(folder.path().join("token.key.pub"), "x").unwrap();
        let refusal = Keys::at(path.clone()).unwrap_err();
        assert!(
            refusal
                .sentence()
                .is_some_and(|sentence| sentence.contains("private half")),
            "{refusal:?}"
        );
        assert!(!path.exists());
    }
}
