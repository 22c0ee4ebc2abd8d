// What jsforce reads from the emulator, as one JSON object on standard output. Arguments: a JSON object.
const jsforce = require("jsforce");

const asked = JSON.parse(process.argv[2]);
const { url, version, username, password, consumer_key, consumer_secret, refresh_token } = asked;
const oauth2 = { loginUrl: url, clientId: consumer_key, clientSecret: consumer_secret };

async function count(connection) {
  return (await connection.query("SELECT COUNT() FROM Opportunity")).totalSize;
}

async function failure(action) {
  try {
    await action();
    return null;
  } catch (error) {
    return `${error.errorCode || error.name}: ${error.message}`;
  }
}

async function signIns() {
  const soap = new jsforce.Connection({ loginUrl: url, version });
  const user = await soap.login(username, password);
  const byPassword = new jsforce.Connection({ oauth2, version });
  await byPassword.login(username, password);
  const byApp = new jsforce.Connection({ oauth2, instanceUrl: url, version });
  await byApp.authorize({ grant_type: "client_credentials" });
  const byToken = new jsforce.Connection({ instanceUrl: url, accessToken: soap.accessToken, version });
  const refreshed = new jsforce.Connection({
    oauth2, instanceUrl: url, accessToken: "expired", refreshToken: refresh_token, version,
  });
  const wrong = new jsforce.Connection({ loginUrl: url, version });
  return {
    connection: soap,
    result: {
      organisation: user.organizationId,
      counts: [await count(soap), await count(byPassword), await count(byApp), await count(byToken), await count(refreshed)],
      wrongPassword: await failure(() => wrong.login(username, "wrong")),
      wrongSession: await failure(() =>
        count(new jsforce.Connection({ instanceUrl: url, accessToken: "wrong", version }))),
    },
  };
}

async function rest(connection) {
  const soql = asked.soql;
  const first = await connection.query(soql, { autoFetch: false });
  const more = await connection.queryMore(first.nextRecordsUrl);
  const all = await connection.query(soql, { autoFetch: true, maxFetch: 100000 });
  const small = await connection.query(soql, { autoFetch: true, maxFetch: 100000, headers: { "Sforce-Query-Options": "batchSize=500" } });
  const living = await connection.query("SELECT Id FROM Account");
  const withDeleted = await connection.query("SELECT Id FROM Account", { scanAll: true });
  return {
    sizes: [first.totalSize, first.records.length, more.records.length, more.done, small.records.length],
    records: all.records,
    living: living.totalSize,
    withDeleted: withDeleted.totalSize,
    wrongField: await failure(() => connection.query("SELECT Nothing__c FROM Opportunity")),
    objects: (await connection.describeGlobal()).sobjects.map((sobject) => sobject.name),
    fields: Object.fromEntries((await connection.describe("Opportunity")).fields.map((field) => [field.name, field.type])),
    account: (await connection.sobject("Account").retrieve(asked.account)).Name,
    deleted: (await connection.deleted("Account", asked.start, asked.end)).deletedRecords.map((one) => one.id),
    updated: (await connection.updated("Account", asked.start, asked.end)).ids,
    versions: (await connection.request("/services/data/")).length,
    usage: connection.limitInfo.apiUsage.limit,
  };
}

async function bulk(connection) {
  const options = { pollInterval: 20, pollTimeout: 60000 };
  const records = await (await connection.bulk2.query(asked.soql, options)).toArray();
  const withDeleted = await (await connection.bulk2.query("SELECT Id FROM Account", { ...options, scanAll: true })).toArray();
  const refused = await failure(() => connection.bulk2.query("SELECT COUNT() FROM Account", options));
  return { records, withDeleted: withDeleted.length, refused };
}

(async () => {
  const { connection, result } = await signIns();
  const answer = { signIns: result, rest: await rest(connection), bulk: await bulk(connection) };
  process.stdout.write(JSON.stringify(answer));
})().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
