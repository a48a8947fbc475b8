//! A server that talks as an OpenAI-compatible provider does, and behaves as it is told.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;

use super::GLANCE;

/// How a scripted judge behaves.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Manner {
    /// Gives this rating, 1..5, with high confidence.
    Rates(u8),
    /// Answers with this HTTP status.
    Fails(u16),
    /// Answers with something that is no judgement.
    Rambles,
    /// Never answers.
    Hangs,
    /// Gives the rating 4 after so long.
    Takes(Duration),
    /// Gives the rating 4, once [`ScriptedJudge::open`] was called.
    Waits,
}

/// One request that came in.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) at: SystemTime,
    pub(crate) body: String,
}

/// What the provider's threads and the test share.
#[derive(Default)]
struct Book {
    questions: Mutex<Vec<Question>>,
    deserted: AtomicUsize,
    open: AtomicBool,
}

/// The provider of one judge; ends with the test's process.
pub(crate) struct ScriptedJudge {
    address: String,
    book: Arc<Book>,
    manner: Arc<Mutex<Manner>>,
}

impl ScriptedJudge {
    /// Starts a provider. Threads, since it must go on while a test waits for something else.
    pub(crate) fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let book = Arc::<Book>::default();
        let shared = Arc::clone(&book);
        let manner = Arc::new(Mutex::new(manner));
        let current = Arc::clone(&manner);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let book = Arc::clone(&shared);
                let manner = *current.lock().unwrap();
                std::thread::spawn(move || {
                    // A client that goes away in the middle is part of the tests.
                    let _ = serve(stream, manner, &book);
                });
            }
        });
        Self {
            address,
            book,
            manner,
        }
    }

    /// Behaves so from the next question on.
    pub(crate) fn turns(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// How many times it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.book.questions.lock().unwrap().len()
    }

    /// What it was asked and when, where the question holds this.
    pub(crate) fn questions(&self, holding: &str) -> Vec<Question> {
        let questions = self.book.questions.lock().unwrap();
        let found = questions.iter().filter(|one| one.body.contains(holding));
        found.cloned().collect()
    }

    /// How many askers have gone away before they had an answer.
    pub(crate) fn deserted(&self) -> usize {
        self.book.deserted.load(Ordering::SeqCst)
    }

    /// Lets a judge that waits answer, now and from now on.
    pub(crate) fn open(&self) {
        self.book.open.store(true, Ordering::SeqCst);
    }

    /// Its part of the configuration file.
    pub(crate) fn configured(&self, name: &str) -> String {
        format!(
            "[[judges]]\nname = \"{name}\"\nkind = \"openai\"\nbase_url = \"http://{}/v1\"\n\
             model = \"scripted-1\"\nmax_attempts = 1\ntimeout_ms = 600000\n\n",
            self.address
        )
    }

    /// The same for a judge whose provider does not exist.
    pub(crate) fn nowhere(name: &str) -> String {
        // The port is free, and stays so for longer than the test needs: it was just given back.
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .to_string();
        Self {
            address,
            book: Arc::default(),
            manner: Arc::new(Mutex::new(Manner::Hangs)),
        }
        .configured(name)
    }
}

fn serve(mut stream: TcpStream, manner: Manner, book: &Book) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    book.questions.lock().unwrap().push(Question {
        at: SystemTime::now(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let patience = match manner {
        Manner::Hangs | Manner::Waits => Some(Duration::MAX),
        Manner::Takes(time) => Some(time),
        Manner::Rates(_) | Manner::Fails(_) | Manner::Rambles => None,
    };
    if let Some(patience) = patience {
        let begin = Instant::now();
        // Nothing more is sent: what ends the reading is time, or that the other side goes away.
        while begin.elapsed() < patience && !book.open.load(Ordering::SeqCst) {
            let left = patience.saturating_sub(begin.elapsed()).min(GLANCE);
            stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
            match reader.read(&mut [0; 1]) {
                Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                _ => {
                    book.deserted.fetch_add(1, Ordering::SeqCst);
                    return Ok(());
                }
            }
        }
    }
    let (status, body) = match manner {
        Manner::Fails(status) => (status, json!({ "error": { "message": "told to fail" } })),
        Manner::Rambles => (200, completion("I would rather talk about the weather.")),
        Manner::Rates(rating) => (200, completion(&judgement(rating))),
        Manner::Hangs | Manner::Takes(_) | Manner::Waits => (200, completion(&judgement(4))),
    };
    let body = body.to_string();
    write!(
        stream,
        "HTTP/1.1 {status} Scripted\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
}

fn completion(content: &str) -> serde_json::Value {
    json!({
        "id": "chatcmpl-scripted", "object": "chat.completion", "created": 0, "model": "scripted-1",
        "choices": [{
            "index": 0, "finish_reason": "stop",
            "message": { "role": "assistant", "content": content },
        }],
        "usage": { "prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366 },
    })
}

fn judgement(rating: u8) -> String {
    json!({
        "explanation": "as the script says",
        "claims": [], "issues": [],
        "rating": rating, "confidence": "high",
    })
    .to_string()
}
