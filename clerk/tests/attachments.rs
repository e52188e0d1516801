//! Files that a table names: cleaned copies beside the draft, a line in the entry, and a fault by row for each that can
//! not be published.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // a test stops at the first surprise

#[path = "support/pictures.rs"]
mod pictures;
mod support;

use clerk::attachments::{attach, check, summary, uploads};
use clerk::draft::DraftEntry;
use clerk::import::import;
use clerk::{Draft, Failure, Fault};
use ledger::entry::{Entry, Visibility};
use ledger::hash::Hash;
use rust_xlsxwriter::{DocProperties, Workbook};
use std::path::{Path, PathBuf};
use support::World;
use support::rows::divisions;

const HEAD: &str = "行政区划代码,所属期间,业务日期,公开事项,摘要,金额(元),附件,附件范围\n";

/// A table's folder with some files in it, and where its draft goes.
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::create_dir_all(dir.path().join("表").join(name).parent().unwrap()).unwrap();
            std::fs::write(dir.path().join("表").join(name), bytes).unwrap();
        }
        Desk { dir }
    }

    fn draft(&self) -> PathBuf {
        self.dir.path().join("三月.json")
    }

    /// Imports rows of 摘要, 附件 and 附件范围.
    fn import(&self, rows: &[&str]) -> Result<(Draft, Vec<String>), Failure> {
        let mut table = HEAD.to_owned();
        for row in rows {
            let (text, files) = row.split_once(',').unwrap();
            table.push_str(&format!("440811100391,2026-03,2026-03-02,村务公告,{text},,{files}\n"));
        }
        let imported = import(table.as_bytes(), &divisions(), "t.csv");
        attach(imported, table.as_bytes(), &self.dir.path().join("表"), &self.draft())
    }

    fn faults(&self, rows: &[&str]) -> Vec<Fault> {
        match self.import(rows) {
            Err(Failure::Faults(faults)) => faults,
            other => panic!("{other:?}"),
        }
    }

    /// Everything beside the table's folder.
    fn beside(&self) -> Vec<String> {
        let all = std::fs::read_dir(self.dir.path()).unwrap();
        let names = all.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != "表").collect()
    }
}

fn entry_of(entry: &DraftEntry) -> Entry {
    let ledger = ledger::charter::LedgerId::from_text("draft");
    Entry::of(entry.complete(&ledger, 1, 0, None)).unwrap()
}

#[test]
fn files_become_copies_and_lines_of_their_entries() {
    let desk = Desk::new(&[
        ("河道.jpg", &pictures::jpeg(6)),
        ("扫描/发票.png", &pictures::png(&[], b"")),
        ("明细.csv", "项目,金额\n清淤,1200\n".as_bytes()),
    ]);
    let (mut draft, told) = desk
        .import(&["清淤,河道.jpg；扫描\\发票.png,公开;监督", "修路,\"河道.jpg、 明细.csv\",", "没有附件,无,"])
        .unwrap();
    let entries: Vec<Entry> = draft.entries.iter().map(entry_of).collect();
    let said = |entry: &Entry| -> Vec<String> {
        let line = |a: &ledger::entry::Attachment| format!("{} {} {}", a.title, a.media, a.access.name());
        entry.attachments.iter().map(line).collect()
    };
    assert_eq!(said(&entries[0]), ["河道.jpg image/jpeg public", "发票.png image/png inspectors"]);
    assert_eq!(said(&entries[1]), ["河道.jpg image/jpeg members", "明细.csv text/csv members"]);
    assert!(entries[2].attachments.is_empty());
    // What was taken out is told once, and is in no file.
    assert_eq!(told.len(), 2);
    assert!(
        told[0].starts_with("第2行 河道.jpg：已去掉 缩略图、拍摄地点（约北纬 23.1°、东经 113.2°）"),
        "{told:?}"
    );
    assert!(told[0].contains("只留下照片方向"));
    draft.write(&desk.draft()).unwrap();
    assert!(!std::fs::read_to_string(desk.draft()).unwrap().contains("113.2"));

    let picture = clerk::attachments::picture::clean(&pictures::jpeg(6)).unwrap().bytes;
    let wants =
        [picture.clone(), pictures::png(&[], b""), picture, "项目,金额\n清淤,1200\n".as_bytes().to_vec()];
    let mut all = Vec::new();
    for entry in &draft.entries {
        all.extend(uploads(&desk.draft(), entry).unwrap());
    }
    assert_eq!(all.len(), 4);
    for (upload, want) in all.iter().zip(&wants) {
        assert_eq!(std::fs::read(&upload.path).unwrap(), *want);
        assert_eq!(upload.about.size, want.len() as u64);
        assert_eq!(upload.salt.is_none(), upload.about.access == Visibility::Public);
        // P-30: the digest, reckoned here once more.
        let salt = upload.salt.map(|salt| salt.to_vec()).unwrap_or_default();
        assert_eq!(upload.about.digest, Hash::of(&[salt, want.clone()].concat()));
        assert!(upload.path.ends_with(Path::new("三月.json.files").join(upload.about.digest.to_hex())));
    }
    let salts: Vec<_> = all.iter().filter_map(|upload| upload.salt).collect();
    assert!(salts.len() == 3 && salts[0] != salts[1] && salts[1] != salts[2]);

    let warning = draft.warnings.iter().find(|w| w.contains("附件范围")).unwrap();
    assert!(warning.starts_with("第3行“附件范围”：没有写附件范围，附件只给成员看"), "{warning}");
    assert!(summary(&draft).starts_with("附件 4 个：所有人可看 1，成员可看 2，监督人员可看 1"));

    // A copy that was altered or lost is noticed before anything goes up.
    check(&draft, &desk.draft()).unwrap();
    std::fs::write(&all[1].path, b"another file").unwrap();
    let fault = check(&draft, &desk.draft()).unwrap_err().to_string();
    assert!(fault.contains("第2行“附件”：“发票.png”的副本不见了或被改动"), "{fault}");
    // Another access than the digest was made for does not pass for it.
    draft.entries[1].files[0].salt = None;
    assert!(uploads(&desk.draft(), &draft.entries[1]).is_err());
}

#[test]
fn another_import_leaves_no_copy_of_the_one_before() {
    let desk = Desk::new(&[("a.txt", b"first"), ("b.txt", b"second")]);
    desk.import(&["一,a.txt,公开"]).unwrap();
    let folder = desk.dir.path().join("三月.json.files");
    let names = |folder: &Path| {
        std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name()).collect::<Vec<_>>()
    };
    assert_eq!(names(&folder), [Hash::of(b"first").to_hex().as_str()]);
    // P-31: no digest stands twice in an entry.
    std::fs::copy(desk.dir.path().join("表/a.txt"), desk.dir.path().join("表/c.txt")).unwrap();
    assert!(desk.faults(&["一,a.txt；c.txt,公开"])[0].what.contains("“c.txt”与同一条的另一个附件内容相同"));
    std::fs::remove_file(desk.dir.path().join("表/c.txt")).unwrap();
    // Faults leave things as they are.
    desk.faults(&["一,b.txt,公开", "二,c.txt,公开"]);
    assert_eq!(names(&folder), [Hash::of(b"first").to_hex().as_str()]);
    desk.import(&["一,b.txt,公开"]).unwrap();
    assert_eq!(names(&folder), [Hash::of(b"second").to_hex().as_str()]);
    desk.import(&["一,,"]).unwrap();
    assert_eq!(desk.beside(), Vec::<String>::new());
    // A folder of that name that holds something else is not ours to remove.
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("mine.txt"), b"mine").unwrap();
    assert!(desk.import(&["一,a.txt,公开"]).is_err());
    assert_eq!(names(&folder), ["mine.txt"]);
}

#[test]
fn every_file_that_can_not_be_published_is_a_fault_of_its_row() {
    let id = "11010519491231002X";
    let large = vec![b'x'; 21 << 20];
    let damaged = &pictures::jpeg(1)[..200];
    let desk = Desk::new(&[
        ("page.jpg", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("large.txt", &large),
        ("empty.txt", b""),
        ("id.csv", format!("name,no\nx,{id}\n").as_bytes()),
        ("program.exe", b"MZ"),
        ("png.jpg", &pictures::png(&[], b"")),
        ("cut.jpg", damaged),
        ("moves.webp", &pictures::webp(&[pictures::riff(b"ANIM", &[0; 6])], b"")),
        ("fine.txt", b"fine"),
        ("../outside.txt", b"not of this table"),
    ]);
    let rows = [
        ("a,gone.jpg,", "找不到这个文件"),
        ("a,large.txt,", "超过 20 MiB"),
        ("a,page.jpg,", "HTML 网页"),
        ("a,drawing.png,", "SVG 图片"),
        ("a,empty.txt,", "是空文件"),
        ("a,id.csv,", "身份证号"),
        ("a,program.exe,", "类型不收"),
        ("a,png.jpg,", "内容却是 image/png"),
        ("a,cut.jpg,", "图片不完整"),
        ("a,moves.webp,", "是动图"),
        ("a,../outside.txt,", "不在表格所在的文件夹里"),
        ("a,/etc/hostname,", "不在表格所在的文件夹里"),
        ("a,fine.txt,所有", "应写 公开、成员 或 监督"),
        ("a,fine.txt;fine.txt,公开;成员;成员", "应写 公开、成员 或 监督"),
        ("a,11010519491231002X.txt,", "身份证号"),
        ("a,fine.txt,公开", ""),
    ];
    let faults = desk.faults(&rows.map(|(row, _)| row));
    for (at, (row, want)) in rows.iter().enumerate() {
        let of_row: Vec<String> = faults.iter().filter(|f| f.row == at + 2).map(Fault::to_string).collect();
        assert_eq!(of_row.len(), usize::from(!want.is_empty()), "{row}: {of_row:?}");
        assert!(of_row.iter().all(|fault| fault.contains(want)), "{row}: {of_row:?}");
        assert!(of_row.iter().all(|fault| !fault.contains(id)), "a fault repeats what it found");
    }
    assert_eq!(desk.beside(), ["outside.txt"], "nothing is left of an import that failed");
}

#[test]
fn a_persons_name_in_a_files_name_is_a_fault_that_does_not_repeat_it() {
    let desk = Desk::new(&[("李小明领款.txt", b"x"), ("李*明.txt", b"x"), ("领款.txt", b"x")]);
    let head = "行政区划代码,所属期间,业务日期,公开事项,摘要,金额(元),经手人,附件\n";
    let row = |name: &str, file: &str| format!("440811100391,2026-03,2026-03-02,村务公告,a,,{name},{file}\n");
    let table =
        [head, &row("李小明", ""), &row("", "李小明领款.txt"), &row("", "李*明.txt"), &row("", "领款.txt")]
            .concat();
    let imported = import(table.as_bytes(), &divisions(), "t.csv");
    let faults = match attach(imported, table.as_bytes(), &desk.dir.path().join("表"), &desk.draft()) {
        Err(Failure::Faults(faults)) => faults,
        other => panic!("{other:?}"),
    };
    assert_eq!(faults.iter().map(|f| f.row).collect::<Vec<_>>(), [3, 4], "{faults:?}");
    assert!(faults.iter().all(|f| f.what.contains("文件名里有人名") && !f.what.contains('李')), "{faults:?}");
}

#[test]
fn a_link_does_not_lead_out_of_the_folder() {
    let desk = Desk::new(&[("a.txt", b"a"), ("../secret.txt", b"secret")]);
    #[cfg(unix)]
    std::os::unix::fs::symlink(desk.dir.path().join("secret.txt"), desk.dir.path().join("表/link.txt"))
        .unwrap();
    #[cfg(unix)]
    assert!(desk.faults(&["a,link.txt,公开"])[0].what.contains("不在表格所在的文件夹里"));
    desk.import(&["a,./a.txt,公开"]).unwrap();
}

#[test]
fn faults_of_cells_and_of_files_come_in_one_round() {
    let desk = Desk::new(&[]);
    let table = format!("{HEAD}440811100391,2026-3月,2026-03-02,村务公告,a,一百,gone.jpg,\n");
    let imported = import(table.as_bytes(), &divisions(), "t.csv");
    let faults = match attach(imported, table.as_bytes(), desk.dir.path(), &desk.draft()) {
        Err(Failure::Faults(faults)) => faults,
        other => panic!("{other:?}"),
    };
    let columns: Vec<&str> = faults.iter().map(|fault| fault.column.as_str()).collect();
    assert!(columns.contains(&"金额(元)") && columns.contains(&"附件"), "{columns:?}");
}

#[test]
fn authors_of_documents_are_warned_about_without_their_names() {
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_author("Wang Owner"));
    workbook.add_worksheet().write(0, 0, "清淤 1200").unwrap();
    let workbook = workbook.save_to_buffer().unwrap();
    let desk = Desk::new(&[("明细.xlsx", &workbook), ("a.txt", b"/Author (Wang Owner)")]);
    let (draft, _) = desk.import(&["a,明细.xlsx,公开", "b,a.txt,公开"]).unwrap();
    let warned: Vec<&String> = draft.warnings.iter().filter(|w| w.contains("作者姓名")).collect();
    assert_eq!(warned.len(), 1);
    assert!(warned[0].starts_with("第2行“附件”：“明细.xlsx”的文档属性里有作者姓名"), "{warned:?}");
    assert!(!warned[0].contains("Wang"));
}

#[test]
fn copies_go_up_before_their_entry_and_leaflets_follow_its_number() {
    let world = World::enrolled();
    let write = |name: &str, bytes: &[u8]| std::fs::write(world.dir.path().join(name), bytes).unwrap();
    write("合影.jpg", &pictures::jpeg(1));
    write("名册.txt", "共两户".as_bytes());
    let head = "行政区划代码,所属期间,业务日期,公开事项,摘要,金额(元),对方单位或个人,附件,附件范围\n";
    let rows = [("李小明", "合影.jpg；名册.txt,公开；成员"), ("王芳", "合影.jpg,公开")].map(|(name, files)| {
        format!("440811100391,2026-03,2026-03-02,补贴发放清单,2026年耕地地力保护补贴(一组),100,{name},{files}\n")
    });
    write("t.csv", format!("{head}{}", rows.concat()).as_bytes());
    let said =
        world.ok(&["import", "t.csv", "--divisions", &world.demo("divisions_sample.csv"), "--out", "d.json"]);
    assert!(
        said.contains("附件 2 个：所有人可看 1，成员可看 1"),
        "a list has a file once, whichever rows name it: {said}"
    );
    assert!(said.contains("第2行 合影.jpg：已去掉 缩略图、拍摄地点"), "{said}");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc/hostname", world.dir.path().join("link.txt")).unwrap();
        write("link.csv", format!("{head}{}", rows.concat().replace("名册", "link")).as_bytes());
        let divisions = world.demo("divisions_sample.csv");
        let said = world.fails(1, &["import", "link.csv", "--divisions", &divisions, "--out", "link.json"]);
        assert!(said.contains("“link.txt”不在表格所在的文件夹里"), "{said}");
    }
    let said = world.fails(1, &["leaflets", "d.json", "--out", "l.html", "--host", "a.example"]);
    assert!(said.contains("先盖章公布"), "{said}");
    world.ok(&["sign", "--key", "440811100.key", "d.json", "--server", &world.url]);
    world.ok(&["publish", "d.json"]);

    let draft = world.read("d.json");
    let lines = draft["entries"][0]["entry"]["attachments"].as_array().unwrap();
    let picture = clerk::attachments::picture::clean(&pictures::jpeg(1)).unwrap().bytes;
    for (line, want) in lines.iter().zip([picture.as_slice(), "共两户".as_bytes()]) {
        let digest = Hash::from_hex(line["digest"].as_str().unwrap()).unwrap();
        assert_eq!(world.log().blobs[&digest], want);
    }
    let said = world.ok(&["leaflets", "d.json", "--out", "l.html", "--host", "a.example", "--row", "3"]);
    assert!(said.starts_with("单户凭条 1 张写入 l.html"), "{said}");
    let html = std::fs::read_to_string(world.dir.path().join("l.html")).unwrap();
    assert!(html.contains("王*") && !html.contains("李*明"));
    #[cfg(unix)]
    for name in
        std::iter::once("d.json").chain(["l.html"]).chain(lines.iter().map(|l| l["digest"].as_str().unwrap()))
    {
        use std::os::unix::fs::PermissionsExt as _;
        let place = if name.len() == 64 { format!("d.json.files/{name}") } else { name.to_owned() };
        let mode = world.dir.path().join(&place).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{place}: names and copies are for their owner's eyes");
    }
    // What is published needs its copies no more.
    std::fs::remove_dir_all(world.dir.path().join("d.json.files")).unwrap();
    world.ok(&["check", "d.json"]);
}

/// A PDF of one page that is a picture, as scanners make it.
fn scanned() -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /I 5 0 R >> >> /Contents 4 0 R >>",
        "<< /Length 30 >>\nstream\nq 500 0 0 700 0 0 cm /I Do Q  \nendstream",
        "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\nstream\nx\nendstream",
    ];
    let (mut file, mut table) = ("%PDF-1.4\n".to_owned(), "0000000000 65535 f \n".to_owned());
    for (at, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let start = file.len();
    file.push_str(&format!(
        "xref\n0 6\n{table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ));
    file.into_bytes()
}

#[test]
fn a_scan_is_taken_with_a_word_to_look_through_it_and_a_count_is_no_name() {
    let desk = Desk::new(&[("会议纪要.pdf", &scanned())]);
    let (draft, _) = desk.import(&["开会,会议纪要.pdf,公开", "修路,2张,", "清淤,3,"]).unwrap();
    let attached: Vec<usize> = draft.entries.iter().map(|e| entry_of(e).attachments.len()).collect();
    assert_eq!(attached, [1, 0, 0]);
    assert!(draft.warnings.iter().any(|w| w.to_string().contains("请人工看过")), "{:?}", draft.warnings);
}
