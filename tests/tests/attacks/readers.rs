//! Everyone who could notice, as they are: the phone's own check, verifier and monitor, witnesses, over HTTP.

use client::witness::{Answer, add_checkpoint};
use client::{LedgerApi, Mirror, Trust};
use keys::{Role, Signer};
use ledger::bundle::{Ask, Outcome, verify};
use ledger::catalogue::Catalogue;
use ledger::checkpoint::SignedCheckpoint;
use ledger::contradiction::{Contradiction, Heads};
use ledger::merkle::prove_consistency;
use ledger::note;
use ledger::poster::{Paper, Poster, Signed, judge, root_at};
use ledger::verdict::{Code, Level};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;
use tempfile::TempDir;
use tests::cheat::support::{NOW, ORIGIN, UNIT, unit};
use tests::cheat::{Attack, Door, Face};
use tokio::runtime::Runtime;
use verifier::audit;
use verifier::beside::Wanted;
use verifier::head::Head;
use verifier::monitor::follow::Places;
use verifier::monitor::{Config, Monitor};
use verifier::progress::Progress;
use verifier::shelf::Shelf;
use witness::folder::{DiskFolder, Home};
use witness::follow::{Follower, REFUSED_HEAD, Status};
use witness::record::{CONTRADICTION, Record};
use witness::witness::origin_hash;
use witness::{LogConfig, Server, Settings};

const TIMEOUT: Duration = Duration::from_secs(20);

/// What a reader says, and how much it asks of whoever reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub words: String,
    pub level: Level,
}

impl Said {
    fn new(level: Level, words: impl Into<String>) -> Self {
        Said { words: words.into(), level }
    }
}

/// Readers who have seen the ledger before it cheated.
pub struct Readers {
    trust: Trust,
    /// Where the cheating is shown.
    door: Door,
    /// With two books: where the first one goes on to be shown.
    other: Option<Door>,
    memory: Vec<u8>,
    remembered: Head,
    poster: Signed,
    dir: TempDir,
    runtime: Runtime,
    witness: Server,
    /// Size of the head that the witness cosigned last.
    asked: Mutex<u64>,
}

impl Readers {
    pub fn of(attack: Attack, face: &Face) -> Self {
        let door = Door::open(face, None).unwrap();
        let other = (attack == Attack::TwoBooks).then(|| Door::open(face, None).unwrap());
        let (dir, trust, runtime) = (tempfile::tempdir().unwrap(), face.trust(), Runtime::new().unwrap());
        let first = bundle(&door, None);
        let outcome = verify(&first, &ask(&trust, None));
        assert_eq!(outcome.verdict.code, Code::OkFirstVisit, "{}", outcome.verdict.detail);
        let verified = outcome.verified.unwrap();

        let root = root_at(&ledger::bundle::Bundle::parse(&first).unwrap(), verified.row.count).unwrap();
        let poster = Poster { charter: trust.charter, unit: unit(UNIT), count: verified.row.count, root };
        let text = poster.text();
        let note = note::assemble(&text, &[face.world.town.sign(&text)]);

        let home = dir.path().join("witness");
        Home::begin(&home).unwrap();
        let mut settings = Settings::new(home, vec![config(&trust)]);
        settings.clock = || NOW;
        let witness = runtime.block_on(Server::start(settings, signer(0), None)).unwrap();
        let readers = Readers {
            remembered: Head::parse(face.checkpoint()).unwrap(),
            memory: verified.head,
            poster: Signed::parse(note.as_bytes()).unwrap(),
            trust,
            door,
            other,
            dir,
            runtime,
            witness,
            asked: Mutex::new(0),
        };
        // All is well, for everyone.
        for (name, said) in readers.all(face) {
            assert!(said.level <= Level::Calm, "{name}: {said:?}");
        }
        readers
    }

    /// What everyone says of what is shown to them next.
    pub fn see(&self, face: &Face) -> Vec<(&'static str, Said)> {
        self.door.show(face);
        self.all(face)
    }

    fn all(&self, face: &Face) -> Vec<(&'static str, Said)> {
        let memory = Some(self.memory.clone());
        let paper = Paper::Signed(self.poster.clone());
        let (bytes, known) = (bundle(&self.door, None), Some(self.remembered.checkpoint.size));
        let grown = bundle(&self.door, known);
        vec![
            ("phone, first visit", self.phone(verify(&bytes, &ask(&self.trust, None)))),
            ("phone that remembers", self.phone(verify(&grown, &ask(&self.trust, memory)))),
            ("phone that scans a signed poster", self.phone(judge(&bytes, &ask(&self.trust, None), &paper))),
            ("`audit`", self.audit(None)),
            ("`audit --remember`", self.audit(Some(self.remembered.clone()))),
            ("`monitor`", self.monitor()),
            ("witness", self.witness(face)),
            ("witness that replays", self.replay(face)),
        ]
    }

    fn phone(&self, outcome: Outcome) -> Said {
        let verdict = outcome.verdict;
        let (level, mut words) = (verdict.code.level(), verdict.code.name().to_owned());
        assert_eq!(verdict.evidence.is_some(), level == Level::Red, "no red without evidence");
        if let Some(file) = verdict.evidence {
            self.convicts(&file, verdict.code);
            words += " + evidence";
        }
        Said::new(level, words)
    }

    /// A person who has only the file reaches the same verdict.
    fn convicts(&self, file: &str, code: Code) {
        let judged = verifier::evidence::check(file.as_bytes(), Some(self.trust.charter));
        assert!(judged.convicts && judged.verdict == code, "{judged:?}");
    }

    fn audit(&self, remembered: Option<Head>) -> Said {
        let ask = audit::Ask {
            trust: self.trust.clone(),
            remembered,
            catalogue: Catalogue::standard(),
            shelf: Shelf::Server(LedgerApi::new(&self.door.url).unwrap(), None),
            wanted: Wanted::default(),
            now: NOW,
        };
        let log = Mirror::open(&self.door.url).unwrap();
        let (report, _) = audit::audit(&log, &ask, &mut Progress::hidden()).unwrap();
        Said::new(report.verdict.level(), report.verdict.name())
    }

    /// A monitor that starts, looks once and ends; it remembers in its folder.
    fn monitor(&self) -> Said {
        let file = self.dir.path().join("monitor.toml");
        std::fs::write(self.dir.path().join("trust.toml"), self.trust.text()).unwrap();
        let mirrors = self.other.iter().map(|door| format!("\"{}\"", door.url)).collect::<String>();
        let text = format!(
            "silent_after = 0\n[[log]]\ntrust = \"trust.toml\"\nurl = \"{}\"\nmirrors = [{mirrors}]\n",
            self.door.url
        );
        std::fs::write(&file, text).unwrap();
        let config = Config::read(&file).unwrap();
        let places: Vec<Places> = config.logs.iter().map(|log| Places::new(log.places().unwrap())).collect();
        let mut monitor = Monitor::new(&config, &places, &self.dir.path().join("state"), NOW).unwrap();
        let told = Mutex::new(Vec::new());
        monitor.round(NOW, |report| told.lock().unwrap().push(report.clone())).unwrap();
        let mut words = Vec::new();
        for report in told.into_inner().unwrap() {
            let json: serde_json::Value = serde_json::from_str(&report.line()).unwrap();
            if json["state"] != "open" {
                continue;
            }
            let mut word = json["code"].as_str().unwrap().to_owned();
            if let Some(file) = &report.found.evidence {
                let code = if word == "two_heads" { Code::FailedRewritten } else { Code::FailedSeal };
                self.convicts(&std::fs::read_to_string(file).unwrap(), code);
                word += " + evidence";
            }
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words.sort();
        let level = if words.is_empty() { Level::Neutral } else { Level::Red };
        Said::new(level, words.join(", "))
    }

    /// What w0 answers who is asked to cosign.
    fn witness(&self, face: &Face) -> Said {
        let mut asked = self.asked.lock().unwrap();
        let old = (*asked).min(face.size());
        let proof = if old == 0 {
            Vec::new()
        } else {
            prove_consistency(&face.world.shelf.tree, old, face.size()).unwrap()
        };
        let url = format!("http://{}", self.witness.address());
        // As the log has it before anyone has cosigned it.
        let text = face.world.checkpoint_text();
        let head = note::assemble(&text, &[face.world.log.sign(&text)]);
        let answer = add_checkpoint(&url, old, &proof, head.as_bytes(), TIMEOUT).unwrap();
        let status = match answer {
            Answer::Cosigned(lines) => {
                *asked = face.size();
                assert!(lines.iter().all(|line| holds(face, &line.line())), "{lines:?}");
                return Said::new(Level::Calm, "cosigns");
            }
            Answer::Conflict(size) => {
                assert_eq!(size, *asked);
                409
            }
            Answer::Refused { status, .. } => status,
        };
        let folder = self.dir.path().join("witness").join(origin_hash(ORIGIN));
        let evidence = if self.keeps_both(face, &folder) { " + evidence" } else { "" };
        Said::new(Level::Red, format!("refuses ({status}){evidence}"))
    }

    /// Whether a witness keeps two heads in its folder; then they convict the log.
    fn keeps_both(&self, face: &Face, folder: &Path) -> bool {
        let heads = CONTRADICTION.map(|name| std::fs::read(folder.join(name)));
        let [Ok(one), Ok(other)] = heads else { return false };
        let world = &face.world;
        let found = Heads::prove(&world.charter_note, &[], [&one, &other], &world.shelf).unwrap().unwrap();
        self.convicts(&Contradiction::Heads(Box::new(found)).file(), Code::FailedRewritten);
        true
    }

    /// What w2 does, after a start.
    fn replay(&self, face: &Face) -> Said {
        let place = self.dir.path().join("replay");
        let folder = DiskFolder::open(place.clone()).unwrap();
        let record = Record::open(&config(&self.trust), Box::new(folder), signer(2).vkey()).unwrap();
        let source = Mirror::open(&self.door.url).unwrap();
        let follower = Follower::new(record, source, self.trust.charter).unwrap();
        follower.round(&signer(2), &|| NOW);
        match follower.status() {
            Status::Current { .. } => {
                assert!(holds(face, &follower.state().latest.unwrap().line));
                Said::new(Level::Calm, "cosigns")
            }
            Status::Refused { fault } => {
                let fault: serde_json::Value = serde_json::from_str(&fault).unwrap();
                let code = fault["code"].as_str().unwrap();
                let evidence = if self.keeps_both(face, &place) { " + evidence" } else { "" };
                let head = SignedCheckpoint::parse(&std::fs::read(place.join(REFUSED_HEAD)).unwrap());
                head.unwrap().verify_log(&self.trust.log).unwrap();
                Said::new(Level::Red, format!("refuses for ever ({code}){evidence}"))
            }
            Status::Trouble { .. } => Said::new(Level::Amber, "withholds"),
            other => panic!("{other:?}"),
        }
    }

    pub fn end(self) {
        self.runtime.block_on(self.witness.stop()).unwrap();
    }
}

/// What a witness signs is what the face was made with, and nothing else.
fn holds(face: &Face, line: &str) -> bool {
    std::str::from_utf8(face.checkpoint()).unwrap().contains(line)
}

fn bundle(door: &Door, remembered: Option<u64>) -> Vec<u8> {
    LedgerApi::new(&door.url).unwrap().bundle(&unit(UNIT), Some(1), remembered).unwrap()
}

fn ask(trust: &Trust, memory: Option<Vec<u8>>) -> Ask {
    Ask { unit: Some(unit(UNIT)), charter: Some(trust.charter), memory, now: NOW }
}

fn config(trust: &Trust) -> LogConfig {
    LogConfig { origin: ORIGIN.to_owned(), vkeys: vec![trust.log.clone()], follow: None }
}

/// The witness with this number in the ledger's policy.
fn signer(number: u8) -> Signer {
    Signer::from_secret(&format!("witness{number}.example/w"), Role::Cosigner, &[50 + number; 32]).unwrap()
}
