//! Views of runs, as text.
