//! Prompts that tell the stand-ins what to do.

/// A prompt for `fake-codex`: its steps, one per line.
pub fn fake(steps: &[&str]) -> String {
    let lines: Vec<String> = steps.iter().map(|step| format!("FAKE: {step}")).collect();
    lines.join("\n")
}

/// A `fake-codex` that begins a turn, does these steps and completes the turn with the message `done`.
pub fn fake_turn(steps: &[&str]) -> String {
    let all = [&["thread", "turn"], steps, &["message done", "complete"]];
    fake(&all.concat())
}

/// A number of seconds that no other command of this machine sleeps for, so that its process can be told apart.
pub fn unique_sleep() -> String {
    let tail = uuid::Uuid::now_v7().as_u128() % 1_000_000_000_000;
    format!("1000.{tail:012}")
}
