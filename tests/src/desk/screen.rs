//! What is on the screen, read from the memory of the display itself: so that looking takes no time.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// A part of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Its left edge.
    pub x: u32,
    /// Its upper edge.
    pub y: u32,
    /// How wide it is.
    pub width: u32,
    /// How high it is.
    pub height: u32,
}

/// The points of an area, from the file that the display keeps its picture in (the format of `xwd`).
pub(crate) fn points(file: &Path, area: Area) -> Vec<u8> {
    let file = File::open(file).expect("the display keeps its picture");
    let mut header = [0; 100];
    file.read_exact_at(&mut header, 0).expect("its header");
    let field = |at: usize| {
        let bytes = header[4 * at..4 * at + 4].try_into();
        u64::from(u32::from_be_bytes(bytes.expect("four bytes")))
    };
    // The header, with the name of the display; a table of colours; and then the lines.
    let [begin, line, colours] = [field(0), field(12), field(19)];
    let begin = begin + 12 * colours;
    let mut points = Vec::new();
    for y in area.y..area.y + area.height {
        let mut row = vec![0; 4 * area.width as usize];
        let at = begin + u64::from(y) * line + 4 * u64::from(area.x);
        file.read_exact_at(&mut row, at).expect("a line of it");
        points.append(&mut row);
    }
    points
}

/// How many colours there are: one where nothing is drawn, many where words are.
pub fn colours(points: &[u8]) -> usize {
    let all: BTreeSet<&[u8]> = points.chunks(4).collect();
    all.len()
}
