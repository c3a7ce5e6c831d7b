import { DuckDBInstance } from "@duckdb/node-api";
import { datasetPath } from "../../handlers/pipelines/dataset.ts";

export const flights = `'${datasetPath("flights-3m.parquet")}'`;
export const weather = `'${datasetPath("seattle-weather.csv")}'`;

/** Rows from an engine that shares nothing with the pipelines. Cast counts to DOUBLE in the SQL: a BIGINT is refused here. */
export async function query<Row extends object>(sql: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJS();
    for (const value of rows.flatMap((row) => Object.values(row))) {
      if (value !== null && typeof value !== "number" && typeof value !== "string") throw new Error(`cast ${typeof value} in: ${sql}`);
    }
    return rows as Row[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
