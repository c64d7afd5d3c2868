//! What several commands need: the teacher meant, the moment asked about, dates and verdicts.

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
pub(super) use keshi_client::each_page;
use keshi_core::ids::TeacherId;
use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_sheets::read::{Unread, bounded};
use keshi_words::people::{meant, schools};
pub(crate) use keshi_words::reason::why_not;
pub(super) use keshi_words::time::{date, dates, timestamp};

use crate::Ctx;
use crate::cli::AtArgs;
use crate::exit::{Exit, Failure, Outcome, Say, say};
use crate::remote::Session;
use crate::show::json;
use crate::show::table::{Align, Table, Width};

/// Largest document that is read, in bytes; policies and calendars are smaller.
const TEXT_BYTES_MAX: u64 = 1024 * 1024;

/// Where in the log the question is asked.
pub(super) fn at(args: &AtArgs) -> Option<api::At> {
    let at = match (args.at_size, args.as_of, args.official) {
        (Some(size), ..) => Some(api::at::At::Size(size)),
        (None, Some(time), _) => Some(api::at::At::Time(timestamp(time.0))),
        (None, None, Some(year)) => Some(api::at::At::OfficialYear(year.into())),
        (None, None, None) => None,
    };
    let min_size = args.min_size.unwrap_or(0);
    (at.is_some() || min_size > 0).then_some(api::At { at, min_size })
}

/// The ledger of so many entries.
pub(super) fn at_size(size: u64) -> api::At {
    api::At {
        at: Some(api::at::At::Size(size)),
        min_size: 0,
    }
}

/// The ledger as recorded up to this time.
pub(super) fn at_time(time: Timestamp) -> api::At {
    api::At {
        at: Some(api::at::At::Time(timestamp(time))),
        min_size: 0,
    }
}

/// The receipt, once the ledger has it; told to programs at once.
pub(super) fn taken<'r>(ctx: &mut Ctx<'_>, response: &'r api::SubmitResponse) -> Outcome<&'r api::Receipt> {
    if ctx.globals.json {
        json::print(response, &mut ctx.io.stdout)?;
    }
    response.receipt.as_ref().ok_or_else(|| {
        let id = &response.submission_id;
        ctx.note(&say(
            format!("已接收，尚未入账（提交编号 {id}）；稍后再运行一次本命令，即知结果"),
            format!("accepted, not yet in the ledger (submission {id}); run this again later to hear"),
        ));
        Failure::silent(Exit::Accepted)
    })
}

/// The teacher whom a question is about: by id or name, or, as an empty id, whoever asks.
pub(super) async fn teacher_or_self(
    session: &Session,
    screen: (Lang, Width),
    text: Option<&str>,
    purpose: &str,
) -> Outcome<String> {
    match text {
        Some(text) => teacher(session, screen, text, purpose).await,
        None => Ok(String::new()),
    }
}

/// The id of the teacher meant by an id, a name, or a part of a name.
pub(super) async fn teacher(session: &Session, screen: (Lang, Width), text: &str, purpose: &str) -> Outcome<String> {
    if TeacherId::new(text).is_ok() {
        return Ok(text.to_owned());
    }
    let request = session.call(api::FindPeopleRequest {
        name: text.to_owned(),
        purpose: purpose.to_owned(),
        limit: 0,
    });
    let answer = session.ledger().find_people(request).await;
    chosen(
        &answer.map_err(|status| session.failed(&status))?.into_inner(),
        text,
        screen,
    )
}

/// The one whom `text` names, or why it names nobody or several.
fn chosen(found: &api::FindPeopleResponse, text: &str, screen: (Lang, Width)) -> Outcome<String> {
    let unclear = match meant(found, text) {
        Ok(id) => return Ok(id.to_owned()),
        Err(unclear) => unclear,
    };
    let listed = || Say::same(listed(unclear.people, found.total, screen));
    let next = unclear.remedy.unwrap_or_else(listed);
    Err(Failure::failed(unclear.why).and(next))
}

/// People with school and subject, and how many of `total` are left out.
fn listed(people: &[api::PersonMatch], total: i64, (lang, Width(width)): (Lang, Width)) -> String {
    let mut table = Table::new([
        (lang.pick("教师编号", "teacher id"), Align::Left),
        (lang.pick("姓名", "name"), Align::Left),
        (lang.pick("学校", "school"), Align::Left),
        (lang.pick("学科", "subject"), Align::Left),
    ]);
    for person in people {
        table.row([
            person.teacher_id.clone(),
            person.name.clone(),
            schools(person, lang),
            person.subject.clone(),
        ]);
    }
    // It stands below what is wrong, and to the right of it.
    let mut text = table.render(Width(width.map(|width| width.saturating_sub(2))));
    match total - i64::try_from(people.len()).unwrap_or(total) {
        ..=0 => {}
        more => text += &lang.pick(format!("另有 {more} 位"), format!("and {more} more")),
    }
    text.trim_end().replace('\n', "\n  ")
}

/// A file that is taken as it is.
///
/// # Errors
///
/// It cannot be read, is none, or has more than so many bytes.
pub(crate) fn read_bytes(path: &Path, max: u64) -> Outcome<Vec<u8>> {
    let shown = path.display();
    bounded(path, max).map_err(|unread| match unread {
        Unread::Io(error) => Failure::failed(
            say(
                format!("无法读取 {shown}：请核对路径"),
                format!("{shown} cannot be read: check the path"),
            )
            .because(&error),
        ),
        Unread::NoFile => Failure::failed(say(
            format!("{shown} 不是文件：请指定一个文件"),
            format!("{shown} is no file: name a file"),
        )),
        Unread::TooLarge(_) => Failure::failed(say(
            format!("{shown} 太大：至多 {max} 字节"),
            format!("{shown} is too large: at most {max} bytes are taken"),
        )),
    })
}

/// The text of a file that the user named.
pub(crate) fn read_text(path: &Path) -> Outcome<String> {
    let shown = path.display();
    let bytes = read_bytes(path, TEXT_BYTES_MAX)?;
    String::from_utf8(bytes).map_err(|_| {
        Failure::failed(say(
            format!("{shown} 不是 UTF-8 文本：请另存为 UTF-8"),
            format!("{shown} is not text in UTF-8: save it so"),
        ))
    })
}

/// A progress bar on stderr, hidden unless a person looks at it.
pub(crate) fn percent_bar(ctx: &Ctx<'_>, what: &Say) -> ProgressBar {
    bar(ctx.io.stderr_is_terminal, what.pick(ctx.lang))
}

/// A progress bar, hidden unless it is shown on a terminal.
pub(super) fn bar(is_terminal: bool, what: &str) -> ProgressBar {
    if !is_terminal {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {eta}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::TimeArg;

    #[test]
    fn a_question_without_a_place_is_about_the_newest() {
        assert_eq!(at(&AtArgs::default()), None);
        let size = at(&AtArgs {
            at_size: Some(7),
            ..AtArgs::default()
        })
        .unwrap();
        assert_eq!(size.at, Some(api::at::At::Size(7)));
        let time = AtArgs {
            as_of: Some("1969-12-31T23:59:59.5Z".parse::<TimeArg>().unwrap()),
            ..AtArgs::default()
        };
        let Some(api::at::At::Time(time)) = at(&time).unwrap().at else {
            panic!("no time")
        };
        assert_eq!((time.seconds, time.nanos), (-1, 500_000_000));
    }

    #[test]
    fn namesakes_are_listed_with_school_and_subject() {
        let people = [person("T1", "王芳"), person("T20", "王芳")];
        let text = listed(&people, 2, (Lang::Zh, Width::ANY));
        assert!(text.contains("T1 ") && text.contains("城关小学  语文"), "{text}");
    }

    fn person(id: &str, name: &str) -> api::PersonMatch {
        api::PersonMatch {
            teacher_id: id.into(),
            name: name.into(),
            school_ids: vec!["S1".into()],
            school_names: vec!["城关小学".into()],
            subject: "语文".into(),
        }
    }

    #[test]
    fn a_whole_name_is_its_bearer_and_a_part_is_the_only_one_or_a_list_that_says_how_many_more() {
        let found = |people: &[(&str, &str)], total| api::FindPeopleResponse {
            people: people.iter().map(|(id, name)| person(id, name)).collect(),
            total,
            ..api::FindPeopleResponse::default()
        };
        let both = found(&[("T1", "王芳"), ("T2", "王芳芳")], 2);
        assert_eq!(chosen(&both, "王 芳", (Lang::Zh, Width::ANY)).unwrap(), "T1");
        assert_eq!(
            chosen(&found(&[("T2", "王芳芳")], 1), "芳芳", (Lang::Zh, Width::ANY)).unwrap(),
            "T2"
        );
        let many = chosen(
            &found(&[("T1", "王芳"), ("T2", "王芳芳")], 500),
            "王",
            (Lang::Zh, Width::ANY),
        );
        let text = many.unwrap_err().text(Lang::Zh);
        assert!(
            text.contains("有 500 位") && text.contains("T2") && text.contains("另有 498 位"),
            "{text}"
        );
        let two = chosen(
            &found(&[("T1", "王芳"), ("T2", "王芳"), ("T3", "王芳芳")], 3),
            "王芳",
            (Lang::En, Width::ANY),
        );
        let text = two.unwrap_err().text(Lang::En);
        assert!(text.contains("2 teachers are named") && !text.contains("T3"), "{text}");
        let none = chosen(&found(&[], 0), "王", (Lang::En, Width::ANY)).unwrap_err();
        assert!(none.text(Lang::En).contains("about whom you may read"), "{none:?}");
    }
}
