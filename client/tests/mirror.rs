//! Reading a log from a server and from a folder.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a step that fails fails the test"
)]

mod support;

use client::http::{Http, HttpError};
use client::mirror::{FolderTiles, HttpTiles, Mirror, MirrorError};
use ledger::hash::{Hash, leaf_hash};
use ledger::merkle::{MemoryTree, prove_inclusion, root_of, verify_inclusion};
use ledger::tile::{TileKind, TileNodes, TilePath, Tiles, encode_bundle, encode_tile, new_tiles};
use std::path::Path;
use std::time::Duration;

const SIZE: u64 = 600;

fn leaves() -> Vec<Vec<u8>> {
    (0..SIZE).map(|i| format!("leaf {i}").into_bytes()).collect()
}

/// Every tile of a log of [`SIZE`] leaves, as a server's folder has them.
fn write_log(folder: &Path) -> Hash {
    use ledger::merkle::Nodes as _;
    let leaves = leaves();
    let mut tree = MemoryTree::default();
    for leaf in &leaves {
        tree.append(leaf_hash(leaf));
    }
    for path in new_tiles(0, SIZE) {
        let first = path.index() * 256;
        let range = first..first + u64::from(path.width());
        let bytes = match path.kind() {
            TileKind::Entries => encode_bundle(range.map(|i| leaves[i as usize].as_slice())).unwrap(),
            TileKind::Hashes(level) => {
                let hashes: Vec<Hash> = range.map(|i| tree.node(level * 8, i).unwrap()).collect();
                encode_tile(&hashes)
            }
        };
        let file = folder.join(path.to_string());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    std::fs::write(folder.join("checkpoint"), "head\n").unwrap();
    root_of(&tree, SIZE).unwrap()
}

fn serve_folder(folder: &Path) -> String {
    let folder = folder.to_owned();
    let answer = move |asked: &support::Asked, _| {
        let path = asked.line.strip_prefix("GET /").unwrap();
        std::fs::read(folder.join(path)).map_or((404, "", Vec::new()), |bytes| (200, "", bytes))
    };
    support::serve(answer).0
}

#[test]
fn a_folder_and_a_server_give_the_same_tiles_and_proofs() {
    let dir = tempfile::tempdir().unwrap();
    let root = write_log(dir.path());
    let web = Mirror::open(&serve_folder(dir.path())).unwrap();
    let folder = Mirror::open(dir.path().to_str().unwrap()).unwrap();
    for mirror in [&web, &folder] {
        assert_eq!(mirror.checkpoint().unwrap(), b"head\n");
        assert!(mirror.checkpoint_at(7).unwrap().is_none());
        let nodes = TileNodes { tiles: mirror, size: SIZE };
        for index in [0, 255, 256, 511, 599] {
            let path = prove_inclusion(&nodes, index, SIZE).unwrap();
            let leaf = leaf_hash(format!("leaf {index}").as_bytes());
            verify_inclusion(&leaf, index, SIZE, &path, &root).unwrap();
        }
    }
}

#[test]
fn a_partial_tile_that_is_gone_is_cut_out_of_the_full_one() {
    let dir = tempfile::tempdir().unwrap();
    write_log(dir.path());
    let folder = FolderTiles::new(dir.path());
    for kind in [TileKind::Entries, TileKind::Hashes(0)] {
        let full = folder.tile(&TilePath::new(kind, 0, 256).unwrap()).unwrap();
        let part = folder.tile(&TilePath::new(kind, 0, 100).unwrap()).unwrap();
        assert!(part.len() < full.len() && full.starts_with(&part));
    }
    let missing = folder.tile(&TilePath::new(TileKind::Entries, 9, 256).unwrap());
    assert!(matches!(missing, Err(MirrorError::NotFound(_))));
}

#[test]
fn a_tile_of_another_width_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    write_log(dir.path());
    let path = TilePath::new(TileKind::Hashes(0), 0, 256).unwrap();
    let file = dir.path().join(path.to_string());
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
    assert!(matches!(FolderTiles::new(dir.path()).tile(&path), Err(MirrorError::Tile(_))));
    std::fs::write(&file, [bytes.as_slice(), &[0]].concat()).unwrap();
    assert!(matches!(FolderTiles::new(dir.path()).tile(&path), Err(MirrorError::TooLong { .. })));
    let web = HttpTiles::new(Http::new(&serve_folder(dir.path())).unwrap());
    assert!(matches!(web.tile(&path), Err(MirrorError::Http(HttpError::TooLong { .. }))));
}

#[test]
fn a_busy_server_is_asked_again_and_a_refusal_is_not() {
    let (base, seen) = support::serve(|_, before| match before {
        0 => (503, "retry-after: 0\r\n", Vec::new()),
        1 => (502, "", Vec::new()),
        _ => (200, "", b"here".to_vec()),
    });
    let http = Http::new(&base).unwrap().first_wait(Duration::from_millis(1));
    assert_eq!(http.get("x", 100).unwrap(), b"here");
    assert_eq!(seen.lock().unwrap().len(), 3);

    let (base, seen) = support::serve(|_, _| (400, "", b"{\"title\":\"no\",\"detail\":\"do\"}".to_vec()));
    let error = Http::new(&base).unwrap().get("x", 100).unwrap_err();
    assert_eq!(error.to_string(), format!("{base}/x：服务器答复 400。no：do / the server answered so"));
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[test]
fn silence_in_the_end_is_an_error_that_says_what_was_tried() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let http = Http::new(&base).unwrap().first_wait(Duration::from_millis(1));
    let error = http.get("checkpoint", 100).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{base}/checkpoint：连不上账本服务器")), "{error}");
    let (base, seen) = support::serve(|_, _| (503, "", Vec::new()));
    let http = Http::new(&base).unwrap().first_wait(Duration::from_millis(1));
    assert!(matches!(http.get("x", 9), Err(HttpError::Status { status: 503, .. })));
    assert_eq!(seen.lock().unwrap().len(), 4);
}

#[test]
fn addresses_are_checked_before_anything_is_asked() {
    for bad in ["", "ftp://x", "http://", "mazhang.example", "http://a b", "http://x/?q"] {
        assert!(matches!(Http::new(bad), Err(HttpError::Address(_))), "{bad}");
    }
    assert_eq!(Http::new(" https://x.example/log/ ").unwrap().url("a"), "https://x.example/log/a");
    assert!(matches!(Mirror::open("/nowhere/at/all"), Err(MirrorError::NotFound(_))));
}
