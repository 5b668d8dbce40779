//! The client of the commands that ask a service.

use bedrock_wire::client::{Client, ClientBuilder};

use crate::args::Caller;

/// A client of who asks, from the region asked for; where to is for the
/// command to say.
pub fn builder(caller: &Caller) -> ClientBuilder {
    let mut builder = Client::builder();
    if let Some(profile) = &caller.profile {
        builder = builder.profile(profile);
    }
    if let Some(region) = &caller.region {
        builder = builder.region(region);
    }
    builder
}
