use std::future::poll_fn;

use super::*;

#[actix_web::test]
async fn a_body_is_handed_out_whole_and_in_chunks() {
    let whole: Vec<u8> = (0..=255).cycle().take(3 * CHUNK_BYTES + 7).collect();
    let mut body = ChunkedBody {
        body: BoxBody::new(whole.clone()),
        rest: Bytes::new(),
        socket: None,
        _at_work: None,
    };
    assert_eq!(body.size(), BodySize::Sized(whole.len() as u64));
    let mut taken = Vec::new();
    while let Some(chunk) = poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).await {
        let chunk = chunk.unwrap();
        assert!(!chunk.is_empty() && chunk.len() <= CHUNK_BYTES);
        taken.extend_from_slice(&chunk);
    }
    assert_eq!(taken, whole);
}
