//! The adapter against real repositories.

mod carry;
mod inspect;
mod worktree;
