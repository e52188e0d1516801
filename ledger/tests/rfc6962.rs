//! The RFC 6962 vectors of transparency-dev/merkle, read from beside the project when they are there.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

use base64::Engine as _;
use ledger::hash::{Hash, leaf_hash, node_hash};
use ledger::merkle::{MemoryTree, root_of, verify_consistency, verify_inclusion};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "json") {
            out.push(path);
        }
    }
}

/// The files of one folder; `None`, said aloud, when the vectors are absent.
fn vectors(folder: &str) -> Option<Vec<(PathBuf, Value)>> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vectors/rfc6962"));
    if !root.is_dir() {
        println!("skipped: ../shared/vectors/rfc6962 is absent");
        return None;
    }
    let mut paths = Vec::new();
    files(&root.join("testdata").join(folder), &mut paths);
    let read = |p: PathBuf| {
        let json = serde_json::from_slice(&std::fs::read(&p).unwrap()).unwrap();
        (p, json)
    };
    Some(paths.into_iter().map(read).collect())
}

/// A hash, or `None` for an empty string: no hash, refused before any verifier is asked. Some roots of these files
/// are words ("don't care 2"); each stands for one hash.
fn hash(value: &Value) -> Option<Hash> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap()).unwrap();
    Hash::from_slice(&bytes).or_else(|| (!bytes.is_empty()).then(|| Hash::of(&bytes)))
}

fn proof(value: &Value) -> Option<Vec<Hash>> {
    value.as_array().map_or(Some(Vec::new()), |list| list.iter().map(hash).collect())
}

#[test]
fn l04_inclusion_vectors() {
    let Some(files) = vectors("inclusion") else { return };
    assert_eq!(files.len(), 98);
    for (path, v) in files {
        let verify = || {
            let (leaf, root, proof) = (hash(&v["leafHash"])?, hash(&v["root"])?, proof(&v["proof"])?);
            let (index, size) = (v["leafIdx"].as_u64().unwrap(), v["treeSize"].as_u64().unwrap());
            verify_inclusion(&leaf, index, size, &proof, &root).ok()
        };
        assert_eq!(verify().is_none(), v["wantErr"].as_bool().unwrap(), "{}", path.display());
    }
}

#[test]
fn l05_consistency_vectors() {
    let Some(files) = vectors("consistency") else { return };
    assert_eq!(files.len(), 98);
    for (path, v) in files {
        let verify = || {
            let (old, new, proof) = (hash(&v["root1"])?, hash(&v["root2"])?, proof(&v["proof"])?);
            let (m, n) = (v["size1"].as_u64().unwrap(), v["size2"].as_u64().unwrap());
            verify_consistency(m, n, &old, &new, &proof).ok()
        };
        assert_eq!(verify().is_none(), v["wantErr"].as_bool().unwrap(), "{}", path.display());
    }
}

/// The reference inputs of RFC 6962's own implementation and the roots it gives for 0 to 8 of them.
#[test]
fn l01_l02_the_reference_tree() {
    let leaves =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut tree = MemoryTree::default();
    for (size, want) in roots.iter().enumerate() {
        assert_eq!(root_of(&tree, size as u64).unwrap().to_hex(), *want);
        if let Some(leaf) = leaves.get(size) {
            tree.append(leaf_hash(&hex::decode(leaf).unwrap()));
        }
    }
    let (a, b) = (leaf_hash(b"a"), leaf_hash(b"b"));
    let mut joined = vec![1];
    joined.extend_from_slice(a.as_bytes());
    joined.extend_from_slice(b.as_bytes());
    assert_eq!(node_hash(&a, &b), Hash::of(&joined));
    assert_eq!(leaf_hash(b"a"), Hash::of(b"\0a"));
    assert_eq!(Hash::EMPTY, Hash::of(b""));
}

#[test]
fn l03_hashes_have_one_spelling() {
    let hash = leaf_hash(b"x");
    assert_eq!(Hash::from_base64(&hash.to_base64()), Some(hash));
    assert_eq!(Hash::from_hex(&hash.to_hex()), Some(hash));
    let base64 = hash.to_base64();
    let stray = format!("{}B=", &base64[..42]);
    for bad in [&base64[..43], &base64[1..], "", &format!("{base64}\n"), &format!(" {base64}"), &stray] {
        assert_eq!(Hash::from_base64(bad).filter(|h| h.to_base64() != bad), None, "{bad}");
    }
    assert_eq!(Hash::from_base64(&"-".repeat(44)), None);
    for bad in [&hash.to_hex()[1..], &hash.to_hex().to_uppercase(), "", &format!("{}0", hash.to_hex())] {
        assert_eq!(Hash::from_hex(bad), None, "{bad}");
    }
    assert_eq!(Hash::from_slice(&[0; 31]), None);
}
