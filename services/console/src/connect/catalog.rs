//! The services as their descriptors tell of them: one source for the routes, the JSON form, and the document.

use std::collections::HashMap;
use std::sync::LazyLock;

use keshi_door::account::SIGN_IN;
use keshi_door::{CHECK, GET_TILE, LIST_PUBLICITY};
use keshi_proto::DESCRIPTORS;
use prost_reflect::prost_types::method_options::IdempotencyLevel;
use prost_reflect::{DescriptorPool, FileDescriptor, MethodDescriptor, ServiceDescriptor};

/// The package of the API.
pub(super) const PACKAGE: &str = "keshi.v1";

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let mut pool = read(DESCRIPTORS);
    // What details of errors are.
    pool.decode_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
        .unwrap_or_else(|error| panic!("the descriptors that were compiled in do not go together: {error}"));
    pool
});

static METHODS: LazyLock<HashMap<String, Method>> = LazyLock::new(|| {
    let methods = services().into_iter().flat_map(|service| {
        let methods: Vec<_> = service.methods().map(Method).collect();
        methods
    });
    methods.map(|method| (method.path(), method)).collect()
});

/// How messages go to and fro.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One there, one back.
    Unary,
    /// One there, many back.
    ServerStream,
    /// Many there.
    ClientStream,
}

/// A method of the API.
#[derive(Clone, Debug)]
pub(super) struct Method(pub(super) MethodDescriptor);

impl Method {
    /// The one at this path of an address.
    pub(super) fn find(path: &str) -> Option<&'static Self> {
        METHODS.get(path)
    }

    /// Where it is asked for, as with gRPC.
    pub(super) fn path(&self) -> String {
        format!("/{}/{}", self.0.parent_service().full_name(), self.0.name())
    }

    /// Whether it is answered to whoever asks, with whatever credentials.
    pub(super) fn is_for_strangers(&self) -> bool {
        [SIGN_IN, CHECK, LIST_PUBLICITY, GET_TILE].contains(&self.path().as_str())
    }

    pub(super) fn shape(&self) -> Shape {
        match (self.0.is_client_streaming(), self.0.is_server_streaming()) {
            (true, _) => Shape::ClientStream,
            (false, true) => Shape::ServerStream,
            (false, false) => Shape::Unary,
        }
    }

    /// Whether it may be asked for with GET: one answer, and nothing changes.
    pub(super) fn is_gettable(&self) -> bool {
        let options = self.0.method_descriptor_proto().options.as_ref();
        let level = options.map(prost_reflect::prost_types::MethodOptions::idempotency_level);
        self.shape() == Shape::Unary && level == Some(IdempotencyLevel::NoSideEffects)
    }
}

/// All messages of the API and of its errors.
pub(crate) fn pool() -> &'static DescriptorPool {
    &POOL
}

/// The services of the API, by name.
pub(super) fn services() -> Vec<ServiceDescriptor> {
    let all = POOL.services();
    let mut found: Vec<_> = all.filter(|service| service.package_name() == PACKAGE).collect();
    found.sort_by(|a, b| a.name().cmp(b.name()));
    found
}

/// What a proto says above the thing at `path`, in one paragraph a line; empty if nothing.
pub(super) fn comment(file: &FileDescriptor, path: &[i32]) -> String {
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let found = info.and_then(|info| info.location.iter().find(|location| location.path == path));
    let text = found.map_or("", |location| location.leading_comments());
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let words: Vec<_> = paragraph.split_whitespace().collect();
        words.join(" ")
    });
    let told: Vec<_> = paragraphs.filter(|paragraph| !paragraph.is_empty()).collect();
    told.join("\n")
}

fn read(bytes: &[u8]) -> DescriptorPool {
    DescriptorPool::decode(bytes)
        .unwrap_or_else(|error| panic!("the descriptors that were compiled in do not decode: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(wanted: impl Fn(&Method) -> bool) -> Vec<String> {
        let found = METHODS.values().filter(|method| wanted(method));
        let mut names: Vec<_> = found.map(|method| method.0.name().to_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn every_method_is_found_at_its_path_and_nothing_else_is() {
        let all: usize = services().iter().map(|service| service.methods().len()).sum();
        assert_eq!(METHODS.len(), all);
        assert!(Method::find("/keshi.v1.LedgerService/GetBalance").is_some());
        assert!(Method::find("/keshi.v1.LedgerService/getbalance").is_none());
        assert!(Method::find("/grpc.health.v1.Health/Check").is_none());
        assert!(Method::find(SIGN_IN).unwrap().is_for_strangers());
        assert_eq!(
            named(|method| method.shape() == Shape::ServerStream),
            ["ComparePolicies", "ExportBundle", "Replay", "WatchEntries"]
        );
        assert_eq!(
            named(|method| method.shape() == Shape::ClientStream),
            ["CheckSubmissions", "StreamSubmissions"]
        );
    }

    #[test]
    fn only_what_reads_is_got_and_nothing_that_takes_names_or_documents_of_people() {
        let gettable = named(Method::is_gettable);
        let reads = |name: &String| {
            ["Get", "List", "Diff", "Compare", "Examine", "WhoAmI"]
                .iter()
                .any(|word| name.starts_with(word))
        };
        assert!(gettable.iter().all(reads), "{gettable:?}");
        let mut unary = named(|method| method.shape() == Shape::Unary && reads(&method.0.name().to_owned()));
        // It brings the numbers of documents, and says what for: that is no address.
        unary.retain(|name| name != "ListNationalRecords");
        assert_eq!(gettable, unary, "each of them");
        assert!(
            !gettable
                .iter()
                .any(|name| name == "FindPeople" || name == "ResolvePeople")
        );
    }

    #[test]
    fn comments_of_the_protos_are_there() {
        let method = Method::find("/keshi.v1.LedgerService/GetBalance").unwrap();
        let told = comment(&method.0.parent_file(), method.0.path());
        assert_eq!(told, "课时: a teacher's balance in a period.");
    }
}
