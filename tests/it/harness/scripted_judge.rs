//! A server that talks as an OpenAI-compatible provider does, and behaves as it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;

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
}

/// The provider of one judge; ends with the test's process.
pub(crate) struct ScriptedJudge {
    address: String,
    asked: Arc<AtomicUsize>,
    manner: Arc<Mutex<Manner>>,
}

impl ScriptedJudge {
    /// Starts a provider. Threads, since it must go on while a test waits for something else.
    pub(crate) fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let manner = Arc::new(Mutex::new(manner));
        let current = Arc::clone(&manner);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let counter = Arc::clone(&counter);
                let manner = *current.lock().unwrap();
                std::thread::spawn(move || {
                    // A client that goes away in the middle is part of the tests.
                    let _ = serve(stream, manner, &counter);
                });
            }
        });
        Self {
            address,
            asked,
            manner,
        }
    }

    /// Behaves so from the next question on.
    pub(crate) fn turns(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// How many times it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
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
        let asked = Arc::new(AtomicUsize::new(0));
        let manner = Arc::new(Mutex::new(Manner::Hangs));
        Self {
            address,
            asked,
            manner,
        }
        .configured(name)
    }
}

fn serve(mut stream: TcpStream, manner: Manner, asked: &AtomicUsize) -> std::io::Result<()> {
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
    reader.read_exact(&mut vec![0; length])?;
    asked.fetch_add(1, Ordering::SeqCst);
    let (status, body) = match manner {
        Manner::Hangs => {
            // Until the other side goes away.
            let _ = reader.read(&mut [0; 1])?;
            return Ok(());
        }
        Manner::Fails(status) => (status, json!({ "error": { "message": "told to fail" } })),
        Manner::Rambles => (200, completion("I would rather talk about the weather.")),
        Manner::Rates(rating) => (200, completion(&judgement(rating))),
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
