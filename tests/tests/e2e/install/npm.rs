//! Real clients from npm, each in a home folder of its own: the entry that is installed is one that they start.
