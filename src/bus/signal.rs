//! The text format of signals: a line with the version, then one line per signal. A node that
//! receives another version or an unknown line treats it as a lost signal, because nodes of two
//! releases run side by side during an upgrade.

use bytestring::ByteString;

use crate::domain::credential::Credential;
use crate::domain::event::CancelReason;
use crate::domain::ids::{SessionId, UserId};

/// The first line of a text.
pub(super) const VERSION: &str = "1";

/// An event on another node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Events were appended to a session's log.
    Stored {
        session: SessionId,
        last_seq: i64,
        /// The new events, if the bus carries events.
        events: Option<Events>,
    },
    /// A run without an owner is waiting.
    Due,
    /// A run is to be cancelled by the node that owns it.
    Stop {
        session: SessionId,
        user: UserId,
        reason: CancelReason,
    },
    /// A session was deleted, so that rooms which follow it end.
    Gone { session: SessionId },
    /// A login was ended, or an API key revoked.
    Revoked { credential: Credential },
}

/// Events of one log, in order and without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Events {
    pub epoch: String,
    pub frames: Vec<(i64, ByteString)>,
}

impl Events {
    /// Returns the total size of the events' texts, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.frames.iter().map(|(_, text)| text.len()).sum()
    }
}

impl Signal {
    /// The signal's label in metrics.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Stored { .. } => "stored",
            Self::Due => "due",
            Self::Stop { .. } => "stop",
            Self::Gone { .. } => "gone",
            Self::Revoked { .. } => "revoked",
        }
    }

    /// The session it is about, if only nodes that follow the session need it.
    pub(super) fn followed(&self) -> Option<SessionId> {
        match self {
            Self::Stored { session, .. } | Self::Gone { session } => Some(*session),
            Self::Due | Self::Stop { .. } | Self::Revoked { .. } => None,
        }
    }

    /// Returns the signal without its events: only the last sequence number is left.
    pub(super) fn without_events(mut self) -> Self {
        if let Self::Stored { events, .. } = &mut self {
            *events = None;
        }
        self
    }

    /// Returns the total size of its events, in bytes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Stored {
                events: Some(events),
                ..
            } => events.bytes(),
            _ => 0,
        }
    }

    /// The signal's line of text, without the events.
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

/// Encodes signals, without their events, as texts of at most `longest` bytes each.
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

/// Parses a text. Returns the signals that are understood, and an error if anything is not.
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
