// The clients of connectrpc.com against a running server: node connect.mjs URL TOKEN DESCRIPTORS
// Prints one line a check; the scenario compares them.
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";

const [baseUrl, token, descriptors] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const withToken = (next) => (request) => {
  request.header.set("authorization", `Bearer ${token}`);
  request.header.set("accept-language", "en");
  return next(request);
};

const refused = async (call) => {
  try {
    await call();
    return "answered";
  } catch (error) {
    const told = ConnectError.from(error);
    const info = told.details.find((detail) => detail.type === "google.rpc.ErrorInfo");
    return `${Code[told.code]} ${info?.debug?.reason}`;
  }
};

for (const options of [
  { httpVersion: "1.1", useBinaryFormat: false },
  { httpVersion: "1.1", useBinaryFormat: true },
  { httpVersion: "1.1", useBinaryFormat: false, useHttpGet: true },
  { httpVersion: "1.1", useBinaryFormat: true, useHttpGet: true },
  { httpVersion: "2", useBinaryFormat: true },
]) {
  const transport = createConnectTransport({ baseUrl, interceptors: [withToken], ...options });
  const ledger = createClient(registry.getService("keshi.v1.LedgerService"), transport);
  const submissions = createClient(registry.getService("keshi.v1.SubmissionService"), transport);
  const head = await ledger.getHead({});
  console.log("head", head.office, head.root.length);
  const lesson = {
    eventId: "0b0d9a5c-4f4e-5b58-9b5e-0c7a3f0f6a11",
    occurredFrom: { year: 2022, month: 11, day: 3 },
    fact: {
      fact: {
        case: "lessonGiven",
        value: { teacherId: "T1", type: 1, level: 40, schoolId: "S1", subject: "语文", periods: 2 },
      },
    },
  };
  const posted = await submissions.submit({ taking: 1, events: [lesson] });
  console.log("posted", posted.receipt.verdicts.length);
  const balance = await ledger.getBalance({ teacherId: "T1", period: "2022", at: { minSize: posted.receipt.size } });
  const given = balance.policies[0].meters.find((meter) => meter.meter === "lessons_given");
  console.log("given", given.centiamount);
  console.log("period", await refused(() => ledger.getBalance({ teacherId: "T1", period: "next year" })));
  console.log("teacher", await refused(() => ledger.getBalance({ teacherId: "T9", period: "2022" })));
  console.log("late", await refused(() => ledger.getHead({ at: { minSize: 1n << 40n } }, { timeoutMs: 300 })).then((told) => told.split(" ")[0]));
  let entries = 0;
  for await (const batch of ledger.watchEntries({})) {
    entries += batch.entries.length;
    if (entries >= Number(balance.size)) {
      break;
    }
  }
  console.log("watched", entries >= Number(balance.size));
  console.log("streams", await refused(async () => {
    for await (const _ of submissions.streamSubmissions((async function* () { yield { events: [lesson] }; })())) {
    }
  }));
}
// Connections that are kept for the next call keep the process, too.
process.exit(0);
