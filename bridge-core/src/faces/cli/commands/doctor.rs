//! `doctor`: what is installed, logged in and allowed, and what is wrong.

use std::io;

use crate::domain::models::Model;
use crate::faces::cli::args::DoctorArgs;
use crate::faces::cli::fault::{Exit, Fault};
use crate::faces::cli::look::{Look, Tone};
use crate::faces::cli::{screen, text};
use crate::faces::wire::doctor::{DoctorDto, MendedDto};
use crate::use_cases::bridge::Bridge;
use crate::use_cases::doctor::{Deed, Finding, Ill, Level, Mending, Mends, Report};

/// Looks at everything that a run needs.
pub(super) async fn doctor(bridge: &Bridge, args: &DoctorArgs) -> Result<Exit, Fault> {
    if let Some(named) = &args.fix {
        return fix(bridge, args, named).await;
    }
    let report = bridge.doctor().await;
    if args.report {
        let text = report.markdown(bridge);
        screen::print(&[text.as_str().trim_end().to_owned()])?;
        return Ok(exit(&report));
    }
    if args.json {
        screen::print_json(&DoctorDto::from(&report))?;
    } else {
        let config = bridge.host().config_file();
        let mut lines = lines(&report, Look::of(&io::stdout(), bridge.host()));
        lines.push(String::new());
        lines.push(format!(
            "Configuration: {}",
            text::one_line(bridge.scrubber().scrub(&config.to_string_lossy()).as_str())
        ));
        lines.push(
            "To prove the whole chain, without an account: codex-bridge-mcp self-test".to_owned(),
        );
        screen::print(&lines)?;
    }
    Ok(exit(&report))
}

fn exit(report: &Report) -> Exit {
    match report.level() {
        Level::Ok | Level::Warning => Exit::Fine,
        Level::Fault => Exit::Failed,
    }
}

/// Mends what can be mended, says what was done, and shows what remains.
async fn fix(bridge: &Bridge, args: &DoctorArgs, named: &[String]) -> Result<Exit, Fault> {
    let is_known = |name: &str| name.contains(':') || Ill::ALL.iter().any(|ill| ill.id() == name);
    if let Some(unknown) = named.iter().find(|name| !is_known(name)) {
        return Err(Fault::Usage {
            message: format!("there is no finding `{}`", unknown.escape_debug()),
            hint: "`codex-bridge-mcp doctor --json` shows the ids of all that it finds.",
        });
    }
    let mending = Mending {
        unasked: true,
        named: named.to_vec(),
        dry_run: args.dry_run,
    };
    let mended = bridge.mend(&mending).await;
    let failed = |deed: &Deed| matches!(deed.outcome, Some(Err(_)));
    let exit = match mended.done.iter().any(failed) {
        true => Exit::Failed,
        false => exit(&mended.report),
    };
    if args.json {
        screen::print_json(&MendedDto::from(&mended))?;
        return Ok(exit);
    }
    let look = Look::of(&io::stdout(), bridge.host());
    let mut told: Vec<String> = (mended.done.iter())
        .flat_map(|deed| deed_lines(deed, look))
        .collect();
    if told.is_empty() {
        told.push("Nothing is to be mended that can be mended without you.".to_owned());
    }
    let left = (mended.report.findings.iter()).filter(|finding| finding.level > Level::Ok);
    let left: Vec<String> = left
        .flat_map(|finding| finding_lines(finding, look))
        .collect();
    if !args.dry_run && !left.is_empty() {
        told.push(String::new());
        told.push("What remains:".to_owned());
        told.extend(left);
    }
    screen::print(&told)?;
    Ok(exit)
}

fn deed_lines(deed: &Deed, look: Look) -> Vec<String> {
    let what = text::one_line(deed.what.as_str());
    let (tone, sign, said) = match &deed.outcome {
        None => {
            let label = text::one_line(deed.label.as_str());
            (Tone::Accent, "+", format!("would be done: {label}"))
        }
        Some(Ok(said)) => (Tone::Good, "✔", text::one_line(said.as_str())),
        Some(Err(failure)) => {
            let message = text::one_line(failure.message.as_str());
            let hint = text::one_line(failure.hint.as_str());
            (Tone::Bad, "✖", format!("{message}. {hint}"))
        }
    };
    let room = look.width.saturating_sub(2);
    let first = format!("{} {}: {what}", look.paint(tone, sign), deed.id);
    let rest = text::wrap(&format!("→ {said}"), room);
    let rest = rest.iter().map(|line| format!("  {line}"));
    [first].into_iter().chain(rest).collect()
}

/// The report as a person reads it.
fn lines(report: &Report, look: Look) -> Vec<String> {
    let faults = count(report, Level::Fault);
    let warnings = count(report, Level::Warning);
    let (tone, verdict) = match report.level() {
        Level::Ok => (Tone::Good, "all is well".to_owned()),
        Level::Warning => (
            Tone::Warn,
            format!("works; {}", plural(warnings, "thing", "to look at")),
        ),
        Level::Fault => (Tone::Bad, plural(faults, "fault", "to mend")),
    };
    let name = format!("Codex Bridge {}", report.bridge_version);
    let mut lines = vec![
        format!(
            "{}: {}",
            look.paint(Tone::Strong, &name),
            look.paint(tone, &verdict)
        ),
        String::new(),
    ];
    if let Some(codex) = &report.codex {
        fact(
            &mut lines,
            look,
            "Codex",
            &format!("{} ({})", codex.version, codex.path),
        );
        fact(&mut lines, look, "found", codex.origin.as_str());
        fact(&mut lines, look, "login", codex.login.as_str());
        for lack in &codex.lacks {
            fact(&mut lines, look, "lacks", lack.as_str());
        }
        for (place, model) in codex.models.iter().enumerate() {
            let label = if place == 0 { "models" } else { "" };
            fact(&mut lines, look, label, &model_words(model, place == 0));
        }
    }
    for root in &report.roots {
        fact(&mut lines, look, "allowed", root.as_str());
    }
    let runs = format!("{} under way, {} waiting", report.running, report.queued);
    fact(&mut lines, look, "runs", &runs);
    lines.push(String::new());
    for finding in &report.findings {
        lines.extend(finding_lines(finding, look));
    }
    lines
}

fn fact(lines: &mut Vec<String>, look: Look, name: &str, value: &str) {
    let label = look.paint(Tone::Dim, &format!("  {name:<8}"));
    let wrapped = text::wrap(&text::one_line(value), look.width.saturating_sub(10));
    for (index, line) in wrapped.iter().enumerate() {
        if index == 0 {
            lines.push(format!("{label}{line}"));
        } else {
            lines.push(format!("          {line}"));
        }
    }
}

/// A model with its efforts; the ones that are taken when nothing is asked for have a star.
fn model_words(model: &Model, is_default: bool) -> String {
    let star = |is_default| if is_default { "*" } else { "" };
    let efforts: Vec<String> = model
        .efforts
        .iter()
        .map(|effort| {
            let is_default = model.default_effort.as_ref() == Some(effort);
            format!("{}{}", effort.as_str(), star(is_default))
        })
        .collect();
    let name = format!("{}{}", model.name.as_str(), star(is_default));
    match efforts.is_empty() {
        true => name,
        false => format!("{name}: {}", efforts.join(", ")),
    }
}

fn finding_lines(finding: &Finding, look: Look) -> Vec<String> {
    let (tone, sign) = match finding.level {
        Level::Ok => (Tone::Good, "✔"),
        Level::Warning => (Tone::Warn, "!"),
        Level::Fault => (Tone::Bad, "✖"),
    };
    let room = look.width.saturating_sub(2);
    let what = text::one_line(finding.what.as_str());
    let mut lines: Vec<String> = text::wrap(&what, room)
        .iter()
        .enumerate()
        .map(|(index, line)| match index {
            0 => format!("{} {line}", look.paint(tone, sign)),
            _ => format!("  {line}"),
        })
        .collect();
    if let Some(why) = finding.why {
        for line in text::wrap(why, room) {
            lines.push(format!("  {}", look.paint(Tone::Dim, &line)));
        }
    }
    if let Some(remedy) = &finding.remedy {
        let remedy = format!("→ {}", text::one_line(remedy.as_str()));
        for line in text::wrap(&remedy, room) {
            lines.push(format!("  {}", look.paint(Tone::Accent, &line)));
        }
    }
    let by_fix = finding
        .action
        .as_ref()
        .and_then(|action| match action.mends {
            Mends::Unasked => Some("→ mended by: codex-bridge-mcp doctor --fix".to_owned()),
            Mends::Asked => Some(format!(
                "→ mended by: codex-bridge-mcp doctor --fix {}",
                finding.id
            )),
            Mends::ByHand => None,
        });
    if let Some(by_fix) = by_fix {
        lines.push(format!("  {}", look.paint(Tone::Accent, &by_fix)));
    }
    lines
}

fn count(report: &Report, level: Level) -> usize {
    let same = report
        .findings
        .iter()
        .filter(|finding| finding.level == level);
    same.count()
}

fn plural(count: usize, noun: &str, rest: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s} {rest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::task::{Effort, ModelName};
    use crate::faces::cli::tests::scrubbed;
    use crate::use_cases::doctor::CodexFound;

    fn model(name: &str, efforts: &[&str]) -> Model {
        let efforts: Vec<Effort> = efforts
            .iter()
            .map(|word| Effort::parse(word).unwrap())
            .collect();
        Model {
            name: ModelName::parse(name).unwrap(),
            about: None,
            default_effort: efforts.first().cloned(),
            efforts,
            is_listed: true,
        }
    }

    #[test]
    fn each_fault_has_its_remedy_below_it() {
        let report = Report {
            bridge_version: "0.1.0",
            codex: Some(CodexFound {
                path: scrubbed("/usr/bin/codex"),
                origin: scrubbed("PATH"),
                version: scrubbed("0.169.0"),
                login: scrubbed("not logged in"),
                lacks: vec![scrubbed(
                    "there is no `codex debug models`: you have to know them",
                )],
                models: vec![
                    model("gpt-6.1-sol", &["low", "high"]),
                    model("gpt-5.5", &[]),
                ],
            }),
            roots: vec![scrubbed("/home/me/code")],
            quota: None,
            running: 1,
            queued: 0,
            findings: vec![
                Finding {
                    id: "codex",
                    about: "codex",
                    level: Level::Ok,
                    what: scrubbed("Codex 0.169.0 can do all that is needed"),
                    why: None,
                    remedy: None,
                    action: None,
                },
                Finding {
                    id: "login_missing",
                    about: "login",
                    level: Level::Fault,
                    what: scrubbed("Codex is not logged in"),
                    why: Some("The first request fails."),
                    remedy: Some(scrubbed("Run `codex login`.")),
                    action: None,
                },
            ],
        };
        assert_eq!(
            lines(&report, Look::plain(80)).join("\n"),
            "Codex Bridge 0.1.0: 1 fault to mend

  Codex   0.169.0 (/usr/bin/codex)
  found   PATH
  login   not logged in
  lacks   there is no `codex debug models`: you have to know them
  models  gpt-6.1-sol*: low*, high
          gpt-5.5
  allowed /home/me/code
  runs    1 under way, 0 waiting

✔ Codex 0.169.0 can do all that is needed
✖ Codex is not logged in
  The first request fails.
  → Run `codex login`."
        );
    }
}
