//! The viewer's static files under `/viewer/`, read from `--viewer DIR` when the server starts.
//!
//! All files are read into a table once; a request is answered from the table by its exact name, so no request
//! ever becomes a path on the disk.

use crate::app::Shared;
use crate::limits::{MAX_VIEWER_FILE, MAX_VIEWER_FILES};
use crate::problem::Problem;
use axum::body::Bytes;
use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ledger::hash::Hash;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// The folder can't be served.
#[derive(Debug, thiserror::Error)]
pub enum ViewerError {
    /// It can't be read.
    #[error(
        "无法读取查看器文件 {path}，请检查 --viewer 的路径和权限 / can't read {path}; check --viewer and its permissions"
    )]
    Read {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Too many or too large files: not a viewer's folder.
    #[error(
        "{path} 不像查看器目录（文件过多或过大），请检查 --viewer / {path} is not a viewer's folder: too many or too large files; check --viewer"
    )]
    TooMuch {
        /// The path.
        path: PathBuf,
    },
}

#[derive(Debug)]
struct File {
    bytes: Bytes,
    etag: HeaderValue,
    media: &'static str,
}

/// The files by name relative to the folder, with `/` between parts.
#[derive(Debug, Default)]
pub struct Viewer(BTreeMap<String, File>);

impl Viewer {
    /// Reads a folder and the folders in it. Hidden files, links and files of unknown types are left out.
    ///
    /// # Errors
    /// [`ViewerError`].
    pub fn read(folder: &Path) -> Result<Self, ViewerError> {
        let mut viewer = Viewer::default();
        let mut folders = vec![(folder.to_owned(), String::new())];
        while let Some((path, prefix)) = folders.pop() {
            let failed = |source| ViewerError::Read { path: path.clone(), source };
            for item in std::fs::read_dir(&path).map_err(failed)? {
                let item = item.map_err(failed)?;
                let Some(name) = item.file_name().to_str().filter(|n| !n.starts_with('.')).map(str::to_owned)
                else {
                    continue;
                };
                // Of the item itself: a link is neither file nor folder here.
                let meta = item.metadata().map_err(failed)?;
                if meta.is_dir() {
                    folders.push((item.path(), format!("{prefix}{name}/")));
                } else if meta.is_file()
                    && let Some(media) = media_type(&name)
                {
                    viewer.add(&item.path(), format!("{prefix}{name}"), media, meta.len())?;
                }
            }
            if folders.len() > MAX_VIEWER_FILES {
                return Err(ViewerError::TooMuch { path });
            }
        }
        Ok(viewer)
    }

    fn add(&mut self, path: &Path, name: String, media: &'static str, size: u64) -> Result<(), ViewerError> {
        if size > MAX_VIEWER_FILE || self.0.len() >= MAX_VIEWER_FILES {
            return Err(ViewerError::TooMuch { path: path.to_owned() });
        }
        let bytes =
            std::fs::read(path).map_err(|source| ViewerError::Read { path: path.to_owned(), source })?;
        let etag = format!("\"{}\"", Hash::of(&bytes).to_hex().get(..32).unwrap_or_default());
        let etag = HeaderValue::try_from(etag).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
        self.0.insert(name, File { bytes: bytes.into(), etag, media });
        Ok(())
    }

    /// Whether there is a file of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// Media types of a viewer's files, by ending.
fn media_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

/// `GET /viewer/{*name}`.
pub async fn file(
    State(app): State<Shared>,
    UrlPath(name): UrlPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = app
        .viewer
        .0
        .get(&name)
        .ok_or_else(|| Problem::not_found("没有这个查看器文件 / the viewer has no such file"))?;
    let fresh = headers.get(header::IF_NONE_MATCH).is_some_and(|tag| *tag == file.etag);
    let common = [
        (header::ETAG, file.etag.clone()),
        // Asked again each time, answered by 304: code and page never drift apart.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_TYPE, HeaderValue::from_static(file.media)),
        // A service worker here may look after the pages too.
        (header::HeaderName::from_static("service-worker-allowed"), HeaderValue::from_static("/")),
    ];
    if fresh {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    Ok((common, file.bytes.clone()).into_response())
}
