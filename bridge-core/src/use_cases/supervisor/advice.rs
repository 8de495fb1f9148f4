//! What a run says besides when its model or effort was refused: those that there are, in Codex's own words.

use std::time::Duration;

use tokio::time::timeout;

use crate::domain::error::{ErrorCode, Failure};
use crate::domain::models::Catalogue;
use crate::domain::task::{Effort, ModelName};
use crate::use_cases::codex::{self, Search};
use crate::use_cases::models;
use crate::use_cases::supervisor::life::Life;

/// How long the end of a run is held up for the advice.
const LIMIT: Duration = Duration::from_secs(10);
/// The most models that are named.
const MOST: usize = 20;

impl Life {
    /// The failure with the models that Codex offers in its hint, where one of them is what is needed.
    pub(super) async fn advised(&self, mut failure: Failure) -> Failure {
        if failure.code != ErrorCode::ModelUnavailable {
            return failure;
        }
        let Ok(Some(catalogue)) = timeout(LIMIT, self.catalogue()).await else {
            return failure;
        };
        let (model, effort) = (self.order.model.as_ref(), self.order.effort.as_ref());
        if let Some(advice) = advice(&catalogue, model, effort) {
            let hint = format!("{} {advice}", failure.hint);
            failure.hint = self.settings.scrubber.scrub(&hint);
        }
        failure
    }

    async fn catalogue(&self) -> Option<Catalogue> {
        let search = Search {
            host: &self.host,
            settings: &self.settings,
            store: Some(&self.store),
            run: Some(self.run()),
        };
        let codex = codex::find(search).await.ok()?;
        models::models(search, &codex)
            .await
            .inspect_err(|error| tracing::info!(run = %self.run(), %error, "no models to name"))
            .ok()
    }
}

/// The models that there are; where the model is one of them and the effort is not one of its own, its efforts.
fn advice(
    catalogue: &Catalogue,
    model: Option<&ModelName>,
    effort: Option<&Effort>,
) -> Option<String> {
    let known = model.and_then(|name| catalogue.find(name));
    if let (Some(known), Some(effort)) = (known, effort)
        && !known.efforts.is_empty()
        && !known.efforts.contains(effort)
    {
        let efforts: Vec<&str> = known.efforts.iter().map(Effort::as_str).collect();
        return Some(format!(
            "`{}` takes the efforts {}.",
            known.name.as_str(),
            efforts.join(", ")
        ));
    }
    let names: Vec<&str> = catalogue
        .listed()
        .map(|model| model.name.as_str())
        .take(MOST)
        .collect();
    (!names.is_empty()).then(|| format!("Codex offers {}.", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::models::Model;

    #[test]
    fn what_there_is_is_named() {
        let word = |word: &&str| Effort::parse(word).unwrap();
        let model = |name: &str, efforts: &[&str], is_listed| Model {
            name: ModelName::parse(name).unwrap(),
            about: None,
            efforts: efforts.iter().map(word).collect(),
            default_effort: None,
            is_listed,
        };
        let catalogue = Catalogue::new(vec![
            model("gpt-6-sol", &["low", "high"], true),
            model("gpt-5.5", &[], true),
            model("hidden", &["low"], false),
        ]);
        let check = |name: &str, effort: &str, expected: &str| {
            let name = ModelName::parse(name).unwrap();
            let told = advice(&catalogue, Some(&name), Some(&word(&effort)));
            assert_eq!(told.as_deref(), Some(expected), "{name:?} {effort}");
        };
        let models = "Codex offers gpt-6-sol, gpt-5.5.";
        check("gpt-9", "high", models);
        check("gpt-6-sol", "high", models);
        check(
            "gpt-6-sol",
            "ultra",
            "`gpt-6-sol` takes the efforts low, high.",
        );
        check("hidden", "high", "`hidden` takes the efforts low.");
        check("gpt-5.5", "ultra", models);
        assert_eq!(advice(&Catalogue::default(), None, None), None);
    }
}
