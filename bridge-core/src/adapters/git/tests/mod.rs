//! The adapter against real repositories.

mod apply;
mod bounds;
mod carry;
mod history;
mod hostile;
mod inspect;
mod publish;
mod worktree;
