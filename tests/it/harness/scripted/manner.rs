//! How a scripted provider behaves.

use std::net::SocketAddr;
use std::time::Duration;

/// What it does with a question.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Manner {
    /// Gives this rating, 1..5, with high confidence.
    Rates(u8),
    /// Gives the rating 2 and these labels with high confidence: a claim's index, the label, a quote.
    Labels(&'static [(u64, &'static str, &'static str)]),
    /// Answers with this HTTP status; with 401 it repeats the key that it was shown.
    Fails(u16),
    /// Answers with something that is no judgement.
    Rambles,
    /// Never answers.
    Hangs,
    /// Gives the rating 4 after so long.
    Takes(Duration),
    /// Gives the rating 4, once [`open`](super::ScriptedJudge::open) was called.
    Waits,
    /// Gives the rating 4: the head at once, the body byte by byte over so long.
    Trickles(Duration),
    /// Closes the connection without an answer.
    Cuts,
    /// Closes the connection in the middle of the body.
    CutsBody,
    /// Gives the rating 4 in a body that is longer than anybody should read.
    Floods,
    /// Answers with a success whose body is no JSON.
    Breaks,
    /// Answers with JSON that does not hold to the schema.
    Misshapes,
    /// Says "too many requests", and when to come back.
    Limits(ComeBack),
    /// Says that the account is out of credit, in the provider's own way.
    IsBroke,
    /// Declines, in the provider's own way.
    Refuses,
    /// Ends the answer at the bound of tokens.
    Truncates,
    /// Answers with nothing.
    IsEmpty,
    /// Reports that it is too busy, with a status of success.
    FailsInside,
    /// Sends the asker to this address.
    Redirects(SocketAddr),
}

/// What `Retry-After` says.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ComeBack {
    /// There is none.
    Unsaid,
    /// So many seconds.
    Seconds(u64),
    /// The date that is so many seconds after the answer's own.
    Date(u64),
}

impl Manner {
    /// How long it waits before it says anything.
    pub(super) const fn patience(self) -> Option<Duration> {
        match self {
            Self::Hangs | Self::Waits => Some(Duration::MAX),
            Self::Takes(time) => Some(time),
            _ => None,
        }
    }
}
