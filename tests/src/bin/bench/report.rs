//! The table of one question, for people and as JSON.

use std::fmt;

use serde_json::{Value, json};

use crate::figures::Figures;
use crate::machine::Machine;

/// One question with its answer.
#[derive(Debug)]
pub(crate) struct Table {
    title: String,
    columns: Vec<&'static str>,
    rows: Vec<Row>,
    aims: Vec<Aim>,
}

#[derive(Debug)]
struct Row {
    label: String,
    cells: Vec<Cell>,
}

/// One cell.
#[derive(Debug)]
pub(crate) enum Cell {
    Number(f64),
    Range(f64, f64),
    /// This system does not tell.
    Unknown,
}

#[derive(Debug)]
struct Aim {
    what: String,
    measured: f64,
    most: bool,
    bound: f64,
}

impl Table {
    /// A table whose rows have these columns after their label.
    pub(crate) fn new(title: impl Into<String>, columns: &[&'static str]) -> Table {
        Table {
            title: title.into(),
            columns: columns.to_vec(),
            rows: Vec::new(),
            aims: Vec::new(),
        }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, label: impl Into<String>, cells: Vec<Cell>) {
        let label = label.into();
        assert_eq!(cells.len(), self.columns.len(), "{label}");
        self.rows.push(Row { label, cells });
    }

    /// Says that a figure should be no more than this.
    pub(crate) fn at_most(&mut self, what: impl Into<String>, measured: f64, bound: f64) {
        self.aim(what.into(), measured, true, bound);
    }

    /// Says that a figure should be no less than this.
    pub(crate) fn at_least(&mut self, what: impl Into<String>, measured: f64, bound: f64) {
        self.aim(what.into(), measured, false, bound);
    }

    fn aim(&mut self, what: String, measured: f64, most: bool, bound: f64) {
        self.aims.push(Aim {
            what,
            measured,
            most,
            bound,
        });
    }

    fn json(&self, name: &str) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| row.json(&self.columns))
            .collect();
        let aims: Vec<Value> = self.aims.iter().map(Aim::json).collect();
        json!({"name": name, "title": self.title, "rows": rows, "aims": aims})
    }
}

impl Row {
    fn json(&self, columns: &[&str]) -> Value {
        let mut row = json!({"what": self.label});
        for (column, cell) in columns.iter().zip(&self.cells) {
            row[column] = match cell {
                Cell::Number(value) => json!(value),
                Cell::Range(low, high) => json!([low, high]),
                Cell::Unknown => Value::Null,
            };
        }
        row
    }
}

impl Aim {
    fn is_met(&self) -> bool {
        match self.most {
            true => self.measured <= self.bound,
            false => self.measured >= self.bound,
        }
    }

    fn json(&self) -> Value {
        let bound = if self.most { "at_most" } else { "at_least" };
        json!({"what": self.what, "measured": self.measured, bound: self.bound, "met": self.is_met()})
    }
}

/// The median and the middle half.
pub(crate) fn usual(figures: &Figures) -> [Cell; 2] {
    let (low, high) = figures.middle();
    [Cell::Number(figures.median()), Cell::Range(low, high)]
}

/// The median, the middle half and the 99th percentile.
pub(crate) fn with_tail(figures: &Figures) -> Vec<Cell> {
    let [median, middle] = usual(figures);
    vec![median, middle, Cell::Number(figures.p99())]
}

/// All as one value.
pub(crate) fn json(machine: &Machine, tables: &[(&str, Table)]) -> Value {
    let questions: Vec<Value> = tables
        .iter()
        .map(|(name, table)| table.json(name))
        .collect();
    json!({"machine": machine.json(), "questions": questions})
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Number(value) => f.write_str(&number(*value)),
            Cell::Range(low, high) => write!(f, "{}–{}", number(*low), number(*high)),
            Cell::Unknown => f.write_str("?"),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        let mut lines = vec![vec![String::new()]];
        lines[0].extend(self.columns.iter().map(|column| (*column).to_owned()));
        for row in &self.rows {
            let mut line = vec![row.label.clone()];
            line.extend(row.cells.iter().map(Cell::to_string));
            lines.push(line);
        }
        let width = |at: usize| {
            let cells = lines.iter().map(|line| line[at].chars().count());
            cells.max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..=self.columns.len()).map(width).collect();
        for line in &lines {
            write!(f, "  {:<1$}", line[0], widths[0])?;
            for (cell, width) in line.iter().zip(&widths).skip(1) {
                write!(f, "  {cell:>width$}")?;
            }
            writeln!(f)?;
        }
        for aim in &self.aims {
            let word = if aim.is_met() { "met" } else { "NOT met" };
            let sign = if aim.most { "≤" } else { "≥" };
            let (measured, bound) = (number(aim.measured), number(aim.bound));
            writeln!(f, "  aim: {} {sign} {bound}: {measured}, {word}", aim.what)?;
        }
        Ok(())
    }
}

/// Three digits that matter, and no more.
fn number(value: f64) -> String {
    match value.abs() {
        size if size == 0.0 || size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
