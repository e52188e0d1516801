//! `release` (核对页面发布): the files of a viewer release by digest, and the hosts that serve it.

use super::{Field, Kind, Place, Type, parts};
use crate::unit::Level;

pub(super) const KIND: Kind = Kind {
    name: "release",
    zh: "核对页面发布",
    place: Place::Registry(&[Level::District]),
    fields: &[
        Field::must("version", Type::Text(40)),
        Field::must(
            "files",
            Type::List(&[Field::must("path", Type::Text(100)), Field::must("digest", Type::Digest)]),
        ),
        Field::must("hosts", Type::Many(&Type::Text(200))),
    ],
    rule: |entry| parts::distinct(entry, "files", "path"),
    example: r#"{"version":"1.0.0","files":[{"path":"viewer_bg.wasm","digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}],"hosts":["ledger.mazhang.example"]}"#,
};
