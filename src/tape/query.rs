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

/// The path with as much of its query as may be kept, as it was sent.
pub(super) fn kept(target: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let is_kept = |pair: &&str| KEPT.iter().any(|names| names.contains(&name(pair)));
    let pairs: Vec<_> = query.split('&').filter(is_kept).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// What may be kept of the query behind a path, decoded and sorted: the same
/// for all ways to write it.
pub(crate) fn members(target: &str) -> Vec<(String, String)> {
    let kept = kept(target);
    let (_, query) = kept.split_once('?').unwrap_or_default();
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut members: Vec<_> = pairs.map(|(name, value)| (decode(name), decode(value))).collect();
    members.sort();
    members
}

fn name<'a>(pair: &&'a str) -> &'a str {
    pair.split_once('=').map_or(pair, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_members_of_operations_are_kept_and_as_they_were_sent() {
        for (target, expected) in [
            ("/async-invoke", "/async-invoke"),
            ("/async-invoke?", "/async-invoke"),
            ("/a?nextToken=a%2fb&X-Amz-Signature=0&type=X", "/a?nextToken=a%2fb&type=X"),
            ("/model/m%3A0/converse?X-Amz-Signature=0", "/model/m%3A0/converse"),
        ] {
            assert_eq!(kept(target), expected);
        }
    }

    #[test]
    fn a_query_is_the_same_however_it_is_written() {
        let one = members("/a?type=A%20B&nextToken=%61&other=1");
        assert_eq!(one, members("/a?nextToken=a&type=A%20B"));
        assert_eq!(one[1], ("type".to_owned(), "A B".to_owned()));
    }
}
