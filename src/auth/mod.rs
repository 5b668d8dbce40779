//! Who asks, and how it is proved.

mod bearer;
#[cfg(feature = "replay")]
pub mod verify;

pub use self::bearer::{BearerKey, BearerKeyError, BearerKeyProblem};
