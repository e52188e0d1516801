//! Pages and the viewer's files over real TCP: readable without scripts, strict about what may run, no way out
//! of the folder.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod village;

use api::Settings;
use village::{Running, VILLAGE, Village, http};

/// A founded village whose server has a viewer's folder, with a secret beside it.
fn with_viewer() -> (Village, Running) {
    let (village, running) = Village::founded(3);
    running.stop();
    let folder = village.folder.path().join("viewer");
    std::fs::create_dir_all(folder.join("img")).unwrap();
    for (name, bytes) in [
        ("app.js", "export {};"),
        ("viewer.wasm", "\0asm"),
        ("viewer.css", "p{}"),
        ("img/seal.svg", "<svg/>"),
        (".hidden.js", "secret"),
        ("notes.unknown", "secret"),
    ] {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    std::fs::write(village.folder.path().join("secret.txt"), "secret").unwrap();
    std::os::unix::fs::symlink(village.folder.path().join("secret.txt"), folder.join("link.txt")).unwrap();
    std::os::unix::fs::symlink(village.folder.path(), folder.join("up")).unwrap();
    let running = village.serve_with(|s| Settings { viewer: Some(folder), ..s });
    (village, running)
}

#[test]
fn viewer_files_have_their_types_and_are_asked_for_again() {
    let (_village, running) = with_viewer();
    for (name, media) in [
        ("app.js", "text/javascript; charset=utf-8"),
        ("viewer.wasm", "application/wasm"),
        ("viewer.css", "text/css; charset=utf-8"),
        ("img/seal.svg", "image/svg+xml"),
    ] {
        let answer = running.get(&format!("/viewer/{name}"));
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media)));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        let etag = answer.header("etag").unwrap().to_owned();
        let again = running.get_with(&format!("/viewer/{name}"), &[("if-none-match", &etag)]);
        assert_eq!((again.status, again.body.len()), (304, 0));
    }
}

#[test]
fn no_path_leads_out_of_the_viewers_folder() {
    let (_village, running) = with_viewer();
    for path in [
        "/viewer/../secret.txt",
        "/viewer/..%2fsecret.txt",
        "/viewer/%2e%2e/secret.txt",
        "/viewer/%2e%2e%2fsecret.txt",
        "/viewer/img/../../secret.txt",
        "/viewer/img/..%2f..%2fsecret.txt",
        "/viewer/..%5csecret.txt",
        "/viewer/link.txt",
        "/viewer/up/secret.txt",
        "/viewer/.hidden.js",
        "/viewer/notes.unknown",
        "/viewer//etc/passwd",
        "/viewer/%2fetc%2fpasswd",
        "/viewer/app.js%00",
        "/viewer/img",
        "/viewer/img/",
        "/viewer/",
        "/viewer/app.js/",
    ] {
        let answer = http::send(running.address, &http::request("GET", path, &[], b"")).unwrap();
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        assert!(!answer.text().contains("secret"), "{path}");
    }
}

#[test]
fn pages_are_readable_before_any_script_and_let_nothing_foreign_run() {
    let (_village, running) = with_viewer();
    for (path, words) in [("/", ["榕溪村", "麻章镇"]), (&*format!("/u/{VILLAGE}"), ["榕溪村", "公告"])]
    {
        let answer = running.get(path);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
        let html = answer.text();
        for word in words {
            assert!(html.contains(word), "{word} in {html}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        for rule in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "connect-src 'self'",
            "worker-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(rule), "{policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        // No script without a src, no handler in an attribute.
        let inline = html.split("<script").skip(1).any(|s| !s.split('>').next().unwrap().contains("src="));
        assert!(!inline && !html.contains(" onclick=") && !html.contains("javascript:"), "{html}");
    }
}

#[test]
fn pages_read_without_a_viewer_too() {
    let (_village, running) = Village::founded(2);
    let html = running.get(&format!("/u/{VILLAGE}")).text();
    assert!(html.contains("榕溪村") && !html.contains("<script"), "{html}");
    assert!(running.get("/").text().contains(&format!("/u/{VILLAGE}")));
    assert_eq!(running.get("/viewer/app.js").problem(), "not_found");
}

#[test]
fn a_page_follows_the_newest_publication() {
    let (village, running) = Village::founded(1);
    let page = || running.get(&format!("/u/{VILLAGE}")).text();
    assert!(!page().contains("第 2 号"));
    running.must_post(&[village.notice(2)]);
    assert!(page().contains("第 2 号"));
}

#[test]
fn a_page_of_a_unit_that_is_not_there_says_so() {
    let (_village, running) = Village::founded(1);
    assert_eq!(running.get("/u/440811100999-00").status, 404);
    assert_eq!(running.get("/u/nonsense").status, 400);
}

#[test]
fn what_an_entry_says_is_never_taken_for_html() {
    let (village, running) = Village::founded(0);
    let body = ledger::json::Object::new()
        .with("text", vec![ledger::json::Value::from("<script>alert(1)</script>")]);
    let rest = ledger::json::Object::new().with("title", "<img src=x onerror=alert(1)>");
    let json = village.full(VILLAGE, 1, "notice", rest, body);
    running.must_post(&[village.sign(&json, &[&village.seal])]);
    let html = running.get(&format!("/u/{VILLAGE}")).text();
    assert!(!html.contains("<script>alert") && !html.contains("<img src=x"), "{html}");
}
