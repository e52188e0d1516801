//! Acts that the authority gives to the replayer directly: nobody can sit upon them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

mod book;
mod disk;
mod scene;
mod town;

use scene::{NOW, Scene};
use witness::acts::ActError;
use witness::follow::Status;
use witness::waiting::Taken;

/// SPEC C-18.
#[test]
fn an_act_that_is_not_logged_in_a_day_withholds_the_statement_until_it_is() {
    let mut scene = Scene::new();
    let act = scene.town.act(1, "麻章镇", 11);
    assert!(matches!(scene.follower.take(&act, NOW), Taken::NotNow(_)), "nothing is replayed yet");
    scene.publish(NOW + 1);
    assert!(matches!(scene.follower.take(&act, NOW + 1), Taken::Kept));
    assert!(matches!(scene.follower.take(&act, NOW + 500), Taken::Kept), "again, and not from now");
    scene.clock.set(NOW + 1 + 86_400);
    assert_eq!(scene.look(), Status::Current { size: 3 });
    scene.restart();
    let good = scene.vouched();
    assert!(
        matches!(scene.publish(NOW + 2 + 86_400), Status::Withheld { seq: 1, given, .. } if given == NOW + 1)
    );
    assert_eq!(scene.vouched(), good);
    // Its number taken by what is no act of the authority is no way out.
    scene.town.force(scene.town.act(1, "别的镇", 99).into_bytes());
    assert!(matches!(scene.publish(NOW + 3 + 86_400), Status::Withheld { .. }));

    let mut scene = Scene::new();
    scene.publish(NOW + 1);
    assert!(matches!(scene.follower.take(&act, NOW + 1), Taken::Kept));
    scene.clock.set(NOW + 90_000);
    assert!(matches!(scene.look(), Status::Withheld { .. }));
    scene.town.force(act.clone().into_bytes());
    assert_eq!(scene.publish(NOW + 90_001), Status::Current { size: 5 });
    assert!(matches!(scene.follower.take(&act, NOW + 90_002), Taken::Logged));
    scene.restart();
    scene.look();
    assert!(matches!(scene.follower.take(&act, NOW + 90_003), Taken::Logged));
}

/// SPEC C-18.
#[test]
fn only_acts_that_the_log_could_take_are_taken() {
    let mut scene = Scene::new();
    scene.publish(NOW + 1);
    let taken = |scene: &Scene, leaf: &str| scene.follower.take(leaf, NOW + 1);
    let act = scene.town.act(1, "麻章镇", 11);
    for (leaf, wanted) in [
        (scene.town.act(1, "麻章镇", 99), "NotSigned"),
        (act.replacen("麻章镇", "麻章村", 1), "NotSigned"),
        (act.replacen("unit\":\"440811100000-99", "unit\":\"440811100000-00", 1), "Malformed"),
        (act.replacen("mazhang.example/ledger#", "other.example/ledger#", 1), "Malformed"),
        (String::from_utf8(scene.town.leaves[0].clone()).unwrap(), "Malformed"),
        ("nonsense".to_owned(), "Malformed"),
    ] {
        let answer = format!("{:?}", taken(&scene, &leaf));
        assert!(answer.starts_with(&format!("Refused({wanted}")), "{answer}: {leaf}");
    }
    // An act whose number the authority used for another one in the meantime is let go.
    assert!(matches!(taken(&scene, &act), Taken::Kept));
    scene.town.force(scene.town.act(1, "麻章", 11).into_bytes());
    assert_eq!(scene.publish(NOW + 90_000), Status::Current { size: 5 });
    assert!(matches!(taken(&scene, &act), Taken::Refused(ActError::Taken)));
    // What waits is bounded.
    for seq in 0..64 {
        assert!(matches!(taken(&scene, &scene.town.act(2, &seq.to_string(), 11)), Taken::Kept));
    }
    assert!(matches!(taken(&scene, &scene.town.act(2, "64", 11)), Taken::NotNow(_)));
}
