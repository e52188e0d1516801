//! Ledgers that cheat, each in one way, made by the ledger's pure code with the fixed keys of its own tests.

mod door;
mod face;

pub use door::Door;
pub use face::Face;

#[allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::new_without_default,
    reason = "the support code of ledger's tests stops at the first surprise"
)]
#[path = "../../../ledger/tests/support/mod.rs"]
pub mod support;

use ledger::index::Line;
use support::{Key, UNIT, World, example, seal, unit};

/// A way to cheat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attack {
    /// Two books, both signed by the log: who asks at one door gets one, others the other.
    TwoBooks,
    /// An older signed head after a newer one; then another book from there on.
    Rollback,
    /// An entry is logged and left out of the unit's tree: a wrong index leaf, properly signed.
    Omit,
    /// Bytes of a logged entry are changed in tiles and bundles; then the head is signed anew over them.
    Edit,
    /// An entry sealed with a key that is not in the registry, logged and signed by the log.
    BadSeal,
}

impl Attack {
    /// All of them.
    pub const ALL: [Attack; 5] =
        [Attack::TwoBooks, Attack::Rollback, Attack::Omit, Attack::Edit, Attack::BadSeal];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Attack::TwoBooks => "two-books",
            Attack::Rollback => "rollback",
            Attack::Omit => "omit",
            Attack::Edit => "edit",
            Attack::BadSeal => "bad-seal",
        }
    }

    /// The attack of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attack| attack.name() == name)
    }

    /// What readers saw before, and then what they are shown instead, step by step. Heads carry the cosignatures, of
    /// `now`, that honest witnesses give: the policy is two of w0, w1 and the replayer w2.
    pub fn faces(self, now: u64) -> Vec<Face> {
        let trunk = signed(World::witnessed(), &[0, 1, 2], now);
        let grown = signed(entered(&trunk, "voucher", now), &[0, 1, 2], now);
        let worlds: Vec<World> = match self {
            Attack::TwoBooks => {
                let other = entered(&trunk, "notice", now);
                let longer = entered(&other, "voucher", now);
                [grown, other, longer].into()
            }
            Attack::Rollback => {
                let on = entered(&trunk, "notice", now);
                [grown, trunk, on].into()
            }
            Attack::Omit => {
                let short = signed(omitting(&trunk, now), &[0, 1], now);
                [trunk, short].into()
            }
            Attack::Edit => {
                let edited = edited(&grown);
                let mut anew = edited.clone();
                let last = anew.shelf.leaves.last().cloned();
                anew.replace_last(last.unwrap_or_default());
                [grown, edited, anew].into()
            }
            Attack::BadSeal => {
                let mut wrong = trunk.clone();
                let stranger = Key::note("stranger.example/seal/440811100/township", 99);
                wrong.force(seal(&wrong.draft(UNIT, 5, "notice", example("notice")), &[&stranger]));
                wrong.publish(now);
                [trunk, signed(wrong, &[0, 1, 2], now)].into()
            }
        };
        let mut faces: Vec<Face> = Vec::new();
        for world in worlds {
            let face = Face::new(world);
            faces.push(match faces.last() {
                Some(before) => face.drawn_as(before),
                None => face,
            });
        }
        faces
    }
}

/// A ledger with its head cosigned by these witnesses.
fn signed(mut world: World, witnesses: &[usize], now: u64) -> World {
    let lines: Vec<(usize, u64)> = witnesses.iter().map(|witness| (*witness, now)).collect();
    world.sign(&lines);
    world
}

/// The ledger with one more entry of the village, published.
fn entered(world: &World, kind: &str, now: u64) -> World {
    let mut world = world.clone();
    let seq = world.state.books.count(&unit(UNIT)) + 1;
    world.take(vec![world.entry(UNIT, seq, kind)], now);
    world.publish(now);
    world
}

/// The ledger with a voucher in the log that the unit's tree does not hold: in its place stands a notice.
fn omitting(world: &World, now: u64) -> World {
    let mut world = world.clone();
    let notes = vec![world.entry(UNIT, 5, "voucher"), world.entry(UNIT, 5, "notice")];
    let known = world.shelf.lines.get(&unit(UNIT)).cloned().unwrap_or_default();
    let bend = |lines: &mut Vec<Line>| {
        let shown = lines.pop().map(|line| Line { seq: 5, ..line });
        *lines = known.iter().map(|(line, _)| *line).chain(shown).collect();
    };
    world.rebook_with(UNIT, notes, |_| false, now, bend);
    world
}

/// The ledger with another amount in the second entry's bytes, under the same tree and head.
fn edited(world: &World) -> World {
    let mut world = world.clone();
    let line = world.shelf.lines.get(&unit(UNIT)).and_then(|lines| lines.get(1)).map(|(line, _)| line.index);
    if let Some(leaf) = line.and_then(|index| world.shelf.leaves.get_mut(index as usize)) {
        *leaf = String::from_utf8_lossy(leaf).replace(":128640", ":928640").into_bytes();
    }
    world
}
