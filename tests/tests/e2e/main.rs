//! End-to-end tests through the real sidecar.

#[cfg(test)]
mod command_line;
mod tidy;
