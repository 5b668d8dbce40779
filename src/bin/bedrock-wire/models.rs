//! `models`: which models and inference profiles there are.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::io::{self, Write};

use bedrock_wire::client::Client;
use bedrock_wire::model::{
    FoundationModelSummary, InferenceProfileModel, InferenceProfileSummary,
    ListFoundationModelsRequest, ListInferenceProfilesRequest, ListInferenceProfilesResponse,
    ModelModality,
};
use bedrock_wire::operation::Answer;
use comfy_table::{ContentArrangement, Table};
use serde_json::value::RawValue;

use crate::args::Models;
use crate::client;
use crate::exit::{Exit, Failure};
use crate::print::{DIM, steers, visible};

const MODEL_COLUMNS: [&str; 8] =
    ["model", "name", "provider", "input", "output", "streaming", "inference", "status"];

const PROFILE_COLUMNS: [&str; 5] = ["profile", "name", "type", "status", "routes to"];

pub async fn run(args: Models) -> Result<(), Failure> {
    let client = client(&args)?;
    if args.profiles { profiles(&client, &args).await } else { models(&client, &args).await }
}

fn client(args: &Models) -> Result<Client, Failure> {
    let mut builder = client::builder(&args.caller);
    if let Some(url) = &args.endpoint_url {
        // The runtime is not asked, and so needs no region to be placed by.
        builder = builder.endpoint_url(url).control_plane_url(url);
    }
    Ok(builder.build()?)
}

async fn models(client: &Client, args: &Models) -> Result<(), Failure> {
    let mut input = ListFoundationModelsRequest::new();
    if let Some(provider) = &args.provider {
        input = input.by_provider(provider.as_str());
    }
    let list = client.list_foundation_models(&input).await?;
    let models = list.model_summaries.as_deref().unwrap_or_default();
    if models.is_empty() {
        return Ok(tell_none("models", args.provider.as_deref(), &BTreeSet::new())?);
    }
    if args.json {
        return Ok(as_sent(&list.raw, "modelSummaries")?.into_iter().try_for_each(print_json)?);
    }
    Ok(print_table(MODEL_COLUMNS, models.iter().map(model_row))?)
}

async fn profiles(client: &Client, args: &Models) -> Result<(), Failure> {
    let mut list = ProfileList::new(args);
    let mut pages = client.pages(ListInferenceProfilesRequest::new());
    let end = loop {
        match pages.next().await {
            Some(Ok(page)) => list.add(&page)?,
            Some(Err(error)) => break Err(error),
            None => break Ok(()),
        }
    };
    // What came is printed, whole or not.
    list.print_rows()?;
    end?;
    Ok(list.tell_if_none()?)
}

/// The profiles that are wanted, of all pages.
struct ProfileList<'a> {
    json: bool,
    provider: Option<&'a str>,
    /// Of the table, whose columns are as wide as the widest row of all pages.
    rows: Vec<[String; 5]>,
    found: bool,
    /// Those of the profiles that are not wanted.
    others: BTreeSet<String>,
}

impl<'a> ProfileList<'a> {
    fn new(args: &'a Models) -> Self {
        let provider = args.provider.as_deref();
        ProfileList {
            json: args.json,
            provider,
            rows: Vec::new(),
            found: false,
            others: BTreeSet::new(),
        }
    }

    fn add(&mut self, page: &Answer<ListInferenceProfilesResponse>) -> Result<(), Failure> {
        let profiles = page.inference_profile_summaries.iter().flatten();
        for (profile, sent) in profiles.zip(as_sent(&page.raw, "inferenceProfileSummaries")?) {
            if !self.wants(profile) {
                self.others.extend(providers(profile).map(str::to_owned));
                continue;
            }
            self.found = true;
            if self.json {
                print_json(sent)?;
            } else {
                self.rows.push(profile_row(profile));
            }
        }
        Ok(())
    }

    /// The service has no such filter for profiles.
    fn wants(&self, profile: &InferenceProfileSummary) -> bool {
        let is_wanted = |wanted| providers(profile).any(|found| found.eq_ignore_ascii_case(wanted));
        self.provider.is_none_or(is_wanted)
    }

    fn print_rows(&mut self) -> io::Result<()> {
        print_table(PROFILE_COLUMNS, std::mem::take(&mut self.rows))
    }

    fn tell_if_none(&self) -> io::Result<()> {
        if self.found {
            return Ok(());
        }
        tell_none("inference profiles", self.provider, &self.others)
    }
}

/// Says on stderr that a list is empty, and which providers would not be.
fn tell_none(what: &str, provider: Option<&str>, others: &BTreeSet<String>) -> io::Result<()> {
    let mut note = format!("the service lists no {what}");
    if let Some(provider) = provider {
        note.extend([" of the provider ", provider]);
    }
    if !others.is_empty() {
        let others: Vec<_> = others.iter().map(String::as_str).collect();
        note.extend(["; there are some of ", &others.join(", ")]);
    }
    writeln!(anstream::stderr(), "{DIM}{}{DIM:#}", visible(&note))
}

fn model_row(model: &FoundationModelSummary) -> [String; 8] {
    let modalities = |list| joined(list, ModelModality::as_str);
    let streaming = model.response_streaming_supported.map(|yes| if yes { "yes" } else { "no" });
    [
        model.model_id.to_string(),
        or_dash(model.model_name.as_deref()),
        or_dash(model.provider_name.as_deref()),
        modalities(model.input_modalities.as_deref()),
        modalities(model.output_modalities.as_deref()),
        or_dash(streaming),
        joined(model.inference_types_supported.as_deref(), |kind| kind.as_str()),
        or_dash(model.model_lifecycle.as_ref().map(|lifecycle| lifecycle.status.as_str())),
    ]
}

fn profile_row(profile: &InferenceProfileSummary) -> [String; 5] {
    [
        profile.inference_profile_id.to_string(),
        profile.inference_profile_name.to_string(),
        profile.r#type.to_string(),
        profile.status.to_string(),
        routes(profile),
    ]
}

fn or_dash(text: Option<&str>) -> String {
    text.unwrap_or("-").to_owned()
}

fn joined<T>(list: Option<&[T]>, name: impl Fn(&T) -> &str) -> String {
    let names: Vec<_> = list.unwrap_or_default().iter().map(name).collect();
    if names.is_empty() { or_dash(None) } else { names.join(",") }
}

/// Region and id of a model by its ARN. One of a global profile's has no
/// region; an id that is no ARN is taken as it is.
fn place(model: &InferenceProfileModel) -> (&str, &str) {
    let arn = model.model_arn.as_deref().unwrap_or_default();
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let ["arn", _, _, region, _, resource] = parts[..] else { return ("", arn) };
    (region, resource.split_once('/').map_or(resource, |(_, id)| id))
}

/// What the ids of a profile's models have before their first dot.
fn providers(profile: &InferenceProfileSummary) -> impl Iterator<Item = &str> {
    let ids = profile.models.iter().map(|model| place(model).1);
    ids.filter_map(|id| id.split_once('.')).map(|(provider, _)| provider)
}

/// `a.b-v1:0 in us-east-1, us-west-2`, mostly for one model.
fn routes(profile: &InferenceProfileSummary) -> String {
    let (mut routes, mut last) = (String::new(), None);
    for model in &profile.models {
        let (region, id) = place(model);
        let region = if region.is_empty() { "any region" } else { region };
        if last == Some(id) {
            routes.extend([", ", region]);
        } else {
            let separator = if last.is_some() { "; " } else { "" };
            routes.extend([separator, id, " in ", region]);
        }
        last = Some(id);
    }
    routes
}

fn print_table<const N: usize>(
    columns: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> io::Result<()> {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(columns);
    for row in rows {
        table.add_row(row.map(|cell| visible(&cell).into_owned()));
    }
    writeln!(io::stdout(), "{}", table.trim_fmt())
}

/// The items of a list in an answer, to the byte.
fn as_sent<'a>(answer: &'a [u8], list: &str) -> Result<Vec<&'a RawValue>, Failure> {
    let read = || {
        let members: HashMap<String, &RawValue> = serde_json::from_slice(answer)?;
        let items = members.get(list).map(|items| serde_json::from_str(items.get()));
        Ok(items.transpose()?.flatten().unwrap_or_default())
    };
    read().map_err(|error: serde_json::Error| Failure::new(Exit::Service, error))
}

fn print_json(json: &RawValue) -> io::Result<()> {
    writeln!(io::stdout(), "{}", one_line(json.get()))
}

/// JSON of the same value on one line that no terminal obeys: white space is
/// between values only, and all else that steers is in strings only.
fn one_line(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\n' | '\r' | '\t' => line.push(' '),
            c if steers(c) => {
                // A string takes everything.
                let _ = write!(line, "\\u{:04x}", u32::from(c));
            }
            c => line.push(c),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_models_region_and_id_are_in_its_arn() {
        for (arn, expected) in [
            (
                "arn:aws:bedrock:us-east-1::foundation-model/a.b-v1:0:9k",
                ("us-east-1", "a.b-v1:0:9k"),
            ),
            ("arn:aws:bedrock:::foundation-model/a.b-v1:0", ("", "a.b-v1:0")),
            (
                "arn:aws:bedrock:eu-west-1:123456789012:custom-model/a.b:0:9k/0a1b",
                ("eu-west-1", "a.b:0:9k/0a1b"),
            ),
            ("arn:aws:bedrock", ("", "arn:aws:bedrock")),
            ("a.b-v1:0", ("", "a.b-v1:0")),
            ("", ("", "")),
        ] {
            assert_eq!(place(&InferenceProfileModel::new().model_arn(arn)), expected);
        }
        assert_eq!(place(&InferenceProfileModel::new()), ("", ""));
    }

    #[test]
    fn json_on_one_line_is_the_same_value_and_steers_nothing() {
        let json = "{\r\n\t\"a\" : \"\u{9b}31m\u{7f}\u{202e}\\n\\\\\",\n\"é\":1.0}";
        let line = one_line(json);
        assert_eq!(line, r#"{   "a" : "\u009b31m\u007f\u202e\n\\", "é":1.0}"#);
        let value = |json| serde_json::from_str::<Value>(json).unwrap();
        assert_eq!(value(&line), value(json));
    }
}
