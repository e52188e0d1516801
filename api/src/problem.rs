//! Errors as `application/problem+json` (RFC 9457): a stable code, Chinese and English, what to do.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ledger::append::{Refusal, RefusalCode};
use serde::Serialize;
use std::time::Duration;

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal, $status:ident, $title:literal;)*) => {
        /// Stable codes of problems.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $code,)* }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Code] = &[$(Code::$code,)*];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(Code::$code => $name,)* }
            }

            /// The HTTP status.
            pub fn status(self) -> StatusCode {
                match self { $(Code::$code => StatusCode::$status,)* }
            }

            /// What happened, in Chinese and English.
            pub fn title(self) -> &'static str {
                match self { $(Code::$code => $title,)* }
            }
        }
    };
}

codes! {
    /// A query or path parameter is not of its form.
    BadRequest = "bad_request", BAD_REQUEST, "请求不正确 / the request is not of its form";
    /// The body is not the JSON that is wanted.
    BadJson = "bad_json", BAD_REQUEST, "请求内容不是所需的 JSON / the body is not the JSON that is wanted";
    /// A bearer token is missing or does not count.
    Token = "token", UNAUTHORIZED, "需要有效的令牌 / a token that counts is needed";
    /// An upload without a ticket that counts.
    Ticket = "ticket", UNAUTHORIZED, "需要印章签发的上传凭条 / an upload needs a ticket signed by a seal";
    /// A token that counts, but not for this.
    Forbidden = "forbidden", FORBIDDEN, "令牌不能看这个 / the token does not open this";
    /// Nothing is at this address.
    NotFound = "not_found", NOT_FOUND, "没有这个内容 / nothing is here";
    /// The address takes other methods.
    Method = "method_not_allowed", METHOD_NOT_ALLOWED, "此地址不支持该方法 / this address takes other methods";
    /// The body did not arrive in time.
    SlowBody = "request_timeout", REQUEST_TIMEOUT, "请求内容没有及时送达 / the body did not arrive in time";
    /// A number in a batch is not the unit's next one.
    WrongSeq = "wrong_seq", CONFLICT, "编号不对，整批未入账 / a number is not the next one; nothing was logged";
    /// A blob that was withdrawn.
    Withdrawn = "withdrawn", GONE, "文件已撤下 / the file was withdrawn";
    /// An upload that does not say how long it is.
    NoLength = "length_required", LENGTH_REQUIRED, "请写明 content-length / content-length is needed";
    /// The body is too long.
    TooLarge = "too_large", PAYLOAD_TOO_LARGE, "请求内容过大 / the body is too long";
    /// The address is too long.
    UriTooLong = "uri_too_long", URI_TOO_LONG, "地址过长 / the address is too long";
    /// The content type is not one that is taken here.
    MediaType = "media_type", UNSUPPORTED_MEDIA_TYPE, "内容类型不对 / the content type is not taken here";
    /// A file is not of the digest in its address.
    Digest = "digest", UNPROCESSABLE_ENTITY, "文件与摘要不符 / the file is not of this digest";
    /// A file is not of the size that its ticket gives.
    Size = "size", UNPROCESSABLE_ENTITY, "文件大小与凭条不符 / the file is not of the ticket's size";
    /// A file is not what its type says, or can't be vouched for.
    Content = "content", UNPROCESSABLE_ENTITY, "文件内容不收 / the file's content is not taken";
    /// What may not be published stands in a file.
    Privacy = "privacy", UNPROCESSABLE_ENTITY, "文件里有不得公开的内容 / the file holds what may not be published";
    /// Entries were refused.
    Refused = "refused", UNPROCESSABLE_ENTITY, "有条目不合规，整批未入账 / entries were refused; nothing was logged";
    /// Too many entries in a batch.
    TooMany = "too_many_entries", UNPROCESSABLE_ENTITY, "一批条目过多 / too many entries in one batch";
    /// The answer would be longer than a reader takes.
    TooMuch = "too_much", UNPROCESSABLE_ENTITY, "内容过多 / more than one answer can carry";
    /// A key's submissions are used up for now.
    Quota = "quota", TOO_MANY_REQUESTS, "该印章提交过于频繁 / this key submits too often";
    /// There is too little free space.
    Disk = "disk", INSUFFICIENT_STORAGE, "服务器磁盘空间不足 / the server's disk is nearly full";
    /// Too many files wait for an entry that names them.
    Unnamed = "unnamed", INSUFFICIENT_STORAGE, "没有条目引用的文件过多 / too many files that no entry names";
    /// The server could not do it now.
    Internal = "internal", INTERNAL_SERVER_ERROR, "服务器出错 / the server failed";
    /// Too much to do at the moment.
    Busy = "busy", SERVICE_UNAVAILABLE, "服务器繁忙 / the server is busy";
    /// The log takes no more entries.
    Stopped = "stopped", SERVICE_UNAVAILABLE, "账本已停止接收 / the ledger has stopped taking entries";
}

/// One faulty entry of a batch.
#[derive(Clone, Debug, Serialize)]
pub struct Fault {
    /// Its position in the batch, from 0.
    pub at: usize,
    /// Stable code of the refusal.
    pub code: &'static str,
    /// The rule that it breaks, as SPEC.md numbers it.
    pub rule: String,
    /// Dotted path of the field; empty for the whole entry.
    pub field: String,
    /// What is wrong and what to do.
    pub what: String,
    /// The unit's next number, when the number was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_seq: Option<u64>,
}

/// An error as it is sent.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The code.
    pub code: Code,
    /// What to do, in Chinese and English.
    pub detail: String,
    /// Faulty entries.
    pub errors: Vec<Fault>,
    /// When to come again.
    pub retry_after: Option<Duration>,
}

#[derive(Serialize)]
struct Wire<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    errors: &'a [Fault],
}

impl Problem {
    /// A problem with what to do about it.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Problem { code, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    /// With the time after which to come again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Nothing at this address.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(Code::NotFound, detail)
    }

    /// A parameter is wrong.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(Code::BadRequest, detail)
    }

    /// The server failed: `error` goes to the log, not to the client.
    pub fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        let detail = "请稍后再试；若一直如此，请告知账本运行单位 / try again later; if it stays, tell the ledger's operator";
        Self::new(Code::Internal, detail)
    }

    /// A refused batch. The first refusal decides the status, since later ones may follow from it.
    pub fn refused(mut refusals: Vec<(usize, Refusal)>) -> Self {
        refusals.sort_by_key(|(at, _)| *at);
        let is_seq = |r: &Refusal| matches!(r.code, RefusalCode::WrongSeq | RefusalCode::SeqTaken);
        let (code, detail) = if refusals.first().is_some_and(|(_, r)| is_seq(r)) {
            (
                Code::WrongSeq,
                "请按 next_seq 重新编号并重新盖章后再提交 / renumber from next_seq, seal again and submit again",
            )
        } else {
            (
                Code::Refused,
                "请按 errors 逐条改正并重新盖章后再提交 / correct each entry named in errors, seal again and submit again",
            )
        };
        let fault = |(at, r): (usize, Refusal)| Fault {
            at,
            code: r.code.name(),
            rule: r.rule().to_owned(),
            field: r.field,
            what: r.what,
            next_seq: r.next_seq,
        };
        Problem { errors: refusals.into_iter().map(fault).collect(), ..Self::new(code, detail) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let wire = Wire {
            r#type: "about:blank",
            title: self.code.title(),
            status: self.code.status().as_u16(),
            code: self.code.name(),
            detail: &self.detail,
            errors: &self.errors,
        };
        let mut response = Response::new(Body::from(serde_json::to_vec(&wire).unwrap_or_default()));
        *response.status_mut() = self.code.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs_f64().ceil().max(1.0) as u64));
        }
        if self.code == Code::Token {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self.code);
        response
    }
}
