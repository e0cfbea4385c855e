// Drives the official SDK for the Go tests in the folder above.
//
//   node driver.mjs '{"at":{"file":PATH},"url":URL,"resources":FOLDER}'
//
// In place of a file, "at" may name a table: {"db":{"host","port","database",
// "table","user","password"}}.
//
// It prints {"ready":true} when the SDK is loaded. Then each line on stdin is a
// step, such as {"do":"list"}, and is answered with a line: {"ok":...} or
// {"error":{"code","message"}}. The steps are the functions in `steps` below.
// Tokens are given and printed as rows: the ten columns by their names. The end
// of stdin ends the process.

// The index comes first: any other module of the SDK fails on a circular import.
import * as sdk from "@zohocrm/nodejs-sdk-8.0";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { createInterface } from "node:readline";

const limit = 150_000; // ms, for all steps together; the tests give up sooner

setTimeout(() => fail(new Error(`not done after ${limit} ms`)), limit).unref();
process.on("unhandledRejection", fail);
process.on("uncaughtException", fail);

const job = JSON.parse(process.argv[2]);
let store = open(job.at);

const steps = {
  // connect logs a user in with a grant code, as a program does when it starts.
  // The SDK can do that once in a process.
  connect: ({ row }) => start(tokenOf(row)),

  // use goes on with another file or table. The SDK remembers its first store for
  // each user, so it is this one that changes its place.
  use({ at }) {
    const next = open(at);
    store = store.constructor === next.constructor ? Object.assign(store, next) : next;
  },

  // call asks the CRM who the user is; the SDK finds the token in the store and
  // refreshes it if it must. Without a user it is the one of the last call.
  async call({ user }) {
    const row = user && (await start(tokenOf({ user_name: user })));
    const type = new sdk.ParameterMap();
    await type.add(sdk.Users.GetUsersParam.TYPE, new sdk.Choice("CurrentUser"));
    const answer = (await new sdk.Users.UsersOperations().getUsers(type)).getObject();
    if (!(answer instanceof sdk.Users.ResponseWrapper)) {
      throw new Error(`the CRM refused: ${answer.getCode().getValue()}`);
    }
    return { row, email: answer.getUsers()[0].getEmail() };
  },

  // list reads the store, or another file. Of an empty table the SDK answers null.
  async list({ file }) {
    return ((await (file ? new sdk.FileStore(file) : store).getTokens()) ?? []).map(rowOf);
  },

  // find looks for a row; null if there is none. Of a table without such a row the
  // SDK answers what it was asked with, and that has no ID.
  async find({ row }) {
    const found = await store.findToken(tokenOf(row));
    return found?.getId() ? rowOf(found) : null;
  },

  // get looks for an ID. In a table it must be there: the SDK throws where nobody
  // can catch it, and this process ends.
  get: async ({ id }) => rowOf(await store.findTokenById(id)),

  async save({ row }) {
    const token = tokenOf(row);
    await store.saveToken(token);
    return rowOf(token);
  },

  delete: async ({ id }) => void (await store.deleteToken(id)),

  clear: async () => void (await store.deleteTokens()),

  // churn saves new users, one after the other, with up to `pause` ms between
  // two of them, as chance has it.
  async churn({ row, count, pause }) {
    for (let i = 0; i < count; i++) {
      const n = `${row.user_name}${i}`;
      await store.saveToken(tokenOf({ ...row, user_name: n, refresh_token: `1000.refresh.${n}`, access_token: `1000.access.${n}` }));
      await new Promise((done) => setTimeout(done, Math.random() * pause));
    }
    return count;
  },

  // grow saves new users into a table, and after each of them a new access token
  // of one user whom all writers share. The SDK takes no lock, so the server
  // refuses some of it: an ID that another program took meanwhile, or a deadlock.
  // That is begun anew, and counted by the server's word for it.
  async grow({ row, count, user }) {
    const done = { saved: 0, refused: {} };
    const save = async (changed) => {
      for (;;) {
        try {
          return await store.saveToken(tokenOf({ ...row, ...changed }));
        } catch (err) {
          if (!["ER_DUP_ENTRY", "ER_LOCK_DEADLOCK"].includes(err.code)) {
            throw err;
          }
          done.refused[err.code] = (done.refused[err.code] ?? 0) + 1;
        }
      }
    };
    for (let i = 0; i < count; i++) {
      const n = `${row.user_name}${i}`;
      await save({ user_name: n, refresh_token: `1000.refresh.${n}`, access_token: `1000.access.${n}` });
      done.saved++;
      const expiry = String(Date.now() + 3_600_000 + i);
      await save({ user_name: user, refresh_token: `1000.refresh.${user}`, access_token: `1000.access.${expiry}.${n}`, expiry_time: expiry });
    }
    return done;
  },

  // watch reads the file until it has `count` rows, and tells of rows that were
  // torn and of rows that were there before and are not any more.
  async watch({ count }) {
    const seen = { reads: 0, torn: 0, fewer: 0 };
    for (let rows = 0; rows < count; seen.reads++) {
      const now = (await store.getTokens()).map(rowOf);
      seen.torn += now.filter((r) => !r.id || !r.user_name || !r.api_domain).length;
      seen.fewer += now.length < rows ? 1 : 0;
      rows = now.length;
      await new Promise((done) => setTimeout(done, 2));
    }
    return seen;
  },

  // slow makes the SDK's next write take long: the file is cut, then half of it
  // is written, then the rest, with a pause of `pause` ms after the first two.
  // {"cut":true} is printed when the file is cut. A file that is just being cut
  // may still have the time of its last write (so it does on ext4, until its
  // blocks are freed), and so it has here.
  slow({ pause }) {
    const write = fs.writeFileSync;
    const sleep = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    fs.writeFileSync = (path, text) => {
      const { atime, mtime } = fs.statSync(path);
      const file = fs.openSync(path, "w");
      fs.futimesSync(file, atime, mtime);
      print({ cut: true });
      sleep();
      fs.writeSync(file, text.slice(0, text.length / 2));
      sleep();
      fs.writeSync(file, text.slice(text.length / 2));
      fs.closeSync(file);
      fs.writeFileSync = write;
      syncBuiltinESMExports();
    };
    syncBuiltinESMExports();
  },
};

await print({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const step = JSON.parse(line);
  try {
    await print({ ok: (await steps[step.do](step)) ?? null });
  } catch (err) {
    await print({ error: { code: String(err.code ?? err.name), message: String(err.message ?? "") } });
  }
}
process.exit(0);

// start initializes the SDK for a token, which finds, exchanges or refreshes it,
// and returns the token as a row.
async function start(token) {
  const builder = await new sdk.InitializeBuilder();
  await builder
    .environment(new sdk.Environment(job.url, `${job.url}/oauth/v2/token`, job.url))
    .token(token)
    .store(store)
    .resourcePath(job.resources)
    .logger(new sdk.LogBuilder().level(sdk.Levels.OFF).filePath(null).build())
    .initialize();
  return rowOf(token);
}

function open(at) {
  if (!at.db) {
    return new sdk.FileStore(at.file);
  }
  const { host, port, database, table, user, password } = at.db;
  return new sdk.DBBuilder().host(host).portNumber(port).databaseName(database).tableName(table).userName(user).password(password).build();
}

function tokenOf(row) {
  const user = row.user_name ? new sdk.UserSignature(row.user_name) : null;
  const given = (value) => value || null;
  const token = new sdk.OAuthToken(given(row.client_id), given(row.client_secret), given(row.grant_token),
    given(row.refresh_token), given(row.redirect_url), given(row.id), given(row.access_token), user);
  token.setExpiresIn(given(row.expiry_time));
  token.setAPIDomain(given(row.api_domain));
  return token;
}

function rowOf(token) {
  const row = {
    id: token.getId(),
    user_name: token.getUserSignature()?.getName(),
    client_id: token.getClientId(),
    client_secret: token.getClientSecret(),
    refresh_token: token.getRefreshToken(),
    access_token: token.getAccessToken(),
    grant_token: token.getGrantToken(),
    expiry_time: token.getExpiresIn(),
    redirect_url: token.getRedirectURL(),
    api_domain: token.getAPIDomain(),
  };
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? ""]));
}

function print(line) {
  return new Promise((done) => process.stdout.write(JSON.stringify(line) + "\n", done));
}

function fail(err) {
  fs.writeSync(process.stderr.fd, `driver: ${err?.stack ?? err}\n`);
  process.exit(1);
}
