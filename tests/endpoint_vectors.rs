//! Endpoints against what AWS's endpoint rule set gives for every region and variant.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;

use bedrock_wire::endpoint::{Endpoint, EndpointError, Options, Region, Service};
use serde_json::Value;

const SERVICES: [(&str, Service); 2] =
    [("bedrock-runtime", Service::Runtime), ("bedrock", Service::ControlPlane)];

/// Regions the rule set makes a host of, though not a valid one, or one that
/// the signature's scope does not match. Here they are errors.
const TURNED_AWAY: [&str; 4] = ["", "US-EAST-1", "us-east-1.evil.com/", "us east 1"];

fn variants() -> [(&'static str, Options); 4] {
    let plain = Options::default();
    [
        ("default", plain),
        ("fips", plain.fips(true)),
        ("dualstack", plain.dual_stack(true)),
        ("fips_dualstack", plain.fips(true).dual_stack(true)),
    ]
}

fn rows<'a>(vectors: &'a Value, service: &str, list: &str) -> &'a Vec<Value> {
    vectors["services"][service][list].as_array().unwrap_or_else(|| panic!("{service}/{list}"))
}

#[test]
fn every_region_and_variant_has_the_host_of_the_rule_set() {
    let Some(corpus) = corpus::find("endpoint vectors") else {
        return;
    };
    let vectors = corpus.json("vectors/endpoints.json");
    let (mut hosts, mut errors) = (0, 0);
    for (name, service) in SERVICES {
        let known = rows(&vectors, name, "regions");
        let odd = rows(&vectors, name, "regex_and_bad_regions");
        assert!(known.len() > 50 && odd.len() > 10, "{name}: {} and {}", known.len(), odd.len());
        for row in known.iter().chain(odd) {
            for (variant, options) in variants() {
                if check(row, variant, service, options) {
                    hosts += 1;
                } else {
                    errors += 1;
                }
            }
        }
    }
    println!("{hosts} hosts and {errors} errors checked");
    assert!(hosts > 400 && errors > 0, "{hosts} hosts, {errors} errors");
}

/// Whether the row gave a host; otherwise it gave the error it should.
fn check(row: &Value, variant: &str, service: Service, options: Options) -> bool {
    let Some(name) = row["region"].as_str() else {
        // A missing region cannot be written in our types.
        assert_eq!(row[variant], Value::Null, "{row}");
        assert!(row[format!("{variant}_error")].is_string(), "{row}");
        return false;
    };
    if TURNED_AWAY.contains(&name) {
        assert!(Region::new(name).is_err(), "{name:?}");
        return false;
    }
    let region = Region::new(name).unwrap_or_else(|e| panic!("{e}"));
    let endpoint = Endpoint::for_region(&region, service, options);
    let expected = row[variant].as_str().unwrap_or_else(|| panic!("{variant} in {row}"));
    assert_eq!(endpoint.to_string(), expected);
    assert_eq!(endpoint, Endpoint::custom(expected).expect(expected), "the same by its URL");
    true
}

#[test]
fn hosts_that_older_tables_name_are_the_same() {
    let Some(corpus) = corpus::find("endpoint table of endpoints.json") else {
        return;
    };
    let vectors = corpus.json("vectors/endpoints.json");
    let mut checked = 0;
    for row in vectors["endpoints_json_bedrock"].as_array().expect("an array") {
        let Some(host) = row["hostname"].as_str() else {
            continue;
        };
        let region =
            Region::new(row["credentialScope"]["region"].as_str().expect("a region")).unwrap();
        let service = if host.starts_with("bedrock-runtime") {
            Service::Runtime
        } else {
            Service::ControlPlane
        };
        let options = Options::default().fips(host.contains("-fips."));
        assert_eq!(Endpoint::for_region(&region, service, options).host(), host);
        checked += 1;
    }
    println!("{checked} hosts checked");
    assert!(checked > 50, "{checked}");
}

#[test]
fn a_custom_endpoint_goes_with_neither_fips_nor_dual_stack() {
    let Some(corpus) = corpus::find("custom endpoint vectors") else {
        return;
    };
    let vectors = corpus.json("vectors/endpoints.json");
    let mut checked = 0;
    for (name, _) in SERVICES {
        for row in rows(&vectors, name, "custom_endpoint") {
            let flag = |key: &str| row[key].as_bool().expect("a flag");
            let options = Options::default().fips(flag("UseFIPS")).dual_stack(flag("UseDualStack"));
            let result = options
                .check_custom()
                .and_then(|()| Endpoint::custom(row["Endpoint"].as_str().expect("a URL")));
            compare_custom(result, row["result"].as_str().expect("a result"));
            checked += 1;
        }
    }
    assert_eq!(checked, 6);
}

fn compare_custom(result: Result<Endpoint, EndpointError>, expected: &str) {
    match (result, expected.strip_prefix("ERROR ")) {
        (Ok(endpoint), None) => assert_eq!(endpoint.to_string(), expected),
        (Err(error), Some(text)) => assert!(error.to_string().starts_with(text), "{error}"),
        (result, _) => panic!("{result:?}, but the rule set gives {expected}"),
    }
}
