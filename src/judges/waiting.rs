//! The future type that the traits of this folder return.

use std::pin::Pin;

/// A boxed future, since these traits are used as trait objects.
pub(crate) type Waiting<T> = Pin<Box<dyn Future<Output = T> + Send>>;
