//! What ties single persons to schools and pools, told as the organisations that they make.

use jiff::civil::Date;
use keshi_core::codes::ExpertPool;
use keshi_core::ids::TeacherId;
use keshi_core::state::{At, Tie, TiedTo};
use keshi_core::text::compare_form;
use keshi_proto::{api, date_to_wire};

use super::{member, school};

/// 联系点: of each researcher the schools that she looks after on the day.
pub(super) fn linked(at: At<'_>, on: Date) -> Vec<api::Organisation> {
    let mut links: Vec<Tie> = at.ties(on);
    links.retain(|tie| matches!(tie.to, TiedTo::School(_)));
    links.sort_by_key(|tie| tie.teacher_id);
    let of_one = links.chunk_by(|one, other| one.teacher_id == other.teacher_id);
    of_one.filter_map(|links| of_researcher(at, links, on)).collect()
}

fn of_researcher(at: At<'_>, links: &[Tie], on: Date) -> Option<api::Organisation> {
    let id: TeacherId = links.first()?.teacher_id;
    let schools = links.iter().filter_map(|tie| match &tie.to {
        TiedTo::School(id) => Some(api::OrganisationSchool {
            since: Some(date_to_wire(tie.from)),
            until: tie.until.map(date_to_wire),
            index: tie.index.into(),
            ..school(at, id, on)
        }),
        TiedTo::Pool(..) => None,
    });
    Some(api::Organisation {
        kind: api::OrganisationKind::LinkedSchools.into(),
        id: id.to_string(),
        members: vec![member(at, &id, true, on)],
        schools: schools.collect(),
        ..gathered(links)
    })
}

/// 专家库: of each pool and subject the experts on the day.
pub(super) fn pooled(at: At<'_>, on: Date) -> Vec<api::Organisation> {
    let mut experts = at.ties(on);
    experts.retain(|tie| matches!(tie.to, TiedTo::Pool(..)));
    let subject = |tie: &Tie| match &tie.to {
        TiedTo::Pool(pool, subject) => Some((*pool, subject.as_ref().map(|text| compare_form(text.as_str())))),
        TiedTo::School(_) => None,
    };
    let of_one = experts.chunk_by(|one, other| subject(one) == subject(other));
    of_one.filter_map(|experts| of_pool(at, experts, on)).collect()
}

fn of_pool(at: At<'_>, experts: &[Tie], on: Date) -> Option<api::Organisation> {
    let TiedTo::Pool(pool, subject) = &experts.first()?.to else {
        return None;
    };
    let members = experts.iter().map(|tie| api::OrganisationMember {
        since: Some(date_to_wire(tie.from)),
        until: tie.until.map(date_to_wire),
        index: tie.index.into(),
        ..member(at, &tie.teacher_id, false, on)
    });
    let id = match pool {
        ExpertPool::Subject => "subject",
        ExpertPool::Policy => "policy",
    };
    Some(api::Organisation {
        kind: api::OrganisationKind::ExpertPool.into(),
        id: id.to_owned(),
        name: pool.zh().to_owned(),
        subject: subject.as_ref().map(ToString::to_string).unwrap_or_default(),
        members: members.collect(),
        ..gathered(experts)
    })
}

/// Since when there is one of them, and the entry that came last.
fn gathered(ties: &[Tie]) -> api::Organisation {
    api::Organisation {
        since: ties.iter().map(|tie| tie.from).min().map(date_to_wire),
        index: ties.iter().map(|tie| tie.index).max().unwrap_or(0).into(),
        ..api::Organisation::default()
    }
}
