//! Content negotiation (`Accept`, `Accept-Encoding`): chooses between a page and a stream of the
//! log, between HTML and JSON for a shared link, and between plain and gzip-encoded answers.

use actix_web::HttpRequest;
use actix_web::http::header::{self, Header as _};

use crate::protocol::error::{Finer, Refusal};

/// The two representations of the event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Page,
    Stream,
}

/// Returns the representation that the client prefers. The page is the default: the stream is
/// chosen only where the client prefers it, or likes both alike and names the stream more exactly.
///
/// # Errors
/// 406 if the client accepts neither.
pub(crate) fn form(request: &HttpRequest) -> Result<Form, Refusal> {
    if !request.headers().contains_key(header::ACCEPT) {
        return Ok(Form::Page);
    }
    let accept = header::Accept::parse(request).unwrap_or(header::Accept(Vec::new()));
    let page = liking(&accept, "application", "json");
    let stream = liking(&accept, "text", "event-stream");
    if page.is_none() && stream.is_none() {
        let message = "the log can be had as application/json or text/event-stream";
        return Err(Refusal::finer(Finer::NotAcceptable, message));
    }
    Ok(if stream > page {
        Form::Stream
    } else {
        Form::Page
    })
}

/// Returns whether the client prefers HTML to JSON. A client that accepts anything, as scripts do,
/// does not.
pub(crate) fn wants_html(accept: Option<header::Accept>) -> bool {
    accept.is_some_and(|accept| {
        liking(&accept, "text", "html") > liking(&accept, "application", "json")
    })
}

/// Returns the quality that the client gives to a media type, and the exactness (0 to 2) of the
/// range that gives it. The most exact range that matches decides.
fn liking(accept: &header::Accept, main: &str, sub: &str) -> Option<(header::Quality, u8)> {
    let fits = accept.iter().filter_map(|range| {
        let (its_main, its_sub) = (range.item.type_(), range.item.subtype());
        let exactness = match (its_main.as_str(), its_sub.as_str()) {
            ("*", "*") => 0,
            (its_main, "*") if its_main == main => 1,
            (its_main, its_sub) if its_main == main && its_sub == sub => 2,
            _ => return None,
        };
        Some((exactness, range.quality))
    });
    fits.max_by_key(|(exactness, _)| *exactness)
        .filter(|(_, quality)| *quality > header::Quality::MIN)
        .map(|(exactness, quality)| (quality, exactness))
}

/// Returns whether the client accepts an answer encoded in gzip.
pub(crate) fn takes_gzip(request: &HttpRequest) -> bool {
    let Ok(header::AcceptEncoding(items)) = header::AcceptEncoding::parse(request) else {
        return false;
    };
    let quality = |name: &str| {
        let item = items
            .iter()
            .find(|item| item.item.to_string().eq_ignore_ascii_case(name));
        item.map(|item| item.quality)
    };
    let quality = quality("gzip").or_else(|| quality("*"));
    quality.is_some_and(|quality| quality > header::Quality::ZERO)
}

#[cfg(test)]
#[path = "tests/accept.rs"]
mod tests;
