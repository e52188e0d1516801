//! A ledger in a folder as its server would publish it, honest unless a test bends it.
#![allow(dead_code, reason = "each test file uses its part")]

use crate::book::{ORIGIN, log_signer};
use keys::{Role, Signer};
use ledger::books::{Books, Class};
use ledger::charter::{Authority, Charter, LedgerId};
use ledger::checkpoint::Checkpoint;
use ledger::hash::{Hash, leaf_hash};
use ledger::index::IndexLeaf;
use ledger::json::Object;
use ledger::leaf::{self, LeafType};
use ledger::merkle::{MemoryTree, Nodes as _, root_of};
use ledger::note;
use ledger::registry::SealRole;
use ledger::tile::{TileKind, encode_bundle, encode_tile, new_tiles};
use std::path::Path;
use witness::LogConfig;

pub const UNIT: &str = "440811100391-00";

#[derive(Clone)]
pub struct Town {
    pub books: Books,
    pub leaves: Vec<Vec<u8>>,
    pub charter: Hash,
    /// What an index leaf is turned into before it is signed.
    pub bend: fn(IndexLeaf) -> IndexLeaf,
}

impl Town {
    pub fn new(created: u64) -> Self {
        let name = "mazhang.example/ledger/authority/a";
        let authority = Signer::from_secret(name, Role::Authority, &[11; 32]).unwrap();
        let charter = Charter {
            origin: ORIGIN.to_owned(),
            log: log_signer().vkey().clone(),
            authority: Authority { keys: vec![authority.vkey().clone()], threshold: 1 },
            district: "440811".to_owned(),
            policy: vec!["quorum none".to_owned()],
            catalogue: None,
            created,
        };
        let text = charter.text();
        let lines = vec![authority.sign_note(&text).unwrap(), log_signer().sign_note(&text).unwrap()];
        let note = leaf::seal(&text, lines).into_bytes();
        let (charter, hash) = Charter::open(&note).unwrap();
        let mut books = Books::new(LedgerId::new(ORIGIN, &hash), &charter.district);
        books.add(hash, &Class::Charter);
        let mut town = Town { books, leaves: vec![note], charter: hash, bend: |index| index };
        town.publish(created);
        town
    }

    pub fn config(&self, source: &Path) -> LogConfig {
        let follow = Some((source.to_str().unwrap().to_owned(), self.charter));
        LogConfig { follow, ..crate::book::config() }
    }

    /// Any bytes as a leaf.
    pub fn force(&mut self, bytes: Vec<u8>) {
        let class = self.books.classify(&bytes);
        assert!(!matches!(class, Class::Index(_)));
        self.books.add(leaf_hash(&bytes), &class);
        self.leaves.push(bytes);
    }

    /// The next entry of the village; of no kind that anyone knows, which f does not mind.
    pub fn entry(&mut self, text: &str) {
        let seq = self.books.count(&ledger::unit::UnitId::parse(UNIT).unwrap()) + 1;
        let json = Object::new()
            .with("ledger", self.books.ledger().as_str())
            .with("unit", UNIT)
            .with("seq", seq as i64)
            .with("kind", "anything")
            .with("body", Object::new().with("text", text))
            .with("signed_at", 1_790_000_000_i64);
        let name = "mazhang.example/ledger/seal/440811100/township";
        let seal = Signer::from_secret(name, Role::Seal(SealRole::Township), &[12; 32]).unwrap();
        let text = leaf::text(LeafType::Entry, &json);
        self.force(leaf::seal(&text, vec![seal.sign_note(&text).unwrap()]).into_bytes());
    }

    /// An act of the authority in the town's registry, signed by it or by somebody else; not logged.
    pub fn act(&self, seq: u64, name: &str, secret: u8) -> String {
        let body = Object::new().with("unit", "440811100000-00").with("name", name);
        let json = Object::new()
            .with("ledger", self.books.ledger().as_str())
            .with("unit", "440811100000-99")
            .with("seq", seq as i64)
            .with("kind", "unit")
            .with("body", body)
            .with("signed_at", 1_790_000_000_i64);
        let signer =
            Signer::from_secret("mazhang.example/ledger/authority/a", Role::Authority, &[secret; 32]);
        let text = leaf::text(LeafType::Entry, &json);
        leaf::seal(&text, vec![signer.unwrap().sign_note(&text).unwrap()])
    }

    pub fn publish(&mut self, time: u64) {
        let (index, _) = self.books.close(time, Vec::new());
        let text = (self.bend)(index).text();
        self.leaves.push(leaf::seal(&text, vec![log_signer().sign_note(&text).unwrap()]).into_bytes());
    }

    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    fn tree(&self) -> MemoryTree {
        MemoryTree::new(self.leaves.iter().map(|leaf| leaf_hash(leaf)).collect())
    }

    pub fn root(&self) -> Hash {
        root_of(&self.tree(), self.size()).unwrap()
    }

    pub fn checkpoint(&self) -> String {
        let text = Checkpoint { origin: ORIGIN.to_owned(), size: self.size(), root: self.root() }.text();
        note::assemble(&text, &[log_signer().sign_note(&text).unwrap()])
    }

    /// Tiles and head, as they stand.
    pub fn write(&self, folder: &Path) {
        let tree = self.tree();
        for path in new_tiles(0, self.size()) {
            let first = path.index() * 256;
            let range = first..first + u64::from(path.width());
            let bytes = match path.kind() {
                TileKind::Entries => {
                    encode_bundle(range.map(|i| self.leaves[i as usize].as_slice())).unwrap()
                }
                TileKind::Hashes(level) => {
                    let hashes: Vec<Hash> = range.map(|i| tree.node(level * 8, i).unwrap()).collect();
                    encode_tile(&hashes)
                }
            };
            let file = folder.join(path.to_string());
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, bytes).unwrap();
        }
        let past = folder.join("checkpoints").join(ledger::tile::grouped(self.size()));
        std::fs::create_dir_all(past.parent().unwrap()).unwrap();
        std::fs::write(past, self.checkpoint()).unwrap();
        std::fs::write(folder.join("checkpoint"), self.checkpoint()).unwrap();
    }
}
