//! A client of the event stream.

use reqwest::{Method, Response};
use tokio::time::timeout;

use super::DEADLINE;
use super::person::Person;
use super::socket::Frame;

/// One event as it was told.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) id: Option<String>,
    pub(crate) kind: String,
    pub(crate) frame: Frame,
}

/// An open stream.
pub(crate) struct EventStream {
    response: Response,
    buffer: Vec<u8>,
    /// What the server asked for by `retry:`.
    pub(crate) retry: Option<u64>,
}

impl Person {
    /// Opens the stream of a session, from the beginning or after an event; fails unless it opens.
    pub(crate) async fn listen(&self, session: &str, last_event_id: Option<&str>) -> EventStream {
        let mut request = self
            .request(Method::GET, &format!("/evaluations/{session}/events"))
            .header("Accept", "text/event-stream");
        if let Some(id) = last_event_id {
            request = request.header("Last-Event-ID", id);
        }
        // Longer than any wait for its next event.
        let response = request.timeout(2 * DEADLINE).send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        assert_eq!(status, 200, "{}", response.text().await.unwrap());
        for (name, value) in [
            ("content-type", "text/event-stream"),
            ("cache-control", "no-store"),
            ("x-accel-buffering", "no"),
        ] {
            assert_eq!(headers[name], value, "{headers:?}");
        }
        assert!(headers.contains_key("x-request-id"), "{headers:?}");
        EventStream {
            response,
            buffer: Vec::new(),
            retry: None,
        }
    }
}

impl EventStream {
    /// The next event; none where the stream has ended as it should.
    pub(crate) async fn next(&mut self) -> Option<Told> {
        loop {
            while let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.buffer.drain(..end + 2).collect();
                if let Some(told) = self.block(std::str::from_utf8(&block).unwrap()) {
                    return Some(told);
                }
            }
            let chunk = timeout(DEADLINE, self.response.chunk()).await;
            match chunk.expect("something to read").expect("a whole stream") {
                Some(chunk) => self.buffer.extend_from_slice(&chunk),
                None => {
                    assert!(self.buffer.is_empty(), "half an event: {:?}", self.buffer);
                    return None;
                }
            }
        }
    }

    fn block(&mut self, block: &str) -> Option<Told> {
        let (mut id, mut kind, mut data) = (None, None, None);
        for line in block.lines().filter(|line| !line.is_empty()) {
            let (field, value) = line.split_once(": ").expect("field: value");
            let place = match field {
                "id" => &mut id,
                "event" => &mut kind,
                "data" => &mut data,
                "retry" => {
                    self.retry = Some(value.parse().unwrap());
                    continue;
                }
                other => panic!("a line of an unknown kind: {other}"),
            };
            assert!(place.replace(value.to_owned()).is_none(), "twice: {block}");
        }
        let frame = Frame::of(&data?);
        Some(Told {
            id,
            kind: kind.expect("every event has a name"),
            frame,
        })
    }

    /// The first event, which says where the log begins.
    pub(crate) async fn joined(&mut self) -> Frame {
        let told = self.next().await.expect("a first event");
        assert_eq!((told.kind.as_str(), &told.id), ("session_joined", &None));
        assert_eq!(told.frame.kind(), "session_joined");
        told.frame
    }

    /// The next event of the log: its id and name are its frame's.
    pub(crate) async fn next_event(&mut self) -> Frame {
        loop {
            let told = self.next().await.expect("an event");
            if told.kind == "heartbeat" {
                continue;
            }
            let frame = told.frame;
            let id = format!("{}:{}", frame.value["epoch"].as_str().unwrap(), frame.seq());
            assert_eq!((told.id, told.kind.as_str()), (Some(id), frame.kind()));
            return frame;
        }
    }

    /// Every event up to the end of a run.
    pub(crate) async fn until_terminal(&mut self) -> Vec<Frame> {
        let mut events = Vec::new();
        loop {
            let event = self.next_event().await;
            let last = event.is_terminal();
            events.push(event);
            if last {
                return events;
            }
        }
    }

    /// Reads to the end: the events without an id on the way.
    pub(crate) async fn until_ended(&mut self) -> Vec<Told> {
        let mut told = Vec::new();
        while let Some(event) = self.next().await {
            if event.id.is_none() && event.kind != "heartbeat" {
                told.push(event);
            }
        }
        told
    }
}
