//! Leaflets: each household gets one, and what its QR says proves its row of the published list and no other's.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod support;

use clerk::Draft;
use clerk::draft::DraftReceipt;
use clerk::import::import;
use clerk::leaflets::print;
use ledger::charter::LedgerId;
use ledger::entry::Entry;
use ledger::hash::Hash;
use ledger::payment_rows::{RowCode, RowTree, list_of, verify_row};
use ledger::sealed::EntryId;
use rqrr::PreparedImage;
use support::rows::divisions;

const HOST: &str = "ledger.mazhang.example";
const LEDGER: &str = "mazhang.example/ledger#00112233445566778899aabbccddeeff";
const SEQ: u64 = 17;
/// Every so many codes one is read: reading is slow in a test, and none is drawn otherwise than the rest.
const STEP: usize = 15;

/// A list of households with number 17, published when `published`.
fn list(households: usize, published: bool) -> Draft {
    let mut table =
        "行政区划代码,所属期间,业务日期,公开事项,摘要,金额(元),对方单位或个人,数量,计量单位\n".to_owned();
    table.push_str("440811100391,2026-03,2026-03-01,村务公告,开会,,,,\n");
    for at in 0..households {
        let (group, name) = (at % 12 + 1, ["李小明", "欧阳小丽", "王芳", "买买提·吐尔逊"][at % 4]);
        let row = format!(
            "440811100391,2026-03,2026-03-02,补贴发放清单,2026年耕地地力保护补贴({group}组),{}.5,{name},{}.25,亩\n",
            100 + at,
            at % 9
        );
        table.push_str(&row);
    }
    let mut draft = import(table.as_bytes(), &divisions(), "t.csv").unwrap();
    draft.ledger = Some(LEDGER.to_owned());
    let entry = draft.entries.iter_mut().find(|entry| !entry.list.is_empty()).unwrap();
    entry.seq = Some(SEQ);
    let leaf = Hash::EMPTY.to_base64();
    entry.receipt = published.then_some(DraftReceipt { seq: SEQ, index: 0, leaf });
    draft
}

/// What a phone reads off every n-th of the printed codes, 4 dots a module as a cheap printer draws them.
fn scanned(html: &str, n: usize) -> Vec<String> {
    let codes = html.split("<svg").skip(1).step_by(n).map(|svg| {
        let of = |name: &str| svg.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0;
        let frame: Vec<i64> = of("viewBox").split(' ').map(|n| n.parse().unwrap()).collect();
        let (quiet, side) = (-frame[0], usize::try_from(frame[2]).unwrap());
        let mut dark = vec![false; side * side];
        for bar in of(" d").split('z').filter(|bar| !bar.is_empty()) {
            let numbers: Vec<i64> = bar.split(['M', ' ', 'h', 'v']).filter_map(|n| n.parse().ok()).collect();
            let [x, y, width, 1, back] = numbers[..] else { panic!("{bar}") };
            assert_eq!(back, -width);
            let start = usize::try_from((y + quiet) * side as i64 + x + quiet).unwrap();
            dark[start..start + width as usize].fill(true);
        }
        let grey = |x: usize, y: usize| if dark[y / 4 * side + x / 4] { 20 } else { 235 };
        let mut image = PreparedImage::prepare_from_greyscale(side * 4, side * 4, grey);
        let grids = image.detect_grids();
        let (about, text) = grids[0].decode().unwrap();
        // 0 is level M in the format's own bits.
        assert_eq!((grids.len(), about.ecc_level), (1, 0));
        assert!(about.version.0 <= 7, "version {}: too fine for 50 mm", about.version.0);
        text
    });
    codes.collect()
}

#[test]
fn three_hundred_households_get_codes_that_prove_their_rows() {
    let draft = list(300, true);
    let printed = print(&draft, HOST, Some(&divisions()), None).unwrap();
    assert_eq!((printed.count, printed.unpublished.len(), printed.unnumbered.len()), (300, 0, 0));
    let html = &printed.html;
    assert_eq!(html.matches("class=\"leaflet\"").count(), 300);
    assert_eq!(html.matches("class=\"sheet\"").count(), 75);

    let entry = draft.entries.iter().find(|entry| !entry.list.is_empty()).unwrap();
    let id = EntryId { ledger: LedgerId::from_text(LEDGER), unit: entry.unit().unwrap(), seq: SEQ };
    let rows = entry.rows_as(&id).unwrap();
    // Root and count as the log will have them, never those of the proof.
    let logged = Entry::of(entry.complete(&id.ledger, SEQ, 0, None)).unwrap();
    let logged = list_of(&logged).unwrap();
    let tree = RowTree::new(&rows);
    let addresses = scanned(html, STEP);
    assert_eq!(addresses.len(), 300 / STEP);
    let typed: Vec<&str> =
        html.split("<p class=\"code\">").skip(1).map(|p| p.split_once("</p>").unwrap().0).collect();
    for (at, typed) in typed.iter().enumerate() {
        // Printed in groups of four, and typed without the gaps.
        let groups: Vec<&str> = typed.split("<span>").skip(1).map(|g| g.split_once('<').unwrap().0).collect();
        assert!(groups.iter().rev().skip(1).all(|group| group.len() == 4));
        let code = RowCode::parse(&groups.concat()).unwrap();
        let index = u32::try_from(at).unwrap();
        verify_row(&tree.prove(index).unwrap(), &code, &id, &logged.root, logged.count).unwrap();
        let other = tree.prove((index + 1) % 300).unwrap();
        assert!(verify_row(&other, &code, &id, &logged.root, logged.count).is_err());
        if at % STEP == 0 {
            let page = "https://ledger.mazhang.example/u/440811100391-00/17#row=";
            assert_eq!(addresses[at / STEP], format!("{page}{}", code.text()));
        }
    }
}

#[test]
fn a_leaflet_says_whose_it_is_and_what_to_do() {
    let draft = list(14, true);
    let printed = print(&draft, HOST, Some(&divisions()), Some(16)).unwrap();
    assert_eq!(printed.count, 1);
    let village = divisions().iter().find(|d| d.unit.as_str() == "440811100391-00").unwrap().name.clone();
    let wants = [
        village.as_str(),
        "补贴发放清单：2026年耕地地力保护补贴",
        "第 <b>14</b> 户",
        "清单共 14 户",
        "第 2 组",
        "欧阳*丽",
        "4.25 亩",
        "113.50<small> 元",
        "公开编号 17",
        "谁拿到它，谁就能看到这一行是您家",
    ];
    let body = printed.html.split_once("<body>").unwrap().1;
    for want in wants {
        assert!(body.contains(want), "{want}: {body}");
    }
    // It prints from a machine without a network, and nothing in it runs.
    let html = printed.html.to_lowercase();
    for banned in ["<script", "src=", "href", "url(", "@import", "onload", "小明", "小丽"] {
        assert!(!html.contains(banned), "{banned}");
    }
}

#[test]
fn what_has_no_leaflets_yet_is_said() {
    let numbered = print(&list(2, false), HOST, None, None).unwrap();
    assert_eq!((numbered.count, numbered.unpublished), (2, vec![3]));
    assert!(numbered.html.contains("440811100391-00"), "the unit's id in place of an unknown name");
    let mut bare = list(2, false);
    bare.entries.iter_mut().for_each(|entry| entry.seq = None);
    let refused = |draft: &Draft, host: &str, row| print(draft, host, None, row).err().unwrap().to_string();
    assert!(refused(&bare, HOST, None).contains("先盖章公布"));
    assert!(refused(&list(2, true), HOST, Some(2)).contains("不在逐户清单里"));
    for host in ["", "https://a.example", "a.example/x", "a b", "a\"b"] {
        assert!(refused(&list(1, true), host, None).contains("--host"), "{host}");
    }
}
