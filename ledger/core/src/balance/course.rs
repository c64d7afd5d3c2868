//! When two courses may be one that was posted twice: said in balances, and when a sheet is imported.

use jiff::civil::Date;

use super::gather::overlap;
use crate::text::{Text, compare_form};

/// What tells one person's course from another of hers. `S` is how its session is known.
#[derive(Clone, Copy, Debug)]
pub struct Course<'c, S> {
    /// The session.
    pub session: S,
    /// 培训机构名称, of its project.
    pub provider: Option<&'c Text>,
    /// First and last day.
    pub days: (Date, Date),
}

impl<S: PartialEq> Course<'_, S> {
    /// Whether they are of different sessions, of the same provider or one named alike, and on the same days: perhaps one course posted twice
    /// (DOMAIN §13.3).
    pub fn may_be_one_with(&self, other: &Self) -> bool {
        self.session != other.session
            && overlap(other.days, self.days)
            && self
                .provider
                .zip(other.provider)
                .is_some_and(|(ours, theirs)| alike(ours, theirs))
    }
}

/// Least characters of a name that stands within another's: less is a word that many names share.
const ALIKE_LEAST: usize = 3;

/// Whether two names may be one provider's: the same, or the one stands within the other, as 进修学校 does in 县教师进修学校.
fn alike(ours: &Text, theirs: &Text) -> bool {
    let (ours, theirs) = (compare_form(ours.as_str()), compare_form(theirs.as_str()));
    let (short, long) = if ours.len() <= theirs.len() {
        (&ours, &theirs)
    } else {
        (&theirs, &ours)
    };
    ours == theirs || (short.chars().count() >= ALIKE_LEAST && long.contains(short.as_str()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn two_sessions_of_one_provider_that_share_a_day_may_be_one_course() {
        let [ours, theirs] = ["县进修校", "市教育学院"].map(|name| Text::new(name).unwrap());
        let course = |session, provider, first, last| Course {
            session,
            provider,
            days: (date(2022, 3, first), date(2022, 3, last)),
        };
        let one = course(1, Some(&ours), 5, 7);
        assert!(one.may_be_one_with(&course(2, Some(&ours), 7, 9)));
        assert!(!one.may_be_one_with(&course(1, Some(&ours), 5, 7)), "the same session");
        assert!(!one.may_be_one_with(&course(2, Some(&ours), 8, 9)), "other days");
        assert!(
            !one.may_be_one_with(&course(2, Some(&theirs), 5, 7)),
            "another provider"
        );
        let named = Text::new("留坝县进修校").unwrap();
        assert!(one.may_be_one_with(&course(2, Some(&named), 7, 7)), "named alike");
        assert!(
            !course(1, None, 5, 7).may_be_one_with(&course(2, None, 5, 7)),
            "nothing known of it"
        );
    }
}
