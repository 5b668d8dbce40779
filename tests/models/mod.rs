//! AWS's service models, and values made by them.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "a module of its own in each test binary, which uses a part"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::corpus::Corpus;

/// One of AWS's service models.
pub struct Model(Value);

impl Model {
    /// The model of a service, such as `bedrock-runtime`.
    pub fn of(corpus: &Corpus, service: &str) -> Self {
        Model(corpus.json(&format!("model/{service}.json")))
    }

    pub fn has(&self, operation: &str) -> bool {
        self.0["operations"][operation].is_object()
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

    /// A value with every member, or with the required ones and `only`. Of
    /// unions and enumerations it has the first.
    pub fn value(&self, name: &str, full: bool, only: Option<&str>) -> Value {
        self.made(name, full, only, &mut Turns::default())
    }

    fn made(&self, name: &str, full: bool, only: Option<&str>, turns: &mut Turns) -> Value {
        let shape = self.shape(name);
        if shape["document"] == true {
            return json!({"any": ["JSON", 1.5, null]});
        }
        let part = |part: &str| shape[part]["shape"].as_str().unwrap();
        match shape["type"].as_str().unwrap() {
            "structure" => self.object(name, full, only, turns),
            "list" => json!([self.made(part("member"), full, None, turns)]),
            "map" => {
                let is_listed = self.shape(part("key"))["enum"].is_array();
                let listed = is_listed.then(|| self.made(part("key"), full, None, turns));
                let key = listed.unwrap_or_else(|| json!("key"));
                json!({ key.as_str().unwrap(): self.made(part("value"), full, None, turns) })
            }
            "string" => match shape["enum"].as_array() {
                Some(values) => values[turns.next(name, values.len())].clone(),
                None => json!("text \" é"),
            },
            "blob" => json!("AP9i"),
            "boolean" => json!(true),
            "integer" => json!(7),
            "long" => json!(9_007_199_254_740_993_i64),
            "float" | "double" => json!(0.25),
            "timestamp" => json!("2026-01-02T03:04:05.678Z"),
            other => panic!("{name} is a {other}"),
        }
    }

    fn object(&self, name: &str, full: bool, only: Option<&str>, turns: &mut Turns) -> Value {
        let (members, required) = (self.members(name), self.required(name));
        let turn = match only {
            None if self.is_union(name) => Some(turns.next(name, members.len())),
            None | Some(_) => None,
        };
        let mut object = Map::new();
        for (i, (member, target)) in members.iter().enumerate() {
            let wanted = match (only, turn) {
                (Some(only), _) => member == only || required.contains(member),
                (None, Some(turn)) => i == turn,
                (None, None) => full || required.contains(member),
            };
            if wanted {
                object.insert(member.clone(), self.made(target, full, None, turns));
            }
        }
        Value::Object(object)
    }

    /// Pairs of an operation's input and output with every member: as many as
    /// it takes until each member of each union in them, and each value of each
    /// enumeration, was in one.
    pub fn exchanges(&self, operation: &str) -> Vec<(Value, Value)> {
        let side = |side: &str| self.0["operations"][operation][side]["shape"].as_str();
        let [input, output] = ["input", "output"].map(|name| {
            self.all(side(name).unwrap_or_else(|| panic!("{operation} has no {name}")))
        });
        let count = input.len().max(output.len());
        let nth = |values: &[Value], i: usize| values[i % values.len()].clone();
        (0..count).map(|i| (nth(&input, i), nth(&output, i))).collect()
    }

    fn all(&self, name: &str) -> Vec<Value> {
        let mut turns = Turns { done: Some(BTreeMap::new()) };
        let mut values = Vec::new();
        // A shape is seen when its turn comes, so that one in a union is late.
        while values.is_empty() || !turns.is_over() {
            values.push(self.made(name, true, None, &mut turns));
            assert!(values.len() < 1000, "{name} has no end: {:?}", turns.done);
        }
        values
    }
}

/// Whose turn it is in each union and enumeration: always that of the first,
/// or of one after the other.
#[derive(Default)]
struct Turns {
    /// How many turns there were, and how many choices there are.
    done: Option<BTreeMap<String, (usize, usize)>>,
}

impl Turns {
    fn next(&mut self, name: &str, choices: usize) -> usize {
        let Some(done) = &mut self.done else { return 0 };
        let (turns, _) = done.entry(name.to_owned()).or_insert((0, choices));
        *turns += 1;
        (*turns - 1) % choices
    }

    fn is_over(&self) -> bool {
        self.done.iter().flatten().all(|(_, (turns, choices))| turns >= choices)
    }
}
