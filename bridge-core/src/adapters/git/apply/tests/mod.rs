//! Worktrees are brought back into folders: all of it, or nothing.

mod conflicts;
mod crashes;
mod disk;
mod kinds;
mod properties;
mod scene;
