//! Schemas of the program's own types, as the service takes them.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// The formats that may stand in the schema of structured output.
///
/// Anthropic: [Structured outputs](https://platform.claude.com/docs/en/build-with-claude/structured-outputs).
const FORMATS: &[&str] =
    &["date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uri", "uuid"];

/// Members that no schema of structured output may have, whatever their value.
const CONSTRAINTS: &[&str] = &[
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "uniqueItems",
];

/// The schema of a tool's input.
pub(super) fn of_input<T: JsonSchema + ?Sized>() -> Value {
    let mut schema = of::<T>();
    // The tool has a description of its own.
    schema.remove("description");
    schema.to_value()
}

/// The schema of structured output.
pub(super) fn of_output<T: JsonSchema + ?Sized>() -> Value {
    let mut schema = of::<T>();
    RecursiveTransform(fit).transform(&mut schema);
    schema.to_value()
}

/// Draft 2020-12, for what the model writes and `T` is read from. Nova refuses
/// `$schema`, `title` and `$defs` at the top ("extraneous key").
fn of<T: JsonSchema + ?Sized>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_deserialize().with(|settings| {
        settings.meta_schema = None;
        settings.inline_subschemas = true;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.remove("title");
    schema
}

/// Does to a schema what Anthropic's own SDKs do before they send it.
fn fit(schema: &mut Schema) {
    if is_object(schema) && schema.get("additionalProperties").is_none() {
        schema.insert("additionalProperties".into(), false.into());
    }
    if let Some(variants) = schema.remove("oneOf") {
        schema.insert("anyOf".into(), variants);
    }
    let told = take_constraints(schema);
    if !told.is_empty() {
        let told = format!("{{{}}}", told.join(", "));
        let description = match schema.get("description").and_then(Value::as_str) {
            Some(description) => format!("{description}\n\n{told}"),
            None => told,
        };
        schema.insert("description".into(), description.into());
    }
}

/// Whether an instance is an object, or an object or null.
fn is_object(schema: &Schema) -> bool {
    match schema.get("type") {
        Some(Value::Array(types)) => types.iter().any(|kind| kind == "object"),
        Some(kind) => kind == "object",
        None => false,
    }
}

/// Takes the members out that the service refuses.
fn take_constraints(schema: &mut Schema) -> Vec<String> {
    let members = schema.as_object().into_iter().flatten();
    let refused = members.filter(|(name, value)| is_refused(name, value));
    let names: Vec<_> = refused.map(|(name, _)| name.clone()).collect();
    let take = |name| schema.remove(&name).map(|value| format!("{name}: {value}"));
    names.into_iter().filter_map(take).collect()
}

fn is_refused(name: &str, value: &Value) -> bool {
    match name {
        "format" => value.as_str().is_none_or(|format| !FORMATS.contains(&format)),
        "minItems" => value.as_u64().is_none_or(|items| items > 1),
        name => CONSTRAINTS.contains(&name),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Said of the type.
    #[derive(JsonSchema)]
    #[schemars(title = "A title")]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Journey {
        /// Where to.
        to: Place,
        via: Option<Place>,
        class: Class,
        seat: Option<Seat>,
        /// A property that is called as a constraint is.
        minimum: u8,
        #[schemars(length(min = 2, max = 9))]
        names: Vec<String>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Place {
        city: String,
        #[schemars(extend("format" = "date"))]
        day: String,
    }

    #[derive(JsonSchema)]
    #[schemars(rename_all = "snake_case")]
    #[expect(dead_code, reason = "only its schema is looked at")]
    enum Class {
        First,
        Second,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    enum Seat {
        Row {
            number: u32,
        },
        /// Anywhere.
        Any,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Tree {
        branches: Vec<Tree>,
    }

    #[test]
    fn a_tools_schema_has_at_its_top_what_nova_takes_and_nothing_else() {
        let schema = of_input::<Journey>();
        let members: Vec<_> = schema.as_object().unwrap().keys().collect();
        assert_eq!(members, ["properties", "required", "type"]);
        assert_eq!(schema["type"], "object");
    }

    #[test]
    fn a_tools_schema_holds_nested_types_enums_and_options_in_place() {
        let place = json!({
            "type": "object",
            "properties": {"city": {"type": "string"}, "day": {"type": "string", "format": "date"}},
            "required": ["city", "day"],
        });
        let schema = of_input::<Journey>();
        let mut to = place.clone();
        to["description"] = "Where to.".into();
        assert_eq!(schema["properties"]["to"], to);
        let mut via = place;
        via["type"] = json!(["object", "null"]);
        assert_eq!(schema["properties"]["via"], via);
        let class = json!({"type": "string", "enum": ["first", "second"]});
        assert_eq!(schema["properties"]["class"], class);
        assert_eq!(schema["required"], json!(["to", "class", "minimum", "names"]));
        assert!(!schema.to_string().contains("$ref"), "{schema}");
    }

    #[test]
    fn a_type_that_holds_itself_keeps_its_reference() {
        let schema = of_input::<Tree>();
        assert_eq!(schema["properties"]["branches"]["items"], json!({"$ref": "#"}));
    }

    #[test]
    fn every_object_of_structured_output_is_closed() {
        let schema = of_output::<Journey>();
        let seat = &schema["properties"]["seat"]["anyOf"][0]["anyOf"][0];
        let row = &seat["properties"]["Row"];
        let [to, via] = ["to", "via"].map(|name| &schema["properties"][name]);
        for object in [&schema, to, via, seat, row] {
            assert_eq!(object["additionalProperties"], json!(false), "{object}");
        }
        assert!(!schema.to_string().contains("oneOf"), "{schema}");
    }

    #[test]
    fn what_structured_output_may_not_constrain_is_told_in_words() {
        let schema = of_output::<Journey>();
        let minimum = json!({
            "type": "integer",
            "description": "A property that is called as a constraint is.\n\n{format: \"uint8\", maximum: 255, minimum: 0}",
        });
        assert_eq!(schema["properties"]["minimum"], minimum);
        let names = json!({
            "type": "array",
            "items": {"type": "string"},
            "description": "{maxItems: 9, minItems: 2}",
        });
        assert_eq!(schema["properties"]["names"], names);
        assert_eq!(schema["properties"]["to"]["properties"]["day"]["format"], "date");
        assert_eq!(schema["description"], "Said of the type.");
    }
}
