//! Which operating system this is.

/// The operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// macOS.
    MacOs,
    /// Linux.
    Linux,
    /// Windows: known, though the bridge does not run there.
    Windows,
}

impl System {
    /// The one that this program was built for.
    pub fn here() -> System {
        if cfg!(target_os = "macos") {
            System::MacOs
        } else {
            System::Linux
        }
    }
}
