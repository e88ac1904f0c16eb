//! Folders and files that only their owner may read.

use std::{fs, io, path::Path};

/// Makes a folder, and the missing ones above it, with mode 0700; an existing one is left as it is.
///
/// # Errors
///
/// When the file system refuses.
pub fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a new file with mode 0600.
///
/// # Errors
///
/// When the file exists already or the file system refuses.
pub fn write_private_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    io::Write::write_all(&mut file, content)?;
    file.sync_all()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> Option<u32> {
        Some(fs::metadata(path).ok()?.permissions().mode() & 0o777)
    }

    #[test]
    fn new_folders_and_files_are_their_owners_alone() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/b");
        make_private_folder(&folder).unwrap();
        make_private_folder(&folder).unwrap();
        write_private_file(&folder.join("key"), b"x").unwrap();
        assert_eq!(
            (mode(&folder), mode(&folder.join("key"))),
            (Some(0o700), Some(0o600))
        );
        assert!(write_private_file(&folder.join("key"), b"y").is_err());
    }
}
