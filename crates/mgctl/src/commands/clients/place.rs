//! A client's file on disk: read whole, replaced whole, its old text kept.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use mg_core::{Clock, make_private_folder};

use crate::failure::Failure;

/// The file that a chain of symbolic links leads to, so that the link itself stays.
pub(super) fn behind_links(path: PathBuf) -> PathBuf {
    fs::canonicalize(&path).unwrap_or(path)
}

/// The text of the file; empty where there is none.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Failure::Configuration(format!(
            "cannot read {}: {error}",
            path.display()
        ))),
    }
}

/// Replaces the file at once, keeping its mode; answers where its old text is kept.
pub(super) fn write(path: &Path, text: &str, clock: &Clock) -> Result<Option<PathBuf>, Failure> {
    replace(path, text, clock).map_err(|error| {
        Failure::Failed(format!(
            "{} cannot be written, and is left as it is: {error}",
            path.display()
        ))
    })
}

fn replace(path: &Path, text: &str, clock: &Clock) -> io::Result<Option<PathBuf>> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    make_private_folder(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(".mgctl-")
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    let mut backup = None;
    if let Ok(metadata) = path.metadata() {
        file.as_file().set_permissions(metadata.permissions())?;
        let moment = clock.now().strftime("%Y%m%dT%H%M%S%.6fZ");
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{moment}.bak"));
        fs::copy(path, &name)?;
        backup = Some(name.into());
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(backup)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_replaced_with_its_mode_and_its_old_text_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mcp.json");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        let backup = write(&path, "new", &Clock::system()).unwrap().unwrap();
        assert_eq!(
            (
                read(&path).unwrap().as_str(),
                read(&backup).unwrap().as_str()
            ),
            ("new", "old")
        );
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_new_file_is_its_owners_alone_and_has_no_backup() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Claude/mcp.json");
        assert_eq!(read(&path).unwrap(), "");
        assert_eq!(write(&path, "new", &Clock::system()).unwrap(), None);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&behind_links(link.clone()), "new", &Clock::system()).unwrap();
        assert!(link.is_symlink());
        assert_eq!(read(&file).unwrap(), "new");
    }
}
