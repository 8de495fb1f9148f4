//! Removes secrets from text. `Scrubbed` is the only text the store, the clients, the UI and the logs accept.
