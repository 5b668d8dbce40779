//! How long cache points keep what they cache.

use super::finding::{Edit, Finding};
use super::path::Path;
use super::rule::Rule;
use super::view::View;
use crate::model::CacheTTL;

pub(super) fn grows(view: View<'_>) -> Vec<Finding> {
    let mut short: Option<Path> = None;
    let mut found = Vec::new();
    for (path, point) in view.cache_points() {
        match &point.ttl {
            None | Some(CacheTTL::FiveMinutes) => {
                short.get_or_insert(path);
            }
            Some(CacheTTL::OneHour) => {
                if let Some(short) = &short {
                    let message = format!("a TTL of 1h comes after the one of 5m at {short}");
                    let path = path.member("cachePoint").member("ttl");
                    let edit = Edit::set_text(path.clone(), CacheTTL::FiveMinutes.as_str());
                    found.push(Finding::new(Rule::CacheTtlGrows, path, message).fix([edit]));
                }
            }
            // Of an unknown one it is not known whether it is longer.
            Some(CacheTTL::Unknown(_)) => {}
        }
    }
    found
}
