//! A server that talks as a judge's provider does, in whichever of four formats it is asked, and
//! behaves as it is told. It checks what it is asked, too: a test asserts that nothing was [wrong].
//!
//! [wrong]: ScriptedJudge::wrong

mod answer;
mod format;
mod manner;
mod request;
mod serve;

use std::collections::VecDeque;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime};

use super::{DEADLINE, GLANCE};

pub(crate) use format::Format;
pub(crate) use manner::{ComeBack, Manner};

/// The variable that holds the key of judges that are configured with one.
pub(crate) const KEY_VARIABLE: &str = "SCRIPTED_KEY";

/// That key.
pub(crate) const KEY: &str = "sk-scripted-0123456789abcdef";

/// One request that came in.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) at: SystemTime,
    pub(crate) body: String,
}

/// What the provider's threads and the test share.
struct Book {
    standing: Mutex<Manner>,
    /// What comes before it, one a question.
    next: Mutex<VecDeque<Manner>>,
    questions: Mutex<Vec<Question>>,
    wrong: Mutex<Vec<String>>,
    deserted: AtomicUsize,
    open: AtomicBool,
}

/// The provider of one judge; ends with the test's process.
pub(crate) struct ScriptedJudge {
    address: SocketAddr,
    book: Arc<Book>,
}

impl ScriptedJudge {
    /// Starts a provider. Threads, since it must go on while a test waits for something else.
    pub(crate) fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let judge = Self::at(listener.local_addr().unwrap(), manner);
        let shared = Arc::clone(&judge.book);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let book = Arc::clone(&shared);
                std::thread::spawn(move || {
                    // A client that goes away in the middle is part of the tests.
                    let _ = serve::serve(stream, &book);
                });
            }
        });
        judge
    }

    fn at(address: SocketAddr, manner: Manner) -> Self {
        let book = Book {
            standing: Mutex::new(manner),
            next: Mutex::default(),
            questions: Mutex::default(),
            wrong: Mutex::default(),
            deserted: AtomicUsize::new(0),
            open: AtomicBool::new(false),
        };
        Self {
            address,
            book: Arc::new(book),
        }
    }

    /// Behaves so from the next question on.
    pub(crate) fn turns(&self, manner: Manner) {
        *self.book.standing.lock().unwrap() = manner;
    }

    /// Behaves in these manners, one a question, and then as before.
    pub(crate) fn first(&self, manners: &[Manner]) {
        self.book.next.lock().unwrap().extend(manners);
    }

    /// How many times it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.book.questions.lock().unwrap().len()
    }

    /// Returns once it was asked so often.
    pub(crate) async fn until_asked(&self, times: usize) {
        let begin = Instant::now();
        while self.asked() < times {
            assert!(begin.elapsed() < DEADLINE, "the judge was not asked");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// What it was asked and when, where the question holds this.
    pub(crate) fn questions(&self, holding: &str) -> Vec<Question> {
        let questions = self.book.questions.lock().unwrap();
        let found = questions.iter().filter(|one| one.body.contains(holding));
        found.cloned().collect()
    }

    /// What was not as its format wants it, in all questions so far.
    pub(crate) fn wrong(&self) -> Vec<String> {
        self.book.wrong.lock().unwrap().clone()
    }

    /// How many askers have gone away before they had an answer.
    pub(crate) fn deserted(&self) -> usize {
        self.book.deserted.load(Ordering::SeqCst)
    }

    /// Lets a judge that waits answer, now and from now on.
    pub(crate) fn open(&self) {
        self.book.open.store(true, Ordering::SeqCst);
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its part of the configuration file.
    pub(crate) fn configured(&self, name: &str) -> String {
        let limits = "max_attempts = 1\ntimeout_ms = 600000\n";
        self.configured_as(name, Format::OpenAi, limits)
    }

    /// The same as a judge of another kind, without a key, and with these further lines.
    pub(crate) fn configured_as(&self, name: &str, format: Format, lines: &str) -> String {
        format!(
            "[[judges]]\nname = \"{name}\"\nkind = \"{}\"\nbase_url = \"{}\"\n\
             model = \"scripted-1\"\n{lines}\n",
            format.kind(),
            format.base_url(self.address),
        )
    }

    /// The same with the key in [`KEY_VARIABLE`].
    pub(crate) fn configured_with_key(&self, name: &str, format: Format, lines: &str) -> String {
        let lines = format!("api_key_env = \"{KEY_VARIABLE}\"\n{lines}");
        self.configured_as(name, format, &lines)
    }

    /// The same for a judge whose provider does not exist.
    pub(crate) fn nowhere(name: &str) -> String {
        // The port is free, and stays so for longer than the test needs: it was just given back.
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        Self::at(address, Manner::Hangs).configured(name)
    }
}

impl Book {
    /// Writes a question down, and says how to behave.
    fn take(&self, question: Question, wrong: Vec<String>) -> Manner {
        // One lock at a time; the question counts once its manner is taken.
        let manner = self.next.lock().unwrap().pop_front();
        let manner = manner.unwrap_or_else(|| *self.standing.lock().unwrap());
        self.wrong.lock().unwrap().extend(wrong);
        self.questions.lock().unwrap().push(question);
        manner
    }
}
