//! An object without members of its own.
#![allow(unreachable_pub, reason = "the macro makes public types")]

super::structure! {
    /// Any object: all its members are extra, and stay as they are written.
    AnyObject {}
}
