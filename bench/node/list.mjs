// Times the official SDK's listing of leads for the benchmark in the folder above.
//
//   node list.mjs SDK '{"file","url","folder","user","fields","want"}'
//
// SDK is the path of the SDK's package, "file" a token file with the user in it.
// Each line on stdin, {"lists":N}, is answered with {"ns":N}, the time that listing
// all leads N times took, or with {"error":TEXT}. The end of stdin ends the process.

import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [path, text] = process.argv.slice(2);
const sdk = await import(pathToFileURL(path));
const job = JSON.parse(text);
mkdirSync(`${job.folder}/resources`, { recursive: true }); // which the SDK writes to, and does not make

await (await new sdk.InitializeBuilder())
  .environment(new sdk.Environment(job.url, `${job.url}/oauth/v2/token`, job.url))
  .token(new sdk.OAuthToken(null, null, null, null, null, null, null, new sdk.UserSignature(job.user)))
  .store(new sdk.FileStore(job.file))
  .resourcePath(`${job.folder}/`)
  .logger(new sdk.LogBuilder().level(sdk.Levels.OFF).filePath(null).build())
  .initialize();

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const began = process.hrtime.bigint();
    for (let i = 0; i < JSON.parse(line).lists; i++) {
      await list();
    }
    answer = { ns: Number(process.hrtime.bigint() - began) };
  } catch (err) {
    answer = { error: String(err?.message || err?.code || err) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
process.exit(0);

async function list() {
  const { GetRecordsParam } = sdk.Record;
  const leads = new sdk.Record.RecordOperations("Leads");
  let read = 0;
  for (let token; ; ) {
    const params = new sdk.ParameterMap();
    await params.add(GetRecordsParam.FIELDS, job.fields.join());
    await params.add(GetRecordsParam.PER_PAGE, 200);
    if (token) {
      await params.add(GetRecordsParam.PAGE_TOKEN, token);
    }
    const page = (await leads.getRecords(params)).getObject();
    for (const lead of page.getData()) {
      if (!lead.getId() || !lead.getKeyValue("Last_Name")) {
        throw new Error("a lead has no name");
      }
      read++;
    }
    if (!page.getInfo().getMoreRecords()) {
      break;
    }
    token = page.getInfo().getNextPageToken();
  }
  if (read !== job.want) {
    throw new Error(`${read} leads, want ${job.want}`);
  }
}
