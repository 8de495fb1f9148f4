//! Measures the scrubber: `scrub_speed DIR…` reads every text file below the folders and scrubs it; then come short
//! events and the worst texts we know of. `--show` prints what was taken out; `--search` looks for worse texts, made of
//! every two and many threes of those.

use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use bridge_core::domain::scrub::Scrubber;

fn main() -> io::Result<()> {
    let scrubber = Scrubber::builtin();
    let started = Instant::now();
    scrubber.scrub("x");
    print(&format!("first call {:?}", started.elapsed()));
    let mut files = Vec::new();
    for folder in env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
    {
        collect(Path::new(&folder), &mut files)?;
    }
    let show = env::args().any(|argument| argument == "--show");
    let (mut bytes, mut spent, mut marks) = (0, Duration::ZERO, 0);
    for (path, text) in &files {
        let started = Instant::now();
        let out = scrubber.scrub(text);
        spent += started.elapsed();
        bytes += text.len();
        marks += out.as_str().matches("[redacted:").count() - text.matches("[redacted:").count();
        if show {
            for (number, (before, after)) in text
                .lines()
                .zip(out.as_str().lines())
                .enumerate()
                .filter(|(_, (before, after))| before != after)
            {
                let cut = |line: &str| line.chars().take(300).collect::<String>();
                print(&format!(
                    "{path}:{}\n- {}\n+ {}",
                    number + 1,
                    cut(before),
                    cut(after)
                ));
            }
        }
    }
    if bytes > 0 {
        print(&format!(
            "{} files, {bytes} bytes, {:.0} MB/s, {marks} marks",
            files.len(),
            bytes as f64 / 1e6 / spent.as_secs_f64()
        ));
    }
    let event = r#"{"type":"item.completed","item":{"id":"item_3","type":"command_execution","command":"bash -lc 'ls -la'","aggregated_output":"total 8\n-rw-r--r-- 1 a a 12 x.txt\n","exit_code":0,"status":"completed"}}"#;
    let started = Instant::now();
    for _ in 0..100_000 {
        scrubber.scrub(event);
    }
    print(&format!(
        "event of {} bytes {:?}",
        event.len(),
        started.elapsed() / 100_000
    ));
    for seed in WORST {
        let text = repeated(&[seed]);
        let whole = time(&scrubber, &text);
        let in_lines = time(&scrubber, &in_lines(&text));
        print(&format!(
            "{whole:>8.1} ms, in lines {in_lines:>8.1} ms  {seed:?}"
        ));
    }
    if env::args().any(|argument| argument == "--search") {
        search(&scrubber);
    }
    Ok(())
}

/// Prints the slowest of many texts that are made of a few parts.
fn search(scrubber: &Scrubber) {
    let parts: Vec<&str> = WORST.iter().chain(GLUE).copied().collect();
    let pairs = parts
        .iter()
        .flat_map(|a| parts.iter().map(move |b| vec![*a, *b]));
    // Every so many of the threes: the step has no divisor in common with their number.
    let count = parts.len();
    let threes = (0..count * count * count).step_by(307).map(|number| {
        let [a, b, c] = [1, count, count * count].map(|size| parts[number / size % count]);
        vec![a, b, c]
    });
    let mut slowest: Vec<(f64, Vec<&str>)> = pairs
        .chain(threes)
        .map(|seed| {
            let text = &repeated(&seed)[..200_000];
            (
                time(scrubber, text).max(time(scrubber, &in_lines(text))),
                seed,
            )
        })
        .collect();
    slowest.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    print(&format!("{} texts of 200 kB, the slowest:", slowest.len()));
    for (_, seed) in slowest.iter().take(20) {
        let text = repeated(seed);
        let spent = time(scrubber, &text).max(time(scrubber, &in_lines(&text)));
        print(&format!("{spent:>8.1} ms for 1 MB  {seed:?}"));
    }
}

/// A million bytes and a few, in ASCII.
fn repeated(seed: &[&str]) -> String {
    let seed = seed.concat();
    seed.repeat(1_000_000 / seed.len() + 1)
}

fn in_lines(text: &str) -> String {
    let chunks = text.as_bytes().chunks(1000);
    chunks
        .map(|chunk| String::from_utf8_lossy(chunk).into_owned() + "\n")
        .collect()
}

/// Milliseconds.
fn time(scrubber: &Scrubber, text: &str) -> f64 {
    let started = Instant::now();
    scrubber.scrub(text);
    started.elapsed().as_secs_f64() * 1e3
}

/// What stands between keywords.
const GLUE: &[&str] = &[
    "\n",
    " ",
    "=",
    ": ",
    "\"",
    "'",
    "\\\"",
    "&",
    ";",
    ",",
    "%",
    "&quot;",
    "a",
    "A1b2",
    "0",
    "/",
    "@",
    "-",
    ".",
    "_",
    "(",
    "Q7x2M9zT4vB8",
];

/// Texts that make a careless rule go over the same bytes again and again.
const WORST: &[&str] = &[
    "key=",
    "password",
    "password=",
    "password: ",
    "token ",
    "key_",
    "://",
    "://a:",
    "a://b:c",
    "eyJ",
    "-eyJ",
    "eyJaaaaaaaaa.",
    "-----BEGIN ",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "-----END PRIVATE KEY-----\n",
    "aGVsbG8gd29ybGQhIHRoaXMgaXMgYSBsb25nIGxpbmUgb2YgQkFTRTY0\n",
    "sk-",
    "sk-ant-",
    "xoxb-1-",
    "cookie: a=b; ",
    "cookie:",
    "authorization: ",
    "mysql ",
    "mysql -u ",
    "curl -u a:b ",
    "identified by ",
    ":5432:",
    "a:5432:b:c:",
    "\\",
    "\\\\n",
    "\\u001b[",
    "\x1b[",
    "\x1b",
    "%3D",
    "key%3D",
    "AAAAAAAAAA",
    "1.atlasv1.",
    "a.atlasv1.",
    "a1",
    "[redacted:",
    "password=[redacted:password]",
    "basic ",
    "bearer ",
    "\"name\": \"password\", \"value\": ",
    "secret\": \"",
    "key\n",
    "password:\n",
    "v1.0-",
    "s3cr3tT0k3n",
    "the key in use was ",
    "/IncomingWebhook/",
    "https://discord.com/api/webhooks/",
    "fm2_a,",
    "AzFu",
];

fn collect(path: &Path, files: &mut Vec<(String, String)>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if let Ok(text) = fs::read_to_string(path) {
        files.push((path.display().to_string(), text));
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is what the program is for")]
fn print(line: &str) {
    println!("{line}");
}
