//! Which of its two forms a log is asked for in.

use actix_web::HttpRequest;
use actix_web::http::header::{self, Header as _};

use crate::protocol::error::{ErrorCode, Refusal};

/// A form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Page,
    Stream,
}

/// The form that the client likes best. A page where it does not say, or likes both alike and names
/// the stream no more exactly.
///
/// # Errors
/// 406: it takes neither.
pub(super) fn form(request: &HttpRequest) -> Result<Form, Refusal> {
    if !request.headers().contains_key(header::ACCEPT) {
        return Ok(Form::Page);
    }
    let ranges = header::Accept::parse(request).map_or_else(|_| Vec::new(), |accept| accept.0);
    // The most exact range that fits a type says how much it is liked.
    let liking = |main: &str, sub: &str| {
        let fits = ranges.iter().filter_map(|range| {
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
    };
    let (page, stream) = (
        liking("application", "json"),
        liking("text", "event-stream"),
    );
    if page.is_none() && stream.is_none() {
        let message = "the log can be had as application/json or text/event-stream";
        let mut refusal = Refusal::new(ErrorCode::BadRequest, message);
        refusal.status = Some(406);
        return Err(refusal);
    }
    Ok(if stream > page {
        Form::Stream
    } else {
        Form::Page
    })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_best_liked_form_wins_and_a_page_is_the_default() {
        let cases = [
            (None, Some(Form::Page)),
            (Some("*/*"), Some(Form::Page)),
            (Some("application/json"), Some(Form::Page)),
            (Some("text/event-stream"), Some(Form::Stream)),
            (Some("Text/Event-Stream"), Some(Form::Stream)),
            (Some("text/event-stream; charset=utf-8"), Some(Form::Stream)),
            (Some("text/event-stream, */*"), Some(Form::Stream)),
            (Some("text/*"), Some(Form::Stream)),
            (
                Some("application/json, text/event-stream"),
                Some(Form::Page),
            ),
            (
                Some("application/json;q=0.5, text/event-stream;q=0.9"),
                Some(Form::Stream),
            ),
            (
                Some("application/json, text/event-stream;q=0.9"),
                Some(Form::Page),
            ),
            (
                Some("text/event-stream;q=0, application/json"),
                Some(Form::Page),
            ),
            (Some("application/json;q=0, */*"), Some(Form::Stream)),
            (Some("text/html"), None),
            (Some("text/event-stream;q=0"), None),
        ];
        for (accept, expected) in cases {
            let mut request = TestRequest::default();
            if let Some(accept) = accept {
                request = request.insert_header((header::ACCEPT, accept));
            }
            let found = form(&request.to_http_request());
            assert_eq!(found.ok(), expected, "{accept:?}");
        }
    }
}
