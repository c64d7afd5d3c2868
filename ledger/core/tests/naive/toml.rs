//! Writes a modelled policy as the TOML document that an office would adopt.

mod ladder;

use std::fmt::Write as _;

use keshi_core::codes::Level;

use crate::fraction::Fraction;
use crate::model::{
    Attribution, Base, Cap, Carry, Conversion, Cycle, Factor, FirstPeriod, Grace, Length, Limit, OnlyIf, Part, Per,
    PersonalStart, Policy, Prorate, Requirement, Rounding, Shares, Span, Substitution, Where,
};

/// `4.5`, quoted, as decimals must be.
fn amount(hundredths: i64) -> String {
    quoted(&Fraction::new(hundredths.into(), 100).text())
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn fraction(value: Fraction) -> String {
    quoted(&value.text())
}

fn list<T>(values: &[T], word: impl Fn(&T) -> String) -> String {
    let words: Vec<String> = values.iter().map(word).collect();
    format!("[{}]", words.join(", "))
}

fn code(level: Level) -> String {
    level.code().to_string()
}

fn table<K, V>(rows: &[(K, V)], key: impl Fn(&K) -> String, value: impl Fn(&V) -> String) -> String {
    let rows: Vec<String> = rows.iter().map(|(k, v)| format!("{} = {}", key(k), value(v))).collect();
    format!("{{{}}}", rows.join(", "))
}

/// The document; keys that have their default value are left out unless the version is even, so that both are read.
pub fn document(policy: &Policy) -> String {
    let mut out = String::new();
    let explicit = policy.version.is_multiple_of(2);
    let mut line = |key: &str, value: String| writeln!(out, "{key} = {value}").unwrap();
    line("language", "1".to_owned());
    line("id", quoted(policy.id));
    line("version", policy.version.to_string());
    line("name", quoted("规则"));
    line("effective_from", policy.from.to_string());
    if let Some(to) = policy.to {
        line("effective_to", to.to_string());
    }
    if policy.retroactive {
        line("retroactive", "true".to_owned());
    }
    if explicit || policy.first_period != FirstPeriod::NotDue {
        let word = match policy.first_period {
            FirstPeriod::NotDue => "not_due",
            FirstPeriod::Full => "full",
            FirstPeriod::Prorated => "prorated",
        };
        line("first_period", quoted(word));
    }
    if explicit || policy.attribution != Attribution::End {
        let word = match policy.attribution {
            Attribution::End => "end",
            Attribution::Start => "start",
            Attribution::Split => "split_by_session",
        };
        line("attribution", quoted(word));
    }
    if explicit || policy.rounding != Rounding::HalfUpHundredth {
        let word = match policy.rounding {
            Rounding::HalfUpHundredth => "half_up_0.01",
            Rounding::DownHundredth => "down_0.01",
            Rounding::DownWhole => "down_1",
        };
        line("rounding", quoted(word));
    }
    if explicit || policy.min_presence != Fraction::new(2, 3) {
        line("min_presence", fraction(policy.min_presence));
    }
    if explicit || !policy.best_only {
        line("same_work", quoted(if policy.best_only { "best_only" } else { "all" }));
    }
    out.push_str("[scope]\n");
    writeln!(out, "post = {}", list(&policy.scope, |post| quoted(post.zh()))).unwrap();
    if explicit || !policy.by_share {
        writeln!(out, "by_share = {}", policy.by_share).unwrap();
    }
    if let Some(cycle) = &policy.cycle {
        out.push_str(&of_cycle(cycle));
    }
    policy
        .requirements
        .iter()
        .for_each(|row| out.push_str(&of_requirement(row)));
    policy
        .conversions
        .iter()
        .for_each(|row| out.push_str(&of_conversion(row)));
    policy.caps.iter().for_each(|row| out.push_str(&of_cap(row)));
    policy
        .substitutions
        .iter()
        .for_each(|row| out.push_str(&of_substitution(row)));
    for row in &policy.one_of {
        let ids = list(&row.requirements, |id| quoted(id));
        writeln!(out, "[[one_of]]\nid = \"{}\"\nrequirements = {ids}", row.id).unwrap();
    }
    policy.steps.iter().for_each(|row| out.push_str(&ladder::step(row)));
    out
}

fn of_cycle(cycle: &Cycle) -> String {
    let mut out = match cycle.span {
        Span::Once { from, to } => format!("[cycle]\nfrom = {from}\nto = {to}\n"),
        Span::Repeating { from, length } => format!("[cycle]\nfrom = {from}\n{}\n", of_length(length, "")),
        Span::Personal { start, length } => {
            let start = match start {
                PersonalStart::HiredOn => "hired_on",
                PersonalStart::CareerFrom => "career_from",
                PersonalStart::Title => "title",
            };
            format!("[cycle]\nstart = \"{start}\"\n{}\n", of_length(length, ""))
        }
    };
    if let Some(window) = cycle.window {
        let word = match cycle.grace {
            Grace::Ended => "ended",
            Grace::EndedIfShort => "ended_if_short",
            Grace::UntilAllMet => "ended_until_all_met",
        };
        writeln!(out, "{}\ngrace = \"{word}\"", of_length(window, "grace_")).unwrap();
    }
    out
}

fn of_length(length: Length, prefix: &str) -> String {
    match length {
        Length::Years(years) => format!("{prefix}years = {years}"),
        Length::Months(months) => format!("{prefix}months = {months}"),
        Length::Days(days) => format!("{prefix}days = {days}"),
    }
}

/// The filters as an inline table, `None` if there are none.
fn of_where(filter: &Where) -> Option<String> {
    let mut keys = Vec::new();
    if !filter.levels.is_empty() {
        keys.push(format!("level = {}", list(&filter.levels, |level| code(*level))));
    }
    if !filter.modes.is_empty() {
        keys.push(format!("mode = {}", list(&filter.modes, |mode| quoted(mode.zh()))));
    }
    let words = [
        ("category", &filter.categories),
        ("topic", &filter.topics),
        ("type", &filter.types),
    ];
    for (key, values) in words {
        match values.as_slice() {
            [] => {}
            more => keys.push(format!("{key} = {}", list(more, |word| quoted(word)))),
        }
    }
    if !filter.kinds.is_empty() {
        keys.push(format!("kind = {}", list(&filter.kinds, |kind| quoted(kind.word()))));
    }
    if !filter.conversions.is_empty() {
        keys.push(format!("conversion = {}", list(&filter.conversions, |id| quoted(id))));
    }
    (!keys.is_empty()).then(|| format!("{{{}}}", keys.join(", ")))
}

fn of_requirement(row: &Requirement) -> String {
    let mut out = format!(
        "[[requirement]]\nid = \"{}\"\nmeter = \"{}\"\nperiod = \"{}\"\n",
        row.id,
        row.meter.word(),
        row.period.word(),
    );
    let mut line = |key: &str, value: String| writeln!(out, "{key} = {value}").unwrap();
    match &row.min_share_of {
        None => line("min", amount(row.min)),
        Some((of, share)) => line(
            "min_share_of",
            format!("{{requirement = \"{of}\", share = {}}}", fraction(*share)),
        ),
    }
    if let Some(target) = row.target {
        line("target", amount(target));
    }
    if let Some(filter) = of_where(&row.filter) {
        line("where", filter);
    }
    if !row.types.is_empty() {
        line("types", list(&row.types, |word| quoted(word.zh())));
    }
    match row.only_if {
        None => {}
        Some(OnlyIf::NewTeacher) => line("only_if", quoted("新教师")),
        Some(OnlyIf::Post(post)) => line("only_if", quoted(post.zh())),
    }
    if !row.skip_months.is_empty() {
        line("skip_months", list(&row.skip_months, ToString::to_string));
    }
    match row.prorate {
        None => {}
        Some(Prorate::Month) => line("prorate", quoted("month")),
        Some(Prorate::TeachingWeek) => line("prorate", quoted("teaching_week")),
        Some(Prorate::Not) => line("prorate", quoted("none")),
    }
    if let Some(record) = row.then_record {
        line("then_record", amount(record));
    }
    if let Some(carry) = &row.carry {
        line("carry", of_carry(carry));
    }
    out
}

fn of_carry(carry: &Carry) -> String {
    let mut keys = Vec::new();
    if carry.share != Fraction::ONE {
        keys.push(format!("share = {}", fraction(carry.share)));
    }
    if let Some(max) = carry.max {
        keys.push(format!("max = {}", amount(max)));
    }
    if let Some(filter) = of_where(&carry.filter) {
        keys.push(format!("where = {filter}"));
    }
    if carry.within_cycle {
        keys.push("within = \"cycle\"".to_owned());
    }
    if carry.only_if_met {
        keys.push("only_if = \"met_without_grace\"".to_owned());
    }
    if let Some(cap) = &carry.fills {
        keys.push(format!("fills = \"{cap}\""));
    }
    if carry.expires_after != 1 {
        keys.push(format!("expires_after = {}", carry.expires_after));
    }
    format!("{{{}}}", keys.join(", "))
}

fn of_conversion(row: &Conversion) -> String {
    let mut out = format!(
        "[[conversion]]\nid = \"{}\"\nkind = \"{}\"\nmeter = \"{}\"\n",
        row.id,
        row.kind.word(),
        row.meter.word()
    );
    let mut line = |key: &str, value: String| writeln!(out, "{key} = {value}").unwrap();
    if !row.roles.is_empty() {
        line("role", list(&row.roles, |word| quoted(word)));
    }
    if !row.events.is_empty() {
        line("event", list(&row.events, |word| quoted(word.zh())));
    }
    if let Some(filter) = of_where(&row.filter) {
        line("where", filter);
    }
    if !row.awards.is_empty() {
        line("award", list(&row.awards, |word| quoted(word.zh())));
    }
    if !row.posts.is_empty() {
        line("post", list(&row.posts, |post| quoted(post.zh())));
    }
    if !row.work_kinds.is_empty() {
        line("work_kind", list(&row.work_kinds, |word| quoted(word)));
    }
    let (key, value) = of_base(&row.base);
    line(key, value);
    match &row.factor {
        Factor::None => {}
        Factor::Plain(value) => line("factor", fraction(*value)),
        Factor::ByLevel(rows) => line("factor_by_level", table(rows, |level| code(*level), |v| fraction(*v))),
    }
    match row.per {
        None => {}
        Some(Per::Day) => line("per", quoted("day")),
        Some(Per::HalfDay) => line("per", quoted("half_day")),
        Some(Per::Semester) => line("per", quoted("semester")),
    }
    if !row.if_result.is_empty() {
        line(
            "if_result",
            table(&row.if_result, |result| quoted(result), |v| fraction(*v)),
        );
    }
    let part = |part| match part {
        Part::Fraction(value) => fraction(value),
        Part::Equal => quoted("equal"),
    };
    match row.shares {
        Shares::Whole => {}
        Shares::Equal => line("shares", quoted("equal")),
        Shares::Parts { lead, member } => {
            line("lead_share", part(lead));
            line("member_share", part(member));
        }
    }
    if let Some(presence) = row.min_presence {
        line("min_presence", fraction(presence));
    }
    if let Some(max) = row.per_day_max {
        line("per_day_max", amount(max));
    }
    if let Some(period) = row.best_only_per {
        line("best_only_per", quoted(period.word()));
    }
    if let Some(level) = row.counts_as_level {
        line("counts_as_level", code(level));
    }
    if let Some(category) = row.counts_as_category {
        line("counts_as_category", quoted(category));
    }
    out
}

fn of_base(base: &Base) -> (&'static str, String) {
    match base {
        Base::HoursPresent => ("hours", quoted("hours_present")),
        Base::Periods => ("hours", quoted("periods")),
        Base::Lessons => ("count", quoted("lessons")),
        Base::Talks => ("count", quoted("talks")),
        Base::Fixed(hours) => ("hours", amount(*hours)),
        Base::ByLevel(rows) => ("hours_by_level", table(rows, |level| code(*level), |v| amount(*v))),
        Base::ByAward(rows) => ("hours_by_award", table(rows, |a| quoted(a.zh()), |v| amount(*v))),
        Base::ByLevelAward(rows) => (
            "hours_by_level_award",
            table(
                rows,
                |level| code(*level),
                |awards| table(awards, |a| quoted(a.zh()), |v| amount(*v)),
            ),
        ),
    }
}

fn of_cap(row: &Cap) -> String {
    let mut out = format!(
        "[[cap]]\nid = \"{}\"\nmeter = \"{}\"\nperiod = \"{}\"\n",
        row.id,
        row.meter.word(),
        row.period.word()
    );
    let mut line = |key: &str, value: String| writeln!(out, "{key} = {value}").unwrap();
    if let Some(filter) = of_where(&row.filter) {
        line("where", filter);
    }
    match &row.limit {
        Limit::Max(max) => line("max", amount(*max)),
        Limit::ShareOf { requirement, share } => {
            let share = fraction(*share);
            line(
                "max_share_of",
                format!("{{requirement = \"{requirement}\", share = {share}}}"),
            );
        }
        Limit::NotAbove(filter) => line("not_above", of_where(filter).unwrap_or_else(|| "{}".to_owned())),
    }
    if row.across_versions {
        line("across_versions", "true".to_owned());
    }
    out
}

fn of_substitution(row: &Substitution) -> String {
    format!(
        "[[substitution]]\nid = \"{}\"\nfrom = \"{}\"\nto = \"{}\"\nmax = {}\n",
        row.id,
        row.from,
        row.to,
        amount(row.max)
    )
}
