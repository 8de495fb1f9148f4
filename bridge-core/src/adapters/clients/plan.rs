//! What a wish makes of a file: decided on the bytes that were read, before anything is touched.

use std::path::Path;

use crate::adapters::clients::file::Target;
use crate::adapters::clients::site::{Change, NAME, Site, SiteError, Wish};
use crate::adapters::clients::text::{Document, Entry, Fault, Wanted, Why, line_of};

/// The program that our entry starts, wherever it lies.
const PROGRAM: &str = "codex-bridge-mcp";
/// The mark that some editors put before a text.
const MARK: &str = "\u{feff}";

impl Site {
    /// What a wish does to the file as it is.
    pub(super) fn decide(&self, found: &Found, wish: Wish<'_>) -> Result<Option<Plan>, SiteError> {
        match wish {
            Wish::Install { program } => {
                let document = self.document(found)?;
                let wanted = Wanted {
                    name: NAME,
                    program,
                };
                let text = document.put(wanted, |program| self.is_ours(program));
                let had_entry = self.said(found, document.entry(NAME))?.is_some();
                let plan = |text| Plan {
                    entry: Some(program.to_owned()),
                    had_entry,
                    had_home: document.has_home(),
                    ..Plan::of(found, Some(found.mark.to_owned() + text))
                };
                Ok(self.said(found, text)?.as_deref().map(plan))
            }
            Wish::Remove => self.removal(found),
            Wish::SwitchOff { name } => {
                let text = self.said(found, self.document(found)?.switch_off(name))?;
                let had_entry = self
                    .said(found, self.document(found)?.entry(NAME))?
                    .is_some();
                // Our own entry, where there is one, stays what it was.
                let entry = self.keeping.receipt().map(|receipt| receipt.program);
                Ok(text.map(|text| Plan {
                    entry: entry.filter(|_| had_entry),
                    had_entry,
                    departs: true,
                    ..Plan::of(found, Some(found.mark.to_owned() + &text))
                }))
            }
            Wish::Undo => {
                if !self.keeping.left(found.bytes.as_deref()) {
                    return Err(match self.keeping.backups().is_empty() {
                        true => SiteError::NothingToUndo {
                            file: self.file.clone(),
                        },
                        false => SiteError::ChangedSince {
                            file: self.file.clone(),
                        },
                    });
                }
                let newest = self.keeping.backups().into_iter().next();
                let newest = newest.ok_or_else(|| SiteError::NothingToUndo {
                    file: self.file.clone(),
                })?;
                self.restoration(found, &newest.id)
            }
            Wish::Restore { backup } => {
                if !self.has_state(backup) {
                    return Err(SiteError::NothingToUndo {
                        file: self.file.clone(),
                    });
                }
                self.restoration(found, backup)
            }
        }
    }

    fn removal(&self, found: &Found) -> Result<Option<Plan>, SiteError> {
        let document = self.document(found)?;
        let Some(entry) = self.said(found, document.entry(NAME))? else {
            return Ok(None);
        };
        if !entry
            .program
            .as_deref()
            .is_some_and(|program| self.is_ours(program))
        {
            return Err(foreign(found, entry));
        }
        let receipt = self.keeping.receipt();
        if let Some(receipt) = &receipt
            && receipt.exact
            && self.keeping.knows(found.bytes.as_deref())
            && let Some(original) = self.keeping.original()
        {
            let bytes = receipt.had_file.then_some(original);
            return Ok(Some(Plan {
                forgets: true,
                ..Plan::of_bytes(found, bytes)
            }));
        }
        let bare = receipt.as_ref().is_some_and(|receipt| !receipt.had_home);
        let text = self.said(found, document.take(NAME, bare))?;
        Ok(text.map(|text| Plan {
            forgets: true,
            ..Plan::of(found, Some(found.mark.to_owned() + &text))
        }))
    }

    fn restoration(&self, found: &Found, backup: &str) -> Result<Option<Plan>, SiteError> {
        let bytes = self.keeping.backup(backup)?;
        if bytes == found.bytes {
            return Ok(None);
        }
        // Whether our entry is in what comes back decides whether there is still something to know of it.
        let text = bytes
            .clone()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let body = text
            .as_deref()
            .map(|text| text.strip_prefix(MARK).unwrap_or(text));
        let entry = body.and_then(|body| {
            let document = Document::read(body, self.client.format, self.client.homes).ok()?;
            document.entry(NAME).ok()?
        });
        let program = entry.and_then(|entry| entry.program);
        let ours = program.filter(|program| self.is_ours(program));
        Ok(Some(Plan {
            had_entry: true,
            forgets: ours.is_none(),
            entry: ours.filter(|_| self.keeping.receipt().is_some()),
            ..Plan::of_bytes(found, bytes)
        }))
    }

    /// Whether an entry with our name that starts this program is ours.
    pub(super) fn is_ours(&self, program: &str) -> bool {
        let name = Path::new(program).file_name();
        name.is_some_and(|name| name == PROGRAM)
            || self
                .keeping
                .receipt()
                .is_some_and(|receipt| receipt.program == program)
    }

    pub(super) fn document<'t>(&self, found: &'t Found) -> Result<Document<'t>, SiteError> {
        let document = Document::read(&found.text, self.client.format, self.client.homes);
        self.said(found, document)
    }

    pub(super) fn said<T>(&self, found: &Found, result: Result<T, Fault>) -> Result<T, SiteError> {
        result.map_err(|fault| SiteError::Refused {
            file: self.file.clone(),
            line: line_of(&found.text, fault.at),
            why: fault.why,
        })
    }
}

/// A file as it is.
pub(super) struct Found {
    pub(super) target: Target,
    pub(super) bytes: Option<Vec<u8>>,
    /// The mark before the text.
    pub(super) mark: &'static str,
    pub(super) text: String,
}

impl Found {
    pub(super) fn read(file: &Path) -> Result<Found, SiteError> {
        let target = Target::find(file)?;
        let bytes = target.read()?;
        let given = bytes.as_deref().unwrap_or_default();
        let text = std::str::from_utf8(given).map_err(|error| SiteError::NotText {
            file: file.to_owned(),
            line: given[..error.valid_up_to()]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
                + 1,
        })?;
        let (mark, text) = match text.strip_prefix(MARK) {
            Some(text) => (MARK, text),
            None => ("", text),
        };
        Ok(Found {
            text: text.to_owned(),
            target,
            mark,
            bytes,
        })
    }
}

/// What comes of a file.
pub(super) struct Plan {
    pub(super) change: Change,
    pub(super) bytes: Option<Vec<u8>>,
    /// The program in our entry afterwards.
    pub(super) entry: Option<String>,
    pub(super) had_entry: bool,
    pub(super) had_home: bool,
    /// Whether the file as it was without us is not wanted back any more.
    pub(super) departs: bool,
    /// Whether there is nothing of us in the file afterwards.
    pub(super) forgets: bool,
}

impl Plan {
    fn of(found: &Found, text: Option<String>) -> Plan {
        Plan::of_bytes(found, text.map(String::into_bytes))
    }

    fn of_bytes(found: &Found, bytes: Option<Vec<u8>>) -> Plan {
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        Plan {
            change: Change {
                file: found.target.named.clone(),
                real: found.target.real.clone(),
                before: found.bytes.as_ref().map(text),
                after: bytes.as_ref().map(text),
            },
            bytes,
            entry: None,
            had_entry: false,
            had_home: false,
            departs: false,
            forgets: false,
        }
    }
}

/// The refusal to touch an entry that is not ours.
pub(super) fn foreign(found: &Found, entry: Entry) -> SiteError {
    SiteError::Refused {
        file: found.target.named.clone(),
        line: entry.line,
        why: Why::Foreign {
            name: entry.name,
            program: entry.program,
        },
    }
}
