//! What can go wrong with a running log, in words for its operator.

use ledger::append::Refusal;
use ledger::tile::TileError;
use std::io;

/// The log can't be read, written or opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file can't be read or written.
    #[error(
        "{what} {path} 失败：{source}。请检查磁盘空间与权限 / {path}: {source}; check disk space and permissions"
    )]
    Io {
        /// What was tried, in Chinese.
        what: &'static str,
        /// The path inside the log's folder.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A blob over its limit.
    #[error("文件有 {bytes} 字节，最多 {limit} 字节 / the file has {bytes} bytes, {limit} are allowed")]
    TooLarge {
        /// Bytes given.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// A blob is not what its name and size say.
    #[error(
        "文件与所报的摘要或大小不符，请重新计算后再上传 / the file has not the digest or size given; compute them anew and upload again"
    )]
    Content,
    /// A blob that a redaction withdrew.
    #[error(
        "这个文件已按撤下条目删除，不能再次上传 / a redaction withdrew this file; it can't be uploaded again"
    )]
    Withdrawn,
    /// Another program writes this log.
    #[error(
        "账本 {dir} 正被另一个程序使用（{holder}）。请先停掉它；同一账本只能有一个写入者 / {dir} is in use by {holder}; stop that program first, a log has one writer"
    )]
    Locked {
        /// The folder.
        dir: String,
        /// What the holder left in the lock file.
        holder: String,
    },
    /// There is no log here.
    #[error(
        "{0} 里没有账本，请先运行 village-ledger init / there is no log in {0}; run village-ledger init first"
    )]
    Empty(String),
    /// There is a log here already.
    #[error("这里已经有账本，不能再次创建 / there is a log here already")]
    Exists,
    /// What is on disk is not what was signed.
    #[error(
        "账本损坏，拒绝启动：{what}。请不要删除任何文件；用 village-ledger fsck 查看，从镜像或备份恢复缺损的文件后再启动 / the log is damaged and will not start: {what}; delete nothing, run fsck, bring the damaged files back from a mirror or backup"
    )]
    Damaged {
        /// What does not fit.
        what: String,
    },
    /// The key given is not the one in force.
    #[error("账本密钥应为 {wanted}，给的是 {given} / the log key in force is {wanted}, given was {given}")]
    Key {
        /// The key in force.
        wanted: String,
        /// The key given.
        given: String,
    },
    /// The lock store does not hold what this program committed last, or did not say what it did.
    #[error(
        "存证点没有写成：{0}。账本已停止，请重新启动，启动时会自行核对 / the checkpoint was not swapped: {0}; start again, start-up finds out"
    )]
    Swap(String),
    /// The query index can't be read or written.
    #[error(
        "查询索引出错：{0}。请运行 village-ledger reindex 重建 / the query index failed: {0}; run reindex"
    )]
    Index(String),
    /// The key refused to sign.
    #[error("{0}")]
    Sign(#[from] keys::KeyError),
    /// Another log of this key is about: why nothing is signed.
    #[error("{0}")]
    Refused(String),
    /// The program that writes the log has stopped.
    #[error("账本已停止：{0} / the log has stopped: {0}")]
    Stopped(String),
}

impl From<TileError> for StoreError {
    fn from(e: TileError) -> Self {
        StoreError::Damaged { what: format!("数据块 / a tile: {e}") }
    }
}

pub(crate) fn damaged<T>(what: impl Into<String>) -> Result<T, StoreError> {
    Err(StoreError::Damaged { what: what.into() })
}

pub(crate) fn io(what: &'static str, path: &str) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Io { what, path, source }
}

/// Why a batch was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Entries that break a rule, by their position in the batch; nothing of the batch was logged.
    #[error("{} entries refused", .0.len())]
    Refused(Vec<(usize, Refusal)>),
    /// Too many batches wait; the same batch may be sent again.
    #[error("账本忙，请稍后再试 / too many submissions wait, try again later")]
    Busy,
    /// Since its start the log has not heard enough of its witnesses; the same batch may be sent again.
    #[error(
        "账本启动后还在等见证人答复，请稍后再试 / the log still waits to hear its witnesses, try again later"
    )]
    Unheard,
    /// The log has stopped. Whether the batch was logged shows after a restart: sending it again is harmless.
    #[error("账本已停止：{0} / the log has stopped: {0}")]
    Stopped(String),
}
