use keshi_core::lang::Lang;

use super::*;

fn import(owner: &str, bytes: usize) -> Arc<Held> {
    let job = Job::default();
    let file = File {
        name: "培训.csv".to_owned(),
        bytes: vec![0; bytes],
    };
    Arc::new(Held::new(owner.to_owned(), &Given::Files(vec![file]), job))
}

fn finished(owner: &str, bytes: usize) -> Arc<Held> {
    let held = import(owner, bytes);
    *held.state() = State::Stopped(Vec::new());
    held
}

#[test]
fn a_visitor_is_told_whether_it_is_her_own_upload_or_others_that_she_waits_for() {
    let imports = Imports::default();
    let mut places: Vec<Receiving> = (1..RECEIVED_AT_ONCE)
        .map(|n| imports.receive(&format!("clerk-{n}")).expect("a place"))
        .collect();
    places.push(imports.receive("mine").expect("a place"));
    let told = |owner: &str| imports.receive(owner).err().map(|say| say.pick(Lang::En).to_owned());
    assert!(told("mine").is_some_and(|text| text.starts_with("another file of yours")));
    assert!(told("another").is_some_and(|text| text.starts_with("too many people")));
    drop(places);
    assert_eq!(told("another"), None);
}

#[test]
fn imports_that_are_done_and_left_alone_make_room_for_others() {
    let imports = Imports::default();
    for n in 0..ALL_MAX {
        imports.keep(&finished(&format!("clerk-{n}"), 1)).expect("room");
    }
    let (new, now) = (import("late", 1), Instant::now());
    // Somebody may be reading each of them.
    assert!(imports.keep_at(&new, now).is_err());
    imports.keep_at(&new, now + LEFT_ALONE_FOR).expect("room was made");
    assert!(imports.find("late", new.id).is_some());
    assert_eq!((imports.of("clerk-0").len(), imports.of("clerk-1").len()), (0, 1));
}

#[test]
fn imports_under_way_make_no_room() {
    let imports = Imports::default();
    for n in 0..ALL_MAX {
        imports.keep(&import(&format!("clerk-{n}"), 1)).expect("room");
    }
    let much_later = Instant::now() + 2 * KEPT_FOR;
    assert!(imports.keep_at(&import("late", 1), much_later).is_err());
}

#[test]
fn the_largest_files_of_one_visitor_leave_room_for_others() {
    let imports = Imports::default();
    for _ in 0..OF_ONE_MAX {
        imports.keep(&finished("greedy", 64 << 20)).expect("room");
    }
    assert_eq!(imports.of("greedy").len(), 1);
    imports.keep(&import("other", 64 << 20)).expect("room");
}

#[test]
fn only_what_works_can_be_stopped() {
    let (working, done) = (import("clerk", 1), finished("clerk", 1));
    working.stop();
    done.stop();
    assert!(working.is_stopping() && !done.is_stopping());
}
