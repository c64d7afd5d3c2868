//! `tests/bench`: one table from one run on one machine, always beside a floor or a rival.

mod replay;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let n = args.get(3).and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    match args[1].as_str() {
        "fill" => replay::fill(std::path::Path::new(&args[2]), n),
        _ => replay::run(std::path::Path::new(&args[2]), n),
    }
}
