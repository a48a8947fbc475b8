//! What a judge and whoever serves it give to be waited for.

use std::pin::Pin;

/// Something to be waited for, whoever does it.
pub(crate) type Waiting<T> = Pin<Box<dyn Future<Output = T> + Send>>;
