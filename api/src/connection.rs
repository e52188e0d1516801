//! Connections that can't be held open by doing little: a limit on their number, on trickled heads, on answers
//! that are not taken, and on silence.
//!
//! An upload may take long: while one is read, its handler watches over it ([`Slow`]) and this clock does not.
//!
//! HTTP/1 alternates: bytes come in, an answer goes out. Since every request whose head arrived is answered
//! within [`REQUEST_TIME`](crate::limits::REQUEST_TIME), a connection on which bytes came in and nothing went
//! out for [`HEAD_TIME`] is one that trickles its head.

use crate::limits::{HEAD_TIME, IDLE_TIME, MAX_CONNECTIONS, WRITE_TIME};
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

/// The three spans after which a connection ends.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// From the first byte of a request to the first byte of its answer.
    pub head: Duration,
    /// Without any byte of the answer being taken.
    pub write: Duration,
    /// Between an answer and the next request.
    pub idle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { head: HEAD_TIME, write: WRITE_TIME, idle: IDLE_TIME }
    }
}

/// Accepts at most [`MAX_CONNECTIONS`] connections at one time.
#[derive(Debug)]
pub struct Gate {
    listener: TcpListener,
    places: Arc<Semaphore>,
    patience: Patience,
}

impl Gate {
    /// A gate in front of a listener.
    pub fn new(listener: TcpListener, patience: Patience) -> Self {
        Gate { listener, places: Arc::new(Semaphore::new(MAX_CONNECTIONS)), patience }
    }
}

impl Listener for Gate {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // The semaphore is never closed; without a place (None) the connection is still bounded by its times.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let _ = stream.set_nodelay(true);
        (Connection::new(stream, self.patience, place), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Lets a connection read a long body: what its handlers hold of it.
#[derive(Clone, Debug)]
pub struct Slow(Arc<AtomicBool>);

impl Slow {
    /// From now on, and until what is returned is dropped, a handler sees to it that bytes come in.
    pub fn reading(&self) -> Reading {
        self.0.store(true, Ordering::Relaxed);
        Reading(Arc::clone(&self.0))
    }
}

impl Connected<IncomingStream<'_, Gate>> for Slow {
    fn connect_info(stream: IncomingStream<'_, Gate>) -> Self {
        Slow(Arc::clone(&stream.io().slow))
    }
}

/// A long body is being read.
#[derive(Debug)]
pub struct Reading(Arc<AtomicBool>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// What the connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    /// The first byte of a request.
    Request,
    /// The rest of a request, or its answer.
    Answer,
}

/// A connection with its clock.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    patience: Patience,
    waiting: Waiting,
    reading: Pin<Box<Sleep>>,
    writing: Option<Pin<Box<Sleep>>>,
    slow: Arc<AtomicBool>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Connection {
    fn new(stream: TcpStream, patience: Patience, place: Option<OwnedSemaphorePermit>) -> Self {
        // A new connection owes its first request as soon as one that has begun one.
        let reading = Box::pin(tokio::time::sleep(patience.head));
        let (waiting, slow) = (Waiting::Request, Arc::default());
        Connection { stream, patience, waiting, reading, writing: None, slow, _place: place }
    }

    fn written(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match result {
            Poll::Pending => {
                let write = self.patience.write;
                let clock = self.writing.get_or_insert_with(|| Box::pin(tokio::time::sleep(write)));
                ready!(clock.as_mut().poll(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            done => {
                self.writing = None;
                self.waiting = Waiting::Request;
                self.reading.as_mut().reset(Instant::now() + self.patience.idle);
                done
            }
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.reading.as_mut().poll(cx).is_ready() {
            if !self.slow.load(Ordering::Relaxed) {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            let until = Instant::now() + self.patience.head;
            self.reading.as_mut().reset(until);
        }
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before && self.waiting == Waiting::Request {
            self.waiting = Waiting::Answer;
            let until = Instant::now() + self.patience.head;
            self.reading.as_mut().reset(until);
        }
        result
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.written(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
