//! Completions: what may be filled into the gap of an address or the argument of a prompt, as far as it is typed.

use std::path::Path;

use rmcp::model::{CompleteRequestParams, CompletionInfo, ErrorData, Reference};

use crate::domain::run::{RunKind, RunSummary};
use crate::domain::scrub::Scrubbed;
use crate::faces::mcp::prompts::{self, Completes};
use crate::faces::mcp::resources::{GAP, TEMPLATES};
use crate::use_cases::bridge::{Bridge, RunQuery};

/// So many runs are searched.
const RUNS: usize = 200;

/// Completes what a client has so far.
pub(crate) async fn complete(
    bridge: &Bridge,
    params: &CompleteRequestParams,
) -> Result<CompletionInfo, ErrorData> {
    let typed = params.argument.value.trim();
    let values = match &params.r#ref {
        Reference::Resource(reference) => {
            let template = TEMPLATES.iter().find(|known| known.uri == reference.uri);
            let Some(template) = template else {
                let uris = TEMPLATES.map(|known| known.uri).join(", ");
                return refused(format!("there is no such template; there are {uris}"));
            };
            if params.argument.name != GAP {
                return refused(format!("a template has only `{GAP}` to complete"));
            }
            runs(bridge, template.kind, typed).await
        }
        Reference::Prompt(reference) => {
            let prompt = prompts::find(&reference.name)?;
            let arguments = prompt.arguments;
            let name = &params.argument.name;
            let Some(argument) = arguments.iter().find(|known| known.name == name) else {
                let names = arguments.iter().map(|known| known.name);
                let names = names.collect::<Vec<_>>().join(", ");
                return refused(format!("`{}` takes {names}", prompt.name));
            };
            let context = params.context.as_ref();
            let given = |name| context.and_then(|context| context.get_argument(name));
            let given = Given {
                folder: given("working_dir").map(Path::new),
                model: given("model").map(String::as_str),
            };
            names(bridge, argument.completes, given, typed).await
        }
        _ => return refused("only resources and prompts are completed".to_owned()),
    };
    Ok(info(values))
}

fn refused(message: String) -> Result<CompletionInfo, ErrorData> {
    Err(ErrorData::invalid_params(message, None))
}

/// The first values, and how many there are.
fn info(mut values: Vec<String>) -> CompletionInfo {
    let total = values.len();
    values.truncate(CompletionInfo::MAX_VALUES);
    let mut info = CompletionInfo::default();
    info.total = u32::try_from(total).ok();
    info.has_more = Some(total > values.len());
    info.values = values;
    info
}

/// The ids of recent runs. Ids of one day begin alike, so that their ends and the runs' titles are looked at too.
async fn runs(bridge: &Bridge, kind: Option<RunKind>, typed: &str) -> Vec<String> {
    let query = RunQuery {
        kind,
        limit: RUNS,
        ..RunQuery::default()
    };
    let page = match bridge.list_runs(query).await {
        Ok(page) => page,
        Err(error) => {
            // A menu that stays empty is better than an error in the middle of typing.
            tracing::debug!(%error, "there are no runs to suggest");
            return Vec::new();
        }
    };
    let mut runs = page.runs;
    runs.retain(|run| is_meant(run, typed));
    // What goes on with what was typed comes first; what is equal stays newest first.
    runs.sort_by_key(|run| !run.id.as_str().starts_with(typed));
    runs.into_iter().map(|run| run.id.to_string()).collect()
}

fn is_meant(run: &RunSummary, typed: &str) -> bool {
    let id = run.id.as_str();
    id.starts_with(typed) || id.ends_with(typed) || contains(run.title.as_str(), typed)
}

/// Other arguments of the same prompt, as far as they are filled in.
#[derive(Clone, Copy)]
struct Given<'a> {
    folder: Option<&'a Path>,
    model: Option<&'a str>,
}

/// What can be suggested for an argument of a prompt.
async fn names(
    bridge: &Bridge,
    completes: Completes,
    given: Given<'_>,
    typed: &str,
) -> Vec<String> {
    let known = match completes {
        Completes::Nothing => Vec::new(),
        Completes::Folders => bridge.known_folders().await,
        Completes::Models => bridge.known_models().await,
        Completes::Efforts => bridge.known_efforts(given.model).await,
        Completes::Branches => match given.folder {
            Some(folder) => bridge.known_branches(folder).await,
            None => Vec::new(),
        },
        Completes::Words(words) => words.iter().map(|word| Scrubbed::literal(word)).collect(),
    };
    let known = known.into_iter().map(Scrubbed::into_string);
    let mut names: Vec<String> = known.filter(|name| contains(name, typed)).collect();
    names.sort_by_key(|name| !name.starts_with(typed));
    names
}

/// Whether a text has another one in it, in any letter case.
fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faces::wire::samples;

    #[test]
    fn a_run_is_meant_by_either_end_of_its_id_or_a_part_of_its_title() {
        let mut run = RunSummary::of(&samples::run());
        run.title = samples::scrubbed("Mend the Parser");
        let id = run.id.to_string();
        let check = |typed: &str, expected| assert_eq!(is_meant(&run, typed), expected, "{typed}");
        check("", true);
        check("run_", true);
        check(&id[..10], true);
        check(&id[15..], true);
        check(&id, true);
        check("the parser", true);
        check("lexer", false);
        check(&format!("{id}x"), false);
    }

    #[test]
    fn no_more_than_a_hundred_are_told_and_it_says_so() {
        let values: Vec<String> = (0..150).map(|n| n.to_string()).collect();
        let many = info(values.clone());
        assert_eq!(
            (many.values.len(), many.total, many.has_more),
            (100, Some(150), Some(true))
        );
        let few = info(values[..3].to_vec());
        assert_eq!(
            (few.values.len(), few.total, few.has_more),
            (3, Some(3), Some(false))
        );
    }
}
