//! What a reader is shown: a log's files, and its bundles, made by the ledger's own pure code.

use super::support::{UNIT, World};
use client::Trust;
use ledger::bundle::{Ask, build, verify};
use ledger::hash::Hash;
use ledger::merkle::Nodes as _;
use ledger::tile::{TileKind, WIDTH, encode_bundle, encode_tile, new_tiles};
use ledger::unit::UnitId;
use std::collections::BTreeMap;
use views::{Names, Shell};

/// One state of a log, as it is served.
#[derive(Clone)]
pub struct Face {
    /// The ledger, with its keys.
    pub world: World,
    files: BTreeMap<String, Vec<u8>>,
}

impl Face {
    /// A face with tiles and checkpoint of a ledger in memory.
    pub fn new(world: World) -> Self {
        let shelf = &world.shelf;
        let size = shelf.leaves.len() as u64;
        let mut files = BTreeMap::from([
            ("checkpoint".to_owned(), shelf.checkpoint.clone()),
            (format!("checkpoints/{size}"), shelf.checkpoint.clone()),
            ("trust.toml".to_owned(), trust(&world).text().into_bytes()),
        ]);
        for path in new_tiles(0, size) {
            let range = path.index() * WIDTH..path.index() * WIDTH + u64::from(path.width());
            let bytes = match path.kind() {
                TileKind::Entries => {
                    let leaves = shelf.leaves.get(range.start as usize..range.end as usize);
                    encode_bundle(leaves.unwrap_or_default().iter().map(Vec::as_slice)).unwrap_or_default()
                }
                TileKind::Hashes(level) => {
                    let hashes: Vec<Hash> =
                        range.filter_map(|i| shelf.tree.node(level * 8, i).ok()).collect();
                    encode_tile(&hashes)
                }
            };
            files.insert(path.to_string(), bytes);
        }
        let mut face = Face { world, files };
        if let Some(drawn) = face.drawn() {
            face.files.insert(page(), drawn.into_bytes());
        }
        face
    }

    /// The village's page, as a server draws it from a bundle that it verified.
    fn drawn(&self) -> Option<String> {
        let outcome = verify(&self.answer(&format!("api/v1/units/{UNIT}/bundle"))?, &Ask::default());
        let shell = Shell { scripts: true, ..Shell::default() };
        Some(shell.unit(&*outcome.verified?, outcome.verdict.code, &Names::coming(shell.lang)))
    }

    /// The same with the village's page of another face where its own bundle gives none: a cheat draws what it likes.
    #[must_use]
    pub fn drawn_as(mut self, other: &Face) -> Self {
        if let Some(drawn) = other.files.get(&page()) {
            self.files.entry(page()).or_insert_with(|| drawn.clone());
        }
        self
    }

    /// Leaves of the log.
    pub fn size(&self) -> u64 {
        self.world.shelf.leaves.len() as u64
    }

    /// The signed head.
    pub fn checkpoint(&self) -> &[u8] {
        &self.world.shelf.checkpoint
    }

    /// What everyone who trusts this ledger has.
    pub fn trust(&self) -> Trust {
        trust(&self.world)
    }

    /// The answer to a path, without its leading slash.
    pub fn answer(&self, path: &str) -> Option<Vec<u8>> {
        let Some(asked) = path.strip_prefix("api/v1/units/") else { return self.files.get(path).cloned() };
        let (asked, query) = asked.split_once('?').unwrap_or((asked, ""));
        let number = |name: &str| {
            let value = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(n, _)| *n == name);
            value.and_then(|(_, value)| value.parse().ok())
        };
        let unit = UnitId::parse(asked.strip_suffix("/bundle")?)?;
        let bundle = build(&self.world.shelf, unit, number("from").unwrap_or(1), number("size"));
        Some(bundle.ok()?.encode())
    }
}

/// Path of the village's page.
fn page() -> String {
    format!("u/{UNIT}")
}

fn trust(world: &World) -> Trust {
    Trust::of_charter(&world.charter, world.charter_hash)
}
