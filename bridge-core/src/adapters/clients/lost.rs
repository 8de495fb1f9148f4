//! What a client lost: it wrote its file anew without any of its servers. The last state with them is kept apart from the
//! backups, so that it is still there when the others are asked for.

use crate::adapters::clients::keep::{LOST, Receipt, SEEN};
use crate::adapters::clients::plan::Found;
use crate::adapters::clients::site::{NAME, Site, SiteError, Standing};
use crate::adapters::clients::table::Running;
use crate::adapters::clients::text::Document;

/// Servers of others that a client lost together with ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Their names.
    pub names: Vec<String>,
    /// The name of the state that has them.
    pub backup: String,
}

impl Site {
    /// Takes down what stands in the file: where our entry is there, how the file is; where it was lost, how it was
    /// before; where it alone was taken out, that it was. Says what it saw.
    ///
    /// # Errors
    /// If the file can't be read, or nothing be kept.
    pub fn take_down(&self) -> Result<Standing, SiteError> {
        let standing = self.standing()?;
        match &standing {
            Standing::Installed(_) => {
                let bytes = Found::read(&self.file)?.bytes;
                let can_lose = matches!(self.client.running, Running::Overwrites(_));
                if can_lose && self.receipt().is_some() && bytes != self.keeping.kept(SEEN) {
                    self.keeping.save(SEEN, &bytes.unwrap_or_default())?;
                }
                if self.lost().is_none() {
                    self.keeping.discard(LOST)?;
                }
            }
            Standing::Wiped => {
                if self.keeping.kept(LOST).is_none()
                    && let Some(before) = self.last_good()
                {
                    self.keeping.save(LOST, &before)?;
                }
            }
            Standing::TakenOut => self.leave_out()?,
            Standing::Absent => {}
        }
        Ok(standing)
    }

    /// Remembers that our entry is out by the person's will, and that nothing else is missed.
    ///
    /// # Errors
    /// If it can't be kept.
    pub fn leave_out(&self) -> Result<(), SiteError> {
        if let Some(receipt) = self.receipt()
            && !receipt.taken_out
            && !matches!(self.standing(), Ok(Standing::Installed(_)))
        {
            self.keeping.save_receipt(&Receipt {
                taken_out: true,
                ..receipt
            })?;
        }
        self.keeping.discard(LOST)?;
        Ok(())
    }

    /// The servers of others that were lost with ours, and are not back.
    pub fn lost(&self) -> Option<Lost> {
        let before = self.keeping.kept(LOST)?;
        let now = self.entries().ok()?;
        let mut names = self.others(&before);
        names.retain(|name| now.iter().all(|entry| entry.name != *name));
        (!names.is_empty()).then(|| Lost {
            names,
            backup: LOST.to_owned(),
        })
    }

    /// Whether a state of this name is kept.
    pub fn has_state(&self, name: &str) -> bool {
        let is_lost = name == LOST && self.keeping.kept(LOST).is_some();
        is_lost || self.backups().iter().any(|known| known.id == name)
    }

    /// Whether there were other servers beside ours when we last looked.
    pub(super) fn had_others(&self) -> bool {
        let before = self.last_good();
        before.is_some_and(|before| !self.others(&before).is_empty())
    }

    fn last_good(&self) -> Option<Vec<u8>> {
        self.keeping.kept(SEEN).or_else(|| self.keeping.last_left())
    }

    /// The names of the servers beside ours in a state of the file.
    fn others(&self, bytes: &[u8]) -> Vec<String> {
        let text = String::from_utf8_lossy(bytes);
        let body = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let document = Document::read(body, self.client.format, self.client.homes);
        let entries = document.and_then(|document| document.entries());
        let names = entries.unwrap_or_default().into_iter();
        names
            .map(|entry| entry.name)
            .filter(|name| name != NAME)
            .collect()
    }
}
