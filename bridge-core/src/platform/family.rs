//! All that a run has started, wherever it has gone: other groups, other sessions, other parents.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::process;

use rustix::process::{Pid, Signal, geteuid, getpgrp, kill_process_group};

use crate::platform::orphans;
use crate::platform::process_table::{self, EnvironLook, Process, ProcessId};
use crate::platform::signal;

/// The environment entry that all of a run's processes carry, unless they drop it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// Its name.
    pub key: &'static str,
    /// Its value, which no other run has.
    pub value: String,
}

/// What one run has started, as far as it has been seen.
///
/// Members are found as children of members, as inhabitants of groups and sessions that a member leads, and by their
/// marker. What was seen once stays known after its parents have died; on macOS, where orphans go to the first process
/// and most of the system's own programs hide their environment, that is the only way. So look often enough.
#[derive(Debug)]
pub struct Family {
    marker: Marker,
    leader: Option<ProcessId>,
    known: Vec<ProcessId>,
    /// Groups and sessions that a member leads or led, for as long as they have never been seen empty.
    circles: BTreeSet<u32>,
    /// Processes that are known not to carry the marker.
    strangers: BTreeSet<ProcessId>,
    /// If set, all children of this process but these are members.
    not_adopted: Option<Vec<u32>>,
}

impl Family {
    /// Starts from the process that was started for the run, which leads a group of its own.
    pub fn new(marker: Marker, leader: ProcessId) -> Self {
        Self {
            leader: Some(leader),
            // It may have ended before the first look, and left others in its group.
            circles: BTreeSet::from([leader.pid]),
            ..Self::from_known(marker, vec![leader])
        }
    }

    /// Starts from what a supervisor had written down before it died. There is no leader to be asked kindly then.
    ///
    /// This process is left out, whoever wrote it down: all its other children would count as members.
    pub fn from_known(marker: Marker, mut known: Vec<ProcessId>) -> Self {
        known.retain(|id| id.pid > 1 && id.pid != process::id());
        Self {
            marker,
            leader: None,
            known,
            circles: BTreeSet::new(),
            strangers: BTreeSet::new(),
            not_adopted: None,
        }
    }

    /// Counts every child of this process as a member from now on, except the given ones.
    ///
    /// Only for a process that has [become a subreaper](orphans::become_subreaper), supervises one run and starts
    /// nothing else meanwhile: its other children are then what the run has left behind.
    pub fn adopt_orphans(&mut self, except: Vec<u32>) {
        self.not_adopted = Some(except);
    }

    /// The process that was started for the run.
    pub fn leader(&self) -> Option<ProcessId> {
        self.leader
    }

    /// All members that were there at the last look, and the leader in any case; to be written down.
    pub fn known(&self) -> &[ProcessId] {
        &self.known
    }

    /// The members that still run.
    pub fn alive(&self) -> Vec<ProcessId> {
        let alive = |id: &ProcessId| process_table::is_alive(*id);
        self.known.iter().copied().filter(alive).collect()
    }

    /// Looks for new members, and forgets those that have gone. Never finds this process or one above it.
    ///
    /// # Errors
    /// If the process table can't be read; what was known stays known.
    pub fn observe(&mut self) -> io::Result<()> {
        let table = Table::new(process_table::snapshot()?);
        let leader = self.leader;
        self.known
            .retain(|id| Some(*id) == leader || table.has(*id));
        self.strangers.retain(|id| table.has(*id));

        let mut members: BTreeSet<u32> = self
            .known
            .iter()
            .filter(|id| table.has(**id))
            .map(|id| id.pid)
            .collect();
        // A number that a process outside has got by now names another group than before.
        self.circles.retain(|number| {
            table.is_inhabited(*number)
                && (members.contains(number) || !table.rows.contains_key(number))
        });
        let rows: Vec<Process> = table.rows.values().copied().collect();
        for row in rows.iter().filter(|row| members.contains(&row.pid)) {
            self.note_circles(row);
        }

        let above = table.with_all_above(process::id());
        let mut outside: Vec<Process> = rows
            .into_iter()
            .filter(|row| row.pid > 1 && !above.contains(&row.pid) && !members.contains(&row.pid))
            .collect();
        // Each new member may be the parent of others, or lead a group of them.
        loop {
            let mut still_outside = Vec::with_capacity(outside.len());
            let found = members.len();
            for row in outside {
                if self.belongs(&row, &members) {
                    members.insert(row.pid);
                    self.known.push(row.id());
                    self.note_circles(&row);
                } else {
                    still_outside.push(row);
                }
            }
            outside = still_outside;
            if members.len() == found {
                return Ok(());
            }
        }
    }

    /// Sends a signal to every member that still runs, and to the groups that members lead, so that whoever was
    /// started since the last look gets it, too. Returns whom it could not reach.
    pub fn signal_all(&self, what: Signal) -> Vec<ProcessId> {
        let rows: Vec<Process> = self
            .known
            .iter()
            .filter_map(|id| process_table::lookup(*id))
            .filter(|row| !row.zombie)
            .collect();
        // A group with a member in it can't have become another one.
        let groups: BTreeSet<u32> = rows
            .iter()
            .map(|row| row.pgid)
            .filter(|group| self.circles.contains(group) && kill_group(*group, what))
            .collect();
        rows.iter()
            .filter(|row| !groups.contains(&row.pgid))
            .map(Process::id)
            .filter(|id| signal::send(*id, what).is_err())
            .collect()
    }

    /// Collects members that have ended and have come to us, if we [adopt](Family::adopt_orphans) them; never the
    /// leader or an exception, whose status others wait for.
    pub fn reap(&self) {
        let Some(except) = &self.not_adopted else {
            return;
        };
        let others: Vec<ProcessId> = self
            .known
            .iter()
            .copied()
            .filter(|id| Some(*id) != self.leader && !except.contains(&id.pid))
            .collect();
        orphans::reap_orphans(&others);
    }

    fn belongs(&mut self, row: &Process, members: &BTreeSet<u32>) -> bool {
        let child = members.contains(&row.ppid);
        let orphan = self
            .not_adopted
            .as_ref()
            .is_some_and(|except| row.ppid == process::id() && !except.contains(&row.pid));
        // Nobody can join the session of another, nor a group in another session.
        let inhabitant = self.circles.contains(&row.pgid) || self.circles.contains(&row.sid);
        child || orphan || inhabitant || self.carries_marker(row)
    }

    fn carries_marker(&mut self, row: &Process) -> bool {
        if row.zombie || row.uid != geteuid().as_raw() || self.strangers.contains(&row.id()) {
            return false;
        }
        match process_table::environ_look(row.pid, self.marker.key, &self.marker.value) {
            EnvironLook::Has => true,
            EnvironLook::TooEarly => false,
            EnvironLook::HasNot | EnvironLook::Hidden => {
                self.strangers.insert(row.id());
                false
            }
        }
    }

    fn note_circles(&mut self, row: &Process) {
        if row.pgid == row.pid || row.sid == row.pid {
            self.circles.insert(row.pid);
        }
    }
}

/// One look at the process table, by number.
struct Table {
    rows: BTreeMap<u32, Process>,
}

impl Table {
    fn new(rows: Vec<Process>) -> Self {
        Self {
            rows: rows.into_iter().map(|row| (row.pid, row)).collect(),
        }
    }

    fn has(&self, id: ProcessId) -> bool {
        self.rows.get(&id.pid).is_some_and(|row| row.id() == id)
    }

    fn is_inhabited(&self, circle: u32) -> bool {
        self.rows
            .values()
            .any(|row| row.pgid == circle || row.sid == circle)
    }

    fn with_all_above(&self, pid: u32) -> BTreeSet<u32> {
        let mut above = BTreeSet::from([pid]);
        let mut below = self.rows.get(&pid);
        while let Some(parent) = below.and_then(|row| self.rows.get(&row.ppid))
            && above.insert(parent.pid)
        {
            below = Some(parent);
        }
        above
    }
}

/// Signals a whole group, never our own and never all processes; tells whether anybody got it.
fn kill_group(group: u32, signal: Signal) -> bool {
    let Some(group) = i32::try_from(group).ok().and_then(Pid::from_raw) else {
        return false;
    };
    let forbidden = group.as_raw_nonzero().get() <= 1 || group == getpgrp();
    !forbidden && kill_process_group(group, signal).is_ok()
}

#[cfg(test)]
mod tests;
