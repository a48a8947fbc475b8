//! What is told, and how it is written: lines of text below a line with the version. Whoever gets another version, or
//! a line that it does not know, looks at everything: nodes of two releases work side by side while a fleet is
//! brought up to date.

use bytestring::ByteString;

use crate::domain::credential::Credential;
use crate::domain::event::CancelReason;
use crate::domain::ids::{SessionId, UserId};

/// The first line.
pub(super) const VERSION: &str = "1";

/// Something has happened at another node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signal {
    /// A session's log has got further.
    Stored {
        session: SessionId,
        last_seq: i64,
        /// What was stored, where the bus carries that.
        events: Option<Events>,
    },
    /// A run is nobody's.
    Due,
    /// Somebody wants a run to end: its owner does that.
    Stop {
        session: SessionId,
        user: UserId,
        reason: CancelReason,
    },
    /// A session was deleted.
    Gone { session: SessionId },
    /// A login has ended, or a key was revoked.
    Revoked { credential: Credential },
}

/// Events of one log, in order and without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Events {
    pub epoch: String,
    pub frames: Vec<(i64, ByteString)>,
}

impl Events {
    /// How many bytes their texts have.
    pub(super) fn bytes(&self) -> usize {
        self.frames.iter().map(|(_, text)| text.len()).sum()
    }
}

impl Signal {
    /// Its label in metrics.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Stored { .. } => "stored",
            Self::Due => "due",
            Self::Stop { .. } => "stop",
            Self::Gone { .. } => "gone",
            Self::Revoked { .. } => "revoked",
        }
    }

    /// Whose session it is about, where only those who follow that need to know.
    pub(super) fn followed(&self) -> Option<SessionId> {
        match self {
            Self::Stored { session, .. } | Self::Gone { session } => Some(*session),
            Self::Due | Self::Stop { .. } | Self::Revoked { .. } => None,
        }
    }

    /// The same without the events: only how far.
    pub(super) fn without_events(mut self) -> Self {
        if let Self::Stored { events, .. } = &mut self {
            *events = None;
        }
        self
    }

    /// Bytes of the events that it carries.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Stored {
                events: Some(events),
                ..
            } => events.bytes(),
            _ => 0,
        }
    }

    /// One line, without the events.
    pub(super) fn line(&self) -> String {
        match self {
            Self::Stored {
                session, last_seq, ..
            } => format!("stored {session} {last_seq}"),
            Self::Due => "due".to_owned(),
            Self::Stop {
                session,
                user,
                reason,
            } => format!("stop {session} {user} {}", reason_name(*reason)),
            Self::Gone { session } => format!("gone {session}"),
            Self::Revoked { credential } => match credential {
                Credential::Login(family) => format!("revoked login {family}"),
                Credential::Key(key) => format!("revoked key {key}"),
            },
        }
    }

    pub(super) fn of_line(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["stored", session, last_seq] => Some(Self::Stored {
                session: session.parse().ok()?,
                last_seq: last_seq.parse().ok()?,
                events: None,
            }),
            ["due"] => Some(Self::Due),
            ["stop", session, user, reason] => Some(Self::Stop {
                session: session.parse().ok()?,
                user: user.parse().ok()?,
                reason: named_reason(reason)?,
            }),
            ["gone", session] => Some(Self::Gone {
                session: session.parse().ok()?,
            }),
            ["revoked", "login", family] => Some(Self::Revoked {
                credential: Credential::Login(family.parse().ok()?),
            }),
            ["revoked", "key", key] => Some(Self::Revoked {
                credential: Credential::Key(key.parse().ok()?),
            }),
            _ => None,
        }
    }
}

fn reason_name(reason: CancelReason) -> &'static str {
    match reason {
        CancelReason::User => "user",
        CancelReason::Deadline => "deadline",
        CancelReason::Deleted => "deleted",
    }
}

fn named_reason(name: &str) -> Option<CancelReason> {
    let all = [
        CancelReason::User,
        CancelReason::Deadline,
        CancelReason::Deleted,
    ];
    all.into_iter().find(|reason| reason_name(*reason) == name)
}

/// Signals without their events as texts of at most so many bytes each.
pub(super) fn texts(signals: impl IntoIterator<Item = Signal>, longest: usize) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for signal in signals {
        let line = signal.line();
        match texts.last_mut() {
            Some(text) if text.len() + 1 + line.len() <= longest => {
                text.push('\n');
                text.push_str(&line);
            }
            _ => texts.push(format!("{VERSION}\n{line}")),
        }
    }
    texts
}

/// What a text says; an error where it says something that is not understood, beside what is.
pub(super) fn read(text: &str) -> (Vec<Signal>, Result<(), ()>) {
    let Some(lines) = text
        .strip_prefix(VERSION)
        .and_then(|rest| rest.strip_prefix('\n'))
    else {
        return (Vec::new(), Err(()));
    };
    let mut understood = Ok(());
    let signals = lines.split('\n').filter_map(|line| {
        let signal = Signal::of_line(line);
        if signal.is_none() {
            understood = Err(());
        }
        signal
    });
    (signals.collect(), understood)
}

#[cfg(test)]
#[path = "tests/signal.rs"]
mod tests;
