//! Masked names of natural persons (P-17, P-18).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

use ledger::sealed::MAX_VALUE;
use ledger::sealed::names::{is_masked, mask};
use proptest::prelude::*;

#[test]
fn p18_names_are_masked_in_one_way() {
    for (name, masked) in [
        ("李明", "李*"),
        ("李小明", "李*明"),
        ("李王小明", "李*明"),
        ("欧阳修", "欧阳*"),
        ("欧阳小明", "欧阳*明"),
        ("欧阳", "欧*"),
        ("司徒美堂", "司徒*堂"),
        ("阿依古丽", "阿*丽"),
        ("买买提·吐尔逊", "买*·*逊"),
        ("买买提•艾力•吐尔逊", "买*·*·*逊"),
        ("玛·丽", "玛*·*"),
        ("欧阳·丽娜", "欧*·*娜"),
        ("李 明", "李*"),
        ("李　小明", "李*明"),
        ("John Smith", "J*h"),
        ("𠮷小明", "𠮷*明"),
        ("㐀〇", "㐀*"),
    ] {
        assert_eq!(mask(name).as_deref(), Some(masked), "{name}");
        assert!(is_masked(masked) && !is_masked(name), "{name}");
    }
    // The longest that is masked, and the one whose mask is longest.
    let parts = format!("{}明", "李·".repeat(19)) + "李";
    assert_eq!((parts.chars().count(), mask(&parts).is_some_and(|masked| is_masked(&masked))), (40, true));
    let long = "李".repeat(40);
    assert_eq!(mask(&long).as_deref(), Some("李*李"));
    for bad in [
        "",
        "李",
        " ",
        "李*明",
        "李1",
        "李明，",
        "·",
        "李·",
        "·明",
        "李··明",
        "李明\n",
        "Ли",
        "李\u{F9D1}",
        "李\u{2F800}",
        &format!("{long}李"),
    ] {
        assert_eq!(mask(bad), None, "{bad}");
    }
}

#[test]
fn p17_masked_names_are_known() {
    for masked in ["李*明", "李*", "吴**", "欧阳*", "欧阳**明", "阿*·*", "买*·*·*提", "J*h"] {
        assert!(is_masked(masked), "{masked}");
    }
    for name in [
        "",
        "*",
        "李",
        "李明",
        "李小明",
        "*明",
        "李小*",
        "李*小明",
        "李*明*",
        "*·*",
        "李*·明",
        "李*·明*",
        "李·*",
        "李*·",
        "欧阳*·*",
        "李*1",
        "李*(个人)",
        "李* ",
        "李×明",
        "李＊明",
        "李明*明",
        "李*·*明·*",
        &format!("李{}", "*".repeat(MAX_VALUE)),
    ] {
        assert!(!is_masked(name), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// P-17, P-18: what is masked is known as masked, hides something, and is not masked again.
    #[test]
    fn masks_are_masked(name in "[李黄欧阳司马A-Z㐀]{1,5}(·[李明丽B]{1,4}){0,3}") {
        if let Some(masked) = mask(&name) {
            prop_assert!(is_masked(&masked), "{} {}", name, masked);
            prop_assert!(!is_masked(&name) && mask(&masked).is_none());
            prop_assert!(masked.chars().filter(|c| !"*·".contains(*c)).count() < name.chars().filter(|c| *c != '·').count());
        } else {
            prop_assert_eq!(name.chars().count(), 1);
        }
    }

    #[test]
    fn masking_is_total(name in ".{0,50}") {
        prop_assert!(mask(&name).is_none_or(|masked| is_masked(&masked)));
        is_masked(&name);
    }
}
