use std::time::Instant;

use super::settings;
use crate::actors::messages::Recover;
use crate::actors::registry::Registry;
use crate::actors::testing::*;
use crate::store::testing::postgres;

fn judges() -> Vec<Arc<dyn Judge>> {
    // Those of `store::testing::config`.
    ["rules", "lexical"]
        .map(|name| Scripted::new(name, Conduct::Score) as Arc<dyn Judge>)
        .into()
}

/// Waits until the log ends with the end of a whole audit.
async fn is_completed(scene: &Scene, session: SessionId) {
    let begin = Instant::now();
    loop {
        let log = scene.log(session).await;
        if let Some((_, last)) = log.last()
            && last.contains("evaluation_complete")
        {
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "it stands still: {log:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn a_damaged_row_keeps_no_other_run_back(store: TestStore) {
    let scene = Scene::on(store, judges()).await;
    let (damaged, sound) = (scene.evaluation().await, scene.evaluation().await);
    scene.begin(damaged).await;
    scene.begin(sound).await;
    scene.orphan(damaged).await;
    scene.orphan(sound).await;
    let damage = format!("UPDATE evaluation_sessions SET config = '{{' WHERE id = '{damaged}'");
    scene.store.sql(&damage).await;
    let registry = Registry::new(settings(0), scene.facilities.clone()).start();
    registry.do_send(Recover);
    is_completed(&scene, sound).await;
    assert_eq!(scene.log(damaged).await, []);
}

async fn a_list_that_was_refused_is_asked_for_again(store: TestStore) {
    let mut scene = Scene::on(store, judges()).await;
    let session = scene.evaluation().await;
    scene.begin(session).await;
    scene.orphan(session).await;
    let metrics = Arc::new(Metrics::new().unwrap());
    scene.facilities.store = (*scene.store).clone().metered(Arc::clone(&metrics));
    let rename = "ALTER TABLE evaluation_sessions RENAME TO elsewhere";
    scene.store.sql(rename).await;
    let registry = Registry::new(settings(0), scene.facilities.clone()).start();
    registry.do_send(Recover);
    let begin = Instant::now();
    while metrics.database_errors.of("refused").unwrap().get() == 0 {
        assert!(begin.elapsed() < PATIENCE, "nobody has asked");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let back = "ALTER TABLE elsewhere RENAME TO evaluation_sessions";
    scene.store.sql(back).await;
    is_completed(&scene, session).await;
}

mod on_sqlite {
    use super::*;

    #[actix::test]
    async fn a_damaged_row_keeps_no_other_run_back() {
        super::a_damaged_row_keeps_no_other_run_back(sqlite()).await;
    }

    #[actix::test]
    async fn a_list_that_was_refused_is_asked_for_again() {
        super::a_list_that_was_refused_is_asked_for_again(sqlite()).await;
    }
}

mod on_postgresql {
    use super::*;

    #[actix::test]
    async fn a_damaged_row_keeps_no_other_run_back() {
        if let Some(store) = postgres() {
            super::a_damaged_row_keeps_no_other_run_back(store).await;
        }
    }

    #[actix::test]
    async fn a_list_that_was_refused_is_asked_for_again() {
        if let Some(store) = postgres() {
            super::a_list_that_was_refused_is_asked_for_again(store).await;
        }
    }
}
