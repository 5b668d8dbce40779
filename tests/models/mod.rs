//! AWS's service models, and values made by them.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "a module of its own in each test binary, which uses a part"
)]

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::corpus::Corpus;

/// One of AWS's service models.
pub struct Model(Value);

impl Model {
    /// The model of a service, such as `bedrock-runtime`.
    pub fn of(corpus: &Corpus, service: &str) -> Self {
        Model(corpus.json(&format!("model/{service}.json")))
    }

    pub fn shape(&self, name: &str) -> &Value {
        &self.0["shapes"][name]
    }

    pub fn is_union(&self, name: &str) -> bool {
        self.shape(name)["union"] == true
    }

    /// Members that are JSON, by their name on the wire.
    pub fn members(&self, name: &str) -> Vec<(String, String)> {
        let Some(members) = self.shape(name)["members"].as_object() else { return Vec::new() };
        let on_the_wire = |(member, to): (&String, &Value)| {
            let target = to["shape"].as_str().unwrap().to_owned();
            match to["location"].as_str() {
                None => Some((member.clone(), target)),
                Some("querystring") => {
                    Some((to["locationName"].as_str().unwrap().to_owned(), target))
                }
                Some(_) => None,
            }
        };
        members.iter().filter_map(on_the_wire).collect()
    }

    fn required(&self, name: &str) -> BTreeSet<String> {
        let required = self.shape(name)["required"].as_array().cloned().unwrap_or_default();
        required.iter().map(|member| member.as_str().unwrap().to_owned()).collect()
    }

    fn reach(&self, name: &str, found: &mut BTreeSet<String>) {
        if !found.insert(name.to_owned()) {
            return;
        }
        let shape = self.shape(name);
        for member in shape["members"].as_object().into_iter().flatten() {
            self.reach(member.1["shape"].as_str().unwrap(), found);
        }
        for part in ["member", "key", "value"] {
            if let Some(target) = shape[part]["shape"].as_str() {
                self.reach(target, found);
            }
        }
    }

    /// Structures, unions and enumerations that the operations reach.
    pub fn reachable(&self, operations: &[&str]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for operation in operations {
            for side in ["input", "output"] {
                if let Some(name) = self.0["operations"][*operation][side]["shape"].as_str() {
                    self.reach(name, &mut found);
                }
            }
        }
        let typed = |name: &String| {
            let shape = self.shape(name);
            let structure = shape["type"] == "structure"
                && ["document", "exception", "eventstream"].iter().all(|kind| shape[*kind] != true);
            structure || shape["enum"].is_array()
        };
        found.into_iter().filter(typed).collect()
    }

    /// A value with every member, or with the required ones and `only`.
    pub fn value(&self, name: &str, full: bool, only: Option<&str>) -> Value {
        let shape = self.shape(name);
        if shape["document"] == true {
            return json!({"any": ["JSON", 1.5, null]});
        }
        match shape["type"].as_str().unwrap() {
            "structure" => self.object(name, full, only),
            "list" => json!([self.value(shape["member"]["shape"].as_str().unwrap(), full, None)]),
            "map" => {
                json!({"key": self.value(shape["value"]["shape"].as_str().unwrap(), full, None)})
            }
            "string" => {
                shape["enum"].as_array().map_or(json!("text \" é"), |values| values[0].clone())
            }
            "blob" => json!("AP9i"),
            "boolean" => json!(true),
            "integer" => json!(7),
            "long" => json!(9_007_199_254_740_993_i64),
            "float" | "double" => json!(0.25),
            "timestamp" => json!("2026-01-02T03:04:05.678Z"),
            other => panic!("{name} is a {other}"),
        }
    }

    fn object(&self, name: &str, full: bool, only: Option<&str>) -> Value {
        let (members, required) = (self.members(name), self.required(name));
        let mut object = Map::new();
        for (i, (member, target)) in members.iter().enumerate() {
            let wanted = match only {
                Some(only) => member == only || required.contains(member),
                None if self.is_union(name) => i == 0,
                None => full || required.contains(member),
            };
            if wanted {
                object.insert(member.clone(), self.value(target, full, None));
            }
        }
        Value::Object(object)
    }

    /// A value of an operation's output with every member.
    pub fn output(&self, operation: &str) -> Value {
        let name = self.0["operations"][operation]["output"]["shape"].as_str();
        self.value(name.unwrap_or_else(|| panic!("{operation} has no output")), true, None)
    }
}
