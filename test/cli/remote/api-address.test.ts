import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Environment } from "../../../src/cli/env.ts";
import { apiAddress } from "../../../src/cli/remote/api-address.ts";
import { Place } from "../skein.ts";

const empty: Environment = {
  dir: undefined,
  catalogue: undefined,
  url: undefined,
  apiKey: undefined,
  region: undefined,
  awsEndpoint: undefined,
  isCi: false,
};
const gateway = "https://a1b2c3.execute-api.eu-central-1.amazonaws.com/v1";

describe("the address of an API", () => {
  it("is the option's, else the environment's, without slashes at its end", () => {
    expect(apiAddress({ color: true, url: `${gateway}/` }, { ...empty, url: "https://other" }).url).toBe(gateway);
    expect(apiAddress({ color: true }, { ...empty, url: "https://other//" }).url).toBe("https://other");
  });

  it("tells the region where it is one of API Gateway, else the environment does", () => {
    expect(apiAddress({ color: true, url: gateway }, { ...empty, region: "us-east-1" }).region).toBe("eu-central-1");
    expect(apiAddress({ color: true, url: "https://skein.example.org" }, { ...empty, region: "us-east-1" }).region).toBe("us-east-1");
    expect(apiAddress({ color: true, url: "https://skein.example.org" }, empty).region).toBeUndefined();
  });

  it.each([
    ["https://a1b2c3.execute-api.127.0.0.1:4566/v1/", "http://127.0.0.1:4566/_aws/execute-api/a1b2c3/v1"],
    ["https://a1b2c3.execute-api.localhost.localstack.cloud:4566/v1/", "http://127.0.0.1:4566/_aws/execute-api/a1b2c3/v1"],
    [gateway, "http://127.0.0.1:4566/_aws/execute-api/a1b2c3/v1"],
    ["http://127.0.0.1:4566/_aws/execute-api/a1b2c3/v1", "http://127.0.0.1:4566/_aws/execute-api/a1b2c3/v1"],
    ["https://skein.example.org/v1", "https://skein.example.org/v1"],
  ])("%s is called at AWS_ENDPOINT_URL if API Gateway is there", (url, called) => {
    const environment = { ...empty, region: "us-east-1", awsEndpoint: "http://127.0.0.1:4566" };
    expect(apiAddress({ color: true, url }, environment).url).toBe(called);
  });

  it.each(["", "a1b2c3", "ftp://x", "https://x/?stage=v1", "https://user@x", "/v1"])("%j is none", (url) => {
    expect(() => apiAddress({ color: true, url }, empty)).toThrow(expect.objectContaining({ code: "bad_option" }));
  });
});

describe("the outputs of a stack", () => {
  function addressIn(outputs: string): string {
    using place = new Place();
    const file = join(place.folder, "out.json");
    writeFileSync(file, outputs);
    return apiAddress({ color: true, stackOutputs: file }, empty).url;
  }

  it.each([
    [{ Skein: { StateTable: "t", ApiUrl: gateway } }],
    [{ Other: { Endpoint: "https://other" }, Skein: { SkeinApiUrl: `${gateway}/` } }],
    [{ Skein: { SkeinApiUrl6A7F3B2C: gateway, SkeinApiUrl: gateway } }],
  ])("name the address: %j", (outputs) => {
    expect(addressIn(JSON.stringify(outputs))).toBe(gateway);
  });

  it.each([
    ["no JSON", "{", "cannot be read"],
    ["no outputs", "[]", "ends in ApiUrl"],
    ["other outputs", '{"Skein": {"ApiUrlOld": "https://x"}, "Other": null}', "ends in ApiUrl"],
    ["two APIs", '{"A": {"ApiUrl": "https://a"}, "B": {"ApiUrl": "https://b"}}', "https://a https://b"],
    ["no address", '{"A": {"ApiUrl": "x"}}', "is no address"],
  ])("that are %s are refused", (_, outputs, hint) => {
    expect(() => addressIn(outputs)).toThrow(expect.objectContaining({ code: "bad_option", message: expect.stringContaining(hint) }));
  });

  it("that are not there are refused", () => {
    expect(() => apiAddress({ color: true, stackOutputs: "nope.json" }, empty)).toThrow(/nope\.json cannot be read/);
  });
});
