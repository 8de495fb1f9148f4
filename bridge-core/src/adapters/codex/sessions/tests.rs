use std::os::unix::ffi::OsStrExt as _;

use super::*;

/// The beginnings of real records, without their long instructions.
const OF_0_118: &str = r#"{"timestamp":"2026-11-22T17:06:46.508Z","type":"session_meta","payload":{"id":"<id>","timestamp":"2026-11-22T17:06:46.461Z","cwd":"/work/shop","originator":"codex_exec","cli_version":"0.118.0","source":"exec","model_provider":"openai","base_instructions":{"text":"You are Codex."}}}
{"timestamp":"2026-11-22T17:06:46.508Z","type":"event_msg","payload":{"type":"task_started","turn_id":"x","model_context_window":258400}}
{"timestamp":"2026-11-22T17:06:46.508Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"<environment_context> \"user_message\" </environment_context>"}]}}
{"timestamp":"2026-11-22T17:06:46.510Z","type":"event_msg","payload":{"type":"user_message","message":"\n Find the bug.\nIt is in the cart.","images":[],"local_images":[],"text_elements":[]}}
"#;
const OF_0_169: &str = r#"{"timestamp":"2026-11-22T17:07:52.099Z","ordinal":0,"type":"session_meta","payload":{"account_scoped":true,"session_id":"<id>","id":"<id>","timestamp":"2026-11-22T17:07:52.059Z","cwd":"/work/shop/web","originator":"codex-tui","cli_version":"0.169.0","source":{"subagent":"review"},"thread_source":"user"}}
{"timestamp":"2026-11-22T17:07:52.115Z","ordinal":8,"type":"event_msg","payload":{"type":"item_completed","thread_id":"<id>","turn_id":"y","item":{"type":"UserMessage","id":"z","content":[{"type":"image"},{"type":"text","text":"Use the key sk-proj-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA please","text_elements":[]}]}}}
"#;

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Home {
        Home(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn add(&self, time: &str, number: u32, text: &str) -> ThreadId {
        let day = time[..10].replace('-', "/");
        self.add_to(&format!("sessions/{day}"), time, number, text)
    }

    fn add_to(&self, folder: &str, time: &str, number: u32, text: &str) -> ThreadId {
        let thread = thread(number);
        let folder = self.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("rollout-{time}-{thread}.jsonl"));
        fs::write(file, text.replace("<id>", thread.as_str())).unwrap();
        thread
    }

    fn list(&self, wanted: &Wanted) -> SessionPage {
        list(self.path(), wanted, &Scrubber::builtin())
    }
}

fn thread(number: u32) -> ThreadId {
    ThreadId::parse(&format!("01a20439-0000-7000-8000-{number:012}")).unwrap()
}

fn all() -> Wanted {
    Wanted {
        folder: None,
        text: None,
        limit: 50,
        before: None,
    }
}

fn numbers(page: &SessionPage) -> Vec<u32> {
    let number = |session: &Session| session.thread.as_str()[24..].parse().unwrap();
    page.sessions.iter().map(number).collect()
}

#[test]
fn the_records_of_all_versions_are_understood() {
    let home = Home::new();
    home.add("2026-11-22T17-06-46", 1, OF_0_118);
    home.add("2026-11-22T17-07-52", 2, OF_0_169);
    let scrubber = Scrubber::builtin();
    let [new, old] = home.list(&all()).sessions.try_into().unwrap();
    let expected = Session {
        thread: thread(1),
        created: Some(Timestamp(1_795_367_206_461)),
        changed: old.changed,
        cwd: Some("/work/shop".into()),
        folder: Some(Scrubbed::literal("/work/shop")),
        version: Some(Scrubbed::literal("0.118.0")),
        source: Some(Scrubbed::literal("exec")),
        title: Some(Scrubbed::literal("Find the bug.")),
        bytes: OF_0_118.len() as u64 + 32,
        archived: false,
    };
    assert_eq!(old, expected);
    assert!(old.changed.is_some());
    assert_eq!(new.source, Some(Scrubbed::literal("subagent")));
    let title = "Use the key sk-proj-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA please";
    assert_eq!(new.title, Some(scrubber.scrub(title)));
    assert!(!new.title.unwrap().as_str().contains("AAAA"));
}

#[test]
fn a_session_is_found_by_its_name() {
    let home = Home::new();
    let scrubber = Scrubber::builtin();
    let found = |number| find(home.path(), &thread(number), &scrubber);
    assert_eq!(found(1), None);
    home.add("2026-11-22T17-06-46", 1, OF_0_118);
    home.add_to("archived_sessions", "2025-01-02T03-04-05", 2, OF_0_118);
    home.add("2026-11-22T17-06-47", 3, "{}");
    assert!(found(1).is_some_and(|session| !session.archived));
    assert!(found(2).is_some_and(|session| session.archived));
    assert_eq!(found(3), None);
    // One that lies in both places can be gone on with.
    home.add("2025-01-02T03-04-05", 2, OF_0_118);
    assert!(found(2).is_some_and(|session| !session.archived));
}

#[test]
fn the_newest_come_first_and_pages_join_without_a_gap() {
    let home = Home::new();
    // Several in one second, two days, and one that was put away between them.
    for (number, time) in [
        (10, "2026-11-22T17-06-46"),
        (9, "2026-11-22T17-06-45"),
        (8, "2026-11-22T17-06-45"),
        (7, "2026-11-22T17-06-45"),
        (5, "2026-11-20T01-00-00"),
        (4, "2025-12-31T23-59-59"),
    ] {
        home.add(time, number, OF_0_118);
    }
    home.add_to("archived_sessions", "2026-11-21T00-00-00", 6, OF_0_118);
    let expected = [10, 9, 8, 7, 6, 5, 4];
    assert_eq!(numbers(&home.list(&all())), expected);
    for limit in 1..=8 {
        let mut wanted = Wanted { limit, ..all() };
        let mut seen = Vec::new();
        loop {
            let page = home.list(&wanted);
            assert!(page.sessions.len() <= limit);
            seen.extend(numbers(&page));
            wanted.before = page.next;
            if page.next.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected, "pages of {limit}");
    }
}

#[test]
fn a_filter_lets_through_what_fits() {
    let home = Home::new();
    home.add("2026-11-22T17-06-46", 1, OF_0_118);
    home.add("2026-11-22T17-06-47", 2, OF_0_169);
    let check = |folder: Option<&str>, text: Option<&str>, expected: &[u32]| {
        let wanted = Wanted {
            folder: folder.map(PathBuf::from),
            text: text.map(str::to_owned),
            ..all()
        };
        assert_eq!(numbers(&home.list(&wanted)), expected);
    };
    check(Some("/work/shop"), None, &[2, 1]);
    check(Some("/work/shop/web"), None, &[2]);
    check(Some("/work/sho"), None, &[]);
    check(None, Some("FIND"), &[1]);
    check(Some("/work/shop/web"), Some("find"), &[]);
}

#[test]
fn what_is_no_record_is_skipped_and_counted() {
    let home = Home::new();
    home.add("2026-11-22T17-06-46", 1, OF_0_118);
    home.add("2026-11-22T17-06-46", 2, "");
    home.add("2026-11-22T17-06-46", 3, "{\"type\":\"session_meta\"");
    home.add("2026-11-22T17-06-46", 4, &OF_0_118.replace("<id>", "other"));
    home.add_to("sessions/2026/11/22", "2026-11-21T17-06-46", 5, OF_0_118);
    let day = home.path().join("sessions/2026/11/22");
    fs::write(day.join("notes.txt"), "").unwrap();
    fs::write(day.join("rollout-2026-11-22T17-06-46-x.jsonl"), "").unwrap();
    fs::write(day.join(std::ffi::OsStr::from_bytes(b"\xff")), "").unwrap();
    let folder = format!("rollout-2026-11-22T17-06-46-{}.jsonl", thread(6));
    fs::create_dir(day.join(folder)).unwrap();
    let pipe = format!("rollout-2026-11-22T17-06-46-{}.jsonl", thread(7));
    let made = std::process::Command::new("mkfifo")
        .arg(day.join(pipe))
        .status();
    assert!(made.unwrap().success());
    fs::create_dir_all(home.path().join("sessions/2026/99/x")).unwrap();
    let page = home.list(&all());
    assert_eq!(numbers(&page), [1]);
    assert_eq!(page.skipped, 9);
    assert_eq!(Home::new().list(&all()), SessionPage::default());
}

#[test]
fn a_page_of_ten_thousand_opens_its_own_files_only() {
    let home = Home::new();
    for number in 0..10_000 {
        let time = format!(
            "2026-{:02}-{:02}T{:02}-00-{:02}",
            number / 1000 + 1,
            number / 50 % 20 + 1,
            number / 5 % 10,
            number % 5
        );
        home.add(&time, number, "");
    }
    home.add("2026-10-20T23-00-00", 10_000, OF_0_118);
    let wanted = Wanted { limit: 1, ..all() };
    let page = home.list(&wanted);
    assert_eq!((numbers(&page).len(), page.opened), (1, 1));
    // A filter that lets nothing through gives up after a while and says where.
    let wanted = Wanted {
        text: Some("nothing has this".into()),
        ..all()
    };
    let page = home.list(&wanted);
    assert_eq!((page.sessions.len(), page.opened), (0, MOST_OPENED));
    let before = page.next;
    assert!(before.is_some());
    let mut seen = page.opened;
    let mut wanted = Wanted { before, ..wanted };
    while wanted.before.is_some() {
        let page = home.list(&wanted);
        seen += page.opened;
        wanted.before = page.next;
    }
    assert_eq!(seen, 10_001);
}
