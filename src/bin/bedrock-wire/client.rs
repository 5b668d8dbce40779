//! The client of the commands that ask a service.

use bedrock_wire::client::{Client, ClientBuilder};

use crate::args::Caller;
use crate::exit::Failure;

/// A client of who asks, from the region asked for; where to is for the
/// command to say.
pub fn builder(caller: &Caller) -> Result<ClientBuilder, Failure> {
    if let Some(profile) = &caller.profile {
        return Err(Failure::usage(format!(
            "--profile {profile}: this build does not read profiles; set AWS_BEARER_TOKEN_BEDROCK, or \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_REGION"
        )));
    }
    let builder = Client::builder();
    Ok(match &caller.region {
        Some(region) => builder.region(region),
        None => builder,
    })
}
