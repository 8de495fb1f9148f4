//! Git's answers as values: paths and names are bytes that end with NUL or a line's end.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use crate::domain::changes::ObjectId;

/// A path, unless it is empty.
pub(super) fn path(bytes: Option<&[u8]>) -> Option<PathBuf> {
    let bytes = bytes.filter(|bytes| !bytes.is_empty())?;
    Some(PathBuf::from(OsStr::from_bytes(bytes)))
}

/// The full name of an object.
pub(super) fn object_id(bytes: &[u8]) -> Option<ObjectId> {
    ObjectId::parse(std::str::from_utf8(bytes).ok()?)
}

/// The fields of a list whose fields end with NUL.
pub(super) fn fields(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let list = list.strip_suffix(&[0]).unwrap_or(list);
    let some = !list.is_empty();
    list.split(|byte| *byte == 0).filter(move |_| some)
}

/// A list whose fields end with NUL.
pub(super) fn list<'a>(fields: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut list = Vec::new();
    for field in fields {
        list.extend_from_slice(field);
        list.push(0);
    }
    list
}
