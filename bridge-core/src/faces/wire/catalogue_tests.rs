//! The shapes that the app's window knows, as one JSON Schema in a file, from which its types are made.

use std::path::Path;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::faces::tools::StartedDto;
use crate::faces::wire::app::{AboutDto, ApiKeyDto, LoginItemDto, TextDto, WatchDto};
use crate::faces::wire::audit::AuditPageDto;
use crate::faces::wire::clients::{ClientChangeDto, ClientListDto, ProofDto};
use crate::faces::wire::diff::{ChangesPageDto, FinishedDto};
use crate::faces::wire::doctor::{DoctorDto, MendedDto};
use crate::faces::wire::error::ErrorDto;
use crate::faces::wire::page::{RunPageDto, UpdatesDto};
use crate::faces::wire::preferences::{CandidateDto, RootDto, SettingDto};
use crate::faces::wire::question::DecisionDto;
use crate::faces::wire::review::{ReviewCodeDto, ReviewDto};
use crate::faces::wire::run::RunDto;
use crate::faces::wire::schema::{plain_enum, without_rust_formats};
use crate::faces::wire::self_test::{SelfTestDto, SelfTestStepDto};
use crate::faces::wire::status::{RunBatchDto, StatusDto};
use crate::faces::wire::steered::SteeredDto;

/// Where it lies, from the folder of this package.
const FILE: &str = "../ui/src/lib/wire.schema.json";

/// Every shape under its name, with the shapes that it is made of.
fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut generator = settings.into_generator();
    fn add<T: JsonSchema>(generator: &mut SchemaGenerator) {
        generator.subschema_for::<T>();
    }
    add::<StatusDto>(&mut generator);
    add::<RunBatchDto>(&mut generator);
    add::<RunDto>(&mut generator);
    add::<StartedDto>(&mut generator);
    add::<ReviewDto>(&mut generator);
    add::<ReviewCodeDto>(&mut generator);
    add::<UpdatesDto>(&mut generator);
    add::<RunPageDto>(&mut generator);
    add::<ChangesPageDto>(&mut generator);
    add::<FinishedDto>(&mut generator);
    add::<SteeredDto>(&mut generator);
    add::<DecisionDto>(&mut generator);
    add::<DoctorDto>(&mut generator);
    add::<MendedDto>(&mut generator);
    add::<ErrorDto>(&mut generator);
    add::<SettingDto>(&mut generator);
    add::<RootDto>(&mut generator);
    add::<CandidateDto>(&mut generator);
    add::<SelfTestStepDto>(&mut generator);
    add::<SelfTestDto>(&mut generator);
    add::<AuditPageDto>(&mut generator);
    add::<ClientListDto>(&mut generator);
    add::<ClientChangeDto>(&mut generator);
    add::<ProofDto>(&mut generator);
    add::<ApiKeyDto>(&mut generator);
    add::<LoginItemDto>(&mut generator);
    add::<AboutDto>(&mut generator);
    add::<WatchDto>(&mut generator);
    add::<TextDto>(&mut generator);
    let mut shapes = Map::new();
    for (name, schema) in generator.take_definitions(false) {
        let Ok(mut schema) = schemars::Schema::try_from(schema) else {
            continue;
        };
        RecursiveTransform(without_rust_formats).transform(&mut schema);
        RecursiveTransform(plain_enum).transform(&mut schema);
        shapes.insert(name, schema.into());
    }
    // What the tools' schemas leave open, because it would be in each of them.
    for run in ["RunDto", "StartedDto"] {
        if let Some(review) = shapes
            .get_mut(run)
            .and_then(|run| run.pointer_mut("/properties/review"))
        {
            let either = json!([{ "$ref": "#/$defs/ReviewDto" }, { "type": "null" }]);
            *review = json!({ "description": "What a review found.", "anyOf": either });
        }
    }
    let properties: Map<String, Value> = shapes
        .keys()
        .map(|name| (name.clone(), json!({ "$ref": format!("#/$defs/{name}") })))
        .collect();
    let all = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Wire",
        "description": "The shapes that the window gets from the bridge. Made by a test of bridge-core.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "$defs": shapes,
    });
    closed(&all)
}

/// The names without the suffix that they have in Rust, and objects that have nothing but what is named, keys sorted.
fn closed(value: &Value) -> Value {
    let plain = |name: &str| name.strip_suffix("Dto").unwrap_or(name).to_owned();
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| name.as_str());
            let mut object: Map<String, Value> = sorted
                .into_iter()
                .map(|(name, value)| (plain(name), closed(value)))
                .collect();
            if object.contains_key("properties") && object.contains_key("required") {
                object
                    .entry("additionalProperties")
                    .or_insert(Value::Bool(false));
            }
            object
        }
        .into(),
        Value::Array(items) => items.iter().map(closed).collect(),
        Value::String(text) if text.starts_with("#/$defs/") => plain(text).into(),
        other => other.clone(),
    }
}

#[test]
fn the_window_knows_the_shapes_as_they_are() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let text = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &text).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    let same = serde_json::from_str::<Value>(&written).ok() == Some(schema());
    assert!(
        same,
        "{FILE} is not what the shapes are now: run this test again with UPDATE=1"
    );
}

#[test]
fn every_shape_that_is_named_is_there() {
    let schema = schema();
    let text = schema.to_string();
    for part in text.split("\"$ref\":\"#/$defs/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schema["$defs"].get(name).is_some(), "{name}");
    }
}
