//! Who asks, and how it is proved.

mod bearer;

pub use self::bearer::{BearerKey, BearerKeyError, BearerKeyProblem};
