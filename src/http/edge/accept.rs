//! Which of two forms the client wants: a log as a page or a stream, a link as a page or as JSON, an answer
//! as it is or in gzip.

use actix_web::HttpRequest;
use actix_web::http::header::{self, Header as _};

use crate::protocol::error::{Finer, Refusal};

/// A form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Page,
    Stream,
}

/// The form that the client likes best. A page where it does not say, or likes both alike and names
/// the stream no more exactly.
///
/// # Errors
/// 406: it takes neither.
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

/// Whether the client would rather have a page to look at than JSON. One that takes anything, as a script
/// does, would not.
pub(crate) fn wants_html(accept: Option<header::Accept>) -> bool {
    accept.is_some_and(|accept| {
        liking(&accept, "text", "html") > liking(&accept, "application", "json")
    })
}

/// How much a type is liked, and how exactly it is named: the most exact range that fits says so.
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

/// Whether the client takes an answer in gzip.
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
