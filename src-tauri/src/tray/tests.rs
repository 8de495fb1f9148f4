//! What the icon and the menu show.
