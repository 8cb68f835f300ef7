// @duckdb/node-api, the driver that Evidence and other JavaScript tools read with.
// Usage: node node_recipe.mjs warehouse.duckdb; prints the last complete month for each line of
// standard input.
import { createInterface } from 'node:readline';
import { DuckDBInstance } from '@duckdb/node-api';

const shares = `
  select layer, share
  from marts.rpt_layer_share
  where universe = 'genai' and as_of_month = (
    select max(as_of_month) from marts.rpt_layer_share where universe = 'genai' and is_complete
  )`;

for await (const _ of createInterface({ input: process.stdin })) {
  // Opened anew for each question: an open instance keeps the version that it was opened with.
  const instance = await DuckDBInstance.create(process.argv[2], { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const answer = await connection.runAndReadAll(shares);
  console.log(JSON.stringify(Object.fromEntries(answer.getRowsJson())));
  connection.closeSync();
  instance.closeSync();
}
