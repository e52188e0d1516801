//! For the authority's office: what stands in the district's registry: the catalogue in force, the county's own
//! rules, and the viewers that it stands for (SPEC section 5.1).

use crate::failure::Failure;
use crate::office::Act;
use client::LedgerApi;
use ledger::catalogue::{Catalogue, STANDARD};
use ledger::hash::Hash;
use ledger::json::{self, Object, Value};
use ledger::unit::UnitId;
use std::path::Path;

/// The registry of the ledger's district, told from any of its units.
///
/// # Errors
/// [`Failure`] when the ledger can't be asked, or has no units yet.
pub fn registry(api: &LedgerApi) -> Result<UnitId, Failure> {
    let units = api.units()?.units;
    let first = units.first().and_then(|row| UnitId::parse(&row.unit));
    first.and_then(|unit| unit.registries().first().copied()).ok_or_else(|| {
        Failure::refused(
            "账本里还没有单位，请先用 village-clerk units 登记 / no units yet: enrol them with village-clerk units first",
        )
    })
}

/// Puts a catalogue's file in force; the built-in one without a file.
///
/// # Errors
/// [`Failure::Refused`] with the line that is not as it must be.
pub fn catalogue(file: Option<&str>, registry: UnitId) -> Result<Act, Failure> {
    let catalogue = Catalogue::parse(file.unwrap_or(STANDARD))
        .map_err(|e| Failure::refused(format!("公开目录不能用：{e} / the catalogue can't be used")))?;
    let title = format!("公开目录 {}", catalogue.version);
    Act { registry, kind: "catalogue", title, body: catalogue.body() }.checked()
}

/// Puts the county's own rules in force. Between tokens the file may have white space.
///
/// # Errors
/// [`Failure::Refused`] with the field that is not as it must be.
pub fn overrides(file: &str, registry: UnitId) -> Result<Act, Failure> {
    let body = json::parse(&without_spaces(file)).map_err(|e| {
        Failure::refused(format!(
            "地方规定不是账本能读的 JSON（去掉空白后计）：{e} / not JSON that the ledger reads, white space not counted"
        ))
    })?;
    let title = format!("地方规定 {}", body.text_of("version").unwrap_or_default());
    Act { registry, kind: "overrides", title, body }.checked()
}

/// Enrols a viewer: every file of a folder by its digest, and the hosts that serve it.
///
/// # Errors
/// [`Failure::Io`]; [`Failure::Refused`] when the folder is empty or a name is too long.
pub fn release(version: &str, folder: &Path, hosts: &[String], registry: UnitId) -> Result<Act, Failure> {
    let mut files = Vec::new();
    list(folder, "", &mut files)?;
    files.sort();
    let file = |(path, digest): &(String, Hash)| {
        Value::from(Object::new().with("path", path.as_str()).with("digest", digest.to_hex()))
    };
    let body = Object::new()
        .with("version", version)
        .with("files", files.iter().map(file).collect::<Vec<_>>())
        .with("hosts", hosts.iter().map(|host| host.as_str().into()).collect::<Vec<Value>>());
    Act { registry, kind: "release", title: format!("核对页面 {version}"), body }.checked()
}

/// The files below a folder with their digests; paths begin at the first folder, with `/`.
fn list(folder: &Path, below: &str, files: &mut Vec<(String, Hash)>) -> Result<(), Failure> {
    let io = |source| Failure::Io { path: folder.to_owned(), doing: "读取", source };
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(io)?.is_dir() {
            list(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.push((path, Hash::of(&std::fs::read(entry.path()).map_err(io)?)));
        }
    }
    Ok(())
}

/// The same JSON without the white space between its tokens.
fn without_spaces(text: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let keep = |c: &char| {
        let keep = quoted || !matches!(c, ' ' | '\t' | '\r' | '\n');
        quoted ^= *c == '"' && !escaped;
        escaped = quoted && *c == '\\' && !escaped;
        keep
    };
    text.chars().filter(keep).collect()
}
