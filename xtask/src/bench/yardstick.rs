//! The yardsticks: what the cores do in bare `verify_strict`, on texts as long as entries are, and how long the
//! disk takes to make a small file durable.

use super::report::{Goal, Report, YARDSTICK};
use anyhow::{Context as _, Result, ensure};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// Signed texts to go round.
const TEXTS: usize = 4_096;
/// Bytes of each: about those of a generated entry's text.
const LENGTH: usize = 700;
/// How long each measurement takes at least.
const TIME: Duration = Duration::from_millis(1_500);

/// Files made durable, one after the other.
const FILES: u32 = 64;

/// Measures both, the disk in a folder, and keeps them in the report.
pub fn measure(folder: &Path, report: &mut Report) -> Result<()> {
    report.bare = (one_core()?, all_cores()?);
    report.add(YARDSTICK, "bare verify_strict, one core", report.bare.0, "/s", Goal::None);
    report.add(YARDSTICK, "bare verify_strict, all cores", report.bare.1, "/s", Goal::None);
    report.add(YARDSTICK, "4 kB written, fsynced and renamed", sync(folder)?, "ms", Goal::None);
    Ok(())
}

/// Milliseconds to write, sync and rename a small file, its folder synced too: one durable step of a log.
fn sync(folder: &Path) -> Result<f64> {
    let folder = tempfile::tempdir_in(folder).context("can't make a folder")?;
    let began = Instant::now();
    for i in 0..FILES {
        let (beside, path) = (folder.path().join("new"), folder.path().join(i.to_string()));
        let mut file = File::create(&beside)?;
        file.write_all(&[7; 4_096])?;
        file.sync_all()?;
        std::fs::rename(beside, path)?;
        File::open(folder.path())?.sync_all()?;
    }
    Ok(began.elapsed().as_secs_f64() * 1e3 / f64::from(FILES))
}

/// Verifications a second on all cores.
pub fn all_cores() -> Result<f64> {
    let texts = Texts::new();
    rate(|| texts.signed.par_iter().all(|signed| texts.holds(signed)))
}

fn one_core() -> Result<f64> {
    let texts = Texts::new();
    rate(|| texts.signed.iter().all(|signed| texts.holds(signed)))
}

/// A key and what it signed.
struct Texts {
    key: VerifyingKey,
    signed: Vec<(Vec<u8>, Signature)>,
}

impl Texts {
    fn new() -> Self {
        let secret = SigningKey::from_bytes(&[7; 32]);
        let text = |i: usize| i.to_be_bytes().into_iter().cycle().take(LENGTH).collect::<Vec<u8>>();
        let signed = (0..TEXTS).map(text).map(|text| {
            let signature = secret.sign(&text);
            (text, signature)
        });
        Texts { key: secret.verifying_key(), signed: signed.collect() }
    }

    fn holds(&self, (text, signature): &(Vec<u8>, Signature)) -> bool {
        self.key.verify_strict(text, signature).is_ok()
    }
}

fn rate(round: impl Fn() -> bool) -> Result<f64> {
    let (began, mut rounds) = (Instant::now(), 0_u32);
    while began.elapsed() < TIME {
        ensure!(round(), "a signature of the yardstick does not verify");
        rounds += 1;
    }
    let texts = u32::try_from(TEXTS).context("too many texts")?;
    Ok(f64::from(rounds) * f64::from(texts) / began.elapsed().as_secs_f64())
}
