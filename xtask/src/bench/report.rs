//! The table of figures, and the same for machines.

use serde_json::{Value, json};
use std::io::{IsTerminal as _, Write as _};

/// Name of the figure that others are held against; it is always shown.
pub const YARDSTICK: &str = "verify";

/// What a figure should be.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// At least this much.
    AtLeast(f64),
    /// Less than this.
    Under(f64),
    /// Nothing was promised; it explains another figure.
    None,
}

impl Goal {
    /// How well it is met: 1.0 is just met, more is better.
    fn ratio(self, value: f64) -> Option<f64> {
        match self {
            Goal::AtLeast(goal) => Some(value / goal),
            Goal::Under(goal) => Some(goal / value),
            Goal::None => None,
        }
    }

    fn text(self) -> String {
        match self {
            Goal::AtLeast(goal) => format!("≥ {}", number(goal)),
            Goal::Under(goal) => format!("< {}", number(goal)),
            Goal::None => String::new(),
        }
    }
}

struct Figure {
    name: &'static str,
    what: String,
    value: f64,
    unit: &'static str,
    goal: Goal,
}

/// Everything measured in one run.
pub struct Report {
    cores: usize,
    /// Load average when the run began: what else ran on the machine.
    load: Option<f64>,
    only: Vec<String>,
    figures: Vec<Figure>,
    skipped: Vec<(&'static str, String)>,
    /// Bare verifications a second on one core and on all.
    pub bare: (f64, f64),
}

impl Report {
    /// An empty report of a machine with so many cores, for figures of these names, or of all.
    pub fn new(cores: usize, only: Vec<String>) -> Self {
        let load = std::fs::read_to_string("/proc/loadavg").ok();
        let load = load.and_then(|l| l.split(' ').next()?.parse().ok());
        Report { cores, load, only, figures: Vec::new(), skipped: Vec::new(), bare: (f64::NAN, f64::NAN) }
    }

    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || name == YARDSTICK || self.only.iter().any(|n| n == name)
    }

    /// Adds a figure.
    pub fn add(&mut self, name: &'static str, what: &str, value: f64, unit: &'static str, goal: Goal) {
        if !self.wants(name) {
            return;
        }
        self.progress(&format!("{name}: {what}: {} {unit}", number(value)));
        self.figures.push(Figure { name, what: what.to_owned(), value, unit, goal });
    }

    /// Says that something was not measured, and why.
    pub fn skip(&mut self, name: &'static str, why: &str) {
        if self.wants(name) {
            self.progress(&format!("{name}: skipped: {why}"));
            self.skipped.push((name, why.to_owned()));
        }
    }

    /// Shows on standard error what is under way.
    pub fn progress(&self, what: &str) {
        let mut out = std::io::stderr();
        let end = if out.is_terminal() { "\x1b[K\n" } else { "\n" };
        // Progress is a courtesy: a closed standard error stops nothing.
        let _ = write!(out, "{what}{end}");
    }

    /// Prints the table.
    pub fn print(&self) {
        println!("| figure | value | unit | target | value : target | |");
        println!("| --- | ---: | --- | ---: | ---: | --- |");
        for f in &self.figures {
            let ratio = f.goal.ratio(f.value);
            let (ratio_text, met) = match ratio {
                Some(r) if r >= 1.0 => (format!("{r:.2}"), "met"),
                Some(r) => (format!("{r:.2}"), "MISSED"),
                None => (String::new(), ""),
            };
            let (value, goal) = (number(f.value), f.goal.text());
            println!("| {}: {} | {value} | {} | {goal} | {ratio_text} | {met} |", f.name, f.what, f.unit);
        }
        for (name, why) in &self.skipped {
            println!("| {name}: skipped: {why} | | | | | |");
        }
        println!(
            "\n{} cores, load generator included. value : target ≥ 1 is met, more is better.",
            self.cores
        );
    }

    /// The same for machines.
    pub fn json(&self) -> Value {
        let figures = self.figures.iter().map(|f| {
            let (goal, bound) = match f.goal {
                Goal::AtLeast(goal) => (json!(goal), json!("at_least")),
                Goal::Under(goal) => (json!(goal), json!("under")),
                Goal::None => (Value::Null, Value::Null),
            };
            let ratio = f.goal.ratio(f.value);
            json!({
                "name": f.name, "what": f.what, "value": f.value, "unit": f.unit,
                "target": goal, "bound": bound, "ratio": ratio, "met": ratio.map(|r| r >= 1.0),
            })
        });
        let skipped = self.skipped.iter().map(|(name, why)| json!({"name": name, "why": why}));
        json!({
            "cores": self.cores,
            "load_at_the_beginning": self.load,
            "figures": figures.collect::<Vec<_>>(),
            "skipped": skipped.collect::<Vec<_>>(),
        })
    }
}

/// Large numbers whole, small ones with what matters.
fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 1_000.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}
