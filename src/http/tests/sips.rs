use std::future::poll_fn;

use super::*;

#[actix_web::test]
async fn a_body_is_handed_out_whole_and_in_sips() {
    let whole: Vec<u8> = (0..=255).cycle().take(3 * SIP + 7).collect();
    let mut sips = Sips {
        body: BoxBody::new(whole.clone()),
        rest: Bytes::new(),
        socket: None,
        _at_work: None,
    };
    assert_eq!(sips.size(), BodySize::Sized(whole.len() as u64));
    let mut taken = Vec::new();
    while let Some(sip) = poll_fn(|cx| Pin::new(&mut sips).poll_next(cx)).await {
        let sip = sip.unwrap();
        assert!(!sip.is_empty() && sip.len() <= SIP);
        taken.extend_from_slice(&sip);
    }
    assert_eq!(taken, whole);
}
