//! The gates of the tools, for the fuzz targets alone.

use serde_json::{Map, Value};

use crate::domain::scrub::Scrubber;
use crate::faces::tools::{self, Tool};

/// What stands between a client's arguments and a tool.
#[expect(missing_debug_implementations, reason = "holds a function")]
pub struct Gate(&'static Tool);

/// One gate for each tool.
pub fn gates() -> Vec<Gate> {
    tools::all().iter().map(Gate).collect()
}

impl Gate {
    /// The tool.
    pub fn name(&self) -> &str {
        &self.0.listed.name
    }

    /// The schema that clients see.
    pub fn schema(&self) -> Value {
        Value::Object(self.0.listed.input_schema.as_ref().clone())
    }

    /// Lets arguments through, or refuses them with these words.
    pub fn admits(&self, arguments: Map<String, Value>) -> Result<(), String> {
        self.0
            .admits(arguments)
            .map_err(|refused| refused.failure(&Scrubber::builtin()).message)
    }
}
