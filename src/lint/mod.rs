//! What the service will reject in a request, found before it is sent.
//!
//! [`check`] looks at a request and changes nothing. Each [`Finding`] names a
//! [`Rule`], how sure a rejection is ([`Severity`]), a place ([`Path`]), what is
//! wrong there and, where there is a safe one, a change ([`Fix`]) as data.
//!
//! [`mend`] makes the changes of one rule, [`mend_rejected`] those of all rules
//! whose rejection is on record. Both say what they changed; nothing changes
//! unasked.
//!
//! ```
//! use bedrock_wire::lint::{self, Rule};
//! use bedrock_wire::model::{ConverseRequest, Message};
//!
//! let mut request = ConverseRequest::new()
//!     .messages([Message::user("Count to three."), Message::assistant("One, two, ")]);
//!
//! let found = lint::check(&request);
//! assert_eq!(found[0].rule, Rule::TrailingWhiteSpace);
//! assert_eq!(found[0].path.to_string(), "messages[1].content[0].text");
//!
//! lint::mend_rejected(&mut request);
//! assert_eq!(request.messages.unwrap()[1], Message::assistant("One, two,"));
//! ```
//!
//! Whether a model can do what is asked of it, as read a video or an object in
//! S3, depends on the model and is not looked at.

mod apply;
mod cache;
mod clean;
mod documents;
mod finding;
mod images;
mod inputs;
mod mend;
mod names;
mod pairs;
mod path;
mod results;
mod roles;
mod rule;
mod text;
mod tools;
mod ttl;
mod view;

pub use finding::{Change, Edit, Finding, Fix, Severity};
pub use path::{Path, Step};
pub use rule::{Rule, UnknownRule};

use crate::model::ConverseBody;
use view::{Parts, View};

/// All that breaks a rule, in the order of [`Rule::ALL`] and, within a rule, of
/// the paths.
pub fn check<G>(request: &ConverseBody<G>) -> Vec<Finding> {
    let view = View::of(request);
    Rule::ALL.iter().flat_map(|rule| rule.find(view)).collect()
}

/// Mends what breaks `rule` and says what was done, in order.
///
/// Afterwards [`check`] finds nothing of this rule that has a fix. It may find
/// something of another: removing a text can leave a cache point first in its
/// message, say. [`mend_rejected`] sees to that.
pub fn mend<G>(request: &mut ConverseBody<G>, rule: Rule) -> Vec<Change> {
    mend::mend_rule(&mut Parts::of(request), rule)
}

/// Mends what breaks any rule of the severity [`Rejected`](Severity::Rejected)
/// and says what was done, in order.
///
/// Afterwards [`check`] finds nothing of these rules that has a fix.
pub fn mend_rejected<G>(request: &mut ConverseBody<G>) -> Vec<Change> {
    let rejected = Rule::ALL.iter().filter(|rule| rule.severity() == Severity::Rejected);
    mend::mend_rules(&mut Parts::of(request), &rejected.copied().collect::<Vec<_>>())
}
