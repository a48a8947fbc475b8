//! The only user of a temporary database, who never logs in.

use anyhow::Result;
use chrono::Utc;

use crate::domain::ids::UserId;
use crate::service::Service;
use crate::store::new_id;
use crate::store::users::{NewUser, insert};

/// Creates the user. The password hash matches no password.
pub(super) async fn local_user(service: &Service) -> Result<UserId> {
    let user = NewUser {
        id: new_id(),
        username: "local".into(),
        email: "local@localhost".into(),
        password_hash: "!".into(),
        created_at: Utc::now(),
    };
    Ok(service.store.write(move |db| insert(db, &user)).await?.id)
}
