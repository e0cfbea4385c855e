// Runs a day's CRM work by the official SDK, for crmscript_test.go in the folder
// above, which does the same by Go.
//
//   node crm.mjs '{"file":PATH,"user":NAME,"url":URL,"resources":FOLDER,"expiry":TIME}'
//
// PATH is a token file with the user in it. Each step prints one line,
// {"step":NAME,"result":...}, with what the SDK made of the answer: IDs, codes and
// values, as plain JSON. What the SDK throws is {"step":NAME,"thrown":TEXT}. The
// steps are in `script` below.

// The index comes first: any other module of the SDK fails on a circular import.
import * as sdk from "@zohocrm/nodejs-sdk-8.0";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const limit = 100_000; // ms, for all steps together; the test gives up sooner

setTimeout(() => end(new Error(`not done after ${limit} ms`)), limit).unref();
process.on("unhandledRejection", end);
process.on("uncaughtException", end);

const job = JSON.parse(process.argv[2]);
mkdirSync(join(job.resources, "resources")); // which the SDK writes to, and does not make
const { Record: R, Choice, StreamWrapper } = sdk;

await (await new sdk.InitializeBuilder())
  .environment(new sdk.Environment(job.url, `${job.url}/oauth/v2/token`, job.url))
  .token(new sdk.OAuthToken(null, null, null, null, null, null, null, new sdk.UserSignature(job.user)))
  .store(new sdk.FileStore(job.file))
  .SDKConfig(new sdk.SDKConfigBuilder().autoRefreshFields(false).pickListValidation(false).build())
  .resourcePath(`${job.resources}/`) // it puts "resources" behind it
  .logger(new sdk.LogBuilder().level(sdk.Levels.OFF).filePath(null).build())
  .initialize();

const leads = new R.RecordOperations("Leads");
const done = {}; // what later steps need of earlier ones

const script = {
  insert: async () => (done.leads = ids(await leads.createRecords(await body(
    { Last_Name: "Bach", Company: "Thomas Church", Email: "bach@example.org", City: "Leipzig" },
    { Last_Name: "Reger", Company: "Thomas Church", Email: "reger@example.org" },
    { Last_Name: "Händel, G. \"F\"", Company: "Esterházy & Sons", Email: "handel@example.org" },
  )), true)),
  get: async () => rows(await leads.getRecord(BigInt(done.leads[0].id), await params(R.GetRecordParam, { FIELDS: "Last_Name,Company,Email,City" })))[0],
  "get whole": async () => rows(await leads.getRecord(BigInt(done.leads[2].id)))[0],
  "get nobody": async () => rows(await leads.getRecord(4150869000009999999n)),
  list: async () => page(await leads.getRecords(await params(R.GetRecordsParam, { FIELDS: "Last_Name,Company,Email,City", PER_PAGE: 7, PAGE: 2 }))),
  "list sorted": async () => page(await leads.getRecords(await params(R.GetRecordsParam, { FIELDS: "Last_Name,Company,Email,City", SORT_BY: "Created_Time", SORT_ORDER: "asc", PER_PAGE: 5 }))),
  "list by IDs": async () => page(await leads.getRecords(await params(R.GetRecordsParam, { FIELDS: "Last_Name", IDS: done.leads.map((r) => r.id).join() }))),
  "list page 11": async () => page(await leads.getRecords(await params(R.GetRecordsParam, { FIELDS: "Last_Name", PAGE: 11, PER_PAGE: 200 }))),
  update: async () => ids(await leads.updateRecords(await body({ id: BigInt(done.leads[0].id), Company: "St Thomas" }))),
  "update one of two": async () => ids(await leads.updateRecords(await body({ id: BigInt(done.leads[1].id), City: "Weiden" }, { id: 4150869000009999999n, City: "X" }))),
  upsert: async () => ids(await leads.upsertRecords(await body(
    { Last_Name: "Bach the Elder", Email: "bach@example.org" }, { Last_Name: "Telemann", Email: "telemann@example.org" },
  ).then((b) => (b.setDuplicateCheckFields(["Email"]), b)))),
  "search criteria": async () => page(await leads.searchRecords(await params(R.SearchRecordsParam, { CRITERIA: "((Company:equals:St Thomas)or(City:starts_with:Wei))", FIELDS: "Last_Name,Company,Email,City" }))),
  "search word": async () => page(await leads.searchRecords(await params(R.SearchRecordsParam, { WORD: "handel", FIELDS: "Last_Name,Company,Email,City" }))),
  "search nobody": async () => page(await leads.searchRecords(await params(R.SearchRecordsParam, { EMAIL: "nobody@example.org" }))),
  query: async () => page(await coql("select Last_Name, Company, Email, City from Leads where Last_Name like 'B%' order by id limit 5")),
  "query in error": async () => page(await coql("select Last_Name form Leads")),
  count: async () => Number((await leads.recordCount(await params(R.RecordCountParam, { EMAIL: "reger@example.org" }))).getObject().getCount()),
  clone: async () => ids(await leads.cloneRecord(BigInt(done.leads[0].id))),
  "mass update": async () => {
    const b = await new R.MassUpdateBodyWrapper();
    b.setData([await record({ City: "Halle" })]);
    b.setIds(done.leads.map((r) => r.id));
    b.setOverWrite(true);
    return ids(await leads.massUpdateRecords(b));
  },

  "make tags": async () => (done.tags = ids(await tags().createTags(await tagBody(tag("early"), tag("late")), await params(sdk.Tags.CreateTagsParam, { MODULE: "Leads" })))),
  "tag leads": async () => {
    const b = await new sdk.Tags.NewTagRequestWrapper();
    b.setTags([tag("early")]);
    b.setIds(done.leads.map((r) => BigInt(r.id)));
    return ids(await tags().addTagsToMultipleRecords("Leads", b));
  },
  "list tags": async () => object(await tags().getTags(await params(sdk.Tags.GetTagsParam, { MODULE: "Leads" })), (o) => o.getTags().map((t) => ({ id: t.getId(), name: t.getName() }))),
  "count tagged": async () => object(await tags().getRecordCountForTag(BigInt(done.tags[0].id), await params(sdk.Tags.GetRecordCountForTagParam, { MODULE: "Leads" })), (o) => Number(o.getCount())),
  "delete tag": async () => ids(await tags().deleteTag(BigInt(done.tags[1].id))),

  "add note": async () => {
    const parent = await new sdk.Notes.ParentId();
    const module = await new sdk.Modules.MinifiedModule();
    module.setAPIName("Leads");
    await parent.setModule(module);
    parent.setId(BigInt(done.leads[0].id));
    const note = await noteOf("Call", 'He plays, and "sings"');
    await note.setParentId(parent);
    return (done.note = ids(await notes().createNotes(await noteBody(note)))[0]);
  },
  "change note": async () => ids(await notes().updateNote(BigInt(done.note.id), await noteBody(await noteOf("Called", "Twice")))),
  "get note": async () => object(await notes().getNote(BigInt(done.note.id), await params(sdk.Notes.GetNoteParam, { FIELDS: "Note_Title,Note_Content,Parent_Id" })), (o) => o.getData().map(noteRow)[0]),
  "notes of lead": async () => (await related("Notes").getRelatedRecords(BigInt(done.leads[0].id), await params(sdk.RelatedRecords.GetRelatedRecordsParam, { FIELDS: "Note_Title,Note_Content" }))).getObject().getData().map((r) => ({ id: r.getId(), title: r.getKeyValue("Note_Title"), content: r.getKeyValue("Note_Content") })),
  "delete note": async () => ids(await notes().deleteNote(BigInt(done.note.id))),

  attach: async () => {
    const b = await new sdk.Attachments.FileBodyWrapper();
    b.setFile(file("score.txt", "Kyrie eleison"));
    return (done.attachment = ids(await attachments().uploadAttachments(BigInt(done.leads[0].id), "Leads", b))[0]);
  },
  "attach link": async () => ids(await attachments().uploadUrlAttachments(BigInt(done.leads[0].id), "Leads", await params(sdk.Attachments.UploadUrlAttachmentsParam, { ATTACHMENTURL: "https://example.org/bach", TITLE: "A page" }))),
  attachments: async () => object(await attachments().getAttachments(BigInt(done.leads[0].id), "Leads", await params(sdk.Attachments.GetAttachmentsParam, { FIELDS: "id,File_Name,Size" })), (o) => o.getData().map((a) => ({ id: a.getId(), name: a.getFileName() }))),
  "get attachment": async () => content(await attachments().getAttachment(BigInt(done.attachment.id), BigInt(done.leads[0].id), "Leads")),
  detach: async () => ids(await attachments().deleteAttachment(BigInt(done.attachment.id), BigInt(done.leads[0].id), "Leads")),
  "upload file": async () => {
    const b = await new sdk.Files.BodyWrapper();
    b.setFile([file("note.txt", "Gloria")]);
    return ids(await files().uploadFiles(b)).map((r) => ((done.file = r.id), { code: r.code }));
  },
  "get file": async () => content(await files().getFile(await params(sdk.Files.GetFileParam, { ID: done.file }))),
  "give photo": async () => {
    const b = await new R.FileBodyWrapper();
    b.setFile(file("bach.png", Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(64)])));
    return code(await leads.uploadPhoto(BigInt(done.leads[0].id), b));
  },
  "get photo": async () => content(await leads.getPhoto(BigInt(done.leads[0].id))),
  "take photo": async () => code(await leads.deletePhoto(BigInt(done.leads[0].id))),

  product: async () => (done.product = ids(await new R.RecordOperations("Products").createRecords(await body({ Product_Name: "Organ" })))[0]),
  link: async () => {
    const b = await new sdk.RelatedRecords.BodyWrapper();
    b.setData([await record({ id: BigInt(done.product.id) })]);
    return ids(await related("Products").updateRelatedRecords(BigInt(done.leads[0].id), b));
  },
  linked: async () => (await related("Products").getRelatedRecords(BigInt(done.leads[0].id), await params(sdk.RelatedRecords.GetRelatedRecordsParam, { FIELDS: "Product_Name" }))).getObject().getData().map((r) => ({ id: r.getId(), name: r.getKeyValue("Product_Name") })),
  unlink: async () => ids(await related("Products").delinkRecords(BigInt(done.leads[0].id), await params(sdk.RelatedRecords.DelinkRecordsParam, { IDS: done.product.id }))),
  convert: async () => {
    const lead = await new sdk.ConvertLead.LeadConverter();
    lead.setOverwrite(true);
    await lead.setDeals(await record({ Deal_Name: "The Creation", Closing_Date: new Date(2030, 0, 2), Stage: new Choice("Qualification"), Pipeline: new Choice("Standard (Standard)") }));
    const b = await new sdk.ConvertLead.BodyWrapper();
    b.setData([lead]);
    return object(await new sdk.ConvertLead.ConvertLeadOperations(BigInt(done.leads[2].id)).convertLead(b), (o) => o.getData().map((r) => {
      const d = plain(r.getDetails());
      return { code: r.getCode().getValue(), contact: idOf(d.Contacts), account: idOf(d.Accounts), deal: idOf(d.Deals) };
    })[0]);
  },
  timeline: async () => object(await new sdk.Timelines.TimelinesOperations().getTimelines("Leads", done.leads[1].id, await params(sdk.Timelines.GetTimelinesParam, { SORT_ORDER: "asc" })), (o) => o.getTimeline().map((e) => e.getAction())),

  export: async () => {
    const query = await new sdk.BulkRead.Query();
    const module = await new sdk.Modules.MinifiedModule();
    module.setAPIName("Leads");
    await query.setModule(module);
    query.setFields(["Last_Name", "Email"]);
    const b = await new sdk.BulkRead.BodyWrapper();
    await b.setQuery(query);
    return (done.export = ids(await bulkRead().createBulkReadJob(b))[0]);
  },
  "export's state": async () => object(await bulkRead().getBulkReadJobDetails(BigInt(done.export.id)), (o) => o.getData().map((j) => ({ state: j.getState().getValue(), count: Number(j.getResult()?.getCount()) }))[0]),
  "export's rows": async () => content(await bulkRead().downloadResult(BigInt(done.export.id))),
  "import's file": async () => {
    const b = await new sdk.BulkWrite.FileBodyWrapper();
    b.setFile(file("leads.zip", Buffer.from(job.archive, "base64")));
    const headers = new sdk.HeaderMap();
    await headers.add(sdk.BulkWrite.UploadFileHeader.FEATURE, "bulk-write");
    await headers.add(sdk.BulkWrite.UploadFileHeader.X_CRM_ORG, "10001");
    return object(await bulkWrite().uploadFile(b, headers), (o) => ((done.upload = String(plain(o.getDetails()).file_id)), { code: o.getCode().getValue() }));
  },
  import: async () => {
    const resource = await new sdk.BulkWrite.Resource();
    resource.setType(new Choice("data"));
    const module = await new sdk.Modules.MinifiedModule();
    module.setAPIName("Leads");
    await resource.setModule(module);
    resource.setFileId(done.upload);
    const mappings = [];
    for (const [index, name] of ["Last_Name", "Email"].entries()) {
      const m = await new sdk.BulkWrite.FieldMapping();
      m.setAPIName(name);
      m.setIndex(index);
      mappings.push(m);
    }
    resource.setFieldMappings(mappings);
    const b = await new sdk.BulkWrite.RequestWrapper();
    b.setOperation(new Choice("insert"));
    b.setResource([resource]);
    return object(await bulkWrite().createBulkWriteJob(b), (o) => (done.import = { code: o.getCode().getValue(), id: plain(o.getDetails()).id }));
  },
  "import's state": async () => object(await bulkWrite().getBulkWriteJobDetails(done.import.id), (o) => {
    const f = o.getResource()[0].getFile();
    return { state: o.getStatus(), total: f.getTotalCount(), added: f.getAddedCount(), skipped: f.getSkippedCount() };
  }),

  modules: async () => object(await modules().getModules(), (o) => o.getModules().map((m) => m.getAPIName()).sort()),
  module: async () => object(await modules().getModuleByAPIName("Leads"), (o) => o.getModules().map((m) => ({ id: m.getId(), name: m.getAPIName(), plural: m.getPluralLabel() }))[0]),
  fields: async () => object(await new sdk.Fields.FieldsOperations().getFields(await params(sdk.Fields.GetFieldsParam, { MODULE: "Leads" })), (o) => o.getFields().map((f) => `${f.getAPIName()}:${f.getDataType()}`).sort()),
  me: async () => object(await users().getUsers(await params(sdk.Users.GetUsersParam, { TYPE: new Choice("CurrentUser") })), (o) => o.getUsers().map((u) => ({ id: u.getId(), email: u.getEmail(), profile: u.getProfile().getName() }))[0]),
  users: async () => object(await users().getUsers(await params(sdk.Users.GetUsersParam, { TYPE: new Choice("AllUsers") })), (o) => o.getUsers().map((u) => u.getEmail()).sort()),
  org: async () => object(await new sdk.Org.OrgOperations().getOrganization(), (o) => o.getOrg().map((g) => ({ id: g.getId(), zgid: g.getZgid(), name: g.getCompanyName() }))[0]),
  watch: async () => ids(await watches().enableNotifications(await watchBody(true)), false, (w) => w.getWatch()).map((r) => ({ code: r.code })),
  watched: async () => object(await watches().getNotifications(await params(sdk.Notifications.GetNotificationsParam, { CHANNEL_ID: "1000000068001" })), (o) => o.getWatch().map((w) => ({ channel: String(w.getChannelId()), url: w.getNotifyUrl(), expires: time(w.getChannelExpiry()) }))[0]),
  unwatch: async () => ids(await watches().deleteNotification(await params(sdk.Notifications.DeleteNotificationParam, { CHANNEL_IDS: "1000000068001" })), false, (w) => w.getWatch()).map((r) => ({ code: r.code })),

  delete: async () => ids(await leads.deleteRecords(await params(R.DeleteRecordsParam, { IDS: done.leads.slice(0, 2).map((r) => r.id).join() }))),
  deleted: async () => object(await leads.getDeletedRecords(await params(R.GetDeletedRecordsParam, { TYPE: "recycle" })), (o) => o.getData().map((r) => ({ id: r.getId(), name: r.getDisplayName(), by: r.getDeletedBy().getName() }))),
  "count at the end": async () => Number((await leads.recordCount()).getObject().getCount()),
};

for (const [step, run] of Object.entries(script)) {
  try {
    print({ step, result: (await run()) ?? null });
  } catch (err) {
    print({ step, thrown: `${err.code ?? err.name}: ${err.message} ${JSON.stringify(err.details ?? null)} ${err.cause ?? ""}` });
  }
}
process.exitCode = 0;

function print(line) {
  process.stdout.write(JSON.stringify(line, (_, v) => (typeof v === "bigint" ? String(v) : v)) + "\n"); // IDs are BigInts
}

function end(err) {
  process.stderr.write(`${err?.stack ?? err}\n`);
  process.exit(1);
}

function tags() { return new sdk.Tags.TagsOperations(); }
function notes() { return new sdk.Notes.NotesOperations(); }
function attachments() { return new sdk.Attachments.AttachmentsOperations(); }
function files() { return new sdk.Files.FilesOperations(); }
function bulkRead() { return new sdk.BulkRead.BulkReadOperations(); }
function bulkWrite() { return new sdk.BulkWrite.BulkWriteOperations(); }
function modules() { return new sdk.Modules.ModulesOperations(); }
function users() { return new sdk.Users.UsersOperations(); }
function watches() { return new sdk.Notifications.NotificationsOperations(); }
function related(list) { return new sdk.RelatedRecords.RelatedRecordsOperations(list, "Leads"); }

async function coql(text) {
  const b = await new sdk.Coql.BodyWrapper();
  b.setSelectQuery(text);
  return new sdk.Coql.CoqlOperations().getRecords(b);
}

// params are query parameters, by the names of the SDK's constants.
async function params(of, values) {
  const map = new sdk.ParameterMap();
  for (const [name, value] of Object.entries(values)) {
    await map.add(of[name], value);
  }
  return map;
}

async function record(values) {
  const r = await new R.Record();
  for (const [name, value] of Object.entries(values)) {
    name === "id" ? r.setId(value) : r.addKeyValue(name, value);
  }
  return r;
}

async function body(...list) {
  const b = await new R.BodyWrapper();
  b.setData(await Promise.all(list.map(record)));
  return b;
}

function tag(name) {
  const t = new sdk.Tags.Tag();
  t.setName(name);
  return t;
}

async function tagBody(...list) {
  const b = await new sdk.Tags.BodyWrapper();
  b.setTags(list);
  return b;
}

async function noteOf(title, text) {
  const n = await new sdk.Notes.Note();
  n.setNoteTitle(title);
  n.setNoteContent(text);
  return n;
}

async function noteBody(note) {
  const b = await new sdk.Notes.BodyWrapper();
  b.setData([note]);
  return b;
}

function noteRow(n) {
  return { id: n.getId(), title: n.getNoteTitle(), content: n.getNoteContent(), parent: n.getParentId()?.getId() };
}

async function watchBody() {
  const w = await new sdk.Notifications.Notification();
  w.setChannelId("1000000068001");
  w.setEvents(["Leads.all"]);
  w.setNotifyUrl("https://example.org/notify");
  w.setToken("told");
  w.setChannelExpiry(new Date(job.expiry));
  const b = await new sdk.Notifications.BodyWrapper();
  b.setWatch([w]);
  return b;
}

function file(name, text) {
  const path = join(job.resources, name);
  writeFileSync(path, text);
  return new StreamWrapper(null, null, path);
}

// object is what `of` makes of an answer; its code if it is an error, null if
// there is none.
function object(response, of) {
  const o = response?.getObject();
  return !o ? null : o.constructor.name === "APIException" ? { error: value(o.getCode()) } : of(o);
}

// ids are the results of a write.
function ids(response, keep, list) {
  const results = object(response, (o) => (list ? list(o) : (o.getData ?? o.getTags ?? o.getFiles).call(o)).map((r) => {
    const details = plain(r.getDetails());
    return { code: value(r.getCode()), ...(details.id ? { id: String(details.id) } : {}) };
  }));
  return results;
}

// rows are records with the fields that this script is about.
function rows(response) {
  return object(response, (o) => o.getData().map(row)) ?? [];
}

function row(r) {
  const out = { id: r.getId() };
  for (const name of ["Last_Name", "Company", "Email", "City"]) {
    const v = r.getKeyValue(name);
    if (v !== undefined && v !== null) {
      out[name] = v;
    }
  }
  return out;
}

// page is a list of records and whether there are more.
function page(response) {
  return object(response, (o) => ({ records: o.getData().map(row), more: o.getInfo()?.getMoreRecords() ?? false, count: o.getInfo()?.getCount() ?? 0 }));
}

function code(response) {
  return object(response, (o) => value(o.getCode()));
}

function value(choice) {
  return choice?.getValue ? choice.getValue() : choice;
}

function plain(map) {
  return map instanceof Map ? Object.fromEntries(map) : (map ?? {});
}

function idOf(v) {
  return v?.getId?.() ?? plain(v).id;
}

function time(v) {
  return new Date(v).toISOString().replace(".000", "");
}

// content is a file: its length and its hash. The SDK has read all of it.
async function content(response) {
  const file = (await response?.getObject())?.getFile?.().getStream();
  return file ? { length: file.length, sha256: createHash("sha256").update(file).digest("hex") } : object(response, () => null);
}
