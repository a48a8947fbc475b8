use chrono::Duration;

use super::*;
use crate::store::new_id;

#[test]
fn each_run_is_taken_out_once_by_its_age_or_by_its_end() {
    let now = Utc::now();
    let run = |minutes| LiveRun {
        session: new_id(),
        owner: new_id(),
        run: new_id(),
        ends_at: now + Duration::minutes(minutes),
    };
    let runs = [run(30), run(10), run(20)];
    let ids = runs.each_ref().map(|run| run.run);
    let mut waiting = Waiting::new(runs.into());
    assert_eq!(waiting.first_end(), Some(now + Duration::minutes(10)));
    assert_eq!(waiting.take_due().map(|run| run.run), Some(ids[1]));
    assert_eq!(waiting.take_oldest().map(|run| run.run), Some(ids[0]));
    assert_eq!(waiting.first_end(), Some(now + Duration::minutes(20)));
    assert_eq!(waiting.take_oldest().map(|run| run.run), Some(ids[2]));
    assert!(waiting.first_end().is_none() && waiting.take_oldest().is_none());
}
