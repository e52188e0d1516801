//! A ledger of our own in a temporary folder: keys, charter, and the registries of a whole district.

use super::http::{Connection, post};
use crate::generate::{DISTRICT, District};
use anyhow::{Context as _, Result, ensure};
use keys::passphrase::Passphrase;
use keys::{Cost, Role, Signer, file, system_random};
use ledger::charter::{Authority, Charter, LedgerId};
use ledger::hash::leaf_hash;
use ledger::json::{Object, Value};
use ledger::leaf::{self, LeafType};
use ledger::registry::SealRole;
use ledger::unit::UnitId;
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

const ORIGIN: &str = "bench.example/ledger";
const PASSPHRASE: &str = "for this benchmark only";
/// Entries of a registry batch.
const BATCH: usize = 500;

/// The folder, the keys and the names of a ledger.
pub struct Home {
    folder: TempDir,
    bin: PathBuf,
    authority: Signer,
    seals: BTreeMap<String, Signer>,
    ledger: LedgerId,
}

/// Unix seconds.
pub fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?.as_secs())
}

fn new_key(name: &str, role: Role) -> Result<Signer> {
    Ok(Signer::generate(name, role, system_random)?)
}

impl Home {
    /// Makes keys and a charter, and starts the ledger with the real `village-ledger init`.
    pub fn new(bin: &Path, district: &District) -> Result<Self> {
        let near = bin.parent().unwrap_or(bin);
        let folder =
            tempfile::Builder::new().prefix("bench-").tempdir_in(near).context("can't make a folder")?;
        let log = new_key(ORIGIN, Role::Log)?;
        let authority = new_key(&format!("{ORIGIN}/authority/a"), Role::Authority)?;
        let mut seals = BTreeMap::new();
        for town in &district.towns {
            let name = format!("{ORIGIN}/seal/{}/township", town.town);
            seals.insert(town.town.clone(), new_key(&name, Role::Seal(SealRole::Township))?);
        }
        let charter = Charter {
            origin: ORIGIN.to_owned(),
            log: log.vkey().clone(),
            authority: Authority { keys: vec![authority.vkey().clone()], threshold: 1 },
            district: DISTRICT.to_owned(),
            policy: vec!["quorum none".to_owned()],
            catalogue: None,
            created: now()?,
        };
        let text = charter.text();
        let note = leaf::seal(&text, vec![log.sign_note(&text)?, authority.sign_note(&text)?]);
        let ledger = LedgerId::new(ORIGIN, &leaf_hash(note.as_bytes()));
        let home = Home { folder, bin: bin.to_owned(), authority, seals, ledger };
        std::fs::write(home.path("charter"), &note)?;
        std::fs::write(home.path("passphrase"), format!("{PASSPHRASE}\n"))?;
        file::write(&home.path("log.key"), &log, &Passphrase::new(PASSPHRASE.to_owned()), Cost::Light)?;
        let output = home
            .program("village-ledger")
            .args([Path::new("init"), Path::new("--charter"), &home.path("charter")])
            .args([Path::new("--data"), &home.path("data"), Path::new("--log-key"), &home.path("log.key")])
            .args([Path::new("--passphrase-file"), &home.path("passphrase")])
            .output()
            .context("can't run village-ledger init")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "village-ledger init: {}: {said}", output.status);
        Ok(home)
    }

    /// A file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// One of the release binaries.
    pub fn program(&self, name: &str) -> Command {
        Command::new(self.bin.join(name))
    }

    /// Whether a release binary is there.
    pub fn has(&self, name: &str) -> bool {
        self.bin.join(name).is_file()
    }

    /// The ledger's id.
    pub fn ledger(&self) -> &LedgerId {
        &self.ledger
    }

    /// The seal that signs for a unit: its town's.
    pub fn seal_for(&self, unit: &UnitId) -> Result<&Signer> {
        let town = unit.as_str().get(..9).unwrap_or_default();
        self.seals.get(town).with_context(|| format!("no seal for {unit}"))
    }

    fn act(&self, unit: UnitId, seq: i64, kind: &str, body: Object, new: Option<&Signer>) -> Result<String> {
        let json = Object::new()
            .with("ledger", self.ledger.as_str())
            .with("unit", unit.as_str())
            .with("seq", seq)
            .with("kind", kind)
            .with("body", body)
            .with("signed_at", now()? as i64);
        let text = leaf::text(LeafType::Entry, &json);
        let mut signatures = vec![self.authority.sign_note(&text)?];
        if let Some(new) = new {
            signatures.push(new.sign_note(&text)?);
        }
        Ok(leaf::seal(&text, signatures))
    }
}

/// Enrols every town's seal and every unit's profile, as the authority would.
pub async fn register(home: &Home, district: &District, address: SocketAddr) -> Result<()> {
    let mut acts = Vec::new();
    for town in &district.towns {
        let seal = home.seal_for(&town.unit)?;
        let body = Object::new()
            .with("act", "add")
            .with("vkey", seal.vkey().to_string())
            .with("role", "township")
            .with("scope", town.town.as_str())
            .with("holder", format!("{}人民政府", town.name));
        acts.push(home.act(town.unit.registry(), 1, "seal", body, Some(seal))?);
    }
    let mut next: BTreeMap<UnitId, i64> = BTreeMap::new();
    for place in &district.units {
        let registry = place.unit.registry();
        let seq = next.entry(registry).and_modify(|n| *n += 1).or_insert(1);
        let contact =
            Object::new().with("office", format!("{}务监督委员会", place.name)).with("phone", "0759-0000001");
        let body = Object::new()
            .with("unit", place.unit.as_str())
            .with("name", place.name.as_str())
            .with("parent", place.parent.1.as_str())
            .with("contacts", vec![Value::from(contact)]);
        acts.push(home.act(registry, *seq, "unit", body, None)?);
    }
    let mut connection = Connection::open(address).await?;
    for batch in acts.chunks(BATCH) {
        connection.submit(&post(&json!({"entries": batch}).to_string())).await.context("registering")?;
    }
    Ok(())
}
