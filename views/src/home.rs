//! The list of units.

use crate::format::fill;
use crate::page::Shell;
use maud::{Markup, html};

/// What the home page shows. Nothing of it was checked by the phone, and it says nothing of the kind.
#[derive(Clone, Debug)]
pub struct Home<'a> {
    /// The units, those of one parent one after the other.
    pub units: Vec<HomeUnit<'a>>,
    /// Whether the policy in force is `quorum none`.
    pub unwitnessed: bool,
}

/// One unit of the list.
#[derive(Clone, Copy, Debug)]
pub struct HomeUnit<'a> {
    /// Its id.
    pub unit: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The name of what it belongs to.
    pub parent: Option<&'a str>,
    /// Its entries.
    pub count: u64,
}

impl Shell {
    /// The home page as a whole document.
    pub fn home(&self, home: &Home<'_>) -> String {
        let words = self.lang.words();
        let (published, silent): (Vec<_>, Vec<_>) = home.units.iter().partition(|u| u.count > 0);
        let main = html! {
            h1 { (words.site()) }
            p { (words.home_lead()) }
            @if home.unwitnessed { p.told { (words.no_witnesses()) } }
            (list(self, &published))
            @if !silent.is_empty() {
                details {
                    summary { (fill(words.home_silent(), &[&silent.len().to_string()])) }
                    (list(self, &silent))
                }
            }
        };
        self.document(words.site(), &html! {}, &html! { main { (main) } })
    }
}

/// Units under what they belong to.
fn list(shell: &Shell, units: &[&HomeUnit<'_>]) -> Markup {
    html! {
        @for group in units.chunk_by(|a, b| a.parent == b.parent) {
            @if let Some(parent) = group.first().and_then(|u| u.parent) { h2 { (parent) } }
            ul.units { @for unit in group { (line(shell, unit)) } }
        }
    }
}

fn line(shell: &Shell, unit: &HomeUnit<'_>) -> Markup {
    let words = shell.lang.words();
    html! {
        li {
            @if unit.count > 0 {
                a.unit href={ "/u/" (unit.unit) } {
                    b { (unit.name) } " " span { (fill(words.home_count(), &[&unit.count.to_string()])) }
                }
            } @else {
                p.unit { b { (unit.name) } " " span { (words.home_none()) } }
            }
        }
    }
}
