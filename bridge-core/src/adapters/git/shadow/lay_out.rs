//! Writes git's folder of a shadow, file by file: `git init` would run with templates, and takes longer.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::adapters::git::objects::{Front, Objects};
use crate::adapters::git::program::Git;
use crate::adapters::git::repository::{Head, Repository};
use crate::adapters::git::snapshot;

/// Longer lists of patterns are not taken over.
const MAX_LIST: u64 = 1 << 20;

/// Makes the folder with everything but an index.
pub(super) fn lay_out(git: &Git, repository: &Repository, git_dir: &Path) -> io::Result<Objects> {
    let info = git_dir.join("info");
    for folder in ["objects/info", "objects/pack", "refs/heads", "info"] {
        fs::create_dir_all(git_dir.join(folder))?;
    }
    let head = match &repository.head {
        Head::Commit { id, .. } => format!("{id}\n"),
        Head::Unborn { branch } => format!("ref: refs/heads/{branch}\n"),
    };
    fs::write(git_dir.join("HEAD"), head)?;
    fs::write(
        git_dir.join("objects/info/alternates"),
        alternate(&repository.object_dir()),
    )?;
    let shared = repository.common_dir.join("info");
    copy_list(&shared.join("exclude"), &info.join("exclude"))?;
    copy_list(&shared.join("attributes"), &info.join("attributes"))?;
    let conventions = &repository.conventions;
    if conventions.sparse {
        let patterns = repository.git_dir.join("info/sparse-checkout");
        copy_list(&patterns, &info.join("sparse-checkout"))?;
    }
    if repository.shallow {
        fs::copy(
            repository.common_dir.join("shallow"),
            git_dir.join("shallow"),
        )?;
    }
    let (excludes, attributes) = (info.join("excludes"), info.join("attributes-everywhere"));
    for (from, to) in [
        (&conventions.excludes_file, &excludes),
        (&conventions.attributes_file, &attributes),
    ] {
        match from {
            Some(from) => copy_list(from, to)?,
            None => fs::write(to, "")?,
        }
    }
    Objects::lay_out(
        git,
        &Front {
            folder: &git_dir.join("front"),
            objects: &git_dir.join("objects"),
            common_dir: &repository.common_dir,
            format: conventions.format,
        },
    )
}

/// Writes the configuration, whose files have to be named by the place where the folder will stay.
pub(super) fn configure(repository: &Repository, git_dir: &Path, stays: &Path) -> io::Result<()> {
    let info = stays.join("info");
    let config = repository.conventions.config(
        Some(&info.join("excludes")),
        Some(&info.join("attributes-everywhere")),
    );
    fs::write(git_dir.join("config"), config)
}

/// Copies the person's index with what it refers to. Gives `false` if there is none.
pub(super) fn take_index(repository: &Repository, git_dir: &Path, name: &str) -> io::Result<bool> {
    let index = repository.git_dir.join("index");
    // A split index leaves most of itself in a file beside it.
    for entry in fs::read_dir(&repository.git_dir)? {
        let entry = entry?;
        if entry.file_name().as_bytes().starts_with(b"sharedindex.") {
            snapshot::copy_index(&entry.path(), &git_dir.join(entry.file_name()))?;
        }
    }
    match snapshot::copy_index(&index, &git_dir.join(name)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The line that names another store of objects. Quoted, it can contain a line's end.
fn alternate(objects: &Path) -> Vec<u8> {
    let path = objects.as_os_str().as_bytes();
    let mut line = Vec::new();
    if path.contains(&b'\n') {
        line.push(b'"');
        for byte in path {
            match byte {
                b'\n' => line.extend(b"\\n"),
                b'"' | b'\\' => line.extend([b'\\', *byte]),
                other => line.push(*other),
            }
        }
        line.push(b'"');
    } else {
        line.extend_from_slice(path);
    }
    line.push(b'\n');
    line
}

/// Copies a list of patterns; what is no plain file of a usual size counts as empty.
fn copy_list(from: &Path, to: &Path) -> io::Result<()> {
    let mut options = File::options();
    let opened = options.read(true).custom_flags(libc::O_NONBLOCK).open(from);
    let mut text = Vec::new();
    if let Ok(file) = opened
        && file
            .metadata()
            .is_ok_and(|data| data.is_file() && data.len() <= MAX_LIST)
    {
        file.take(MAX_LIST).read_to_end(&mut text)?;
    }
    fs::write(to, text)
}
