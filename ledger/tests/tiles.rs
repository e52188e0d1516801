//! Tiles and entry bundles (T-01 to T-05).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use ledger::hash::{Hash, leaf_hash};
use ledger::merkle::{MemoryTree, Nodes, prove_consistency, prove_inclusion, root_of};
use ledger::tile::{
    MAX_LEVEL, TileError, TileKind, TileNodes, TilePath, Tiles, decode_bundle, decode_tile, encode_bundle,
    encode_tile, new_tiles, truncate_bundle,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn leaf(i: u64) -> Hash {
    leaf_hash(&i.to_be_bytes())
}

#[test]
fn t01_paths_as_c2sp_writes_them() {
    for (path, kind, index, width) in [
        ("tile/0/000", TileKind::Hashes(0), 0, 256),
        ("tile/0/x001/x234/067", TileKind::Hashes(0), 1_234_067, 256),
        ("tile/entries/x001/x234/067.p/5", TileKind::Entries, 1_234_067, 5),
        ("tile/7/000.p/255", TileKind::Hashes(7), 0, 255),
        ("tile/2/x001/000", TileKind::Hashes(2), 1_000, 256),
        ("tile/entries/999.p/1", TileKind::Entries, 999, 1),
    ] {
        let tile = TilePath::parse(path).unwrap();
        assert_eq!((tile.kind(), tile.index(), tile.width()), (kind, index, width), "{path}");
        assert_eq!(tile.to_string(), path);
        assert!(!tile.full().is_partial());
    }
    for path in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/x001/x000",
        "tile/0/1000",
        "tile/00/000",
        "tile/8/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "tile/0/000.p/+5",
        "tile/0/000.p/",
        "tile/0/000.p/5/",
        "tile/0/000/",
        "tile/0/000.p/5.p/5",
        "tile/entries/0",
        "tile/Entries/000",
        "tile/data/000",
        "tile/0/000\n",
        "tile/0/ 00",
        "tile/0/x１23/456",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/256/000",
        "tile/0//000",
        "tile/0/X001/000",
    ] {
        assert_eq!(TilePath::parse(path), None, "{path}");
    }
    let last = "tile/0/x018/x446/x744/x073/x709/x551/615";
    assert_eq!(TilePath::parse(last).unwrap().index(), u64::MAX);
    assert_eq!(TilePath::new(TileKind::Entries, 0, 0), None);
    assert_eq!(TilePath::new(TileKind::Entries, 0, 257), None);
    assert!(TilePath::new(TileKind::Hashes(MAX_LEVEL), 0, 1).is_some());
    assert_eq!(TilePath::new(TileKind::Hashes(MAX_LEVEL + 1), 0, 1), None);
}

proptest! {
    #[test]
    fn t01_paths_round_trip(level in 0_u8..=7, index in any::<u64>(), width in 1_u16..=256) {
        for kind in [TileKind::Hashes(level), TileKind::Entries] {
            let path = TilePath::new(kind, index, width).unwrap();
            prop_assert_eq!(TilePath::parse(&path.to_string()), Some(path));
        }
    }

    #[test]
    fn t01_whatever_is_read_is_the_one_spelling(path in "tile/([0-9x/.p]|entries|0/){0,12}") {
        if let Some(tile) = TilePath::parse(&path) {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn t03_bundles_round_trip(entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..20)) {
        let bytes = encode_bundle(entries.iter().map(Vec::as_slice)).unwrap();
        let width = entries.len() as u16;
        prop_assert_eq!(decode_bundle(&bytes, width).unwrap(), entries.iter().map(Vec::as_slice).collect::<Vec<_>>());
        prop_assert!(decode_bundle(&bytes, width + 1).is_err() && decode_bundle(&bytes, width - 1).is_err());
        prop_assert!(decode_bundle(&bytes[..bytes.len() - 1], width).is_err());
        // T-05: a partial bundle is the beginning of the full one.
        for w in 1..=width {
            let partial = truncate_bundle(&bytes, w).unwrap();
            prop_assert_eq!(partial, encode_bundle(entries.iter().take(w.into()).map(Vec::as_slice)).unwrap());
        }
        prop_assert!(truncate_bundle(&bytes, width + 1).is_err());
    }

    #[test]
    fn t03_decoding_is_total(bytes in proptest::collection::vec(any::<u8>(), 0..400), width in any::<u16>()) {
        let _ = decode_bundle(&bytes, width);
        let _ = truncate_bundle(&bytes, width);
        let _ = decode_tile(&bytes, width);
    }
}

#[test]
fn t03_entries_of_65535_bytes_fit_and_longer_ones_do_not() {
    let long = vec![7; 65_536];
    let bytes = encode_bundle([&long[..65_535]]).unwrap();
    assert_eq!(&bytes[..2], [0xFF, 0xFF]);
    assert_eq!(decode_bundle(&bytes, 1).unwrap(), [&long[..65_535]]);
    assert_eq!(encode_bundle([long.as_slice()]), Err(TileError::TooLong));
}

#[test]
fn t02_hash_tiles_are_32_bytes_a_hash() {
    let hashes: Vec<Hash> = (0..5).map(leaf).collect();
    let bytes = encode_tile(&hashes);
    assert_eq!((bytes.len(), decode_tile(&bytes, 5)), (160, Ok(hashes)));
    for (bytes, width) in [(&bytes[..159], 5), (&bytes[..], 4), (&bytes[..], 6), (&bytes[..0], 1)] {
        assert_eq!(decode_tile(bytes, width), Err(TileError::Width));
    }
}

/// A folder of tiles, written growth by growth as a log does.
#[derive(Default)]
struct Folder(BTreeMap<String, Vec<u8>>);

impl Folder {
    fn grow(&mut self, tree: &MemoryTree, old: u64, new: u64) {
        for path in new_tiles(old, new) {
            let TileKind::Hashes(level) = path.kind() else { continue };
            let first = path.index() * 256;
            let nodes = first..first + u64::from(path.width());
            let hashes: Vec<Hash> = nodes.map(|i| tree.node(level * 8, i).unwrap()).collect();
            self.0.insert(path.to_string(), encode_tile(&hashes));
        }
    }
}

impl Tiles for Folder {
    type Error = TileError;
    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, TileError> {
        self.0.get(&path.to_string()).cloned().ok_or(TileError::Width)
    }
}

#[test]
fn t04_new_tiles_are_exactly_what_a_growth_adds_or_widens() {
    let all = |size: u64| -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        for kind in (0..=MAX_LEVEL).map(TileKind::Hashes).chain([TileKind::Entries]) {
            out.extend((0..).map_while(|i| TilePath::in_tree(kind, i, size)).map(|t| t.to_string()));
        }
        out
    };
    let sizes = [0, 1, 2, 255, 256, 257, 511, 512, 600, 65_535, 65_536, 65_537, 70_000];
    for old in sizes {
        for new in sizes.into_iter().filter(|n| *n >= old) {
            let new_paths = new_tiles(old, new);
            let set: BTreeSet<String> = new_paths.iter().map(TilePath::to_string).collect();
            assert_eq!(set.len(), new_paths.len(), "none twice");
            assert_eq!(set, all(new).difference(&all(old)).cloned().collect(), "{old} to {new}");
        }
    }
    assert_eq!(TilePath::in_tree(TileKind::Hashes(1), 0, 255), None);
    assert_eq!(TilePath::in_tree(TileKind::Entries, 1, 256), None);
}

#[test]
fn t02_proofs_from_tiles_are_those_from_memory() {
    let tree = MemoryTree::new((0..70_000).map(leaf).collect());
    let mut folder = Folder::default();
    let sizes = [1, 2, 100, 256, 300, 512, 1_000, 65_536, 66_000, 70_000];
    let mut old = 0;
    for size in sizes {
        folder.grow(&tree, old, size);
        old = size;
    }
    for size in sizes {
        let nodes = TileNodes { tiles: &folder, size };
        assert_eq!(root_of(&nodes, size).unwrap(), root_of(&tree, size).unwrap());
        for index in [0, 1, size / 3, size / 2, size - 1].into_iter().filter(|i| *i < size) {
            assert_eq!(
                prove_inclusion(&nodes, index, size),
                Ok(prove_inclusion(&tree, index, size).unwrap())
            );
        }
        for old in sizes.into_iter().filter(|o| *o < size) {
            assert_eq!(
                prove_consistency(&nodes, old, size),
                Ok(prove_consistency(&tree, old, size).unwrap())
            );
        }
        assert!(
            nodes.node(0, size).is_err() && nodes.node(64, 0).is_err() && nodes.node(255, u64::MAX).is_err()
        );
    }
}
