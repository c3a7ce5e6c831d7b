import { describe, expect, it } from "vitest";
import { z } from "zod";
import { queries } from "../../src/api/request-schemas.ts";
import { routes, type Operation } from "../../src/api/routes.ts";
import { reached } from "../laws/import-law.ts";
import { sourceFiles } from "../laws/source-file.ts";
import { Deployment } from "./deployment.ts";

const reference = z.object({ $ref: z.string() });
const parameter = z.object({
  in: z.enum(["path", "query", "header"]),
  name: z.string(),
  required: z.boolean().optional(),
  schema: z.looseObject({}),
});
const response = z.object({
  description: z.string(),
  headers: z.record(z.string(), z.unknown()).optional(),
  content: z.record(z.string(), z.object({ schema: z.looseObject({}) })),
});
const operation = z.strictObject({
  operationId: z.string(),
  summary: z.string(),
  tags: z.array(z.string()),
  parameters: z.array(parameter).optional(),
  requestBody: z.object({ content: z.object({ "application/json": z.object({ schema: reference }) }) }).optional(),
  responses: z.record(z.string().regex(/^[2345]\d\d$/), z.union([reference, response])),
});
const document = z.strictObject({
  openapi: z.literal("3.1.0"),
  info: z.object({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.object({ url: z.string() })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(z.string().startsWith("/"), z.partialRecord(z.enum(["get", "post"]), operation)),
  components: z.object({
    schemas: z.record(z.string(), z.looseObject({})),
    responses: z.record(z.string(), response),
    securitySchemes: z.record(z.string(), z.looseObject({ type: z.literal("apiKey"), in: z.literal("header"), name: z.string() })),
  }),
});

async function read() {
  await using api = new Deployment();
  const { body } = await api.ask("GET", "/openapi.json");
  return { text: JSON.stringify(body), openapi: document.parse(body) };
}

const operations = Object.entries(routes) as readonly (readonly [Operation, (typeof routes)[Operation]])[];

describe("the OpenAPI document", () => {
  it("has the operations of the table of routes, and no others", async () => {
    const { openapi } = await read();
    const described = Object.entries(openapi.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${operationId}: ${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(operations.map(([name, { method, path }]) => `${name}: ${method} ${path}`).toSorted());
  });

  it.each(operations)("describes all that %s takes", async (name, { path, method, query, body }) => {
    const { openapi } = await read();
    const { parameters = [], requestBody } = openapi.paths[path]?.[method === "GET" ? "get" : "post"] ?? {};
    const names = (place: string) => parameters.filter((one) => one.in === place).map((one) => one.name);
    expect(names("path").map((one) => `{${one}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    expect(names("query")).toEqual(query);
    expect(Object.keys(queries[name].shape)).toEqual(query);
    expect(names("header")).toEqual(["startRun", "sendSignal"].includes(name) ? ["Idempotency-Key"] : []);
    expect(requestBody !== undefined).toBe(body !== undefined);
  });

  it("refers only to what it has", async () => {
    const { text, openapi } = await read();
    const refs = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? "");
    expect(refs.length).toBeGreaterThan(50);
    const known = new Set([
      ...Object.keys(openapi.components.schemas).map((name) => `#/components/schemas/${name}`),
      ...Object.keys(openapi.components.responses).map((name) => `#/components/responses/${name}`),
    ]);
    expect(refs.filter((ref) => !known.has(ref))).toEqual([]);
    const schemes = openapi.security.flatMap((one) => Object.keys(one));
    expect(schemes).toEqual(Object.keys(openapi.components.securitySchemes));
    expect(openapi.components.securitySchemes["sigv4"]).toMatchObject({
      "x-amazon-apigateway-authtype": "awsSigv4",
      name: "Authorization",
    });
  });

  it("lets what is answered grow, and what is asked not", async () => {
    const { openapi } = await read();
    expect(openapi.components.schemas["Run"]).not.toHaveProperty("additionalProperties");
    expect(openapi.components.schemas["StartRequest"]).toMatchObject({
      additionalProperties: false,
      properties: { params: { type: "object" } },
    });
  });
});

it("what makes the document is loaded only for who asks for it", () => {
  const isLazy = (text: string, line: number) => text.split("\n")[line - 1]?.includes("import(") === true;
  const files = sourceFiles("src").map((file) => ({
    ...file,
    imports: file.imports.filter(({ typeOnly, line }) => !typeOnly && !isLazy(file.text, line)),
  }));
  const loaded = reached(files, "src/api/api.ts");
  expect(loaded).toContain("src/api/request-schemas.ts");
  expect(loaded).not.toContain("src/api/openapi.ts");
  expect(loaded).not.toContain("zod-openapi");
});
