//! Scrubs stdin to stdout. With `--jsonl`, each line is `{"id", "chunks": […]}`, the pieces of one stream, and is
//! answered by `{"id", "text"}`.

use std::io::{self, BufRead, Read, Write};

use bridge_core::domain::scrub::Scrubber;

fn main() -> io::Result<()> {
    let scrubber = Scrubber::builtin();
    let mut out = io::BufWriter::new(io::stdout().lock());
    if std::env::args().any(|argument| argument == "--jsonl") {
        for line in io::stdin().lock().lines() {
            let request: serde_json::Value = serde_json::from_str(&line?)?;
            let mut stream = scrubber.stream();
            let mut text = String::new();
            for chunk in request["chunks"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|chunk| chunk.as_str())
            {
                text.push_str(stream.push(chunk).as_str());
            }
            text.push_str(stream.finish().as_str());
            serde_json::to_writer(
                &mut out,
                &serde_json::json!({"id": request["id"], "text": text}),
            )?;
            out.write_all(b"\n")?;
        }
    } else {
        let mut text = Vec::new();
        io::stdin().lock().read_to_end(&mut text)?;
        out.write_all(
            scrubber
                .scrub(&String::from_utf8_lossy(&text))
                .as_str()
                .as_bytes(),
        )?;
    }
    out.flush()
}
