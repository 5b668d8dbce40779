//! What several took, side by side, and what was to be reached.

use serde_json::{Value, json};

/// Rows in one unit. All ratios are to the first one.
pub struct Table {
    title: String,
    unit: &'static str,
    rows: Vec<Row>,
    goals: Vec<Goal>,
}

/// What one subject took.
pub struct Row {
    name: String,
    /// The quartiles, and the median between them.
    quartiles: [f64; 3],
    samples: usize,
    /// What else there is to say, with its name.
    more: Vec<(&'static str, f64)>,
}

/// A row's median is to be at most so many times another's and so much above.
pub struct Goal {
    row: &'static str,
    times: f64,
    above: f64,
    other: &'static str,
}

impl Row {
    pub fn new(name: impl Into<String>, mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        let at = |part: usize| samples[(samples.len() - 1) * part / 4];
        let quartiles = [at(1), at(2), at(3)];
        Row { name: name.into(), quartiles, samples: samples.len(), more: Vec::new() }
    }

    /// One more column. The first row's are the table's.
    pub fn with(mut self, name: &'static str, value: f64) -> Self {
        self.more.push((name, value));
        self
    }

    fn median(&self) -> f64 {
        self.quartiles[1]
    }
}

impl Goal {
    /// At most so many times the other. Rows are named by how they begin.
    pub fn at_most(row: &'static str, times: f64, other: &'static str) -> Self {
        Goal { row, times, above: 0.0, other }
    }

    /// At most so much above the other.
    pub fn at_most_above(row: &'static str, above: f64, other: &'static str) -> Self {
        Goal { row, times: 1.0, above, other }
    }
}

impl Table {
    pub fn new(title: impl Into<String>, unit: &'static str, rows: Vec<Row>) -> Self {
        Table { title: title.into(), unit, rows, goals: Vec::new() }
    }

    pub fn goals(mut self, goals: impl IntoIterator<Item = Goal>) -> Self {
        self.goals.extend(goals);
        self
    }

    pub fn print(&self) {
        println!("\n{}\n", self.title);
        let more = &self.rows[0].more;
        let heads: String = more.iter().map(|(name, _)| format!(" {name} |")).collect();
        println!("| | {} | quartiles | ratio |{heads}", self.unit);
        println!("| --- | --- | --- | --- |{}", " --- |".repeat(more.len()));
        for row in &self.rows {
            let [low, median, high] = row.quartiles;
            let quartiles =
                if row.samples > 1 { format!("{low:.1}-{high:.1}") } else { "one run".to_owned() };
            let cells: String = more.iter().map(|(name, _)| row.cell(name)).collect();
            let ratio = self.ratio(row);
            println!("| {} | {median:.1} | {quartiles} | {ratio:.2} |{cells}", row.name);
        }
        for goal in &self.goals {
            let (text, reached) = self.judge(goal);
            println!("\nGoal: {text}: {}", if reached { "reached" } else { "MISSED" });
        }
    }

    pub fn to_json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            let [q1, median, q3] = row.quartiles;
            let mut value = json!({
                "name": row.name,
                "q1": q1,
                "median": median,
                "q3": q3,
                "samples": row.samples,
                "ratio": self.ratio(row),
            });
            for (name, number) in &row.more {
                value[name] = json!(number);
            }
            value
        });
        let goals = self.goals.iter().map(|goal| {
            let (text, reached) = self.judge(goal);
            json!({"goal": text, "reached": reached})
        });
        json!({
            "title": self.title,
            "unit": self.unit,
            "rows": rows.collect::<Vec<_>>(),
            "goals": goals.collect::<Vec<_>>(),
        })
    }

    fn ratio(&self, row: &Row) -> f64 {
        row.median() / self.rows[0].median()
    }

    /// What was to be reached and what was, in words; and whether it was.
    fn judge(&self, goal: &Goal) -> (String, bool) {
        let Goal { row: name, times, above, other: other_name } = goal;
        let (row, other) = (self.row(name).median(), self.row(other_name).median());
        let text = if *above > 0.0 {
            let difference = row - other;
            format!(
                "{name} at most {above} {} above {other_name}, it is {difference:.1}",
                self.unit
            )
        } else {
            let ratio = row / other;
            format!("{name} at most {times:.3} times {other_name}, it is {ratio:.3}")
        };
        (text, row <= other * times + above)
    }

    fn row(&self, name: &str) -> &Row {
        let row = self.rows.iter().find(|row| row.name.starts_with(name));
        row.unwrap_or_else(|| panic!("{}: no row begins with `{name}`", self.title))
    }
}

impl Row {
    fn cell(&self, name: &str) -> String {
        let value = self.more.iter().find(|(known, _)| *known == name);
        value.map_or_else(|| " |".to_owned(), |(_, value)| format!(" {value:.2} |"))
    }
}
