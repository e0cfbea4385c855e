// Times the official SDK's DBStore.findToken for the benchmark in the folder above.
//
//   node find.mjs SDK '{"host","port","database","table","user","password"}'
//
// SDK is the path of the SDK's package. Each line on stdin, {"users":[NAME,...]},
// is answered with {"ns":N}, the time that finding one user after the other took, or
// with {"error":TEXT}. The end of stdin ends the process.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [path, place] = process.argv.slice(2);
const sdk = await import(pathToFileURL(path));
const { host, port, database, table, user, password } = JSON.parse(place);
const store = new sdk.DBBuilder().host(host).portNumber(port).databaseName(database).tableName(table).userName(user).password(password).build();

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { ns: await find(JSON.parse(line).users) };
  } catch (err) {
    answer = { error: String(err?.message || err?.code || err) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}

async function find(users) {
  const asked = users.map((name) => new sdk.OAuthToken(null, null, null, null, null, null, null, new sdk.UserSignature(name)));
  const began = process.hrtime.bigint();
  for (const token of asked) {
    const found = await store.findToken(token);
    if (!found.getAccessToken()) {
      throw new Error("a user has no token");
    }
  }
  return Number(process.hrtime.bigint() - began);
}
