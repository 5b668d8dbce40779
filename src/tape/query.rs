//! What of a query may be on a tape.

use percent_encoding::percent_decode_str;

use crate::model::{
    ListAsyncInvokesRequest, ListFoundationModelsRequest, ListInferenceProfilesRequest,
};

/// The members that operations have in the query. A presigned URL has its
/// signature there, so all else is left out.
const KEPT: [&[&str]; 3] = [
    ListAsyncInvokesRequest::MEMBERS,
    ListFoundationModelsRequest::MEMBERS,
    ListInferenceProfilesRequest::MEMBERS,
];

/// What the names of a presigned URL's members start with (AWS: "Authenticating
/// requests: using query parameters"). They say who asks and not for what.
const OF_SIGNATURE: &str = "X-Amz-";

/// The path with as much of its query as may be kept, as it was sent.
pub(super) fn kept(target: &str) -> String {
    let (path, _) = split(target);
    let kept: Vec<_> = pairs(target).filter(|pair| keeps(&decode(name(pair)))).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// Whether a tape keeps the member of this name, decoded.
pub(crate) fn keeps(name: &str) -> bool {
    KEPT.iter().any(|names| names.contains(&name))
}

/// The names of the members that [`kept`] leaves out, decoded, in order and
/// each once.
pub(crate) fn left_out(target: &str) -> Vec<String> {
    let mut names = Vec::new();
    for name in pairs(target).map(|pair| decode(name(pair))) {
        if !keeps(&name) && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The query behind a path, decoded and sorted: the same for all ways to write
/// it. Whatever is new in it counts; a presigned URL's signature does not.
pub(crate) fn members(target: &str) -> Vec<(String, String)> {
    let split = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    };
    let members = pairs(target).map(split).filter(|(name, _)| !name.starts_with(OF_SIGNATURE));
    let mut members: Vec<_> = members.collect();
    members.sort();
    members
}

fn split(target: &str) -> (&str, &str) {
    target.split_once('?').unwrap_or((target, ""))
}

fn pairs(target: &str) -> impl Iterator<Item = &str> {
    split(target).1.split('&').filter(|pair| !pair.is_empty())
}

fn name(pair: &str) -> &str {
    pair.split_once('=').map_or(pair, |(name, _)| name)
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_members_of_operations_are_kept_and_as_they_were_sent() {
        for (target, expected, left) in [
            ("/async-invoke", "/async-invoke", ""),
            ("/async-invoke?", "/async-invoke", ""),
            (
                "/a?nextToken=a%2fb&X-Amz-Signature=0&type=X",
                "/a?nextToken=a%2fb&type=X",
                "X-Amz-Signature",
            ),
            ("/a?next%54oken=a&new%20one=1&flag&flag", "/a?next%54oken=a", "new one, flag"),
            ("/model/m%3A0/converse?X-Amz-Signature=0", "/model/m%3A0/converse", "X-Amz-Signature"),
        ] {
            assert_eq!(kept(target), expected);
            assert_eq!(left_out(target).join(", "), left);
        }
    }

    #[test]
    fn a_query_is_the_same_however_it_is_written() {
        let one = members("/a?type=A%20B&nextToken=%61");
        assert_eq!(one, members("/a?&next%54oken=a&X-Amz-Signature=0&type=A%20B"));
        assert_eq!(one[1], ("type".to_owned(), "A B".to_owned()));
    }

    #[test]
    fn what_is_new_in_a_query_makes_it_another() {
        let one = members("/a?type=A");
        for other in ["/a?type=A&new=1", "/a?type=A&new", "/a?type=A&type=A", "/a?type=B", "/a"] {
            assert_ne!(one, members(other), "{other}");
        }
    }
}
