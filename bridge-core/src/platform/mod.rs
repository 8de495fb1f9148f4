//! What differs between operating systems: processes, locks, folders. The only place with `cfg(target_os)`.
