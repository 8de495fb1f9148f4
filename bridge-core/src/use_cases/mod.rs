//! What the bridge can do, one method or function per thing a person or client can ask.
