use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::*;

#[test]
fn the_first_to_speak_decides() {
    let claim = Claim::default();
    assert_eq!(claim.clone().commit(), Ok(()));
    assert!(!claim.give_up(), "the commit is under way");
    let claim = Claim::default();
    assert!(claim.clone().give_up());
    assert!(claim.commit().is_err());
}

#[tokio::test]
async fn nothing_is_settled_while_a_commit_is_under_way() {
    let in_doubt = InDoubt::default();
    in_doubt.settled().await;
    let (end, ended) = oneshot::channel::<()>();
    in_doubt.until(tokio::spawn(ended));
    assert_eq!(in_doubt.settled().now_or_never(), None);
    end.send(()).unwrap();
    in_doubt.settled().await;
}
