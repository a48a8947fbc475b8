use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

#[tokio::test]
async fn nobody_passes_until_it_is_back() {
    let outage = Arc::new((Outage::default(), AtomicUsize::new(0)));
    assert_eq!(outage.0.check(), Ok(()));
    assert!(outage.0.begin("gone"));
    assert!(!outage.0.begin("gone again"), "one look-out is enough");
    assert_eq!(
        outage.0.check(),
        Err(StoreError::Unavailable("gone".to_owned()))
    );
    until_back(Arc::downgrade(&outage), |(outage, looks)| {
        outage.end_if(|| looks.fetch_add(1, Ordering::SeqCst) == 1)
    })
    .await;
    assert_eq!(outage.0.check(), Ok(()));
    assert_eq!(outage.1.load(Ordering::SeqCst), 2);
}
