//! What a shadow was made from, as a file beside it: another process may go on with it days later.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::changes::ObjectId;

/// The file's name.
const NAME: &str = "shadow.json";
/// The only form of the file so far.
const FORMAT: u32 = 1;

/// What a shadow was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The name of the folder with the files; none if they are the person's own.
    pub(super) worktree: Option<OsString>,
    /// The top of the person's repository.
    pub(super) toplevel: PathBuf,
    /// Where the folder that was asked for lies below the top.
    pub(super) prefix: PathBuf,
    pub(super) base_commit: Option<ObjectId>,
    pub(super) head_tree: ObjectId,
    pub(super) base_tree: ObjectId,
    /// Where commits of other repositories stand.
    pub(super) gitlinks: Vec<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
struct Doc {
    format: u32,
    worktree: Option<Bytes>,
    toplevel: Bytes,
    prefix: Bytes,
    base_commit: Option<String>,
    head_tree: String,
    base_tree: String,
    gitlinks: Vec<Bytes>,
}

/// Names are mostly text, and need not be.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Bytes {
    Text(String),
    Raw(Vec<u8>),
}

impl Record {
    /// Writes the file into the folder of the shadow.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let bytes = |path: &Path| Bytes::from(path.as_os_str().to_owned().into_vec());
        let doc = Doc {
            format: FORMAT,
            worktree: self.worktree.clone().map(|name| name.into_vec().into()),
            toplevel: bytes(&self.toplevel),
            prefix: bytes(&self.prefix),
            base_commit: self.base_commit.as_ref().map(ToString::to_string),
            head_tree: self.head_tree.to_string(),
            base_tree: self.base_tree.to_string(),
            gitlinks: self.gitlinks.iter().cloned().map(Bytes::from).collect(),
        };
        std::fs::write(folder.join(NAME), serde_json::to_vec_pretty(&doc)?)
    }

    /// Reads the file in the folder of a shadow.
    pub(super) fn read(folder: &Path) -> io::Result<Record> {
        let doc: Doc = serde_json::from_slice(&std::fs::read(folder.join(NAME))?)?;
        let id = |text: &str| ObjectId::parse(text).ok_or(io::ErrorKind::InvalidData);
        if doc.format != FORMAT {
            return Err(io::ErrorKind::Unsupported.into());
        }
        Ok(Record {
            worktree: doc.worktree.map(Bytes::into_name),
            toplevel: doc.toplevel.into_name().into(),
            prefix: doc.prefix.into_name().into(),
            base_commit: doc.base_commit.as_deref().map(id).transpose()?,
            head_tree: id(&doc.head_tree)?,
            base_tree: id(&doc.base_tree)?,
            gitlinks: doc.gitlinks.into_iter().map(Bytes::into_bytes).collect(),
        })
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Bytes {
        String::from_utf8(bytes).map_or_else(|error| Bytes::Raw(error.into_bytes()), Bytes::Text)
    }
}

impl Bytes {
    fn into_bytes(self) -> Vec<u8> {
        match self {
            Bytes::Text(text) => text.into_bytes(),
            Bytes::Raw(bytes) => bytes,
        }
    }

    fn into_name(self) -> OsString {
        OsString::from_vec(self.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let tmp = tempfile::tempdir().unwrap();
        let id = ObjectId::parse(&"0a".repeat(32)).unwrap();
        let record = Record {
            worktree: Some(OsString::from_vec(b"sh\xffop".to_vec())),
            toplevel: "/home/ann/sh\nop".into(),
            prefix: PathBuf::new(),
            base_commit: None,
            head_tree: id.clone(),
            base_tree: id,
            gitlinks: vec![b"sub".to_vec(), b"\xfe".to_vec()],
        };
        record.write(tmp.path()).unwrap();
        assert_eq!(Record::read(tmp.path()).unwrap(), record);
        std::fs::write(tmp.path().join(NAME), "{}").unwrap();
        assert!(Record::read(tmp.path()).is_err());
    }
}
