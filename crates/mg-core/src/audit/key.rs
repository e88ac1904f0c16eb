//! The key of the installation, with which arguments are digested in the audit trail.

use std::{io, path::Path};

use aws_lc_rs::{hmac, rand};

const LENGTH: usize = 32;

/// Reads the key, making it when it is not there yet. Without a place for it, a key of this process
/// alone is used: digests then compare within one run only.
pub(super) fn of_installation(folder: Option<&Path>) -> hmac::Key {
    let stored = folder.map(read_or_make);
    let bytes = match stored {
        Some(Ok(bytes)) => bytes,
        Some(Err(error)) => {
            tracing::warn!(%error, "the audit key cannot be kept; digests compare within this run only");
            fresh()
        }
        None => fresh(),
    };
    hmac::Key::new(hmac::HMAC_SHA256, &bytes)
}

fn fresh() -> Vec<u8> {
    let mut bytes = vec![0; LENGTH];
    if rand::fill(&mut bytes).is_err() {
        tracing::warn!("the system has no randomness; audit digests of this run can be guessed");
    }
    bytes
}

/// Several servers may start at once: the key is written aside and linked into place, so that one
/// wins and all read the same.
fn read_or_make(folder: &Path) -> io::Result<Vec<u8>> {
    let path = folder.join("audit.key");
    if let Ok(bytes) = std::fs::read(&path) {
        return Ok(bytes);
    }
    crate::make_private_folder(folder)?;
    let aside = folder.join(format!("audit.key.{}", std::process::id()));
    crate::write_private_file(&aside, &fresh())?;
    let linked = std::fs::hard_link(&aside, &path);
    std::fs::remove_file(&aside)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => std::fs::read(&path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn racing_processes_end_with_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let keys: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| read_or_make(folder.path())))
                .collect();
            threads
                .into_iter()
                .filter_map(|thread| thread.join().unwrap().ok())
                .collect()
        });
        assert!(
            !keys.is_empty()
                && keys
                    .iter()
                    .all(|key| key.len() == LENGTH && *key == keys[0])
        );
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        read_or_make(folder.path()).unwrap();
        let mode = std::fs::metadata(folder.path().join("audit.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
